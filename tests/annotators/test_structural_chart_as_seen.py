"""Labels follow the picture: other code with one look has no label, and one error has its own alone."""

from __future__ import annotations

import pytest
from charts_compared import compared

TALL = 'ax.barh(["A", "B", "C", "D"], [3, 5, 2, 4]); ax.set_title("Size of {m}")'
UPSIDE_DOWN = (
    'ax.barh(["D", "C", "B", "A"], [4, 2, 5, 3]); ax.invert_yaxis(); ax.set_title("Size of {m}")'
)
YEARS = "ax.bar([2018, 2019, 2020], [3, 5, 2]); ax.set_xticks([2018, 2019, 2020])"
PLACES = 'ax.bar([0, 1, 2], [3, 5, 2]); ax.set_xticks([0, 1, 2], ["2018", "2019", "2020"])'
GANTT = 'ax.broken_barh([(1, 3)], (0, 0.8), color="red"); ax.broken_barh([(2, 4)], (1, 0.8), color="red"); ax.set_ylim(-1, 3)'
BARS_LEFT = 'ax.barh([0.4, 1.4], [3, 4], left=[1, 2], height=0.8, color="red"); ax.set_ylim(-1, 3); ax.set_xlim(0.75, 6.25)'
NOTE = 'ax.plot([1, 2, 3], [1, {value}, 3]); ax.set_ylim(0, 4); ax.text({at}, "note")'
CELLS = "ax.imshow([[0.9, 0.1], [0.2, 0.8]], vmin={low}, vmax=1)\n"
WRITTEN = "for i in (0, 1):\n    for j in (0, 1):\n        ax.text(j, i, f'{[[0.9, 0.1], [0.2, 0.8]][i][j]:.2f}')\n"
TWICE = "ax.plot([1, 2, 3], {at}, 'ko'); ax.set_yticks({at}, ['Shah', 'Shah', 'This work']); ax.set_ylim({ends})"
"""Two categories of one name, counted upwards or downwards."""
BOX = "ax.boxplot([[1, 2, 3, 4, 5]], widths=0.4, patch_artist=True, whis=0, showcaps=False, showfliers=False, whiskerprops={'linewidth': 0}, boxprops={'linewidth': 0}, medianprops={'color': 'k'}); ax.set_ylim(0, 6); ax.set_xlim(0, 2); ax.set_xticks([1], ['A'])"
EDGED = 'ax.fill([0, 2, 1], [0, 1, 3], facecolor="#d4eaf0", edgecolor="blue", lw=1.5)'
IN_TWO_PARTS = 'ax.fill([0, 2, 1], [0, 1, 3], color="#d4eaf0"); ax.plot([0, 2, 1, 0], [0, 1, 3, 0], color="blue", lw=1.5)'
CLOUD = "import numpy as np; rng = np.random.default_rng({seed}); ax.scatter(rng.uniform(0, 1, {count}), rng.uniform(0, 1, {count}), s=4); ax.set_xlim(-1, 3); ax.set_ylim(-1, 3)"
HILL = "import numpy as np; x = np.linspace({ends}); ax.fill_between(x, np.exp(-(x - 2) ** 2)); ax.set_xlim(0, 4); ax.set_ylim(0, 1.2)"
BAND = "import numpy as np; x = np.linspace({ends}); ax.fill_between(x, x - 1, x + 1)"
LINES = "ax.plot([1, 2], [3, 1])\nfor y in ax.get_yticks()[1:-1]:\n    ax.axhline(y, color='#b0b0b0', lw=0.8, zorder=1)"
RATED = "ax.scatter([1, 2, 3], [2, 1, 3], s=[40, 90, 160]); ax.set_ylabel('rate', labelpad=9); fig.set_dpi({dots}); plt.rcParams.update({{'savefig.dpi': {dots}, 'savefig.bbox': 'tight'}})"
LOW = "fig.set_size_inches(6, 2); ax.plot([1, 2, 3], [{value}, 0.2, 0.4], 'o'); ax.set_ylim(0, 1.5)"
ENTERING = "import numpy as np; x = np.linspace({ends}); ax.plot(x, x / 2); ax.set_xlim(0, 4); ax.set_ylim(0, 3)"
TICKED = "ax.plot([1, 2, 3]); ax.set_yticks({at})"
HOLLOW = "ax.hist([1, 2, 2, 3, 3, 3], bins=3, edgecolor='blue', facecolor='{face}')"
GRID = "ax.imshow([[0.1, -0.2], [0.3, {last}]], vmin=-1, vmax=1)\nfor (i, j), v in {{(0, 0): {first}, (0, 1): -0.2, (1, 0): 0.3, (1, 1): {last}}}.items():\n    ax.text(j, i, f'{{v}}')"
RINGS = "ax.remove(); import numpy as np; x, y = np.meshgrid(np.linspace(-1, 1, 40), np.linspace(-1, 1, 40)); ax = fig.add_subplot(projection='3d'); ax.contour(x, y, x**2 + y**2, levels={levels}, colors='k', offset=0)"
BOX_IN_PARTS = "ax.bar([1], [2], 0.4, bottom=2); ax.plot([0.8, 1.2], [3, 3], 'k', lw=1); ax.set_ylim(0, 6); ax.set_xlim(0, 2); ax.set_xticks([1], ['A'])"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TALL.format(m="m²"), UPSIDE_DOWN.format(m="$m^2$")),
        (YEARS, PLACES),
        (GANTT + "; ax.set_xlim(0.75, 6.25)", BARS_LEFT),
        ('ax.plot([1, 3, 2]); ax.set_xlabel(r"$\\Delta$ t")', 'ax.plot([1, 3, 2]); ax.set_xlabel("Δ t")'),
        ('ax.plot([1, 2, 3], [1, 3, 2])', 'ax.plot([1, 2, 3, None], [1, 3, 2, None])'),
        ('ax.bar([1, 2], [3, 4], color="#6dcb87")', 'ax.bar([1, 2], [3, 4], color="#6eca87")'),
        (TWICE.format(at=[0, 1, 2], ends="-1, 3"), TWICE.format(at=[2, 1, 0], ends="3, -1")),
        (BOX, BOX_IN_PARTS),
        (EDGED, IN_TWO_PARTS),
        (IN_TWO_PARTS, EDGED),
        (CLOUD.format(seed=1, count=900), CLOUD.format(seed=2, count=950)),
        (CLOUD.format(seed=1, count=60000), CLOUD.format(seed=2, count=20000)),
        (HILL.format(ends="-1, 5, 200"), HILL.format(ends="-2, 7, 320")),
        ("ax.plot([0, 4], [0, 2])", "import numpy as np; x = np.linspace(0, 4, 50); ax.plot(x, x / 2)"),
        ("ax.plot([1, 1], [0, 3]); ax.plot([2, 2], [1, 2])", "ax.plot([1, 1], [3, 0]); ax.plot([2, 2], [2, 1])"),
        (BAND.format(ends="0, 4, 2"), BAND.format(ends="0, 4, 90")),
        ("ax.plot([1, 2], [3, 1]); ax.grid(axis='y')", LINES),
        (RATED.format(dots=100), RATED.format(dots=150)),
        (ENTERING.format(ends="-9, 6, 40"), ENTERING.format(ends="-3, 60, 900")),
        (TICKED.format(at=[0, 1, 2]), TICKED.format(at=[0, 1, 1, 2])),
        (HOLLOW.format(face="white"), HOLLOW.format(face="none")),
        (LOW.format(value=0.94), LOW.format(value=0.95)),
        ('ax.bar([1, 2], [30, 30040])', 'ax.bar([1, 2], [30, 30000]); ax.set_ylim(0, 31542)'),
    ],
)  # fmt: skip
def test_other_code_with_one_look_has_no_label(before: str, after: str) -> None:
    found, _ = compared(before, after)
    assert not found, found


@pytest.mark.parametrize(
    ("before", "after", "location", "words"),
    [
        (TALL.format(m="m"), UPSIDE_DOWN.format(m="m").replace("[4, 2, 5, 3]", "[4, 3, 5, 3]"), "bar 'C'", "2 is drawn as 3"),
        (YEARS, PLACES.replace("[3, 5, 2]", "[3, 4, 2]"), "bar '2019'", "5 is drawn as 4"),
        (GANTT + "; ax.set_xlim(0.75, 6.25)", BARS_LEFT.replace("[3, 4]", "[3, 3]"), "bar", "4 is drawn as 3"),
        ('ax.plot([1, 2]); ax.set_title("dose in mg")', 'ax.plot([1, 2]); ax.set_title("dose in g")', "title", "'dose in g'"),
    ],
)  # fmt: skip
def test_one_error_in_other_code_has_its_label_alone(
    before: str, after: str, location: str, words: str
) -> None:
    (found,), _ = compared(before, after)
    assert location in found.location
    assert words in found.description


SERIES = "ax.plot([1, 2, 1.5], color='navy', label='A'); ax.plot([3, 2.5, 4], color='red', label='B'); ax.legend()"
RENAMED = "ax.plot([3.01, 2.5, 4], color='#fa0202', label='A'); ax.plot([1, 2, 1.5], color='#000084', label='B'); ax.legend()"
ENDS = "ax.plot([0, 1, 2], [1, 3, 2], marker='o', clip_on={clip}); ax.set_xlim(0, 2)"
DISCS = "ax.plot([1, 2, 3], marker='o', markersize={size}, markeredgewidth=3, markeredgecolor='{edge}'); ax.plot([3, 2, 3], marker='o', markersize={size}, markeredgewidth=3, markeredgecolor='{edge}')"
SIDES = "fig, (ax, bx) = plt.subplots(1, 2{shared}); ax.set_ylim(0, 6); bx.set_ylim(0, {top}); ax.bar([1, 2], [3, 5]); bx.bar([1, 2], [4, 2]); bx.tick_params(labelleft=False, left=False)"


@pytest.mark.parametrize(
    ("before", "after", "location", "words"),
    [
        (SERIES, RENAMED, "legend entries", "'A' and 'B' are exchanged"),
        (ENDS.format(clip=False), ENDS.format(clip=True), "line", "markers are cut off at the frame"),
        (ENDS.format(clip=True), ENDS.format(clip=False), "line", "markers are drawn over the frame"),
        ("ax.plot([1, 2]); ax.axvspan(0.2, 0.4)", "ax.plot([1, 2]); ax.axvspan(0.2, 0.6)", "band", "wider: 0.4 instead of 0.2"),
    ],
)  # fmt: skip
def test_what_only_a_viewer_tells_is_one_label(
    before: str, after: str, location: str, words: str
) -> None:
    (found,), _ = compared(before, after)
    assert location in found.location
    assert words in found.description


def test_a_white_outline_makes_a_marker_smaller() -> None:
    """Discs of size 8 within a black outline look larger than discs of size 10 within a white one;
    if only the outline changes, nothing else is told."""
    white, black = DISCS.format(edge="white", size=10), DISCS.format(edge="black", size=8)
    found, _ = compared(white, black)
    assert [one.description for one in found] == [
        "outline is black instead of white", "larger: marker size 11 instead of 7",
    ]  # fmt: skip
    (found,), _ = compared(white, black.replace("size=8", "size=10"))
    assert found.description == "outline is black instead of white"


def test_a_turned_color_bar_has_its_other_words_told() -> None:
    bar = "im = ax.imshow([[1, 2], [3, 4]]); fig.colorbar(im, orientation='{way}', label='{label}')"
    vertical = bar.format(way="vertical", label="mean rate")
    found, _ = compared(vertical, bar.format(way="horizontal", label="mean rate"))
    assert [one.location for one in found] == ["color bar"]
    found, _ = compared(vertical, bar.format(way="horizontal", label="mean rat"))
    assert sorted(one.location for one in found) == ["color bar", "color bar label"]


def test_blank_areas_of_a_field_explain_the_ends_of_its_color_bar() -> None:
    field = "z = np.outer(np.linspace(-3, 3, 30), np.linspace(-3, 3, 30)); fig.colorbar(ax.contourf(z, levels=[-4, -2, 0, 2, 4]{extend}))"
    (found,), _ = compared(field.format(extend=", extend='both'"), field.format(extend=""))
    assert found.description == "areas beyond the outer levels are blank"


def test_axes_that_end_almost_alike_look_shared() -> None:
    found, _ = compared(SIDES.format(shared="", top=6), SIDES.format(shared="", top=6.02))
    assert not found, found


def test_a_label_keeps_its_box_beside_an_error_elsewhere() -> None:
    """A line of the main axes differs by less than is seen; the legend that is lost has its own box."""
    pair = (
        "ax.plot(range(20), {values}, label='run'); ax.set_ylim(0, 40); {legend}"
        "inner = ax.inset_axes([0.6, 0.6, 0.35, 0.3]); inner.plot(range(20), {values}); inner.set_ylim(0, 2)"
    )
    whole, bent = "[1.0] * 20", "[1.0] * 9 + [1.08] + [1.0] * 10"
    legend = "ax.legend(loc='lower left'); "
    (alone,), _ = compared(pair.format(values=whole, legend=legend), pair.format(values=whole, legend=""))  # fmt: skip
    both, _ = compared(pair.format(values=whole, legend=legend), pair.format(values=bent, legend=""))  # fmt: skip
    assert len(both) == 2
    assert alone in both


def test_a_connecting_line_that_is_straight_for_bent_is_a_label() -> None:
    note = 'ax.plot([0, 4], [0, 4]); ax.annotate("peak", (1, 1), (3, 0.5), arrowprops={{"arrowstyle": "-"{style}}})'
    bent = note.format(style=', "connectionstyle": "angle,angleA=0,angleB=90"')
    (found,), _ = compared(bent, note.format(style=""))
    assert (found.location, found.description) == ("arrow of 'peak'", "straight instead of bent")


def test_two_errors_that_do_not_touch_have_both_labels() -> None:
    """A note beside a changed value, and numbers lost from cells of other colors."""
    found, _ = compared(NOTE.format(value=2, at="1, 3"), NOTE.format(value=3.5, at="2.6, 0.5"))
    assert sorted(one.category for one in found) == ["data_error", "text_error"]
    found, _ = compared(CELLS.format(low=0) + WRITTEN, CELLS.format(low=-1))
    assert sorted(one.category for one in found) == ["data_error", "text_error"]


def test_a_text_that_keeps_its_offset_is_no_error_of_its_own() -> None:
    found, _ = compared(NOTE.format(value=2, at="2, 2.1"), NOTE.format(value=3.5, at="2, 3.6"))
    assert [one.category for one in found] == ["data_error"]


PIE = 'ax.pie([35, {food}, {travel}, 15], labels=["Rent", "Food", "Travel", "Fun"], startangle={turn})'
RADAR = (
    'ax.remove(); ax = fig.add_subplot(projection="polar"); ax.set_xticks([0, 2, 4], ["Speed", "Range", "Cost"]); '
    'ax.plot([0, 2, 4], [3, {value}, 4], marker="o"); ax.set_ylim(0, 5)'
)
DAYS = (
    "import datetime; ax.plot([datetime.date(2023, 1, 1) + datetime.timedelta(days=30 * i) for i in range(6)], "
    '[1, 2, {value}, 3, 2, 1], marker="o"); ax.set_ylim(0, 8)'
)
SHADES = "ax.imshow([[{low}, {low}, 1], [{low}, 5, {low}], [{low}, {low}, 3]], vmin=0, vmax=10)"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('ax.bar(["a", "b"], [1, 2])', 'ax.bar(["a", "b"], [1, 2]); ax.set_xlim(-1, 2)', "more blank margin right and left"),
        (RADAR.format(value=2), RADAR.format(value=4), "at 'Range' is 4 instead of 2"),
        (DAYS.format(value=3), DAYS.format(value=6), "at 2023-03-02 is 6 instead of 3"),
        ('ax.plot([1, 2]); ax.set_title("iBOT")', 'ax.plot([1, 2]); ax.set_title("IBOT")', "with a capital I"),
        (GRID.format(first=0.1, last=0.4), GRID.format(first=0.2, last=0.9), "reads '0.2' instead of '0.1'"),
        (RINGS.format(levels=9), RINGS.format(levels=5), "levels instead of"),
        ("ax.grid(lw=0.5)", "ax.grid(lw=0.15)", "thinner: line width 0.15"),
        (SHADES.format(low=2), SHADES.format(low=7), "most cells show higher values"),
    ],
)  # fmt: skip
def test_a_label_says_what_a_viewer_reads(before: str, after: str, words: str) -> None:
    found, _ = compared(before, after)
    assert any(words in one.description for one in found), found


def test_a_pie_is_turned_besides_its_shares() -> None:
    """The shares of two slices change places, and the first slice starts elsewhere."""
    found, _ = compared(
        PIE.format(food=30, travel=20, turn=90), PIE.format(food=20, travel=30, turn=0)
    )
    assert any("exchanged" in one.description for one in found)
    assert any("turned by 90 degrees" in one.description for one in found)


def test_letters_that_only_a_slightly_larger_canvas_makes_smaller_have_no_label() -> None:
    small, large = (
        f"fig.set_size_inches({w}, {h}); ax.plot([1, 2])" for w, h in ((6, 4), (6.6, 4.4))
    )
    assert not compared(small, large)[0]
    found, _ = compared(small, "fig.set_size_inches(9, 6); ax.plot([1, 2])")
    assert ["smaller for the size of the picture" in one.description for one in found] == [True]


IN_PLACE = "fig, ax = plt.subplots(); fig.subplots_adjust(.1, .1, .9, .9); ax.set(xlim=(0, 8), ylim=(0, 8)); ax.bar([1, 3, 5], [4, 2, 6]); "


def test_nobody_sees_whether_a_line_belongs_to_the_figure_or_to_its_axes() -> None:
    of_figure = "fig.add_artist(plt.Line2D((.3, {x}), (.3, .6), color='gray'))"
    of_axes = "ax.plot([2, 5], [2, 5], color='gray')"
    assert not compared(IN_PLACE + of_figure.format(x=0.6), IN_PLACE + of_axes)[0]
    found, _ = compared(IN_PLACE + of_figure.format(x=0.8), IN_PLACE + of_axes)
    assert [(one.location, one.severity < 3) for one in found] == [("gray line", True)]


def test_where_a_filling_runs_beyond_the_axes_is_not_seen() -> None:
    """The filling starts at 0, far below, or at the edge, under which its curve ends."""
    filled = (
        "ax.set_ylim(.96, 1); ax.fill_between(np.arange(40), {base}, np.linspace(1, {end}, 40))"
    )
    assert not compared(filled.format(base=0, end=0.955), filled.format(base=0.96, end=0.955))[0]
    found, _ = compared(filled.format(base=0, end=0.955), filled.format(base=0.96, end=0.954))
    assert all(one.severity == 1 for one in found), found


def test_a_box_lies_within_the_picture_of_the_candidate() -> None:
    found, _ = compared(
        "fig.set_size_inches(5, 8); ax.plot([1, 2])",
        "fig.set_size_inches(8, 3); ax.bar([1, 2], [2, 1])",
    )
    assert found
    for one in found:
        if one.box is not None:
            assert min(one.box) >= 0
            assert one.box[2] <= 800
            assert one.box[3] <= 300
