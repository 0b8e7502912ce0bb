"""Compares the entries of legends: words, order, and the style of their samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from annotators.structural import severity
from annotators.structural.chart.aspects import Aspect, aspects
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import STYLE, TEXT, Finding, Place, both
from annotators.structural.chart.mark_style import Looks
from annotators.structural.chart.panel_pair import APART
from annotators.structural.chart.texts.titles import broken_differently, changes_of
from annotators.structural.chart.words import Name, cut, listed, main_color, quoted
from annotators.structural.matching import assign, paired, text_similarity, traded
from annotators.structural.visibility import color_noticed
from annotators.structural.why import explains, spoken
from records.boxes import same_box
from records.rows import Box
from renderers.scene import Element, Value

STEADY_PX = 1.5
"""A legend whose edges move by at most this did not move."""

MISREAD = 0.8
"""Two texts that are at least so similar may be one name, read wrong."""

Pairs = Sequence[tuple[Element, Element]]


def entries(one: Element, two: Element, where: Place, known: Explained) -> list[Finding]:
    """Findings on the entries of two legends."""
    mine, theirs = one.children, two.children
    indices = _matched(mine, theirs, known)
    pairs, gone, new = paired(mine, theirs, indices)
    found = [
        *_lost_and_added(gone, new, both(one, two), where, known),
        *_renamed(pairs, one, two, where, known),
    ]
    in_order = [j for _, j in indices] == sorted(j for _, j in indices)
    lost = known.chart_type or known.piled or ((gone or new) and known.series)
    if not in_order and not lost and not any(_reads_differently(*pair, known) for pair in pairs):
        words = "are in another order"
        found.append(Finding("legend_order", TEXT, 1, where.part("entries"), words, both(one, two)))
    broken = [finding for pair in pairs for finding in broken_differently("legend_entry", *pair, where.part("entries"))]  # fmt: skip
    return [
        *found,
        *broken[:1],
        *_samples(pairs, where, known),
        *letters(pairs, "text_", where, both(one, two)),
    ]


def _matched(
    mine: Sequence[Element], theirs: Sequence[Element], known: Explained
) -> Sequence[tuple[int, int]]:
    samples = [[sample_of(entry) for entry in side] for side in (mine, theirs)]
    recolored = known.looks is not None and any(key[0] == "color" for key in known.looks.keys)
    order = [] if recolored else _by_tint(mine, theirs)
    if order:
        return list(enumerate(order))
    words = [[entry.text for entry in side] for side in (mine, theirs)]
    if in_place(mine, theirs) or samples[0] == samples[1] or words[0] == words[1]:
        return [(i, i) for i in range(len(mine))]
    return assign([[_entry_cost(x, y, known) for y in theirs] for x in mine], limit=1.05)


def in_place(mine: Sequence[Element], theirs: Sequence[Element]) -> bool:
    """True if the samples of two legends stand in one order: some color is at its place, and none at
    the place of another."""
    tints = [[main_color(entry)[:7] for entry in side] for side in (mine, theirs)]
    if len(mine) != len(theirs) or len({*tints[0]}) < len(mine):
        return False
    moved = any(one in tints[1] for one, two in zip(*tints, strict=True) if one != two)
    return tints[0][:1] != [""] and not moved and bool({*tints[0]} & {*tints[1]})


def named_alike(axes: Element, other: Element) -> Element:
    """An axes whose marks have the names of their samples in another axes, if the legends only
    exchanged names."""
    names: dict[str, str] = {}
    legends = [side.parts("legend") for side in (axes, other)]
    for one, two in zip(*legends, strict=False):
        words = [[entry.text for entry in legend.children] for legend in (one, two)]
        if in_place(one.children, two.children):
            names |= {words[0][i]: words[1][i] for i in traded(*words)}
    children = tuple(
        part.having(text=names[part.text]) if part.role != "legend" and part.text in names else part
        for part in axes.children
    )
    return axes.having(children=children) if names else axes


def _by_tint(mine: Sequence[Element], theirs: Sequence[Element]) -> list[int]:
    """For each entry, that of its color, if the words of two legends are equal and their colors are
    in another order; empty otherwise."""
    if [entry.text for entry in mine] != [entry.text for entry in theirs]:
        return []
    tints = [[main_color(entry) for entry in side] for side in (mine, theirs)]
    found = [
        [j for j, there in enumerate(tints[1]) if not color_noticed(here, there, thin=True)]
        for here in tints[0] if here and all(tints[1])
    ]  # fmt: skip
    order = [places[0] for places in found if len(places) == 1]
    whole = sorted(order) == list(range(len(mine)))
    return order if whole and order != sorted(order) else []


def _lost_and_added(
    gone: Sequence[Element],
    new: Sequence[Element],
    boxes: list[Box],
    where: Place,
    known: Explained,
) -> Iterator[Finding]:
    """Findings on entries in one legend only, unless their series is in one chart only."""
    # Slices have no legend; a series that is drawn as another kind keeps its entry.
    sides = (
        (gone, "missing", known.lost, known.other_axes),
        (new, "extra", known.added, known.chart_type),
    )
    for entries, word, series, redrawn in sides:
        names = []
        for entry in entries:
            name = quoted(entry.text, 30)
            if redrawn or {entry.text, main_color(entry)[:7]} & series:
                explains("entry_follows_series", known.because, spoken(where, name))
            else:
                names.append(name)
        if names:
            place = where.part("entries" if len(names) > 1 else "entry")
            words = f"{listed(names)} {'is' if len(names) == 1 else 'are'} {word}"
            yield Finding("legend_entry", TEXT, 2, place, words, list(boxes))


def _reads_differently(one: Element, two: Element, known: Explained) -> bool:
    return one.text != two.text and (one.text, two.text) not in known.renamed


def _renamed(
    pairs: Pairs, one: Element, two: Element, where: Place, known: Explained
) -> Iterator[Finding]:
    """Findings on entries with other words."""
    renamed = [pair for pair in pairs if _reads_differently(*pair, known)]
    place = where.part("entries")
    at = traded([entry.text for entry, _ in renamed], [entry.text for _, entry in renamed])
    if at:
        words = f"{listed([quoted(renamed[i][0].text) for i in at])} are exchanged"
        boxes = [box for i in at for box in both(*renamed[i])]
        yield Finding("legend_entry", TEXT, 3, place, words, boxes)
    renamed = [pair for i, pair in enumerate(renamed) if i not in at]
    before, after = [entry.text for entry, _ in renamed], [entry.text for _, entry in renamed]
    boxes = [box for pair in renamed for box in both(*pair)]
    if len(renamed) > APART:
        words = f"{len(renamed)} read differently, such as {quoted(after[0], 30)} instead of {quoted(before[0], 30)}"
        yield Finding("legend_entry", TEXT, 3, place, words, boxes)
    else:
        # The widest entry sets the width of the legend, so all of it is redrawn.
        as_many = len(one.children) == len(two.children)
        moved = as_many and one.box and two.box and not same_box(one.box, two.box, STEADY_PX)
        widest = [max(map(_width, legend.children), default=0) for legend in (one, two)]
        for here, there in renamed:
            change = here.text, there.text
            widest_one = _width(here) >= widest[0] - 1 or _width(there) >= widest[1] - 1
            sets = moved and (len(renamed) == 1 or widest_one)
            resized = both(one, two) if sets else []
            words = f"reads {quoted(there.text, 40)} instead of {quoted(here.text, 40)}"
            yield Finding(
                "legend_entry", TEXT, severity.of_text_change(*change), where.part("entry"), words,
                both(here, there) + resized or both(one, two), same=change, change=change,
            )  # fmt: skip


def _samples(pairs: Pairs, where: Place, known: Explained) -> Iterator[Finding]:
    """Findings on samples whose style changed, unless their marks changed in the same way."""
    lost = known.series or known.lost or known.added
    for one, two in pairs:
        changed = changes_of(one, two)
        if known.chart_type and one.style.keys() != two.style.keys():
            continue  # the sample of another kind of mark
        other = bool({one.text, two.text} & known.series)  # such as one without its error bars
        other |= one.text != two.text and bool(lost or known.data)
        looks = aspects({key: c for key, c in changed.items() if not key.startswith("text_")})
        held = sample_box(two) or sample_box(one)
        follow = [_follows(aspect, known.looks, held) for aspect in looks]
        if any(follow):
            # What shows the series must be that of its marks; sizes in legends are their own.
            looks = [
                a for a, done in zip(looks, follow, strict=True) if not done and a.name == "color"
            ]
        if other or lost:
            # Colors shift along if a series is missing, outlines do not.
            looks = [a for a in looks if a.name == "outline" or not (other or a.name == "color")]
        if looks:
            place = replace(where, names=(Name("legend entry", cut(one.text, 30)),))
            words, same = f"sample {looks[0].words}", looks[0].words
            ratio = looks[0].ratio
            yield Finding("legend_sample", STYLE, 1, place, words, held, same=same, ratio=ratio)


def _follows(aspect: Aspect, looks: Looks | None, boxes: list[Box]) -> bool:
    """True if the marks changed like their sample; the sample's box is added to the marks' finding."""
    if looks is None:
        return False
    causes = [finding for key, finding in looks.by_key.items() if _alike(key, aspect.key)]
    for finding in causes[:1]:
        finding.boxes.extend(boxes)
    return bool(causes) or aspect.key in looks.keys


def letters(pairs: Pairs, prefix: str, where: Place, boxes: list[Box]) -> Iterator[Finding]:
    """A finding on the first font difference of the entries, or of the titles, of two legends."""
    changed = (aspect for pair in pairs for aspect in aspects(changes_of(*pair, prefix))[:1])
    for aspect in list(changed)[:1]:
        yield Finding(
            f"legend_{aspect.name}", STYLE, 1, where, aspect.words, boxes, same=aspect.key,
            ratio=aspect.ratio,
        )  # fmt: skip


def _alike(first: tuple[str, str, str], second: tuple[str, str, str]) -> bool:
    """True if a sample changed like its marks; samples may be drawn smaller or lighter."""
    return first[1:] == second[1:] or (
        first[0] == second[0]
        and first[0]
        in ("opacity", "marker_size", "width", "edge_width", "dash", "marker", "color_map")
    )


def _width(entry: Element) -> float:
    return entry.box[2] - entry.box[0] if entry.box else 0.0


def sample_box(entry: Element) -> list[Box]:
    """Where the sample stands, without its words: twice as wide as a line of letters is high."""
    if entry.box is None:
        return []
    left, top, right, bottom = entry.box
    high = (bottom - top) / (len(entry.column("lines")) or 1)
    return [(left, top, min(right, left + SAMPLE * high), bottom)]


SAMPLE = 2.0
"""Width of the sample of an entry, in heights of a line of its words: matplotlib's default."""


def sample_of(entry: Element) -> dict[str, Value]:
    """The style of an entry without its words."""
    return {key: value for key, value in entry.style.items() if not key.startswith("text_")}


def _entry_cost(one: Element, two: Element, known: Explained) -> float:
    alike = text_similarity(one.text, two.text)
    if alike < MISREAD and {one.text, two.text} & known.series:
        return 2.0  # the color cycle shifts if a series is missing
    unlike = 0.0 if sample_of(one) == sample_of(two) else 0.45
    if known.looks is not None:
        # Samples follow their marks.
        recolored = {key[1]: key[2] for key in known.looks.keys if key[0] == "color"}
        tint = main_color(one)[:7]
        if tint in recolored:
            unlike = 0.45 * (recolored[tint] != main_color(two)[:7])
    words = 0.0 if one.text == two.text else 0.2 + 0.4 * (1 - alike)
    return unlike + words
