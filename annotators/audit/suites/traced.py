"""Audit suite `traced`: a trace of an icon with one known error must give the labels of the error alone.

Kept are traces that look like the wrong picture they were made of, of errors that change a clear patch
of it (`visibility.unexplained`): a smaller one drowns in what a trace softens. Right is a trace whose
labels have the categories that the wrong icon itself gets, each as often.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from annotators.audit.figures import share
from annotators.audit.suites.likeness import as_lines, drawn, wrong_programs
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult
from annotators.structural.pixels import pixel_difference
from annotators.structural.visibility import below_visibility, unexplained
from records.errors import ConfigError, PolicyReplyError
from records.taxonomy import Modality

RIGHT, LABELS = 0.8, 1.15
"""Least share of traces that must be labeled exactly, and most labels for the one error of each."""


def measure(ground: SuiteInput) -> SuiteResult:
    """Trace wrong icons and compare their labels with those of the error.

    Raises:
        ConfigError: there is no tracer.
    """
    if ground.trace is None:
        raise ConfigError("--lane traced needs the tracer of the extra offline-policies")
    count: Counter[str] = Counter()
    details: list[dict[str, Any]] = []
    icons = [sample for sample in ground.samples if sample.modality is Modality.SVG]
    for wrong in wrong_programs(ground, icons):
        png, wanted = wrong.candidate[0].png, wrong.labels
        if unexplained(pixel_difference(wrong.reference[0].png, png), ()) is None:
            count["faint"] += 1
            continue
        try:
            trace = drawn(ground, ground.trace(png, ground.seed), wrong.sample)
        except PolicyReplyError:
            trace = None
        count["traced"] += 1
        if trace is None or not below_visibility(pixel_difference(png, trace[0].png)):
            continue
        found = ground.judge(wrong.reference, trace).discrepancies
        verdict = _verdict([one.category for one in wanted], [one.category for one in found])
        count["alike"] += 1
        count[verdict] += 1
        count["labels wanted"] += len(wanted)
        count["labels"] += len(found)
        if verdict != "right":
            labels = {"wanted": as_lines(wanted), "found": as_lines(found)}
            details.append({**wrong.named(), "verdict": verdict, **labels})
    alike = count["alike"]
    figures = {
        "svg": {
            "traced": count["traced"],
            "faint": count["faint"],
            "alike": alike,
            "right": share(count["right"], alike),
            "right_with_more": share(count["right with more"], alike),
            "other": share(count["other"], alike),
            "labels_wanted": share(count["labels wanted"], alike),
            "labels": share(count["labels"], alike),
        }
    }
    bounds = {
        "right svg": Bound(figures["svg"]["right"], at_least=RIGHT),
        "labels an error svg": Bound(figures["svg"]["labels"], at_most=LABELS),
    }
    return SuiteResult("traced", figures, bounds, details)


def _verdict(wanted: list[str], found: list[str]) -> str:
    """How the categories of an error are found: alone or among others."""
    missing, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    if missing:
        return "other"
    return "right with more" if more else "right"
