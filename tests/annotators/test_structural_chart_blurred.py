"""Kinds that programs written from a blurred picture showed: small things, named as a viewer names them."""

from __future__ import annotations

import msgspec
import pytest
from charts_compared import compared, draw

from annotators.structural.chart.axes.spacing import spacing

BARS = "[ax.bar([i], [3 + i], color=c) for i, c in enumerate({})]; ax.set_xticks([])"
CAPS = "ax.errorbar([1, 2, 3], [3, 5, 4], [1, 0.5, 1], fmt='o', capsize={}, color='green')"
EVERY = "np.arange(0, 6.1, 0.25), ['' if v % 2 else str(int(v)) for v in np.arange(0, 6.1, 0.25)]"
MAJOR = f"ax.plot([0, 6], [1, 3]); ax.set_xlim(0, 6); ax.set_xticks({EVERY})"
MINOR = "ax.plot([0, 6], [1, 3]); ax.set_xlim(0, 6); ax.set_xticks([0, 2, 4, 6]); ax.set_xticks(np.arange(0, 6.1, 0.25), minor=True)"
KEYS = "ax.plot([1, 4, 2], lw=2, label='a'); ax.plot([2, 3, 1], lw=2, label='b'); l = ax.legend({}, loc='upper left'); [h.set_linewidth({}) for h in l.get_lines()]"
BAND = "ax.grid(); ax.scatter([1, 2, 3], [1, 2, 3], s=90, zorder={}); ax.fill_between([0, 4], [0, 3], [2, 5], color='black', alpha=0.3)"
STACK = "ax.stackplot([0, 1, 2], [1, 2, 1], [2, 1, 2], colors={}, alpha={}); ax.axis([0, 2, 0, 5])"
TAIL = "x = np.linspace(0, 9, 80); ax.fill_between(x, {}, color='teal'); ax.axis([0, 9, 0, 1.2])"

LEVEL = "ax.barh(['a', 'b', 'c'], [3, 5, 4], {}, color='gray')"
COLORS = "ax.bar(['a', 'b', 'c'], [3, 5, 4], color={})"
RULED = "[ax.plot([1, 2], [i, i + 1], color='black') for i in range(3)]; ax.axhline(2.5, color={})"
TILED = "[ax.barh([i], [v], color=c) for i, (v, c) in enumerate(zip({}, {}))]; ax.set_yticks([])"
GRID = "ax.plot([1, 2]); ax.grid(ls='--', alpha={}); ax.set_title('a', size={})"
SHARES = (
    "ax.axis('off'); [ax.text(i / 4, i / 4, f'{{20 + 5 * i}} %', fontsize={}) for i in range(4)]"
)
LIDDED = "ax.plot([1, 4], label='a line'); ax.legend(framealpha=1, loc='upper left'); ax.set_title('a', size={})"
BELOW = "[ax.plot([1, 2], [i, 2], label=str(i)) for i in range(2)]; ax.legend(ncols={}, loc='upper center', bbox_to_anchor=({}, -0.1))"
BOXED = "fig = plt.figure(figsize=({}, 4)); ax = fig.add_subplot(projection='3d'); ax.scatter([1, 2], [1, 2], [1, 2]); ax.set(xlim=(0, {}), ylim=(0, 4), zlim=(0, 4))"
BARE = "ax.plot([0, 6], [1, 3]); ax.set_xlim(0, 6); ax.set_xticks({0}, [''] * len({0}))"
SLANTED = "fig = plt.figure(figsize=(5, 4)); ax = fig.add_axes([0.1, {}, 0.85, 0.65]); ax.bar(['Reversed Order', 'b'], [1, 2]); ax.tick_params(axis='x', rotation=45)"
INKS = "[ax.text(i, i, str(i), color=c) for i, c in enumerate({})]; ax.axis([0, 5, 0, 5]); ax.set_facecolor('gray')"

ONE = {
    "slightly other shades of several series": (
        BARS.format(["#b6d7e4", "#a6ec9a", "#f4b9c2"]), BARS.format(["#add8e6", "#90ee90", "#ffb6c1"]),
        "another shade of blue instead of light blue; a stronger green instead of light green; a stronger pink instead of pink",
    ),
    "narrower caps": (CAPS.format(10), CAPS.format(5), "caps are narrower: about half as wide"),
    "shorter tick marks without labels": (MAJOR, MINOR, "tick marks between the labels are shorter"),
    "a smaller legend": (
        KEYS.format("fontsize=12", 2), KEYS.format("fontsize=8", 1),
        "smaller: font size 8 instead of 12; sample thinner: line width 1 instead of 2",
    ),
    "a slightly smaller legend, whose corners are less round": (
        KEYS.format("fontsize=15.5", 2), KEYS.format("fontsize=14.4", 2), "smaller: font size 14.4 instead of 15.5",
    ),
}  # fmt: skip

ALIKE = {
    "see-through parts of a stack that lie on nothing": (
        STACK.format("['#ff0000', '#0000ff']", 0.5), STACK.format("['#ff8080', '#8080ff']", 1),
    ),
    "tick marks of one length, whatever the program calls them": (
        MAJOR, f"{MINOR}; ax.tick_params(which='minor', length=3.5, width=0.8)",
    ),
    "the tail of a density": (
        TAIL.format("np.exp(-(x - 3)**2)"), TAIL.format("np.where(x < 6, np.exp(-(x - 3)**2), 0)"),
    ),
    "an axis of a box that ends a little later": (BOXED.format(5, 4), BOXED.format(5, 4.1)),
    "a picture that is a little wider for its height": (BOXED.format(5, 4), BOXED.format(5.35, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_cause_is_one_label_in_the_words_of_a_viewer(name: str) -> None:
    before, after, words = ONE[name]
    found, _ = compared(before, after)
    assert [(one.category, one.severity, one.description) for one in found] == [("style_error", 1, words)]  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_what_looks_the_same_has_no_label(name: str) -> None:
    found, _ = compared(*ALIKE[name])
    assert not found


SEEN = {
    "level bars are thicker": (
        LEVEL.format(0.5), LEVEL.format(0.7), "bars", "thicker by about 40 %",
    ),
    "each color of three": (
        COLORS.format(["red", "blue", "green"]), COLORS.format(["orange", "purple", "black"]),
        "bars 'a', 'b' and 'c'", "colors differ: orange instead of red, purple instead of blue and black instead of dark green",
    ),
    "a line from edge to edge among others": (
        RULED.format("'black'"), RULED.format("'silver'"),
        "black horizontal line", "light gray instead of black",
    ),
    "notes whose colors were chosen the other way round": (
        INKS.format(["black", "white"] * 2), INKS.format(["white", "black"] * 2),
        "value labels", "some are white instead of black, others black instead of white",
    ),
    "letters of a smaller picture": (
        "fig.set_size_inches(6, 4); ax.plot([1, 2])", "fig.set_size_inches(5, 3.33); ax.plot([1, 2])",
        "text", "about 20 % larger for the size of the picture (tick labels)",
    ),
    "not gray grid lines that are a little less opaque": (
        GRID.format(0.6, 12), GRID.format(0.5, 18), "title", "larger: font size 18 instead of 12",
    ),
    "not a text under an opaque legend": (
        f"{LIDDED.format(12)}; ax.text(0.01, 3.92, 'old')", LIDDED.format(18), "title", "larger: font size 18 instead of 12",
    ),
    "a legend below the axes that is no longer centered": (
        BELOW.format(2, 0.5), BELOW.format(2, 0.45), "legend", "stands farther left",
    ),
    "not more columns than a legend has entries": (
        f"{BELOW.format(2, 0.5)}; ax.set_title('a', size=12)", f"{BELOW.format(6, 0.5)}; ax.set_title('a', size=18)",
        "title", "larger: font size 18 instead of 12",
    ),
    "slanted tick labels of which a corner is cut off": (
        SLANTED.format(0.25), SLANTED.format(0.22), "x axis tick labels", "are cut off by the bottom edge of the picture",
    ),
    "tick marks that are gone stand nowhere": (
        BARE.format([1, 3, 5]), BARE.format([]),
        "x axis ticks", "tick marks are missing",
    ),
    "numbers that are a little smaller": (
        SHARES.format(15), SHARES.format(14), "percentage labels", "smaller: font size 14 instead of 15",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_a_label_says_what_is_seen_and_which_is_which(name: str) -> None:
    before, after, place, words = SEEN[name]
    found, _ = compared(before, after)
    assert [(one.location, one.description) for one in found] == [(place, words)]


def test_colors_that_also_differ_where_the_value_is_the_same_do_not_follow_from_values() -> None:
    """One of five level bars is longer, and all have other colors."""
    found, _ = compared(
        TILED.format([3, 5, 4, 2, 1], ["tomato", "gold", "teal", "plum", "tan"]),
        TILED.format([3, 6, 4, 2, 1], ["crimson", "olive", "navy", "purple", "brown"]),
    )
    assert [one.description for one in found] == [
        "5 is drawn as 6",
        "colors differ: navy instead of teal, purple instead of light violet, dark red instead of tan and 2 more",
    ]


def test_points_that_were_raised_lie_over_the_grid_for_that_reason() -> None:
    found, _ = compared(BAND.format(1), BAND.format(2))
    assert [one.location for one in found] == ["blue points"]


def test_grid_ticks_and_letters_are_told_one_by_one_unless_a_style_sheet_sets_more() -> None:
    marks = "ax.plot([1, 3, 2], lw={}); ax.set_title('Sales', fontsize={}); ax.grid(color='{}'); ax.tick_params(length={})"
    found, _ = compared(marks.format(1.5, 15, "gray", 3.5), marks.format(3, 11, "pink", 0))
    assert {one.location for one in found} == {
        "blue line",
        "title",
        "grid",
        "x axis ticks and y axis ticks",
    }


def test_axes_that_fill_much_less_of_the_picture_have_a_label_whatever_else_differs() -> None:
    filled = "fig = plt.figure(figsize=(5, 4)); ax = fig.add_axes([0.12, 0.12, {}, 0.78]); ax.plot([1, 2]); ax.set_title('a', size={})"
    found, _ = compared(filled.format(0.85, 12), filled.format(0.75, 18))
    assert {(one.location, one.description) for one in found} == {
        ("title", "larger: font size 18 instead of 12"),
        ("plot area", "larger blank margin at the right"),
    }


def test_subplots_of_pictures_that_are_cropped_are_compared_at_one_size_of_the_picture() -> None:
    seated = "fig = plt.figure(figsize=(5, 4)); [fig.add_axes([0.1, low, {}, 0.35]).plot([1, 2]) for low in (0.1, 0.6)]"
    (_, one), (_, two) = (draw(seated.format(wide)) for wide in (0.8, 0.84))
    sides = [*zip(one.root.parts("axes"), two.root.parts("axes"), strict=True)]
    assert [part.kind for part in spacing(one, two, sides)] == ["spacing"]
    assert not spacing(one, msgspec.structs.replace(two, width_px=525), sides)
