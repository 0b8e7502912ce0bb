"""Draws display lists: the target of the chart renderer's `SessionServer`.

It runs no program, only Agg and FreeType on checked numbers. It is isolated anyway, so that a list
that crashes or stalls it affects only its own status.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib import ft2font

from renderers.chart import fonts as chart_fonts
from renderers.chart.replay import Fonts, Undrawable, on_white, replay
from renderers.display import decode_own
from sandbox.status import RenderStatus
from sandbox.verdict import Refused

fonts = Fonts({})


def warm() -> None:
    """Find the font files that charts may use."""
    chart_fonts.use_pinned_fonts()
    fonts.files = chart_fonts.files()


def facts() -> dict[str, str | list[str]]:
    """Versions that affect how a list is drawn, and the font files that it may name."""
    return {
        "matplotlib": matplotlib.__version__,
        "freetype": ft2font.__freetype_version__,
        "fonts": list(chart_fonts.versions()),
        "font_files": sorted(fonts.files),
    }


def run(job: bytes, scratch: Path) -> bytes:
    """Draw a list; returns ``height_px x width_px x 3`` bytes.

    Raises:
        Refused: it cannot be drawn.
    """
    try:
        return on_white(replay(decode_own(job), fonts))
    except Undrawable as error:
        raise Refused(RenderStatus.UNREADABLE_OUTPUT, str(error)) from error
