"""imagetracerjs, where Node and the package are; a clear word where they are not."""

from __future__ import annotations

import io
import shutil

import pytest
from PIL import Image, ImageDraw

from policies.offline import imagetracer
from policies.offline.imagetracer import trace_in_node
from policies.settings import ImageTracerSettings
from records.errors import ConfigError, PolicyReplyError

THERE = (
    shutil.which("node") is not None
    and (imagetracer.FOLDER / "node_modules" / "imagetracerjs").is_dir()
)
needs_node = pytest.mark.skipif(not THERE, reason="Node or imagetracerjs is not installed")


@pytest.fixture(scope="module")
def png() -> bytes:
    image = Image.new("RGB", (120, 80), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((10, 10, 70, 70), fill="#d02020")
    pen.rectangle((60, 30, 110, 70), fill="#2040c0")
    with io.BytesIO() as memory:
        image.save(memory, "PNG")
        return memory.getvalue()


@needs_node
def test_areas_become_paths_in_a_view_box(png: bytes) -> None:
    settings = ImageTracerSettings(colours=4)
    code = trace_in_node(png, settings, seed=1)
    assert code.startswith('<svg viewBox="0 0 120 80"') and code.rstrip().endswith("</svg>")
    assert code.count("<path") >= 3
    assert code == trace_in_node(png, settings, seed=1)
    small = trace_in_node(png, ImageTracerSettings(side_px=30, jitter=0, omit_px=0), seed=1)
    assert 'viewBox="0 0 30 20"' in small


@needs_node
def test_a_picture_that_is_none_costs_one_attempt() -> None:
    with pytest.raises(PolicyReplyError, match="tracer_code_crashed"):
        trace_in_node(b"nothing", ImageTracerSettings(), 0)


@needs_node
def test_a_slow_tracer_ends(png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagetracer, "_SCRIPT", "while (true) {}")
    monkeypatch.setattr(imagetracer, "TIMEOUT_S", 0.5)
    with pytest.raises(PolicyReplyError, match="tracer_timeout"):
        trace_in_node(png, ImageTracerSettings(), 0)


def test_what_is_missing_is_named(png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagetracer.shutil, "which", lambda name: None)
    with pytest.raises(ConfigError, match="needs Node"):
        trace_in_node(png, ImageTracerSettings(), 0)
