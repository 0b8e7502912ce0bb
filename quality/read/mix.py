"""Compares the requested mix of a dataset with its real one: categories, negatives, minimal pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from quality.format.manifest import read_manifest
from quality.read.inspect import read_dataset
from records.rows import Origin
from records.shards import Line
from records.taxonomy import Modality, category_names

_ORIGIN: TypeAdapter[Origin] = TypeAdapter(Origin)
COLUMNS = ("task", "origin", "corruptions", "provenance", "discrepancies")


@dataclass
class Mix:
    """Counts of the rows seen so far, by modality."""

    injected: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Errors by the category that their corruptions meant."""
    labeled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Labels of corrupted pairs, by category."""
    errors: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Corrupted pairs by the number of injected errors."""
    negatives: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Pairs without a label: identical, equivalent, unseen, sampled."""
    minimal_pairs: Counter[str] = field(default_factory=Counter)
    """Pairs that have a sibling with one error more."""

    def add(self, row: Line) -> None:
        """Count a row; needs its task, origin, corruptions, labels and what `meant` gives."""
        task = row["task"]
        if row["origin"] == "corrupted":
            self.errors[task, len(row["corruptions"])] += 1
            self.injected.update((task, name) for name in row["meant"])
            self.labeled.update((task, found["category"]) for found in row["discrepancies"])
            self.minimal_pairs[task] += row["minimal"]
        elif row["negative"]:
            self.negatives[task, row["negative"]] += 1

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
        labeled = {name: self.labeled[task, name] for name in names}
        return {
            "categories": {
                name: {
                    "wanted": wanted[name] / sum(wanted.values()),
                    "injected": injected[name] / (sum(injected.values()) or 1),
                    "labeled": labeled[name] / (sum(labeled.values()) or 1),
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


def meant(origin: Origin, labeled: bool) -> dict[str, Any]:
    """What the origin of a pair says of the mix.

    `meant`: categories that its corruptions meant; `minimal`: it has a sibling with one error more;
    `negative`: identical, equivalent, unseen or sampled, if nothing is labeled.

    Args:
        origin: How the candidate came about.
        labeled: Whether the pair has a label.
    """
    if origin.kind == "corrupted":
        categories = list(origin.categories)
        return {"meant": categories, "minimal": bool(origin.minimal_of), "negative": ""}
    unseen = origin.kind == "equivalent" and origin.unseen
    negative = "" if labeled else "unseen" if unseen else origin.kind
    return {"meant": [], "minimal": False, "negative": negative}


def measured_mix(dataset: str) -> dict[str, Any]:
    """The mix of a published dataset, counted from its rows.

    Raises:
        ConfigError: there is no dataset.
    """
    mix = Mix()
    for row in read_dataset(dataset, columns=COLUMNS):
        origin = _ORIGIN.validate_python(row["provenance"])
        mix.add({**row, **meant(origin, bool(row["discrepancies"]))})
    config = (read_manifest(dataset) or {}).get("config", {})
    return mix.to_json(config.get("corruption", {}).get("category_weights", {}))
