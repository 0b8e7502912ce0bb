"""The structural annotator of SVG: an edit in, the words a viewer would use out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import process_time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from annotators.audit.suites.likeness import unmatched
from annotators.structural import Comparison, compare
from annotators.structural.svg.seen.fits import fit
from corruptors.registry import corruptions
from policies.offline import BUILTIN
from policies.offline.tracer import trace
from records import edits
from records.rows import Discrepancy
from records.taxonomy import Language, Modality
from renderers.contract import Picture
from renderers.scene import Scene
from renderers.svg.renderer import SvgRenderer
from sources.bundled import samples

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "unisvg" / "test.json"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'
SQUARE = '<rect x="5" y="5" width="30" height="30" fill="red"/>'
BLUE = '<circle cx="60" cy="60" r="20" fill="blue"/>'
GOLD = '<circle cx="75" cy="60" r="15" fill="gold"/>'
WORD = '<text x="10" y="90" font-size="12">NEW</text>'
LINE = '<path d="M50 10h20v20z" stroke="green" fill="none" stroke-width="3"/>'
PAIR = '<g><rect x="60" y="5" width="9" height="9" fill="navy"/><circle cx="85" cy="9" r="5" fill="navy"/></g>'
PICTURE = SQUARE + BLUE + GOLD + WORD + LINE + PAIR

Drawn = tuple[Picture, Scene]


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
def draw(svgs: SvgRenderer) -> Callable[[str], Drawn]:
    def drawn(body: str) -> Drawn:
        code = body if body.lstrip().startswith(("<svg", "<?xml")) else f"{HEAD}{body}</svg>"
        return svgs.render(code, Language.SVG).drawn()

    return drawn


def labels(comparison: Comparison) -> list[tuple[str, str]]:
    return [(found.category, found.description) for found in comparison.discrepancies]


def test_a_text_that_went_where_nobody_sees_it_is_missing(draw: Callable[[str], Drawn]) -> None:
    ground = '<rect x="50" y="0" width="50" height="100" fill="navy"/>'
    words = '<text x="{}" y="50" font-size="20" fill="navy">AB</text>'
    here, there = (draw(ground + words.format(x)) for x in (10, 60))
    (lost,) = compare(here, there).discrepancies
    assert (lost.severity, lost.category) == (3, "text_symbol_error")
    assert "'AB'" in lost.location and lost.description == "missing"
    (found,) = compare(there, here).discrepancies
    assert (found.severity, found.description) == (2, "extra")


def test_a_text_in_blobs_is_lost_and_a_text_of_another_color_is_not(
    draw: Callable[[str], Drawn],
) -> None:
    text = '<text x="5" y="60" font-size="24" font-weight="bold">REPORT</text>'
    reference = draw(f"{SQUARE}{text}")
    blobs = "".join(f'<path d="M{x} 40h14v22h-14z" fill="#777"/>' for x in (5, 21, 37, 53, 69, 85))
    traced = "".join(f'<path d="{d}" fill="red"/>' for d in ("M5 5h30v15H5z", "M5 20h30v15H5z"))
    found = {
        one.description: one
        for one in compare(reference, draw(traced + blobs)).discrepancies
        if "REPORT" in one.location
    }
    assert found["missing"].category == "text_symbol_error"
    assert found["missing"].severity == 3
    painted = draw(SQUARE + text.replace("<text", '<text fill="#777"'))
    gray = trace(painted[0].png, BUILTIN["vtracer-mid"].settings, seed=1)
    said = [one.description for one in compare(reference, draw(gray)).discrepancies]
    assert not {"illegible", "missing"} & set(said)
    assert any("instead of black" in words for words in said)


def test_words_that_are_missing_with_a_shape_weigh_as_much_as_alone(
    draw: Callable[[str], Drawn],
) -> None:
    mark = '<circle cx="30" cy="85" r="2" fill="red"/>'
    whole = draw(SQUARE + BLUE + WORD + mark)
    alone = compare(whole, draw(SQUARE + BLUE + mark)).discrepancies
    both = compare(whole, draw(SQUARE + BLUE)).discrepancies
    assert [found.severity for found in alone] == [3]
    assert max(found.severity for found in both) == 3


@pytest.mark.parametrize(
    ("before", "after", "category", "words"),
    [
        # style
        (
            'fill="red"',
            'fill="orange"',
            "style_error",
            "filled orange instead of red",
        ),
        (
            'fill="red"',
            'fill="red" opacity=".4"',
            "style_error",
            "drawn at 40 % opacity instead of 100 %",
        ),
        (
            'stroke-width="3"',
            'stroke-width="1"',
            "style_error",
            "outlined 3.4 px wide instead of 10.1 px",
        ),
        (
            'stroke-width="3"',
            'stroke-width="3" stroke-dasharray="4 2"',
            "style_error",
            "dashed instead of solid",
        ),
        (
            'r="20" fill="blue"',
            'r="20" fill="none" stroke="blue"',
            "style_error",
            "only outlined blue, not filled blue",
        ),
        # shape
        ('r="20"', 'r="26"', "shape_error", "30 % larger"),
        ('x="5" y="5"', 'x="25" y="5"', "shape_error", "moved 67 px right"),
        (
            'width="30"',
            'width="45"',
            "shape_error",
            "50 % wider",
        ),
        (
            "<path d",
            '<path transform="rotate(30 60 20)" d',
            "shape_error",
            "rotated by 30° clockwise",
        ),
        ("h20v20z", "h20v9z", "shape_error", None),
        # structure
        (BLUE, "", "structure_error", "missing"),
        (PAIR, "", "structure_error", "a group of 2 shapes with the navy square is missing"),
        (BLUE, BLUE + BLUE.replace("60", "30"), "structure_error", "drawn twice"),
        (
            LINE,
            LINE + '<ellipse cx="50" cy="92" rx="9" ry="4" fill="purple"/>',
            "structure_error",
            "extra",
        ),
        (
            BLUE + GOLD,
            GOLD + BLUE,
            "structure_error",
            "drawn over the gold circle instead of under it",
        ),
        (
            "<g>",
            '<g transform="translate(0 20)">',
            "structure_error",
            "a group of 2 shapes is moved 67 px down",
        ),
        # text
        (">NEW<", ">NOW<", "text_symbol_error", "text reads 'NOW' instead of 'NEW'"),
        (WORD, "", "text_symbol_error", "missing"),
        (
            'font-size="12"',
            'font-size="18"',
            "text_symbol_error",
            "written 50 % larger",
        ),
        ('x="10" y="90"', 'x="40" y="90"', "text_symbol_error", "moved 101 px right"),
        (
            "<text x",
            '<text transform="rotate(-20 22 86)" x',
            "text_symbol_error",
            "turned by 20° counterclockwise",
        ),
        (
            "<text x",
            '<text transform="translate(44 0) scale(-1 1)" x',
            "text_symbol_error",
            "mirrored",
        ),
    ],
)
def test_one_edit_is_one_difference(
    draw: Callable[[str], Drawn], before: str, after: str, category: str, words: str | None
) -> None:
    assert PICTURE.count(before) == 1
    found = labels(compare(draw(PICTURE), draw(PICTURE.replace(before, after))))
    assert len(found) == 1, found
    assert found[0][0] == category
    assert words is None or found[0][1] == words


@pytest.mark.parametrize(
    ("font", "said"),
    [
        ('font-family="Arial"', []),
        (
            'font-family="Liberation Serif" font-weight="bold"',
            [("text_symbol_error", "set in another font and bold instead of regular")],
        ),
        ('font-family="Arial" x="0.4"', []),
    ],
    ids=["two names of one font", "another font", "a move of a pixel"],
)
def test_letters_are_compared_by_their_looks(
    draw: Callable[[str], Drawn], font: str, said: list[tuple[str, str]]
) -> None:
    lines = "".join(f'<text y="{y}" font-size="20" %s>Ham{y}</text>' for y in (30, 60, 90))
    before = lines.replace("%s", 'font-family="Liberation Sans"')
    assert labels(compare(draw(before), draw(lines.replace("%s", font)))) == said


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(
            '<path d="M10 10h30v30h-30zM60 10h30v30h-30z" fill-rule="evenodd"/>',
            id="holes that no outline makes",
        ),
        pytest.param(
            '<rect width="100" height="100" rx="15" fill="#024"/><path d="M20 30L40 50" stroke="gold" '
            'stroke-width="6" stroke-linecap="round"/><path d="M0 70Q50 50 100 70V85A15 15 0 0 1 85 '
            '100H15A15 15 0 0 1 0 85z" fill="teal"/>',
            id="a faithful copy by another author",
        ),
    ],
)
def test_what_is_only_written_differently_is_no_difference(
    draw: Callable[[str], Drawn], before: str
) -> None:
    after = {
        "holes": '<path d="M10 10h30v30h-30z"/><path d="M60.2 10h30v30h-30z"/>',
        "copy": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><clipPath id="c"><rect '
        'width="24" height="24" rx="3.62"/></clipPath><g clip-path="url(#c)"><rect width="24" '
        'height="24" fill="#024"/><path d="M9.63 11.97L4.77 7.21" stroke="gold" stroke-width="1.43" '
        'stroke-linecap="round"/><path d="M0 16.82Q11.97 11.97 24 16.82V24H0z" fill="teal"/></g></svg>',
    }["holes" if "evenodd" in before else "copy"]
    assert labels(compare(draw(before), draw(after))) == []


def test_a_pattern_with_another_number_of_parts_is_one_difference(
    draw: Callable[[str], Drawn],
) -> None:
    def sun(rays: int) -> str:
        angles = (360 * ray / rays for ray in range(rays))
        bars = "".join(f'<rect x="44" y="10" width="12" height="16" transform="rotate({angle:g} 50 50)"/>' for angle in angles)  # fmt: skip
        return f'{HEAD}<g fill="gray">{bars}<circle cx="50" cy="50" r="18"/></g></svg>'

    found = compare(draw(sun(8)), draw(sun(6))).discrepancies
    assert [(one.category, one.description) for one in found] == [
        ("structure_error", "6 instead of 8")
    ]
    assert found[0].location == "gray rectangles at center"


def test_the_whole_drawing_moves_as_one(draw: Callable[[str], Drawn]) -> None:
    shifted = draw(f"{HEAD}{PICTURE}</svg>".replace("0 0 100 100", "10 10 100 100"))
    found = labels(compare(draw(PICTURE), shifted))
    words = (
        "the whole drawing is moved 34 px left and 34 px up and cut off at the edge of the picture"
    )
    assert found == [("structure_error", words)]


def test_a_ground_that_moves_over_the_edge_is_not_cut_off(draw: Callable[[str], Drawn]) -> None:
    scene = '<g transform="{}"><rect width="100" height="100" fill="gold"/><circle cx="50" cy="50" r="20"/></g>'
    moved = draw(scene.format("translate(12 0)"))
    found = labels(compare(draw(scene.format("")), moved))
    assert found == [("structure_error", "the whole drawing is moved 40 px right")]


def test_what_lies_beyond_the_picture_is_no_difference(draw: Callable[[str], Drawn]) -> None:
    sky = (
        '<rect x="{}" y="-9" width="{}" height="59" fill="skyblue"/><circle cx="50" cy="50" r="9"/>'
    )
    wide, wider = draw(sky.format(-10, 120)), draw(sky.format(-60, 230))
    assert not compare(wide, wider).discrepancies


def test_several_errors_are_several_differences(draw: Callable[[str], Drawn]) -> None:
    wrong = PICTURE.replace('fill="red"', 'fill="teal"').replace('r="20"', 'r="27"')
    wrong = wrong.replace("NEW", "NEWS")
    found = compare(draw(PICTURE), draw(wrong)).discrepancies
    assert Counter(item.category for item in found) == {
        "style_error": 1,
        "shape_error": 1,
        "text_symbol_error": 1,
    }


def test_shapes_that_change_alike_are_one_difference(draw: Callable[[str], Drawn]) -> None:
    found = labels(compare(draw(PICTURE), draw(PICTURE.replace('fill="navy"', 'fill="red"'))))
    assert found == [("style_error", "filled red instead of navy")]


def test_exchanged_colors_are_one_difference(draw: Callable[[str], Drawn]) -> None:
    swapped = PICTURE.replace("gold", "tmp").replace('"blue"', '"gold"').replace("tmp", "blue")
    ((category, words),) = labels(compare(draw(PICTURE), draw(swapped)))
    assert category == "style_error"
    assert words == "blue circle and gold circle have exchanged their colors"


def test_a_figure_shown_often_is_wrong_once(draw: Callable[[str], Drawn]) -> None:
    def gear(tooth: str) -> str:
        uses = "".join(
            f'<use xlink:href="#a" transform="rotate({45 * at} 50 50)"/>' for at in range(8)
        )
        return f'<defs><path id="a" d="{tooth}" fill="navy"/></defs>{uses}'

    (found,) = compare(draw(gear("M45 5h10v20h-10z")), draw(gear("M45 5h10l-5 20z"))).discrepancies
    assert (found.category, found.location) == ("shape_error", "8 navy rectangles")
    assert found.description == "drawn as a triangle"


def test_what_shows_nowhere_is_no_difference(draw: Callable[[str], Drawn]) -> None:
    hidden = '<circle cx="20" cy="20" r="5" fill="{}"/>' + SQUARE + BLUE
    one, other = draw(hidden.format("lime")), draw(hidden.format("black"))
    assert compare(one, other).discrepancies == ()
    outside = SQUARE + '<rect x="{}" width="9" height="9"/>'
    assert compare(draw(outside.format(200)), draw(outside.format(300))).discrepancies == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SQUARE, f"<g><g>{SQUARE}</g></g>"),
        (SQUARE, '<path d="M5 5h30v30H5z" style="fill:#f00"/>'),
        (BLUE, '<ellipse cx="60" cy="60" rx="20" ry="20" fill="#0000ff"/>'),
        (LINE, LINE.replace('stroke="green"', 'style="stroke:#008000"')),
    ],
)
def test_the_same_look_by_other_code_is_no_difference(
    draw: Callable[[str], Drawn], one: str, other: str
) -> None:
    assert compare(draw(one), draw(other)).discrepancies == ()


def test_a_larger_error_is_never_milder(draw: Callable[[str], Drawn]) -> None:
    reference = draw(PICTURE)
    for before, steps in (
        ('r="20"', ("21", "23", "26", "32", "40")),
        ('x="5" y="5"', ("7", "12", "25", "50", "70")),
    ):
        severities = []
        for step in steps:
            after = f'r="{step}"' if before.startswith("r") else f'x="{step}" y="5"'
            found = compare(reference, draw(PICTURE.replace(before, after))).discrepancies
            severities.append(max(item.severity for item in found))
        assert severities == sorted(severities), before


def test_every_box_is_inside_the_picture_and_holds_the_change(draw: Callable[[str], Drawn]) -> None:
    for wrong in (PICTURE.replace(GOLD, ""), PICTURE.replace('r="20"', 'r="60"')):
        result = compare(draw(PICTURE), draw(wrong))
        for item in result.discrepancies:
            assert item.box is not None
            left, top, right, bottom = item.box
            assert 0 <= left < right <= 336
            assert 0 <= top < bottom <= 336
        inside = sum(result.pixels.inside(item.box) for item in result.discrepancies if item.box)
        assert inside >= 0.95 * result.pixels.changed.sum()


def test_a_traced_copy_is_judged_by_what_is_seen(draw: Callable[[str], Drawn]) -> None:
    body = (
        '<rect width="100" height="100" fill="#e8f0ff"/><circle cx="35" cy="50" r="28" fill="#d02020"/>'
        '<circle cx="78" cy="22" r="6" fill="#208040"/><path d="M60 60h30v30h-30z" fill="#204080"/>'
    )
    reference = draw(body)
    good = draw(trace(reference[0].png, BUILTIN["vtracer-mid"].settings, seed=0))
    coarse = draw(trace(reference[0].png, BUILTIN["vtracer-32px"].settings, seed=3))
    few, many = compare(reference, good).discrepancies, compare(reference, coarse).discrepancies
    assert sum(item.severity for item in few) < sum(item.severity for item in many)
    assert 1 <= len(many) <= 12
    lost = body.replace('<circle cx="78" cy="22" r="6" fill="#208040"/>', "")
    without = draw(trace(draw(lost)[0].png, BUILTIN["vtracer-mid"].settings, seed=0))
    found = compare(reference, without).discrepancies
    gone = [item.location for item in found if item.description == "missing"]
    assert len(gone) == 1
    assert "green circle at upper right" in gone[0]


def icons() -> list[tuple[str, str]]:
    return [(icon.upstream_id, icon.code) for icon in samples(Modality.SVG)]


def corrupted(name: str, code: str, step: int) -> Iterator[tuple[str, str]]:
    """Category of a corruption, and what it makes of an icon."""
    for at, corruption in enumerate(corruptions(Modality.SVG)):
        if (at + len(name)) % step:
            continue
        proposed = list(corruption.propose(corruption.program.parse(code), Random(name)))
        if proposed:
            mutation = Random(name).choice(proposed)
            yield str(corruption.category), edits.apply(code, mutation.edits)


def recall_and_labels(
    svgs: SvgRenderer, icons: list[tuple[str, str]], step: int
) -> tuple[float, float, int, int]:
    hits = count = found = unexplained = 0
    for name, code in icons:
        reference = svgs.render(code, Language.SVG).drawn()
        assert compare(reference, reference).discrepancies == ()
        for category, wrong in corrupted(name, code, step):
            render = svgs.render(wrong, Language.SVG)
            if render.picture is None:
                continue
            result = compare(reference, render.drawn())
            if result.pixels.changed.sum() < 12:
                continue
            count += 1
            items: tuple[Discrepancy, ...] = result.discrepancies
            hits += category in {item.category for item in items}
            found += len(items)
            unexplained += not items
    return hits / count, found / count, unexplained, count


@pytest.mark.slow
def test_injected_errors_are_found_and_named_once(svgs: SvgRenderer) -> None:
    recall, per_error, unexplained, count = recall_and_labels(svgs, icons()[::2], step=6)
    assert count > 90
    assert recall >= 0.95
    assert per_error <= 1.3
    assert unexplained <= 0.02 * count


@pytest.mark.slow
@pytest.mark.shared
def test_injected_errors_are_found_in_real_icons(svgs: SvgRenderer) -> None:
    if not SHARED.exists():
        pytest.skip("../shared/data/unisvg is not there")
    real = [(record["image_path"], record["a_text"]) for record in json.loads(SHARED.read_text())]
    recall, per_error, unexplained, count = recall_and_labels(svgs, real[::3], step=6)
    assert count > 50
    assert recall >= 0.95
    assert per_error <= 1.3
    assert unexplained <= 0.02 * count


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
        "drawn without its part at right; the rest is rotated by 20° clockwise"
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
