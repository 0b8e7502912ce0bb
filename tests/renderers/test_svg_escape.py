"""Hostile SVG programs: each gets its typed verdict, and the next render is as if it had not been."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from records.taxonomy import Language
from renderers.svg.renderer import SvgRenderer
from sandbox.status import Limits, RenderStatus

HERE = Path(__file__).parent / "escape" / "svg"
CRASHED, DENIED = RenderStatus.CODE_CRASHED, RenderStatus.DENIED
BLANK, LARGE, TIMEOUT = RenderStatus.BLANK, RenderStatus.TOO_LARGE, RenderStatus.TIMEOUT
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
INNOCENT = (
    HEAD + '<g opacity=".5"><circle cx="40" cy="40" r="30"/></g><text y="90">next</text></svg>'
)

VERDICTS = {
    "external_image": {DENIED},
    "local_image": {DENIED},
    "embedded_raster": {DENIED},
    "filter_image": {DENIED},
    "external_use": {DENIED},
    "relative_use": {DENIED},
    "embedded_use": {DENIED},
    "external_gradient": {DENIED},
    "external_paint": {DENIED},
    "external_text": {DENIED},
    "css_import": {DENIED},
    "css_import_escaped": {DENIED},
    "css_url": {DENIED},
    "css_url_escaped": {DENIED},
    "css_font": {DENIED},
    "css_data": {DENIED},
    "style_sheet": {DENIED},
    "xxe": {DENIED},
    "parameter_entity": {DENIED},
    "external_dtd": {DENIED},
    "entity_bomb": {DENIED},
    "foreign_object": {DENIED},
    "script": {DENIED},
    "use_bomb": {LARGE},
    "use_bomb_of_paths": {LARGE},
    "pattern_bomb": {LARGE},
    "mask_bomb": {LARGE},
    "huge_width": {LARGE},
    "use_itself": {CRASHED},
    "pattern_in_itself": {CRASHED},
    "mask_in_itself": {CRASHED},
    "clip_in_itself": {CRASHED},
    "pattern_tile_huge": {CRASHED, LARGE, RenderStatus.OUT_OF_MEMORY, RenderStatus.OK, BLANK},
    "nan_size": {CRASHED},
    "nan_view_box": {CRASHED},
    "infinite_view_box": {CRASHED},
    "empty_view_box": {CRASHED},
    "not_xml": {CRASHED},
    "cut_short": {CRASHED},
    "other_root": {CRASHED},
    "bad_number": {RenderStatus.OK},  # browsers leave such a value out
    "off_canvas": {BLANK},
    "transparent": {BLANK},
    "empty": {BLANK},
    "white": {BLANK},
}

GENERATED = {
    "deep_nesting": (HEAD + "<g>" * 5_000 + "<rect/>" + "</g>" * 5_000 + "</svg>", {LARGE}),
    "deepest_nesting": (HEAD + "<g>" * 200_000 + "</g>" * 50_000 + "</svg>", {LARGE}),
    "many_elements": (HEAD + '<rect width="1" height="1"/>' * 60_000 + "</svg>", {LARGE}),
    "many_points": (HEAD + '<path d="M0 0' + "l1 1" * 240_000 + '"/></svg>', {LARGE}),
    "slow_points": (
        HEAD + '<polyline points="' + "1,1 90,5 50,90 " * 26_000 + '"/></svg>',
        {TIMEOUT, RenderStatus.OK},
    ),
    "many_markers": (
        HEAD
        + '<marker id="m" markerWidth="3" markerHeight="3"><rect width="1" height="1"/></marker>'
        + '<path marker-mid="url(#m)" d="M0 0'
        + "l1 1" * 60_000
        + '"/></svg>',
        {LARGE},
    ),
    "inherited_bomb": (
        HEAD
        + '<defs><pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse">'
        + '<rect width="1" height="1"/>' * 40
        + '</pattern></defs><g fill="url(#p)">'
        + '<rect width="90" height="90"/>' * 2_000
        + "</g></svg>",
        {LARGE, TIMEOUT},
    ),
    "too_long": (HEAD + "<!--" + "x" * 1_000_001 + "--></svg>", {LARGE}),
    "lone_surrogate": (HEAD + "<text>\ud800</text></svg>", {CRASHED}),
    "null_byte": (HEAD + "<text>\0</text></svg>", {CRASHED}),
    "nothing": ("", {CRASHED}),
}


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer(Limits(timeout_s=12, memory_mb=1024)) as renderer:
        yield renderer


@pytest.fixture(scope="module")
def clean(svgs: SvgRenderer) -> str:
    picture, _ = svgs.render(INNOCENT, Language.SVG).drawn()
    return picture.pixel_hash


def next_is_clean(svgs: SvgRenderer, clean: str) -> bool:
    return svgs.render(INNOCENT, Language.SVG).drawn()[0].pixel_hash == clean


def test_every_file_has_a_verdict() -> None:
    assert {path.stem for path in HERE.glob("*.svg")} == set(VERDICTS)


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_a_hostile_file_gets_its_verdict(svgs: SvgRenderer, clean: str, name: str) -> None:
    result = svgs.render((HERE / f"{name}.svg").read_text(), Language.SVG)
    assert result.status in VERDICTS[name], result.detail
    if result.status is not RenderStatus.OK:
        assert result.detail
        assert result.picture is None
    assert next_is_clean(svgs, clean)


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_hostile_size_gets_its_verdict(svgs: SvgRenderer, clean: str, name: str) -> None:
    code, verdicts = GENERATED[name]
    result = svgs.render(code, Language.SVG)
    assert result.status in verdicts, result.detail
    assert next_is_clean(svgs, clean)


def test_an_embedded_raster_is_named(svgs: SvgRenderer) -> None:
    result = svgs.render((HERE / "embedded_raster.svg").read_text(), Language.SVG)
    assert result.detail.startswith("embedded_raster")


def test_a_deadline_ends_the_worker_and_only_the_worker() -> None:
    slow = HEAD + '<polyline points="' + "1.5,2.5 " * 90_000 + '"/></svg>'
    with SvgRenderer(Limits(timeout_s=60)) as svgs:
        before, _ = svgs.render(INNOCENT, Language.SVG).drawn()
        server, children = svgs.server_pid, svgs.server.children
        svgs.server.limits = Limits(timeout_s=0.3)
        result = svgs.render(slow, Language.SVG)
        assert result.status is RenderStatus.TIMEOUT
        assert "0.3 s" in result.detail
        svgs.server.limits = svgs.limits
        assert svgs.render(INNOCENT, Language.SVG).drawn()[0] == before
        assert (svgs.server_pid, svgs.server.children) == (server, children + 1)


def test_nothing_is_left_behind() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with SvgRenderer() as svgs:
        svgs.render(INNOCENT, Language.SVG)
        assert {child.pid for child in psutil.Process().children(recursive=True)} > before
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
