"""Values that are told by numbers only, and errors that take other things with them."""

from __future__ import annotations

import pytest
from charts_compared import BARS, compared

REGIONS = """
from matplotlib.patches import Ellipse
values = [214, 167, 58]
size = [1.0, 0.8, 0.5]
for value, radius, x, name in zip(values, size, (0.3, 0.6, 0.9), ("Heart", "Liver", "Kidney")):
    ax.add_patch(Ellipse((x, 0.5), 0.3 * radius, 0.8 * radius, alpha=0.4))
    ax.text(x, 0.5, f"{value}", ha="center", va="center")
    ax.text(x, 0.05, name, ha="center")
ax.set(xlim=(0, 1.2), ylim=(0, 1))
ax.axis("off")
"""
POINTS = """
x, y = np.arange(4), np.array([3, 5, 4, 6])
ax.bar(x, y + 1, color="silver")
ax.errorbar(x, y, yerr=0.5, fmt="none", ecolor="black", label="B")
ax.scatter(x, y, color="orange", zorder=3)
"""
TREE = """
names, sizes = ["Rice", "Wheat", "Maize", "Oats"], np.array([50, 25, 15, 10])
left = np.cumsum(sizes) - sizes
for name, size, x, colour in zip(names, sizes, left, ["red", "green", "blue", "gold"]):
    ax.bar(x, size / 2 + 20, width=size, bottom=x / 9, align="edge", color=colour)
    ax.text(x + size / 2, 12 + x / 9, f"{name}\\n{size} %", ha="center", va="center", fontsize=7)
ax.axis("off")
"""
DATED = """
years = [2018, 2019, 2020, 2021]
ax.stackplot(years, [3, 5, 4, 6])
ax.set_xticks(years, [f"'{year - 2000}" for year in years])
"""
VIOLINS = """
data = [np.sin(np.arange(40) * k) * k for k in (1, 2, 3)]
ax.violinplot(data, widths=0.8, showextrema=False)
ax.vlines([1, 2, 3], [np.percentile(d, 10) for d in data], [np.percentile(d, 90) for d in data], lw=4)
"""
OFFSET = """
x = np.arange(4)
ax.plot(x - 0.1, [3, 5, 4, 6], "o", label="a")
ax.plot(x + 0.1, [2, 3, 5, 1], "s", label="b")
"""

ONE = {
    "a value that only its number tells": (
        REGIONS, "214", "241", "data_error", "value '214'", "is given as '241' instead of '214'",
    ),
    "all values that only numbers tell": (
        REGIONS, "[214, 167, 58]", "[428, 334, 116]", "data_error", "values", "3 of 3 are others",
    ),
    "values exchanged": (
        REGIONS, "[214, 167, 58]", "[167, 214, 58]", "data_error", "values '214' and '167'", "exchanged",
    ),
    "an outline that follows its number": (
        REGIONS.replace("size = [1.0, 0.8, 0.5]", "size = np.array(values) / 214"),
        "167", "107", "data_error", "value '167'", "is given as '107'",
    ),
    "error bars gone with their points": (
        POINTS, "ax.errorbar(x, y, yerr=0.5, fmt=\"none\", ecolor=\"black\", label=\"B\")\nax.scatter(x, y, color=\"orange\", zorder=3)",
        "", "data_error", "orange points", "are missing",
    ),
    "tiles with their names and numbers": (
        TREE, "[50, 25, 15, 10]", "[10, 15, 25, 50]", "data_error", "bar", "tiles are of other sizes",
    ),
    "ticks beyond the last value": (
        DATED, "ax.stackplot(years, [3, 5, 4, 6])\nax.set_xticks(years,", "ax.stackplot(years[:3], [3, 5, 4])\nax.set_xticks(years,",
        "data_error", "area", "points instead of",
    ),
    "violins with their quartiles": (
        VIOLINS, "* k) * k", "* k) * k * 0.7", "data_error", "", "differ",
    ),
    "series exchanged beside each other": (
        OFFSET, "[3, 5, 4, 6], \"o\", label=\"a\")\nax.plot(x + 0.1, [2, 3, 5, 1]",
        "[2, 3, 5, 1], \"o\", label=\"a\")\nax.plot(x + 0.1, [3, 5, 4, 6]",
        "data_error", "points 'a' and points 'b'", "exchanged",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_cause_is_one_discrepancy(name: str) -> None:
    before, old, new, category, location, words = ONE[name]
    assert old in before
    found, _ = compared(before, before.replace(old, new))
    assert len(found) == 1, found
    assert found[0].category == category
    assert location in found[0].location
    assert words in found[0].description


def test_a_number_that_contradicts_its_bar_is_a_wrong_text() -> None:
    wrong = BARS.replace(
        'f"{bar.get_height():g}"', 'f"{bar.get_height():g}".replace("25.5", "22.5")'
    )
    found, _ = compared(BARS, wrong)
    assert [one.category for one in found] == ["text_error"]


LADDERS = {
    "a bar that shrinks out of sight": (
        BARS + "ax.set_yscale('log'); ax.set_ylim(1, 50)", "25.5", ("24", "18", "6", "1.2", "0.5"),
    ),
    "a number without a form": (REGIONS, "167", ("163", "134", "67", "8")),
    "a note with a number": (
        "ax.plot([1, 2]); ax.text(0.5, 1.5, 'about 39 of them')", "39", ("37.8", "31", "12", "2"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LADDERS)
def test_the_grade_does_not_fall_as_the_error_grows(name: str) -> None:
    before, old, rungs = LADDERS[name]
    worst = []
    for wrong in rungs:
        found, _ = compared(before, before.replace(old, wrong))
        assert found
        worst.append(max(one.severity for one in found))
    assert worst == sorted(worst)
    assert worst[0] < worst[-1] == 3
