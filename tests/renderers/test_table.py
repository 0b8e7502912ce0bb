"""The table renderer: what it draws, what it refuses, what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from annotators.structural.pixels import pixels
from records.errors import RendererUnavailable
from records.taxonomy import Language, Modality
from renderers.scene import Element, Scene
from renderers.table.browser.messages import PageReply, PageRequest
from renderers.table.browser.process import WorkerProcess
from renderers.table.contract import find_browser
from renderers.table.renderer import TableRenderer
from sandbox.status import Limits, RenderStatus

pytestmark = pytest.mark.chromium

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
SMALL = "<table><tr><th>Name</th><th>Year</th></tr><tr><td>Duck</td><td>1,234.5</td></tr></table>"


@pytest.fixture(scope="module")
def tables() -> Iterator[TableRenderer]:
    with TableRenderer(Limits(timeout_s=60)) as renderer:
        yield renderer


def scene_of(tables: TableRenderer, code: str, language: Language = Language.HTML) -> Element:
    return tables.render(code, language).drawn()[1].root


def cells(root: Element) -> list[Element]:
    return [element for element in root.walk() if element.role == "cell"]


def test_the_same_program_gives_the_same_bytes(tables: TableRenderer) -> None:
    first, second = (tables.render(SMALL, Language.HTML) for _ in range(2))
    assert first.status is RenderStatus.OK
    assert first.picture == second.picture
    assert first.scene == second.scene
    assert first.contract == tables.contract.hash
    assert tables.modality is Modality.TABLE


def test_the_picture_is_the_table_and_a_margin(tables: TableRenderer) -> None:
    picture, scene = tables.render(SMALL, Language.HTML).drawn()
    rgb = pixels(picture.png)
    assert rgb.shape == (picture.height_px, picture.width_px, 3)
    dark = (rgb < 120).all(axis=2)
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    assert (rows[0], columns[0]) == (12, 12)
    assert (rows[-1], columns[-1]) == (picture.height_px - 13, picture.width_px - 13)
    assert scene.root.role == "table"
    for cell in cells(scene.root):
        left, top, right, bottom = (round(edge) for edge in cell.box or (0, 0, 0, 0))
        assert dark[top : bottom + 1, left : right + 1].any(), cell.text


def test_scenes_survive_their_own_strict_reading(tables: TableRenderer) -> None:
    scene = tables.render(SMALL, Language.HTML).scene
    assert scene is not None
    assert Scene.from_json(scene.to_json()) == scene


@pytest.mark.parametrize(
    ("style", "width_px", "height_px"),
    [
        ("width: 5000px", 5024, None),
        ("height: 20000px", None, 20024),
        ("width: 17000px", 17024, None),
    ],
)
def test_large_tables_are_not_cut(
    tables: TableRenderer, style: str, width_px: int | None, height_px: int | None
) -> None:
    code = f'<table style="{style}"><tr><td>left</td><td>right</td></tr></table>'
    picture, _ = tables.render(code, Language.HTML).drawn()
    assert width_px is None or picture.width_px == width_px
    assert height_px is None or picture.height_px == height_px
    dark = (pixels(picture.png) < 120).all(axis=2)
    # The frame is there on all sides, without a gap.
    assert dark[12:-12, 12].all()
    assert dark[12:-12, -13].all()
    assert dark[12, 12:-12].all()
    assert dark[-13, 12:-12].all()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("<b>no table</b>", RenderStatus.CODE_CRASHED),
        ("", RenderStatus.CODE_CRASHED),
        ("<table></table>", RenderStatus.BLANK),
        ('<table style="display:none"><tr><td>x</table>', RenderStatus.BLANK),
        ("<table><tr><td style='border:0;color:#fff'>x</table>", RenderStatus.BLANK),
        ('<table style="width:9000px;height:9000px"><tr><td>x</table>', RenderStatus.TOO_LARGE),
        ("<table><tr><td><iframe></iframe></table>", RenderStatus.DENIED),
    ],
)
def test_verdicts_are_typed(tables: TableRenderer, code: str, status: RenderStatus) -> None:
    render = tables.render(code, Language.HTML)
    assert render.status is status
    assert render.detail
    assert render.picture is None
    assert render.scene is None


def test_only_tables_are_drawn_here(tables: TableRenderer) -> None:
    with pytest.raises(ValueError, match="draws no svg"):
        tables.render("<svg/>", Language.SVG)


def test_markdown_and_html_of_the_same_table_look_the_same(tables: TableRenderer) -> None:
    markdown = tables.render("|Name|Year|\n|-|-|\n|Duck|1,234.5|\n", Language.MARKDOWN)
    html = tables.render(SMALL, Language.HTML)
    assert markdown.picture is not None and html.picture is not None
    assert markdown.picture.pixel_hash == html.picture.pixel_hash
    assert markdown.scene == html.scene


def test_chinese_is_drawn_with_its_own_glyphs(tables: TableRenderer) -> None:
    one, other = (
        tables.render(f"<table><tr><td>{word}</td></tr></table>", Language.HTML).drawn()[0]
        for word in ("高度", "宽度")
    )
    assert one.pixel_hash != other.pixel_hash
    assert (
        scene_of(tables, "<table><tr><td>高度/cm</td></tr></table>").children[0].children[0].text
        == "高度/cm"
    )


def test_formulas_are_drawn_and_read_back(tables: TableRenderer) -> None:
    code = r"<table><tr><td>68.3 $ \pm $ 19.7</td><td>$x_1^{2}$</td><td>$\frac{1}{2}$</td><td>$5</td></tr></table>"
    texts = [cell.text for cell in cells(scene_of(tables, code))]
    assert texts == ["68.3 ± 19.7", "x_{1}^{2}", r"\frac{1}{2}", "$5"]


def test_spans_and_places(tables: TableRenderer) -> None:
    code = """<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>e<td>f<td>g</table>"""
    root = scene_of(tables, code)
    assert (root.data["rows"], root.data["columns"]) == (3, 3)
    places = {
        cell.text: tuple(cell.data[name] for name in ("row", "column", "rowspan", "colspan"))
        for cell in cells(root)
    }
    assert places == {
        "a": (0, 0, 2, 1),
        "b": (0, 1, 1, 2),
        "c": (1, 1, 1, 1),
        "d": (1, 2, 1, 1),
        "e": (2, 0, 1, 1),
        "f": (2, 1, 1, 1),
        "g": (2, 2, 1, 1),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<td><b>x</b></td>", '<td style="font-weight:700">x</td>'),
        ("<td><strong>x</strong></td>", "<td><b>x</b></td>"),
        ("<td><i>x</i></td>", "<td><em>x</em></td>"),
        ("<th>x</th>", "<td align=center><b>x</b></td>"),
        ("<td>a&amp;b</td>", "<td>a&#38;b</td>"),
        ("<td colspan=3>x</td>", "<td>x</td>"),
        ("<td rowspan=9>x</td>", "<td>x</td>"),
        ("<td> x\n y </td>", "<td>x y</td>"),
        ('<td bgcolor="#ff0000">x</td>', '<td style="background:rgb(255,0,0)">x</td>'),
    ],
)
def test_equal_looks_are_equal_scenes(tables: TableRenderer, one: str, other: str) -> None:
    first, second = (
        tables.render(f"<table><tr>{code}</tr></table>", Language.HTML) for code in (one, other)
    )
    assert first.picture is not None and second.picture is not None
    assert first.picture.pixel_hash == second.picture.pixel_hash
    assert first.scene == second.scene


def test_scripts_breaks_captions_and_nested_tables(tables: TableRenderer) -> None:
    code = """<table><caption>Ducks</caption><tr><td>m<sup>2</sup> H<sub>2</sub>O<td>a<br>b
      <td><table><tr><td>inner</table><tr><td>plain <b>bold</b></table>"""
    root = scene_of(tables, code)
    assert [child.text for child in root.children if child.role == "caption"] == ["Ducks"]
    first, second, third, fourth = (
        cell for row in root.children if row.role == "row" for cell in row.children
    )
    assert first.text == "m^{2} H_{2}O"
    assert second.text == "a\nb"
    assert [child.role for child in third.children] == ["table"]
    looks = [(run.text, run.style["bold"]) for run in fourth.children if run.role == "run"]
    assert looks == [("plain", False), ("bold", True)]


def test_hidden_text_is_not_in_the_scene(tables: TableRenderer) -> None:
    code = """<table><tr><td>seen<span style="display:none">a</span><span style="visibility:hidden">b</span>
      <span style="color:#fff">c</span><span style="opacity:0">d</span></td></tr></table>"""
    assert [cell.text for cell in cells(scene_of(tables, code))] == ["seen"]


def test_borders_are_what_shows_after_conflicts(tables: TableRenderer) -> None:
    code = '<table frame="hsides"><tr><td>a</td><td style="border-left: 3px solid red">b</td></tr></table>'
    first, second = cells(scene_of(tables, code))
    assert first.style["border_left"] == "none"
    assert first.style["border_right"] == "3px solid #ff0000ff"
    assert second.style["border_left"] == "3px solid #ff0000ff"
    assert second.style["border_right"] == "none"


def test_several_tables_and_text_beside_them(tables: TableRenderer) -> None:
    root = scene_of(tables, f"<p>Before</p>{SMALL}{SMALL}")
    assert root.role == "document"
    assert [child.role for child in root.children] == ["block", "table", "table"]
    assert root.children[0].text == "Before"


def test_what_would_move_stands_still(tables: TableRenderer) -> None:
    code = """<style>@keyframes k{from{width:10px}to{width:900px}}td{animation:k 1s infinite}</style>
      <table><tr><td><marquee>x</marquee><svg width=9 height=9><rect width=9 height=9>
      <animate attributeName=width from=1 to=9 dur=.1s repeatCount=indefinite /></rect></svg></table>"""
    first = tables.render(code, Language.HTML)
    time.sleep(0.07)
    assert tables.render(code, Language.HTML).picture == first.picture


def test_a_hang_ends_at_the_deadline_and_memory_at_its_bound() -> None:
    shadows = ",".join(f"{n}px {n}px {n}px red" for n in range(3000))
    slow = f"<style>td{{text-shadow:{shadows}}}</style><table><tr><td>x</table>"
    roomy = Limits(timeout_s=60)
    with TableRenderer(roomy) as tables:
        clean, _ = tables.render(SMALL, Language.HTML).drawn()
        tables.limits = Limits(timeout_s=2)
        assert tables.render(slow, Language.HTML).status is RenderStatus.TIMEOUT
        tables.limits = roomy
        assert tables.render(SMALL, Language.HTML).picture == clean
        tables.limits = Limits(timeout_s=60, memory_mb=1)
        assert tables.render(slow, Language.HTML).status is RenderStatus.OUT_OF_MEMORY


@pytest.mark.parametrize(("losses", "verdict"), [(1, "ok"), (2, "code_crashed")])
def test_a_lost_page_is_the_programs_doing_only_when_it_is_lost_again(
    monkeypatch: pytest.MonkeyPatch, losses: int, verdict: str
) -> None:
    ask = WorkerProcess.ask
    left = [losses]

    def asked(worker: WorkerProcess, request: PageRequest, *bounds: Any) -> PageReply:
        if not request.probe and left[0]:
            left[0] -= 1
            return PageReply("code_crashed", "the page was lost: it crashed", spent=True)
        return ask(worker, request, *bounds)

    monkeypatch.setattr(WorkerProcess, "ask", asked)
    with TableRenderer() as tables:
        first = tables._worker
        assert tables.render(SMALL, Language.HTML).status.value == verdict
        assert tables._worker is not first
        assert tables.render(SMALL, Language.HTML).status is RenderStatus.OK


def test_a_browser_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderers.table.renderer.RENDERS_PER_MEMORY_CHECK", 2)
    with TableRenderer() as tables:
        pictures, workers = [], []
        for _ in range(4):
            pictures.append(tables.render(SMALL, Language.HTML).picture)
            workers.append(tables._worker)
            if len(workers) == 2:
                # From here on the browser holds more than half of what it may.
                tables.limits = Limits(memory_mb=2)
                monkeypatch.setattr("renderers.table.browser.process._MEMORY_POLL_S", 60)
        assert workers[0] is workers[1] is workers[2] is not None
        assert workers[3] is None
        tables.limits = Limits()
        assert tables.render(SMALL, Language.HTML).picture == pictures[0]


def gone(pids: list[int], timeout_s: float = 60) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not any(psutil.pid_exists(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("namespaces", [True, False])
def test_closing_leaves_no_process_and_no_folder(namespaces: bool) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with TableRenderer(namespaces=namespaces) as tables:
        assert tables.render(SMALL, Language.HTML).status is RenderStatus.OK
        assert tables._worker is not None
        scratch = Path(tables._worker.scratch)
        started = [
            child.pid
            for child in psutil.Process().children(recursive=True)
            if child.pid not in before
        ]
        assert len(started) > 3
    assert gone(started)
    assert not scratch.exists()


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_killed_parent_leaves_no_process_and_no_folder(namespaces: bool) -> None:
    program = (
        "import sys, time; from renderers.table.renderer import TableRenderer\n"
        f"tables = TableRenderer(namespaces={namespaces}).__enter__()\n"
        "print(tables._worker.scratch, flush=True); time.sleep(600)"
    )
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert parent.stdout is not None
    try:
        scratch = Path(parent.stdout.readline().strip())
        started = [child.pid for child in psutil.Process(parent.pid).children(recursive=True)]
        assert len(started) > 3
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    assert gone(started)
    assert not scratch.exists()


def test_the_browser_sees_no_secret_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERMILLION_TEST_SECRET", "hunter2")
    with TableRenderer() as tables:
        assert tables._worker is not None
        for child in psutil.Process().children(recursive=True):
            assert "VERMILLION_TEST_SECRET" not in child.environ()


def test_a_missing_browser_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERMILLION_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(RendererUnavailable, match="playwright install"), TableRenderer():
        pass
    monkeypatch.delenv("VERMILLION_CHROMIUM")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/nowhere")
    with pytest.raises(RendererUnavailable, match="no Chromium"):
        find_browser()


def real_tables() -> list[tuple[str, str]]:
    programs = [
        (path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((SHARED / "tables" / "html").glob("*.html"))
    ]
    pages = SHARED / "omnidocbench" / "OmniDocBench.json"
    if pages.exists():
        programs += [
            (f"omnidocbench {page_number}.{number}", box["html"])
            for page_number, page in enumerate(json.loads(pages.read_text(encoding="utf-8")))
            for number, box in enumerate(page["layout_dets"])
            if box["category_type"] == "table" and box.get("html")
        ]
    return programs


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the real samples are not beside the checkout")
def test_real_tables_are_drawn_and_drawn_again_alike(tables: TableRenderer) -> None:
    programs = real_tables()
    assert programs
    for name, code in programs:
        first, second = (tables.render(code, Language.HTML) for _ in range(2))
        assert first.status is RenderStatus.OK, (name, first.detail)
        assert first.picture == second.picture, name
        assert first.scene == second.scene, name
        assert first.scene is not None and not first.scene.truncated
