"""Errors a model makes when it copies a chart as Matplotlib code: the whole family.

A new corruption goes into the file of its category; nothing else names it.
"""

from __future__ import annotations

from corruptors import (
    chart_annotation,
    chart_colour,
    chart_filling,
    chart_font,
    chart_frame,
    chart_kind,
    chart_layout,
    chart_legend,
    chart_line,
    chart_live,
    chart_marker,
    chart_marks,
    chart_random,
    chart_scale,
    chart_series,
    chart_style,
    chart_ticks,
    chart_titles,
    chart_values,
    chart_words,
)
from corruptors.corruption import Corruption
from corruptors.program import ChartProgram

_FILES = (
    *(chart_kind, chart_layout),  # structure
    *(chart_values, chart_series, chart_scale, chart_marks, chart_random),  # data
    *(chart_words, chart_titles, chart_ticks, chart_legend, chart_annotation),  # text
    *(chart_colour, chart_line, chart_marker, chart_filling, chart_frame, chart_font, chart_style),
    chart_live,  # of every category, where code offers no site
)

ALL: tuple[Corruption[ChartProgram], ...] = tuple(
    value
    for file in _FILES
    for value in vars(file).values()
    if isinstance(value, Corruption) and value.__module__ == file.__name__
)
