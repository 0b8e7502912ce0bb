"""Charts: a plotting script becomes the picture of the figure it saves, and a scene of it.

The script runs in a sandboxed child of a warm process (`sandbox`). What the child sends
is untrusted: so many pixels as it says, and a scene parsed strictly. Files it writes are ignored.
"""

from __future__ import annotations

import io
from types import TracebackType
from typing import Self

from PIL import Image

from records.taxonomy import Language, Modality
from renderers.chart.message import Unreadable, most_bytes, pack_job, unpack_drawn
from renderers.contract import Picture, Render, RenderContract, pixel_hash
from renderers.scene import Scene
from sandbox.fork_server import ForkServer, Outcome
from sandbox.status import Limits, RenderStatus

TARGET = "renderers.chart.child"
_PNG_LEVEL = 2
SMALL_OBJECTS_MB = 90
"""What the chart libraries and one drawing hold, measured."""
_LOOKS: dict[str, str | int | float | bool | tuple[str, ...]] = {
    "backend": "Agg",
    "dpi": "the figure's or savefig's own, lowered to no less than 100 to fit the bound",
    "bbox": "as savefig asks; the whole figure otherwise",
    "background": "transparent parts on white",
    "figure": "the last saved, else the last shown, else the current one",
    "usetex": "off",
    "seed": 0,
    "now": "2024-01-01T00:00:00Z",
    "encoder": f"PNG, RGB, level {_PNG_LEVEL}",
}


class ChartRenderer:
    """Draws plotting scripts; one warm sandbox server is held while entered.

    Args:
        limits: What one render may use.

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
            result_bytes=most_bytes(limits.pixels),
            small_objects_mb=SMALL_OBJECTS_MB,
        )
        self._contract: RenderContract | None = None

    @property
    def contract(self) -> RenderContract:
        """The looks of every chart this machine draws; asks the warm process for its versions."""
        if self._contract is None:
            running = bool(self.server.facts)
            self.server.start()
            facts = {
                name: tuple(fact) if isinstance(fact, list) else fact
                for name, fact in self.server.facts.items()
            }
            self._contract = RenderContract(Modality.CHART, {**_LOOKS, **facts})
            if not running:
                self.server.close()
        return self._contract

    @property
    def server_pid(self) -> int | None:
        """The process above all others that this renderer runs; None where none does."""
        return self.server.launcher_pid

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.close()

    def render(self, code: str, language: Language = Language.PYTHON) -> Render:
        """Draw one script; never raises for what the script does.

        Raises:
            RendererUnavailable: the warm process died and could not be restarted.
            ValueError: the language is not one that charts are written in.
        """
        if language is not Language.PYTHON:
            raise ValueError(f"charts are drawn from python, not from {language.value}")
        if len(code) > self.limits.code_chars:
            detail = f"{len(code)} characters of code; the bound is {self.limits.code_chars}"
            return Render(RenderStatus.TOO_LARGE, self.contract.hash, detail=detail)
        outcome = self.server.run(pack_job(code, self.limits.pixels))
        status, picture, scene, detail = self._read(outcome)
        return Render(status, self.contract.hash, picture, scene, detail, outcome.seconds)

    def _read(self, outcome: Outcome) -> tuple[RenderStatus, Picture | None, Scene | None, str]:
        if outcome.status is not RenderStatus.OK:
            return outcome.status, None, None, outcome.detail
        try:
            rgb, scene = unpack_drawn(outcome.result, self.limits.pixels)
        except Unreadable as error:
            return RenderStatus.UNREADABLE_OUTPUT, None, None, str(error)
        size = (scene.width_px, scene.height_px)
        if rgb == rgb[:3] * (len(rgb) // 3):
            return RenderStatus.BLANK, None, None, f"every pixel is #{rgb[:3].hex()}"
        return (
            RenderStatus.OK,
            Picture(png_of(rgb, *size), *size, pixel_hash(rgb, *size)),
            scene,
            "",
        )


def png_of(rgb: bytes, width_px: int, height_px: int) -> bytes:
    """A PNG of ``height_px x width_px x 3`` bytes."""
    with io.BytesIO() as memory:
        picture = Image.frombytes("RGB", (width_px, height_px), rgb)
        picture.save(memory, "PNG", compress_level=_PNG_LEVEL)
        return memory.getvalue()
