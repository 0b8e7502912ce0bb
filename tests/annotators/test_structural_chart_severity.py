"""Severity: monotone in every kind, and as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from charts_compared import compared

from annotators.structural import severity

PAGE = Path(__file__).parents[2] / "docs" / "severity.md"
ANCHORS = re.findall(r"\| `(of_\w+\(.*\))` \| ([123]) \|", PAGE.read_text(encoding="utf-8"))


def test_the_page_has_anchors_for_every_function() -> None:
    functions = {name for name in vars(severity) if name.startswith("of_")}
    assert functions == {call.partition("(")[0] for call, _ in ANCHORS}


@pytest.mark.parametrize(("call", "expected"), ANCHORS)
def test_anchor(call: str, expected: str) -> None:
    assert eval(call, dict(vars(severity))) == int(expected)


LADDERS = {
    "value grows": [severity.of_relative_change(10, 10 + gap) for gap in (0.1, 0.9, 1, 3, 6, 90)],
    "value falls": [severity.of_relative_change(10, 10 - gap) for gap in (0.1, 1, 4, 9, 10, 25)],
    "value on an axis": [severity.of_relative_change(10, 10 + gap, 50) for gap in (0.1, 1, 2, 9, 40)],
    "from zero": [severity.of_relative_change(0, gap, 10) for gap in (0, 0.01, 0.5, 2, 8)],
    "letters lost": [
        severity.of_text_change("Revenue by region", "Revenue by region"[:keep])
        for keep in (17, 16, 13, 9, 7, 4, 2, 0)
    ],
    "color fades": [
        severity.of_color_change("#000000", f"#{gray:02x}{gray:02x}{gray:02x}")
        for gray in (0, 5, 40, 90, 160, 255)
    ],
    "large area": [
        severity.of_color_change("#000000", f"#{gray:02x}{gray:02x}{gray:02x}", 0.5)
        for gray in (0, 5, 40, 90, 160, 255)
    ],
    "area": [severity.of_area_share(share) for share in (0, 0.001, 0.01, 0.05, 0.1, 1)],
    "size": [severity.of_size_change(10, size) for size in (10, 11, 15, 20, 40, 1000)],
    "shift": [severity.of_shift(share) for share in (0, 0.1, 0.2, 0.3, 1)],
    "missing": [severity.of_missing_share(count, 8) for count in (1, 2, 4, 6, 8)],
    "limits": [severity.of_limit_change((0, 10), (0, high)) for high in (10, 10.2, 11, 14, 30)],
    "log limits": [
        severity.of_limit_change((1, 1000), (1, high), logarithmic=True) for high in (1e3, 2e3, 1e4, 1e6)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", LADDERS)
def test_a_larger_difference_never_scores_lower(name: str) -> None:
    grades = LADDERS[name]
    assert grades == sorted(grades)
    assert len(set(grades)) > 1


# Pairs of Sharma, Wu, Dalal (2005), table 1.
CIEDE = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
    ((50.0, 2.5000, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5000, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), CIEDE)
def test_color_distance_is_ciede2000(
    first: tuple[float, float, float], second: tuple[float, float, float], expected: float
) -> None:
    assert severity.ciede2000(first, second) == pytest.approx(expected, abs=1e-4)
    assert severity.ciede2000(second, first) == pytest.approx(expected, abs=1e-4)


def test_most_cells_are_as_bad_as_their_colors_are_far() -> None:
    """Cells of a heatmap without numbers are read by their colors."""
    cells = "import numpy as np; ax.imshow(np.add.outer(np.arange(4), np.arange(5)) / 7 * {scale}, vmin=0, vmax=1)"
    grades = []
    for scale in (0.92, 0.7, 0.2):
        [found] = compared(cells.format(scale=1), cells.format(scale=scale))[0]
        assert found.description == "most cells show lower values, in other colors"
        grades.append(found.severity)
    assert grades == [1, 2, 3]
