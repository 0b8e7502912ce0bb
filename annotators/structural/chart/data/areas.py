"""Filled areas that a viewer knows as one thing: violins, bands around a curve, stretched shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, Finding
from annotators.structural.chart.marks import Mark, MarkChange, Numbers, within
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import figures
from annotators.structural.visibility import PLACE


def violins(
    pair: PanelPair, by_role: dict[str, list[MarkChange]], areas: Sequence[Mark]
) -> Iterator[Finding]:
    """Findings on violins, among all ``areas``, with other values: one on each of a few, or one on
    all; removes them, and the bars and ends in them."""
    bodies = [
        change for change in by_role.get("area", ())
        if upright(change.before) is not None and upright(change.before) == upright(change.after)
    ]  # fmt: skip
    if not bodies:
        return
    inner = [
        line for line in by_role.get("line", ())
        if len(line.before.column("x")) == 2 and any(
            within(line.before, body.before) and within(line.after, body.after) for body in bodies
        )
    ]  # fmt: skip
    if not inner:
        return  # a filled curve
    by_role["area"] = [change for change in by_role["area"] if change not in bodies]
    by_role["line"] = [change for change in by_role["line"] if change not in inner]
    every = sum(upright(mark) is not None for mark in areas)
    few = len(bodies) < APART and len(bodies) < every
    for group in [[body] for body in bodies] if few else [bodies]:
        yield _violin(pair, group)


def _violin(pair: PanelPair, bodies: Sequence[MarkChange]) -> Finding:
    """A finding on violins whose values differ."""
    along = upright(bodies[0].before)
    ends = [
        [(min(values), max(values)) for values in (mark.column("xy"[along or 0]) for mark in (one, two))]
        for one, two in (body.sides for body in bodies)
    ]  # fmt: skip
    gaps = [max(abs(b - a) for a, b in zip(*pair_of, strict=True)) for pair_of in ends]
    worst = ends[gaps.index(max(gaps))]
    (low, now_low), (high, now_high) = (figures(*side) for side in zip(*worst, strict=True))
    words = f"values differ, such as from {now_low} to {now_high} instead of {low} to {high}"
    if (low, high) == (now_low, now_high):
        words = "have other outlines" if len(bodies) > 1 else "has another outline"
    scale = pair.scales[along or 0]
    grade = severity.grade(max(gaps) / (scale.length or 1.0), medium=0.03, severe=0.3)
    name = "violin" if len(bodies) == 1 else "violins"
    return replace(pair.finding_on(bodies, "values", DATA, grade, words, name), role="area")


def upright(mark: Mark) -> int | None:
    """The direction (0 is x, 1 is y) along which a violin shows its values; None for other areas."""
    sides = [mark.column(name) for name in "xy"]
    if min(map(len, sides)) < VIOLIN or not all(np.isfinite(side).all() for side in sides):
        return None
    for across in (0, 1):
        low, *inner, high = np.quantile(sides[across], (0, 0.1, 0.25, 0.4, 0.6, 0.75, 0.9, 1))
        mirrored = np.add(inner, inner[::-1]) - low - high
        if high > low and np.abs(mirrored).max() < 0.05 * (high - low):
            return 1 - across
    return None


def side_by_side(marks: Sequence[Mark]) -> bool:
    """True if areas are violins of several groups, none above or below another one."""
    ways = {upright(mark) for mark in marks}
    if len(marks) < 2 or len(ways) > 1 or None in ways:
        return False
    [way] = ways
    ends = sorted(
        (min(across), max(across)) for across in (mark.column("yx"[way or 0]) for mark in marks)
    )
    return all(one[1] <= two[0] for one, two in pairwise(ends))


VIOLIN = 20
"""Fewest corners of the outline of a violin."""


def stretched(before: Numbers, after: Numbers) -> str | None:
    """If a shape was scaled about its center, along one axis or both, words and factor; else None."""
    factors = []
    for across in (0, 1):
        ends = [(column.min(), column.max()) for column in (before[:, across], after[:, across])]
        lengths = [high - low for low, high in ends]
        if not np.isfinite(lengths).all() or min(lengths) <= 0:
            return None
        factor = float(lengths[1] / lengths[0])
        here, there = ((low + high) / 2 for low, high in ends)
        alike = np.allclose(
            after[:, across] - there, (before[:, across] - here) * factor, atol=2e-3
        )
        if not alike or abs(here - there) >= 2e-3:
            return None
        factors.append(factor)
    wide, high = (abs(factor - 1) > 0.02 for factor in factors)
    if not (wide or high) or (wide and high and abs(factors[0] / factors[1] - 1) > 0.05):
        return None
    factor = factors[0] if wide else factors[1]
    ways = {(True, True): ("smaller", "larger"), (True, False): ("narrower", "wider"), (False, True): ("lower", "higher")}  # fmt: skip
    names = ways[wide, high]
    return f"{names[factor > 1]} than in the reference: {factor:.2g} times"


def shifted(before: Numbers, after: Numbers) -> str | None:
    """If a shape lies elsewhere and is the same otherwise, where; else None."""
    steps = after - before
    step = np.median(steps, axis=0)
    if steps.shape[1] != 2 or not np.isfinite(steps).all() or np.abs(steps - step).max() > PLACE:
        return None
    ways = [names[int(way > 0)] for names, way in zip(WAYS, step, strict=False) if abs(way) > PLACE]
    return f"lies {' and '.join(ways)}" if ways else None


THICKER = 0.05
"""Least share by which a band is wider or narrower as a whole."""

WAYS = (("further left", "further right"), ("lower", "higher"))
"""Where something lies that moved along x and along y."""


def thicker_band(before: Numbers, after: Numbers) -> str | None:
    """If a band runs around the same middle and only its thickness differs, words and factor; else None."""
    bands = []
    for side in (before, after):
        at = np.round(side[:, 0], 4)
        places = np.unique(at)
        ends = np.array([[side[at == x, 1].min(), side[at == x, 1].max()] for x in places])
        bands.append((places, ends.mean(axis=1), np.ptp(ends, axis=1)))
    (first, middle, width), (second, other_middle, other_width) = bands
    if len(first) != len(second) or max(np.abs(first - second).max(), np.abs(middle - other_middle).max()) > PLACE:  # fmt: skip
        return None
    factor = float(other_width.sum() / (width.sum() or np.nan))
    if abs(factor - 1) < THICKER or not np.allclose(width * factor, other_width, atol=PLACE):
        return None
    return f"{'wider' if factor > 1 else 'narrower'} than in the reference: {factor:.2g} times"
