"""Two errors in one chart have the labels and boxes that each has alone; a box is that of the wrong part."""

from __future__ import annotations

import pytest
from charts_compared import compared

from annotators.audit.suites.likeness import as_lines, unmatched

FIXED = "ax.set_position([0.2, 0.2, 0.7, 0.7]); fig.set_layout_engine('none')"
STACKS = f"""
for name, values in (("bike", [30, 12, 20]), ("train", [38, 25, 31]), ("car", [20, 44, 28])):
    shift = {{"bike": -0.25, "train": 0, "car": 0.25}}[name]
    ax.bar(np.arange(3) + shift, values, 0.25, label=name)
ax.set(ylim=(0, 60), xlim=(-0.5, 4)); ax.legend(loc="center right"); {FIXED}
"""
LOOKS = f"""
for at, tint in enumerate(["salmon", "green", "navy", "gray"]):
    ax.plot([0, 1, 2], [at, at + 1, at], color=tint, lw=2, label=f"line {{at}}")
ax.axvline(1.5, color="black", lw=1)
ax.legend(bbox_to_anchor=(0.4, 0.98), loc="upper right", labels=["a", "b", "c", "d"]); ax.set(ylim=(-1, 9)); {FIXED}
"""
BANDS = f"""
ax.axhspan(0, 1, color="lightgray"); ax.axhspan(4, 5, color="lightgray")
ax.errorbar([1, 2, 3, 4], [2.1, 2.5, 3, 3.2], xerr=[0.4, 0.2, 0.3, 0.2], fmt="o", color="coral")
ax.set(xlim=(0, 6), ylim=(0, 9)); {FIXED}
"""
TICKS = f"""
ax.scatter([1, 2, 4, 5, 6], [3, 1, 4, 2, 5], color="black")
ax.set(xticks=[2, 4, 6], xticklabels=["Porto", "Faro", "Braga"], yticks=[0, 2, 4, 6], ylim=(0, 6.5)); ax.grid()
{FIXED}
"""

CELLS = f"""
z = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12.0]])
ax.imshow(z, cmap="viridis", vmin=0, vmax=40, aspect="auto"); {FIXED}
"""
WRITTEN = f"""
words = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
ax.imshow(np.arange(1, 13).reshape(3, 4), cmap="viridis", aspect="auto")
for at, word in enumerate(words):
    ax.text(at % 4, at // 4, word, ha="center", va="center", color="white")
{FIXED}
"""
SHARES = f"""
ax.set(xlim=(0, 9), ylim=(0, 9)); ax.plot([0, 9], [0, 9])
for at, text in enumerate(["10.0%", "20.0%", "30.0%", "40.0%"]):
    ax.text(1, 2 * at + 1, text.replace("0%", "0%"))
ax.text(6, 1, "Frogs 15 %"); {FIXED}
"""
SAMPLES = f"""
for at, (tint, kind) in enumerate([("salmon", "o"), ("green", "o"), ("navy", "o")]):
    ax.plot([1, 2, 3], [at, at + 1, at], color=tint, marker=kind, ls="")
ax.set(ylim=(-1, 9)); ax.legend(["alpha", "omega", "sigma"], loc="upper left"); {FIXED}
"""

NAMED = f"""
ax.plot([0, 1, 2], [40, 30, 20], label="Steel 1010"); ax.plot([0, 1, 2], [5, 6, 7], label="Copper")
ax.set(ylim=(0, 90)); ax.legend(loc="upper right"); {FIXED}
"""
PIE = f"""
ax.pie([40, 30, 20, 10], autopct="%.0f%%", colors=["gold", "teal", "salmon", "gray"])
ax.text(1.3, -1.3, "Frogs 15 %"); {FIXED}
"""
GENTLE = f"""
ax.plot([0, 1, 2, 3], [4, 5, 6, 5], color="teal", marker="o"); ax.plot([0, 1, 2, 3], [1, 2, 1, 2], color="salmon", marker="o")
ax.set(ylim=(0, 20)); {FIXED}
"""

NOTED = f"""
ax.plot([1, 2, 3, 4, 5], [3, 1, 4, 2, 5], color="teal"); ax.text(1.2, 5.5, "peak: week 11"); ax.grid()
ax.set(xlim=(0, 6), ylim=(0, 6.5)); {FIXED}
"""
STOPS = f"""
ax.bar(["Porto", "Faro", "Braga", "Beja"], [3, 5, 4, 6]); ax.text(2.2, 7.5, "late < 6 min", fontsize=9)
ax.set(ylim=(0, 9), yticks=[0, 3, 6, 9]); {FIXED}
"""
TARGET = f"""
ax.pie([40, 30, 20, 10], explode=[0, 0.15, 0, 0], autopct="%.0f%%", colors=["gold", "teal", "salmon", "gray"])
ax.text(0.9, 1.1, "four kinds"); {FIXED}
"""
RADIUS = f"""
ax.pie([25, 35, 20, 20], labels=["land", "industry", "sea", "air"], wedgeprops={{"width": 0.4}}); {FIXED}
"""

SOLID = """
fig = plt.figure(figsize=(5, 4)); ax = fig.add_subplot(projection="3d")
ax.plot([-1.7, -1.3, -0.9, -0.5, -0.3, 0], [2, 1.4, 1, 0.5, 0.2, 0], [0, 1, 2, 3, 4, 5], color="red")
ax.set(xlim=(-2, 2), ylim=(-2, 2), zlim=(0, 5), yticks=[-2, -1, 0, 1, 2])
"""
PLACES = """
fig, ax = plt.subplots(figsize=(9, 3.2))
names = {"Source": (0.5, 2.0), "Edits": (3.0, 3.2), "Policy": (3.0, 0.8), "Render": (5.6, 2.0), "Label": (8.0, 2.0), "Check": (10.4, 2.0)}
for name, (x, y) in names.items():
    ax.text(x, y, name, ha="center", va="center", fontsize=12)
for start, end in (("Source", "Edits"), ("Source", "Policy"), ("Render", "Label"), ("Label", "Check")):
    (x, y), (x2, y2) = names[start], names[end]
    ax.annotate("", (x2 - 0.8, y2), (x + 0.8, y), arrowprops=dict(arrowstyle="-|>", color="gray"))
ax.set(xlim=(-0.5, 11.4), ylim=(0, 4)); ax.axis("off")
"""

REMARKS = f"""
ax.plot([0, 9], [0, 9]); ax.set(xlim=(0, 9), ylim=(0, 9))
for word, x, y in [("first", 1, 7), ("second", 6, 7), ("third", 6, 1), ("fourth", 4, 2)]:
    ax.text(x, y, word)
{FIXED}
"""

SIZED = f"""
ax.scatter([1, 3, 5, 7], [6, 7, 6, 7], s=[60, 90, 150, 120], color="teal", label="dense")
ax.scatter([2, 6], [2, 3], s=[200, 260], color="coral", marker="s", label="hybrid")
ax.set(xlim=(0, 9), ylim=(0, 9)); {FIXED}
"""
COUNTED = f"""
b = ax.bar(["a", "b", "c", "d"], [21, 15, 12, 24], color="teal"); ax.bar_label(b); ax.set(ylim=(0, 32)); {FIXED}
"""
SERIES = f"""
for at, (kind, end) in enumerate([("-", 6), ("-", 5), ("-", 4)]):
    ax.plot([0, 1, 2], [at, at + 1, end], kind, color=["salmon", "green", "navy"][at])
ax.plot([0, 1], [7, 7], color="black")
ax.legend([plt.Line2D([], [], ls="-", color="gray")], ["alpha"], loc="upper right"); ax.set(ylim=(-1, 9)); {FIXED}
"""

# Code, the first error, the second: each a text to replace and its replacement.
TWO = {
    "exchanged and wrong bars": (STACKS, ("[30, 12, 20]", "[12, 30, 20]"), ("[38, 25, 31]", "[3.8, 25, 31]")),
    "exchanged and other colors": (
        LOOKS, ('["salmon", "green", "navy", "gray"]', '["green", "salmon", "navy", "gray"]'), ('"navy", "gray"]', '"navy", "gold"]'),
    ),
    "a lost line and a lost entry": (LOOKS, ('ax.axvline(1.5, color="black", lw=1)', ""), ('"c", "d"]', '"c"]')),
    "two cells": (CELLS, ("[1, 2,", "[20, 2,"), ("11, 12.0]", "11, 38.0]")),
    "another format and another number": (SHARES, ('("0%", "0%")', '("0%", "00%")'), ("Frogs 15", "Frogs 13")),
    "exchanged entries and other markers": (SAMPLES, ('["alpha", "omega"', '["omega", "alpha"'), ('("green", "o")', '("green", "s")')),
    "a name with another number and a moved line": (NAMED, ("Steel 1010", "Steel 1016"), ("[40, 30, 20]", "[52, 42, 32]")),
    "a note and exchanged slices": (PIE, ("Frogs 15", "Frogs 13"), ("[40, 30, 20, 10]", "[40, 20, 30, 10]")),
    "a line a little off and a point": (GENTLE, ("[4, 5, 6, 5]", "[4.4, 5.4, 6.4, 5.4]"), ("[1, 2, 1, 2]", "[1, 2, 1.4, 2]")),
    "bands and points": (BANDS, ("0, 1, color", "0, 1.3, color"), ("[1, 2, 3, 4]", "[1, 2, 3, 5]")),
    "another kind and a tick label": (TICKS, ("ax.scatter(", "ax.plot("), ('"Faro"', '"faro"')),
    "exchanged and wrong written values": (WRITTEN, ('"1", "2"', '"2", "1"'), ('"12"', '"72"')),
    "another kind and a lost note": (NOTED, ("ax.plot(", "ax.scatter("), ('"peak: week 11"', '""')),
    "another kind and a lost grid": (NOTED, ("ax.plot(", "ax.scatter("), ("; ax.grid()", "")),
    "exchanged and misspelled entries": (SAMPLES, ('["alpha", "omega"', '["omega", "alpha"'), ('"sigma"]', '"sigmma"]')),
    "a lost category and a lost tick": (STOPS, ('"Faro", "Braga", "Beja"], [3, 5, 4, 6]', '"Braga", "Beja"], [3, 4, 6]'), ("3, 6, 9]", "3, 6]")),
    "exchanged and misspelled tick labels": (TICKS, ('["Porto", "Faro", "Braga"]', '["Faro", "Porto", "Braga"]'), ('"Braga"]', '"Barga"]')),
    "a bold note with a number and a wrong bar": (STOPS, ("fontsize=9", "fontsize=9, weight='bold'"), ("[3, 5, 4, 6]", "[3, 5, 4, 2]")),
    "a slice pushed in and a misspelled note": (TARGET, ("0.15", "0"), ("four kinds", "four kindds")),
    "a filled ring and exchanged names": (RADIUS, ('"width": 0.4', '"width": None'), ('"land", "industry"', '"industry", "land"')),
    "a tick of a solid and points of a line": (SOLID, ("-1, 0, 1, 2]", "-1, -0.25, 1, 2]"), ("[-1.7, -1.3, -0.9,", "[-2, -1, -0.9,")),
    "lost arrows and moved names": (PLACES, ("in ((", "in () and (("), ('va="center"', 'va="top"')),
    "exchanged and moved notes": (REMARKS, ('("first", 1, 7), ("second", 6, 7)', '("second", 1, 7), ("first", 6, 7)'), ('"third", 6, 1', '"third", 7, 3')),
    "sizes of points and a lost point": (SIZED, ("[60, 90,", "[15, 90,"), ("[2, 6], [2, 3], s=[200, 260]", "[6], [3], s=[260]")),
    "two wrong bars whose numbers are alike": (COUNTED, ("[21, 15", "[12, 15"), ("15, 12", "75, 12")),
    "a dashed sample and a lost line": (SERIES, ('[], ls="-"', '[], ls="--"'), ('ax.plot([0, 1], [7, 7], color="black")', "")),
    "a moved tick and a misspelled one": (TICKS, ("xticks=[2, 4, 6]", "xticks=[2, 4, 5]"), ('"Porto"', '"Protoo"')),
    "a lost tick and a moved point": (TICKS, ("yticks=[0, 2, 4, 6]", "yticks=[0, 2, 4]"), ("[3, 1, 4, 2, 5]", "[1, 1, 4, 2, 5]")),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_two_errors_have_the_labels_and_boxes_of_each(name: str) -> None:
    code, one, two = TWO[name]
    first, second = compared(code, code.replace(*one))[0], compared(code, code.replace(*two))[0]
    assert first and second
    both, _ = compared(code, code.replace(*one).replace(*two))
    lost, more = unmatched([*first, *second], both, words=True)
    assert (as_lines(lost), as_lines(more)) == ([], [])


# Code, a text to replace, its replacement, and the largest width and height of the box in pixels.
PARTS = {
    "one of five points": (TICKS, "[3, 1, 4, 2, 5]", "[3, 1, 4, 2.9, 5]", 20, 60),
    "a bend of a line": ("ax.plot([3, 1, 4, 2, 5, 3, 1]); " + FIXED, "4, 2, 5", "4, 4, 5", 130, 200),
    "one error bar": (BANDS, "[0.4, 0.2, 0.3, 0.2]", "[0.4, 0.2, 0.8, 0.2]", 110, 20),
    "a lost tick and its grid line": (TICKS, "yticks=[0, 2, 4, 6]", "yticks=[0, 2, 4]", 380, 20),
}  # fmt: skip


def test_twins_that_exchanged_their_colors_have_one_label() -> None:
    code = "ax.plot([0, 2, 1], color='teal'); ax.twinx().plot([30, 10, 20], color='coral')"
    after = code.replace("teal", "?").replace("coral", "teal").replace("?", "coral")
    assert [one.description for one in compared(code, after)[0]] == ["their colors are exchanged"]


def test_names_nearer_to_the_center_are_told_beside_another_slice() -> None:
    code = f"ax.pie([22, 31, 25, 22], labels=['a', 'b', 'c', 'd'], labeldistance=0.8); {FIXED}"
    after = code.replace("0.8", "0.5").replace("[22, 31,", "[24, 29,")
    found = [one.description for one in compared(code, after)[0]]
    assert "4 stand in other places" in found and len(found) > 1


@pytest.mark.parametrize("name", PARTS)
def test_the_box_is_that_of_the_wrong_part(name: str) -> None:
    code, before, after, wide, high = PARTS[name]
    found, pixels = compared(code, code.replace(before, after))
    assert len(found) == 1 and found[0].box is not None
    left, top, right, bottom = found[0].box
    assert right - left <= wide and bottom - top <= high
    changed = pixels.box
    assert changed is not None
    assert left - 3 <= changed[0] and top - 3 <= changed[1]
    assert right + 3 >= changed[2] and bottom + 3 >= changed[3]


def test_a_point_that_left_the_axes_is_boxed_where_it_should_be() -> None:
    code = f"ax.scatter([1, 2, 3], [2, 2, 2]); ax.set(xlim=(0, 4), ylim=(0, 4)); {FIXED}"
    found, _ = compared(code, code.replace("[1, 2, 3]", "[1, 2, 9]"))
    (box,) = (one.box for one in found)
    assert box is not None and box[2] - box[0] < 20 and box[0] > 300


def test_several_wrong_cells_are_as_severe_as_the_worst() -> None:
    rows = "[1, 2, 3, 4], [5, 6, 7, 8]"
    found, _ = compared(CELLS, CELLS.replace(rows, "[1.9, 2.9, 3.9, 4.9], [5, 6, 7, 38]"))
    assert [(one.severity, one.description) for one in found] == [(3, "5 of 12 cells differ")]


def test_the_end_of_an_axis_shows_by_the_line_along_it() -> None:
    code = f"ax.scatter([1, 2, 3], [2, 3, 2]); ax.set(xticks=[], yticks=[], xlim=(0, 4), ylim=(0, 4)); {FIXED}"
    bare = code + "; ax.spines[['top', 'right']].set_visible(False)"
    found, _ = compared(bare, bare.replace("ylim=(0, 4)", "ylim=(0, 6)"))
    assert [one.description for one in found] == ["more blank margin above"]


@pytest.mark.parametrize(
    ("labels", "grade"), [(["0", "2", "4", "6"], 1), (["ant", "bee", "cat", "dog"], 2)]
)
def test_a_lost_number_leaves_an_axis_readable_and_a_lost_name_does_not(
    labels: list[str], grade: int
) -> None:
    code = "ax.plot([0, 3]); ax.set_ylim(0, 6.5); ax.set_yticks({at}, labels={labels}); " + FIXED
    found, _ = compared(
        code.format(at=[0, 2, 4, 6], labels=labels), code.format(at=[0, 2, 4], labels=labels[:3])
    )
    assert [(one.severity, one.description) for one in found] == [
        (grade, f"'{labels[3]}' is missing")
    ]


def test_exchanged_notes_mislead() -> None:
    code = f"ax.text(0.1, 0.1, 'Python'); ax.text(0.6, 0.6, 'Rust'); {FIXED}"
    after = code.replace("Python", "?").replace("Rust", "Python").replace("?", "Rust")
    assert [(one.severity, one.description) for one in compared(code, after)[0]] == [
        (3, "are exchanged")
    ]


def test_names_written_on_exchanged_bars_are_exchanged_with_them() -> None:
    """One label, though the number on each bar is another one now."""
    code = (
        "for at, (name, size) in enumerate({rows}):\n"
        "    ax.barh(3 - at, size, left=-size / 2, color=plt.cm.Blues(0.9 - 0.2 * at))\n"
        f"    ax.text(0, 3 - at, f'{{name}}: {{size}}', ha='center', va='center'); {FIXED}"
    )
    rows = [("Visits", 1000), ("Signups", 620), ("Trials", 310), ("Sales", 120)]
    found, _ = compared(
        code.replace("{rows}", str(rows)),
        code.replace("{rows}", str([*rows[:2], rows[3], rows[2]])),
    )
    assert [(one.location, one.description) for one in found] == [
        ("bars 'Trials: 310' and 'Sales: 120'", "their values are exchanged")
    ]


def test_a_name_beside_a_moved_point_goes_along_with_that_point() -> None:
    """Not with an error on a series whose box covers all of the axes."""
    base = (
        "ax.scatter([0, 9, 5], [0, 9, 1], s={size}, color='C0', label='dense')\n"
        "ax.scatter([4], [{y}], s=60, color='C1', label='hybrid')\n"
        "ax.annotate('B', (4, {y}), xytext=(-3, -15), textcoords='offset points')\n"
        "ax.set_xlim(-1, 10); ax.set_ylim(-1, 10)"
    )
    sizes = [40, 90, 60]
    alone, _ = compared(base.format(size=sizes, y=5), base.format(size=sizes, y=7))
    both, _ = compared(base.format(size=sizes, y=5), base.format(size=[160, 90, 200], y=7))
    [moved] = [one for one in alone if "orange" in one.location]
    [same] = [one for one in both if "orange" in one.location]
    assert same.box == moved.box


LEGEND = "ax.plot([0, 3], label='hybrid'); ax.set_title('Rain in three years'); ax.legend(loc='upper left')"
OVER = {
    "title": ("years'", "years', y=1.08", "title", "top"),
    "title to the left": ("years'", "years', loc='left', x=-0.5", "title", "left"),
    "legend": ("loc='upper left'", "loc='center', bbox_to_anchor=(1.16, 0.5)", "legend", "right"),
}


@pytest.mark.parametrize("name", OVER)
def test_what_runs_over_the_edge_of_the_picture_is_cut_off_there(name: str) -> None:
    before, after, place, edge = OVER[name]
    code = f"{LEGEND}; {FIXED}"
    found, _ = compared(code, code.replace(before, after))
    assert [(one.location, one.description) for one in found] == [
        (place, f"is cut off by the {edge} edge of the picture")
    ]
    both, _ = compared(code.replace(before, after), code.replace(before, after) + "; ax.grid()")
    assert [one.location for one in both] == ["grid"]
