"""Differences of one axis: scale, direction, limits."""

from __future__ import annotations

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, Finding, both, shown
from annotators.structural.chart.panel_pair import Pair
from annotators.structural.chart.ticks import ends, strings, tick_findings
from annotators.structural.chart.words import figures
from renderers.scene import Element

LIMITS = 0.015
"""Lengths of an axis by which it must end elsewhere to be noticed."""


def axis(
    pair: Pair, name: str, one: Element, two: Element, known: Explained, colour_bar: bool
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
            if not ((known.data and chosen) or known.categories or colour_bar or fitted):
                words = limits_in_words(first, second)
                grade = severity.of_limit_change(first, second, logarithmic=log)
                found.append(
                    Finding(
                        "limits",
                        DATA,
                        grade,
                        where.part("limits"),
                        words,
                        [*whole, *both(one, two)],
                        same=words,
                        direction=name,
                    )
                )
    found += tick_findings(pair, name, one, two, follow or (colour_bar and known.data), known)
    return found


def limits_in_words(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Two ranges with as many digits as it takes to tell them apart."""
    low, high = figures(before[0], after[0]), figures(before[1], after[1])
    return f"from {low[1]} to {high[1]} instead of {low[0]} to {high[0]}"


def _squeezed(pair: Pair) -> bool:
    """True where an axes is of another shape."""
    one, two = pair.reference.box, pair.candidate.box
    if one is None or two is None:
        return True
    shapes = [(box[2] - box[0]) / max(box[3] - box[1], 1.0) for box in (one, two)]
    return abs(shapes[0] / max(shapes[1], 1e-9) - 1) > 2e-3
