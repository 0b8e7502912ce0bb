"""What is seen of icons that share only the picture: one change in many pieces is one label."""

from __future__ import annotations

import numpy as np
import pytest

from annotators.structural.pixels import pixel_difference
from annotators.structural.svg.seen.claims import Claim, sentence
from annotators.structural.svg.seen.compare import differences
from annotators.structural.svg.seen.fits import fit
from records.taxonomy import Language
from renderers.svg.renderer import SvgRenderer

SHEET = '<rect width="100" height="100" fill="#fefefe"/>'
POST = '<rect x="2" y="2" width="6" height="90" fill="navy"/>'
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
BAR = POST + '<rect x="60" y="10" width="40" height="80" fill="red"/>'
DISK = POST + '<circle cx="50" cy="50" r="40"/>'
BOX = '<rect x="20" y="20" width="60" height="60" fill="#a050f0"/>'
LINE = (
    POST
    + '<path d="M30 30h3" fill="none" stroke="black" stroke-width="10" stroke-linecap="round"/>'
)
GLASS = (
    POST + '<circle cx="50" cy="50" r="40" fill="gold"/>'
    '<rect x="40" y="40" width="20" height="20" fill-opacity=".3"/>'
)
FIELD = (
    POST + '<path d="M10 20H90V80H10z" fill="blue"/>'
    '<path d="M45 20h10v60h-10zM10 45h80v10h-80z" fill="white"/>'
)
CROSS = POST + '<path d="M40 10h20v80h-20z" fill="#e33"/><path d="M10 40h80v20h-80z" fill="#e34"/>'
WAVE = POST + '<path d="M20 80C20 10 80 10 80 80" fill="none" stroke="teal" stroke-width="6"/>'
THIN = (
    POST
    + '<path d="M20 20L50 50L80 20" fill="none" stroke="teal" stroke-width="3" stroke-linecap="round"/>'
)
TANK = (
    POST + '<rect x="20" y="20" width="60" height="60" fill="none" stroke="navy" stroke-width="5"/>'
    '<rect x="30" y="30" width="15" height="40" fill="gold"/>'
)
DOTS = POST + '<circle cx="80" cy="50" r="6"/><circle cx="30" cy="50" r="10" fill="gold"/>'
SHELF = POST + '<path d="M20 20h60v10h-60z"/>'
TILE = POST + '<path d="M20 20H80V80H20z" fill="teal"/>'
PEN = 'fill="none" stroke="black" stroke-width="3"'
CHIN = f'<path d="M35 72A30 30 0 0 0 75 72" {PEN}/>'
FACE = (
    POST + '<circle cx="55" cy="50" r="30" fill="#fc9"/>'
    f'<path d="M35 72A30 30 0 1 1 75 72M45 68Q55 72 65 68" {PEN}/>{CHIN}'
)
COLLAR = "M20 80V60Q20 50 35 48Q50 60 65 48Q80 50 80 60V80"
SHIRT = f'{POST}<path d="{COLLAR}z" fill="#9cf"/><path d="{COLLAR}" {PEN}/>'
ARROW = (
    POST + '<path d="M50 70V30M35 45L50 30L65 45" fill="none" stroke="black" stroke-width="8"'
    ' stroke-linecap="round" stroke-linejoin="round"/>'
)
STRIPES = (
    '<rect y="20" width="33" height="60" fill="navy"/><rect x="33" y="20" width="34" height="60" '
    'fill="white"/><rect x="67" y="20" width="33" height="60" fill="red"/>'
)
BANDS = '<path d="M0 20h100v30H0z" fill="navy"/><path d="M0 50h100v30H0z" fill="red"/>'
SIGN = DISK + '<path d="M30 40H70V60H30z" fill="white"/>'
DICE = (
    POST + '<rect x="28" y="24" width="52" height="52" rx="6" fill="white" stroke="black" '
    'stroke-width="4"/>'
)
BEADS = (
    POST + '<rect x="20" y="20" width="60" height="60" fill="#445"/>'
    '<circle cx="50" cy="50" r="12" fill="lime"/>'
)
PARTS = (
    POST
    + '<rect x="20" y="20" width="40" height="10" fill="teal"/><circle cx="70" cy="70" r="12"/>'
)
LETTER = (
    DISK + '<path d="M40 35V65M60 {}L40 50L60 {}" fill="none" stroke="white" stroke-width="6"/>'
)
GAMEPAD = '<path d="M10 20H90V80H{1}V50H{0}V80H10z" fill="teal"/>'
ARM = '<path d="M10 40V60H90V40H50V20H30V40z" fill="teal"/>'
SHELL = '<path d="M10 40H90V60H10z" fill="teal"/>'
EYES = (
    POST + '<circle cx="{}" cy="{}" r="8" fill="teal"/><circle cx="{}" cy="{}" r="8" fill="teal"/>'
)
HAND = POST + '<path d="M50 50L80 {}" stroke="black" stroke-width="6"/>'
TILES = "".join(
    f'<rect x="{x}" y="{y}" width="18" height="18" rx="4"/>' for x in (8, 60) for y in (8, 60)
)


@pytest.mark.parametrize(
    ("before", "after", "category", "words"),
    [
        pytest.param(
            BAR, BAR + '<rect x="50" y="10" width="12" height="80" fill="#fe0000"/>',
            "shape_error", "25 % wider and sits further left", id="a strip beside a kept part",
        ),
        pytest.param(
            DISK, SHEET + POST + '<circle cx="50" cy="50" r="40" fill="none" stroke="black" stroke-width="4"/>',
            "style_error", "hollow: only its outline is drawn", id="a fill that was taken out",
        ),
        pytest.param(
            DISK, POST + '<circle cx="50" cy="50" r="40" fill="#666" stroke="#d0d0d0" stroke-width=".5"/>',
            "style_error", "dark gray instead of black", id="an edge that was softened",
        ),
        pytest.param(
            BOX,
            BOX + '<path d="M20 80V20H80M20 80h2M78 20h2v2" fill="none" stroke="black" stroke-width="3"/>'
            '<path d="M26 80H80V26" fill="none" stroke="black" stroke-width="3"/>',
            "style_error", "a new outline", id="an outline in two pieces",
        ),
        pytest.param(
            LINE, LINE.replace("round", "butt"),
            "style_error", "line ends or corners of another cut", id="a short line without its ends",
        ),
        pytest.param(
            DISK.replace("<circle", '<circle fill="#111419"'), DISK.replace("<circle", '<circle fill="#1d222d"'),
            "style_error", "very dark gray instead of black", id="a large area that is nearly black",
        ),
        pytest.param(
            TILES, f'<g transform="translate(-10 -10)">{TILES}</g>',
            "structure_error", "moved 34 px left and 34 px up", id="a drawing moved over the edge",
        ),
        pytest.param(
            GLASS, GLASS.replace("gold", "teal"),
            "style_error", "teal instead of gold", id="what is seen through a translucent part",
        ),
        pytest.param(
            FIELD, FIELD.replace("M10 20H90V80H10z", "M10 20L90 80H10z"),
            "shape_error", "has another form", id="a field in pieces behind a cross",
        ),
        pytest.param(
            FIELD, FIELD.replace("M45 20", "M60 20"),
            "shape_error", "form", id="a cross of the color of the canvas",
        ),
        pytest.param(
            CROSS, CROSS.replace("#e34", "salmon"),
            "style_error", "salmon instead of red", id="one of two crossing bars of one color",
        ),
        pytest.param(
            WAVE, WAVE.replace('fill="none" stroke="teal"', 'fill="black"'),
            "style_error", "filled black instead of only outlined", id="a line that was filled",
        ),
        pytest.param(
            THIN, THIN.replace("round", "butt"),
            "style_error", "line ends or corners of another cut", id="a thin line without its ends",
        ),
        pytest.param(
            TANK, TANK.replace('fill="none"', 'fill="navy"'),
            "style_error", "filled instead of only outlined", id="a frame filled behind a bar",
        ),
        pytest.param(
            LETTER.format(35, 65), LETTER.format(42, 58),
            "shape_error", "has a narrower gap at its right", id="a letter in a kept disk",
        ),
        pytest.param(
            HAND.format(30), HAND.format(34),
            "shape_error", "turned by 6° clockwise", id="a hand of a clock",
        ),
        pytest.param(
            TILE, TILE.replace("80V80H20z", "80V62H76V80H20z"),
            "shape_error", "lacks a piece at its lower right", id="a notch in a large thing",
        ),
        pytest.param(
            TILE + '<rect x="20" y="79.5" width="9" height=".5" fill="gold"/>',
            TILE.replace("teal", "navy"),
            "style_error", "navy instead of teal", id="a short strip at an edge is not noticed",
        ),
        pytest.param(
            TILE, TILE.replace("80V80H20", "80V60H60V80H20"),
            "shape_error", "lacks a piece at its lower right", id="a piece that is no rim",
        ),
        pytest.param(
            TILE, TILE.replace("20H80", "20H70Q80 20 80 30"),
            "shape_error", "has a rounded corner at its upper right instead of a sharp one",
            id="one corner of several",
        ),
        pytest.param(
            FACE, FACE.replace(CHIN, ""),
            "structure_error", "missing", id="a chin near a mouth, which does not stand for it",
        ),
        pytest.param(
            SHIRT, SHIRT.replace("Q50 60 65 48Q80 50 80 60V80\" ", "M65 48Q80 50 80 60V80\" "),
            "structure_error", "missing", id="a line without its middle is not two others",
        ),
        pytest.param(
            DOTS, DOTS.replace('cx="80"', 'cx="80.6"').replace('r="10"', 'r="14"'),
            "shape_error", "39 % larger", id="a dot that moved by two pixels is not noticed",
        ),
        pytest.param(
            SHELF, SHELF.replace("60", "40"),
            "shape_error", "33 % shorter", id="a long bar gets shorter, not narrower",
        ),
        pytest.param(
            SIGN, SIGN.replace("H70V60", "H70V46H67V54H70V60"),
            "shape_error", "lacks a piece at its right", id="a small piece of a large sign",
        ),
        pytest.param(
            ARROW, ARROW.replace('"8"', '"12"'),
            "style_error", "% thicker", id="a short line with an even rim",
        ),
        pytest.param(
            STRIPES, STRIPES.replace("fill=\"white\"", "fill=\"gold\""),
            "style_error", "gold instead of white", id="a part that looked like bare canvas",
        ),
        pytest.param(
            BANDS, BANDS.replace("navy", "n").replace("red", "navy").replace('"n"', '"red"'),
            "style_error", "have exchanged their colors", id="two of one form that changed places",
        ),
        pytest.param(
            DICE, DICE.replace('rx="6"', 'rx="24"').replace("white", "#fdfdfd"),
            "shape_error", "rounder corners", id="what a line surrounds goes with it",
        ),
        pytest.param(
            BEADS, BEADS.replace('fill="lime"', 'fill="none" stroke="lime" stroke-width="5"'),
            "style_error", "hollow: only its outline is drawn", id="a fill taken out on dark ground",
        ),
        pytest.param(
            GAMEPAD.format(40, 60), GAMEPAD.format(30, 70),
            "shape_error", "has a wider gap at its bottom", id="a gap between two legs",
        ),
        pytest.param(
            ARM, ARM.replace("H90", "H60"),
            "shape_error", "reaches less far right", id="an arm that ends earlier",
        ),
        pytest.param(
            SHELL, SHELL.replace("H90", "H49V60H51V40H90"),
            "shape_error", "falls into two parts in its middle", id="a thin gap through a thing",
        ),
        pytest.param(
            EYES.format(30, 40, 70, 40), EYES.format(26, 40, 74, 40),
            "structure_error", "stand 28 px farther apart", id="two that moved apart",
        ),
        pytest.param(
            EYES.format(30, 30, 70, 60), EYES.format(30, 45, 70, 45),
            "structure_error", "stand at the same height; the left one was higher", id="two that stand level",
        ),
        pytest.param(
            PARTS, POST,
            "structure_error", "missing", id="parts that were painted one after the other",
        ),
    ],
)  # fmt: skip
def test_one_change_in_pieces_is_one_label(
    svgs: SvgRenderer, before: str, after: str, category: str, words: str
) -> None:
    (png, scene), (png2, scene2) = (
        (one[0].png, one[1])
        for one in (
            svgs.render(f"{HEAD}{body}</svg>", Language.SVG).drawn() for body in (before, after)
        )
    )
    found = differences(scene, scene2, pixel_difference(png, png2))
    assert [one.category for one in found] == [category], found
    assert words in found[0].description


@pytest.mark.parametrize(
    ("parts", "category"),
    [(("blue", "SOLD"), "style_error"), (('none" class="', "SOLD"), "structure_error")],
    ids=["recolored", "missing"],
)
def test_a_reworded_text_has_nothing_to_do_with_a_changed_fill(
    svgs: SvgRenderer, parts: tuple[str, str], category: str
) -> None:
    """A label of a text has no areas."""
    body = '<rect x="25" y="65" width="40" height="20" fill="{}"/><text x="5" y="50" font-size="40">{}</text>'
    (png, scene), (png2, scene2) = (
        (one[0].png, one[1])
        for one in (
            svgs.render(f"{HEAD}{body.format(*sides)}</svg>", Language.SVG).drawn()
            for sides in (("red", "SALE"), parts)
        )
    )
    found = differences(scene, scene2, pixel_difference(png, png2))
    assert {one.category for one in found} == {category, "text_symbol_error"}


def test_a_text_and_a_shape_that_moved_are_two_labels(svgs: SvgRenderer) -> None:
    """A label of a text has no areas, which could have changed places with others."""
    body = '<text x="{}" y="30" font-size="14">W</text><circle cx="{}" cy="70" r="10" fill="red"/>'
    (png, scene), (png2, scene2) = (
        (one[0].png, one[1])
        for one in (
            svgs.render(f"{HEAD}{body.format(*places)}</svg>", Language.SVG).drawn()
            for places in ((20, 70), (32, 62))
        )
    )
    found = differences(scene, scene2, pixel_difference(png, png2))
    assert sorted(one.description[:5] for one in found) == ["moved", "moved"]


def test_what_lost_its_stripe_did_not_move_with_what_lies_near_it(svgs: SvgRenderer) -> None:
    fin = '<path d="M45 12h20l6 {}h-32z" fill="#e8590c"/>'
    body = POST + '<ellipse cx="50" cy="55" rx="35" ry="30" fill="orange"/>'
    stripe = '<path d="M46 20h8v70h-8z" fill="white"/>'
    (png, scene), (png2, scene2) = (
        (one[0].png, one[1])
        for one in (
            svgs.render(f"{HEAD}{code}</svg>", Language.SVG).drawn()
            for code in (
                body + stripe + fin.format(8),
                f"{body}<g transform='translate(0 -1.3)'>{fin.format(8)}</g>",
            )
        )
    )
    found = differences(scene, scene2, pixel_difference(png, png2))
    assert sorted(one.box[3] > 150 for one in found if one.box) == [False, True], found
    assert [one.description for one in found if one.box and one.box[3] < 150] == ["moved 4 px up"]


def test_what_grew_side_by_side_is_one_label_and_what_else_changed_another(
    svgs: SvgRenderer,
) -> None:
    digits = (
        '<g fill="none" stroke="black" stroke-width="9" stroke-linejoin="round" stroke-linecap="round">'
        '<path d="M25 {0}H45V{1}H25z"/><path d="M{2} {3}L72 {0}V{1}"/></g>'
    )
    (png, scene), (png2, scene2) = (
        (one[0].png, one[1])
        for one in (
            svgs.render(f"{HEAD}{POST}{digits.format(*sizes)}</svg>", Language.SVG).drawn()
            for sizes in ((30, 70, 66, 30), (25, 75, 60, 38))
        )
    )
    found = differences(scene, scene2, pixel_difference(png, png2))
    assert {(one.location, one.description) for one in found} == {
        ("black rectangle and black line at center", "21 % taller"),
        ("black line at right", "reaches farther at its upper left"),
    }


def test_a_slanted_line_of_single_pixels_has_a_form() -> None:
    line = np.fliplr(np.eye(83, dtype=bool))
    bent = np.vstack((line[:42], np.zeros((41, 83), bool)))
    bent[42:, 41] = True
    assert fit(line, bent).kind == "reshaped"


def test_details_of_the_candidate_are_named_by_its_own_elements(svgs: SvgRenderer) -> None:
    squares = [f'<path d="M{x} 20h4v4h-4z"/>' for x in (40, 48, 56, 64)]
    few = f'{POST}<path d="{"".join(square[9:-3] for square in squares)}"/>'
    more = (
        '<circle cx="42" cy="30" r="2.3"/><ellipse cx="50" cy="30" rx="3" ry="1.7"/><path d="M56 28h6l-3 5z"/>'
        '<path d="M64 28h6v3h-6z"/><path d="M40 36h2v2h3v2h-5z"/><path d="M48 36h5v4h-2v-2h-3z"/>'
    )
    (png, scene), (png2, scene2) = (
        (one[0].png, one[1])
        for one in (
            svgs.render(f"{HEAD}{body}</svg>", Language.SVG).drawn()
            for body in (few, f"{POST}{''.join(squares)}{more}")
        )
    )
    (found,) = differences(scene, scene2, pixel_difference(png, png2))
    assert found.description == "10 instead of 4"


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        pytest.param(
            [("is 5 % wider", ""), ("lacks a piece", "at its top")],
            "is 5 % wider and lacks a piece at its top", id="a size and a piece",
        ),
        pytest.param(
            [("lacks a piece", "at its top"), ("lacks a piece", "at its left")],
            "lacks a piece at its top and at its left", id="one verb, two places",
        ),
        pytest.param(
            [("ends earlier", "at its top"), ("reaches farther", "at its top")],
            "has a different outline at its top", id="lost and gained in one place",
        ),
    ],
)  # fmt: skip
def test_claims_of_one_thing_are_one_sentence(claims: list[tuple[str, str]], words: str) -> None:
    pixels = np.ones((2, 2), bool)
    assert sentence([Claim(said, spot, pixels) for said, spot in claims]) == words
