"""Icons of lines over fills, drawn by somebody else: fills out of register with their lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotators.structural.pixels import pixel_difference
from annotators.structural.svg.seen.compare import differences
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]

PEN = 'fill="none" stroke="black" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"'
CUP = f'<path d="{{}}" fill="orange"/><path d="M25 20H75L65 80H35z" {PEN}/><path d="M28 40H72" {PEN}/>'
FILL = "M25 20H75L65 80H35z"


def labels(one: Drawn, two: Drawn) -> list[tuple[str, str, str]]:
    found = differences(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    return [(label.category, label.location, label.description) for label in found]


@pytest.mark.parametrize(
    ("fill", "location", "words"),
    [
        pytest.param(
            "M25 20H75L65 86H35z", "orange fill at bottom", "sticks out beyond its outline",
            id="below its line",
        ),
        pytest.param(
            "M25 20H82L65 80H35z", "orange fill at right", "sticks out beyond its outline",
            id="beside its line",
        ),
        pytest.param(
            "M25 20H75L65 77H35z", "orange fill at bottom", "leaves a white gap to its outline",
            id="ends before its line",
        ),
        pytest.param(
            "M25 20H82L65 77H35z", "orange fill at center",
            "sticks out beyond its outline at its upper right and leaves a white gap to its outline at its bottom",
            id="both, in one label",
        ),
    ],
)  # fmt: skip
def test_a_fill_out_of_register_is_one_label(
    draw: Callable[[str], Drawn], fill: str, location: str, words: str
) -> None:
    found = labels(draw(CUP.format(FILL)), draw(CUP.format(fill)))
    assert found == [("style_error", location, words)]


def test_a_fill_whose_line_is_missing_is_not_out_of_register(draw: Callable[[str], Drawn]) -> None:
    bare = CUP.replace("M25 20H75L65 80H35z", "M35 80L25 20H75L65 80").format(FILL)
    found = labels(draw(CUP.format(FILL)), draw(bare))
    assert not any("outline" in words for _, _, words in found), found
    assert found


def test_a_figure_that_moved_with_its_line_is_in_register(draw: Callable[[str], Drawn]) -> None:
    moved = f'<g transform="translate(6 4)">{CUP.format(FILL)}</g>'
    found = labels(draw(CUP.format(FILL)), draw(moved))
    assert not any("outline" in words for _, _, words in found), found


TUBE = f'<path d="M20 20H60V80H20z" fill="orange"/><path d="M20 20H60V80H20z" {PEN}/>'
TICK = f'<path d="M{{}} 50H{{}}" {PEN}/>'
LEGS = f'<path d="M20 10H80V85H{{0}}L50 30L{{1}} 85H20z" fill="orange"/><path d="M20 10H80V85H{{0}}L50 30L{{1}} 85H20z" {PEN}/>'


@pytest.mark.parametrize(
    ("before", "after", "location", "words"),
    [
        pytest.param(
            (60, 76), (67, 82), "black line at right",
            "floats free instead of joined to the lines beside it", id="a tick that left its wall",
        ),
        pytest.param(
            (67, 82), (60, 76), "black line at right",
            "merges with the line beside it instead of lying free", id="a tick that reached a wall",
        ),
    ],
)  # fmt: skip
def test_lines_that_meet_in_one_picture_only(
    draw: Callable[[str], Drawn],
    before: tuple[int, int],
    after: tuple[int, int],
    location: str,
    words: str,
) -> None:
    found = labels(draw(TUBE + TICK.format(*before)), draw(TUBE + TICK.format(*after)))
    assert found == [("structure_error", location, words)]


def test_a_tick_that_moved_along_its_wall_is_still_joined(draw: Callable[[str], Drawn]) -> None:
    tick = TICK.format(60, 76)
    found = labels(draw(TUBE + tick), draw(TUBE + tick.replace(" 50H", " 55H")))
    assert found
    assert not any("free" in words for _, _, words in found), found


@pytest.mark.parametrize(
    ("after", "words"),
    [
        pytest.param((52, 48), "closed, filled black", id="filled by the lines"),
        pytest.param((55, 45), "narrower", id="narrower"),
    ],
)
def test_a_gap_between_two_legs_is_told_once_and_not_of_each_leg(
    draw: Callable[[str], Drawn], after: tuple[int, int], words: str
) -> None:
    found = labels(draw(LEGS.format(60, 40)), draw(LEGS.format(*after)))
    assert [one for one in found if one[0] == "shape_error"] == [
        ("shape_error", "white gap at center", words)
    ]


def test_a_leg_that_is_no_line_is_thicker_and_not_drawn_with_a_thicker_line(
    draw: Callable[[str], Drawn],
) -> None:
    leg = '<path d="M{0} 5H{1}L{2} 50L{1} 95H25L{0} 84L{3} 50z" fill="tan"/>'
    found = labels(draw(leg.format(45, 58, 64, 50)), draw(leg.format(42, 63, 68, 46)))
    assert [(category, words[-7:]) for category, _, words in found] == [("shape_error", "thicker")]


def test_a_hole_is_not_the_line_beside_it(draw: Callable[[str], Drawn]) -> None:
    plate = '<ellipse cx="50" cy="{1}" rx="40" ry="14" {0}/><ellipse cx="50" cy="60" rx="30" ry="12" fill="gold"/>'
    found = labels(draw(plate.format(PEN, 66)), draw(plate.format(PEN, 72)))
    assert found
    assert not any("white" in words for _, _, words in found), found
