"""Charts that somebody else wrote from the picture: what looks the same has no label, what is seen has one."""

from __future__ import annotations

import pytest
from charts_compared import compared

SAMPLE = "from matplotlib.patches import Patch; ax.bar(['A', 'B'], [3, 5], color='teal'); ax.legend(handles=[Patch({look}, label='one')])"
DOSES = "ax.plot({at}, [4, 10, 25, 51, 78, 91], 'o-'); ax.set_xlim({ends}); {ticks}"
BY_VALUE = DOSES.format(
    at=[0.1, 0.3, 1, 3, 10, 30], ends="0.075, 40",
    ticks="ax.set_xscale('log'); ax.set_xticks([0.1, 0.3, 1, 3, 10, 30], ['0.1', '0.3', '1', '3', '10', '30']); ax.minorticks_off()",
)  # fmt: skip
BY_NAME = DOSES.format(
    at=["0.1", "0.3", "1", "3", "10", "30"], ends="-0.25, 5.25", ticks=""
)  # fmt: skip
GROUPED = "x = np.arange(2); [ax.bar(x + {step} * (i - 1), [3 + i, 5 + i], {step}) for i in range(3)]; ax.set_xticks(x, ['A', 'B']); ax.set_xlim(-0.5, 1.5)"
FAINT = "ax.plot([1, 2, 3]); ax.grid(alpha={opacity}, ls='{dash}')"
PIE = "ax.pie([30, 50, 20], labels=['A', 'B', 'C'], radius={radius}, startangle={turn}); ax.set(xlim=(-{room}, {room}), ylim=(-{room}, {room}))"
TILES = "from matplotlib.patches import Rectangle; [ax.add_patch(Rectangle((x, y), w, h, color=c)) for x, y, w, h, c in [(0, 0, {wide}, 1, 'teal'), ({wide} + 0.02, 0, 0.98 - {wide}, {high}, 'gold'), ({wide} + 0.02, {high} + 0.02, 0.98 - {wide}, 0.98 - {high}, 'red')]]; ax.set_axis_off()"
BOXES = "ax.boxplot([[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]], widths={width}, capwidths={width}); ax.set_ylim(0, 8)"
WHISKERS = "ax.errorbar([1, 2, 3], [4, 6, 5], yerr=[1, {length}, 1], fmt='o'); ax.set_ylim(0, 10)"
INSET = "fig.set_layout_engine('none'); x = np.linspace(0, 10, 21); ax.plot(x, x**2); {inset}; inner.plot(x, x**2, marker='o'); inner.set(xlim=(2, 4), ylim=(4, 16)); {mark}"
OLD_INSET = INSET.format(
    inset="from mpl_toolkits.axes_grid1.inset_locator import inset_axes, mark_inset; inner = inset_axes(ax, '40%', '40%', bbox_to_anchor=(0, 0, 1, 0.98), bbox_transform=ax.transAxes, loc='upper left')",
    mark="mark_inset(ax, inner, 2, 4, fc='none', ec='#808080')",
)
NEW_INSET = OLD_INSET.replace(
    "mark_inset(ax, inner, 2, 4, fc='none', ec='#808080')",
    "ax.indicate_inset_zoom(inner, edgecolor='#808080', alpha=1)",
)

FIELD = "ax.quiver([0, 0, 0], [0, 0, 0], {u}, {v}, angles='xy', scale_units='xy', scale=1); ax.set(xlim=(-3, 3), ylim=(-3, 3))"
MEANS = "ax.boxplot([[1, 2, 3, 4, 5], [3, 4, 5, 6, 7, {top}]], whis=9, showmeans=True); ax.set_ylim(0, 40)"
POINTED = "ax.plot([1, 2, 3]); ax.annotate('peak', (1, {tip}), (1.2, 1.2), arrowprops={{'arrowstyle': '->'}}); ax.set(ylim=(0, {top}))"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SAMPLE.format(look="facecolor='teal'"), SAMPLE.format(look="color='teal'")),
        (BY_VALUE, BY_NAME),
        (BY_NAME, BY_VALUE),
        (GROUPED.format(step=0.25), GROUPED.format(step=0.24)),
        (FAINT.format(opacity=0.3, dash="--"), FAINT.format(opacity=0.3, dash="-")),
        (PIE.format(radius=1.2, turn=52, room=1.5), PIE.format(radius=1.0, turn=53, room=1.25)),
        (TILES.format(wide=0.6, high=0.4), TILES.format(wide=0.61, high=0.41)),
        (BOXES.format(width=0.5), BOXES.format(width=0.55)),
        (WHISKERS.format(length=1), WHISKERS.format(length=1.08)),
        (INSET.format(inset="inner = ax.inset_axes([0.1, 0.5, 0.4, 0.4])", mark=""),
         INSET.format(inset="inner = ax.inset_axes([0.1, 0.5, 0.4, 0.4])", mark="").replace(
             "inner.plot(x, x**2,", "inner.plot(x[4:9], x[4:9]**2,")),
        (FIELD.format(u=[1, 2, -1], v=[0.5, -1, 1]), FIELD.format(u=[-1, 1, 2], v=[1, 0.5, -1])),
        (MEANS.format(top=9), MEANS.format(top=9.15)),
        (POINTED.format(tip=2, top=4), POINTED.format(tip=2.04, top=4)),
    ],
)  # fmt: skip
def test_what_looks_the_same_has_no_label(before: str, after: str) -> None:
    found, _ = compared(before, after)
    assert not found, found


@pytest.mark.parametrize(
    ("before", "after", "location", "words"),
    [
        (BY_VALUE, BY_NAME.replace("[4, 10, 25", "[4, 10, 35"), "line", "y value at x = 1 is 35 instead of 25"),
        (TILES.format(wide=0.6, high=0.4), TILES.format(wide=0.72, high=0.55), "bar", "3 tiles are of other sizes"),
        (PIE.format(radius=1.2, turn=50, room=1.5), PIE.format(radius=1.2, turn=55, room=1.5), "pie", "turned by 5 degrees"),
        ("ax.plot([1, 2]); ax.set_ylim(0, 3); ax.grid(axis='y', which='major')",
         "ax.plot([1, 2]); ax.set_ylim(0, 3); ax.set_yticks((ax.get_yticks()[1:] + ax.get_yticks()[:-1]) / 2, minor=True); ax.tick_params(which='minor', length=0); ax.grid(axis='y', which='minor')",
         "grid", "lines along y run between the ticks"),
        ("ax.plot([1, 2], label='A'); ax.legend(loc='lower center', bbox_to_anchor=(0.5, 1))",
         "ax.plot([1, 2], label='A'); ax.legend(loc='lower center', bbox_to_anchor=(0.5, 1.08))",
         "legend", "leaves a larger gap to the axes"),
        ("ax.annotate('', (0.2, 0.2), (0.8, 0.8), arrowprops={'arrowstyle': '-|>', 'color': 'red', 'lw': 2, 'mutation_scale': 30})",
         "ax.annotate('', (0.2, 0.2), (0.8, 0.8), arrowprops={'arrowstyle': '->', 'color': 'red', 'lw': 2, 'mutation_scale': 30})",
         "arrow", "has an open head instead of a filled head"),
        ("ax.plot([1, 2]); ax.set_title('Name', family='DejaVu Sans', size=14)",
         "ax.plot([1, 2]); ax.set_title('Name', family='DejaVu Sans', size=14, weight='bold')", "title", "bold instead of normal"),
        ("ax.boxplot([[1, 2, 3, 4, 9]], patch_artist=True, flierprops={'markerfacecolor': 'red'})",
         "ax.boxplot([[1, 2, 3, 4, 9]], patch_artist=True, flierprops={'markerfacecolor': 'none'})", "box", "outliers: is not filled"),
    ],
)  # fmt: skip
def test_what_is_seen_is_one_label(before: str, after: str, location: str, words: str) -> None:
    (found,), _ = compared(before, after)
    assert location in found.location
    assert words in found.description


def test_the_numbers_of_a_polar_chart_may_stand_along_another_radius() -> None:
    wheel = "ax.remove(); ax = fig.add_subplot(projection='polar'); ax.plot([0, 1, 2], [1, 2, 3]); ax.set_rlabel_position({at})"
    (found,), _ = compared(wheel.format(at=22.5), wheel.format(at=90))
    assert (found.location, found.description) == (
        "radial axis tick labels",
        "stand at another angle",
    )


def test_many_slight_values_are_no_severe_error() -> None:
    """14 of 20 points are off by 3 to 5 % of the axis: a redrawn curve, not one of other data."""
    curve = "x = np.arange(20); ax.plot(x, np.sin(x) + {off} * (x % 3 > 0)); ax.set_ylim(-1.5, 1.5)"
    (found,), _ = compared(curve.format(off=0), curve.format(off=0.13))
    assert found.severity == 2


def test_an_inset_is_tied_to_its_part_by_either_call() -> None:
    found, _ = compared(OLD_INSET, NEW_INSET)
    assert not [one for one in found if "area" in one.location or "frame" in one.location], found


def test_letters_of_numbers_that_moved_are_compared_if_all_changed_alike() -> None:
    notes = "ax.plot([1, {v}, 3]); ax.set_ylim(0, 9); [ax.text(i, i + {v}, f'{{i}}0 %', size={size}) for i in (0, 1)]"
    found, _ = compared(notes.format(v=2, size=14), notes.format(v=4, size=9))
    assert any(one.description.startswith("smaller: font size") for one in found), found


CELLS = "import matplotlib.ticker; z = np.array({z}); "
PARTED = "ax.pcolormesh(z, edgecolors='white', linewidth=2); ax.set_xticks([]); ax.set_yticks([])"
GRIDDED = "ax.pcolormesh(z); ax.set_xticks([]); ax.set_yticks([]); ax.set_xticks([0, 1, 2], minor=True); ax.set_yticks([0, 1, 2], minor=True); ax.tick_params(which='minor', length=0); ax.grid(which='minor', color='white', lw=2)"


def test_cells_may_be_parted_by_a_grid_and_colored_by_other_numbers() -> None:
    """Without a color bar and numbers in the cells, a viewer sees colors only."""
    few, shares = [[3, 22], [9, 14]], [[0.0, 1.0], [6 / 19, 11 / 19]]
    found, _ = compared(CELLS.format(z=few) + PARTED, CELLS.format(z=shares) + GRIDDED)
    assert not found, found
    found, _ = compared(CELLS.format(z=few) + PARTED, CELLS.format(z=[[0, 1], [0.9, 0.6]]) + PARTED)
    assert [one.location for one in found] == ["heatmap, row 1, column 1"]


def test_a_wall_that_is_white_looks_like_one_that_is_not_filled() -> None:
    room = "ax.remove(); ax = fig.add_subplot(projection='3d'); ax.plot([0, 1], [0, 1], [0, 1]); ax.xaxis.pane.{pane}"
    found, _ = compared(room.format(pane="fill = False"), room.format(pane="set_facecolor('#fdfdfd80')"))  # fmt: skip
    assert not found, found
    (found,), _ = compared(room.format(pane="fill = False"), room.format(pane="set_facecolor('gold')"))  # fmt: skip
    assert found.location == "x wall"


def test_a_note_may_stand_elsewhere_and_point_elsewhere() -> None:
    """Two errors, and neither if other limits alone move the note and what it points at."""
    elsewhere = POINTED.replace("(1.2, 1.2)", "(1.2, 2.8)")
    found, _ = compared(POINTED.format(tip=2, top=4), elsewhere.format(tip=1, top=4))
    assert sorted(one.description for one in found) == ["its arrow points elsewhere", "moved up"]
    found, _ = compared(POINTED.format(tip=2, top=4), POINTED.format(tip=2, top=8))
    assert [one.location for one in found] == ["y axis limits"]


def test_a_legend_of_twin_axes_follows_the_line_on_the_other_one() -> None:
    twins = "ax.bar([1, 2], [3, 4], label='A'); bx = ax.twinx(); (line,) = bx.plot([1, 2], [5, 3], 'o-', ms={size}, label='B'); ax.legend(handles=[ax.containers[0], line])"
    (found,), _ = compared(twins.format(size=9), twins.format(size=5))
    assert (found.location, found.description) == (
        "line 'B', second axis",
        "smaller: marker size 5 instead of 9",
    )
