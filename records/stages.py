"""The stages of the data path, each written down once.

The command line, the DAG, its pools and queues, the bounds in the settings and the tables of a
build are made from `STAGES`. What a stage does stands in its room's ``stage`` module, as a
`records.work.Work` in the tuple ``WORK``. This module imports nothing heavy: DAG files read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Stage:
    """One step that every shard goes through."""

    name: str
    """A verb; also the folder of its shards and the task's name."""
    room: str
    """Package whose ``stage`` module does the work."""
    inputs: tuple[str, ...]
    """Stages whose shards of the same name are read; the first one's rows are those that enter."""
    max_reject_share: float
    """Most rows that may be lost, as a share of those that enter, unless the settings say otherwise."""
    needs: Literal["", "renderers", "policies", "annotators"] = ""
    """Pool of the scarce thing that a task of this stage holds."""
    queue: Literal["default", "render"] = "default"
    """Queue of the workers that can do it; `render` has the sandbox and the browser."""


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
"""In the order in which a shard goes through them; `corrupt` and `attempt` may run side by side."""

PULL = Stage("pull", "sources", (), 0.2)
"""What comes before all others; one source at a time, not a shard."""


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
