"""Icons that were drawn anew or are wrong twice: labels say what is seen, each once."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from time import process_time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from annotators.audit.suites.likeness import unmatched
from annotators.structural import compare
from annotators.structural.svg.seen.fits import fit
from records.rows import Discrepancy
from renderers.contract import Picture
from renderers.scene import Scene

SQUARE = '<rect x="5" y="5" width="30" height="30" fill="red"/>'
GOLD = '<circle cx="75" cy="60" r="15" fill="gold"/>'
Drawn = tuple[Picture, Scene]


def test_a_line_is_named_by_its_own_color_and_length(draw: Callable[[str], Drawn]) -> None:
    line = '<line x1="10" y1="50" x2="{}" y2="50" stroke="gray" stroke-width="4"/>'
    (found,) = compare(draw(SQUARE + line.format(90)), draw(SQUARE + line.format(60))).discrepancies
    assert found.location.startswith("gray line")
    assert found.description.endswith(" % shorter")


def test_a_fill_and_a_stroke_are_one_shape_whoever_drew_them(draw: Callable[[str], Drawn]) -> None:
    one = '<circle cx="50" cy="50" r="30" fill="{}" stroke="blue" stroke-width="4"/>'
    two = (
        '<circle cx="50" cy="50" r="30" fill="{}"/>'
        '<circle cx="50" cy="50" r="30" fill="none" stroke="blue" stroke-width="4"/>'
    )
    reference = draw(one.format("yellow"))
    assert compare(reference, draw(two.format("yellow"))).discrepancies == ()
    assert (
        compare(reference, draw(two.format("red"))).discrepancies
        == compare(reference, draw(one.format("red"))).discrepancies
    )


def test_a_drawing_in_other_pieces_is_judged_by_its_looks(draw: Callable[[str], Drawn]) -> None:
    squares = ("M10 10h30v30h-30z", "M60 10h30v30h-30z", "M10 60h30v30h-30z", "M60 60h30v30h-30z")
    reference = draw(f'<path d="{"".join(squares)}" fill="blue"/>')
    apart = [f'<path d="{square}" fill="blue"/>' for square in squares]
    lost = compare(reference, draw("".join(apart[:3]))).discrepancies
    in_one = draw(f'<path d="{"".join(squares[:3])}" fill="blue"/>')
    assert lost == compare(reference, in_one).discrepancies
    assert [one.description for one in lost] == ["drawn without its part at lower right"]
    red = "".join(apart[:3]) + apart[3].replace("blue", "red")
    (painted,) = compare(reference, draw(red)).discrepancies
    assert (painted.category, painted.description) == ("style_error", "filled red instead of blue")


def test_a_redrawn_picture_is_told_by_what_is_seen(draw: Callable[[str], Drawn]) -> None:
    """Every outline is drawn anew, a little off: nobody sees that; the lost dot is seen."""
    eyes = '<circle cx="{}" cy="40" r="6"/>'
    face = '<circle cx="50" cy="50" r="40" fill="gold"/>'
    anew = '<path d="M90.3 50A40.3 40.3 0 1 1 9.7 50A40.3 40.3 0 1 1 90.3 50" fill="#ffd700"/>'
    eye = '<path d="M41.15 40A6.15 6.15 0 1 1 28.85 40A6.15 6.15 0 1 1 41.15 40"/>'
    reference = draw(face + eyes.format(35) + eyes.format(65))
    (found,) = compare(reference, draw(anew + eye)).discrepancies
    assert (found.category, found.description) == ("structure_error", "missing")
    assert found.location == "right eye at right"
    assert found.box is not None and found.box[0] > 168


def test_what_a_zoom_of_the_whole_drawing_leaves_is_named_too(draw: Callable[[str], Drawn]) -> None:
    dots = '<circle cx="40" cy="40" r="8" fill="gold"/><circle cx="60" cy="60" r="5" fill="gold"/>'
    reference = draw(f'<rect x="20" y="20" width="60" height="60" fill="teal"/>{dots}')
    square = '<path d="M14 14H86V86H14Z" fill="#008080"/>'
    dot = '<path d="M28.4 38A9.6 9.6 0 1 1 47.6 38A9.6 9.6 0 1 1 28.4 38" fill="#ffd700"/>'
    zoom, lost = compare(reference, draw(square + dot)).discrepancies
    assert (zoom.location, zoom.description) == (
        "whole picture",
        "the whole drawing is 20 % larger",
    )
    assert (lost.location, lost.description) == ("gold circle at center", "missing")


def test_a_copy_by_another_hand_is_judged_by_its_looks(draw: Callable[[str], Drawn]) -> None:
    """Every bar is a little off, on the same colors; only the lowest is seen to be shorter."""
    bar = '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>'
    bars = [(10, 10, 80, 12, "red"), (10, 40, 60, 12, "blue"), (10, 70, 40, 20, "green")]
    anew = [
        (10.3, 9.8, 79.6, 12.3, "red"),
        (9.8, 40.2, 60.3, 11.8, "blue"),
        (10.2, 70.2, 40, 13, "green"),
    ]
    reference, candidate = (
        draw("".join(bar.format(*one) for one in side)) for side in (bars, anew)
    )
    (found,) = compare(reference, candidate).discrepancies
    assert found.location == "dark green rectangle at lower left"
    assert found.description == "34 % shorter and sits higher"


def test_what_lies_on_a_part_is_no_hole_in_it(draw: Callable[[str], Drawn]) -> None:
    box = '<rect x="30" y="5" width="40" height="90" rx="8" fill="#212529"/>'
    corners = "M30.2 13a8 8 0 0 1 8-8h23.8a8 8 0 0 1 8 8v74a8 8 0 0 1-8 8H38.2a8 8 0 0 1-8-8z"
    lamp = '<circle cx="50" cy="{}" r="{}" fill="{}"/>'
    lamps = lamp.format(24, 14, "#fa5252") + lamp.format(70, 14, "#2b8a3e")
    anew = lamp.format(24.2, 13.8, "#ff5050") + lamp.format(70.2, 13.8, "#2b8a3e")
    light = '<circle cx="46" cy="20" r="4" fill="#ffa0a0"/>'
    candidate = draw(f'<path d="{corners}" fill="#222529"/>{anew}')
    (found,) = compare(draw(box + lamps + light), candidate).discrepancies
    assert (found.location, found.description) == ("pink circle at top", "missing")


def test_two_parts_of_one_color_have_no_order(draw: Callable[[str], Drawn]) -> None:
    ring = '<circle cx="50" cy="50" r="35" fill="none" stroke="black" stroke-width="8"/>'
    bar = '<rect x="46" y="{}" width="8" height="40" fill="black"/>'
    found = compare(draw(ring + bar.format(10)), draw(bar.format(30) + ring)).discrepancies
    assert all("drawn" not in one.description for one in found) and found


def test_a_symbol_of_another_name_with_an_edited_shape_is_one_difference(
    draw: Callable[[str], Drawn],
) -> None:
    """What it is called is not seen, its moved part is."""
    figures = (
        '<defs><g id="a"><rect width="20" height="20" fill="red"/>'
        '<circle cx="30" cy="10" r="5" fill="blue"/></g>'
        '<g id="b"><rect width="20" height="20" fill="red"/>'
        '<circle cx="36" cy="16" r="5" fill="blue"/></g></defs>'
    )
    place = f'{GOLD}<use xlink:href="#{{}}" x="10" y="10"/>'
    one, other = (draw(figures + place.format(name)) for name in "ab")
    found = compare(one, other).discrepancies
    assert [item.category for item in found] == ["shape_error"]
    assert "moved" in found[0].description


def test_two_wrong_parts_of_one_shape_have_a_label_and_a_box_each(
    draw: Callable[[str], Drawn],
) -> None:
    path = '<path d="M5 5h20v20H5z{}M40 40h20v20H40z" fill="red"/>'
    reference = draw(path.format("M70 5h20v20H70zM5 70h20v20H5z"))
    lost, moved = compare(reference, draw(path.format("M75 5h20v20H75z"))).discrepancies
    assert (lost.description, moved.description) == (
        "drawn without its part at lower left",
        "has a part that is moved 17 px right",
    )
    assert lost.box is not None and moved.box is not None
    assert lost.box[1] > 200 > 100 > moved.box[3]


def test_a_shape_that_lost_a_part_and_went_elsewhere_is_told_whole(
    draw: Callable[[str], Drawn],
) -> None:
    path = '<path {}d="M30 30h15v8H30zM30 45h20v8H30zM30 60h25v8H30z{}" fill="red"/>'
    reference = draw(path.format("", "M60 30h8v38h-8z"))
    (one,) = compare(
        reference, draw(path.format('transform="rotate(20 50 50)" ', ""))
    ).discrepancies
    assert one.description == (
        "drawn without its part at right; the rest is turned by 20° clockwise"
    )
    ring = '<path d="M50 10a40 40 0 1 0 .1 0z{}" fill-rule="evenodd"/>'
    (one,) = compare(draw(ring.format("M40 40h20v20h-20z")), draw(ring.format(""))).discrepancies
    assert one.description == "drawn without the opening in it"


def test_white_up_to_the_edge_is_the_bare_canvas(draw: Callable[[str], Drawn]) -> None:
    """A tracer paints its ground: what is lost is the circle, and nothing was added."""
    reference = draw('<circle cx="30" cy="50" r="15" fill="red"/><path d="M60 30h25v40h-25z"/>')
    traced = draw('<path d="M0 0H100V100H0z" fill="#fff"/><path d="M60 30L85 30L85 70L60 70z"/>')
    (lost,) = compare(reference, traced).discrepancies
    assert (lost.location, lost.description) == ("red circle at left", "missing")


def test_a_star_is_turned_by_the_least_that_explains_it() -> None:
    """A five-pointed star looks alike after 72 degrees: 88 degrees are 16."""

    def star(turn: float) -> np.ndarray:
        angles = np.radians(turn - 90 + 36 * np.arange(10))
        reach = np.tile([45.0, 18.0], 5)
        image = Image.new("1", (120, 120))
        points = np.column_stack((60 + reach * np.cos(angles), 60 + reach * np.sin(angles)))
        ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in points], fill=1)
        return np.asarray(image, bool)

    found = fit(star(0), star(88))
    assert found.kind == "rotated"
    assert abs(found.angle - 16) <= 2


@pytest.mark.parametrize("aside", [0, 2])
def test_900_shapes_are_compared_within_seconds(draw: Callable[[str], Drawn], aside: int) -> None:
    def tiles(seed: int, aside: int) -> str:
        colors = Random(seed)
        return "".join(
            f'<rect x="{at % 30 * 3.2 + 1 + aside}" y="{at // 30 * 3.2 + 1}" width="2" height="2" '
            f'fill="#{colors.randrange(1 << 24):06x}"/>'
            for at in range(900)
        )

    pair = draw(tiles(1, 0)), draw(tiles(2, aside))
    begun = process_time()
    assert compare(*pair).discrepancies
    assert process_time() - begun < 20  # Seconds; it takes about 4.


PLATE = '<path d="M5 5H95V95H5z" fill="#cce0ff"/>'
DISK = '<circle cx="60" cy="60" r="20" fill="red"/>'
SIGN = '<text x="52" y="66" font-size="16" fill="white">P</text>'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # What a smaller or moved thing uncovers is not where its ground is wrong.
        ((PLATE, PLATE.replace("M5 5H95", "M5 15L20 5H95")), (DISK, DISK.replace('"20"', '"12"'))),
        ((PLATE, PLATE.replace("M5 5H95", "M5 15L20 5H95")), (SIGN, SIGN.replace('"52"', '"62"'))),
        # Letters that kept their size did not grow with the disk behind them.
        (
            (DISK, DISK.replace('"20"', '"26"')),
            (SIGN, SIGN.replace("font-size", 'font-weight="bold" font-size')),
        ),
    ],
)
def test_two_errors_over_each_other_keep_their_labels(
    draw: Callable[[str], Drawn], one: tuple[str, str], other: tuple[str, str]
) -> None:
    def told(*edits: tuple[str, str]) -> tuple[Discrepancy, ...]:
        code = PLATE + DISK + SIGN
        for old, new in edits:
            code = code.replace(old, new)
        return compare(draw(PLATE + DISK + SIGN), draw(code)).discrepancies

    assert unmatched((*told(one), *told(other)), told(one, other), words=True) == ([], [])


def test_a_copy_a_hundredth_smaller_is_not_labeled(draw: Callable[[str], Drawn]) -> None:
    corners = '<path d="M{0} {0}H{1}L50 50L{1} {1}H{0}z" fill="red"/>'
    assert (
        compare(draw(corners.format(10, 90)), draw(corners.format(10.3, 89.7))).discrepancies == ()
    )


def test_what_no_shape_accounts_for_is_told_by_its_look(draw: Callable[[str], Drawn]) -> None:
    ramp = (
        '<linearGradient id="g" x2=".3" spreadMethod="{}"><stop stop-color="red"/>'
        '<stop offset="1" stop-color="blue"/></linearGradient>'
        '<rect x="5" y="20" width="90" height="60" fill="url(#g)"/>'
    )
    found = compare(draw(ramp.format("pad")), draw(ramp.format("repeat"))).discrepancies
    assert [(one.category, one.box) for one in found] == [
        ("style_error", (17.0, 67.0, 319.0, 269.0))
    ]


def test_labels_do_not_depend_on_how_shapes_are_cut(draw: Callable[[str], Drawn]) -> None:
    """Paths in one or in pieces, circles as paths and lines as areas: the error alone is named."""
    ring = '<circle cx="25" cy="30" r="12" fill="gold" stroke="navy" stroke-width="4"/>'
    as_path = '<path d="M13 30a12 12 0 1 0 24 0a12 12 0 1 0 -24 0" fill="{}" stroke="{}" stroke-width="4"/>'
    apart = as_path.format("gold", "none") + as_path.format("none", "navy")
    bar = '<line x1="10" y1="90" x2="90" y2="90" stroke="green" stroke-width="6"/>'
    area = '<rect x="10" y="87" width="80" height="6" fill="green"/>'
    one = '<path d="M50 10h20v20h-20zM75 10h20v20h-20z" fill="red"/>'
    two = '<path d="M50 10h20v20h-20z" fill="red"/><path d="M75 10h20v20h-20z" fill="red"/>'
    wrong = '<circle cx="50" cy="60" r="{}" fill="teal"/>'
    for pieces, other in ((ring, apart), (bar, area), (one, two), (two, one)):
        reference = draw(pieces + wrong.format(15))
        wanted = compare(reference, draw(pieces + wrong.format(10))).discrepancies
        assert len(wanted) == 1
        assert compare(reference, draw(other + wrong.format(10))).discrepancies == wanted


def test_two_changed_places_of_one_outline_have_a_label_each(draw: Callable[[str], Drawn]) -> None:
    reference = draw('<path d="M20 10h60q10 0 10 10v60q0 10 -10 10h-60z" fill="tomato"/>')
    one = compare(reference, draw('<path d="M20 10h60l10 10v60q0 10 -10 10h-60z" fill="tomato"/>'))
    two = compare(reference, draw('<path d="M20 10h60q10 0 10 10v60l-10 10h-60z" fill="tomato"/>'))
    both = compare(reference, draw('<path d="M20 10h60l10 10v60l-10 10h-60z" fill="tomato"/>'))
    assert len(one.discrepancies) == len(two.discrepancies) == 1
    assert unmatched((*one.discrepancies, *two.discrepancies), both.discrepancies) == ([], [])


ARCH = '<path d="M10 5V95H60A30 30 0 0 0 60 35" fill="none" stroke="navy" stroke-width="6"/>'
BEAM = '<path d="M10 5H95V95" fill="none" stroke="navy" stroke-width="6"/>'
BOW = '<path d="M10 10h60v30l-20 20h-40z" fill="navy"/>'
SMALL = '<rect x="10" y="70" width="10" height="20" fill="red"/><circle cx="30" cy="80" r="6"/>'
UNDER = '<rect x="10" y="10" width="50" height="50" fill="gold"/>'
OVER = '<path d="M40 40H90V90H40z" fill="teal"/>'


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        pytest.param(
            BOW + SMALL, (SMALL, ""), ("l-20 20h-40", "h-30l-30 20"), id="hardly a shape as it was"
        ),
        pytest.param(
            UNDER + OVER, (UNDER + OVER, OVER + UNDER), ("V90", "V80L80 90"), id="another order"
        ),
        pytest.param(
            ARCH + BEAM, ("navy\"", 'navy" stroke-linecap="round"'), ("A30 30 0 0 0", "L75 65L"),
            id="line ends",
        ),
        pytest.param(
            '<path d="M10 10h30v30h-30zM60 60h30l5 10l-5 10q0 10-10 10h-20zm5 5h5v5h-5z"/>',
            ("h30l5 10", "h20l15 10"), ("q0 10-10 10", "l-10 10"), id="one part in two places",
        ),
    ],
)  # fmt: skip
def test_two_errors_of_one_drawing_keep_their_labels(
    draw: Callable[[str], Drawn], code: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    def told(*edits: tuple[str, str]) -> tuple[Discrepancy, ...]:
        wrong = code
        for old, new in edits:
            # An order that changed puts what was replaced elsewhere.
            wrong = wrong.replace(old, new) if old in wrong else wrong
        return compare(draw(code), draw(wrong)).discrepancies

    wanted = (*told(one), *told(other))
    assert len(wanted) == 2
    assert unmatched(wanted, told(one, other), words=True) == ([], [])
