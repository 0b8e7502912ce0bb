"""The results of an audit, summed over samples, and their bounds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from records.rows import COMPARISON_BUG

MISSES = 200
"""Most misses that are stored for inspection."""


@dataclass
class AuditScore:
    """Figures of one corruption, one category, or one modality."""

    injected: int = 0
    """Errors whose pixels changed visibly."""
    found: int = 0
    """Errors among them that are reported with the category of the corruption."""
    explained: int = 0
    """Errors among them that are reported with any category."""
    labels: int = 0
    standing: int = 0
    """Correct labels: their box contains changed pixels, or they have no box and the injected category."""
    local: int = 0
    """Injected errors that moved nothing else: equal picture sizes and few changed pixels."""
    covered: int = 0
    """Local errors whose changed pixels lie in the boxes."""
    overlap: float = 0.0
    """Summed intersection over union of boxes and changed regions, over local errors."""
    severities: Counter[int] = field(default_factory=Counter)
    cascades: Counter[int] = field(default_factory=Counter)
    """Injected errors by the number of their labels."""

    def to_json(self) -> dict[str, Any]:
        return {
            "count": self.injected,
            "recall": share(self.found, self.injected),
            "precision": share(self.standing, self.labels),
            "explained": share(self.explained, self.injected),
            "unexplained": share(self.injected - self.explained, self.injected),
            "labels_per_error": share(self.labels, self.explained),
            "box_covers": share(self.covered, self.local),
            "box_iou": share(self.overlap, self.local),
            "severities": {str(level): self.severities[level] for level in (1, 2, 3)},
            "cascades": {str(size): count for size, count in sorted(self.cascades.items())},
        }


@dataclass
class Use:
    """The use of one corruption on the tried samples."""

    tried: int = 0
    applies: int = 0
    """Samples whose code has a place for it."""
    drawn: int = 0
    changes: int = 0
    """Samples whose picture changed visibly."""
    failed: Counter[str] = field(default_factory=Counter)
    """Render statuses of the others."""

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "failed": dict(sorted(self.failed.items()))}


@dataclass
class Grades:
    """Whether severity grows with the error, measured on ladders; see `corruptors.ladders`."""

    ladders: int = 0
    steps: int = 0
    """Neighboring rungs that both changed the picture."""
    falls: int = 0
    """Pairs of rungs where the larger error got the lower severity."""
    worst: list[dict[str, Any]] = field(default_factory=list)
    """The first such pairs, for inspection."""

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "worst": self.worst[:20]}


@dataclass
class ModalityFigures:
    """Figures of one modality beside its score."""

    samples: int = 0
    undrawn: int = 0
    """Samples whose own picture could not be drawn."""
    applies: list[int] = field(default_factory=list)
    """Number of corruptions that apply, one entry a sample."""
    changes: list[int] = field(default_factory=list)
    """Number of corruptions that change its picture, one entry a sample."""
    uses: dict[str, Use] = field(default_factory=lambda: defaultdict(Use))
    """By corruption, all of the catalog."""
    negatives: Counter[str] = field(default_factory=Counter)
    grades: dict[str, Grades] = field(default_factory=lambda: defaultdict(Grades))
    """By kind of ladder."""
    corrupt_ms: list[float] = field(default_factory=list)
    """CPU milliseconds to make one wrong program, one entry per pair."""
    judge_ms: list[float] = field(default_factory=list)
    """CPU milliseconds to judge one pair; for a model, of this process alone."""

    def coverage(self) -> dict[str, Any]:
        uses = sorted(self.uses.items())
        return {
            "samples": self.samples,
            "undrawn": self.undrawn,
            "catalog": len(self.uses),
            "applies": spread(self.applies),
            "changes": spread(self.changes),
            "never_apply": [name for name, use in uses if use.tried and not use.applies],
            "never_change": [name for name, use in uses if use.applies and not use.changes],
            "corruptions": {name: use.to_json() for name, use in uses},
        }

    def throughput(self) -> dict[str, Any]:
        both = [a + b for a, b in zip(self.corrupt_ms, self.judge_ms, strict=True)]
        return {
            "pairs": len(both),
            "corrupt_cpu_ms": spread(self.corrupt_ms),
            "judge_cpu_ms": spread(self.judge_ms),
            "pair_cpu_ms": spread(both),
        }


@dataclass
class Audit:
    """All results of an audit."""

    categories: dict[str, AuditScore] = field(default_factory=lambda: defaultdict(AuditScore))
    """By `modality/category`."""
    corruptions: dict[str, AuditScore] = field(default_factory=lambda: defaultdict(AuditScore))
    """By `modality/corruption`."""
    modalities: dict[str, AuditScore] = field(default_factory=lambda: defaultdict(AuditScore))
    by_modality: dict[str, ModalityFigures] = field(
        default_factory=lambda: defaultdict(ModalityFigures)
    )
    negatives: Counter[str] = field(default_factory=Counter)
    """By kind (`identical`, `equivalent`, `unseen`): pairs, `_alarms`, `_changed` pixels."""
    attempts: Counter[str] = field(default_factory=Counter)
    """Injected errors by outcome: changed, unchanged, or a render status."""
    misses: list[dict[str, str]] = field(default_factory=list)
    """The first errors that were not reported with their category, for inspection."""

    def add(self, other: Audit) -> None:
        """Add the results of further samples."""
        for name in ("categories", "corruptions", "modalities"):
            for key, score in getattr(other, name).items():
                add(getattr(self, name)[key], score)
        for modality, figures in other.by_modality.items():
            mine = self.by_modality[modality]
            add(mine, figures, but=("uses", "grades"))
            for key, use in figures.uses.items():
                add(mine.uses[key], use)
            for key, grade in figures.grades.items():
                add(mine.grades[key], grade)
        self.negatives.update(other.negatives)
        self.attempts.update(other.attempts)
        self.misses = (self.misses + other.misses)[:MISSES]

    def to_json(self) -> dict[str, Any]:
        known = sorted(self.by_modality.items())
        alarms = {name: _alarms(figures.negatives) for name, figures in known}
        return {
            "categories": _scores(self.categories),
            "modalities": _scores(self.modalities),
            "corruptions": _scores(self.corruptions),
            "negatives": {**_alarms(self.negatives), "modalities": alarms},
            "attempts": dict(self.attempts),
            "coverage": {name: figures.coverage() for name, figures in known},
            "monotonicity": {
                name: {kind: grades.to_json() for kind, grades in sorted(figures.grades.items())}
                for name, figures in known
            },
            "throughput": {name: figures.throughput() for name, figures in known},
            "missed_bounds": missed_bounds(self),
            "misses": self.misses,
        }


@dataclass(frozen=True)
class Bounds:
    """The bounds of the structural annotator."""

    recall: float = 0.97
    precision: float = 0.95
    labels_per_error: float = 1.3
    box_covers: float = 0.95
    unexplained: float = 0.01
    equivalent_alarms: float = 0.01
    pair_cpu_ms: float = 40.0
    """Largest mean CPU time of corrupting and judging a pair, without rendering."""
    least: int = 20
    """With fewer errors than this, a share is not compared with its bound."""


def missed_bounds(audit: Audit, bounds: Bounds = Bounds()) -> list[str]:
    """Every missed bound, one line each."""
    lines = []
    for name, score in sorted(audit.categories.items()):
        if score.injected < bounds.least:
            continue
        recall, precision = score.found / score.injected, score.standing / max(1, score.labels)
        if recall < bounds.recall:
            lines.append(f"{name}: recall {recall:.3f} is below {bounds.recall}")
        if precision < bounds.precision:
            lines.append(f"{name}: precision {precision:.3f} is below {bounds.precision}")
    for name, score in sorted(audit.modalities.items()):
        if score.injected < bounds.least:
            continue
        per_error = score.labels / max(1, score.explained)
        if per_error > bounds.labels_per_error:
            lines.append(f"{name}: {per_error:.3f} labels an error, over {bounds.labels_per_error}")
        if score.local and score.covered / score.local < bounds.box_covers:
            lines.append(
                f"{name}: boxes cover {score.covered / score.local:.3f} of the local errors, "
                f"below {bounds.box_covers}"
            )
        unexplained = 1 - score.explained / score.injected
        if unexplained > bounds.unexplained:
            lines.append(f"{name}: {unexplained:.4f} unexplained, over {bounds.unexplained}")
    for name, figures in sorted(audit.by_modality.items()):
        lines += _misses_of(name, figures, bounds)
    if bugs := audit.attempts[COMPARISON_BUG]:
        lines.append(f"{bugs} comparisons failed by a bug of ours")
    if unreadable := audit.attempts["unreadable_scene"]:
        lines.append(f"{unreadable} scenes could not be read")
    return lines


def _misses_of(name: str, figures: ModalityFigures, bounds: Bounds) -> list[str]:
    lines = []
    negatives = figures.negatives
    if negatives["identical_alarms"]:
        lines.append(f"{name}: {negatives['identical_alarms']} false alarms on identical pairs")
    for kind in ("equivalent", "unseen"):
        alarms, count = negatives[f"{kind}_alarms"], negatives[kind]
        if alarms > bounds.equivalent_alarms * count:
            lines.append(f"{name}: {alarms} false alarms on {count} {kind} pairs")
    for kind, grades in sorted(figures.grades.items()):
        if grades.falls:
            lines.append(
                f"{name}: severity falls in {grades.falls} of {grades.steps} steps of {kind!r}"
            )
    cpu_ms = figures.throughput()["pair_cpu_ms"]
    if cpu_ms and cpu_ms["mean"] > bounds.pair_cpu_ms:
        lines.append(f"{name}: {cpu_ms['mean']:.1f} ms CPU a pair, over {bounds.pair_cpu_ms:g}")
    return lines


def share(part: float, whole: float) -> float | None:
    """A share rounded to four digits; None if the whole is 0."""
    return round(part / whole, 4) if whole else None


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """Least, quartiles, 95th percentile, most and mean; None of nothing."""
    if not values:
        return None
    cuts = np.percentile(values, (0, 25, 50, 75, 95, 100))
    names = ("min", "p25", "median", "p75", "p95", "max")
    found = {name: round(float(cut), 3) for name, cut in zip(names, cuts, strict=True)}
    return {**found, "mean": round(float(np.mean(values)), 3)}


def _alarms(counts: Counter[str]) -> dict[str, int]:
    return {
        f"{kind}{what}": counts[f"{kind}{what}"]
        for kind in ("identical", "equivalent", "unseen")
        for what in ("", "_alarms", "_changed")
    } | {"unseen_visible": counts["unseen_visible"]}


def _scores(scores: dict[str, AuditScore]) -> dict[str, Any]:
    return {name: score.to_json() for name, score in sorted(scores.items())}


def add(mine: Any, other: Any, but: Iterable[str] = ()) -> None:
    """Add each field of a record of figures to another one, but for some."""
    for one in fields(mine):
        if one.name not in but:
            setattr(mine, one.name, getattr(mine, one.name) + getattr(other, one.name))
