"""Counting rows: the one place that decides what a dataset's figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quality.format.schema import SPLITS
from records.shards import Line
from records.taxonomy import Modality, category_names

TALLY_COLUMNS = (
    "task",
    "split",
    "origin",
    "corruptions",
    "policy",
    "discrepancies",
    "severity_sum",
    "sample_id",
    "source",
    "revision",
    "licence",
    "render_contract",
    "kind",
)


@dataclass
class Tally:
    """Counts of the rows seen so far."""

    rows: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    modalities: Counter[str] = field(default_factory=Counter)
    origins: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows by modality and origin."""
    categories: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """Discrepancies by modality, category and severity."""
    per_pair: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Rows by modality and number of discrepancies."""
    corruptions: Counter[tuple[str, str]] = field(default_factory=Counter)
    policies: Counter[tuple[str, str]] = field(default_factory=Counter)
    label_sources: Counter[str] = field(default_factory=Counter)
    sources: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Rows by source, revision and license."""
    contracts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows by modality and render contract."""
    samples: dict[str, set[str]] = field(default_factory=dict)
    """Sample ids of each split."""

    def add(self, row: Line) -> None:
        """Count a row; needs `TALLY_COLUMNS` only."""
        task = row["task"]
        self.rows += 1
        self.splits[row["split"]] += 1
        self.modalities[task] += 1
        self.origins[task, row["origin"]] += 1
        self.per_pair[task, len(row["discrepancies"])] += 1
        for found in row["discrepancies"]:
            self.categories[task, found["category"], found["severity"]] += 1
            self.label_sources[found["label_source"]] += 1
        for name in row["corruptions"]:
            self.corruptions[task, name] += 1
        if row["policy"]:
            self.policies[task, row["policy"]] += 1
        self.sources[row["source"], row["revision"], row["licence"]] += 1
        self.contracts[task, row["render_contract"]] += 1
        self.samples.setdefault(row["split"], set()).add(row["sample_id"])

    def to_json(self) -> dict[str, Any]:
        """The figures of a manifest; every legal category is named, also those with none."""
        tasks = [task for task in Modality if self.modalities[task]]
        return {
            "rows": self.rows,
            "samples": len(set().union(*self.samples.values())) if self.samples else 0,
            "splits": {
                split: {
                    "rows": self.splits[split],
                    "samples": len(self.samples.get(split, ())),
                }
                for split in SPLITS
            },
            "modalities": {task.value: self.modalities[task] for task in tasks},
            "origins": _nested(self.origins),
            "categories": {
                task.value: {
                    name: {
                        str(severity): self.categories[task, name, severity]
                        for severity in (1, 2, 3)
                    }
                    for name in category_names(task)
                }
                for task in tasks
            },
            "discrepancies_per_pair": _nested(
                {(task, str(count)): rows for (task, count), rows in sorted(self.per_pair.items())}
            ),
            "corruptions": _nested(self.corruptions),
            "policies": _nested(self.policies),
            "label_sources": dict(sorted(self.label_sources.items())),
            "sources": [
                {"source": source, "revision": revision, "licence": licence, "rows": rows}
                for (source, revision, licence), rows in sorted(self.sources.items())
            ],
            "render_contracts": _nested(self.contracts),
        }


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    result: dict[str, dict[str, int]] = {}
    ordered = counts.items() if not isinstance(counts, Counter) else sorted(counts.items())
    for (first, second), count in ordered:
        result.setdefault(first, {})[second] = count
    return result
