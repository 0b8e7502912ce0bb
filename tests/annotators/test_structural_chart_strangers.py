"""Kinds that programs of strangers and pairs of errors showed: what is seen is one label, each."""

from __future__ import annotations

import pytest
from charts_compared import compared

CURVE = "ax.plot([0, 1, 2, 3, 4, 5, 6], [2, 3, 4, 3, 5, 4, 2], label='a')"
BOTH = f"{CURVE}\nax.plot([0, 1, 2, 3, 4, 5, 6], [1, 1, 2, 2, 1, 1, 2], label='b')\nax.legend()"
STAIRS = "ax.stairs([1, 3, 2, 5, 4, 6, 2], range(8), lw=2); ax.axis([-1, 9, 0, 7])"
STEPS = "ax.step([0, 0, *range(1, 8), 7], [0, 1, 3, 2, 5, 4, 6, 2, 2, 0], where='post', lw=2); ax.axis([-1, 9, 0, 7])"
SHADES = "im = ax.imshow([[1, 2], [3, 4]]); fig.colorbar(im, shrink={})"
RANKS = "ax.plot({x}, [2, 3, 1, 4], lw=3); ax.set_xticks({x}, ['2018', '2019', '2020', '2021']); ax.set_yticks([])"
HILL = "ax.fill_between(range(5), [0, 2, 5, 1, 0], color='gold'); ax.set_ylim(0, 6)"
MONTHS = "ax.plot({x}, [3, 4, 2, 5, 6, 4])"
POINTS = "ax.scatter([1, 2, 3], [3, 5, 4], s=90)"
GRAY = "ax.set_facecolor('#eaeaf2'); ax.bar([1, 2], [3, 4]); ax.spines[:].set_color('white')"

ONE = {
    "numbers of an axis": (CURVE, CURVE.replace("[2, 3, 4, 3, 5, 4, 2]", "[4, 6, 8, 6, 10, 8, 4]"),
                           "data_error", "y axis limits"),
    "a line that reaches farther": (
        "ax.plot([1, 2, 3, 4, 5], [3] * 5, '--'); ax.axis([0, 6, 0, 6])", "ax.axhline(3, ls='--'); ax.axis([0, 6, 0, 6])",
        "data_error", "blue line",
    ),
    "a graph drawn smaller": (
        f"{POINTS}; ax.axis([0, 6, 0, 6]); ax.set_axis_off()", f"{POINTS}; ax.axis([-4, 9, -4, 9]); ax.set_axis_off()",
        "style_error", "whole chart",
    ),
    "a lost line along an area": (
        f"{HILL}; ax.plot(range(5), [0, 2, 5, 1, 0], color='brown')", HILL, "style_error", "area",
    ),
    "a shorter color bar": (SHADES.format(1), SHADES.format(0.7), "style_error", "color bar"),
}  # fmt: skip

ALIKE = {
    "places read by other labels": (
        RANKS.format(x=[1, 2, 3, 4]), RANKS.format(x=[2018, 2019, 2020, 2021]) + "; ax.margins(0.07)",
    ),
    "dates counted in other units": (
        f"{MONTHS.format(x='range(600, 606)')}; ax.set_xticks([600, 603], ['Jan', 'Apr']); ax.set_xlim(600, 605)",
        f"{MONTHS.format(x='np.arange(6) * 30.5 + 18262')}; ax.set_xticks([18262, 18353.5], ['Jan', 'Apr']); ax.set_xlim(18262, 18414.5)",
    ),
    "strokes that are almost black": (
        "ax.plot([1, 2], [1, 3], color='black')", "ax.plot([1, 2], [1, 3], color='#262626')",
    ),
    "a bar of no length": (
        "ax.bar([1, 2, 3], [3, 0, 4]); ax.set_xlim(0, 4)", "ax.bar([1, 3], [3, 4]); ax.set_xlim(0, 4)",
    ),
    "a point drawn twice": (POINTS, POINTS.replace("[1, 2, 3], [3, 5, 4]", "[1, 2, 3, 1], [3, 5, 4, 3]")),
    "an outline and its steps": (STAIRS, STEPS),
    "a frame in the color of the paper": (GRAY, GRAY.replace("set_color('white')", "set_visible(False)")),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_cause_is_one_label(name: str) -> None:
    before, after, category, location = ONE[name]
    found, _ = compared(before, after)
    assert [(one.category, one.location) for one in found] == [(category, location)]


@pytest.mark.parametrize("name", ALIKE)
def test_what_looks_the_same_has_no_label(name: str) -> None:
    found, _ = compared(*ALIKE[name])
    assert not found


def test_two_points_of_a_curve_are_two_labels() -> None:
    found, _ = compared(CURVE, CURVE.replace("[2, 3, 4, 3, 5, 4, 2]", "[2, 4, 4, 3, 4, 4, 2]"))
    assert [one.description for one in found] == [
        "y value at x = 1 is 4 instead of 3", "y value at x = 4 is 4 instead of 5"
    ]  # fmt: skip


def test_points_read_a_little_off_are_one_label() -> None:
    found, _ = compared(
        CURVE, CURVE.replace("[2, 3, 4, 3, 5, 4, 2]", "[2, 3.03, 4, 3, 4.97, 4, 2]")
    )
    assert [one.description[:22] for one in found] == ["2 of 7 values differ; "]


def test_exchanged_names_and_a_wrong_value_are_two_labels() -> None:
    names = BOTH.replace("'a'", "'c'").replace("'b'", "'a'").replace("'c'", "'b'")
    found, _ = compared(BOTH, names.replace("[2, 3, 4, 3,", "[2, 3, 4, 1,"))
    assert sorted((one.category, one.location) for one in found) == [
        ("data_error", "line 'a'"), ("text_error", "legend entries")
    ]  # fmt: skip


def test_another_kind_of_mark_hides_no_lost_border() -> None:
    points = CURVE.replace("ax.plot(", "ax.scatter(") + "; ax.spines['top'].set_visible(False)"
    found, _ = compared(CURVE, points)
    assert [one.location for one in found] == ["line 'a'", "top border"]
