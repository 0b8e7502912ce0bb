"""Icons drawn by somebody else: facts that a viewer notices first, in the words for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotators.structural.colors import color_change
from annotators.structural.pixels import pixel_difference
from annotators.structural.svg.compare import differences as compared
from annotators.structural.svg.seen.compare import differences
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]

FIELD = '<rect width="100" height="100" fill="lightgreen"/>'
BARS = "".join(f'<rect x="{x}" y="20" width="8" height="60" fill="red"/>' for x in (20, 32, 44, 56))
DOTS = [(x, y) for y in (20, 40, 60, 80) for x in (20, 40, 60, 80)]


def labels(one: Drawn, two: Drawn) -> list[tuple[str, str]]:
    found = differences(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    return [(label.location, label.description) for label in found]


def dots(places: list[tuple[int, int]]) -> str:
    return "".join(f'<circle cx="{x}" cy="{y}" r="5" fill="navy"/>' for x, y in places)


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        pytest.param(
            BARS, '<path d="M18 18H66L60 50L66 82H18L24 50z" fill="red"/>',
            ("4 red bars at center", "run together instead of lying apart"),
            id="bars without gaps",
        ),
        pytest.param(
            '<path d="M0 80L80 0H100V20L20 100H0z" fill="gold"/>',
            '<path d="M0 78L78 0H100V22L22 100H0z" fill="gold"/>',
            ("gold polygon", "9 % thicker"),
            id="a band that is thicker on both sides",
        ),
        pytest.param(
            dots(DOTS[:-1]), dots(DOTS), ("navy circle at lower right of the navy circles", "extra"),
            id="one more of many has its place among them",
        ),
        pytest.param(
            '<path d="M50 20L70 70H30z" stroke="black" stroke-width="2"/>',
            '<path d="M50 30L65 70H35z"/>',
            ("black shape at center", "31 % narrower and 26 % shorter and sits lower"),
            id="a fill and a line of its color are one thing",
        ),
        pytest.param(
            '<path d="M20 40Q50 90 80 40Q50 40 20 40z" fill="orange"/>',
            '<path d="M20 42Q50 74 80 42Q50 42 20 42z" fill="orange"/>',
            ("orange shape at center", "36 % flatter"),
            id="a crescent of less height is flatter",
        ),
    ],
)  # fmt: skip
def test_a_viewer_would_say_so(
    draw: Callable[[str], Drawn], before: str, after: str, label: tuple[str, str]
) -> None:
    assert labels(draw(FIELD + before), draw(FIELD + after)) == [label]


PAGE = '<rect x="10" y="20" width="80" height="60" fill="#ffb703"/>'
STEP = '<path d="M20 20h20v20h20v20h-40z" fill="teal"/>'
COIN = '<circle cx="50" cy="50" r="30" fill="#dbe9f6" stroke="navy" stroke-width="6"/>'
HOOK = '<path d="M50 20V70A12 12 0 0 1 26 70" fill="none" stroke="#444" stroke-width="5"/>'
DOOR = (
    '<rect x="20" y="8" width="60" height="84" fill="teal"/><circle cx="50" cy="50" r="15" fill="gold"/>'
    '<rect x="40" y="75" width="20" height="8" fill="red"/>'
)
SEA = '<rect width="100" height="50" fill="lightblue"/><rect y="50" width="100" height="50" fill="navy"/>'


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        pytest.param(
            PAGE + '<rect x="10" y="45" width="80" height="12" fill="#c56a02"/>', PAGE,
            ("structure_error", "dark orange bar at center", "missing"), id="a band on a field",
        ),
        pytest.param(
            PAGE + '<text x="35" y="60" font-size="24" fill="white">AB</text>', PAGE,
            ("text_symbol_error", "text 'AB' at center", "missing"), id="a text on a field",
        ),
        pytest.param(
            STEP, STEP + STEP.replace("M20 20", "M44 32"),
            ("structure_error", "teal polygon at center", "drawn twice"), id="a copy that touches it",
        ),
        pytest.param(
            COIN, COIN.replace("#dbe9f6", "none"),
            ("style_error", "pale blue circle at center", "has lost its pale blue fill"), id="a lost fill",
        ),
        pytest.param(
            HOOK, HOOK.replace(' fill="none" stroke="#444" stroke-width="5"', ' fill="red"') + HOOK,
            ("style_error", "dark gray line at center", "filled red instead of only outlined"),
            id="an open line that is filled",
        ),
        pytest.param(
            DOOR, f'<svg viewBox="14 14 72 72">{DOOR}</svg>',
            ("shape_error", "whole picture", "39 % larger and cut off at the edge of the picture"),
            id="a drawing that grew beyond the picture",
        ),
        pytest.param(
            SEA + '<path d="M20 35h60v30h-60z" fill="red"/>',
            SEA + '<path d="M20 35h60v30h-60zM26 41v18h48v-18z" fill="red"/>',
            ("style_error", "red rectangle at center", "hollow: only its outline is drawn"),
            id="a hollow thing before two fields",
        ),
    ],
)  # fmt: skip
def test_one_error_is_one_label_of_its_kind(
    draw: Callable[[str], Drawn], before: str, after: str, label: tuple[str, str, str]
) -> None:
    one, two = draw(before), draw(after)
    found = differences(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    assert [(seen.category, seen.location, seen.description) for seen in found] == [label]


def test_what_came_to_light_beside_a_part_that_is_cut_is_no_extra_thing(
    draw: Callable[[str], Drawn],
) -> None:
    night = '<rect width="100" height="100" fill="gold"/>'
    hill = '<path d="M0 70H100V100H{}" fill="darkgreen"/>'
    found = labels(draw(night + hill.format("0z")), draw(night + hill.format("25L0 75z")))
    assert found
    assert not any("extra" in words for _, words in found), found


def test_a_calendar_that_is_taller_has_no_thicker_lines(draw: Callable[[str], Drawn]) -> None:
    page = '<path d="M15 15H85V{}H15z" fill="red"/><path d="M15 15H85V85H15zM15 {}H85" fill="none" stroke="black" stroke-width="3"/>'
    found = labels(draw(page.format(40, 40)), draw(page.format(44, 44)))
    assert found
    assert not any("lines" in words for _, words in found), found


def test_a_nearly_symmetric_mouth_is_flatter_and_not_mirrored(draw: Callable[[str], Drawn]) -> None:
    kiss = '<path d="M35 50Q43 40 50 46Q58 40 65 50Q50 66 35 50z"/>'
    flat = '<path d="M35 50Q50 43 65 50Q50 60 35 50z"/>'
    found = labels(draw(kiss), draw(flat))
    assert found
    assert not any("mirrored" in words for _, words in found), found


def test_shapes_of_one_name_and_place_are_told_apart(draw: Callable[[str], Drawn]) -> None:
    outer = '<path d="M{0} 20H{1}L50 90z" fill="white"/>'
    inner = '<path d="M{0} 30H{1}L50 60z" fill="white"/>'
    blue = '<rect width="100" height="100" fill="navy"/>'
    red = '<path d="M25 23H75L50 84z" fill="red"/>'
    one = draw(blue + outer.format(20, 80) + red + inner.format(40, 60))
    two = draw(blue + outer.format(14, 86) + red + inner.format(44, 56))
    found = compared(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    assert len({label.location for label in found}) == len(found) == 2


def test_crimson_is_a_darker_red_and_no_paler_one() -> None:
    assert color_change("#ff0000", "#e8112d")[0] == "a darker red"
    assert color_change("#ff0000", "#ff2a2a")[0] == "a paler red"
