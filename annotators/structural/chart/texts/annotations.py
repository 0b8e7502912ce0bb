"""Compares annotations, and values that are written on marks."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.attached_texts import (
    NUMBER,
    belongs,
    carried,
    follows,
    is_drawn_on,
    moved_with_mark,
    moves,
    number_in,
    numbers_of,
    points_at,
    shows,
    tip_follows,
    totals,
)
from annotators.structural.chart.axis_pair import ends
from annotators.structural.chart.findings import STYLE, TEXT, Finding, Place, both
from annotators.structural.chart.marks import Mark, MarkMatch
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.texts.text_places import (
    apart,
    elsewhere,
    exchanged,
    match_texts,
    several,
    text_places,
    tip_moved,
    with_arrow,
)
from annotators.structural.chart.texts.titles import broken_differently, changes_of, font
from annotators.structural.chart.words import Name, cut, listed, quoted, reads
from annotators.structural.matching import grouped, leftover, paired, traded
from records.taxonomy import Severity
from renderers.scene import Element

Pairs = Sequence[tuple[Element, Element]]


@dataclass(frozen=True, slots=True)
class _Written:
    """The texts of an axes, and the marks that they may belong to."""

    pair: PanelPair
    match: MarkMatch
    explained: bool
    reported: frozenset[int]
    changed: Sequence[tuple[Mark, Mark]]
    """Marks that changed, before and after."""
    totals: Sequence[tuple[float, float]] = ()
    """Heights of piles of bars before and after, if bars of a pile are missing or extra."""

    def follows(self, one: Element, two: Element) -> bool:
        """True if the words changed because a mark changed, or if the text is reported as a changed
        value."""
        slices = [pair for pair in self.changed if pair[0].role == "wedge"]
        shares = [[share for part in slices for share in numbers_of(part[side])] for side in (0, 1)]
        retold = number_in(one.text) != number_in(two.text)
        return (
            id(one) in self.reported
            or (retold and shows(one.text, shares[0]) and shows(two.text, shares[1]))
            or any(shows(one.text, [was]) and shows(two.text, [now]) for was, now in self.totals)
            or (retold and self._renumbered(one, two))
            or follows(one, two, self.changed, self.explained)
        )

    def _renumbered(self, one: Element, two: Element) -> bool:
        """True if a number is the one that an axis has now at the place of the old number."""
        number, axes = number_in(one.text) or 0.0, self.pair.candidate.parts("axis")
        spans = [
            (ends(axis), axis.numbers("reads").tolist()) for axis in axes if "reads" in axis.data
        ]
        return any(shows(two.text, [float(np.interp(number, was, now))]) for was, now in spans)

    def moved(self, one: Element, two: Element) -> bool:
        """True if a text was placed elsewhere, or points elsewhere, on its own."""
        pointed = bool(one.data.get("tip")) and bool(two.data.get("tip"))
        follows = self.explained and pointed and tip_follows(one, two, self.changed)
        if pointed and not follows and tip_moved(self.pair, one, two):
            return True
        if one.text != two.text or not elsewhere(self.pair, one, two) or self._turned_over():
            return False
        if self.explained and (self.reported or moved_with_mark(one, two, self.changed)):
            return False
        return not carried(one, two, self.match.pairs)

    def _turned_over(self) -> bool:
        """True if an axis is reversed, or is logarithmic in one picture only."""
        scales = zip(self.pair.scales, self.pair.candidate_scales, strict=True)
        return self.pair.reversed or any(a.logarithmic != b.logarithmic for a, b in scales)

    def apart(self, gone: list[Element], new: list[Element]) -> tuple[list[Element], list[Element]]:
        """Texts in one picture only, without value labels that moved too far with their changed marks."""
        if not self.explained:
            return gone, new
        moved = [
            (one, two) for one in gone for two in new
            if any(_written_at(one, before) and _written_at(two, after) for before, after in self.changed)
            or any(shows(one.text, [was]) and shows(two.text, [now]) for was, now in self.totals)
        ]  # fmt: skip
        known = {id(part) for couple in moved for part in couple}
        left, right = ([part for part in side if id(part) not in known] for side in (gone, new))
        return left, right

    def own_letters(self, pairs: Pairs) -> Pairs:
        """Texts whose font differences do not follow from the marks that they belong to."""
        if not self.explained:
            return pairs
        # Names along lines rotate with them; a value on another mark has letters that suit that mark,
        # unless all letters changed alike.
        pairs = [part for part in pairs if not _turned_along(*part)]
        looks = [changes_of(*part) for part in pairs]
        if len(pairs) > 1 and all(look == looks[0] for look in looks):
            return pairs
        values = [value for before, _ in self.changed for value in numbers_of(before)]
        return [
            (one, two)
            for one, two in pairs
            if not shows(one.text, values)
            or any(all(one.data.get(key) == two.data.get(key) for key in keys) for keys in HELD)
        ]


HELD = (("at",), ("x", "y", "space"))
"""Data keys that are equal for a text that did not move, or only because its words are wider now."""


def texts(
    pair: PanelPair, match: MarkMatch, explained: bool, reported: frozenset[int] = frozenset()
) -> list[Finding]:
    """Texts and annotations of an axes.

    A number written on a mark follows the mark: if the mark changed, the number is not a separate error.

    Args:
        explained: True if data findings of this axes may move texts.
        reported: Identities of the reference's texts that are values, and reported as such.
    """
    mine, theirs = pair.parts("text")
    if not mine and not theirs:
        return []
    pairs, gone, new = paired(mine, theirs, _matched(mine, theirs, moves(match)))
    written = _Written(pair, match, explained, reported, moves(match), totals(match))
    gone, new = written.apart(gone, new)
    followed = {id(one) for one, two in pairs if one.text != two.text and written.follows(one, two)}
    kept = [part for part in pairs if id(part[0]) not in followed]
    moved = [part for part in pairs if written.moved(*part)]
    swapped = [one for couple in exchanged(moved) for one, _ in couple]
    lost = [one for one in gone if not belongs(one, match.missing + match.carried)]
    added = [two for two in new if not belongs(two, match.extra + match.carried)]
    own = written.own_letters(kept)
    fonts = _fonts(pair, [part for part in own if part[0] not in swapped])
    cells = [change.before for change in match.changed if change.before.role in CELLS]
    if cells and all(any(is_drawn_on(one, cell) for cell in cells) for one, _ in own):
        # Text is black on pale cells and white on dark ones.
        fonts = [finding for finding in fonts if not finding.kind.endswith("_color")]
    if any(change.before.role == "arrows" and change.geometry for change in match.changed):
        # The key of a field of arrows is drawn at their scale.
        fonts = [finding for finding in fonts if finding.kind != "arrow" or not finding.ratio]
    return [
        *_reworded(pair, [(one, two) for one, two in kept if one.text != two.text]),
        *_lost(pair, lost, "missing"),
        *_lost(pair, added, "extra"),
        *text_places(pair, moved),
        *(
            finding
            for part in own
            if part not in moved
            for finding in broken_differently("text", *part, _named(pair, part[0]))
        ),
        *fonts,
    ]


def _matched(
    mine: Sequence[Element], theirs: Sequence[Element], changed: Sequence[tuple[Mark, Mark]]
) -> list[tuple[int, int]]:
    """Indices of texts that correspond: first the numbers that a changed bar carries, then all others."""
    held = []
    for before, after in changed:
        at = [
            [i for i, part in enumerate(side) if _carries(mark, part)]
            for side, mark in ((mine, before), (theirs, after))
        ]
        if len(at[0]) == len(at[1]) == 1 and _told(mine[at[0][0]]) == _told(theirs[at[1][0]]):
            held.append((at[0][0], at[1][0]))
    left = leftover(len(mine), [i for i, _ in held])
    right = leftover(len(theirs), [j for _, j in held])
    others = match_texts([mine[i] for i in left], [theirs[j] for j in right])
    return [*held, *((left[i], right[j]) for i, j in others)]


def _told(part: Element) -> str:
    """What a text says beside its numbers."""
    return NUMBER.sub("", part.text)


def _carries(mark: Mark, part: Element) -> bool:
    """True for a number that tells the value of a bar and stands in line with it."""
    if mark.role != "bar" or len(mark.span) != 4 or not shows(part.text, numbers_of(mark)):
        return False
    across = part.number("yx"[mark.along])
    return across is not None and abs(across - mark.middle) <= 0.01 * mark.thickness


def words_beside(pair: PanelPair, *, numbers: bool) -> list[Finding]:
    """Findings on texts of words beside another kind of chart: numbers belong to its marks, names may
    belong to slices of a pie, or stand at a tick or in a legend now.

    Args:
        numbers: True if numbers that are written in one picture only are no part of the other kind.
    """
    if any(pair.parts("wedge")):
        return []
    told = [
        {part.text for part in axes.walk() if part.text}
        | {str(label) for part in axes.children for label in part.column("labels")}
        for axes in pair.sides
    ]
    mine, theirs = (
        [part for part in parts if sum(map(str.isalpha, part.text)) > 1 and part.text not in other]
        for parts, other in zip(pair.parts("text"), told[::-1], strict=True)
    )
    indices = match_texts(mine, theirs) if mine and theirs else []
    pairs, gone, new = paired(mine, theirs, indices)
    if numbers:
        counted = [
            [part for part in parts if number_in(part.text) is not None]
            for parts in pair.parts("text")
        ]
        if not all(counted):
            gone, new = ([*rest, *(part for part in side if part not in rest)]
                         for rest, side in zip((gone, new), counted, strict=True))  # fmt: skip
    return [*_reworded(pair, pairs), *_lost(pair, gone, "missing"), *_lost(pair, new, "extra")]


def _written_at(part: Element, mark: Mark) -> bool:
    return shows(part.text, numbers_of(mark)) or points_at(part, mark)


CELLS = frozenset(("heatmap", "photo", "areas"))


def _turned_along(one: Element, two: Element) -> bool:
    """True if a text that is rotated in at least one picture moved and rotated."""
    angles = [part.style.get("rotation") or 0.0 for part in (one, two)]
    slantwise = any(isinstance(angle, float) and angle % 45 for angle in angles)
    return slantwise and angles[0] != angles[1] and one.data.get("at") != two.data.get("at")


def _reworded(pair: PanelPair, changed: Pairs) -> list[Finding]:
    found: list[Finding] = []
    at = traded([one.text for one, _ in changed], [two.text for _, two in changed])
    if at:
        place = pair.at(*[Name("annotation", cut(changed[i][0].text)) for i in at])
        boxes = [box for i in at for box in both(*changed[i])]
        found.append(Finding("text", TEXT, 3, place, "are exchanged", boxes))
    changed = [change for i, change in enumerate(changed) if i not in at]
    alike = grouped(changed, lambda both: tuple(NUMBER.sub("#", part.text) for part in both))
    counted = [form for form, group in alike.items() if len(group) >= APART and "#" in form[0]]
    others = [change for form, group in alike.items() if form not in counted for change in group]
    found += [_many_reworded(pair, alike[form], f"format {form}") for form in counted]
    if len(others) > APART:
        return [*found, _many_reworded(pair, others)]
    return found + [
        Finding("text", TEXT, _grade(one.text, two.text), _named(pair, one),
                reads(one.text, two.text), apart(one, two),
                same=(one.text, two.text), change=(one.text, two.text))
        for one, two in others
    ]  # fmt: skip


def _many_reworded(pair: PanelPair, changed: Pairs, same: str = "") -> Finding:
    """One finding on several texts that read differently."""
    (one, two), count = changed[0], len(changed)
    worst = max(_grade(before.text, after.text) for before, after in changed)
    words = f"{count} read differently, such as {quoted(two.text)} instead of {quoted(one.text)}"
    boxes = [box for pair_of in changed for box in both(*pair_of)]
    place = pair.at(several(text.text for couple in changed for text in couple))
    return Finding("text", TEXT, worst, place, words, boxes, same=same or words)


def _grade(before: str, after: str) -> Severity:
    """Severity by changed letters; if only numbers differ, by their relative change, at least 2
    from 1 % on."""
    one, two = number_in(before), number_in(after)
    if one is None or two is None or NUMBER.sub("#", before) != NUMBER.sub("#", after):
        return severity.of_text_change(before, after)
    least: Severity = 1 if abs(two - one) < 0.01 * abs(one) else 2
    return max(least, severity.of_relative_change(one, two))


FEW_NUMBERS = 4
"""More lost numbers than this are counted and not named one by one."""


def _lost(pair: PanelPair, parts: Sequence[Element], word: str) -> Iterator[Finding]:
    """Texts in one picture only: ``missing`` or ``extra``."""
    if len(parts) >= APART:
        names, words = listed([quoted(part.text, 25) for part in parts]), f"are {word}"
        if all(number_in(part.text) is not None for part in parts) and len(parts) > FEW_NUMBERS:
            some = [*dict.fromkeys(quoted(part.text) for part in parts)][:2]
            names = f"{len(parts)} numbers, such as {listed(some)},"
        boxes = [box for part in parts for box in with_arrow(part)]
        place = pair.at(several(part.text for part in parts))
        yield Finding("text", TEXT, 2, place, f"{names} {words}", boxes, same=words)
        return
    for part in parts:
        place, same = _named(pair, part), f"{part.text} is {word}"
        yield Finding("text", TEXT, 2, place, f"is {word}", with_arrow(part), same=same)


def _fonts(pair: PanelPair, pairs: Pairs) -> list[Finding]:
    """Font and arrow differences of annotations; equal changes become one finding."""
    every = [
        finding
        for one, two in pairs
        for finding in (*font("text", one, two, _named(pair, one)), *_arrows(pair, one, two))
    ]
    groups = grouped(every, lambda finding: (finding.kind, finding.same_key))
    turned = [key for key, group in groups.items() if group[0].kind == "text_rotation"]
    if len(turned) > APART:
        members = [finding for key in turned for finding in groups[key]]
        words = f"{len(members)} are turned differently"
        groups[turned[0]] = [replace(finding, description=words) for finding in members]
        for key in turned[1:]:
            del groups[key]
    found = []
    for group in groups.values():
        boxes = [box for finding in group for box in finding.boxes]
        said = [name.own for one in group for name in one.place.names if isinstance(name, Name)]
        name = "arrows of annotations" if group[0].kind == "arrow" else several(said)
        place = pair.at(name) if len(group) > 1 else group[0].place
        found.append(replace(group[0], boxes=boxes, place=place))
    return found


def _named(pair: PanelPair, text: Element) -> Place:
    """The place of an annotation, by its words."""
    return pair.at(Name("annotation", cut(text.text)))


def _arrows(pair: PanelPair, one: Element, two: Element) -> Iterator[Finding]:
    """Style differences of an annotation's arrow, or that it is in one picture only."""
    before, after = (next((child for child in part.parts("arrow")), None) for part in (one, two))
    looks: list[tuple[str, Hashable]] = []
    ratio = 0.0
    if before is not None and after is not None:
        changed = changes_of(before, after)
        if "size" in changes_of(one, two):
            changed.pop("head_size", None)  # heads are as large as the letters
        if one.text != two.text:
            changed.pop("length", None)  # the key of an arrow field, as long as it says
        if "head" in changed:
            changed.pop("face", None)  # an open head has no filling
        found = aspects(changed)
        if found:
            looks = [(listed([aspect.words for aspect in found]), tuple(a.key for a in found))]
            ratio = found[0].ratio if len(found) == 1 else 0.0
    elif before is not None or after is not None:
        looks = [("is missing" if after is None else "is extra", "")]
    for words, same in looks:
        place = pair.at(Name("arrow", series=cut(one.text)))
        held = both(before, after)
        yield Finding("arrow", STYLE, 1, place, words, held, same=same, ratio=ratio)
