"""Icons of several parts: the gaps between these, and lines around openings that have a gap or meet."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin

import pytest

from annotators.structural.pixels import pixel_difference
from annotators.structural.svg.seen.compare import differences
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]


def labels(one: Drawn, two: Drawn) -> list[tuple[str, str, str]]:
    found = differences(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    return [(label.category, label.location, label.description) for label in found]


def tiles(gap: float) -> str:
    """Four tiles that fill a square, with a cross of white between them."""
    side, far = 40 - gap / 2, 50 + gap / 2
    spots = ((10, 10), (far, 10), (10, far), (far, far))
    return "".join(
        f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="teal"/>' for x, y in spots
    )


def leaves(radius: float) -> str:
    """Six round leaves around the middle."""
    spots = ((50, 22), (74, 36), (74, 64), (50, 78), (26, 64), (26, 36))
    return "".join(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="purple"/>' for x, y in spots)


@pytest.mark.parametrize(
    ("reference", "candidate", "words"),
    [
        pytest.param(tiles(4), tiles(6), "wider", id="tiles are farther apart"),
        pytest.param(tiles(6), tiles(4), "narrower", id="tiles are closer"),
        pytest.param(leaves(12), leaves(12.5), "narrower", id="leaves are a little larger"),
    ],
)
def test_gaps_between_parts_are_one_label(
    draw: Callable[[str], Drawn], reference: str, candidate: str, words: str
) -> None:
    found = labels(draw(reference), draw(candidate))
    ((category, location, said),) = found
    assert (category, said) == ("shape_error", words)
    assert location.startswith("white gaps between the parts")


def test_one_part_that_grew_is_no_other_gap(draw: Callable[[str], Drawn]) -> None:
    small = '<circle cx="50" cy="50" r="13" fill="purple"/>'
    found = labels(draw(leaves(11) + small), draw(leaves(11) + small.replace('r="13"', 'r="14.5"')))
    assert [words for _, _, words in found] == ["11 % larger"]


RING = '<path d="{}" fill="none" stroke="navy" stroke-width="8"/>'
TENT = RING.format("M50 15L15 80H85{}")


@pytest.mark.parametrize(
    ("reference", "candidate", "words"),
    [
        pytest.param(
            TENT.format("L50 15z"), TENT.format("L62 37"),
            "no longer closed at its top: it has a gap there", id="a closed line is open",
        ),
        pytest.param(
            TENT.format("L62 37"), TENT.format("L50 15z"),
            "closed at its top: its ends touch there, without a gap",
            id="an open line is closed",
        ),
        pytest.param(
            RING.format("M15 20H85V80H15zM50 20V80"), RING.format("M15 20H85V80H15zM50 20V60"),
            "interrupted at its bottom: the openings beside it are joined", id="a bar ends early",
        ),
    ],
)  # fmt: skip
def test_a_line_around_an_opening_has_a_gap_or_meets(
    draw: Callable[[str], Drawn], reference: str, candidate: str, words: str
) -> None:
    found = labels(draw(reference), draw(candidate))
    assert [(category, said) for category, _, said in found] == [("shape_error", words)]


def test_a_new_ring_closes_no_gap(draw: Callable[[str], Drawn]) -> None:
    square = '<rect x="10" y="10" width="30" height="30" fill="gray"/>'
    ring = '<circle cx="70" cy="70" r="15" fill="none" stroke="navy" stroke-width="6"/>'
    found = labels(draw(square), draw(square + ring))
    assert [words for _, _, words in found] == ["extra"]


def test_a_dashed_line_is_no_open_one(draw: Callable[[str], Drawn]) -> None:
    ring = RING.format("M20 20H80V80H20z")
    dashed = ring.replace("/>", ' stroke-dasharray="30 18"/>')
    assert not any("closed" in words for _, _, words in labels(draw(ring), draw(dashed)))


def test_a_narrow_loop_that_became_a_stroke_has_no_gap(draw: Callable[[str], Drawn]) -> None:
    loop = RING.format("M30 85C50 60 62 10 56 10C48 10 44 60 46 85").replace('"8"', '"4"')
    stroke = RING.format("M30 85L46 85L56 10").replace('"8"', '"4"')
    assert not any("closed" in words for _, _, words in labels(draw(loop), draw(stroke)))


def star(x: float, y: float, inner: float) -> str:
    tips = [(20, -18), (inner, 18), (20, 54), (inner, 90), (20, 126)]
    tips += [(inner, 162), (20, 198), (inner, 234), (20, 270), (inner, 306)]
    spots = (
        f"{x + far * cos(radians(turn)):.2f},{y + far * sin(radians(turn)):.2f}"
        for far, turn in tips
    )
    return f'<polygon points="{" ".join(spots)}"/>'


@pytest.mark.parametrize(
    ("reference", "candidate", "words"),
    [
        pytest.param(
            star(30, 30, 10) + star(70, 65, 10), star(30, 30, 8.8) + star(70, 65, 8.8),
            ["have slimmer points"], id="slimmer stars",
        ),
        pytest.param(
            '<rect x="10" y="20" width="80" height="60" rx="14"/>',
            '<rect x="10" y="20" width="80" height="60" rx="8"/>',
            ["has sharper corners"], id="rounded corners of another radius",
        ),
    ],
)  # fmt: skip
def test_what_of_a_form_differs_is_said(
    draw: Callable[[str], Drawn], reference: str, candidate: str, words: list[str]
) -> None:
    assert [said for _, _, said in labels(draw(reference), draw(candidate))] == words


def test_a_ring_with_a_dot_is_thinner(draw: Callable[[str], Drawn]) -> None:
    ring = RING.format("M78 22A40 40 0 1 0 90 50")
    dot = '<circle cx="78" cy="22" r="9" fill="navy"/>'
    thin = (
        f'<g transform="translate(-1.5 2)">{ring.replace(chr(34) + "8", chr(34) + "5.6")}{dot}</g>'
    )
    found = [words for _, _, words in labels(draw(ring + dot), draw(thin))]
    assert "has thinner lines" in found
    assert not any("gap" in words for words in found)


def test_an_outline_beside_its_letter_is_said(draw: Callable[[str], Drawn]) -> None:
    letter = '<path d="M45 35V65{}" fill="none" stroke="white" stroke-width="6"/>'
    reference = '<rect x="10" y="10" width="80" height="80" rx="16"/>' + letter.format(
        "M60 35L45 50L60 65"
    )
    candidate = '<rect x="10" y="10" width="80" height="80" rx="10"/>' + letter.format(
        "M66 35L45 50L66 65"
    )
    found = labels(draw(reference), draw(candidate))
    assert "has sharper corners" in [words for _, _, words in found]
    assert any("white" in location for _, location, _ in found)


def test_outlines_of_a_few_things_that_differ_otherwise_are_told_one_by_one(
    draw: Callable[[str], Drawn],
) -> None:
    tab = '<path d="M{} 20h20v{}h-8v{}h-12z" fill="teal"/>'
    before = [(8, 50, 0), (40, 50, 0), (72, 50, 0)]
    after = [(8, 50, 12), (40, 38, 12), (72, 50, -14)]
    found = labels(*(draw("".join(tab.format(*at) for at in row)) for row in (before, after)))
    assert len(found) == 3
    assert not any("have other outlines" in words for _, _, words in found)


def test_a_gap_says_nothing_of_a_text_that_changed(draw: Callable[[str], Drawn]) -> None:
    bars = (
        '<rect x="10" y="8" width="34" height="60" fill="teal"/>'
        '<rect x="56" y="8" width="34" height="60" fill="teal"/>'
        '<text x="20" y="95" font-size="20">{}</text>'
    )
    filled = '<rect x="43" y="8" width="14" height="60" fill="teal"/>'
    found = labels(draw(bars.format("SALE")), draw(bars.format("OPEN") + filled))
    assert "text_symbol_error" in {category for category, _, _ in found}
    assert len(found) > 1
