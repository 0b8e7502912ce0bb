"""The stages of the data path, each declared once.

The command line, the DAG, its pools and queues, the bounds in the settings and the tables of a
build are made from `STAGES`. A stage is implemented in the ``stage`` module of its package, as a
`records.work.Work` in the tuple ``WORK``. This module imports nothing heavy, since DAG files import
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the data path, applied to every shard."""

    name: str
    """A verb; also the folder of its shards and the task's name."""
    room: str
    """Package whose ``stage`` module does the work."""
    inputs: tuple[str, ...]
    """Stages whose shards of the same name are read; rejects are counted against the rows of the first."""
    max_reject_share: float
    """Most rows that may be lost, as a share of those that enter, unless the settings say otherwise."""
    needs: Literal["", "renderers", "policies", "annotators"] = ""
    """Airflow pool of the scarce resource that a task of this stage uses."""
    queue: Literal["default", "render"] = "default"
    """Queue of the workers that can run it; `render` workers have the sandbox and the browser."""


STAGES = (
    Stage("reference", "renderers", ("pull",), 0.2, needs="renderers", queue="render"),
    Stage("corrupt", "corruptors", ("reference",), 0.2),
    Stage("attempt", "policies", ("reference",), 0.5, needs="policies"),
    Stage(
        "render",
        "renderers",
        ("corrupt", "attempt", "reference"),
        0.3,
        needs="renderers",
        queue="render",
    ),
    Stage("annotate", "annotators", ("render", "reference"), 0.7, needs="annotators"),
    Stage("check", "quality", ("annotate", "reference"), 0.2),
)
"""The stages in order; `corrupt` and `attempt` may run in parallel."""

PULL = Stage("pull", "sources", (), 0.2)
"""The first stage; it processes one source at a time, not a shard."""


def stage_named(name: str) -> Stage:
    """The stage called ``name``.

    Raises:
        ValueError: there is none; the message lists those that are.
    """
    for stage in STAGES:
        if stage.name == name:
            return stage
    known = ", ".join(stage.name for stage in STAGES)
    raise ValueError(f"{name!r} is not a stage; stages: {known}")
