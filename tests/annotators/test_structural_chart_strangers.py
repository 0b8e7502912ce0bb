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
RING = "ax.plot({x}, {y}, lw=2); ax.axis([-1, 5, -1, 5])"
NET = "ax.plot({x}, {y}, 'o', ms=15); [ax.plot([{x}[i], {x}[i + 1]], [{y}[i], {y}[i + 1]], 'gray') for i in range(4)]; ax.set_axis_off()"
SHARED = "fig, (ax, up) = plt.subplots(2, 1, gridspec_kw={{'hspace': 0}}); ax.bar([1, 2], [3, 4]); up.plot([1, 2], [3, 1]); ax.set_xticks([]); ax.spines[:].set_visible(False); ax.spines['bottom'].set_visible({})"
COVER = "ax.set(xlim=(0, 4), ylim=(0, 4)); {} ax.scatter([2], [2], s=5000, color='gold', zorder=9)"
TITLED = f"{BOTH}; ax.set_title('A long title here'); ax.legend(loc='lower center', bbox_to_anchor=(0.5, {{}}), ncol=2)"
TWINS = "ax.plot([1, 2, 3]); up = ax.twinx(); up.plot([30, 20, 10], 'g'); up.set_ylabel('P', color='g'); {}"
KEYS = "ax.plot([1, 4, 2], label='a'); ax.legend(loc='upper left', bbox_to_anchor=({}))"
SOLD = "ax.bar_label(ax.bar(list('ABC'), {}), fmt='{}')"
BEHIND = "{}; ax.bar([1, 2], [4, 5], color='gold')"
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
    "bars without an axis": (
        "ax.bar([1, 2, 3], [4, 2, 3]); ax.set_yticks([])", "ax.bar([1, 2, 3], [4, 3, 3]); ax.set_yticks([])",
        "data_error", "blue bar 2",
    ),
    "a smaller pie": (
        "ax.pie([1, 2, 3], labels=list('abc')); ax.set(xlim=(-2, 2), ylim=(-2, 2))",
        "ax.pie([1, 2, 3], labels=list('abc'), radius=0.7); ax.set(xlim=(-2, 2), ylim=(-2, 2))",
        "style_error", "whole chart",
    ),
    "a legend over the title": (TITLED.format(1.1), TITLED.format(0.98), "text_error", "legend"),
    "ticks and their labels": (
        TWINS.format(""), TWINS.format("up.tick_params(axis='y', colors='g')"), "style_error", "y axis tick labels, second axis",
    ),
    "ticks without labels": (
        "ax.plot([1, 3]); ax.set_xticks([0.2, 0.5], ['', '']); ax.set_yticks([])",
        "ax.plot([1, 3]); ax.set_xticks([0.3, 0.6], ['', '']); ax.set_yticks([])", "style_error", "x axis ticks",
    ),
    "a legend beside its place": (KEYS.format("0.02, 0.98"), KEYS.format("0.02, 0.86"), "text_error", "legend"),
    "numbers of another format": (
        SOLD.format([1000, 2500, 1800], "%d"), SOLD.format([1, 2.5, 1.8], "%.1f"), "data_error", "y axis limits",
    ),
    "a point whose size goes with its value": (
        "ax.scatter([1, 2, 3, 4], [10, 20, 15, 30], s=[50, 100, 150, 400])",
        "ax.scatter([1, 2, 3, 4], [10, 20, 15, 3], s=[50, 100, 150, 40])", "data_error", "blue points",
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
    "a closed line from another corner": (
        RING.format(x=[0, 4, 4, 0, 0], y=[0, 1, 4, 3, 0]), RING.format(x=[4, 4, 0, 0, 4], y=[1, 4, 3, 0, 1]),
    ),
    "a graph in other units": (
        NET.format(x=[0, 10, 30, 20, 5], y=[40, 45, 50, 60, 50]), NET.format(x=[0, 0.1, 0.3, 0.2, 0.05], y=[0, 5, 10, 20, 10]),
    ),
    "whose the line between two subplots is": (SHARED.format(True), SHARED.format(False)),
    "a text that a disc covers": (COVER.format("ax.text(1.9, 1.9, '14');"), COVER.format("")),
    "a name that stands nowhere": (CURVE, CURVE.replace("label='a'", "label='b'")),
    "letters of a formula, slanted or not": (
        "ax.set_xlabel('X$_1$', style='italic', size=14)", "ax.set_xlabel('$X_1$', size=14)",
    ),
    "error bars in another order": (
        "ax.errorbar([1, 2, 3], [4, 6, 5], [1, 2, 0.5], fmt='none')", "ax.errorbar([3, 1, 2], [5, 4, 6], [0.5, 1, 2], fmt='none')",
    ),
    "a bar behind another one": (BEHIND.format("ax.bar([1], [2])"), BEHIND.format("pass")),
    "the points of a straight line": ("ax.plot(range(50))", "ax.plot([0, 49], [0, 49])"),
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
    assert [one.location for one in found] == ["blue line", "top border"]


def test_what_no_axis_tells_is_not_told_in_numbers() -> None:
    base = "ax.bar([1, 2, 3], [4, 2, 3]); ax.set_yticks([])"
    [bar], _ = compared(base, base.replace("[4, 2, 3]", "[4, 3, 3]"))
    assert bar.description == "longer by 50 %"
    base = "ax.plot([0, 1, 2, 3, 4], [1, 3, 2, 4, 1]); ax.axis('off'); ax.set_ylim(0, 10)"
    [line], _ = compared(base, base.replace("3, 2, 4", "3, 5, 4"))
    assert line.description == "1 of 5 points is elsewhere, by up to 30 % of the axis"


def test_points_that_are_all_smaller_are_a_style() -> None:
    base = "ax.scatter([1, 2, 3], [1, 2, 1], s=[{}, {}, {}])"
    [smaller], _ = compared(base.format(400, 200, 300), base.format(200, 100, 150))
    assert (smaller.category, smaller.severity) == ("style_error", 1)
    assert smaller.description == "smaller: marker size by 29 %"


def test_numbers_that_stand_nearer_to_their_bars_are_one_label() -> None:
    base = "ax.bar(range(4), [3, 5, 4, 6]); ax.set_ylim(0, 8)\nfor i, v in enumerate([3, 5, 4, 6]): ax.text(i, v + {}, f'{{v}}', ha='center')"
    [moved], _ = compared(base.format(0.6), base.format(0.1))
    assert moved.description == "4 stand nearer to their bars"


def test_most_of_a_line_clearly_elsewhere_is_no_slight_error() -> None:
    base = "ax.plot(range(6), {}); ax.set_ylim(60, 100)"
    line = [70, 72, 74, 73, 75, 78]
    [moved], _ = compared(base.format(line), base.format([value + 4 for value in line]))
    assert (moved.category, moved.severity) == ("data_error", 2)


def test_another_kind_of_chart_hides_no_lost_words() -> None:
    bars = "ax.bar([0, 1, 2], [3, 4, 2]); ax.set_ylim(0, 6); ax.text(0, 3.1, '3'); ax.text(1.2, 4.3, 'record')"
    line = "ax.plot([0, 1, 2], [3, 4, 2], 'o-'); ax.set_ylim(0, 6)"
    found, _ = compared(bars, line)
    assert [(one.category, one.description) for one in found] == [
        ("structure_error", "drawn as lines instead of vertical bars"), ("text_error", "is missing")
    ]  # fmt: skip


def test_a_color_bar_that_only_moved_belongs_to_no_lost_contours() -> None:
    base = "z = np.outer(np.hanning(9), np.hanning(9)); im = ax.imshow(z); {} fig.colorbar(im, shrink={})"
    found, _ = compared(base.format("ax.contour(z, colors='k');", 1), base.format("", 0.7))
    bar = next(one.box for one in found if one.location == "color bar")
    lines = next(one.box for one in found if "contour" in one.location)
    assert lines[2] < bar[0]


def test_the_median_lines_of_boxes_are_named() -> None:
    base = "ax.boxplot([[1, 2, 3, 4], [2, 4, 5, 7]], medianprops={{'color': '{}', 'lw': 3}})"
    [medians], _ = compared(base.format("orange"), base.format("red"))
    assert medians.description == "median lines red instead of orange"


def test_a_black_hairline_is_gray() -> None:
    base = "ax.plot([0, 2], [1, 2], color='black', alpha={}, lw={})"
    found, _ = compared(base.format(0.25, 1.5), base.format(1, 0.5))
    assert "dark gray instead of light gray" in {one.description for one in found}


def test_a_gap_that_both_lines_have_is_no_wrong_value() -> None:
    base = "ax.plot(range(10), [1, {}, {}, np.nan, 5, 6, {}, 8, 9, 10], marker='o')"
    [line], _ = compared(base.format(2, 3, 7), base.format(4, 6, 3))
    assert line.description == "3 of 10 values differ; y value at x = 6 is 3 instead of 7"


GAPS = {
    "a point of a line": ("ax.plot(range(8), [1, 2, 3, {}, 5, 6, 7, 8], marker='o')", "the point at x = 3 is {word}"),
    "a piece of a straight line": ("ax.plot(range(8), [1, 2, 3, {}, {}, 6, 7, 8])", "has {article} gap at x = 3"),
    "a cell": ("ax.imshow([[1, {}, 3], [4, 5, 6]])", "{cell}"),
    "a bar": ("ax.bar(range(4), [1, {}, 3, 4])", "is {word}"),
}  # fmt: skip


@pytest.mark.parametrize("name", GAPS)
@pytest.mark.parametrize("lost", [True, False])
def test_what_has_no_number_is_missing_and_not_another_value(name: str, *, lost: bool) -> None:
    base, words = GAPS[name]
    whole, parted = base.format(4, 4.5), base.format("np.nan", "np.nan")
    [found], _ = compared(whole, parted) if lost else compared(parted, whole)
    cell = "is blank instead of 4" if lost else "shows 4 instead of being blank"
    word, article = ("missing", "a") if lost else ("extra", "no")
    assert found.description == words.format(word=word, article=article, cell=cell)


def test_a_heatmap_of_which_most_is_hidden_does_not_show_lower_values() -> None:
    base = "z = np.arange(16.0).reshape(4, 4); {}; ax.imshow(z, vmin=0, vmax=15)"
    hidden = base.format("z[np.triu_indices(4)] = np.nan")
    [found], _ = compared(base.format("pass"), hidden)
    assert (found.description, found.severity) == ("10 of 16 cells are blank", 3)


@pytest.mark.parametrize("lost", [True, False])
def test_an_area_in_two_pieces_has_one_label(*, lost: bool) -> None:
    base = "ax.fill_between(range(6), [1, 2, 3, {}, 5, 6]); ax.set(xlim=(0, 5), ylim=(0, 7))"
    sides = [base.format(4), base.format("np.nan")][:: 1 if lost else -1]
    [found], _ = compared(*sides)
    assert found.description == f"a part is {'missing' if lost else 'extra'}"


HILLS = "x, y = np.meshgrid(np.linspace(0, 1, {}), np.linspace(0, 1, 5)); ax = plt.subplots(subplot_kw={{'projection': '3d'}})[1]; ax.plot_surface(x, y, {}, color='teal', shade=False)"


def test_a_coarse_surface_of_other_heights_is_told() -> None:
    plane = HILLS.format(6, "x + y")
    [other], _ = compared(plane, HILLS.format(8, "x + y - 0.6 * x * (1 - x) * (y - 1) * y * 8"))
    assert (other.location, other.description) == ("teal surface", "drawn from other values")
    assert not compared(plane, HILLS.format(8, "x + y"))[0]


def test_the_fill_of_markers_on_a_line_is_named() -> None:
    base = "ax.plot([0, 1, 2], [1, 2, 1], 'o-', color='teal', markerfacecolor='{}', ms=12)"
    [fill], _ = compared(base.format("gold"), base.format("white"))
    assert fill.description == "markers white instead of gold"


def test_a_cloud_of_another_sample_is_no_severe_error() -> None:
    base = "ax.scatter(*np.random.default_rng({}).normal(5, 1, (2, 80))); ax.axis([0, 10, 0, 10])"
    [cloud], _ = compared(base.format(1), base.format(2))
    assert (cloud.description, cloud.severity) == ("80 of 80 points lie elsewhere", 2)


def test_a_histogram_in_another_color_with_other_bins_is_no_lost_bar() -> None:
    base = "ax.hist(np.random.default_rng(1).normal(5, 1, 200), bins={}, color='{}', ec='white')"
    found, _ = compared(base.format(12, "yellowgreen"), base.format(15, "teal"))
    assert sorted(one.category for one in found) == ["data_error", "style_error"]


def test_a_line_across_the_axes_is_no_edge_of_a_graph() -> None:
    base = (
        "ax.axvline(0, lw={}); ax.text(0, 0, 'one'); ax.text(0, 1, 'two'); ax.axis([-1, 1, -1, 3])"
    )
    [line], _ = compared(base.format(1), base.format(4))
    assert line.location == "blue line"


def test_a_neighbor_in_line_tells_the_numbers_of_an_axis_without_ticks() -> None:
    base = "fig, (up, ax) = plt.subplots(2, 1); up.set_xticks([])\nfor one in (up, ax): one.set_xlim(0, 5)\nup.barh([1, 2], [{}, 4]); ax.barh([1, 2], [3, 4])"
    [bar], _ = compared(base.format(2), base.format(3))
    assert bar.description == "2 is drawn as 3"


def test_what_no_longer_shines_through_is_told_where_it_lies_on_others() -> None:
    base = "ax.fill_between([0, 1, 2], [3, 1, 2], color='tab:blue'); ax.fill_between([0, 1, 2], [1, 3, 1], {})"
    solid = base.format("color='#ea9393'")
    [area], _ = compared(base.format("color='tab:red', alpha=0.5"), solid)
    assert area.description == "less transparent where it lies on others"
    alone = solid.replace("ax.fill_between([0, 1, 2], [3, 1, 2], color='tab:blue'); ", "")
    assert not compared(alone.replace("'#ea9393'", "'tab:red', alpha=0.5"), alone)[0]


def test_the_box_of_a_misspelt_note_leaves_out_its_changed_arrow() -> None:
    base = "ax.plot([1, 2, 3], [10, 20, 15]); ax.annotate('{}', (3, 15), (1.1, 19), arrowprops={{'arrowstyle': '{}'}})"
    before, after = base.format("Peak value", "->"), base.format("Peak valve", "-|>")
    found, _ = compared(before, after)
    word, arrow = (one.box for one in sorted(found, key=lambda one: one.location))
    assert word and arrow and word[2] - word[0] < 0.5 * (arrow[2] - word[0])


def test_a_title_that_fits_again_is_no_longer_cut_off() -> None:
    base = "fig = plt.figure(figsize=(4, 3)); fig.add_axes([0.3, 0.1, 0.6, 0.7]).set_title('A long title of a small picture', size={})"
    found, _ = compared(base.format(18), base.format(11))
    words = [one.description for one in found]
    assert "is no longer cut off by the right edge of the picture" in words
    assert not any("moved" in one for one in words)


def test_a_name_with_an_apostrophe_is_quoted_with_other_marks() -> None:
    [entry], _ = compared(BOTH, BOTH.replace("label='b'", 'label="b\'"'))
    assert entry.description == "reads \"b'\" instead of 'b'"
