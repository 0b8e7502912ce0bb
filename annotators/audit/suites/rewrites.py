"""Audit suite `rewrites`: an error in a rewritten program must give the labels of the error alone.

A wrong program is rewritten as policies write, and in the ways of equivalent negatives; of these
only rewrites whose picture is equal, pixel for pixel, count. Category, severity and place of all
labels must be those without the rewrite; names of parts may differ, and are counted apart.

Rewrites that look alike (another call or resolution for the same marks) change pixels. Their labels
must be of the same categories and severities, in boxes that meet once both pictures have one width.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from annotators.audit.figures import share
from annotators.audit.suites.likeness import NEAR_PX, as_lines, drawn, unmatched, wrong_programs
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult
from corruptors.registry import look_alikes, policy_rewrites, rewrites
from corruptors.rewrite import rewritten
from records.boxes import meet
from records.errors import CodeParseError
from records.rows import Box, Sample, content_id
from records.taxonomy import Language, Modality

SAME = 0.97
"""Least share of rewritten errors whose labels must not change."""


def measure(ground: SuiteInput) -> SuiteResult:
    """Rewrite wrong programs and compare their labels with those before."""
    counts: dict[Modality, Counter[str]] = {one.modality: Counter() for one in ground.samples}
    details: list[dict[str, Any]] = []
    for wrong in wrong_programs(ground, ground.samples):
        sample, before, count = wrong.sample, wrong.labels, counts[wrong.sample.modality]
        picture = wrong.candidate[0]
        for name, code, alike in _rewritten(wrong.code, sample, ground.seed):
            count["tried"] += 1
            other = drawn(ground, code, _as_written(sample, code))
            if other is None or (not alike and other[0].pixel_hash != picture.pixel_hash):
                continue
            after = ground.judge(wrong.reference, other).discrepancies
            if alike:
                touch = partial(_touch, scale=picture.width_px / other[0].width_px)
                same = unmatched(before, after, at_one_place=touch) == ([], [])
                words = [one.description for one in before] == [one.description for one in after]
            else:
                same = unmatched(before, after) == ([], [])
                words = unmatched(before, after, words=True) == ([], [])
            count["pairs"] += 1
            count["same"] += same
            count["same words"] += words
            count[f"pairs {name}"] += 1
            count[f"same {name}"] += same
            count["labels before"] += len(before)
            count["labels after"] += len(after)
            if not same:
                labels = {"before": as_lines(before), "after": as_lines(after)}
                details.append({**wrong.named(), "rewrite": name, **labels})
    figures = {str(modality): _figures(count) for modality, count in counts.items()}
    bounds = {
        f"same labels {modality}": Bound(found["same"], at_least=SAME)
        for modality, found in figures.items()
    }
    return SuiteResult("rewrites", figures, bounds, details)


def _as_written(sample: Sample, code: str) -> Sample:
    """The sample in the language of a rewrite: a table may be HTML or Markdown."""
    if sample.modality is not Modality.TABLE:
        return sample
    language = Language.HTML if "<table" in code.lower() else Language.MARKDOWN
    return sample.model_copy(update={"language": language})


def _touch(first: Box | None, second: Box | None, scale: float) -> bool:
    """True if two boxes overlap or nearly do; the second in pixels of another picture.

    Args:
        scale: Pixels of the first picture for one of the second.
    """
    if first is None or second is None:
        return first is second
    left, top, right, bottom = (edge * scale for edge in second)
    return meet(first, (left, top, right, bottom), -NEAR_PX)


def _rewritten(code: str, sample: Sample, seed: int) -> Iterator[tuple[str, str, bool]]:
    """The program in every way that policies write, and once in ways of equivalent negatives.

    Yields:
        The rewrite's name, the code, and whether it only looks alike.
    """
    number = int(content_id(str(seed), sample.id)[:8], 16)
    try:
        for known, alike in (
            (policy_rewrites(sample.modality), False),
            (look_alikes(sample.modality), True),
        ):
            for item in known:
                made = item(code, number)
                if made is not None and made[0] != code:
                    yield item.name, made[0], alike
        for other, _, _ in rewritten(code, rewrites(sample.modality), Random(number)):
            yield "as negatives", other, False
            return
    except CodeParseError:
        return


def _figures(count: Counter[str]) -> dict[str, Any]:
    pairs = count["pairs"]
    names = sorted(name.removeprefix("pairs ") for name in count if name.startswith("pairs "))
    return {
        "tried": count["tried"],
        "pairs": pairs,
        "same": share(count["same"], pairs),
        "same_words": share(count["same words"], pairs),
        "labels_before": share(count["labels before"], pairs),
        "labels_after": share(count["labels after"], pairs),
        "rewrites": {
            name: f"{count[f'same {name}']} of {count[f'pairs {name}']}" for name in names
        },
    }
