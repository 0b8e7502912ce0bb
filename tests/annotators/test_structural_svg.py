"""The structural annotator of SVG: an edit in, the words a viewer would use out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from annotators.structural import Comparison, compare
from policies.offline import BUILTIN
from policies.offline.tracer import trace
from renderers.contract import Picture
from renderers.scene import Scene

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'
SQUARE = '<rect x="5" y="5" width="30" height="30" fill="red"/>'
BLUE = '<circle cx="60" cy="60" r="20" fill="blue"/>'
GOLD = '<circle cx="75" cy="60" r="15" fill="gold"/>'
WORD = '<text x="10" y="90" font-size="12">NEW</text>'
LINE = '<path d="M50 10h20v20z" stroke="green" fill="none" stroke-width="3"/>'
PAIR = '<g><rect x="60" y="5" width="9" height="9" fill="navy"/><circle cx="85" cy="9" r="5" fill="navy"/></g>'
PICTURE = SQUARE + BLUE + GOLD + WORD + LINE + PAIR

Drawn = tuple[Picture, Scene]


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
            "drawn with a line 67 % thinner",
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
            "turned by 30° clockwise",
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
    assert words == "have exchanged their colors"


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
