"""Whether this machine draws as the one did on which a golden file was written."""

from __future__ import annotations

from typing import Any

import pytest
from golden.recorded import recorded, updating

from records.taxonomy import Modality
from renderers.registry import held_renderer

ENVIRONMENT = {
    "browser",
    "cairo",
    "cairosvg",
    "fonts",
    "freetype",
    "latex2mathml",
    "markdown_it",
    "matplotlib",
    "numpy",
    "pandas",
    "python",
    "scipy",
    "seaborn",
}
"""Settings of the render contracts that the machine decides: versions of libraries and fonts."""


def environment(modality: Modality) -> dict[str, Any]:
    """What the machine itself decides of a modality's looks: libraries and fonts, by name."""
    settings = held_renderer(modality).contract.settings
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in sorted(settings.items())
        if name in ENVIRONMENT
    }


def skip_elsewhere(name: str, modality: Modality) -> None:
    """Skip the test if golden file ``name`` was drawn with other libraries or fonts than these."""
    before = recorded(name)
    if updating() or before is None:
        return
    now = environment(modality)
    other = sorted(
        key for key in now | before["drawn_with"] if now.get(key) != before["drawn_with"].get(key)
    )
    if other:
        pytest.skip(f"golden {name} was drawn with other {', '.join(other)} than this machine has")
