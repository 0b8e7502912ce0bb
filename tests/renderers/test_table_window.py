"""One window, every size: what is drawn never depends on what was drawn before, or how large."""

from __future__ import annotations

import itertools
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from annotators.structural.pixels import pixels
from records.taxonomy import Language, Modality
from renderers.table.browser.devtools import (
    MAX_MESSAGE_BYTES,
    BrowserLost,
    DevTools,
    DevToolsError,
    Event,
)
from renderers.table.document import prepare
from renderers.table.renderer import TableRenderer
from sandbox.status import Limits, RenderStatus
from sources import bundled

CELL = "<td>a</td><td>b</td>"


@pytest.fixture(scope="module")
def tables() -> Iterator[TableRenderer]:
    with TableRenderer(Limits(timeout_s=60)) as renderer:
        yield renderer


@pytest.mark.parametrize(
    "code",
    [
        f"<table><tr>{CELL}</table>",
        f'<html lang="zh"><body><table style="color:red"><tr>{CELL}</table>',
        '<table style="width:50vw"><tr><td style="height:10vmin">a</table>',
    ],
)
def test_a_plain_table_is_drawn_in_any_window(code: str) -> None:
    assert prepare(code, Language.HTML, Limits()).window_free


@pytest.mark.parametrize(
    "code",
    [
        f"<style>td{{color:red}}</style><table><tr>{CELL}</table>",
        f'<body style="height:100%"><table><tr>{CELL}</table>',
        f'<table style="position:absolute;right:0"><tr>{CELL}</table>',
        f'<table style="position:f\\69 xed"><tr>{CELL}</table>',
        f"<table><tr>{CELL}</table><img src=x>",
    ],
)
def test_a_layout_that_may_measure_the_window_gets_a_fixed_one(code: str) -> None:
    assert not prepare(code, Language.HTML, Limits()).window_free


@pytest.mark.chromium
@pytest.mark.parametrize(
    ("code", "width_px"),
    [
        ('<table style="width:50vw"><tr><td>a</table>', 424),
        ("<style>table{width:50vw}</style><table><tr><td>a</table>", 424),
        # A medium query sees the window of 800 x 600 px, not that of the table before.
        (
            "<style>@media (width: 800px) and (height: 600px) { table { width: 333px } }</style>"
            "<table><tr><td>a</table>",
            357,
        ),
        # Every length of a page as wide as its window ends at the contract's.
        ('<body style="width:100%"><table style="width:100%"><tr><td>a</table>', 1304),
        # At the window's edge there is no room for the whole margin.
        ('<table style="position:absolute;right:0;width:100px"><tr><td>a</table>', 112),
    ],
)
def test_the_window_is_always_the_same(tables: TableRenderer, code: str, width_px: int) -> None:
    for _ in range(2):
        picture, scene = tables.render(code, Language.HTML).drawn()
        assert picture.width_px == scene.width_px == width_px
        other = '<table style="width:1700px"><tr><td>wider</table>'
        assert tables.render(other, Language.HTML).status is RenderStatus.OK


@pytest.mark.chromium
def test_a_document_that_outgrows_every_window_is_refused(tables: TableRenderer) -> None:
    code = '<table style="position:absolute;left:99%;width:60%"><tr><td>a</table>'
    render = tables.render(code, Language.HTML)
    assert render.status is RenderStatus.TOO_LARGE
    assert "becomes larger" in render.detail


@pytest.mark.chromium
def test_pictures_of_one_size_are_never_mistaken(tables: TableRenderer) -> None:
    """A frame that was painted before the document changed would have the same size."""
    codes = [
        f'<table style="width:300px"><tr><td style="background:#{shade:02x}8040">x</table>'
        for shade in (10, 90, 170, 250)
    ]
    for shade, code in itertools.islice(
        itertools.cycle(zip((10, 90, 170, 250), codes, strict=True)), 80
    ):
        rgb = pixels(tables.render(code, Language.HTML).drawn()[0].png)
        assert tuple(rgb[20, 200]) == (shade, 128, 64)


@pytest.mark.chromium
def test_what_was_drawn_before_changes_no_pixel(tables: TableRenderer) -> None:
    samples = bundled.samples(Modality.TABLE)[::2]
    hashes = {
        sample.id: tables.render(sample.code, sample.language).drawn()[0].pixel_hash
        for sample in samples
    }
    chance = random.Random(5)
    for sample in chance.sample(samples * 2, k=2 * len(samples)):
        drawn = tables.render(sample.code, sample.language).drawn()[0]
        assert drawn.pixel_hash == hashes[sample.id]


@pytest.mark.chromium
def test_an_embedded_picture_is_waited_for(tables: TableRenderer) -> None:
    # One red dot, 1 x 1 px.
    red = "R0lGODlhAQABAIAAAP8AAP8AACwAAAAAAQABAAACAkQBADs="
    for _ in range(3):
        code = f'<table><tr><td><img width=50 height=50 src="data:image/gif;base64,{red}"></table>'
        rgb = pixels(tables.render(code, Language.HTML).drawn()[0].png)
        assert int((rgb == np.array((255, 0, 0))).all(axis=2).sum()) == 50 * 50


@pytest.mark.chromium
@pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no full Chromium here")
def test_full_chromium_draws_the_same_pixels(
    tables: TableRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes screenshots where the headless shell draws frames on demand."""
    monkeypatch.setenv("VERMILLION_CHROMIUM", "/usr/bin/chromium")
    with TableRenderer() as full:
        for sample in bundled.samples(Modality.TABLE)[::6]:
            assert (
                full.render(sample.code, sample.language).drawn()
                == tables.render(sample.code, sample.language).drawn()
            )


# What answers in place of a browser: descriptor 3 is read, descriptor 4 written.
STAND_IN = """
import json, os
data = b""
while part := os.read(3, 4096):
    data += part
    while b"\\0" in data:
        line, _, data = data.partition(b"\\0")
        asked = json.loads(line)
        if asked["method"] == "Say.nonsense":
            os.write(4, b"{no\\0")
        elif asked["method"] == "Say.end":
            raise SystemExit
        elif asked["method"] == "Say.no":
            os.write(4, json.dumps({"id": asked["id"], "error": {"message": "no"}}).encode() + b"\\0")
        else:
            os.write(4, json.dumps({"method": "Heard", "params": {"n": asked["id"]}}).encode() + b"\\0")
            reply = json.dumps({"id": asked["id"], "result": {"got": asked}}).encode() + b"\\0"
            os.write(4, reply[:7])
            os.write(4, reply[7:])
"""


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def tools(heard: list[Event]) -> Iterator[DevTools]:
    made = DevTools([sys.executable, "-c", STAND_IN], {}, heard.append)
    yield made
    made.close()
    os.waitpid(made.pid, 0)


def test_replies_find_their_commands(tools: DevTools, heard: list[Event]) -> None:
    first = tools.post("A.b", parameters={"x": 1})
    tools.post("A.unheard", forget=True)
    second = tools.send("C.d", "page 1", y="\u9ad8")
    assert second["got"]["sessionId"] == "page 1"
    assert second["got"]["params"] == {"y": "\u9ad8"}
    assert b'"x": 1' in bytes(tools.wait(first))
    assert [event.method for event in heard] == ["Heard"] * 3


def test_a_refused_command_is_an_error(tools: DevTools) -> None:
    with pytest.raises(DevToolsError, match="no"):
        tools.send("Say.no")
    assert tools.send("A.b")["got"]["method"] == "A.b"


@pytest.mark.parametrize(
    ("method", "message"), [("Say.end", "ended"), ("Say.nonsense", "no message")]
)
def test_a_browser_that_ends_or_raves_is_lost(tools: DevTools, method: str, message: str) -> None:
    with pytest.raises(BrowserLost, match=message):
        tools.send(method)


def test_a_message_without_end_is_not_swallowed(
    tools: DevTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_MESSAGE_BYTES > 2**20
    monkeypatch.setattr("renderers.table.browser.devtools.MAX_MESSAGE_BYTES", 10)
    monkeypatch.setattr("renderers.table.browser.devtools._PART_BYTES", 8)
    with pytest.raises(BrowserLost, match="more than 10 bytes"):
        tools.send("A.b")


def test_no_descriptor_of_the_pipes_is_left(heard: list[Event]) -> None:
    before = psutil.Process().num_fds()
    made = DevTools([sys.executable, "-c", STAND_IN], {}, heard.append)
    assert made.send("A.b")
    made.close()
    os.waitpid(made.pid, 0)
    assert psutil.Process().num_fds() == before
