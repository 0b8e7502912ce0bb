"""The pools of the DAGs, as large as the environment says; what an operator resized is left alone.

``python -m vermillion.airflow.pools`` makes those that are missing. It runs at each start of the
stack, beside `airflow db migrate`, with access to the metadata database.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from records.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool that a task may name."""

    name: str
    variable: str
    """Environment variable that says how many of its tasks may run at once, over all machines."""
    slots: int
    """The same where the variable is not set."""
    description: str
    deferred: bool = False
    """True if a task that waits keeps its slot."""


CORES = os.cpu_count() or 2
POOLS = (
    Pool("renderers", "VERMILLION_RENDER_SLOTS", CORES, "Sandboxed renderers: one a core."),
    Pool("policies", "VERMILLION_POLICY_SLOTS", CORES, "Weak policies that models serve."),
    Pool("annotators", "VERMILLION_ANNOTATOR_SLOTS", CORES, "Annotators that models serve."),
    Pool("training", "VERMILLION_TRAINING_SLOTS", 1, "One training run at a time.", deferred=True),
)


def slots_of(pool: Pool, environment: Mapping[str, str] = os.environ) -> int:
    """How many tasks of a pool may run at once.

    Raises:
        ConfigError: the variable holds no positive whole number.
    """
    text = environment.get(pool.variable, "").strip()
    if not text:
        return pool.slots
    if not text.isdecimal() or not int(text):
        raise ConfigError(
            f"{pool.variable} = {text!r}: give the slots of pool {pool.name!r}, 1 or more"
        )
    return int(text)


def make_missing() -> list[str]:
    """Make the pools that the metadata database lacks; their names."""
    from airflow.models.pool import Pool as Stored

    known = {stored.pool for stored in Stored.get_pools()}
    missing = [pool for pool in POOLS if pool.name not in known]
    for pool in missing:
        Stored.create_or_update_pool(pool.name, slots_of(pool), pool.description, pool.deferred)
    return [pool.name for pool in missing]


if __name__ == "__main__":
    print(f"pools made: {', '.join(make_missing()) or 'none; all are there'}")
