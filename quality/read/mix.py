"""What a dataset was asked to hold beside what it holds: categories, negatives, minimal pairs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corruptors.unseen import MARK
from quality.dataset.manifest import read_manifest
from quality.dataset.schema import Row
from quality.read.inspect import read_dataset
from records.taxonomy import Modality, category_names

COLUMNS = ("task", "origin", "provenance", "discrepancies")


@dataclass
class Mix:
    """Counts of the rows seen so far, by modality."""

    injected: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Errors by the category that their corruptions meant."""
    labelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Labels of corrupted pairs, by category."""
    errors: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Corrupted pairs by the number of injected errors."""
    negatives: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Pairs without a label: identical, equivalent, unseen, sampled."""
    minimal_pairs: Counter[str] = field(default_factory=Counter)
    """Pairs that have a sibling with one error more."""

    def add(self, row: Row) -> None:
        """Count a row; needs `COLUMNS` only."""
        task, origin = row["task"], json.loads(row["provenance"])
        if origin["kind"] == "corrupted":
            self.errors[task, len(origin["names"])] += 1
            self.injected.update((task, name) for name in origin["categories"])
            self.labelled.update((task, found["category"]) for found in row["discrepancies"])
            self.minimal_pairs[task] += bool(origin.get("minimal_of"))
        elif not row["discrepancies"]:
            unseen = origin.get("rewrite", "").startswith(MARK)
            self.negatives[task, "unseen" if unseen else origin["kind"]] += 1

    def to_json(self, weights: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
        """Shares wanted and measured.

        Args:
            weights: `CorruptionMix.category_weights` of the build; a modality that is missing was
                drawn evenly.
        """
        tasks = [str(task) for task in Modality if any(t == task for t, _ in self.errors)]
        return {task: self._lane(task, weights.get(task, {})) for task in tasks}

    def _lane(self, task: str, weights: Mapping[str, float]) -> dict[str, Any]:
        names = category_names(Modality(task))
        wanted = {name: weights.get(name, 0.0 if weights else 1.0) for name in names}
        injected = {name: self.injected[task, name] for name in names}
        labelled = {name: self.labelled[task, name] for name in names}
        return {
            "categories": {
                name: {
                    "wanted": wanted[name] / sum(wanted.values()),
                    "injected": injected[name] / (sum(injected.values()) or 1),
                    "labelled": labelled[name] / (sum(labelled.values()) or 1),
                }
                for name in names
            },
            "errors_per_pair": {
                str(count): pairs
                for (of, count), pairs in sorted(self.errors.items())
                if of == task
            },
            "minimal_pairs": self.minimal_pairs[task],
            "negatives": {
                kind: pairs for (of, kind), pairs in sorted(self.negatives.items()) if of == task
            },
        }


def measured_mix(dataset: str) -> dict[str, Any]:
    """The mix of a published dataset, counted from its rows.

    Raises:
        ConfigError: there is no dataset.
    """
    mix = Mix()
    for row in read_dataset(dataset, columns=COLUMNS):
        mix.add(row)
    config = (read_manifest(dataset) or {}).get("config", {})
    return mix.to_json(config.get("corruption", {}).get("category_weights", {}))
