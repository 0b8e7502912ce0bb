"""The schema of published rows: flat records that trainers read directly.

`SCHEMA` carries the features of the `datasets` library in its metadata, so that
``load_dataset("parquet", ...)`` yields two PIL pictures a row.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from quality.format.messages import Style, completion, messages
from quality.format.prompts import OURS, Prompts
from records.columns import arrow_type, schema_of
from records.pairs import ImageFeature, Judged, Reference, Row, Turn
from records.rows import Corrupted

ORIGINS = ("corrupted", "sampled", "identical", "equivalent")
SPLITS = ("train", "validation", "test")

DESCRIPTIONS = {name: str(field.description) for name, field in Row.model_fields.items()}
"""One sentence per column, for the dataset card."""

_IMAGE = arrow_type(ImageFeature)


def features(kind: pa.DataType) -> Any:
    """An Arrow type as a feature of the `datasets` library.

    Lists are written as JSON lists, the one form that every release of the library reads.
    """
    if kind == _IMAGE:
        return {"_type": "Image"}
    if pa.types.is_list(kind):
        return [features(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: features(field.type) for field in kind}
    names = {"double": "float64", "float": "float32"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}


def with_features(schema: pa.Schema) -> pa.Schema:
    """``schema`` with its features in the metadata, as the `datasets` library looks for them."""
    info = {"info": {"features": {field.name: features(field.type) for field in schema}}}
    return schema.with_metadata({"huggingface": json.dumps(info)})


SCHEMA = with_features(schema_of(Row))


def row_of(
    reference: Reference,
    judged: Judged,
    style: Style = "plain",
    split: str = "",
    prompts: Prompts = OURS,
) -> Row:
    """One row of the dataset.

    Args:
        reference: The reference of the pair.
        judged: The pair, the verdict first.
        style: Whether the completion gives boxes.
        split: train, validation or test; `publish` decides where it is empty.
        prompts: The prompts, and the form of replies.

    Raises:
        ValueError: no annotation, or records that do not belong together.
    """
    if not judged.annotations:
        raise ValueError(f"attempt {judged.id} has no annotation, so it has no verdict")
    if judged.sample_id != reference.id:
        raise ValueError(f"attempt {judged.id} is of sample {judged.sample_id}, not {reference.id}")
    found, origin = judged.annotations[0].discrepancies, judged.origin
    asked = prompts.of(reference.modality, style)
    pictures = (reference, judged)
    sizes_px = [(one.width_px, one.height_px) for one in reversed(pictures)]
    reply = completion(reference.modality, found, sizes_px, style, asked.fields)
    return Row(
        id=judged.id,
        task=reference.modality,
        images=tuple(
            ImageFeature(bytes=one.picture, path=f"{one.pixel_hash}.png") for one in pictures
        ),
        prompt=(Turn(role="user", content=asked.text),),
        completion=(Turn(role="assistant", content=reply),),
        messages=messages(asked.text, reply),
        discrepancies=found,
        reference_code=reference.code,
        candidate_code=judged.code,
        origin=origin.kind,
        corruptions=origin.names if isinstance(origin, Corrupted) else (),
        policy=judged.policy,
        annotations=judged.annotations,
        severity_sum=sum(one.severity for one in found),
        changed_fraction=judged.changed_fraction,
        render_contract=judged.render_contract,
        reference_hash=reference.pixel_hash,
        candidate_hash=judged.pixel_hash,
        sample_id=reference.id,
        source=reference.source,
        revision=reference.revision,
        licence=reference.licence,
        split=split,
        language=reference.language,
        candidate_language=judged.language,
        upstream_id=reference.upstream_id,
        kind=reference.kind,
        reserved=reference.reserved,
        upstream_hash=reference.upstream_hash,
        provenance=origin,
    )
