"""Icons: one change of the picture is one label, however many parts it touches."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotators.structural import compare
from annotators.structural.pixels import pixel_difference
from annotators.structural.svg.seen.compare import differences
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]
Labels = list[tuple[str, str, str]]

BOOT = '<path d="M10 12H30V60H88V90H10Z"/><circle cx="70" cy="30" r="12" fill="red"/>'
FLAG = '<rect width="30" y="12" height="76" fill="navy"/><rect x="70" width="30" y="12" height="76" fill="red"/>'
BANDS = '<rect width="100" y="20" height="{0}" fill="dodgerblue"/><rect width="100" y="{1}" height="{2}"/>'
CROSS = '<rect x="42" y="5" width="16" height="90" fill="{0}"/><rect y="42" width="100" height="16" fill="red"/>'
RING = '<g transform="translate(50 50) scale({0} 1)"><circle r="36"/><circle r="24" fill="white"/></g><path d="M2 20L20 2M80 2L98 20" stroke="black" stroke-width="6"/>'
TILES = "".join(
    f'<rect x="{5 + 33 * (at % 3)}" y="{20 + 33 * (at // 3)}" width="24" height="24" fill="{{{at}}}"/>'
    for at in range(6)
)
CLOUD = '<path d="M20 60a16 16 0 0 1 0 -32a20 20 0 0 1 40 0{0}Z" fill="lightblue" stroke="blue" stroke-width="6"/>'


def by_looks(one: Drawn, two: Drawn) -> Labels:
    found = differences(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    return [(label.category, label.location, label.description) for label in found]


def by_shapes(one: Drawn, two: Drawn) -> Labels:
    found = compare(one, two).discrepancies
    return [(label.category, label.location, label.description) for label in found]


def around_middle(drawing: str, transform: str) -> str:
    return f'<g transform="translate(50 50) {transform} translate(-50 -50)">{drawing}</g>'


LOOKS = {
    "a mirrored drawing": (
        BOOT, around_middle(BOOT, "scale(-1 1)"),
        ("shape_error", "whole picture", "mirrored"),
    ),
    "a drawing upside down": (
        BOOT, around_middle(BOOT, "scale(1 -1)"),
        ("shape_error", "whole picture", "turned upside down"),
    ),
    "a larger drawing that leaves the picture on two sides": (
        FLAG, around_middle(FLAG, "scale(1.2)"),
        ("shape_error", "whole picture", "20 % larger"),
    ),
    "an edge between two bands": (
        BANDS.format(30, 50, 30), BANDS.format(20, 40, 40),
        ("shape_error", "black rectangle at bottom", "34 % taller and sits higher"),
    ),
    "a part in another color": (
        CROSS.format("red"), CROSS.format("blue"),
        ("style_error", "two parts of the red star at center", "blue instead of red"),
    ),
    "a ring and the white that it encloses": (
        RING.format(1), RING.format(0.6),
        ("shape_error", "black ring at center", "40 % narrower"),
    ),
    "shades that nobody tells apart": (
        TILES.format(*["#020a47"] * 6),
        TILES.format("#4e537e", "#4f547e", "#4f547f", "#50557f", "#4e537e", "#50547f"),
        ("style_error", "6 dark blue squares at center", "a lighter blue"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_one_cause_is_one_label(draw: Callable[[str], Drawn], name: str) -> None:
    reference, candidate, label = LOOKS[name]
    assert by_looks(draw(reference), draw(candidate)) == [label]


def test_a_line_follows_the_edge_that_it_surrounds(draw: Callable[[str], Drawn]) -> None:
    found = by_looks(draw(CLOUD.format("a16 16 0 0 1 0 32")), draw(CLOUD.format("")))
    assert [location for _, location, _ in found if "outline" in location] == []
    assert found


def test_an_outline_that_is_filled_is_no_other_shape(draw: Callable[[str], Drawn]) -> None:
    circle = '<circle cx="50" cy="50" r="36" fill="{}" stroke="black" stroke-width="3"/>'
    plain = '<circle cx="50" cy="50" r="36" fill="brown"/>'
    found = by_shapes(draw(plain + circle.format("none")), draw(plain + circle.format("black")))
    assert found == [
        ("style_error", "dark red circle at center", "filled black instead of dark red")
    ]


def test_white_on_white_has_no_size(draw: Callable[[str], Drawn]) -> None:
    flag = (
        '<path fill="{}" d="M0 {}H100V{}H0z"/><path fill="navy" d="M{} 12H{}V88H{}z"/>'
        '<path fill="red" d="M70 12H100V88H70z"/>'
    )
    found = by_shapes(
        draw(flag.format("#fff", 12, 88, 0, 30, 0)), draw(flag.format("#fefefe", 0, 100, 6, 25, 6))
    )
    assert [location for _, location, _ in found] == ["navy rectangle at left"]


def test_a_short_piece_and_a_long_line_elsewhere_are_two_things(
    draw: Callable[[str], Drawn],
) -> None:
    board = '<rect x="10" y="10" width="80" height="80"/>{}'
    notch = '<rect x="40" y="60" width="5" height="9" fill="white"/>'
    rule = '<rect x="14" y="20" width="70" height="1.2" fill="white"/>'
    found = by_looks(draw(board.format(notch)), draw(board.format(rule)))
    assert found
    assert not any("times as" in words for _, _, words in found)


def test_a_round_thing_that_touches_the_edge_is_not_cut_off(draw: Callable[[str], Drawn]) -> None:
    disk = '<path d="M0.3 50A49.7 49.7 0 0 1 99.7 50C99.7 {} 77 99.7 50 99.7A49.7 49.7 0 0 1 0.3 50Z" fill="red"/>'
    wide = disk.replace("M0.3", "M0").replace("0.3 50Z", "0 50Z")
    found = by_looks(draw(disk.format(77)), draw(wide.format(100)))
    assert found
    assert not any("cut off" in words for _, _, words in found)


def test_letters_are_no_dashes(draw: Callable[[str], Drawn]) -> None:
    shapes = "".join(f'<path d="M{12.8 + 11.4 * at} 40.6h5.8v29.4h-5.8z"/>' for at in range(4))
    text = '<text x="10" y="70" font-size="41" font-family="Liberation Sans" font-weight="bold">IIII</text>'
    found = by_looks(draw(shapes), draw(text))
    assert not any("dashed" in words for _, _, words in found)


def test_a_drawing_one_pixel_aside_has_no_label(draw: Callable[[str], Drawn]) -> None:
    parts = '<path d="M10 10H60V40z" fill="red"/><path d="M20 90L90 40V90z"/>'
    assert by_shapes(draw(parts), draw(around_middle(parts, "translate(0 -.4) scale(.996)"))) == []
