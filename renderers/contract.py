"""The interface of all renderers: one render contract (fonts, canvas, versions), one status per program.

The same contract draws references, candidates, rewards and evaluation; its hash is stored with
each render, so that two pictures are compared only if both were drawn under the same contract.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from records.errors import RenderError
from records.pictures import pixel_hash as pixel_hash
from records.taxonomy import Language, Modality
from renderers.display import DisplayList
from renderers.scene import Scene
from sandbox.status import RenderStatus


@dataclass(frozen=True, slots=True)
class Picture:
    """A lossless picture."""

    png: bytes
    width_px: int
    height_px: int
    pixel_hash: str
    """See `pixel_hash`."""


@dataclass(frozen=True, slots=True)
class Render:
    """The outcome of drawing one program. Picture and scene exist exactly if the status is ok."""

    status: RenderStatus
    contract: str
    """Hash of the render contract it was drawn under."""
    picture: Picture | None = None
    scene: Scene | None = None
    detail: str = ""
    """Explanation for a person: the last lines of the traceback, or the exceeded limit."""
    seconds: float = 0.0
    display: DisplayList | None = None
    """The display list that the picture was painted from; None if the renderer makes none."""

    def drawn(self) -> tuple[Picture, Scene]:
        """Picture and scene.

        Raises:
            RenderError: the status is not ok.
        """
        if self.picture is None or self.scene is None:
            raise RenderError(self.status.value, self.detail)
        return self.picture, self.scene


@dataclass(frozen=True, slots=True)
class RenderContract:
    """Everything that decides how a program of this modality looks."""

    modality: Modality
    settings: Mapping[str, str | int | float | bool | tuple[str, ...]] = field(default_factory=dict)
    """Library versions, fonts, dpi, canvas, crop, color, encoder; no paths, no host names."""

    @property
    def hash(self) -> str:
        """Sixteen hex digits of SHA-256 over modality and settings."""
        text = json.dumps([self.modality, dict(self.settings)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Renderer(Protocol):
    """Draws programs of one modality. A context manager, since it holds browsers or sandboxes."""

    @property
    def modality(self) -> Modality: ...

    @property
    def contract(self) -> RenderContract: ...

    @property
    def server_pid(self) -> int | None:
        """Process id of the parent of all processes of this renderer; None if none is running."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def render(self, code: str, language: Language) -> Render:
        """Draw one program; never raises because of what the program does.

        Raises:
            RendererUnavailable: the renderer itself died and could not be restarted.
        """
        ...
