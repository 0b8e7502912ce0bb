"""Edits: replacements of character ranges, from which corruptions and rewrites are built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


class OverlappingEdits(ValueError):
    """Two edits that should be applied together touch the same characters."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``code[start:end]`` (character offsets, end exclusive) with ``new``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """One injected error: its edits, and its description from a viewer's perspective."""

    edits: tuple[Edit, ...]
    location: str
    description: str


def ordered(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits from left to right.

    Raises:
        OverlappingEdits: two edits share a character, or insert at the same place.

    >>> ordered([Edit(2, 3, "C"), Edit(0, 1, "A")])[0].new
    'A'
    """
    result = tuple(sorted(edits, key=lambda edit: (edit.start, edit.end)))
    for left, right in pairwise(result):
        if right.start < left.end or (left.start, left.end) == (right.start, right.end):
            raise OverlappingEdits(f"{left} and {right}")
    return result


def overlap(first: Iterable[Edit], second: Iterable[Edit]) -> bool:
    """True if the two sets of edits cannot be applied together."""
    try:
        ordered((*first, *second))
    except OverlappingEdits:
        return True
    return False


def apply(code: str, edits: Iterable[Edit]) -> str:
    """``code`` with all edits applied; their order does not matter.

    Raises:
        OverlappingEdits: two edits share a character.

    >>> apply("abc", [Edit(2, 3, "C"), Edit(0, 1, "A")])
    'AbC'
    """
    parts: list[str] = []
    at = 0
    for edit in ordered(edits):
        parts += (code[at : edit.start], edit.new)
        at = edit.end
    return "".join((*parts, code[at:]))


def inverse(code: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that turn ``apply(code, edits)`` back into ``code``, character for character.

    >>> apply(apply("abc", [Edit(0, 1, "")]), inverse("abc", [Edit(0, 1, "")]))
    'abc'
    >>> inverse("abc", [Edit(0, 1, ""), Edit(1, 2, "")])
    (Edit(start=0, end=0, new='ab'),)
    """
    shift = 0
    undo: list[Edit] = []
    for edit in ordered(edits):
        start = edit.start + shift
        if undo and not edit.new and undo[-1].start == undo[-1].end == start:
            # Neighboring deletions are undone by one insertion: two at one place have no order.
            undo[-1] = Edit(start, start, undo[-1].new + code[edit.start : edit.end])
            shift -= edit.end - edit.start
            continue
        undo.append(Edit(start, start + len(edit.new), code[edit.start : edit.end]))
        shift += len(edit.new) - (edit.end - edit.start)
    return tuple(undo)


def common_ends(one: Sequence[object], two: Sequence[object]) -> tuple[int, int]:
    """How many items two sequences share at the start, and of the rest at the end.

    >>> common_ends("radius", "rays"), common_ends("aaa", "aa")
    ((2, 1), (2, 0))
    """
    least = min(len(one), len(two))
    start = next((at for at in range(least) if one[at] != two[at]), least)
    rest = least - start
    return start, next((at for at in range(rest) if one[-1 - at] != two[-1 - at]), rest)


def compose(mutations: Sequence[Mutation]) -> tuple[Edit, ...]:
    """All edits of several mutations, from left to right.

    Raises:
        OverlappingEdits: two mutations change the same characters.
    """
    return ordered(edit for mutation in mutations for edit in mutation.edits)
