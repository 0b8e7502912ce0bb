"""Samples and attempts as columns of a shard, and back."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter

from records.rows import Attempt, Origin, Sample
from records.taxonomy import Language, Modality

SAMPLE = pa.schema(
    [
        ("id", pa.string()),
        ("modality", pa.string()),
        ("language", pa.string()),
        ("code", pa.string()),
        ("source", pa.string()),
        ("revision", pa.string()),
        ("licence", pa.string()),
        ("upstream_id", pa.string()),
        ("kind", pa.string()),
        ("reserved", pa.string()),
        ("image", pa.binary()),
    ]
)

ATTEMPT = pa.schema(
    [
        ("id", pa.string()),
        ("sample_id", pa.string()),
        ("modality", pa.string()),
        ("language", pa.string()),
        ("code", pa.string()),
        ("origin", pa.string()),
    ]
)
"""`origin` is JSON: its fields depend on its kind."""

_ORIGIN: TypeAdapter[Any] = TypeAdapter(Origin)


def sample_line(sample: Sample) -> dict[str, Any]:
    """A sample as a row of `SAMPLE`."""
    return {name: getattr(sample, name) for name in SAMPLE.names}


def sample_of(line: dict[str, Any]) -> Sample:
    """The sample in a row that has at least the columns of `SAMPLE`."""
    values = {name: line[name] for name in SAMPLE.names}
    values["modality"] = Modality(values["modality"])
    values["language"] = Language(values["language"])
    return Sample(**values)


def attempt_line(attempt: Attempt) -> dict[str, Any]:
    """An attempt as a row of `ATTEMPT`."""
    line = {name: getattr(attempt, name) for name in ATTEMPT.names}
    return {**line, "origin": attempt.origin.model_dump_json()}


def attempt_of(line: dict[str, Any]) -> Attempt:
    """The attempt in a row that has at least the columns of `ATTEMPT`."""
    return Attempt(
        id=line["id"],
        sample_id=line["sample_id"],
        modality=Modality(line["modality"]),
        language=Language(line["language"]),
        code=line["code"],
        origin=_ORIGIN.validate_json(line["origin"]),
    )
