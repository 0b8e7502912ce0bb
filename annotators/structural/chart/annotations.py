"""Differences of annotations and of values written on marks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from annotators.structural import severity
from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.attached_texts import (
    NUMBER,
    belongs,
    carried,
    follows,
    moves,
    number_in,
    numbers_of,
    points_at,
    rides,
    shows,
    stands_on,
)
from annotators.structural.chart.findings import STYLE, TEXT, Finding, both
from annotators.structural.chart.marks import MarkMatch
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.text_places import (
    elsewhere,
    match_texts,
    swapped,
    text_places,
    tip_moved,
    with_arrow,
)
from annotators.structural.chart.titles import changes_of, font
from annotators.structural.chart.words import Name, cut, listed, quoted, reads
from annotators.structural.matching import leftover, permuted
from records.taxonomy import Severity
from renderers.scene import Element


def texts(
    pair: PanelPair, match: MarkMatch, explained: bool, told: frozenset[int] = frozenset()
) -> list[Finding]:
    """Texts and annotations of an axes.

    A number written on a mark follows the mark: where the mark changed, it is no error of its own.

    Args:
        explained: True where data findings of this axes may move texts along.
        told: Identities of the reference's texts that are values, and told as such.
    """
    mine = [part for part in pair.reference.children if part.role == "text"]
    theirs = [part for part in pair.candidate.children if part.role == "text"]
    if not mine and not theirs:
        return []
    pairs = match_texts(mine, theirs)
    changed = moves(pair, match)
    gone = [mine[i] for i in leftover(len(mine), [i for i, _ in pairs])]
    new = [theirs[j] for j in leftover(len(theirs), [j for _, j in pairs])]
    if explained and gone and new:
        # Values written on marks that changed; they moved too far to be paired.
        gone = [
            part
            for part in gone
            if not any(
                shows(part.text, numbers_of(one)) or points_at(part, one) for one, _ in changed
            )
        ]
        new = [
            part
            for part in new
            if not any(
                shows(part.text, numbers_of(two)) or points_at(part, two) for _, two in changed
            )
        ]
    every = [*match.equal, *((change.before, change.after) for change in match.changed)]
    turned_over = pair.reversed or any(
        one.logarithmic != two.logarithmic
        for one, two in zip(pair.scales, pair.candidate_scales, strict=True)
    )
    turned = any(one.role == "wedge" for one, _ in changed)
    found: list[Finding] = []
    reworded: list[tuple[Element, Element]] = []
    followed: set[int] = set()
    moved: list[tuple[Element, Element]] = []
    for i, j in pairs:
        one, two = mine[i], theirs[j]
        if one.text != two.text:
            numeric = number_in(one.text) is not None and number_in(two.text) is not None
            if id(one) in told or (turned and numeric) or follows(one, two, changed, explained):
                followed.add(i)
            else:
                reworded.append((one, two))
        elif (
            elsewhere(pair, one, two)
            and not turned_over
            and not (explained and (told or rides(one, two, changed)))
            and not carried(one, two, every)
        ):
            moved.append((one, two))
        pointed = bool(one.data.get("tip")) and bool(two.data.get("tip")) and not explained
        if pointed and tip_moved(pair, one, two) and (one, two) not in moved:
            moved.append((one, two))
    found += _reworded(pair, reworded)
    found += _lost(
        pair, [one for one in gone if not belongs(one, match.missing + match.carried)], lacking=True
    )
    found += _lost(
        pair, [two for two in new if not belongs(two, match.extra + match.carried)], lacking=False
    )
    found += text_places(pair, moved)
    exchanged = [one for one, _ in moved] if len(moved) == 2 and swapped(moved) else []
    kept = [(mine[i], theirs[j]) for i, j in pairs if i not in followed]
    if explained:
        # Names along lines turn with them.
        kept = [(one, two) for one, two in kept if not _turned_along(one, two)]
        # A value that stands on another mark now has letters that suit that one.
        kept = [
            (one, two) for one, two in kept
            if number_in(one.text) is None or one.data.get("at") == two.data.get("at")
        ]  # fmt: skip
    fonts = _fonts(pair, [(one, two) for one, two in kept if one not in exchanged])
    cells = [change.before for change in match.changed if change.before.role in CELLS]
    if cells and all(any(stands_on(one, cell) for cell in cells) for one, _ in kept):
        # Black on pale cells, white on dark ones.
        fonts = [finding for finding in fonts if not finding.kind.endswith("_colour")]
    found += fonts
    return found


CELLS = frozenset(("heatmap", "photo", "areas"))


def _turned_along(one: Element, two: Element) -> bool:
    """True where a text that stands slantwise, in one picture at least, moved and turned."""
    angles = [part.style.get("rotation") or 0.0 for part in (one, two)]
    slantwise = any(isinstance(angle, float) and angle % 45 for angle in angles)
    return slantwise and angles[0] != angles[1] and one.data.get("at") != two.data.get("at")


def _reworded(pair: PanelPair, changed: list[tuple[Element, Element]]) -> list[Finding]:
    if not changed:
        return []
    boxes = [box for one, two in changed for box in both(one, two)]
    before, after = [one.text for one, _ in changed], [two.text for _, two in changed]
    if len(changed) > 1 and permuted(before, after):
        return [
            Finding(
                "text",
                TEXT,
                2,
                pair.at(*[Name("annotation", cut(text)) for text in before]),
                "are exchanged",
                boxes,
            )
        ]
    formats = {
        (NUMBER.sub("#", one), NUMBER.sub("#", two)) for one, two in zip(before, after, strict=True)
    }
    if len(changed) > APART or (
        len(changed) > 1 and len(formats) == 1 and "#" in next(iter(formats))[0]
    ):
        worst = max(_grade(one, two) for one, two in zip(before, after, strict=True))
        words = f"{len(changed)} read differently, such as {quoted(after[0])} instead of {quoted(before[0])}"
        alike = f"format {formats}" if len(formats) == 1 else words
        return [Finding("text", TEXT, worst, pair.at("annotations"), words, boxes, same=alike)]
    return [
        Finding("text", TEXT, _grade(one.text, two.text), pair.at(Name("annotation", cut(one.text))),
                reads(one.text, two.text), [*with_arrow(two), *with_arrow(one)],
                same=(one.text, two.text), change=(one.text, two.text))
        for one, two in changed
    ]  # fmt: skip


def _grade(before: str, after: str) -> Severity:
    """By the letters, and where only numbers differ, by how far they do: at least 2 from a hundredth on."""
    one, two = number_in(before), number_in(after)
    if one is None or two is None or NUMBER.sub("#", before) != NUMBER.sub("#", after):
        return severity.of_text_change(before, after)
    least: Severity = 1 if abs(two - one) < 0.01 * abs(one) else 2
    return max(least, severity.of_relative_change(one, two))


def _lost(pair: PanelPair, parts: list[Element], *, lacking: bool) -> list[Finding]:
    if not parts:
        return []
    word, words = ("is missing", "are missing") if lacking else ("is extra", "are extra")
    if len(parts) > APART - 1:
        names = listed([quoted(part.text, 25) for part in parts])
        boxes = [box for part in parts for box in with_arrow(part)]
        return [
            Finding("text", TEXT, 2, pair.at("annotations"), f"{names} {words}", boxes, same=words)
        ]
    return [
        Finding(
            "text",
            TEXT,
            2,
            pair.at(Name("annotation", cut(part.text))),
            word,
            with_arrow(part),
            same=f"{part.text} {word}",
        )
        for part in parts
    ]


def _fonts(pair: PanelPair, pairs: Sequence[tuple[Element, Element]]) -> list[Finding]:
    groups: dict[Hashable, tuple[list[tuple[Element, Element]], Finding]] = {}
    for one, two in pairs:
        if one.style != two.style:
            for finding in font("text", one, two, pair.at(Name("annotation", cut(one.text)))):
                groups.setdefault(finding.told, ([], finding))[0].append((one, two))
        arrows = [
            next((c for c in part.children if c.role == "arrow"), None) for part in (one, two)
        ]
        if arrows[0] is not None and arrows[1] is not None and arrows[0].style != arrows[1].style:
            for aspect in aspects(changes_of(arrows[0], arrows[1])):
                finding = Finding(
                    "arrow",
                    STYLE,
                    1,
                    pair.at(Name("arrow", series=cut(one.text))),
                    aspect.words,
                    both(*arrows),
                    same=aspect.key,
                )
                groups.setdefault(("arrow", finding.same), ([], finding))[0].append(
                    (arrows[0], arrows[1])
                )
        elif (arrows[0] is None) != (arrows[1] is None):
            word = "is missing" if arrows[1] is None else "is extra"
            only = arrows[0] or arrows[1]
            assert only is not None
            finding = Finding(
                "arrow", STYLE, 1, pair.at(Name("arrow", series=cut(one.text))), word, both(*arrows)
            )
            groups.setdefault(("arrow", word), ([], finding))[0].append((only, only))
    found = []
    turned = [key for key, (_, finding) in groups.items() if finding.kind == "text_rotation"]
    if len(turned) > APART:
        members, finding = groups[turned[0]]
        members += [pair for key in turned[1:] for pair in groups.pop(key)[0]]
        words = f"{len(members)} are turned differently"
        groups[turned[0]] = members, replace(finding, description=words)
    for members, finding in groups.values():
        boxes = [box for one, two in members for box in both(one, two)]
        several = "arrows of annotations" if finding.kind == "arrow" else "annotations"
        place = pair.at(several) if len(members) > 1 else finding.place
        found.append(replace(finding, boxes=boxes, place=place))
    return found
