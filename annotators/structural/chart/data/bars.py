"""Compares bars: bins, lengths, widths, places."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from operator import attrgetter

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.axis_pair import readable, unlabeled
from annotators.structural.chart.data.areas import WAYS
from annotators.structural.chart.data.mark_changes import several
from annotators.structural.chart.data.stacking import in_another_order
from annotators.structural.chart.findings import DATA, Finding, as_one
from annotators.structural.chart.marks import (
    AxisScale,
    Mark,
    MarkChange,
    MarkMatch,
    boxes_of,
    fractions,
    near_on,
)
from annotators.structural.chart.matching import are_tiles
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import Name, figure, figures, main_color
from annotators.structural.colors import color_name
from annotators.structural.matching import grouped, permuted
from annotators.structural.visibility import size_noticed
from records.taxonomy import Severity


def bins(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """A histogram has more or fewer bins (touching bars)."""
    found = []
    before, after = _bar_groups(match, reference=True), _bar_groups(match, reference=False)
    named = [(before[name], after[name]) for name in before if name in after]
    lost, new = (
        [name for name in one if name not in two] for one, two in ((before, after), (after, before))
    )
    if len(lost) == len(new):
        named += [
            (before[one], after[two]) for one, two in zip(lost, new, strict=True)
        ]  # in other colors
    for one, two in named:
        if not (_touching(one) and _touching(two)):
            continue
        mine = set(map(id, (*one, *two)))
        changed = [change for change in match.changed if id(change.before) in mine]
        redrawn = [change for change in changed if change.geometry]
        if len(one) == len(two):
            unpaired = [m for m in match.alone if id(m) in mine]
            if not unpaired or len(redrawn) + len(unpaired) < max(5, len(one) // 2):
                continue
        elif not redrawn:
            continue
        for change in changed:
            change.geometry = False
        match.drop([*one, *two])
        counts = _bin_count(one), _bin_count(two)
        found.append(
            Finding(
                "bins", DATA,
                min(2, severity.of_missing_share(abs(counts[0] - counts[1]), counts[0])),
                pair.at(_histogram(one[0])),
                f"{counts[1]} bins instead of {counts[0]}" if counts[0] != counts[1] else "other values in most bins",
                boxes_of(two),
                same="bins",
            )
        )  # fmt: skip
    return found


def _bin_count(marks: Sequence[Mark]) -> int:
    """Number of bins, with the empty ones between the others."""
    middles = [mark.middle for mark in marks]
    return 1 + round(
        (max(middles) - min(middles)) / float(np.median([mark.thickness for mark in marks]))
    )


def _histogram(bar: Mark) -> Name:
    """The name of the histogram that a bar is part of."""
    return Name("histogram", bar.element.text, tint=color_name(main_color(bar.element) or "white"))


def _bar_groups(match: MarkMatch, *, reference: bool) -> dict[str, list[Mark]]:
    """Bars by the name of their series, or by their color if it has no name."""
    marks = [pair[not reference] for pair in match.equal]
    marks += [change.before if reference else change.after for change in match.changed]
    marks += match.missing if reference else match.extra
    bars = [mark for mark in marks if mark.role == "bar"]
    return grouped(bars, lambda bar: bar.element.text or main_color(bar.element))


PILED = 20
"""Bars that touch and stand on others from which they are a histogram."""


def _touching(marks: Sequence[Mark]) -> bool:
    """True if bars of equal width and base touch each other, as in a histogram; many also on other bars."""
    feet = len({round(mark.foot, 9) for mark in marks})
    if len(marks) < 3 or (feet > len(marks) / 5 + 1 and len(marks) < PILED):
        return False
    middles = sorted(mark.middle for mark in marks)
    width = float(np.median([mark.thickness for mark in marks]))
    gaps = np.diff(middles)
    return bool(
        (np.abs(gaps / max(width, 1e-12) - np.round(gaps / max(width, 1e-12))) < 0.05).mean() > 0.8
        and np.median(gaps) < 1.05 * width
    )


def bar_values(pair: PanelPair, match: MarkMatch, changes: list[MarkChange]) -> list[Finding]:
    """Findings on bars with another length, base, thickness or place."""
    scale = pair.scales[changes[0].before.along]
    if are_tiles([change.before for change in changes]):
        return _resized_tiles(pair, changes)
    grown = [c for c in changes if not near_on(c.before.length, c.after.length, scale)]
    slots = {round(change.before.middle, 6) for change in grown}
    slots |= {round(m.middle, 6) for m in match.alone if m.role == "bar"}
    across = pair.scales[1 - changes[0].before.along]
    axis = pair.reference.part("axis", axis="yx"[changes[0].before.along])
    by_name = axis is not None and not readable(axis)
    sideways = replace(across, place=max(across.place, BESIDE_NAME)) if by_name else across
    thick, moved, lifted = [], [], []
    for change in changes:
        if change in grown:
            continue
        if not near_on(change.before.thickness, change.after.thickness, across):
            thick.append(change)
        elif not near_on(change.before.middle, change.after.middle, sideways):
            moved.append(change)
        elif round(change.before.middle, 6) not in slots and not near_on(
            change.before.foot, change.after.foot, scale
        ):
            lifted.append(change)
    found = _lengths(pair, grown, scale)
    if len(grown) > APART:
        thick, moved = [], []  # other bins of other data
    if thick:
        found.append(_thickness(pair, thick))
    elif reordered := _series_reordered(pair, moved, attrgetter("middle"), ("series stand", "")):
        found.append(reordered)
    elif moved:
        found.append(_beside(pair, moved, across, by_name=by_name))
    from_below = ("stacked", ", from below")
    if stacked := _series_reordered(pair, lifted, attrgetter("foot"), from_below):
        found.append(stacked)
    elif lifted:
        one, two = lifted[0].before, lifted[0].after
        starts = "starts" if len(lifted) == 1 else "start"
        words = f"{starts} at {figure(two.foot)} instead of {figure(one.foot)}"
        if unlabeled(pair.reference, "xy"[one.along]):
            words = f"{starts} {WAYS[one.along][two.foot > one.foot]}"
        elif len({change.before.foot for change in lifted}) > 1:
            words += ", and others"
        if one.name.kind == "band":
            words = f"from {figure(two.foot)} to {figure(two.end)} instead of {figure(one.foot)} to {figure(one.end)}"
        found.append(pair.finding_on(lifted, "moved", DATA, 2, words))
    return found


def _series_reordered(
    pair: PanelPair,
    changes: Sequence[MarkChange],
    place: Callable[[Mark], float],
    words: tuple[str, str],
) -> Finding | None:
    """A finding on bars of several series that took each other's places; None if they did not."""
    by_series = grouped(changes, lambda change: change.before.element.text)
    if len(by_series) < 2 or "" in by_series:
        return None
    return in_another_order(pair, [*by_series.items()], place, "bars", words)


def _thickness(pair: PanelPair, thick: Sequence[MarkChange]) -> Finding:
    """A finding on bars of another thickness."""
    one = thick[0]
    bands = all(c.before.name.kind == "band" for c in thick)
    ratio = (one.after.thickness or 1e-9) / (one.before.thickness or 1e-9)
    ways = THICKNESS[one.before.along]
    words = f"{ways[ratio > 1]}: {figure(one.after.thickness)} instead of {figure(one.before.thickness)}"
    if not bands:  # no axis says how wide a bar is
        words = f"{ways[ratio > 1]} by about {max(5, 5 * round(20 * abs(ratio - 1)))} %"
    grown = {c.after.thickness > c.before.thickness for c in thick}
    if len(grown) > 1:
        words = f"some are {ways[True]}, others {ways[False]}"
        bands = all(c.before.name.own for c in thick)
    grade, together = severity.of_size_change(1, ratio), "" if bands else "bars"
    return pair.finding_on(thick, "thickness", DATA, grade, words, together)


THICKNESS = (("thinner", "thicker"), ("narrower", "wider"))
"""Words for bars of another thickness, level and upright ones."""


def _beside(
    pair: PanelPair, moved: Sequence[MarkChange], across: AxisScale, *, by_name: bool
) -> Finding:
    """A finding on bars at other places; ``by_name`` is True if no number tells their places."""
    was, now = (mark.middle for mark in (moved[0].before, moved[0].after))
    words = f"at {figure(now)} instead of {figure(was)}"
    if by_name:
        share = figure(float(f"{100 * abs(now - was) / across.length:.2g}"))
        words = f"{'stands' if len(moved) == 1 else 'stand'} elsewhere, by {share} % of the axis"
    grade: Severity = 1 if by_name and abs(now - was) <= FAR * across.length else 2
    return pair.finding_on(moved, "moved", DATA, grade, words)


BESIDE_NAME = 0.015
"""Least noticed shift of a bar that stands at a name, as a share of the axis: it tells no number ..."""

FAR = 0.05
"""... and the share from which its place hinders reading."""


def _reordered(
    changes: Sequence[MarkChange], before: Sequence[float], after: Sequence[float]
) -> list[int]:
    """Indices of bars that took each other's values: all, those of one series, or two; else empty."""
    of_series = grouped(range(len(changes)), lambda index: changes[index].before.element.text)
    groups = [[*range(len(changes))], *of_series.values()]
    if len(changes) <= FEW_BARS:
        groups += [list(two) for two in itertools.combinations(range(len(changes)), 2)]
    return next((g for g in groups if permuted([before[i] for i in g], [after[i] for i in g])), [])


FEW_BARS = 6
"""Among more changed bars, two that took each other's values did so by chance."""


def _resized_tiles(pair: PanelPair, changes: Sequence[MarkChange]) -> list[Finding]:
    """A finding on tiles of other sizes or at other places; gaps between tiles show nothing."""
    scales = pair.scales
    shares = [[fractions(mark, scales).reshape(2, 2).T for mark in c.sides] for c in changes]
    sizes = [[float(np.ptp(side, axis=1).prod()) for side in pair_of] for pair_of in shares]
    moved = [float(np.abs(one.mean(axis=1) - two.mean(axis=1)).max()) for one, two in shares]
    seen = [
        i
        for i, (before, after) in enumerate(sizes)
        if moved[i] > FAR
        or (size_noticed(before, after, TILE) and abs(after - before) > LEAST_TILE)
    ]
    if not seen:
        return []
    words = "is of another size" if len(seen) == 1 else f"{len(seen)} tiles are of other sizes"
    grade: Severity = max(
        max(2 if moved[i] > FAR else 1, severity.of_relative_change(*sizes[i])) for i in seen
    )
    return [pair.finding_on([changes[i] for i in seen], "values", DATA, grade, words)]


TILE = 1.1
"""Least noticed ratio of the areas of tiles ..."""

LEAST_TILE = 5e-3
"""... and their least noticed difference, as a share of the axes."""


def _share(before: float, after: float) -> str:
    """How much longer or shorter a bar is, where no axis tells its number."""
    word = "longer" if abs(after) > abs(before) else "shorter"
    share = 100 * abs(abs(after) / before - 1) if before else inf
    return f"{word} by {share:.0f} %" if share < 100 else f"much {word}"


def _lengths(pair: PanelPair, changes: list[MarkChange], scale: AxisScale) -> list[Finding]:
    if not changes:
        return []
    before = [float(f"{c.before.length:.6g}") for c in changes]
    after = [float(f"{c.after.length:.6g}") for c in changes]
    if members := _reordered(changes, before, after):
        words = f"their values are {'exchanged' if len(members) == 2 else 'in another order'}"
        others = [change for i, change in enumerate(changes) if i not in members]
        return [
            pair.finding_on([changes[i] for i in members], "exchanged", DATA, 3, words),
            *_lengths(pair, others, scale),
        ]
    span = None if scale.logarithmic else scale.length
    unread = unlabeled(pair.reference, "xy"[changes[0].before.along])
    findings = [
        pair.finding_on(
            [change], "value", DATA, severity.of_relative_change(one, two, span),
            _share(one, two) if unread else "{} is drawn as {}".format(*figures(one, two)),
        )
        for change, one, two in zip(changes, before, after, strict=True)
    ]  # fmt: skip
    bars = [change.before.element for change in changes]
    by_series = grouped(range(len(bars)), lambda at: bars[at].text or main_color(bars[at]))
    if len(by_series) > 1 and len(changes) > APART:
        return several(pair, changes, findings, "bars")
    found: list[Finding] = []
    for members in by_series.values():
        parts = [findings[index] for index in members]
        if len(parts) >= APART:
            # More than two wrong bars of one series count as a wrong series.
            name = changes[members[0]].before.element.text
            names = [changes[i].before.name for i in members]
            where = pair.at(Name("bars", series=name)) if name else pair.at(*names)
            lead = "one is " if unread else ""
            words = f"{len(parts)} bars differ: {lead}{parts[0].description}, and others"
            one = as_one(parts, "values", DATA, where, words)
            if _touching([changes[i].before for i in members]):
                usual = sorted(part.severity for part in parts)[
                    len(parts) // 2
                ]  # of another sample
                place = pair.at(_histogram(changes[members[0]].before))
                one = replace(one, place=place, severity=usual)
            found.append(one)
        else:
            found += parts
    return found
