"""Settings of each kind of policy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from records.settings import Section


class PolicySettings(Section):
    """What one kind of policy is tuned by."""


class TracerSettings(PolicySettings):
    """How coarsely a picture is traced."""

    side_px: int = Field(default=0, ge=0, le=2048)
    """Longer side of the copy that is traced; 0 traces the picture itself."""
    curves: Literal["spline", "polygon"] = "spline"
    speckle_px: int = Field(default=4, ge=0, le=128)
    """Areas of fewer pixels a side are dropped."""
    colour_bits: int = Field(default=6, ge=1, le=8)
    """Significant bits of a color channel."""
    layer_step: int = Field(default=16, ge=0, le=255)
    """Difference of colors up to which two layers are one."""
    corner_deg: int = Field(default=60, ge=0, le=180)
    """Smallest turn that stays a corner."""
    segment_px: float = Field(default=4.0, ge=3.5, le=10.0)
    """Length above which a segment is split."""
    decimals: int = Field(default=1, ge=0, le=8)
    """Digits after the point of coordinates."""
    jitter: float = Field(default=0.25, ge=0, le=1)
    """How far a seed moves speckle, layer step and copy size, as a share of each."""


class ImageTracerSettings(PolicySettings):
    """How coarsely imagetracerjs traces a picture, in Node."""

    colours: int = Field(default=4, ge=2, le=64)
    """Colors that the picture is reduced to before it is traced."""
    line_error_px: float = Field(default=3.0, gt=0, le=64)
    """How far a straight line may leave the outline."""
    curve_error_px: float = Field(default=3.0, gt=0, le=64)
    omit_px: int = Field(default=60, ge=0, le=1024)
    """Outlines of fewer points are dropped."""
    side_px: int = Field(default=0, ge=0, le=2048)
    """Longer side of the copy that is traced; 0 traces the picture itself."""
    jitter: float = Field(default=0.25, ge=0, le=1)


class DriftSettings(PolicySettings):
    """How far a program drifts when it is written again with the errors of a capable model."""

    rate: float = Field(default=1.0, gt=0, le=4)
    """Factor of how often each kind of error is made; 1 makes them as often as natural pairs show."""
    strength: float = Field(default=1.0, gt=0, le=4)
    """Factor of how large an error is."""
    rewrites: int = Field(default=2, ge=0, le=4)
    """Most rewrites of the code that come first and leave the picture as it is."""


class ReaderSettings(PolicySettings):
    """How badly a reader sees."""

    scale: float = Field(default=1.0, ge=0.15, le=1)
    """The picture is shrunk to this share of its size before it is read."""
    jpeg_quality: int = Field(default=0, ge=0, le=95)
    """It passes a JPEG of this quality; 0 leaves the JPEG out."""
    spaces: float = Field(default=0.95, ge=0, le=1)
    """Share of the texts in which spaces are put where the picture has gaps; in the others most
    words run together, which would else be the reader's one error."""
    jitter: float = Field(default=0.15, ge=0, le=1)
    """How far a seed moves scale, quality and points, as a share of each."""


class TableReaderSettings(ReaderSettings):
    """How a table is read."""

    structure: Literal["slanet-plus", "slanet", "rules", "words"] = "slanet-plus"
    """Who finds rows and columns: a model, the ruled lines, or the words alone."""
    styles: bool = True
    """Headers, alignment, grounds and missing rules are written too."""


class ChartReaderSettings(ReaderSettings):
    """How a chart is read."""

    points: int = Field(default=40, ge=4, le=400)
    """Points that a curve is sampled at."""
    colours: int = Field(default=8, ge=1, le=16)
    """Most colors that are told apart in a panel: its series."""
    digits: int = Field(default=3, ge=1, le=6)
    """Significant digits of values."""
    layout: Literal["measured", "even"] = "measured"
    """Panels stand where they were seen, or in even rows and columns."""
    legend: bool = True
    notes: bool = True
    """Words inside a panel become annotations."""
    looks: bool = True
    """Grid, spines, grounds, line widths, font sizes and edges are read too."""
