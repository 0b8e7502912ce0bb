"""SVG programs become pictures as CairoSVG draws them, in a sandboxed worker that can be killed."""

from __future__ import annotations

from typing import Self

import msgspec

from records.pictures import png_of
from records.taxonomy import Language, Modality
from renderers.contract import Picture, Render, RenderContract, pixel_hash
from renderers.scene import MAX_JSON_BYTES, Scene, SceneError
from renderers.svg.canvas import SIDE_PX
from renderers.svg.child import ENCODER, REPLIES, IconJob
from sandbox.fork_server import JobResult
from sandbox.session import SessionServer
from sandbox.status import Limits, RenderStatus

PNG_LEVEL = 1
"""Deflate level; level 6 makes icons a sixth smaller in more than twice the time."""
SCENE_CONTRACT = 3
"""Raised when the same program would give another picture for a reason no version shows."""


class SvgRenderer:
    """Draws SVG programs at 336 x 336 on white. Use it in a ``with`` block; one thread at a time.

    The drawing keeps its aspect ratio and is centered, as ``preserveAspectRatio`` asks by default.

    Args:
        limits: ``timeout_s``, ``memory_mb``, ``code_chars`` and ``nodes`` count here.

    Source: Visual-ERM and UniSVG call CairoSVG with output_width=336, output_height=336; the pixels
        are the same.

    Example:
        >>> with SvgRenderer() as svgs:                                          # doctest: +SKIP
        ...     picture, scene = svgs.render("<svg>...</svg>", Language.SVG).drawn()
    """

    modality = Modality.SVG

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.server = SessionServer(
            "renderers.svg.child",
            self.limits,
            result_bytes=3 * SIDE_PX * SIDE_PX + MAX_JSON_BYTES + 4096,
        )
        self._contract: RenderContract | None = None

    @property
    def server_pid(self) -> int | None:
        """Process id of the parent of all processes of this renderer; None if none is running."""
        return self.server.launcher_pid

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker; nothing of it is left."""
        self.server.close()

    @property
    def contract(self) -> RenderContract:
        """Versions, fonts and canvas, as the worker reports them."""
        if self._contract is None:
            self.server.start()
            self._contract = RenderContract(
                Modality.SVG,
                {
                    **self.server.facts,
                    "width_px": SIDE_PX,
                    "height_px": SIDE_PX,
                    "ground": "white",
                    "fit": "centred, aspect kept",
                    "version": SCENE_CONTRACT,
                },
            )
        return self._contract

    def render(self, code: str, language: Language = Language.SVG) -> Render:
        """Draw one program; never raises for what the program does.

        Raises:
            RendererUnavailable: the worker died and could not be restarted.
            ValueError: ``language`` is not SVG.
        """
        if language is not Language.SVG:
            raise ValueError(f"{language} is not drawn by the SVG lane")
        if len(code) > self.limits.code_chars:
            return self._lost(
                RenderStatus.TOO_LARGE,
                f"{len(code)} characters; at most {self.limits.code_chars} are drawn",
            )
        try:
            job = ENCODER.encode(IconJob(code, self.limits.code_chars, self.limits.nodes))
        except UnicodeEncodeError as error:
            return self._lost(RenderStatus.CODE_CRASHED, f"not a text: {error.reason}")
        outcome = self.server.run(job)
        if outcome.status is not RenderStatus.OK:
            return self._lost(outcome.status, outcome.detail, outcome.seconds)
        return self._read(outcome)

    def _read(self, outcome: JobResult) -> Render:
        """Parse what the worker sent, trusting nothing in it."""
        try:
            reply = REPLIES.decode(outcome.result)
        except msgspec.DecodeError as error:
            return self._unreadable(f"not a reply: {error}", outcome)
        if reply.status is not RenderStatus.OK:
            # Whatever is not drawn well takes its worker with it.
            self.server.recycle()
            return self._lost(reply.status, reply.detail[:2000], outcome.seconds)
        if len(reply.rgb) != 3 * SIDE_PX * SIDE_PX:
            return self._unreadable(f"a picture of {len(reply.rgb)} bytes", outcome)
        try:
            scene = Scene.from_json(reply.scene)
        except SceneError as error:
            return self._unreadable(str(error), outcome)
        if (scene.modality, scene.width_px, scene.height_px) != (Modality.SVG, SIDE_PX, SIDE_PX):
            return self._unreadable("a scene of another picture", outcome)
        size = (SIDE_PX, SIDE_PX)
        png = png_of(reply.rgb, *size, PNG_LEVEL)
        picture = Picture(png, *size, pixel_hash(reply.rgb, *size))
        return Render(RenderStatus.OK, self.contract.hash, picture, scene, seconds=outcome.seconds)

    def _unreadable(self, detail: str, outcome: JobResult) -> Render:
        return self._lost(RenderStatus.UNREADABLE_OUTPUT, detail, outcome.seconds)

    def _lost(self, status: RenderStatus, detail: str, seconds: float = 0.0) -> Render:
        return Render(status, self.contract.hash, detail=detail, seconds=seconds)
