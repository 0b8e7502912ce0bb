"""One error on top of a rewrite that leaves the picture as it is: the labels of the error alone.

A wrong program is rewritten as policies write, and in the ways of equivalent negatives; only rewrites
whose picture is equal, pixel for pixel, count. Category, severity and place of all labels must be
those without the rewrite; names of parts may differ, and are counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from annotators.audit.suites.likeness import as_lines, drawn, errors_of, unmatched
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult, ratio
from corruptors.registry import policy_rewrites, rewrites
from corruptors.rewrite import rewritten
from records.errors import CodeParseError
from records.rows import Sample, content_id
from records.taxonomy import Modality

SAME = 0.85
"""Share of rewritten errors whose labels must stay."""


def measure(ground: SuiteInput) -> SuiteResult:
    """Rewrite wrong programs and compare their labels with those before."""
    counts: dict[Modality, Counter[str]] = {}
    details: list[dict[str, Any]] = []
    for sample in ground.samples:
        count = counts.setdefault(sample.modality, Counter())
        reference = drawn(ground, sample.code, sample)
        if reference is None:
            continue
        for corruption, wrong, _ in errors_of(ground, sample):
            candidate = drawn(ground, wrong, sample)
            if candidate is None:
                continue
            before = ground.judge(reference, candidate).discrepancies
            if not before:
                continue
            for name, code in _rewritten(wrong, sample, ground.seed):
                count["tried"] += 1
                other = drawn(ground, code, sample)
                if other is None or other[0].pixel_hash != candidate[0].pixel_hash:
                    continue
                after = ground.judge(reference, other).discrepancies
                same = unmatched(before, after) == ([], [])
                count["pairs"] += 1
                count["same"] += same
                count["same words"] += unmatched(before, after, words=True) == ([], [])
                count[f"pairs {name}"] += 1
                count[f"same {name}"] += same
                count["labels before"] += len(before)
                count["labels after"] += len(after)
                if not same:
                    details.append(
                        {
                            "modality": str(sample.modality),
                            "pair": sample.upstream_id,
                            "corruption": corruption.name,
                            "rewrite": name,
                            "before": as_lines(before),
                            "after": as_lines(after),
                        }
                    )
    figures = {str(modality): _figures(count) for modality, count in counts.items()}
    bounds = {
        f"same labels {modality}": Bound(found["same"], at_least=SAME)
        for modality, found in figures.items()
    }
    return SuiteResult("rewrites", figures, bounds, details)


def _rewritten(code: str, sample: Sample, seed: int) -> Iterator[tuple[str, str]]:
    """The program in every way that policies write, and once in ways of equivalent negatives."""
    number = int(content_id(str(seed), sample.id)[:8], 16)
    try:
        for item in policy_rewrites(sample.modality):
            made = item(code, number)
            if made is not None and made[0] != code:
                yield item.name, made[0]
        for other, _, _ in rewritten(code, rewrites(sample.modality), Random(number)):
            yield "as negatives", other
            return
    except CodeParseError:
        return


def _figures(count: Counter[str]) -> dict[str, Any]:
    pairs = count["pairs"]
    names = sorted(name.removeprefix("pairs ") for name in count if name.startswith("pairs "))
    return {
        "tried": count["tried"],
        "pairs": pairs,
        "same": ratio(count["same"], pairs),
        "same_words": ratio(count["same words"], pairs),
        "labels_before": ratio(count["labels before"], pairs),
        "labels_after": ratio(count["labels after"], pairs),
        "rewrites": {
            name: f"{count[f'same {name}']} of {count[f'pairs {name}']}" for name in names
        },
    }
