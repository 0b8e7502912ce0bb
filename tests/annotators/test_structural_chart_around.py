"""What stands around marks and texts is seen: outlines, shadows, corners, arrows, keys, line breaks, sides of ticks."""

from __future__ import annotations

import matplotlib.patheffects  # noqa: F401
import pytest

from tests.charts_compared import compared

CURVE = "ax.plot([0, 1, 2, 3], [1, 3, 2, 4], c='teal', label='run')\n"
ARROW = (
    CURVE
    + "ax.annotate('a', (1, 3), (2, 1.2), arrowprops={{'arrowstyle': '->', 'connectionstyle': 'arc3,rad={rad}'}})"
)
FIELD = "q = ax.quiver([0, 1, 2], [0, 1, 2], [1, 1, 1], [0, 1, 0])\n"
BOXES = "for i in (0, 3): ax.add_patch(plt.matplotlib.patches.FancyBboxPatch((i, 1), 2, 1, boxstyle='{form}'))\nax.set(xlim=(-1, 6), ylim=(0, 3))"
NOTE = (
    CURVE
    + "ax.text(1, 1.5, 'hi\\nthere', bbox={{'boxstyle': 'round,pad={pad}', 'fc': 'wheat'}}, linespacing={gap})"
)
NAMES = "ax.bar(['January', 'February'], [3, 5])\n"
OUTLINED = "path_effects=[plt.matplotlib.patheffects.withStroke(linewidth=6, foreground='k')]"

SEEN = {
    "curved to the other side": (ARROW.format(rad=0.4), ARROW.format(rad=-0.4), "curves to the other side"),
    "key of arrows": (FIELD + "ax.quiverkey(q, 0.8, 0.9, 1, '1 m/s')", FIELD, "annotation '1 m/s': is missing"),
    "part shown by an inset": (
        CURVE + "i = ax.inset_axes([0.6, 0.1, 0.3, 0.3], xlim=(0, 1), ylim=(2, 3))\nax.indicate_inset_zoom(i)",
        CURVE + "i = ax.inset_axes([0.6, 0.1, 0.3, 0.3], xlim=(0, 1), ylim=(2, 3))",
        "frame of the enlarged part, chart: is missing",
    ),
    "outline of a line": (CURVE.replace("c=", OUTLINED + ", c="), CURVE, "teal line: has no black outline around it"),
    "shadow of a legend": (CURVE + "ax.legend(loc=2, shadow=True, framealpha=0.8)", CURVE + "ax.legend(loc=2)", "legend: frame has no shadow"),
    "corners of boxes": (BOXES.format(form="round,pad=0.1"), BOXES.format(form="square,pad=0.1"), "have square corners instead of round corners"),
    "margin of a text's box": (NOTE.format(pad=0.3, gap=1.2), NOTE.format(pad=1, gap=1.2), "box margin 10 instead of 3"),
    "distance of lines": (NOTE.format(pad=0.3, gap=1.2), NOTE.format(pad=0.3, gap=2.5), "its lines stand farther apart"),
    "notch": ("ax.boxplot([[1, 2, 3, 4, 5, 6, 7]], notch=True)", "ax.boxplot([[1, 2, 3, 4, 5, 6, 7]])", "plain instead of notched"),
    "ticks on the right": (CURVE + "ax.tick_params(right=True)", CURVE, "tick marks at the right are missing"),
    "anchor of turned labels": (
        NAMES + "plt.xticks(rotation=30, ha='right')", NAMES + "plt.xticks(rotation=30)",
        "x axis tick labels: centered on their ticks instead of ending at their ticks",
    ),
    "labels far from the axis": (NAMES, NAMES + "ax.tick_params(axis='x', pad=15)", "farther from the axis"),
    "broken labels": ("ax.bar(['New\\nYork'], [1])", "ax.bar(['New York'], [1])", "1 of 1 written in 1 line instead of 2"),
    "title elsewhere": (CURVE + "ax.set_title('(a)', loc='left')\nax.set_title('T')", CURVE + "ax.set_title('(a)', loc='right')\nax.set_title('T')", "left title: at the right instead of the left"),
    "two titles exchanged": (CURVE + "ax.set_title('One')\nfig.suptitle('Two')", CURVE + "ax.set_title('Two')\nfig.suptitle('One')", "figure title and title: are exchanged"),
    "filling of a line": (CURVE + "ax.fill_between([0, 1, 2, 3], [1, 3, 2, 4], fc='tan')", CURVE, "teal line: is not filled"),
    "heads of edges": (
        "ax.annotate('', (1, 1), (0, 0), arrowprops={'arrowstyle': '->'})\nax.plot([0, 1], [0, 1], 'o')",
        "ax.plot([0, 1], [0, 1], 'k', lw=1)\nax.plot([0, 1], [0, 1], 'o', c='C0')", "has no arrow head",
    ),
    "ends of a color bar": (
        "fig.colorbar(ax.imshow([[1, 2], [3, 4]]), extend='max')", "fig.colorbar(ax.imshow([[1, 2], [3, 4]]))",
        "ends, color bar: no pointed ends instead of 1",
    ),
    "arrow beside a changed value": (
        CURVE + "ax.annotate('max', (3, 4), (2, 0.7), arrowprops={'arrowstyle': '->'})\nax.set_ylim(0, 5)",
        CURVE.replace("2, 4", "2.5, 4") + "ax.annotate('max', (1, 3), (2, 0.7), arrowprops={'arrowstyle': '->'})\nax.set_ylim(0, 5)",
        "annotation 'max': its arrow points elsewhere",
    ),
}  # fmt: skip

UNSEEN = {
    "small corners": (CURVE + "ax.legend(loc=2, fancybox=False)", CURVE + "ax.legend(loc=2)"),
    "a little more margin": (NOTE.format(pad=0.3, gap=1.2), NOTE.format(pad=0.31, gap=1.2)),
    "color inside an open head": (
        CURVE + "ax.annotate('', (1, 3), (2, 1.2), arrowprops={'arrowstyle': '->', 'fc': 'red'})",
        CURVE + "ax.annotate('', (1, 3), (2, 1.2), arrowprops={'arrowstyle': '->'})",
    ),
}


@pytest.mark.parametrize("case", SEEN)
def test_what_stands_around_is_named(case: str) -> None:
    reference, candidate, words = SEEN[case]
    labels, _ = compared(reference, candidate)
    told = [f"{one.location}: {one.description}" for one in labels if one.category != "data_error"]
    assert len(told) == 1
    assert words in told[0]


@pytest.mark.parametrize("case", UNSEEN)
def test_what_nobody_sees_is_no_label(case: str) -> None:
    assert compared(*UNSEEN[case])[0] == []
