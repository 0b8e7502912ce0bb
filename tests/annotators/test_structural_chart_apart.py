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

# Code, the first error, the second: each a text to replace and its replacement.
TWO = {
    "exchanged and wrong bars": (STACKS, ("[30, 12, 20]", "[12, 30, 20]"), ("[38, 25, 31]", "[3.8, 25, 31]")),
    "exchanged and other colors": (
        LOOKS, ('["salmon", "green", "navy", "gray"]', '["green", "salmon", "navy", "gray"]'), ('"navy", "gray"]', '"navy", "gold"]'),
    ),
    "a lost line and a lost entry": (LOOKS, ('ax.axvline(1.5, color="black", lw=1)', ""), ('"c", "d"]', '"c"]')),
    "bands and points": (BANDS, ("0, 1, color", "0, 1.3, color"), ("[1, 2, 3, 4]", "[1, 2, 3, 5]")),
    "another kind and a tick label": (TICKS, ("ax.scatter(", "ax.plot("), ('"Faro"', '"faro"')),
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
