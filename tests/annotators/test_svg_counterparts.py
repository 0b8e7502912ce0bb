"""Icons drawn by somebody else: what is compared with what, and what many small things have in common."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np
import pytest

from annotators.structural.pixels import pixel_difference
from annotators.structural.svg.compare import differences
from annotators.structural.svg.masks import Mask
from annotators.structural.svg.seen.compare import differences as by_looks
from annotators.structural.svg.seen.fits import fit
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]

BLUE = '<rect width="100" height="100" fill="navy"/>'
ARROW = "M{0} {0}l8 8l3-3l2 12l-12-2l3-3l-8-8z"


def told(one: Drawn, two: Drawn, *, alone: bool = True) -> list[tuple[str, str]]:
    compare = by_looks if alone else differences
    found = compare(one[1], two[1], pixel_difference(one[0].png, two[0].png))
    return [(label.location, label.description) for label in found]


def ticks(inner: float, outer: float, number: int = 24) -> str:
    rays = [(cos(2 * pi * at / number), sin(2 * pi * at / number)) for at in range(number)]
    lines = "".join(
        f"M{50 + inner * x:.2f} {50 + inner * y:.2f}L{50 + outer * x:.2f} {50 + outer * y:.2f}"
        for x, y in rays
    )
    return f'<path d="{lines}" stroke="white" stroke-width="1.5"/>'


@pytest.mark.parametrize("wide", [2.1, 2.2])
def test_what_is_cut_out_may_be_painted_over(draw: Callable[[str], Drawn], wide: float) -> None:
    disk = "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z"
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    hole = "M13.7 8.3a1 1 0 0 0-1.4 0l-3 3a1 1 0 0 0 0 1.4l3 3a1 1 0 0 0 1.4-1.4L11.4 12l2.3-2.3a1 1 0 0 0 0-1.4z"
    one = f'{head}<path fill-rule="evenodd" d="{disk}{hole}"/></svg>'
    two = (
        f'{head}<path d="{disk}"/><path d="M13 9l-3 3l3 3" fill="none" stroke="#fff" stroke-width="{wide}"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    found = told(draw(one), draw(two), alone=False)
    assert not any("opening" in words or words == "extra" for _, words in found), found


def test_things_that_do_not_overlap_have_no_order(draw: Callable[[str], Drawn]) -> None:
    land = '<path d="M30 50L50 42L72 52L66 76L40 78z" fill="tan"/>'
    coarse = '<path d="M26 52L50 43L72 51L68 74L42 80z" fill="tan"/>'
    star = '<path d="M66 24l3 8h8l-6 5l2 8l-7-4l-7 4l2-8l-6-5h8z" fill="white"/>'
    found = told(draw(BLUE + land + star), draw(BLUE + star + coarse), alone=False)
    assert found
    assert not any("drawn over" in words or "drawn under" in words for _, words in found), found


def test_an_arrow_that_touches_its_disk_is_not_something_else(draw: Callable[[str], Drawn]) -> None:
    disk, scrap = "M30 20a10 10 0 1 1 -.01 0z", "M60 46l10 4l-8 6z"
    apart = f'<path d="{disk}{ARROW.format(44)}" fill="orange"/>'
    joined = f'<path d="{disk}{ARROW.format(44)}M28 32L32 28L50 46L46 50z{scrap}" fill="orange"/>'
    found = told(draw(BLUE + apart), draw(BLUE + joined))
    assert set(found) == {
        ("two orange parts at center", "run together instead of lying apart"),
        ("orange shape at right", "extra"),
    }


def test_nobody_counts_thirty_ticks(draw: Callable[[str], Drawn]) -> None:
    blue = '<circle cx="50" cy="50" r="48" fill="navy"/>'
    found = told(draw(blue + ticks(31, 39, 36)), draw(blue + ticks(31, 39, 37)))
    assert found
    assert not any("instead of" in words for _, words in found), found


def test_a_small_opening_that_is_filled_is_said(draw: Callable[[str], Drawn]) -> None:
    ring = '<path fill-rule="evenodd" d="M50 42a8 8 0 1 0 .01 0zM50 47.5a2.5 2.5 0 1 0 .01 0z" fill="royalblue"/>'
    dot = '<circle cx="50" cy="50" r="7.6" fill="royalblue"/>'
    assert told(draw(ring), draw(dot)) == [("blue circle at center", "has an opening filled in")]


def test_a_longer_handle_does_not_move_the_pan() -> None:
    rows, columns = np.mgrid[:120, :130]

    def pan(handle: int, middle: int) -> Mask:
        far = np.hypot(rows - 60, columns - middle)
        return (far < 42) & (far > 30) | (abs(rows - 60) < 6) & (columns > handle) & (far > 30) & (
            columns < middle
        )

    assert fit(pan(32, 80), pan(24, 79)).kind == "reshaped"


def test_a_frame_is_smaller_whatever_lies_in_it(draw: Callable[[str], Drawn]) -> None:
    emblem = (
        '<clipPath id="c"><ellipse cx="50" cy="50" rx="20" ry="{0}"/></clipPath>'
        '<g clip-path="url(#c)"><path d="M20 0h60v50h-60z" fill="lightblue"/><path d="M20 50h60v50h-60z" fill="khaki"/></g>'
        '<ellipse cx="50" cy="50" rx="20" ry="{0}" fill="none" stroke="maroon" stroke-width="3"/>'
    )
    found = told(draw(BLUE + emblem.format(38)), draw(BLUE + emblem.format(28)))
    assert any("maroon" in where and "shorter" in words for where, words in found), found
