"""Values that are told by numbers only, and errors that take other things with them."""

from __future__ import annotations

import pytest
from charts_compared import BARS, compared, told_once

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
for name, size, x, color in zip(names, sizes, left, ["red", "green", "blue", "gold"]):
    ax.bar(x, size / 2 + 20, width=size, bottom=x / 9, align="edge", color=color)
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
        REGIONS, "[214, 167, 58]", "[428, 334, 116]", "data_error", "values", "3 of 3 differ",
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
        "data_error", "area", "a part is missing",
    ),
    "violins with their quartiles": (
        VIOLINS, "* k) * k", "* k) * k * (0.7 if k > 1 else 1)", "data_error", "", "differ",
    ),
    "violins on an axis with other numbers": (
        VIOLINS, "* k) * k", "* k) * k * 0.7", "data_error", "y axis limits", "from",
    ),
    "series exchanged beside each other": (
        OFFSET, "[3, 5, 4, 6], \"o\", label=\"a\")\nax.plot(x + 0.1, [2, 3, 5, 1]",
        "[2, 3, 5, 1], \"o\", label=\"a\")\nax.plot(x + 0.1, [3, 5, 4, 6]",
        "data_error", "blue points and orange points", "exchanged",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_cause_is_one_discrepancy(name: str) -> None:
    told_once(*ONE[name])


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


TABLE = """
ax.bar([0, 1, 2], [66, 174, 75])
ax.set_xticks([])
table = ax.table(cellText=[["66", "174", "75"], ["1 yr", "2 yr", "3 yr"]], colLabels=["Freeze", "Wind", "Flood"], loc="bottom")
ax.set_position([0.2, 0.3, 0.7, 0.6]); fig.set_layout_engine("none")
"""
ALONE = """
ax.axis("off")
ax.table(cellText=[["66", "174"], ["58", "381"]], colLabels=["Freeze", "Wind"], loc="center")
"""
TWIN = """
ax.plot([1, 2, 3], [10, 30, 20], color="red"); ax.set_ylabel("rain")
other = ax.twinx(); other.plot([1, 2, 3], [1, 3, 9], color="blue", ls="--"); other.set_ylabel("sun")
"""
NAMED = """
cats = ["North", "South", "East", "West"]
ax.plot(cats, [20, 34, 30, 35]); other = ax.twinx(); other.bar(cats, [3, 5, 2, 6], alpha=0.3)
"""
RING = """
ax.pie([60, 32, 37, 40], colors=["red", "blue", "green", "gold"], radius=1, wedgeprops=dict(width=0.3))
ax.pie([30, 30, 10, 8], colors=["teal", "navy", "olive", "pink"], radius=0.7, wedgeprops=dict(width=0.3))
"""
SHADED = """
ax.pie([15, 30, 45, 10], labels=["Frogs", "Hogs", "Dogs", "Logs"], shadow=True)
"""
GROUPED = """
x = np.arange(4)
for i, values in enumerate(([3, 5, 4, 6], [2, 7, 3, 5])):
    ax.bar_label(ax.bar(x + i * 0.4, values, 0.4, label="ab"[i]))
"""
STACKED = """
a, b = np.array([70, 31, 58]), np.array([82, 37, 66])
first = ax.bar(["x", "y", "z"], a, label="Below"); second = ax.bar(["x", "y", "z"], b, bottom=a, label="Above")
ax.bar_label(first, label_type="center"); ax.bar_label(second, label_type="center")
ax.legend()
"""
FIELD = """
z = np.add.outer(np.arange(6) ** 2, np.arange(6)).astype(float)
ax.contourf(z, 8, cmap="bone"); ax.contour(z, 4, colors="red")
"""
RELEASES = """
days, levels = [1, 4, 9, 12], [2, -2, 3, 1]
for day, level, name in zip(days, levels, "abcd"):
    ax.plot([day, day], [0, level], color="red")
    ax.annotate(name, (day, level), xytext=(-6, 3), textcoords="offset points")
ax.plot(days, [0] * len(days), "-", color="black")
"""

CLOUD = "ax.scatter([1, 2, 3], [3, 1, 2], s=300, c=['#bde0fe', '#ffc8dd', '#a2d2ff'])"
SIDES = """
men, women = [9.1, 10.2, 8.4], [8.7, 9.9, 7.1]
ax.barh(["x", "y", "z"], [-m for m in men]); ax.barh(["x", "y", "z"], women)
for at, (m, w) in enumerate(zip(men, women)):
    ax.text(-m, at, f"{m:.1f}", ha="right"); ax.text(w, at, f"{w:.1f}")
ax.set_xlim(-14, 14)
"""
RISING = """
before, after = [34, 51, 47], [48, 43, 66]
for one, two in zip(before, after):
    ax.plot([0, 1], [one, two], color="teal" if two > one else "coral")
"""
SHADES = """
z = np.array([[1.0, 8.0], [3.0, 6.0]])
ax.imshow(z, cmap="Blues", vmin=0, vmax=8)
for (i, j), value in np.ndenumerate(z):
    ax.text(j, i, f"{value:.0f}", color="white" if value > LIMIT else "black")
""".replace("LIMIT", "(8 if 'Reds' in ax.images[0].cmap.name else 4)")
BOTH = """
ax.imshow(np.eye(3)); ax.set_xticks(range(3), names := ["cat", "dog", "bird"]); ax.set_yticks(range(3), names)
"""
LOOP = """
x = np.arange(4)
for k, color in enumerate(("gold", "teal", "navy")):
    ax.plot(x, x * (k + 1), color=color, label="abc"[k]); ax.fill_between(x, x * (k + 1), color=color, alpha=0.2)
"""

SPACE = """
ax = plt.figure(figsize=(4, 4)).add_subplot(projection="3d")
ax.scatter([1, 2, 3], [3, 1, 2], [2, 2, 1], s=200, color="teal", edgecolors="teal", alpha=1)
"""
CANDLES = """
for x, low, high, color in ((0, 3, 5, "green"), (1, 4, 6, "red"), (2, 2, 5, "green"), (3, 5, 9, "green")):
    ax.bar(x, high - low, 0.98, bottom=low, color=color)
"""
ROSE = """
values = np.array([2, 5, 3, 8, 6, 4])
ax.bar(np.arange(6), values, color=plt.cm.viridis(values / 8))
"""
OUTSIDE = """
ax.plot([1, 2], label="a"); ax.plot([2, 1], label="b")
ax.legend(ncols=2, bbox_to_anchor=(0, 1), loc="lower left")
"""

CAUSES = {
    "edges of points in space": (SPACE, 'edgecolors="teal"', 'edgecolors="black"', "style_error", "points", "outline"),
    "opacity of points in space": (SPACE, "alpha=1", "alpha=0.3", "style_error", "points", "opacity"),
    "one candle of many": (CANDLES, "(3, 5, 9,", "(3, 5, 7,", "data_error", "green bar", "4 is drawn as 2"),
    "colors by value": (ROSE, "[2, 5, 3, 8", "[2, 5, 7, 8", "data_error", "bar", "3 is drawn as 7"),
    "a legend that enters the axes": (OUTSIDE, '"lower left"', '"upper left"', "text_error", "legend", "moved from above"),
    "a full pie for a ring": (RING, "radius=0.7, wedgeprops=dict(width=0.3)", "radius=0.7", "structure_error", "pie", "a full pie instead of a ring"),
    "one of many literal colors": (CLOUD, "#bde0fe", "#ff0000", "style_error", "points", "colors of points"),
    "a number written without its sign": (SIDES, "10.2", "5.2", "data_error", "bar 'y'", "-10.2 is drawn as -5.2"),
    "a color that tells of a value": (RISING, "[48,", "[28,", "data_error", "teal line", "28 instead of 48"),
    "letters on cells of other colors": (SHADES, '"Blues"', '"Reds"', "style_error", "heatmap", "color map Reds"),
    "names on both axes": (BOTH, '"cat", "dog"', '"dog", "cat"', "text_error", "x axis tick labels and y axis tick labels", "exchanged"),
    "all fillings of a loop": (LOOP, "; ax.fill_between(x, x * (k + 1), color=color, alpha=0.2)", "", "style_error", "gold line, teal line and navy line", "are not filled"),
    "a number of a table beside bars": (TABLE, '"174", "75"', '"147", "75"', "text_error", "cell '174'", "reads '147'"),
    "a number of a table alone": (ALONE, '"381"', '"318"', "data_error", "cell '381'", "reads '318'"),
    "a table that follows its bars": (
        TABLE.replace("[66, 174, 75]", "(v := [66, 174, 75])").replace('[["66", "174", "75"]', "[[str(n) for n in v]"),
        "174", "124", "data_error", "bar", "174 is drawn as 124",
    ),
    "a table is missing": (TABLE, "ax.set_position", "table.remove(); ax.set_position", "text_error", "table", "is missing"),
    "a row of a table": (ALONE, ', ["58", "381"]', "", "data_error", "table", "2 x 2 cells instead of 3 x 2"),
    "cells of another color": (
        ALONE, 'loc="center")', 'loc="center", cellColours=[["pink"] * 2] * 2)', "style_error", "table", "",
    ),
    "a twin merged into its axes": (
        TWIN, "other = ax.twinx()", "other = ax", "structure_error", "second axis", "is missing",
    ),
    "a category of twins": (
        NAMED, 'cats = ["North", "South", "East", "West"]\nax.plot(cats, [20, 34, 30, 35]); other = ax.twinx(); other.bar(cats, [3, 5, 2, 6]',
        'cats = ["North", "East", "West"]\nax.plot(cats, [20, 30, 35]); other = ax.twinx(); other.bar(cats, [3, 2, 6]',
        "data_error", "x axis", "category 'South' is missing",
    ),
    "slices of a ring exchanged": (RING, "37, 40", "40, 37", "data_error", "pie slice", "shares are exchanged"),
    "a slice with its shadow": (SHADED, "45", "85", "data_error", "pie slice 'Dogs'", "instead of"),
    "numbers on bars that are piled up": (GROUPED, "i * 0.4", "i * 0", "structure_error", "bars", "over each other"),
    "numbers on bars of an inverted axis": (GROUPED, "x = ", "ax.invert_xaxis(); x = ", "data_error", "x axis", "the other way round"),
    "bars whose foundation is gone": (
        STACKED, 'first = ax.bar(["x", "y", "z"], a, label="Below"); second = ax.bar(["x", "y", "z"], b, bottom=a, label="Above")\nax.bar_label(first, label_type="center"); ',
        'second = ax.bar(["x", "y", "z"], b, label="Above", color="C1")\n', "data_error", "bars of 'Below'", "are missing",
    ),
    "lines for filled contours": (FIELD, "ax.contour(", "ax.contourf(", "structure_error", "contour lines", "filled"),
    "a field from other values": (FIELD, "** 2", "** 3", "data_error", "contour lines", "2 contours differ"),
    "a date with all that stands on it": (
        RELEASES, "[1, 4, 9, 12], [2, -2, 3, 1]", "[1, 4, 9], [2, -2, 3]", "data_error", "black line", "a part is missing",
    ),
    "a note beside its anchor": (RELEASES, "xytext=(-6, 3)", "xytext=(-6, 14)", "text_error", "annotations", "other places"),
}  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
def test_what_goes_along_is_no_error_of_its_own(name: str) -> None:
    told_once(*CAUSES[name])


def test_a_box_holds_arrows_to_their_tips() -> None:
    field = "ax.quiver([0] * 3, [0] * 3, [3, -2, 1], [1, 2, -3], angles='xy', scale_units='xy', scale=1, color='gray')"
    field += "; ax.set(xlim=(-4, 4), ylim=(-4, 4))"
    found, pixels = compared(field, field.replace("gray", "red"))
    assert len(found) == 1
    box = found[0].box
    assert box is not None and pixels.box is not None
    assert all(abs(mine - seen) < 4 for mine, seen in zip(box, pixels.box, strict=True))
