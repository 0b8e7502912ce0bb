"""Draws display lists: the target of the chart renderer's `SessionServer`.

It runs no program, only Agg and FreeType over numbers that were checked. It is confined all the
same, so that a list that crashes or stalls them costs its own verdict and nothing else.
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
    """Find the fonts that charts may use, and nothing else that the machine has."""
    chart_fonts.use_pinned_fonts()
    fonts.files = chart_fonts.files()


def facts() -> dict[str, str | list[str]]:
    """Versions that decide how a list is drawn, and the font files it may name."""
    return {
        "matplotlib": matplotlib.__version__,
        "freetype": ft2font.__freetype_version__,
        "fonts": list(chart_fonts.versions()),
        "font_files": sorted(fonts.files),
    }


def run(job: bytes, scratch: Path) -> bytes:
    """Draw a list; ``height_px x width_px x 3`` bytes.

    Raises:
        Refused: it cannot be drawn.
    """
    try:
        return on_white(replay(decode_own(job), fonts))
    except Undrawable as error:
        raise Refused(RenderStatus.UNREADABLE_OUTPUT, str(error)) from error
