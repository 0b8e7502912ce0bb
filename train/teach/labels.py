"""Labels of a pair: exact as published, as noisy as an annotator's, or another pair's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from records.errors import ConfigError
from train.teach.crops import CATEGORIES, TeachLabel, TeachPair

Labels = Literal["exact", "noisy", "shuffled"]
SHIFT = 0.25
"""Share of its own size by which a noisy box lies aside, at most."""


@dataclass(frozen=True)
class Rates:
    """How often an annotator does what, for each error that is there."""

    found: float
    """Named with its category."""
    renamed: float
    """Named with another category of the same modality."""
    invented: float
    """Errors named that are not there, for each that is."""


ASSUMED = Rates(found=0.36, renamed=0.09, invented=0.14)
"""Where no audit was given: named with recall .45, one in five renamed, one false alarm in three pairs."""


def rates_of(audit: str) -> Mapping[str, Rates]:
    """Rates by ``modality/category`` of an annotator that was audited.

    Args:
        audit: What ``vermillion audit DATASET --annotator NAME --json`` printed, in a file; empty assumes
            `ASSUMED` for all categories.

    Raises:
        ConfigError: the file holds no such figures.
    """
    names = [f"{task}/{name}" for task, name in CATEGORIES]
    if not audit:
        return dict.fromkeys(names, ASSUMED)
    try:
        audited = json.loads(Path(audit).read_text(encoding="utf-8"))["categories"]
        counted = {
            name: Rates(
                one["hits"] / one["count"],
                one["renamed"] / one["count"],
                max(0, one["claims"] - one["hits"] - one["renamed"]) / one["count"],
            )
            for name, one in audited.items()
            if one["count"]
        }
    except OSError as error:
        raise ConfigError(f"--audit {audit}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"--audit {audit}: no figures of an annotator ({error!r}); write them with "
            "vermillion audit DATASET --annotator NAME --json"
        ) from error
    if not counted:
        raise ConfigError(f"--audit {audit}: it counted no error")
    whole = [sum(getattr(one, key) for one in counted.values()) / len(counted) for key in Rates.__annotations__]  # fmt: skip
    return {name: counted.get(name, Rates(*whole)) for name in names}


def labeled(
    pairs: Sequence[TeachPair], labels: Labels, rates: Mapping[str, Rates], seed: int
) -> list[tuple[TeachLabel, ...]]:
    """The errors that each pair is said to have.

    ``shuffled`` gives each pair those of another of the same modality and origin.
    """
    if labels == "exact":
        return [pair.errors for pair in pairs]
    if labels == "noisy":
        return [_noisy(pair, rates, Random(f"{seed} {pair.id}")) for pair in pairs]
    given = [pair.errors for pair in pairs]
    rng = Random(seed)
    for kind in sorted({(pair.task, pair.natural) for pair in pairs}):
        places = [at for at, pair in enumerate(pairs) if (pair.task, pair.natural) == kind]
        for place, other in zip(places, rng.sample(places, len(places)), strict=True):
            given[place] = pairs[other].errors
    return given


def _noisy(pair: TeachPair, rates: Mapping[str, Rates], rng: Random) -> tuple[TeachLabel, ...]:
    legal = [at for at, (task, _) in enumerate(CATEGORIES) if task == CATEGORIES_OF[pair.task]]
    errors: list[TeachLabel] = []
    for error in pair.errors:
        rate = rates["/".join(CATEGORIES[error.category])]
        drawn = rng.random()
        if drawn < rate.found + rate.renamed:
            category = error.category
            if drawn >= rate.found:
                category = rng.choice([one for one in legal if one != category])
            errors.append(TeachLabel(category, error.severity, _aside(error.box, rng)))
        if rng.random() < rate.invented:
            errors.append(
                TeachLabel(rng.choice(legal), rng.choice((1, 2, 3)), rng.choice(pair.boxes))
            )
    return tuple(errors)


CATEGORIES_OF = tuple(dict.fromkeys(task for task, _ in CATEGORIES))


def _aside(box: tuple[float, ...] | None, rng: Random) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    across = (box[2] - box[0]) * rng.uniform(-SHIFT, SHIFT)
    down = (box[3] - box[1]) * rng.uniform(-SHIFT, SHIFT)
    return box[0] + across, box[1] + down, box[2] + across, box[3] + down
