"""What each kind of policy is tuned by."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TracerSettings(BaseModel):
    """How coarsely a picture is traced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_px: int = Field(default=0, ge=0, le=2048)
    """Longer side of the copy that is traced; 0 traces the picture itself."""
    curves: Literal["spline", "polygon"] = "spline"
    speckle_px: int = Field(default=4, ge=0, le=128)
    """Areas of fewer pixels a side are dropped."""
    colour_bits: int = Field(default=6, ge=1, le=8)
    """Significant bits of a colour channel."""
    layer_step: int = Field(default=16, ge=0, le=255)
    """Difference of colours up to which two layers are one."""
    corner_deg: int = Field(default=60, ge=0, le=180)
    """Smallest turn that stays a corner."""
    segment_px: float = Field(default=4.0, ge=3.5, le=10.0)
    """Length above which a segment is split."""
    decimals: int = Field(default=1, ge=0, le=8)
    """Digits after the point of coordinates."""
    jitter: float = Field(default=0.25, ge=0, le=1)
    """How far a seed moves speckle, layer step and copy size, as a share of each."""
