"""Each kind of error in a person's words: one label that says what a viewer sees at once."""

from __future__ import annotations

import numpy as np
import pytest
from charts_compared import compared, draw, png, told_once
from numpy.typing import NDArray

from annotators.structural import compare
from renderers.contract import Picture, pixel_hash

PIE = 'ax.pie([40, 30, 20, 10], labels=list("abcd"), startangle=90)'
HEAT = """
cells = np.array([[8, 3, 6], [2, 9, 4], [5, 7, 1]])
plt.colorbar(ax.imshow(cells))
"""
CLOUDS = """
rng = np.random.default_rng(1)
ax.scatter(rng.normal(1, 0.3, 20), rng.normal(1, 0.3, 20), label="low")
ax.scatter(rng.normal(3, 0.3, 20), rng.normal(3, 0.3, 20), label="high")
ax.set(xlim=(0, 5), ylim=(0, 6))
ax.legend(loc="upper left")
"""
BOXES = "ax.boxplot([np.arange(20) + 10, np.arange(20) + 20]); ax.set(ylim=(0, 60))"
BAND = """
x = np.linspace(0, 6, 30)
ax.plot(x, np.sin(x), color="navy")
ax.fill_between(x, np.sin(x) - 0.2, np.sin(x) + 0.2, alpha=0.3)
ax.set_ylim(-2, 2)
"""
STACK = """
x = np.arange(9)
parts = {"coal": x * 0.2 + 2, "gas": 3 - np.sin(x), "wind": x * 0.5 + 1}
colors = {"coal": "dimgray", "gas": "peru", "wind": "seagreen"}
order = ["coal", "gas", "wind"]
ax.stackplot(x, [parts[name] for name in order], labels=order, colors=[colors[name] for name in order])
ax.legend(loc="upper left")
"""
CIRCLES = """
for x, color in ((0.35, "red"), (0.65, "blue")):
    ax.add_patch(plt.Circle((x, 0.5), 0.2, color=color, alpha=0.4))
ax.set(xlim=(0, 1), ylim=(0, 1))
"""
GRAPH = """
nodes = {"A": (0, 1), "B": (1, 2), "C": (2, 0)}
for one, two in ("AB", "BC", "AC"):
    ax.plot(*zip(nodes[one], nodes[two]), color="gray", zorder=1)
ax.scatter(*zip(*nodes.values()), s=300, zorder=2)
for name, at in nodes.items():
    ax.text(*at, name, ha="center", va="center")
"""
ARROWS = """
X, Y = np.meshgrid(np.arange(4), np.arange(4))
ax.quiver(X, Y, np.cos(X), np.sin(Y))
"""
DATED = """
days = np.datetime64("2023-01-01") + np.arange(90)
ax.plot(days, np.arange(90))
ax.axvline(np.datetime64("2023-02-14"), color="gray", linestyle=":")
"""
DOTS = """
x = np.arange(12)
dots = ax.scatter(x, x % 5, s=20 + 30 * x, c=x, cmap="plasma")
"""
FLOATING = 'ax.barh(["a", "b", "c"], [6, 4, 2], left=[1, 2, 3]); ax.set_xlim(0, 9)'
BINS = "ax.hist(np.r_[np.linspace(0, 3, 80), 9], bins=30)"
ERRORS = (
    'ax.errorbar([1, 2, 3], [2, 3, 4], yerr=[0.4, 0.6, 0.5], fmt="o", capsize=3); ax.set_ylim(0, 6)'
)
TWIN = """
ax.bar([1, 2, 3], [4, 6, 5], label="sales")
right = ax.twinx()
right.plot([1, 2, 3], [10, -30, 20], "o-", color="red", label="growth")
plt.gcf().legend()
"""
FILLED = """
x = np.linspace(0, 6, 40)
ax.fill_between(x, np.exp(-(x - 3) ** 2), facecolor="wheat", edgecolor="brown")
ax.set_ylim(0, 1.2)
"""
ROUND = """
ax.remove()
ax = plt.gcf().add_subplot(projection="polar")
ax.plot(np.arange(8) * np.pi / 4, [3, 5, 2, 6, 4, 5, 3, 4])
"""

NOTED = """
ax.plot([0, 4, 10], [1, 5, 3], "o--", color="navy")
ax.axvspan(2, 4, color="gray", alpha=0.2)
ax.annotate("best", xy=(9, 3.4), xytext=(3, 4.6), arrowprops={"arrowstyle": "->"})
ax.set_ylim(0, 6)
"""

INSET = """
ax.plot([0, 1, 2, 3], [0, 1, 4, 9])
part = ax.inset_axes([0.05, 0.6, 0.35, 0.35])
part.plot([0, 1], [0, 1], color="red")
"""
TILES = """
for x, width, name in ((0, 5, "Rice"), (5, 3, "Maize"), (8, 2, "Oats")):
    ax.add_patch(plt.Rectangle((x, 0), width, 4, edgecolor="white"))
    ax.text(x + width / 2, 2, name, ha="center")
ax.set(xlim=(0, 10), ylim=(0, 4), xticks=[], yticks=[])
"""
FITTED = """
x, y = np.arange(1, 9), np.array([2.2, 2.8, 3.6, 4.5, 5.1, 5.8, 7.2, 7.9])
fit = np.polyfit(x, y, 1)
ax.scatter(x, y, color="black")
ax.plot(x, np.polyval(fit, x), color="red")
ax.fill_between(x, np.polyval(fit, x) - 0.4, np.polyval(fit, x) + 0.4, color="red", alpha=0.2)
"""

GROUPED = """
at = np.arange(3)
drawn = (([5, 7, 3], "old", "tan", "//"), ([4, 6, 5], "new", "teal", ".."))
for number, (values, name, color, hatch) in enumerate(drawn):
    bars = ax.bar(at + 0.3 * number, values, 0.3, label=name, color=color, hatch=hatch)
    ax.bar_label(bars)
ax.set(ylim=(0, 9), xticks=[])
ax.legend()
"""
PILED = """
yes, no = np.array([6, 4, 7]), np.array([3, 4, 2])
ax.bar(["a", "b", "c"], yes, label="yes", color="green")
ax.bar(["a", "b", "c"], no, bottom=yes, label="no", color="red")
ax.legend()
"""

SAID = {
    "a whole series": (PILED, 'ax.bar(["a", "b", "c"], no, bottom=yes, label="no", color="red")', "ax.set_ylim(0, 9.45)", "data_error", "bars of 'no'", "are missing"),
    "no hatching": (GROUPED, 'hatch=hatch', "hatch=None", "style_error", "bars 'old' and 'new'", "not hatched"),
    "no numbers on bars": (GROUPED, "ax.bar_label(bars)", "pass", "text_error", "value labels", "6 numbers, such as '5' and '7', are missing"),
    "another order of series": (GROUPED, "enumerate(drawn)", "enumerate(drawn[::-1])", "structure_error", "bars", "series stand in another order: 'new' and 'old' instead of 'old' and 'new'"),
    "another order of a pile": (PILED, 'ax.bar(["a", "b", "c"], yes, label="yes", color="green")\nax.bar(["a", "b", "c"], no, bottom=yes,', 'ax.bar(["a", "b", "c"], yes, bottom=no, label="yes", color="green")\nax.bar(["a", "b", "c"], no,', "structure_error", "bars", "stacked in another order: 'no' and 'yes' instead of 'yes' and 'no', from below"),
    "an inset in another corner": (INSET, "[0.05, 0.6,", "[0.6, 0.05,", "structure_error", "inset", "moved from upper left to lower right"),
    "two tiles": (TILES, '(0, 5, "Rice"), (5, 3, "Maize")', '(0, 3, "Rice"), (3, 5, "Maize")', "data_error", "bars 'Rice' and 'Maize'", "some are wider, others narrower"),
    "the kind of letters": (NOTED, "ax.plot(", 'ax.tick_params(labelfontfamily="serif"); ax.plot(', "style_error", "x axis tick labels and y axis tick labels", "serif letters instead of sans-serif ones"),
    "what one slice loses another gains": (PIE, "[40, 30, 20, 10]", "[40, 30, 25, 5]", "data_error", "pie slices 'c' and 'd'", "25.0 % instead of 20.0 % and 5.0 % instead of 10.0 %"),
    "slices make room for one": (PIE, "[40, 30, 20, 10]", "[60, 30, 20, 10]", "data_error", "pie slice 'a'", "the other slices change along"),
    "a cell beyond the colors": (HEAT, "[2, 9, 4]", "[2, 9, 14]", "data_error", "row 2, column 3", "4 is drawn as 14"),
    "a cloud of points": (CLOUDS, "rng.normal(3, 0.3, 20), label", "rng.normal(4, 0.3, 20), label", "data_error", "points 'high'", "values are higher"),
    "a whole box": (BOXES, "+ 20]", "+ 26]", "data_error", "box '2'", "drawn higher: median 35.5 instead of 29.5"),
    "a wider band": (BAND, "- 0.2, np.sin(x) + 0.2", "- 0.4, np.sin(x) + 0.4", "data_error", "area", "wider than in the reference: 2 times"),
    "the order of a stack": (STACK, '["coal", "gas", "wind"]', '["gas", "coal", "wind"]', "structure_error", "areas", "'gas' and 'coal' instead of 'coal' and 'gas', from below"),
    "a moved circle": (CIRCLES, "(0.65, ", "(0.75, ", "data_error", "area", "lies further right, by up to 10 % of the axis"),
    "smaller circles": (CIRCLES, "0.2, color", "0.15, color", "data_error", "area", "smaller than in the reference: 0.75 times"),
    "an edge of a graph": (GRAPH, '"AB", "BC", "AC"', '"AB", "BC"', "data_error", "edge 'A - C'", "is missing"),
    "fewer arrows": (ARROWS, "np.meshgrid(np.arange(4)", "np.meshgrid(np.arange(0, 4, 2)", "data_error", "arrow field", "8 arrows instead of 16"),
    "turned arrows": (ARROWS, "np.sin(Y))", "-np.sin(Y))", "data_error", "arrow field", "12 of 16 arrows point elsewhere"),
    "a line at another date": (DATED, "2023-02-14", "2023-03-01", "data_error", "gray line", "at 2023-03-01 instead of 2023-02-14"),
    "points of one size": (DOTS, "20 + 30 * x", "120", "data_error", "points", "of one size instead of several sizes"),
    "points of one color": (DOTS, 'c=x, cmap="plasma"', 'color="purple"', "style_error", "points", "purple instead of colored by value"),
    "bars that float": (FLOATING, "left=[1, 2, 3]", "left=0", "structure_error", "bars", "start at 0 instead of floating"),
    "coarser bins": (BINS, "bins=30", "bins=15", "data_error", "histogram", "15 bins instead of 30"),
    "shorter error bars": (ERRORS, "[0.4, 0.6, 0.5]", "[0.2, 0.3, 0.25]", "data_error", "error bars", "3 of 3 are shorter"),
    "a lost axis with its legend entry": (TWIN, 'right.plot([1, 2, 3], [10, -30, 20], "o-", color="red", label="growth")', "right.remove()", "structure_error", "second axis", "is missing"),
    "the outline alone": (FILLED, 'ax.fill_between(x, np.exp(-(x - 3) ** 2), facecolor="wheat", edgecolor="brown")', 'ax.plot(x, np.exp(-(x - 3) ** 2), color="brown")', "style_error", "area", "is not filled"),
    "an outline": (FILLED.replace("brown", "none"), '"none"', '"orange", linewidth=3', "style_error", "area", "has an orange outline"),
    "angles from the top": (ROUND, "ax.plot(", "ax.set_theta_offset(np.pi / 2); ax.plot(", "data_error", "axes", "angles start at the top instead of at the right"),
    "a value of a round chart": (ROUND, "[3, 5, 2, 6", "[3, 5, 4, 6", "data_error", "line", "value at x = 1.5708 is 4 instead of 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_one_error_is_said_as_a_person_says_it(name: str) -> None:
    told_once(*SAID[name])


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [(HEAT, "[2, 9, 4]", "[2, 9, 14]"), (TWIN, "-30", "30")],
    ids=["colors run to another value", "points move along with their axis"],
)
def test_what_follows_from_a_wrong_value_is_explained_by_it(
    before: str, old: str, new: str
) -> None:
    (picture, scene), (other_picture, other_scene) = draw(before), draw(before.replace(old, new))
    found = compare((_picture(picture), scene), (_picture(other_picture), other_scene))
    assert len(found.discrepancies) == 1, found.discrepancies
    assert found.unexplained is None


def test_a_note_on_a_band_that_points_elsewhere_is_lost_beside_the_band() -> None:
    bare = "".join(
        line for line in NOTED.splitlines(True) if "axvspan" not in line and "annotate" not in line
    )
    found, _ = compared(NOTED, bare)
    assert sorted((one.location, one.description) for one in found) == [
        ("annotation 'best'", "is missing"), ("very light gray band", "is missing"),
    ]  # fmt: skip


def test_a_point_beside_a_curve_that_was_fitted_anew_keeps_its_own_value() -> None:
    found, _ = compared(FITTED, FITTED.replace("4.5, 5.1", "6.5, 5.1"))
    told = {one.location: one.description for one in found}
    assert told["black points"] == "y value at x = 4 is 6.5 instead of 4.5"
    assert "values are higher" in told["red line"]
    assert len(told) == 2


def test_a_longer_title_that_runs_over_the_edge_is_cut_off_there_and_has_not_moved() -> None:
    titled = (
        'ax = plt.figure(figsize=(5, 4)).add_axes([0.2, 0.1, 0.6, 0.7]); ax.set_title("Accuracy")\n'
    )
    longer = titled.replace(
        "Accuracy",
        "Accuracy of every single model that we have ever tried in all of our experiments",
    )
    found, _ = compared(titled, longer)
    told = [one.description for one in found]
    assert len(told) == 2
    assert told[0].startswith("reads 'Accuracy of every single")
    assert told[1] == "is cut off by the right edge of the picture"


def test_dashes_of_nearly_the_same_lengths_are_equal() -> None:
    assert compared(NOTED, NOTED.replace('"o--"', '"o", dashes=(4, 1.5)'))[0] == []
    [found] = compared(NOTED, NOTED.replace('"o--"', '"o:"'))[0]
    assert found.description == "dotted instead of dashed"


def _picture(pixels: NDArray[np.uint8]) -> Picture:
    height, width, _ = pixels.shape
    return Picture(png(pixels), width, height, pixel_hash(pixels.tobytes(), width, height))
