"""Compares single texts (titles and axis labels) and their fonts."""

from __future__ import annotations

from collections.abc import Iterator

from annotators.structural import severity
from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.findings import STYLE, TEXT, Finding, Place, both, shown
from annotators.structural.chart.noticed import noticed
from annotators.structural.chart.words import listed, quoted, reads
from annotators.structural.visibility import size_noticed
from records.rows import Box
from records.taxonomy import Severity
from renderers.scene import Element, Value


def titled(
    name: str,
    reference: Element | None,
    candidate: Element | None,
    place: Place,
    direction: str = "",
) -> list[Finding]:
    """Findings on a title or an axis label."""
    if reference is None or candidate is None:
        return _in_one(name, reference, candidate, place, direction)
    found = []
    if reference.text != candidate.text:
        change = reference.text, candidate.text
        grade, boxes = severity.of_text_change(*change), both(reference, candidate)
        found.append(
            Finding(
                name, TEXT, grade, place, reads(*change), boxes, same=change, change=change,
                direction=direction,
            )
        )  # fmt: skip
    found += broken_differently(name, reference, candidate, place, direction)
    found += font(name, reference, candidate, place, direction)
    return found


def _in_one(
    name: str, reference: Element | None, candidate: Element | None, place: Place, direction: str
) -> list[Finding]:
    """A finding on a text that is in one picture only; none if it is in neither."""
    text = reference or candidate
    if text is None:
        return []
    word = "extra" if reference is None else "missing"
    grade: Severity = 3 if word == "missing" and name == "title" else 2
    words, boxes = f"{quoted(text.text)} is {word}", shown(reference, candidate)
    return [Finding(name, TEXT, grade, place, words, boxes, same=word, direction=direction)]


def broken_differently(
    name: str, reference: Element, candidate: Element, place: Place, direction: str = ""
) -> list[Finding]:
    """A finding on equal words that are broken into other lines."""
    words = line_words(reference, candidate)
    boxes = both(reference, candidate)
    return [Finding(f"{name}_lines", TEXT, 1, place, words, boxes, direction=direction)] if words else []  # fmt: skip


def line_words(reference: Element, candidate: Element) -> str:
    """How a text is broken into lines, if it is broken differently in the reference; else empty."""
    if reference.text != candidate.text:
        return ""
    lines = [part.column("lines") for part in (reference, candidate)]
    before, after = (len(one) or 1 for one in lines)
    if before != after:
        return f"written in {after} line{'s' * (after != 1)} instead of {before}"
    if lines[0] != lines[1]:
        return "its lines break elsewhere"
    was, now = (part.number("spacing") or 1.0 for part in (reference, candidate))
    if not size_noticed(was, now, SPACING_RATIO):
        return ""
    return f"its lines stand {'farther apart' if now > was else 'closer together'}"


SPACING_RATIO = 1.2
"""Least noticed ratio of the distances of lines."""


def around(thing: str, reference: Element, candidate: Element) -> str:
    """How the ``frame`` of a legend, or the ``box`` of a text, differs; empty if it does not."""
    changed = changes_of(reference, candidate, f"{thing}_")
    there = [
        any(key.startswith(f"{thing}_") for key in part.style) for part in (reference, candidate)
    ]
    if not changed or not any(there):
        return ""
    if not all(there):
        return f"has {'a' if there[1] else 'no'} {thing}"
    return f"{thing} {listed([aspect.words for aspect in aspects(changed)] or ['differs'])}"


def _bubbles(*texts: Element) -> Iterator[Box]:
    """The boxes that are drawn around texts."""
    for part in texts:
        match part.data.get("bubble"):
            case [float(left), float(top), float(right), float(bottom)]:
                yield left, top, right, bottom


def font(
    name: str, reference: Element, candidate: Element, place: Place, direction: str = ""
) -> list[Finding]:
    """Font findings on one text. Rotation is a text error (place), everything else is style."""
    changed = changes_of(reference, candidate)
    boxes = both(reference, candidate)
    found = []
    if "rotation" in changed:
        before, after = changed.pop("rotation")
        kind, words = (
            f"{name}_rotation",
            f"turned by {after or 0:g} degrees instead of {before or 0:g}",
        )
        found.append(Finding(kind, TEXT, 1, place, words, boxes, direction=direction))
    box = around("box", reference, candidate)
    if box:
        bubbles = [*boxes, *_bubbles(reference, candidate)]
        found.append(Finding(f"{name}_box", STYLE, 1, place, box, bubbles, direction=direction))
    changed = {key: value for key, value in changed.items() if not key.startswith("box_")}
    for aspect in aspects(changed):
        change = (aspect.was, aspect.now) if aspect.now else None
        found.append(
            Finding(
                f"{name}_{aspect.name}", STYLE, 1, place, aspect.words, boxes, same=aspect.key,
                change=change, ratio=aspect.ratio, direction=direction,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: bool(one.ratio))[:2]


LETTERS = frozenset(("label_color", "text_color"))
"""Style keys that are text colors, in any part ..."""

WORDS = frozenset(
    ("title", "suptitle", "axis_label", "supxlabel", "supylabel", "text", "tick_labels")
)
"""... and parts that consist of text only."""


def changes_of(
    reference: Element, candidate: Element, prefix: str = ""
) -> dict[str, tuple[Value, Value]]:
    """Noticed changes of styles whose key begins with ``prefix``: key without it -> (before, after)."""
    first, second = reference.style, candidate.style
    words = reference.role in WORDS
    return {
        key.removeprefix(prefix): (first.get(key), second.get(key))
        for key in sorted(first.keys() | second.keys())
        if key.startswith(prefix)
        and noticed(key, first.get(key), second.get(key), text=key in LETTERS or (key == "color" and words))
    }  # fmt: skip
