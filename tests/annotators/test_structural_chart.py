"""Charts compared: each difference once, at its cause, in its category, where it is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from charts_compared import BARS, BOXES, ERRORS, GROUPS, HEAT, LINES, PANELS, PIE, compared, draw

from annotators.structural.chart.compare import differences
from annotators.structural.pixels import PixelDifference

SCRIPTS = sorted((Path(__file__).parents[3] / "shared/data/chartmimic/ori_500").glob("*.py"))


# before, text to replace, its replacement, category, words that location and description hold.
ONE = {
    "value": (BARS, "25.5", "255", "data_error", "bar 'Q3'", "25.5 is drawn as 255"),
    "two values exchanged": (BARS, "12, 18", "18, 12", "data_error", "Q1", "exchanged"),
    "category left out": (
        BARS, '"Q3", "Q4"], [12, 18, 25.5, 9]', '"Q4"], [12, 18, 9]', "data_error", "x axis", "'Q3' is missing",
    ),
    "title typo": (BARS, "Quarterly sales", "Quartelry sales", "text_error", "title", "'Quartelry sales' instead of"),
    "title missing": (BARS, 'ax.set_title("Quarterly sales")', "", "text_error", "title", "missing"),
    "axis label": (BARS, "Sales (M$)", "Sales", "text_error", "y axis label", "'Sales' instead of"),
    "category renamed": (BARS, '"Q3"', '"Q8"', "text_error", "tick labels", "'Q8' instead of 'Q3'"),
    "categories renamed": (BARS, '"Q2", "Q3"', '"Q3", "Q2"', "text_error", "tick labels", "exchanged"),
    "bars lie down": (BARS, "ax.bar(", "ax.barh(", "structure_error", "bars", "horizontal bars"),
    "bars as line": (
        "ax.bar([1, 2, 3], [4, 6, 5])", "ax.bar(", "ax.plot(", "structure_error", "bars", "drawn as lines",
    ),
    "bar color": (BARS, "steelblue", "tomato", "style_error", "bars", "instead of steel blue"),
    "limits": (BARS, "ax.legend", "ax.set_ylim(0, 80); ax.legend", "data_error", "y axis limits", "to 80"),
    "log scale": (BARS, "ax.legend", "ax.set_yscale('log'); ax.legend", "data_error", "y axis", "logarithmic"),
    "axis upside down": (LINES, "(0, 6)", "(6, 0)", "data_error", "y axis", "other way round"),
    "legend missing": (LINES, 'ax.legend(loc="upper right")', "", "text_error", "legend", "missing"),
    "legend moved": (
        LINES, '"upper right"', '"lower left"', "text_error", "legend", "from upper right to lower left",
    ),
    "legend entry": (LINES, 'label="B"', 'label="8"', "text_error", "legend entry", "'8' instead of 'B'"),
    "labels exchanged": (
        LINES, '"A", color="tab:blue")\nax.plot(x, [2, 3, 5, 1, 4], label="B"',
        '"B", color="tab:blue")\nax.plot(x, [2, 3, 5, 1, 4], label="A"', "text_error", "legend entries", "exchanged",
    ),
    "color": (LINES, '"tab:blue"', '"tab:green"', "style_error", "line 'A'", "instead of blue"),
    "dashes": (LINES, '"--"', '"-"', "style_error", "line 'B'", "solid instead of dashed"),
    "marker": (LINES, '"s"', '"o"', "style_error", "line 'B'", "circles instead of squares"),
    "width": (LINES, 'color="tab:blue"', 'color="tab:blue", lw=5', "style_error", "line 'A'", "line width 5"),
    "opacity": (LINES, 'color="tab:blue"', 'color="tab:blue", alpha=0.2', "style_error", "line 'A'", "transparent"),
    "point": (LINES, "[1, 4, 2, 5, 3]", "[1, 4, 2, 0.5, 3]", "data_error", "line 'A'", "is 0.5 instead of 5"),
    "points exchanged": (LINES, "[1, 4, 2, 5, 3]", "[4, 1, 2, 5, 3]", "data_error", "line 'A'", "exchanged"),
    "series missing": (
        LINES, 'ax.plot(x, [5, 1, 4, 2, 2], label="C")', "", "data_error", "line 'C'", "is missing",
    ),
    "first series missing": (
        LINES.replace(', color="tab:blue"', "").replace(', color="tab:red"', ""),
        'ax.plot(x, [1, 4, 2, 5, 3], label="A")', "", "data_error", "line 'A'", "is missing",
    ),
    "data exchanged": (
        LINES, '[1, 4, 2, 5, 3], label="A", color="tab:blue")\nax.plot(x, [2, 3, 5, 1, 4]',
        '[2, 3, 5, 1, 4], label="A", color="tab:blue")\nax.plot(x, [1, 4, 2, 5, 3]', "data_error", "A", "exchanged",
    ),
    "line as points": (
        LINES, 'ax.plot(x, [1, 4, 2, 5, 3], label="A", color="tab:blue")',
        'ax.scatter(x, [1, 4, 2, 5, 3], label="A", color="tab:blue")', "structure_error", "line 'A'", "scattered points",
    ),
    "axis labels exchanged": (
        LINES, 'xlabel="week", ylabel="size"', 'xlabel="size", ylabel="week"', "text_error", "axis labels", "exchanged",
    ),
    "grid": (LINES, "ax.legend", "ax.grid(); ax.legend", "style_error", "grid", "extra"),
    "frame": (
        LINES, "ax.legend", "ax.spines[['top', 'right']].set_visible(False); ax.legend", "style_error", "border", "missing",
    ),
    "background": (LINES, "ax.legend", "ax.set_facecolor('#dddddd'); ax.legend", "style_error", "background", "light gray"),
    "font size": (LINES, 'ax.set(title="Growth"', 'ax.set(title="Growth"); ax.title.set_size(20); ax.set(visible=True', "style_error", "title", "font size 20"),
    "tick labels turned": (BARS, "ax.legend", "ax.tick_params(axis='x', rotation=60); ax.legend", "text_error", "x axis tick labels", "turned by 60"),
    "tick labels hidden": (BARS, "ax.legend", "ax.tick_params(labelleft=False); ax.legend", "text_error", "y axis tick labels", "missing"),
    "stacked": (
        GROUPS, "ax.bar(x + 0.2, [4, 2, 6], 0.4,", "ax.bar(x - 0.2, [4, 2, 6], 0.4, bottom=[3, 5, 4],",
        "structure_error", "bars", "stacked instead of side by side",
    ),
    "bar group missing": (
        GROUPS, 'ax.bar(x + 0.2, [4, 2, 6], 0.4, label="new", color="teal")', "", "data_error", "'new'", "missing",
    ),
    "colors exchanged": (
        GROUPS, 'color="gray")\nax.bar(x + 0.2, [4, 2, 6], 0.4, label="new", color="teal")',
        'color="teal")\nax.bar(x + 0.2, [4, 2, 6], 0.4, label="new", color="gray")', "style_error", "bars", "exchanged",
    ),
    "hatch": (GROUPS, 'color="teal"', 'color="teal", hatch="//"', "style_error", "'new'", "hatched"),
    "slice": (PIE, "[45, 25, 20, 10]", "[45, 25, 20, 40]", "data_error", "pie slice 'Other'", "instead of 10.0 %"),
    "slice label": (PIE, '"Food"', '"Foot"', "text_error", "Food", "'Foot' instead of 'Food'"),
    "pie as bars": (
        "ax.pie([45, 25, 30], labels=['a', 'b', 'c'])", "ax.pie([45, 25, 30], labels=['a', 'b', 'c'])",
        "ax.bar(['a', 'b', 'c'], [45, 25, 30])", "structure_error", "pie slices", "vertical bars",
    ),
    "subplot missing": (PANELS, "axs.flat", "axs.flat", "structure_error", "subplot (row 2, column 2)", "missing"),
    "subplots exchanged": (PANELS, '"wxyz"', '"xwyz"', "structure_error", "subplot (row 1, column 1)", "exchanged"),
    "layout turned": (
        PANELS.replace("2, 2,", "1, 4,"), "1, 4,", "4, 1,", "structure_error", "subplots", "4 x 1 instead of 1 x 4",
    ),
    "every panel": (PANELS, "panel.set_title", "panel.grid(); panel.set_title", "style_error", "all subplots", "grid lines are extra"),
    "titles exchanged": (
        PANELS, "panel.set_title(name)", "panel.set_title({'w': 'x', 'x': 'w'}.get(name, name))", "text_error", "title", "exchanged",
    ),
    "cell": (HEAT, "4, 5, 6", "4, 5.7, 6", "data_error", "heatmap", "5 is drawn as 5.7"),
    "color map": (HEAT, "viridis", "magma", "style_error", "heatmap", "color map magma instead of viridis"),
    "color bar": (HEAT, "fig.colorbar(image)", "", "structure_error", "color bar", "missing"),
    "box": (BOXES, "2, 4, 6, 8, 9", "2, 4, 5, 8, 9", "data_error", "box 'v'", "median 5 instead of 6"),
    "box as violin": (
        BOXES, "ax.boxplot(", "ax.set_xticks([1, 2, 3]); ax.violinplot(", "structure_error", "boxes", "violins",
    ),
    "error bars missing": (ERRORS, "yerr=[0.5, 0.4, 0.6]", "yerr=None", "data_error", "error bars", "missing"),
    "error bars longer": (ERRORS, "[0.5, 0.4, 0.6]", "[1, 0.8, 1.2]", "data_error", "error bars", "are longer"),
    "bins": (
        "ax.hist(np.sin(np.arange(200)), bins=10)", "bins=10", "bins=25", "data_error", "histogram", "25 bins instead of 10",
    ),
    "annotation missing": (LINES + "ax.text(2, 5.5, 'peak')", "ax.text(2, 5.5, 'peak')", "", "text_error", "peak", "missing"),
    "annotation moved": (LINES + "ax.text(2, 5.5, 'peak')", "(2, 5.5", "(3.5, 5.5", "text_error", "peak", "moved right"),
    "third axis": (
        "ax = plt.figure().add_subplot(projection='3d'); ax.plot([1, 2], [3, 4], [5, 6]); ax.set_zlabel('h')",
        "'h'", "'k'", "text_error", "z axis label", "'k' instead of 'h'",
    ),
    "polar": (
        "ax = plt.figure().add_subplot(projection='polar'); ax.plot([0, 1, 2], [1, 2, 3])",
        ", projection" if False else "projection='polar'", "", "structure_error", "axes", "rectangular instead of polar",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_error_is_one_discrepancy(name: str) -> None:
    before, old, new, category, location, words = ONE[name]
    assert old in before
    after = before.replace(old, new)
    if name == "subplot missing":
        after = before + "axs[1, 1].remove()"
    found, pixels = compared(before, after)
    assert len(found) == 1, found
    assert found[0].category == category
    assert location in found[0].location
    assert words in found[0].description
    assert found[0].box is not None
    assert pixels.inside(found[0].box)


REFERENCES = {
    "bars": BARS, "lines": LINES, "groups": GROUPS, "pie": PIE, "panels": PANELS, "heat": HEAT,
    "boxes": BOXES, "errors": ERRORS,
}  # fmt: skip


@pytest.mark.parametrize("name", REFERENCES)
def test_a_chart_does_not_differ_from_itself(name: str) -> None:
    _, scene = draw(REFERENCES[name])
    everywhere = PixelDifference(np.ones((scene.height_px, scene.width_px), dtype=bool), False)
    assert differences(scene, scene, everywhere) == []


SAME = {
    "calls": (
        'ax.bar([1, 2], [3, 4], color="r"); ax.set_title("T"); ax.set_xlabel("x")',
        'plt.bar([1], [3], color="#ff0000"); plt.bar([2], [4], fc=(1, 0, 0)); plt.title("T"); plt.xlabel("x")',
    ),
    "points": (
        'ax.scatter([1, 2], [3, 4], color="g", lw=1)',
        'ax.plot([1, 2], [3, 4], "o", color="green", ms=6)',
    ),
    "order of lines": (
        'ax.plot([1, 2], color="r"); ax.plot([3, 4], color="b")',
        'ax.plot([3, 4], color="b"); ax.plot([1, 2], color="r")',
    ),
    "ticks": (
        "ax.plot([0, 1, 2])",
        "ax.plot([0, 1, 2]); ax.set_xlim(*ax.get_xlim()); ax.set_ylim(*ax.get_ylim())",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_other_code_for_the_same_look_is_no_difference(name: str) -> None:
    (_, one), (_, two) = draw(SAME[name][0]), draw(SAME[name][1])
    everywhere = PixelDifference(np.ones((one.height_px, one.width_px), dtype=bool), False)
    assert differences(one, two, everywhere) == []


def test_several_errors_are_several_discrepancies() -> None:
    after = (
        BARS.replace("25.5", "255").replace("steelblue", "tomato").replace("Quarterly", "Weekly")
    )
    found, _ = compared(BARS, after)
    assert sorted(item.category for item in found) == ["data_error", "style_error", "text_error"]
    assert [item.severity for item in found] == sorted(
        (item.severity for item in found), reverse=True
    )


def test_a_difference_that_no_pixel_shows_is_dropped() -> None:
    before = "ax.bar([1, 2], [300, 1]); ax.set_ylim(0, 10)"
    found, pixels = compared(before, before.replace("300", "900"))
    assert pixels.identical
    assert found == []


def test_a_box_is_around_what_changed() -> None:
    found, pixels = compared(LINES, LINES.replace("Growth", "Growht"))
    assert pixels.box is not None
    assert found[0].box is not None
    left, top, right, bottom = found[0].box
    assert left <= pixels.box[0] + 1
    assert top <= pixels.box[1] + 1
    assert right >= pixels.box[2] - 1
    assert bottom >= pixels.box[3] - 1


def test_a_larger_error_is_not_graded_lower() -> None:
    grades = []
    for wrong in ("25.6", "27", "31", "60", "255"):
        found, _ = compared(BARS, BARS.replace("25.5", wrong))
        grades.append(found[0].severity if found else 0)
    assert grades == sorted(grades)
    assert grades[0] < grades[-1]


def test_charts_that_share_nothing_are_still_told() -> None:
    found, _ = compared(PIE, PANELS)
    assert found
    assert any(item.category == "structure_error" for item in found)
    found, _ = compared(HEAT, LINES)
    assert any(item.category == "structure_error" for item in found)


@pytest.mark.shared
@pytest.mark.skipif(not SCRIPTS, reason="no real scripts at ../shared/data")
@pytest.mark.parametrize("script", SCRIPTS[5::25], ids=lambda path: path.stem)
def test_real_charts_do_not_differ_from_themselves(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda *args, **kwargs: None)
    code = script.read_text(encoding="utf-8")
    (_, one), (_, two) = draw(code), draw(code)
    everywhere = PixelDifference(np.ones((one.height_px, one.width_px), dtype=bool), False)
    assert differences(one, two, everywhere) == []
