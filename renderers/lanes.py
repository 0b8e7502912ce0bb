"""The renderer of each modality, opened by name."""

from __future__ import annotations

from records.taxonomy import Modality
from renderers.contract import Limits, Renderer


def open_renderer(modality: Modality, limits: Limits | None = None) -> Renderer:
    """A renderer, not yet entered; use it in a ``with`` block.

    Raises (on entry):
        SandboxUnavailable: the machine cannot contain hostile code; the message names the layer.
        RendererUnavailable: the renderer does not start.
    """
    limits = limits or Limits()
    match modality:
        case Modality.CHART:
            from renderers.chart import ChartRenderer

            return ChartRenderer(limits)
        case Modality.TABLE:
            from renderers.table import TableRenderer

            return TableRenderer(limits)
        case Modality.SVG:
            from renderers.svg import SvgRenderer

            return SvgRenderer(limits)
