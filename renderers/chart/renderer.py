"""Draws plotting scripts: the picture of the figure that a script saves, and its scene.

The script runs in a sandboxed child of a warm process (`sandbox`). The child sends a display list,
which is untrusted: it is parsed strictly, and another process, which never runs a script, draws
the picture from it. So the script decides what is painted, but cannot claim another picture. The
scene is an untrusted claim of the child, parsed strictly. Files that scripts write are ignored.
"""

from __future__ import annotations

from typing import Self

from records.errors import RendererUnavailable
from records.pictures import png_of
from records.taxonomy import Language, Modality
from renderers.chart.message import Unreadable, most_bytes, pack_job, unpack_drawn
from renderers.contract import Picture, Render, RenderContract, pixel_hash
from renderers.display import DISPLAY_VERSION, DisplayList, Text
from sandbox.fork_server import ForkServer
from sandbox.session import SessionServer
from sandbox.status import Limits, RenderStatus

TARGET = "renderers.chart.child"
PAINTER = "renderers.chart.painter"
PNG_LEVEL = 2
SMALL_OBJECTS_MB = 90
"""Measured size of the small objects of the chart libraries and one drawing."""
_LOOKS: dict[str, str | int | float | bool | tuple[str, ...]] = {
    "backend": "Agg",
    "drawn from": f"display list {DISPLAY_VERSION}",
    "dpi": "the figure's or savefig's own, lowered to no less than 100 to fit the bound",
    "bbox": "as savefig asks; the whole figure otherwise",
    "background": "transparent parts on white",
    "figure": "the last saved, else the last shown, else the current one",
    "usetex": "off",
    "seed": 0,
    "now": "2024-01-01T00:00:00Z",
    "encoder": f"PNG, RGB, level {PNG_LEVEL}",
}


class ChartRenderer:
    """Draws plotting scripts. It holds two servers: one runs scripts, one draws display lists.

    Example:
        >>> with ChartRenderer(Limits()) as charts:  # doctest: +SKIP
        ...     charts.render("import matplotlib.pyplot as plt; plt.plot([1, 2])", Language.PYTHON)
    """

    modality = Modality.CHART

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.server = ForkServer(
            TARGET,
            limits,
            result_bytes=most_bytes(),
            small_objects_mb=SMALL_OBJECTS_MB,
        )
        self.painter = SessionServer(PAINTER, limits, result_bytes=3 * limits.pixels)
        self._contract: RenderContract | None = None

    @property
    def contract(self) -> RenderContract:
        """The render contract of charts on this machine; its versions come from the server processes.

        Raises:
            RendererUnavailable: a server does not start, or the two servers see different libraries.
        """
        if self._contract is None:
            running = bool(self.server.facts)
            self._start()
            facts = {
                name: tuple(fact) if isinstance(fact, list) else fact
                for name, fact in self.server.facts.items()
            }
            self._contract = RenderContract(Modality.CHART, {**_LOOKS, **facts})
            if not running:
                self.close()
        return self._contract

    @property
    def server_pid(self) -> int | None:
        """Process id of the parent of all script processes; None if none is running."""
        return self.server.launcher_pid

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End both servers."""
        try:
            self.server.close()
        finally:
            self.painter.close()

    def _start(self) -> None:
        try:
            self.server.start()
            self.painter.start()
            for name, fact in self.painter.facts.items():
                if self.server.facts.get(name, fact) != fact:
                    raise RendererUnavailable(
                        f"scripts would run with another {name} than pictures are drawn with; "
                        "was a package or a font installed just now? Start again"
                    )
        except BaseException:
            self.close()
            raise

    def render(self, code: str, language: Language = Language.PYTHON) -> Render:
        """Draw one script; never raises because of what the script does.

        Raises:
            RendererUnavailable: the server process died and could not be restarted.
            ValueError: charts cannot be written in this language.
        """
        if language is not Language.PYTHON:
            raise ValueError(f"charts are drawn from python, not from {language.value}")
        if len(code) > self.limits.code_chars:
            detail = f"{len(code)} characters of code; the bound is {self.limits.code_chars}"
            return Render(RenderStatus.TOO_LARGE, self.contract.hash, detail=detail)
        outcome = self.server.run(pack_job(code, self.limits.pixels))
        if outcome.status is not RenderStatus.OK:
            return self._lost(outcome.status, outcome.detail, outcome.seconds)
        fonts = self.painter.facts["font_files"]
        try:
            listed, shown, scene = unpack_drawn(outcome.result, self.limits.pixels, fonts)
        except Unreadable as error:
            return self._lost(RenderStatus.UNREADABLE_OUTPUT, str(error), outcome.seconds)
        painted = self.painter.run(listed)
        seconds = outcome.seconds + painted.seconds
        if painted.status is not RenderStatus.OK:
            detail = f"drawing what the script painted: {painted.detail}"
            return self._lost(painted.status, detail, seconds)
        rgb, size = painted.result, (shown.width_px, shown.height_px)
        if len(rgb) != 3 * shown.width_px * shown.height_px:
            detail = f"{len(rgb)} bytes for a picture of {size[0]} x {size[1]} px"
            return self._lost(RenderStatus.UNREADABLE_OUTPUT, detail, seconds)
        if rgb == rgb[:3] * (len(rgb) // 3):
            return self._lost(RenderStatus.BLANK, f"every pixel is #{rgb[:3].hex()}", seconds)
        picture = Picture(png_of(rgb, *size, PNG_LEVEL), *size, pixel_hash(rgb, *size))
        detail = _missing_glyphs(shown)
        return Render(RenderStatus.OK, self.contract.hash, picture, scene, detail, seconds, shown)

    def _lost(self, status: RenderStatus, detail: str, seconds: float) -> Render:
        return Render(status, self.contract.hash, detail=detail, seconds=seconds)


_LAST_RESORT = "LastResort"
"""Font of matplotlib that draws boxes for characters that no other font contains."""


def _missing_glyphs(shown: DisplayList) -> str:
    """A warning about characters that no font contains and that are drawn as boxes; empty if there
    are none."""
    boxes = {at for at, (name, _) in enumerate(shown.fonts) if name.startswith(_LAST_RESORT)}
    glyphs = (glyph for item in shown.items if isinstance(item, Text) for glyph in item.glyphs)
    count = sum(glyph.index == 0 or glyph.font in boxes for glyph in glyphs)
    return f"{count} characters are drawn as boxes: no font has them" if count else ""
