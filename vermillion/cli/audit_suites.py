"""The command ``audit --lane``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from annotators.audit.suites.suite import SuiteInput, SuiteResult
from records.errors import ConfigError
from records.rows import Sample
from records.taxonomy import Modality
from renderers.contract import Render
from renderers.registry import close_held, held_renderer

LANES = ("typed", "rewrites", "pairs", "traced", "natural", "cases", "cheap")
OF_FILES = ("natural", "cases")
"""Suites that read pairs from a folder and need no samples."""
OF_BOTH = ("cheap",)
"""Suites that read pairs from a folder if one is given, else samples."""
ELSEWHERE = {"cheap": "train.reward.cheap"}
"""Modules of suites that do not measure labels: `cheap` measures the reward."""


def audit_lane(
    lane: str,
    samples: Callable[[], Sequence[Sample]],
    modalities: Sequence[Modality],
    data: Path | None,
    expected: Path | None,
    per_sample: int,
    seed: int,
    as_json: bool,
    out: Console,
) -> list[str]:
    """Measure one property of the structural annotator's labels and print the results.

    Args:
        lane: Its name, one of `LANES`.
        samples: Gives the programs, for the lanes that corrupt and rewrite some.
        modalities: Those of the folder's pairs that are read.
        data: Folder of pairs with known answers, for the lanes that read some.
        expected: File with right answers beside the folder, or None.
        per_sample: Most errors tried on a sample; 0 leaves it to the lane.
        seed: Of the choices.
        as_json: Print JSON, with every pair that was looked at.
        out: Where to print.

    Returns:
        The bounds that were missed, a line each.

    Raises:
        ConfigError: there is no such lane, its data cannot be read, or it reads none.
    """
    if data is not None and lane in LANES and lane not in (*OF_FILES, *OF_BOTH):
        reads = " and ".join((*OF_FILES, *OF_BOTH))
        raise ConfigError(
            f"--data: lane {lane} reads no folder of pairs ({reads} do); leave it out"
        )
    given = (lambda: ()) if data is not None else samples
    measured = measured_lane(lane, given, data, modalities, expected, per_sample, seed)
    if as_json:
        out.print_json(json.dumps(measured.to_json()))
    else:
        print_lane(measured, out)
    return [
        f"{name}: {bound.value} (at least {bound.at_least})"
        if bound.at_least is not None
        else f"{name}: {bound.value} (at most {bound.at_most})"
        for name, bound in measured.bounds.items()
        if not bound.ok
    ]


def measured_lane(
    lane: str,
    samples: Callable[[], Sequence[Sample]],
    data: Path | None = None,
    modalities: Sequence[Modality] = tuple(Modality),
    expected: Path | None = None,
    per_sample: int = 0,
    seed: int = 0,
) -> SuiteResult:
    """What a lane found; arguments and errors are those of `audit_lane`."""
    if lane not in LANES:
        raise ConfigError(f"--lane {lane}: not known; known: {', '.join(LANES)}")
    ground = SuiteInput(
        draw=_draw,
        per_sample=per_sample or SuiteInput.per_sample,
        samples=() if lane in OF_FILES else samples(),
        data=data,
        modalities=modalities,
        expected=expected,
        seed=seed,
        trace=_trace if find_spec("vtracer") else None,
    )
    try:
        found: SuiteResult = suite_of(lane).measure(ground)
        return found
    finally:
        close_held()


def suite_of(lane: str) -> Any:
    """The module that measures a lane; its documentation says what."""
    return import_module(ELSEWHERE.get(lane, f"annotators.audit.suites.{lane}"))


def print_lane(measured: SuiteResult, out: Console) -> None:
    """Print figures as a table with a column per modality, then the bounds."""
    figures = Table(title=f"lane {measured.lane}", title_justify="left")
    figures.add_column("figure")
    for modality in measured.figures:
        figures.add_column(modality, justify="right")
    rows = [flat(found) for found in measured.figures.values()]
    for name in dict.fromkeys(name for row in rows for name in row):
        figures.add_row(name, *(figure_text(row.get(name)) for row in rows))
    out.print(figures)
    bounds = Table(title="bounds", title_justify="left")
    for heading in ("what", "reached", "wanted", ""):
        bounds.add_column(heading)
    for name, bound in measured.bounds.items():
        low, high = bound.at_least, bound.at_most
        wanted = f"at least {low:g}" if low is not None else f"at most {high:g}"
        bounds.add_row(name, figure_text(bound.value), wanted, "ok" if bound.ok else "missed")
    if measured.bounds:
        out.print(bounds)


def flat(found: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Figures without tables inside: `severity_3: labels` for `labels` of `severity_3`."""
    lines: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            lines |= flat(value, f"{before}{name}: ")
        else:
            lines[before + name] = value
    return lines


def figure_text(value: Any) -> str:
    """A figure as a reader sees it; nothing to measure is `-`."""
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)


def _trace(png: bytes, seed: int) -> str:
    """The most exact trace of a picture by the built-in tracer."""
    from policies.offline.tracer import trace
    from policies.settings import TracerSettings

    return trace(png, TracerSettings(speckle_px=1, colour_bits=8, layer_step=4, jitter=0), seed)
