"""Weak policies that need no GPU, no key and no download.

Four strengths of tracing for SVG, from a few lost details to a washed-out sketch.
"""

from __future__ import annotations

from policies.policy import Policy
from policies.settings import TracerSettings
from records.taxonomy import Modality


def _tracer(name: str, **settings: object) -> Policy:
    return Policy(
        name=name,
        modality=Modality.SVG,
        kind="tracer",
        settings=TracerSettings.model_validate(settings),
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
    )
}
"""Policies that are there without any file, by name."""
