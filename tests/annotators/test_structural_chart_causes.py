"""What follows from an error in a chart is in its box and is no error of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from charts_compared import BARS, GROUPS, LINES, PANELS, compared, draw

from annotators.structural.chart.compare import differences
from annotators.structural.chart.consequences import reflowed
from annotators.structural.pixels import PixelDifference
from records.rows import Discrepancy

OVERLAP = """
ax.bar([0, 1, 2], [3, 5, 4], color="gray", zorder=2)
ax.plot([0, 1, 2], [2, 4, 3], color="red", lw=6, zorder=3)
"""
GRIDDED = """
ax.bar([0, 1, 2], [3, 5, 4], color="gray")
ax.grid(True, color="black"); ax.set_axisbelow(True)
"""
VIOLINS = """
data = [np.sin(np.arange(40) * k) for k in (1, 2, 3)]
ax.violinplot(data, widths=0.8, showextrema=False)
"""
CONTOURS = """
z = np.add.outer(np.arange(6) ** 2, np.arange(6))
lines = ax.contour(z, colors="black"); ax.clabel(lines)
"""
MESH = "ax.pcolormesh(np.arange(12).reshape(3, 4), edgecolors='white', linewidth=2)"
SHEET = "ax.plot([1, 2, 3]); ax.set(title='t', xlabel='x', ylabel='y')"
SHARED = """
fig, axs = plt.subplots(1, 2, sharey=True, figsize=(6, 4))
axs[0].bar([0, 1], [3, 5]); axs[1].bar([0, 1], [2, 4])
"""
GRAPH = """
for (x, y), (u, v), name in (((0, 0), (2, 3), "a"), ((2, 3), (5, 1), "b")):
    ax.plot([x, u], [y, v], color="gray")
    ax.text((x + u) / 2, (y + v) / 2, name, rotation=np.degrees(np.arctan2(v - y, u - x)))
"""
DENSITY = """
x = np.linspace(0, 6, 300)
ax.plot(x, np.sin(x), color="teal", label="wave"); ax.fill_between(x, np.sin(x), color="teal", alpha=0.3)
ax.set_ylim(-4, 4)
"""
POINTED = (
    LINES
    + """
ax.annotate("", xy=(3, 3), xytext=(4, 5), arrowprops=dict(arrowstyle="->"))
"""
)
STANDALONE = """
fig.colorbar(plt.cm.ScalarMappable(plt.Normalize(0, 5), cmap="Reds"), ax=ax)
ax.plot([1, 2])
"""
BARE_TICKS = """
ax.barh(["a", "b", "c"], [3, 5, 4]); ax.spines[:].set_visible(False); ax.set_position([0.3, 0.2, 0.6, 0.7])
ax.tick_params(axis="y", length=0, pad=14)
"""
FLOATING = """
at = np.arange(3)
ax.bar(at, [5, 6, 4], 0.4, color="gray"); ax.bar(at + 0.4, [3, 2, 3], 0.4, color="teal")
ax.bar(at + 0.4, [2, 1, 2], 0.4, bottom=[3, 2, 3], color="gold"); ax.set_xlim(-0.5, 3)
"""
GROUPED_BOXES = """
for i in range(3):
    data = [np.sin(np.arange(20) * (i + j + 1)) + i for j in range(2)]
    ax.boxplot(data, positions=np.arange(2) * 4 + i, widths=0.8, manage_ticks=False)
ax.set(xlim=(-1, 7), xticks=[1, 5])
"""

# before, text to replace, its replacement, category, words of location and description.
ONE = {
    "painted behind": (OVERLAP, "zorder=3", "zorder=1", "style_error", "gray bar", "painted over red line"),
    "grid over bars": (GRIDDED, "set_axisbelow(True)", "set_axisbelow(False)", "style_error", "grid", "over the marks"),
    "narrow violins": (VIOLINS, "widths=0.8", "widths=0.4", "data_error", "violins 1, 2 and 3", "narrower"),
    "contour numbers": (CONTOURS, "ax.clabel(lines)", "", "text_error", "contour lines", "numbers on the lines are missing"),
    "lines between cells": (MESH, "'white'", "'black'", "style_error", "heatmap", "black"),
    "style sheet": (
        SHEET, "ax.plot", "ax.grid(color='red'); ax.set_facecolor('#dddddd'); ax.tick_params(color='red', length=9);"
        " ax.spines[:].set_color('red'); ax.tick_params(labelcolor='red'); ax.plot",
        "style_error", "whole chart", "another style",
    ),
    "shared limits": (SHARED, "[3, 5]", "[3, 9]", "data_error", "bar", "5 is drawn as 9"),
    "names along edges": (GRAPH, "(2, 3), (5, 1)", "(2, 3), (5, 2.5)", "data_error", "gray line", "2.5 instead of 1"),
    "filling under a curve": (DENSITY, "np.sin(x), color=\"teal\", label", "np.cos(x), color=\"teal\", label", "data_error", "teal line", "runs further left"),
    "tick marks beside names that stay": (BARE_TICKS, "length=0, pad=14", "length=6, pad=8", "style_error", "y axis ticks", "tick marks are extra"),
    "upper bars on others": (FLOATING, "at + 0.4, [2", "at, [2", "structure_error", "bars", "drawn over each other instead of side by side"),
    "boxes on each other": (GROUPED_BOXES, "* 4 + i", "* 4", "structure_error", "boxes", "drawn over each other instead of side by side"),
    "boxes apart": (GROUPED_BOXES.replace("* 4 + i", "* 4"), "* 4", "* 4 + i", "structure_error", "boxes", "side by side instead of drawn over each other"),
    "arrow missing": (POINTED, 'ax.annotate("", xy=(3, 3), xytext=(4, 5), arrowprops=dict(arrowstyle="->"))', "", "text_error", "arrow", "missing"),
    "color bar alone": (STANDALONE, "Reds", "Greys", "style_error", "color bar", "Greys instead of Reds"),
    "all of one color": (
        LINES, '"tab:blue")', '"black")', "style_error", "line 'A'", "black",
    ),
    "titles of a template": (
        PANELS.replace("set_title(name)", "set_title(f'Variant {ord(name)}')"), "Variant", "Varant",
        "text_error", "title, all subplots", "Varant",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_cause_is_one_discrepancy(name: str) -> None:
    before, old, new, category, location, words = ONE[name]
    assert old in before
    after = before.replace(old, new)
    if name == "filling under a curve":
        after = after.replace("ax.fill_between(x, np.sin(x)", "ax.fill_between(x, np.cos(x)")
    found, _ = compared(before, after)
    assert len(found) == 1, found
    assert found[0].category == category
    assert location in found[0].location
    assert words in found[0].description


def test_colors_that_run_otherwise_are_told_beside_cells_of_other_values() -> None:
    before = "z = [[1, 2, 3], [4, 5, 9]]; fig.colorbar(ax.imshow(z, vmin=0, vmax=10))"
    after = before.replace("[1, 2, 3]", "[3, 2, 1]").replace("vmax=10", "vmax=5")
    found, _ = compared(before, after)
    assert {(one.category, one.description) for one in found} == {
        ("data_error", "the values of two cells are exchanged (row 1, column 1)"),
        ("data_error", "colors run from 0 to 5 instead of 0 to 10"),
    }
    follows = before.replace(", vmin=0, vmax=10", "")
    found, _ = compared(follows, follows.replace("9]]", "30]]"))
    assert [one.description for one in found] == ["9 is drawn as 30"]


def _outside(found: list[Discrepancy], pixels: PixelDifference) -> float:
    """Share of the changed pixels that lie in no box."""
    left = pixels.changed.copy()
    for one in found:
        assert one.box is not None
        x0, y0, x1, y1 = (round(edge) for edge in one.box)
        left[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3] = False
    return float(left.sum() / pixels.changed.sum())


FIXED = "ax.set_position([0.2, 0.2, 0.7, 0.7]); fig.set_layout_engine('none')"
ALONG: dict[str, tuple[str, Callable[[str], str]]] = {
    "number on a bar": (BARS + FIXED, lambda code: code.replace("25.5", "24")),
    "limits that follow": (BARS + FIXED, lambda code: code.replace("25.5", "50")),
    "legend of another width": (LINES + FIXED, lambda code: code.replace('label="B"', 'label="B and more"')),
    "ticks with a grid": (
        LINES + FIXED + "; ax.set_yticks([0, 2, 4, 6]); ax.grid()",
        lambda code: code.replace("[0, 2, 4, 6]", "[0, 2, 5, 6]"),
    ),
    "group of bars": (GROUPS + FIXED, lambda code: code.replace("[4, 2, 6]", "[4, 2, 12]")),
}  # fmt: skip


@pytest.mark.parametrize("name", ALONG)
def test_a_box_holds_what_goes_along(name: str) -> None:
    before, changed = ALONG[name]
    found, pixels = compared(before, changed(before))
    assert found
    assert _outside(found, pixels) < 0.1


def test_a_layout_that_gave_way_is_told_apart() -> None:
    _, scene = draw(LINES)
    _, moved = draw(LINES.replace('ylabel="size"', 'ylabel=""'))
    _, kept = draw(LINES.replace('ylabel="size"', 'ylabel="sise"'))
    assert reflowed(scene, moved)
    assert not reflowed(scene, kept)


def test_marks_in_another_order_that_nobody_sees_are_none() -> None:
    apart = "ax.bar([0], [3], color='gray', zorder={}); ax.plot([2, 3], [1, 2], zorder=2)"
    found, pixels = compared(apart.format(1), apart.format(3))
    assert not pixels.changed.any()
    assert found == []
    _, scene = draw(apart.format(1))
    _, other = draw(apart.format(3))
    everywhere = PixelDifference(np.ones((scene.height_px, scene.width_px), dtype=bool), False)
    assert differences(scene, other, everywhere) == []
