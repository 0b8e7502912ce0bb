"""What counts as a visible difference between two renderers, and what as the same edge elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from records.taxonomy import Language, Modality
from renderers.second_opinion import REACH_PX, VISIBLY_OTHER, visibly_other
from renderers.svg.cross_check import SvgCrossCheck, available
from renderers.svg.renderer import SvgRenderer
from sources import bundled

CASES = Path(__file__).parents[2] / "docs" / "hard-cases"


def picture(left: int = 40, side: int = 20, shade: int = 0) -> NDArray[np.uint8]:
    made = np.full((200, 200, 3), 255, np.uint8)
    made[40 : 40 + side, left : left + side] = shade
    return made


def test_equal_pictures_and_soft_edges_do_not_differ() -> None:
    assert visibly_other(picture(), picture()) == 0
    soft = picture()
    soft[39, 40:60] = soft[60, 40:60] = 128
    assert visibly_other(picture(), soft) == 0
    assert visibly_other(picture(shade=0), picture(shade=60)) == 0


def test_the_same_edge_a_little_aside_does_not_differ() -> None:
    assert visibly_other(picture(40), picture(40 + REACH_PX)) == 0
    assert visibly_other(picture(40), picture(41 + REACH_PX)) > 0


def test_what_only_one_draws_differs_whichever_it_is() -> None:
    without = picture(side=0)
    share = visibly_other(picture(side=20), without)
    assert share == visibly_other(without, picture(side=20)) == 400 / 200**2
    # A small star on a large picture counts as well.
    assert visibly_other(picture(side=9), without) > VISIBLY_OTHER
    assert visibly_other(picture(shade=0), picture(shade=120)) == 400 / 200**2


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
def check() -> Iterator[SvgCrossCheck]:
    if not available():
        pytest.skip("resvg-py, of the extra cross-check, is not installed")
    with SvgCrossCheck() as opened:
        yield opened


@pytest.mark.parametrize(
    ("case", "differs"),
    [
        ("svg-gradients", False),
        ("svg-strokes", False),
        # CairoSVG knows no luminance masks, blurs patterns and loses words behind an anchored one.
        ("svg-masks", True),
        ("svg-reuse", True),
        ("svg-text", True),
    ],
)
def test_hard_cases(svgs: SvgRenderer, check: SvgCrossCheck, case: str, differs: bool) -> None:
    code = (CASES / f"{case}.svg").read_text(encoding="utf-8")
    share = check.disagreement(code, svgs.render(code, Language.SVG).drawn()[0])
    assert share is not None
    assert (share >= VISIBLY_OTHER) is differs


def test_words_set_by_other_rules_of_spacing_are_no_difference(
    svgs: SvgRenderer, check: SvgCrossCheck
) -> None:
    with_words = [one for one in bundled.samples(Modality.SVG) if "<text" in one.code]
    assert len(with_words) >= 5
    for sample in with_words:
        share = check.disagreement(sample.code, svgs.render(sample.code, Language.SVG).drawn()[0])
        assert share is not None and share < VISIBLY_OTHER, sample.upstream_id


def test_lengths_in_points_inches_and_millimetres_are_drawn_by_both(
    svgs: SvgRenderer, check: SvgCrossCheck
) -> None:
    code = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="336" height="336">'
        '<rect x="1in" y="20mm" width="72pt" height="3cm" stroke-width="4pt" stroke="black"/></svg>'
    )
    share = check.disagreement(code, svgs.render(code, Language.SVG).drawn()[0])
    assert share is not None and share < VISIBLY_OTHER


@pytest.mark.parametrize(
    ("root", "corner"),
    [("", (10, 10)), ('width="100%" height="100%"', (10, 10)), ('width="168"', (94, 10))],
)
def test_an_icon_of_no_size_is_as_large_as_the_picture(
    svgs: SvgRenderer, check: SvgCrossCheck, root: str, corner: tuple[int, int]
) -> None:
    code = f'<svg xmlns="http://www.w3.org/2000/svg" {root}><rect x="10" y="10" width="50" height="50"/></svg>'
    picture, scene = svgs.render(code, Language.SVG).drawn()
    (rect,) = scene.root.children
    assert rect.box == (*corner, corner[0] + 50, corner[1] + 50)
    assert check.disagreement(code, picture) == 0
