"""Boxes in pixels: where they lie, and how two of them lie to each other."""

from __future__ import annotations

from records.rows import Box


def middle(box: Box) -> tuple[float, float]:
    """The center of a box: x and y."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def area(box: Box | None) -> float:
    """Area of a box in square pixels; 0 for none."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) if box else 0.0


def common(one: Box, two: Box) -> Box | None:
    """The part that two boxes share; None if they only touch or lie apart.

    >>> common((0, 0, 4, 4), (2, 1, 9, 9)), common((0, 0, 4, 4), (4, 0, 9, 9))
    ((2, 1, 4, 4), None)
    """
    left, top = max(one[0], two[0]), max(one[1], two[1])
    right, bottom = min(one[2], two[2]), min(one[3], two[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def meet(one: Box, two: Box, by_px: float = 0.0) -> bool:
    """True if two boxes overlap by more than so many pixels in both directions; a negative number
    is how far apart they may lie.

    >>> meet((0, 0, 4, 4), (5, 0, 9, 9)), meet((0, 0, 4, 4), (5, 0, 9, 9), by_px=-2)
    (False, True)
    """
    return all(min(one[at + 2], two[at + 2]) - max(one[at], two[at]) > by_px for at in (0, 1))


def same_box(one: Box, two: Box, within_px: float) -> bool:
    """True if no side of a box is farther than so many pixels from that of another box."""
    return all(abs(a - b) <= within_px for a, b in zip(one, two, strict=True))


def lies_in(inner: Box, outer: Box, within_px: float) -> bool:
    """True if a box reaches at most so many pixels beyond another one."""
    return all(
        outer[at] - within_px <= inner[at] and inner[at + 2] <= outer[at + 2] + within_px
        for at in (0, 1)
    )
