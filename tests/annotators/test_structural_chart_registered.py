"""Marks that programs drew by other means, laid over each other value by value: what looks alike is no error."""

from __future__ import annotations

import pytest
from charts_compared import compared

FRAME = "ax.set_xlim(0, {}); ax.set_ylim(-1, 3)"
ARROWS = f"[ax.arrow(0, y, v, 0, width=0.3, head_width=0.3, head_length=0.4, length_includes_head=True, color='red', lw=0) for y, v in enumerate([3, 2, 4])]; {FRAME}"
HEADED = f"from matplotlib.patches import Polygon; [(ax.barh(y, v - 0.4, 0.3, color='red'), ax.add_patch(Polygon([(v - 0.4, y - 0.15), (v, y), (v - 0.4, y + 0.15)], color='red', lw=0))) for y, v in enumerate({{}})]; {FRAME}"
COVERED = "ax.plot([1, 4], [1, 4], lw=6, color='orange', zorder=4); ax.plot({}, [1, {}], lw=2, color='black', zorder=3); ax.axis([0, 5, 0, {}])"
PALE = "ax.axvspan({}, color='#f4f4f4'); ax.plot([1, 2, 3], [1, 3, 2]); ax.axis([0, 4, 0, {}])"

ALIKE = {
    "arrows as bars with heads": (ARROWS.format(5), HEADED.format([3, 2, 4], 5.5)),
    "a line under another one": (COVERED.format([1, 4], 4, 5), COVERED.format([1, 2], 2, 5.5)),
}

UNLIKE = {
    "another arrow": (ARROWS.format(5), HEADED.format([3, 1, 4], 5.5)),
    "a line beside another one": (COVERED.format([1, 4], 4, 5), COVERED.format([1, 4], 2, 5.5)),
    "a pale band": (PALE.format("1, 2", 4), PALE.format("1, 3", 4.5)),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_only_other_limits_are_told_of_marks_that_look_alike(name: str) -> None:
    found, _ = compared(*ALIKE[name])
    assert [one.location[2:] for one in found] == ["axis limits"]


@pytest.mark.parametrize("name", UNLIKE)
def test_what_looks_different_is_told_beside_other_limits(name: str) -> None:
    found, _ = compared(*UNLIKE[name])
    assert {"axis limits" in one.location for one in found} == {True, False}
