"""Size and background of every icon, shared by drawing, scene and cross-check."""

from __future__ import annotations

SIDE_PX = 336
"""Width and height of every picture, as in UniSVG's and Visual-ERM's evaluation."""
NOBODY = 0xFFFF
"""Owner of a pixel that no shape changed (white background)."""
