"""Weak policies that need no GPU, no key and no download.

Tracers for SVG lose few or many details; readers for tables and charts see all or a third of the
pixels; drifts rewrite a program with the errors of a capable model, at their natural rates.
"""

from __future__ import annotations

from policies.policy import Policy
from records.taxonomy import Modality


def _tracer(name: str, **settings: object) -> Policy:
    return _policy(name, Modality.SVG, "tracer", settings)


def _policy(name: str, modality: Modality, kind: str, settings: dict[str, object]) -> Policy:
    return Policy.model_validate(
        {"name": name, "modality": modality, "kind": kind, "settings": settings}
    )


_MID = {"speckle_px": 10, "colour_bits": 4, "layer_step": 48, "corner_deg": 90, "segment_px": 6.0}

BUILTIN: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        _tracer("vtracer-mid", **_MID),
        _tracer(
            "vtracer-weak",
            curves="polygon",
            speckle_px=24,
            colour_bits=3,
            layer_step=80,
            corner_deg=120,
            segment_px=10.0,
            decimals=0,
        ),
        _tracer("vtracer-64px", side_px=64, **_MID | {"speckle_px": 4}),
        _tracer("vtracer-32px", side_px=32, **_MID | {"speckle_px": 2}),
        _policy("imagetracer-4", Modality.SVG, "imagetracer", {"colours": 4}),
        _policy(
            "imagetracer-3",
            Modality.SVG,
            "imagetracer",
            {"colours": 3, "line_error_px": 8.0, "curve_error_px": 8.0, "omit_px": 120},
        ),
        _policy("table-slanet-plus", Modality.TABLE, "table_reader", {"structure": "slanet-plus"}),
        _policy("table-slanet", Modality.TABLE, "table_reader", {"structure": "slanet"}),
        _policy("table-rules", Modality.TABLE, "table_reader", {"structure": "rules"}),
        _policy(
            "table-words",
            Modality.TABLE,
            "table_reader",
            {"structure": "words", "spaces": 0.8, "scale": 0.7},
        ),
        _policy(
            "table-slanet-plus-weak",
            Modality.TABLE,
            "table_reader",
            {"structure": "slanet-plus", "scale": 0.65, "jpeg_quality": 60, "spaces": 0.8},
        ),
        *(_policy(f"drift-{modality}", modality, "drift", {}) for modality in Modality),
        _policy("chart-reader", Modality.CHART, "chart_reader", {}),
        _policy(
            "chart-reader-mid",
            Modality.CHART,
            "chart_reader",
            {"scale": 0.8, "points": 20, "digits": 2, "spaces": 0.9, "looks": False},
        ),
        _policy(
            "chart-reader-weak",
            Modality.CHART,
            "chart_reader",
            {
                "scale": 0.55,
                "jpeg_quality": 50,
                "points": 10,
                "digits": 2,
                "colours": 5,
                "layout": "even",
                "spaces": 0.8,
                "notes": False,
                "looks": False,
            },
        ),
    )
}
"""Built-in policies, by name."""
