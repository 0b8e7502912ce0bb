"""Composes the attempts of a sample: chooses corruptions, combines them, and adds negatives.

Every draw is seeded by what it is for (run seed, sample, corruption, attempt), so that leaving one
corruption out or asking for one attempt more does not reshuffle the rest of the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from corruptors import degenerate
from corruptors.corruption import Corruption, parsed
from corruptors.registry import check_names, corruptions, rewrites
from corruptors.rewrite import Rewrite, rewritten
from corruptors.unseen import NUDGES
from records.edits import Mutation, apply, compose, overlap
from records.errors import CodeParseError
from records.rows import Attempt, Corrupted, Equivalent, Identical, InjectedError, Sample
from records.sections import CorruptionMix
from records.taxonomy import Modality, category_names

_TRIES = 6
"""How often an attempt that came out like an earlier one is drawn again."""

Chosen = tuple[Corruption[Any], Mutation]


def attempts(sample: Sample, mix: CorruptionMix, seed: int) -> Iterator[Attempt]:
    """The corrupted, identical, equivalent, unseen and degenerate attempts of one sample.

    Each corrupted attempt draws how many errors it has, for each error a category by weight, and
    in it one corruption out of those that apply; a category where none does is left out. Fewer
    errors are made where fewer fit, and fewer attempts where they would be equal.

    Raises:
        CodeParseError: the sample's code is not of its language.
        ConfigError: an included or excluded corruption does not exist.
    """
    catalog = selected(sample.modality, mix)
    for program in {item.program for item in catalog}:
        parsed(program, sample.code)
    seen = {sample.code}
    for index in range(mix.attempts_per_sample):
        for again in range(_TRIES):
            draw = _seed(seed, sample.id, "attempt", index, again)
            chosen = _choose(sample, catalog, mix, draw)
            whole = _corrupted(sample, chosen, draw)
            if whole.code not in seen:
                break
        else:
            continue
        seen.add(whole.code)
        yield whole
        if len(chosen) > 1 and _chance(mix.minimal_pair_share, seed, sample.id, "minimal", index):
            fewer = _corrupted(sample, chosen[:-1], draw, minimal_of=whole.id)
            if fewer.code not in seen:
                seen.add(fewer.code)
                yield fewer
    if _chance(mix.identical_share, seed, sample.id, "identical"):
        yield Attempt.of(sample, sample.code, Identical())
    if _chance(mix.equivalent_share, seed, sample.id, "equivalent"):
        rng = Random(_seed(seed, sample.id, "rewrite"))
        yield from _rewritten(sample, rewrites(sample.modality), rng, seen, unseen=False)
    if _chance(mix.unseen_share, seed, sample.id, "unseen"):
        rng = Random(_seed(seed, sample.id, "nudge"))
        yield from _rewritten(sample, NUDGES[sample.modality], rng, seen, unseen=True)
    if _chance(mix.degenerate_share, seed, sample.id, "degenerate"):
        made_of_nothing = degenerate.attempt(sample, _seed(seed, sample.id, "degenerate kind"))
        if made_of_nothing is not None and made_of_nothing.code not in seen:
            yield made_of_nothing


def stacked(sample: Sample, most: int, seed: int) -> list[Attempt]:
    """Attempts with 1, 2, ... up to ``most`` errors, each with all the errors of the one before.

    Raises:
        CodeParseError: the sample's code is not of its language.
    """
    mix = CorruptionMix(errors=(*[0.0] * (most - 1), 1.0))
    draw = _seed(seed, sample.id, "stack")
    chosen = _choose(sample, selected(sample.modality, mix), mix, draw)
    return [_corrupted(sample, chosen[:count], draw) for count in range(1, len(chosen) + 1)]


def selected(modality: Modality, mix: CorruptionMix) -> tuple[Corruption[Any], ...]:
    """The catalog of a modality as far as ``mix`` wants it.

    Raises:
        ConfigError: an included or excluded corruption does not exist.
    """
    check_names((*mix.include, *mix.exclude))
    return tuple(
        item
        for item in corruptions(modality)
        if (not mix.include or item.name in mix.include) and item.name not in mix.exclude
    )


def _choose(
    sample: Sample, catalog: Sequence[Corruption[Any]], mix: CorruptionMix, draw: int
) -> list[Chosen]:
    """Up to the drawn number of mutations that fit together, in the order they were drawn."""
    rng = Random(draw)
    errors = mix.errors_in(sample.modality)
    count = rng.choices(range(1, len(errors) + 1), errors)[0]
    weights = mix.category_weights.get(sample.modality, {})
    chosen: list[Chosen] = []
    while len(chosen) < count:
        found = None
        for category in _order(sample.modality, weights, rng):
            group = [item for item in catalog if item.category == category]
            for item in rng.sample(group, len(group)):
                mutation = None
                if all(item is not other for other, _ in chosen):
                    mutation = _fitting(sample.code, item, chosen, draw)
                if mutation is not None:
                    found = (item, mutation)
                    break
            if found is not None:
                break
        if found is None:
            break
        chosen.append(found)
    return chosen


def _order(modality: Modality, weights: dict[str, float], rng: Random) -> list[str]:
    """The categories in the order they are tried: a weighted draw without putting back."""
    left = {name: weights.get(name, 0.0 if weights else 1.0) for name in category_names(modality)}
    order: list[str] = []
    while any(left.values()):
        name = rng.choices(list(left), list(left.values()))[0]
        order.append(name)
        del left[name]
    return order


def _fitting(
    code: str, item: Corruption[Any], chosen: Sequence[Chosen], draw: int
) -> Mutation | None:
    """A mutation that touches none of those chosen, and with which the code still parses."""
    rng = Random(_seed(draw, item.name))
    mutations = list(item.propose(parsed(item.program, code), rng))
    rng.shuffle(mutations)
    others = [mutation for _, mutation in chosen]
    taken = [edit for mutation in others for edit in mutation.edits]
    for mutation in mutations:
        if not overlap(taken, mutation.edits):
            made = apply(code, compose([*others, mutation]))
            if made != code and _parses(item, made):
                return mutation
    return None


def _parses(item: Corruption[Any], code: str) -> bool:
    try:
        item.program.parse(code)
    except CodeParseError:
        return False
    return True


def _corrupted(
    sample: Sample, chosen: Sequence[Chosen], draw: int, minimal_of: str = ""
) -> Attempt:
    edits = compose([mutation for _, mutation in chosen])
    origin = Corrupted(
        errors=tuple(
            InjectedError(
                name=item.name,
                category=item.category.value,
                location=mutation.location,
                description=mutation.description,
            )
            for item, mutation in chosen
        ),
        seed=draw,
        edits=edits,
        image_only=any(item.image_only for item, _ in chosen),
        minimal_of=minimal_of,
    )
    return Attempt.of(sample, apply(sample.code, edits), origin)


def _rewritten(
    sample: Sample, among: Sequence[Rewrite[Any]], rng: Random, seen: set[str], *, unseen: bool
) -> Iterator[Attempt]:
    """The first rewritten program that is none of those seen."""
    for code, names, drawn in rewritten(sample.code, among, rng):
        if code not in seen:
            yield Attempt.of(sample, code, Equivalent(rewrite=names, seed=drawn, unseen=unseen))
            return


def _chance(share: float, *parts: str | int) -> bool:
    return Random(_seed(*parts)).random() < share


def _seed(*parts: str | int) -> int:
    """Sixty-three bits that depend on every part; the same on every machine and Python."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
