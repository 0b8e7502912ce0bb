"""Differences of one axis: scale, direction, limits."""

from __future__ import annotations

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.attached_texts import number_in
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, Finding, both, shown
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.ticks import ends, strings, tick_findings
from annotators.structural.chart.words import figures
from annotators.structural.visibility import MARGIN
from annotators.structural.why import explains, spoken, unsaid
from renderers.scene import Element

LIMITS = 0.015
"""Lengths of an axis by which it must end elsewhere to be noticed."""


def axis(
    pair: PanelPair, name: str, one: Element, two: Element, known: Explained, colour_bar: bool
) -> list[Finding]:
    """Scale, direction, limits and ticks of one axis."""
    found: list[Finding] = []
    where = pair.at(f"{name} axis")
    aspects_set = pair.reference.data.get("aspect") and pair.candidate.data.get("aspect")
    unread = not strings(one, "labels") and not strings(two, "labels")
    whole = shown(pair.reference, pair.candidate)
    scales = str(one.data.get("scale")), str(two.data.get("scale"))
    first, second = ends(one), ends(two)
    follow = False
    names = {"log": "logarithmic", "symlog": "symmetric-logarithmic"}
    if known.chart_type or name in known.shared or (colour_bar and known.data):
        follow = True
    elif scales[0] != scales[1]:
        words = f"{names.get(scales[1], scales[1])} instead of {names.get(scales[0], scales[0])}"
        found.append(
            Finding(
                "scale",
                DATA,
                3,
                where,
                words,
                [*whole, *both(one, two)],
                same=words,
                direction=name,
            )
        )
        follow = True
    else:
        if (first[0] > first[1]) != (second[0] > second[1]):
            words = "runs the other way round"
            found.append(
                Finding(
                    "inverted", DATA, 3, where, words, [*whole, *both(one, two)], direction=name
                )
            )
            second = second[::-1]
            follow = True
        gap = max(abs(first[0] - second[0]), abs(first[1] - second[1]))
        length = abs(first[1] - first[0]) or 1.0
        log = scales[0] == "log"
        if log and min(*first, *second) > 0:
            length = abs(np.log10(first[1] / first[0])) or 1.0
            gap = max(abs(np.log10(first[0] / second[0])), abs(np.log10(first[1] / second[1])))
        if gap > LIMITS * length:
            follow = True
            chosen = bool(two.data.get("auto")) and bool(one.data.get("auto"))
            # Limits of a pie, and of axes of a fixed aspect, follow from their room.
            fitted = bool(aspects_set) and (unread or _squeezed(pair))
            words = limits_in_words(first, second)
            if (known.data and chosen) or known.categories or colour_bar or fitted:
                rule = "limits_fit_the_room" if fitted and not known.data else "limits_follow_data"
                explains(rule, known.because, spoken(where.part("limits"), words))
            else:
                if not log and _rectilinear(pair) and not (_readable(one) and _readable(two)):
                    words = _margins(pair, name, first, second)
                grade = severity.of_limit_change(first, second, logarithmic=log)
                place, boxes = where.part("limits"), [*whole, *both(one, two)]
                limits = Finding(
                    "limits", DATA, grade, place, words, boxes, same=words, direction=name
                )
                found += [limits] if words else []
        elif gap:
            share = f"{100 * gap / length:.2g} % of the axis"
            unsaid(
                where.part("limits"), f"end {share} elsewhere, which is noticed from {LIMITS:.1%}"
            )
    found += tick_findings(pair, name, one, two, follow or (colour_bar and known.data), known)
    return found


def _rectilinear(pair: PanelPair) -> bool:
    return all(a.data.get("projection") == "rectilinear" for a in (pair.reference, pair.candidate))


def _readable(axis: Element) -> bool:
    """True if a label says the number that it stands at."""
    ticks = axis.data.get("ticks")
    return isinstance(ticks, list) and any(
        isinstance(tick, int | float) and number_in(label) == tick
        for tick, label in zip(ticks, strings(axis, "labels"), strict=False)
    )


def _margins(
    pair: PanelPair, name: str, before: tuple[float, float], after: tuple[float, float]
) -> str:
    """Other limits as they are seen where no number can be read: as room around the marks.

    Empty where nothing shows how far the axis runs, or nobody notices.
    """
    way = 1 if before[1] > before[0] else -1
    length = abs(before[1] - before[0]) or 1.0
    grown = [way * (before[0] - after[0]) / length, way * (after[1] - before[1]) / length]
    sides = ("left", "right") if name == "x" else ("bottom", "top")
    lines = [{c.data.get("side") for c in axes.children if c.role == "spine"}
             for axes in (pair.reference, pair.candidate)]  # fmt: skip
    noticed = [i for i in (0, 1) if abs(grown[i]) >= MARGIN and sides[i] in lines[0] & lines[1]]
    words = ("left", "right") if name == "x" else ("below", "above")
    told = [f"{'more' if grown[i] > 0 else 'less'} blank margin" for i in noticed]
    if len(set(told)) == 1:
        return f"{told[0]} {' and '.join(words[i] for i in reversed(noticed))}"
    return "; ".join(f"{margin} {words[i]}" for margin, i in zip(told, noticed, strict=True))


def limits_in_words(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Two ranges with as many digits as it takes to tell them apart."""
    low, high = figures(before[0], after[0]), figures(before[1], after[1])
    return f"from {low[1]} to {high[1]} instead of {low[0]} to {high[0]}"


def _squeezed(pair: PanelPair) -> bool:
    """True where an axes is of another shape."""
    one, two = pair.reference.box, pair.candidate.box
    if one is None or two is None:
        return True
    shapes = [(box[2] - box[0]) / max(box[3] - box[1], 1.0) for box in (one, two)]
    return abs(shapes[0] / max(shapes[1], 1e-9) - 1) > 2e-3
