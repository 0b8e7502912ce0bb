"""A program written again with the errors of a capable model: several kinds at once, by their rates."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from corruptors.corruption import Corruption, parsed
from corruptors.registry import by_name, policy_rewrites, rewrites
from corruptors.rewrite import rewritten
from policies.offline.drift.rates import Drift, drifts
from policies.offline.drift.strength import softened
from policies.settings import DriftSettings
from records.edits import apply
from records.errors import CodeParseError, PolicyReplyError
from records.rows import Sample
from records.taxonomy import Modality

_TRIES = 8
"""Draws of kinds before an attempt counts as faithful; a rate of .05 alone comes once in twenty."""


def redraw(sample: Sample, settings: DriftSettings, seed: int) -> str:
    """The sample's program in other words and with natural errors; at least one that changes the text.

    First come rewrites that should leave the picture as it is, then each kind of error with its
    rate. What the errors are is not recorded: the two pictures tell.

    Raises:
        CodeParseError: the sample's code is not of its language.
        PolicyReplyError: ``nothing_drifts``: no error of a drawn kind finds a place in the program.
    """
    rng = Random(seed)
    modality = sample.modality
    code = sample.code
    if settings.rewrites:
        known = (*rewrites(modality), *policy_rewrites(modality))
        code, *_ = next(rewritten(code, known, rng, settings.rewrites), (code,))
    for _ in range(_TRIES):
        drawn = [drift for drift, rate in drifts(modality) if rng.random() < rate * settings.rate]
        made = code
        for drift in rng.sample(drawn, len(drawn)):
            made = _drifted(made, drift, modality, settings.strength, rng)
        if made != code:
            return made
    raise PolicyReplyError("nothing_drifts", "no natural error finds a place in the program")


def _drifted(code: str, drift: Drift, modality: Modality, strength: float, rng: Random) -> str:
    """The code with one or more errors of a kind; as it was where none applies."""
    wanted = rng.randint(1, drift.most)
    for name in rng.sample(drift.corruptions, len(drift.corruptions)):
        item = by_name(name, modality)
        for _ in range(wanted):
            made = _once(code, item, min(1.0, drift.share * strength), rng)
            if made is None:
                break
            code, wanted = made, wanted - 1
    return code


def _once(code: str, item: Corruption[Any], share: float, rng: Random) -> str | None:
    mutations: Sequence[Any] = list(item.propose(parsed(item.program, code), rng))
    if not mutations:
        return None
    edits = rng.choice(mutations).edits
    made = apply(code, [softened(edit, code, share) for edit in edits])
    try:
        item.program.parse(made)
    except CodeParseError:
        return None
    return made if made != code else None
