"""Compares how bars and boxes stand: side by side, stacked, or drawn over each other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter

import numpy as np

from annotators.structural.chart.findings import STRUCTURE, Finding
from annotators.structural.chart.marks import Mark, MarkChange, MarkMatch, boxes_of, near, near_on
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.words import figure, listed, quoted


def stacking(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Bars are stacked instead of grouped side by side, or the reverse."""
    moved = [
        change for change in match.changed
        if change.geometry and change.before.role == "bar" and change.before.kind == change.after.kind
        and near(change.before.length, change.after.length)
        and not (near(change.before.middle, change.after.middle) and near(change.before.foot, change.after.foot))
    ]  # fmt: skip
    if len(moved) < 2:
        return []
    unpaired = {round(m.middle, 6) for m in match.alone if m.role == "bar"}
    if sum(round(change.before.middle, 6) in unpaired for change in moved) * 2 >= len(moved):
        return []  # the bars below them are gone
    before = [change.before for change in moved]
    after = [change.after for change in moved]
    stacked_before, stacked_after = _stacked(before), _stacked(after)
    every = [one for one, _ in match.equal if one.role == "bar"]
    others = [two for _, two in match.equal if two.role == "bar"]
    slots_before = len({round(mark.middle, 6) for mark in (*before, *every)})
    slots_after = len({round(mark.middle, 6) for mark in (*after, *others)})
    if slots_after < slots_before and stacked_after:
        words = "stacked instead of side by side"
    elif slots_after > slots_before and not stacked_after and (stacked_before or _overlap(before)):
        words = "side by side instead of stacked"
    elif slots_after < slots_before:
        words = "drawn over each other instead of side by side"
    elif stacked_before and not stacked_after:
        floating = slots_before == len(before) + len(every)
        words = (
            f"start at {figure(after[0].foot)} instead of floating"
            if floating
            else "drawn over each other instead of stacked"
        )
    elif stacked_after and not stacked_before and slots_after == len(after) + len(others):
        words = f"float instead of starting at {figure(before[0].foot)}"
    elif stacked_after and not stacked_before:
        words = "stacked instead of drawn over each other"
    elif _covering([*before, *every]) < _covering([*after, *others]):
        words = "drawn over each other instead of side by side"
    elif _covering([*before, *every]) > _covering([*after, *others]):
        words = "side by side instead of drawn over each other"
    elif 2 * _covered(after, others) >= len(moved) + 2 * _covered(before, every):
        words = "drawn over each other instead of side by side"
    else:
        return []
    for change in match.changed:
        if change.before.role == "errorbars":
            change.geometry = False  # they stand on the bars
    bars = [change for change in match.changed if change.before.role == "bar"]
    longer = [
        c for c in bars if not near_on(c.before.length, c.after.length, pair.scales[c.before.along])
    ]
    for change in bars:
        # Few bars that are of another length as well have a wrong value.
        change.geometry = len(longer) <= FEW and change in longer
    return [pair.finding_on(moved, "stacking", STRUCTURE, 3, words, "bars")]


FEW = 2
"""Most bars that have other values beside another arrangement; more may be paired wrongly."""


def piled_boxes(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Boxes of a group are drawn at one place instead of side by side, or the reverse."""
    before, after = (
        [mark for mark in (*(both[side] for both in match.pairs), *alone) if mark.role == "box"]
        for side, alone in enumerate((match.missing, match.extra))
    )
    places = [len({round(mark.value("at"), 6) for mark in marks}) for marks in (before, after)]
    if len(before) != len(after) or places[0] == places[1] or max(places) < len(before):
        return []
    words = ("drawn over each other", "side by side")[:: 1 if places[1] < places[0] else -1]
    for change in match.changed:
        if change.before.role == "box":
            # If boxes overlap, it is unknown which whiskers belong to which box.
            change.geometry = False
            change.style.clear()
    match.drop(mark for mark in match.alone if mark.role == "box")
    said, boxes = f"{words[0]} instead of {words[1]}", boxes_of([*before, *after])
    return [Finding("stacking", STRUCTURE, 3, pair.at("boxes"), said, boxes)]


def in_another_order(
    pair: PanelPair,
    groups: Sequence[tuple[str, Sequence[MarkChange]]],
    place: Callable[[Mark], float],
    what: str,
    words: tuple[str, str],
) -> Finding | None:
    """A finding on groups of marks that took each other's places; None if they did not.

    Args:
        groups: Names, empty for none, with the changed marks.
        place: Where a mark stands; the mean is the place of its group.
        words: The verb, and what follows the order.
    """
    orders = [
        np.argsort(
            [np.mean([place(side(one)) for one in group]) for _, group in groups], kind="stable"
        ).tolist()
        for side in (attrgetter("before"), attrgetter("after"))
    ]
    if orders[0] == orders[1]:
        return None
    verb, rest = words
    said = f"{verb} in another order"
    if all(name for name, _ in groups):
        was, now = (listed([quoted(groups[at][0]) for at in order]) for order in orders)
        said += f": {now} instead of {was}{rest}"
    changes = [change for _, group in groups for change in group]
    return pair.finding_on(changes, "stacking", STRUCTURE, 2, said, what)


def _covering(marks: Sequence[Mark]) -> bool:
    """True if many bars with the same base cover their neighbors."""
    order = sorted(marks, key=lambda mark: mark.middle)
    hidden = sum(
        two.middle - one.middle < 0.45 * (one.thickness + two.thickness) and near(one.foot, two.foot)
        for one, two in itertools.pairwise(order)
    )  # fmt: skip
    return hidden >= max(1, len(order) // 4)


def _covered(marks: Sequence[Mark], others: Sequence[Mark]) -> int:
    """Number of bars that overlap other bars at least partly."""
    return sum(
        any(
            near(mark.middle, other.middle)
            and mark.foot < other.foot + 0.99 * other.length
            and other.foot < mark.foot + 0.99 * mark.length
            for other in others
        )
        for mark in marks
    )


def _stacked(marks: Sequence[Mark]) -> bool:
    return sum(not near(mark.foot, 0.0) for mark in marks) >= max(1, len(marks) // 3)


def _overlap(marks: Sequence[Mark]) -> bool:
    slots = Counter(round(mark.middle, 6) for mark in marks)
    return max(slots.values(), default=0) > 1
