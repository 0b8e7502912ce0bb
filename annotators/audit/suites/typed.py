"""Audit suite `typed`: single corruptions of a program's code, like `vermillion audit` without --lane."""

from __future__ import annotations

from typing import Any

from annotators.audit.figures import Bounds
from annotators.audit.injected import audit
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult


def measure(ground: SuiteInput) -> SuiteResult:
    """Recall, precision, labels an error and alarms, by modality."""
    whole = ground.samples, ground.draw, ground.judge, ground.per_sample, ground.seed
    found = audit(*whole).to_json()
    limits = Bounds()
    figures: dict[str, dict[str, Any]] = {}
    bounds: dict[str, Bound] = {}
    for modality, score in found["modalities"].items():
        alarms = found["negatives"]["modalities"][modality]
        figures[modality] = {**score, "alarms": alarms}
        bounds[f"recall {modality}"] = Bound(score["recall"], at_least=limits.recall)
        bounds[f"precision {modality}"] = Bound(score["precision"], at_least=limits.precision)
        per_error = Bound(score["labels_per_error"], at_most=limits.labels_per_error)
        bounds[f"labels an error {modality}"] = per_error
        for kind in ("identical", "equivalent", "unseen"):
            none = Bound(alarms[f"{kind}_alarms"], at_most=0)
            bounds[f"alarms on {kind} pairs {modality}"] = none
    return SuiteResult("typed", figures, bounds, found["misses"])
