"""Labels of bundled samples under every corruption: which cases are recorded, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from annotators.structural import compare
from corruptors.corruption import Corruption
from corruptors.registry import corruptions
from records.errors import CodeParseError
from records.rows import Discrepancy, Sample, content_id
from records.taxonomy import Modality
from renderers.contract import Render
from renderers.registry import held_renderer
from sources.bundled import samples

SEEDS = (1, 2)


@dataclass(frozen=True)
class Case:
    """One corruption of one sample under one seed."""

    sample: Sample
    corruption: str
    seed: int
    code: str
    """The corrupted program."""

    @property
    def key(self) -> str:
        return f"{self.corruption} {self.seed} {self.sample.upstream_id}"


def cases(modality: Modality) -> Iterator[Case]:
    """Every corruption with each seed on one sample, and every sample with one corruption at least.

    Which sample meets which corruption is drawn by hash among those to which it applies. A full
    product would be some 30,000 pairs; this is the smallest balanced part of it.
    """
    met: set[str] = set()
    known = {item.name: item for item in corruptions(modality)}
    for name in sorted(known):
        for seed in SEEDS:
            for sample in _shuffled(samples(modality), name, str(seed)):
                case = _case(known[name], sample, seed)
                if case is not None:
                    met.add(sample.id)
                    yield case
                    break
    for sample in samples(modality):
        if sample.id not in met:
            names = sorted(known, key=lambda name: content_id(sample.upstream_id, name))
            yield next(
                case for name in names if (case := _case(known[name], sample, SEEDS[0])) is not None
            )


def _shuffled(among: list[Sample], *words: str) -> list[Sample]:
    return sorted(among, key=lambda sample: content_id(*words, sample.upstream_id))


def _case(corruption: Corruption[Any], sample: Sample, seed: int) -> Case | None:
    try:
        made = corruption(sample.code, seed)
    except CodeParseError:
        return None
    if made is None or made[0] == sample.code:
        return None
    return Case(sample, corruption.name, seed, made[0])


def labels(case: Case, compare: Callable[..., Any] = compare) -> str | list[list[Any]]:
    """The labels of a case, in a fixed order; a word where there are no two pictures to compare.

    Returns:
        ``[category, severity, location, description, box in whole pixels]`` for each label, or
        the render status, or ``"unchanged"`` where both pictures are equal.
    """
    reference = _reference(case.sample).drawn()
    candidate = _render(case.sample, case.code)
    if candidate.picture is None or candidate.scene is None:
        return str(candidate.status.value)
    if candidate.picture.pixel_hash == reference[0].pixel_hash:
        return "unchanged"
    found = compare(reference, (candidate.picture, candidate.scene)).discrepancies
    return sorted((_line(one) for one in found), key=str)


def _line(found: Discrepancy) -> list[Any]:
    box = None if found.box is None else [round(edge) for edge in found.box]
    return [str(found.category), found.severity, found.location, found.description, box]


@cache
def _reference(sample: Sample) -> Render:
    return _render(sample, sample.code)


def _render(sample: Sample, code: str) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)
