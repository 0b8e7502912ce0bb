"""The errors of this project, named by the boundary at which they occur.

One lost row is data; a broken run is an exception. A stage turns each `RowError` into a `Reject`
and goes on; a `RunError` leaves the task, and Airflow retries it or does not::

    PipelineError
    ├─ RowError                 becomes a Reject; the shard goes on
    │  ├─ SourceError           a record of the upstream snapshot cannot be used
    │  ├─ CodeParseError        a program is not of its language
    │  ├─ RenderError           a program gave no picture (its `reason` is the render status)
    │  ├─ PairError             two pictures do not make a pair: unchanged, unexplained
    │  ├─ PolicyReplyError      a policy's reply holds no program
    │  ├─ AnnotationReplyError  an annotator's reply cannot be read
    │  ├─ GateError             a finished row breaks a rule of quality
    │  └─ ScoreError            a measure has no value for a reference
    └─ RunError                 leaves the task
       ├─ EndpointUnavailable   retry: a model server does not answer
       ├─ SandboxUnavailable    never retry: the machine cannot contain hostile code
       ├─ RendererUnavailable   retry: a renderer died or does not start
       ├─ BoundPassed           never retry: more was lost than the configuration allows
       ├─ EvaluationIncomplete  retry: too many pairs of a benchmark were not judged
       ├─ ConfigError           never retry: a setting is wrong
       └─ SchemaMismatch        never retry: a shard was written by another version
"""

from __future__ import annotations

import os
from errno import EDQUOT, ENOSPC


class PipelineError(Exception):
    """Base of all errors that this project raises on purpose. The message names the item and the remedy."""


class RowError(PipelineError):
    """One row is lost, for a countable reason.

    Attributes:
        reason: A snake_case word, the unit of counting in reports and dataset cards.
        detail: Details of this row that help a person to find the cause.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class SourceError(RowError):
    """A record of the upstream snapshot cannot be used."""


class CodeParseError(RowError):
    """A program is not of its language."""


class RenderError(RowError):
    """A program gave no picture; `reason` is the render status."""


class PairError(RowError):
    """Two pictures do not form a pair that a reward model should learn from."""


class PolicyReplyError(RowError):
    """A policy's reply contains no program."""


class AnnotationReplyError(RowError):
    """An annotator's reply cannot be read."""


class GateError(RowError):
    """A finished row violates a quality rule."""


class ScoreError(RowError, ValueError):
    """A metric has no value for this reference."""


class RunError(PipelineError):
    """The run cannot go on.

    Attributes:
        retry: True if the same call may succeed later.
    """

    retry = False


class EndpointUnavailable(RunError):
    """A model server does not answer."""

    retry = True


class RendererUnavailable(RunError):
    """A renderer died or does not start."""

    retry = True


class SandboxUnavailable(RunError):
    """The machine cannot contain hostile code, so none is run."""


class BoundPassed(RunError):
    """More rows were lost than the configuration allows."""


class EvaluationIncomplete(RunError):
    """So many pairs of a benchmark were not judged that its scores are meaningless."""

    retry = True


class ConfigError(RunError):
    """A setting is wrong; the message names it and the remedy."""


class SchemaMismatch(RunError):
    """A shard was written by another version of the records."""


def refused_by_system(error: OSError) -> str:
    """What the system refused, in one line: a full disk, a closed folder. Arrow's errors name no file.

    >>> refused_by_system(PermissionError(13, "Permission denied", "out/scores.json"))
    'out/scores.json: Permission denied'
    """
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in (ENOSPC, EDQUOT):
        return (
            f"{place}{os.strerror(error.errno)}; free space, or set TMPDIR if it is the temporary folder "
            "that is full, and run the same command again"
        )
    return f"{place}{error.strerror}"
