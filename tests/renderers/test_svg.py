"""The SVG renderer: the official pixels, typed verdicts, a scene that agrees with the picture."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import cairosvg
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from records.taxonomy import Language, Modality
from renderers.contract import Renderer, pixel_hash
from renderers.second_opinion import VISIBLY_OTHER
from renderers.svg.canvas import SIDE_PX
from renderers.svg.cross_check import SvgCrossCheck, available
from renderers.svg.renderer import SvgRenderer
from renderers.svg.scene import owners
from sandbox.session import PROGRAMS
from sandbox.status import Limits, RenderStatus
from sources.bundled import samples

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "unisvg" / "test.json"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
SQUARE = HEAD + '<rect x="10" y="20" width="30" height="30" fill="red"/></svg>'


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer() as renderer:
        yield renderer


def official(code: str) -> np.ndarray:
    """What UniSVG's and Visual-ERM's call draws."""
    png = cairosvg.svg2png(
        bytestring=code.encode(), output_width=336, output_height=336, background_color="white"
    )
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def drawn(svgs: SvgRenderer, code: str) -> np.ndarray:
    picture, _ = svgs.render(code, Language.SVG).drawn()
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image)


def test_it_is_a_renderer(svgs: SvgRenderer) -> None:
    lane: Renderer = svgs
    assert lane.modality is Modality.SVG
    assert {"cairosvg", "cairo", "fonts"} <= set(lane.contract.settings)


def test_bundled_icons_look_as_the_official_call_draws_them(svgs: SvgRenderer) -> None:
    icons = samples(Modality.SVG)
    assert icons
    for icon in icons:
        assert (drawn(svgs, icon.code) == official(icon.code)).all(), icon.upstream_id


@pytest.mark.shared
def test_real_icons_look_as_the_official_call_draws_them(svgs: SvgRenderer) -> None:
    if not SHARED.exists():
        pytest.skip("../shared/data/unisvg is not there")
    for record in json.loads(SHARED.read_text()):
        code = record["a_text"]
        assert (drawn(svgs, code) == official(code)).all(), record["image_path"]


@pytest.mark.parametrize(
    ("root", "rect", "painted"),
    [
        ('viewBox="0 0 200 100"', (200, 100), (0, 84, 336, 252)),
        ('width="200" height="100"', (200, 100), (0, 84, 336, 252)),
        ('viewBox="0 0 50 100"', (50, 100), (84, 0, 252, 336)),
        ('viewBox="0 0 200 100" preserveAspectRatio="none"', (150, 100), (0, 0, 252, 336)),
        ('width="20mm" height="10mm" viewBox="0 0 200 100"', (200, 100), (0, 84, 336, 252)),
    ],
)
def test_a_drawing_keeps_its_aspect_and_is_centered(
    svgs: SvgRenderer, root: str, rect: tuple[int, int], painted: tuple[int, ...]
) -> None:
    code = f'<svg xmlns="http://www.w3.org/2000/svg" {root}>'
    code += f'<rect width="{rect[0]}" height="{rect[1]}"/></svg>'
    pixels = drawn(svgs, code).max(axis=2) < 128
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    assert (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) == painted


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "\ufeff",
        "  \n",
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<?xml version="1.0" encoding="utf-16"?>',
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
        "<!-- drawn by hand -->",
    ],
)
def test_what_stands_before_the_root_changes_nothing(svgs: SvgRenderer, prefix: str) -> None:
    assert (drawn(svgs, prefix + SQUARE) == drawn(svgs, SQUARE)).all()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (HEAD + "</svg>", RenderStatus.BLANK),
        (HEAD + '<a href="https://example.org"><rect width="9" height="9"/></a></svg>', None),
        (HEAD + "<rect", RenderStatus.CODE_CRASHED),
        (HEAD + '<path d="M 0 0 L 5"/><rect width="9" height="9"/></svg>', None),
        ("x" * 1_000_001, RenderStatus.TOO_LARGE),
    ],
)
def test_verdicts(svgs: SvgRenderer, code: str, status: RenderStatus | None) -> None:
    result = svgs.render(code, Language.SVG)
    assert result.status is (status or RenderStatus.OK), result.detail


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ('fill="rgb(0 0 255 / 50%)"', 'fill="blue" fill-opacity="0.5"'),
        ('fill="hsl(240, 100%, 50%)"', 'fill="blue"'),
        ('fill="#0000ff80"', 'fill="rgba(0,0,255,0.502)"'),
        ('fill="var(--ink, blue)"', 'fill="blue"'),
        ('fill="rgb(a, b, c)"', ""),
        ('opacity="50%"', 'opacity="0.5"'),
        ('fill-opacity="half"', ""),
        ('stroke="blue" stroke-miterlimit=""', 'stroke="blue"'),
        ('stroke="blue" stroke-width="calc(1px + 1px)"', 'stroke="blue"'),
        ('marker-end="url(#nowhere)"', ""),
    ],
)
def test_a_value_that_cairosvg_cannot_read_is_drawn_as_browsers_do(
    svgs: SvgRenderer, given: str, plain: str
) -> None:
    one, other = (
        drawn(svgs, f'{HEAD}<path d="M0 0h9L5 9z" {words}/></svg>') for words in (given, plain)
    )
    assert (one == other).all()


def test_an_element_that_cannot_be_drawn_is_named(svgs: SvgRenderer) -> None:
    code = f'{HEAD}<path id="sun" d="M0 0h9" stroke="red" stroke-dasharray="-5 1"/></svg>'
    result = svgs.render(code, Language.SVG)
    assert result.status is RenderStatus.CODE_CRASHED
    assert '<path id="sun"' in result.detail


@pytest.mark.parametrize("family", ["sans-serif", "DejaVu Sans"])
def test_letters_that_the_font_lacks_are_taken_from_another(svgs: SvgRenderer, family: str) -> None:
    """One word is not another one, wherever a font has its letters: no two empty boxes."""
    if not any(Path("/usr/share/fonts").rglob("NotoSansCJK*")):
        pytest.skip("no font with Chinese letters on this machine")
    one, other = (
        drawn(svgs, f'{HEAD}<text y="20" font-size="20" font-family="{family}">{word}</text></svg>')
        for word in ("\u4e2d\u6587", "\u65e5\u672c")
    )
    assert (one != other).any()


def test_another_language_is_a_mistake_of_the_caller(svgs: SvgRenderer) -> None:
    with pytest.raises(ValueError, match="html"):
        svgs.render("<table/>", Language.HTML)


def test_repeats_are_identical_and_a_worker_serves_many(svgs: SvgRenderer) -> None:
    icon = samples(Modality.SVG)[0].code
    svgs.render(icon, Language.SVG)
    before = svgs.server.children
    renders = [svgs.render(icon, Language.SVG) for _ in range(PROGRAMS)]
    assert len({render.drawn()[0].pixel_hash for render in renders}) == 1
    assert len({render.drawn()[1].to_json() for render in renders}) == 1
    assert svgs.server.children - before <= 2


def test_a_failure_takes_its_worker_with_it(svgs: SvgRenderer) -> None:
    svgs.render(SQUARE, Language.SVG)
    before = svgs.server.children
    svgs.render(HEAD + "<script/></svg>", Language.SVG)
    svgs.render(SQUARE, Language.SVG)
    assert svgs.server.children == before + 1


def test_programs_leave_no_trace_in_the_next(svgs: SvgRenderer) -> None:
    icons = [icon.code for icon in samples(Modality.SVG)[:12]]
    alone = []
    for icon in icons:
        with_fresh_worker = svgs.render(HEAD + "</svg>", Language.SVG)
        assert with_fresh_worker.status is RenderStatus.BLANK
        alone.append(svgs.render(icon, Language.SVG).drawn()[0].pixel_hash)
    in_a_row = [svgs.render(icon, Language.SVG).drawn()[0].pixel_hash for icon in icons]
    assert alone == in_a_row


def test_memory_is_bounded() -> None:
    hungry = (
        HEAD
        + '<pattern id="p" width="30000" height="30000" patternUnits="userSpaceOnUse">'
        + '<rect width="30000" height="30000" fill="red"/></pattern>'
        + '<g transform="scale(.001)"><rect width="90000" height="90000" fill="url(#p)"/></g></svg>'
    )
    with SvgRenderer(Limits(memory_mb=256, timeout_s=30)) as svgs:
        before = svgs.render(SQUARE, Language.SVG).drawn()[0].pixel_hash
        svgs.render(hungry, Language.SVG)
        assert svgs.render(SQUARE, Language.SVG).drawn()[0].pixel_hash == before


def test_the_hash_is_that_of_the_pixels(svgs: SvgRenderer) -> None:
    picture, _ = svgs.render(SQUARE, Language.SVG).drawn()
    assert picture.pixel_hash == pixel_hash(drawn(svgs, SQUARE).tobytes(), SIDE_PX, SIDE_PX)


def test_every_painted_pixel_has_an_owner(svgs: SvgRenderer) -> None:
    for icon in samples(Modality.SVG):
        picture, scene = svgs.render(icon.code, Language.SVG).drawn()
        with Image.open(io.BytesIO(picture.png)) as image:
            painted = (np.asarray(image) != 255).any(axis=2)
        owned = owners(scene) != 0xFFFF
        # A pixel that is less than half inside belongs to no one: it is a softened edge.
        unowned = painted & ~ndimage.binary_dilation(owned, np.ones((3, 3)), iterations=3)
        assert not unowned.any(), icon.upstream_id


@pytest.mark.skipif(not available(), reason="resvg-py, of the extra cross-check, is not installed")
def test_a_second_renderer_disagrees_where_cairosvg_is_wrong(svgs: SvgRenderer) -> None:
    two = '<rect width="60" height="60" fill="red"/><rect x="30" y="30" width="60" height="60" fill="cyan"'
    plain, blended = (
        HEAD + two + "/></svg>",
        HEAD + two + ' style="mix-blend-mode:multiply"/></svg>',
    )
    flat = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><circle r="90"/></svg>'
    with SvgCrossCheck() as check:
        for code, differs in ((plain, False), (flat, False), (blended, True)):
            picture, _ = svgs.render(code, Language.SVG).drawn()
            share = check.disagreement(code, picture)
            assert share is not None
            assert (share >= VISIBLY_OTHER) is differs
        picture, _ = svgs.render(plain, Language.SVG).drawn()
        assert check.disagreement(HEAD + "<script/></svg>", picture) is None
