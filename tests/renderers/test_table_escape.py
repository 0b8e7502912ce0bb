"""Hostile pages: each gets a typed verdict, reaches nothing, and leaves the next page as it was."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotators.structural.pixels import pixels
from records.errors import SandboxUnavailable
from records.taxonomy import Language
from renderers.contract import Render
from renderers.table.browser.probe import Probe
from renderers.table.renderer import TableRenderer
from sandbox.status import Limits, RenderStatus

pytestmark = pytest.mark.chromium

CLEAN = "<table><tr><td>clean</td><td>$x^2$</td></tr></table>"
TABLE = "<table><tr><td>x</td><td>1</td></tr></table>"


class Listener:
    """A loopback socket that counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.visits += 1
                connection.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


BOMBS = ("shapes_without_end", "shadows", "gradients", "blur")
"""Pages that cost a browser; whether it dies the same way without namespaces is tried with one."""


LIMITS = Limits(timeout_s=60)
ENDLESS_S = 6
"""Deadline of those that never end; a busy machine must not be the reason of any other verdict."""


# Without namespaces of their own the browser's layers must hold alone, so both are tried.
@pytest.fixture(
    scope="module",
    params=[("playwright", True), ("playwright", False), ("pipe", True)],
    ids=["playwright", "playwright, browser alone", "pipe"],
)
def tables(request: pytest.FixtureRequest) -> Iterator[TableRenderer]:
    driver, namespaces = request.param
    with TableRenderer(LIMITS, namespaces=namespaces, driver=driver) as renderer:
        yield renderer


@pytest.fixture(scope="module")
def clean(tables: TableRenderer) -> Render:
    render = tables.render(CLEAN, Language.HTML)
    assert render.status is RenderStatus.OK
    return render


PAGES = sorted((Path(__file__).parent / "escape" / "table").glob("*.html"))
"""Each says in its first line which verdicts are right; `STRANGER` stands for our listener."""
STRANGER = "http://listener.invalid"

MADE = {
    "many nodes": ("<table>" + "<tr><td>a" * 90_000 + "</table>", "too_large"),
    "a million characters": ("<table><tr><td>" + "x" * 1_000_001 + "</table>", "too_large"),
    "lone surrogate and NUL": ("<table><tr><td>\ud800 \0 x</td></tr></table>", "ok"),
}
"""Pages that are no files: too long, or no text."""


def hostile_pages() -> dict[str, tuple[str, str]]:
    pages = {}
    for path in PAGES:
        head, _, code = path.read_text(encoding="utf-8").partition("\n")
        pages[path.stem] = (code, head.removeprefix("<!-- verdict: ").removesuffix(" -->"))
    return {**pages, **MADE}


@pytest.mark.parametrize("name", hostile_pages())
def test_a_hostile_page_reaches_nothing(
    name: str, tables: TableRenderer, listener: Listener, clean: Render
) -> None:
    if name in BOMBS[1:] and "net" not in tables.layers:
        pytest.skip("one bomb is enough here")
    code, verdicts = hostile_pages()[name]
    deadline_s = ENDLESS_S if "timeout" in verdicts.split() else LIMITS.timeout_s
    tables.limits = dataclasses.replace(LIMITS, timeout_s=deadline_s)
    render = tables.render(code.replace(STRANGER, listener.url), Language.HTML)
    tables.limits = LIMITS
    assert render.status.value in verdicts.split(), (render.status, render.detail)
    after = tables.render(CLEAN, Language.HTML)
    assert (after.picture, after.scene) == (clean.picture, clean.scene)
    assert listener.visits == 0


def test_the_matrix_is_there() -> None:
    assert len(PAGES) >= 70


def test_what_a_script_would_have_painted_is_not_there(tables: TableRenderer) -> None:
    code = f"<script>document.body.style.background='#f0f'</script>{TABLE}"
    picture, _ = tables.render(code, Language.HTML).drawn()
    assert not (pixels(picture.png) == (255, 0, 255)).all(axis=2).any()


def test_the_probe_sees_an_escape_when_there_is_one() -> None:
    """A probe that cannot fail proves nothing: play the page that got through."""
    with Probe() as probe:
        port = int(probe.page.split("http://127.0.0.1:")[1].split("/")[0])
        blank = pixels(_png((255, 255, 255)))
        assert probe.reached(blank) == ""
        assert "local file" in probe.reached(pixels(_png((255, 0, 255))))
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""
        assert "loopback listener" in probe.reached(blank)
        folder = Path(probe.page.split("file://")[1].split("/page.html")[0])
        assert (folder / "page.html").exists()
    assert not folder.exists()


def test_a_renderer_whose_probe_escapes_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "reached", lambda self, rgb: "a local file")
    with pytest.raises(SandboxUnavailable, match="a local file"), TableRenderer():
        pass


def _png(color: tuple[int, int, int]) -> bytes:
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (40, 40), color).save(data, "PNG")
    return data.getvalue()
