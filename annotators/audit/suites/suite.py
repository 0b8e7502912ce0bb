"""Input and result of a suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotators.audit.injected import Draw, Judge
from annotators.structural import compare
from records.rows import Sample
from records.taxonomy import Modality

Trace = Callable[[bytes, int], str]
"""Traces an icon from its picture (PNG) with a seed; returns SVG."""


@dataclass(frozen=True)
class SuiteInput:
    """The input of a suite."""

    draw: Draw
    judge: Judge = compare
    samples: Sequence[Sample] = ()
    """Samples whose programs are corrupted, rewritten and traced."""
    data: Path | None = None
    """Folder with pairs and gold labels, for suites that read some."""
    expected: Path | None = None
    """File with the expected labels of the suite `cases`, if it is not in the folder itself."""
    modalities: Sequence[Modality] = tuple(Modality)
    """Those of the folder's pairs that are read."""
    trace: Trace | None = None
    per_sample: int = 4
    """Most errors that are tried on a sample."""
    seed: int = 0


@dataclass(frozen=True)
class Bound:
    """A figure and its bound."""

    value: float | None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ok(self) -> bool:
        """True if the figure meets the bound; False for None."""
        if self.value is None:
            return False
        if self.at_least is not None and self.value < self.at_least:
            return False
        return self.at_most is None or self.value <= self.at_most

    def to_json(self) -> dict[str, Any]:
        limits = {"at_least": self.at_least, "at_most": self.at_most}
        known = {name: limit for name, limit in limits.items() if limit is not None}
        return {"value": self.value, **known, "ok": self.ok}


@dataclass(frozen=True)
class SuiteResult:
    """The result of a suite."""

    lane: str
    figures: dict[str, dict[str, Any]]
    """By modality."""
    bounds: dict[str, Bound] = field(default_factory=dict)
    """By name of the figure: ``precision chart``."""
    details: list[dict[str, Any]] = field(default_factory=list)
    """One entry per pair, for a person to read."""

    @property
    def ok(self) -> bool:
        return all(bound.ok for bound in self.bounds.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "lane": self.lane,
            "figures": self.figures,
            "bounds": {name: bound.to_json() for name, bound in self.bounds.items()},
            "ok": self.ok,
            "details": self.details,
        }
