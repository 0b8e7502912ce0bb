"""Computes the shares that dataset rules bound, from the counts of a dataset.

A measure is one line of the table that Great Expectations checks: the rule, what was measured, the
value, and the values it may have. A modality with few rows gives no measure, since its shares vary
by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from records.sections import CorruptionMix, DatasetRuleName, QualityConfig

Counts = Mapping[str, Any]
"""The counts of a manifest: rows, origins, categories, ..."""
_SAME_SETTINGS = ("corruption", "policies", "sources", "modalities")
"""Settings that affect the contents of a dataset; drift is compared only if they are equal."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured value."""

    rule: DatasetRuleName
    id: str
    """What was measured, in words: chart text_error."""
    value: float
    at_least: float = 0.0
    at_most: float = 1.0


@dataclass(frozen=True)
class WantedFigures:
    """The requested figures that rules compare with."""

    quality: QualityConfig
    mix: CorruptionMix
    config: Mapping[str, Any]
    """The whole configuration as plain values; may be empty."""

    @property
    def sources(self) -> list[str]:
        return sorted(self.config.get("sources", {}))


@dataclass(frozen=True)
class DatasetFigures:
    """The figures of a dataset."""

    counts: Counts
    injected: Mapping[str, Any]
    """Shares of categories wanted and injected, by modality; see `quality.read.mix`."""
    rejects: Mapping[str, Mapping[str, int]]
    """Lost rows by stage and reason."""
    before: Mapping[str, Any] | None = None
    """Manifest of the last version."""


def measures(found: DatasetFigures, asked: WantedFigures) -> list[Measure]:
    """All measures of these figures that have a bound."""
    return [
        *_takeover(found, asked),
        *_unexplained(found, asked),
        *_mix(found, asked),
        *_contributors(found, asked),
        *_drift(found, asked),
    ]


def _takeover(found: DatasetFigures, asked: WantedFigures) -> Iterator[Measure]:
    quality, counts = asked.quality, found.counts
    for task, rows in counts["modalities"].items():
        if rows < quality.min_rows_for_rules:
            continue
        if asked.mix.attempts_per_sample > 1:
            negatives = counts["discrepancies_per_pair"][task].get("0", 0)
            bound = quality.max_negative_share
            yield Measure(
                "negatives", f"{task} pairs without a difference", negatives / rows, at_most=bound
            )
        if asked.mix.narrowed:  # an intentionally narrowed mix may be one-sided
            continue
        labels = {name: sum(by.values()) for name, by in counts["categories"][task].items()}
        for name, share in _shares(labels).items():
            bound = quality.max_category_share
            yield Measure("categories", f"{task} {name}", share, at_most=bound)
        for name, share in _shares(counts["corruptions"].get(task, {})).items():
            bound = quality.max_corruption_share
            yield Measure("corruptions", f"{task} {name}", share, at_most=bound)


def _unexplained(found: DatasetFigures, asked: WantedFigures) -> Iterator[Measure]:
    lost = sum(reasons.get("unexplained_change", 0) for reasons in found.rejects.values())
    per_pair = found.counts["discrepancies_per_pair"].values()
    changed = found.counts["rows"] - sum(by.get("0", 0) for by in per_pair)
    if lost + changed >= asked.quality.min_rows_for_rules:
        share, bound = lost / (lost + changed), asked.quality.max_unexplained_share
        yield Measure("unexplained", "lost as unexplained_change", share, at_most=bound)


def _mix(found: DatasetFigures, asked: WantedFigures) -> Iterator[Measure]:
    if asked.mix.include or asked.mix.exclude:
        return
    for task, injected in found.injected.items():
        if sum(injected["errors_per_pair"].values()) < asked.quality.min_rows_for_rules:
            continue
        for name, shares in injected["categories"].items():
            gap = abs(shares["injected"] - shares["wanted"])
            says = f"{task} {name}: {shares['injected']:.1%} for {shares['wanted']:.1%}"
            yield Measure("mix", says, gap, at_most=asked.quality.max_mix_gap)


def _contributors(found: DatasetFigures, asked: WantedFigures) -> Iterator[Measure]:
    quality, counts = asked.quality, found.counts
    for task, by in counts["policies"].items():
        if len(by) > 1 and sum(by.values()) >= quality.min_rows_for_rules:
            for name, share in _shares(by).items():
                yield Measure("policies", f"{task} {name}", share, at_most=quality.max_policy_share)
    if len(asked.sources) > 1 and counts["rows"] >= quality.min_rows_for_rules:
        shares = _shares(_by_source(counts))
        for name in asked.sources:
            share, bound = shares.get(name, 0.0), quality.max_source_share
            yield Measure("sources", name, share, at_least=1 / counts["rows"], at_most=bound)


def _drift(found: DatasetFigures, asked: WantedFigures) -> Iterator[Measure]:
    before = found.before
    if before is None or not _same_settings(before.get("config", {}), asked.config):
        return
    for (kind, now), old in zip(
        _compared(found.counts), (shares for _, shares in _compared(before["counts"])), strict=True
    ):
        for task, shares in now.items():
            earlier = old.get(task, {})
            least = asked.quality.min_rows_for_rules
            if min(sum(shares.values()), sum(earlier.values())) < least:
                continue
            parts, parts_before = _shares(shares), _shares(earlier)
            for name in sorted({*parts, *parts_before}):
                is_now, was = parts.get(name, 0.0), parts_before.get(name, 0.0)
                says = f"{kind} {task} {name}: {was:.1%} before, {is_now:.1%} now"
                yield Measure("drift", says, abs(is_now - was), at_most=asked.quality.max_drift)


def _compared(counts: Counts) -> Iterator[tuple[str, dict[str, Mapping[str, int]]]]:
    """Kinds of shares: by group, the rows of each part."""
    yield "modality", {"of all": counts["modalities"]}
    yield "source", {"of all": _by_source(counts)}
    yield "origin", dict(counts["origins"])
    yield "policy", dict(counts["policies"])
    labels = counts["categories"].items()
    yield (
        "category",
        {task: {name: sum(by.values()) for name, by in names.items()} for task, names in labels},
    )


def _by_source(counts: Counts) -> dict[str, int]:
    rows: dict[str, int] = {}
    for line in counts["sources"]:
        rows[line["source"]] = rows.get(line["source"], 0) + line["rows"]
    return rows


def _same_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """True if the settings are the same, except revisions and limits of sources."""

    def asked(config: Mapping[str, Any]) -> list[Any]:
        sections = {name: config.get(name) for name in _SAME_SETTINGS}
        return [sorted(sections.pop("sources") or {}), sections]

    return asked(before) == asked(now)


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {name: rows / total for name, rows in counts.items()} if total else {}
