"""The published row: one flat record a trainer reads as it is.

`SCHEMA` carries the features of the `datasets` library in its metadata, so that
``load_dataset("parquet", ...)`` yields two PIL pictures a row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from quality.dataset.messages import Style, completion, messages, task_prompt
from records.rows import Annotation, Attempt, Corrupted, Discrepancy, Sample, Sampled
from renderers.contract import Picture

Row = dict[str, Any]
"""Values of one row, keyed by column of `SCHEMA`."""

ORIGINS = ("corrupted", "sampled", "identical", "equivalent")
SPLITS = ("train", "validation", "test")

_TEXT = pa.string()
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", _TEXT)])
_MESSAGE = pa.struct([("role", _TEXT), ("content", _TEXT)])
_DISCREPANCY = pa.struct(
    [
        ("category", _TEXT),
        ("severity", pa.int32()),
        ("location", _TEXT),
        ("description", _TEXT),
        ("box", pa.list_(pa.float32())),
        ("label_source", _TEXT),
    ]
)
_ANNOTATION = pa.struct(
    [
        ("annotator", _TEXT),
        ("prompt_hash", _TEXT),
        ("raw_reply", _TEXT),
        ("discrepancies", pa.list_(_DISCREPANCY)),
    ]
)

_COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "id": (_TEXT, "Hash of the attempt: sample, candidate code and how it came about."),
    "task": (_TEXT, "chart, table or svg."),
    "images": (pa.list_(_IMAGE), "Reference, then candidate; lossless PNG."),
    "prompt": (pa.list_(_MESSAGE), "The user's turn, without image tags."),
    "completion": (pa.list_(_MESSAGE), "The assistant's turn: counts and errors as JSON."),
    "messages": (pa.list_(_MESSAGE), "Both turns, with one `<image>` per picture."),
    "discrepancies": (pa.list_(_DISCREPANCY), "The verdict; boxes in pixels."),
    "reference_code": (_TEXT, "Program of the reference."),
    "candidate_code": (_TEXT, "Program of the candidate."),
    "origin": (_TEXT, "corrupted, sampled, identical or equivalent."),
    "corruptions": (pa.list_(_TEXT), "Names of the corruptions; empty for other origins."),
    "policy": (_TEXT, "Name of the policy that wrote the candidate; empty for other origins."),
    "annotations": (pa.list_(_ANNOTATION), "What each annotator found, the verdict first."),
    "severity_sum": (pa.int32(), "Sum of severities: S of the paper's reward."),
    "changed_fraction": (pa.float64(), "Share of pixels that differ beyond anti-aliasing."),
    "render_contract": (_TEXT, "Hash of everything that decides how programs look."),
    "reference_hash": (_TEXT, "Hash of size and pixels of the reference."),
    "candidate_hash": (_TEXT, "Hash of size and pixels of the candidate."),
    "sample_id": (_TEXT, "Hash of the reference program; never straddles splits."),
    "source": (_TEXT, "Where the reference program is from."),
    "revision": (_TEXT, "Upstream commit, or digest of the snapshot."),
    "licence": (_TEXT, "Licence of the reference program."),
    "split": (_TEXT, "train, validation or test."),
    "language": (_TEXT, "Language of the reference program."),
    "candidate_language": (_TEXT, "Language of the candidate program."),
    "upstream_id": (_TEXT, "Path or key of the reference inside the snapshot."),
    "kind": (_TEXT, "Upstream's own class: a chart type, a table layout."),
    "reserved": (_TEXT, "Benchmark part the reference belongs to; never in train."),
    "provenance": (_TEXT, "The origin in full, as JSON: edits, seeds, meant categories."),
}

DESCRIPTIONS = {name: description for name, (_, description) in _COLUMNS.items()}
"""One sentence per column, for the dataset card."""


def features(kind: pa.DataType) -> Any:
    """An Arrow type in the `datasets` library's own words.

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


SCHEMA = with_features(pa.schema([(name, kind) for name, (kind, _) in _COLUMNS.items()]))

LIGHT_COLUMNS = tuple(name for name in _COLUMNS if name not in ("images", "annotations"))
"""Every column that is cheap to hold for many rows at once: no pictures, no raw replies."""


def row_of(
    sample: Sample,
    attempt: Attempt,
    reference: Picture,
    candidate: Picture,
    annotations: Sequence[Annotation],
    changed_fraction: float,
    contract: str,
    split: str = "",
    style: Style = "plain",
) -> Row:
    """One row of the dataset.

    Args:
        sample: Whose program drew the reference.
        attempt: Whose program drew the candidate.
        reference: Picture of the sample.
        candidate: Picture of the attempt.
        annotations: The verdict first; what other annotators said after it.
        changed_fraction: Share of changed pixels, 0 to 1.
        contract: Hash of the render contract that both were drawn under.
        split: train, validation or test; `publish` decides where it is empty.
        style: Whether the completion gives boxes.

    Raises:
        ValueError: no annotation, or records that do not belong together.
    """
    if not annotations:
        raise ValueError(f"attempt {attempt.id} has no annotation, so it has no verdict")
    if attempt.sample_id != sample.id or any(a.attempt_id != attempt.id for a in annotations):
        raise ValueError(
            f"attempt {attempt.id}, its sample and its annotations do not belong together"
        )
    verdict, origin = annotations[0], attempt.origin
    asked = task_prompt(sample.modality, style)
    sizes_px = [(picture.width_px, picture.height_px) for picture in (candidate, reference)]
    reply = completion(sample.modality, verdict.discrepancies, sizes_px, style)
    return {
        "id": attempt.id,
        "task": sample.modality.value,
        "images": [
            {"bytes": reference.png, "path": f"{reference.pixel_hash}.png"},
            {"bytes": candidate.png, "path": f"{candidate.pixel_hash}.png"},
        ],
        "prompt": [{"role": "user", "content": asked}],
        "completion": [{"role": "assistant", "content": reply}],
        "messages": messages(asked, reply),
        "discrepancies": [_flat(found) for found in verdict.discrepancies],
        "reference_code": sample.code,
        "candidate_code": attempt.code,
        "origin": origin.kind,
        "corruptions": list(origin.names) if isinstance(origin, Corrupted) else [],
        "policy": origin.policy if isinstance(origin, Sampled) else "",
        "annotations": [
            {
                "annotator": annotation.annotator,
                "prompt_hash": annotation.prompt_hash,
                "raw_reply": annotation.raw_reply,
                "discrepancies": [_flat(found) for found in annotation.discrepancies],
            }
            for annotation in annotations
        ],
        "severity_sum": sum(found.severity for found in verdict.discrepancies),
        "changed_fraction": changed_fraction,
        "render_contract": contract,
        "reference_hash": reference.pixel_hash,
        "candidate_hash": candidate.pixel_hash,
        "sample_id": sample.id,
        "source": sample.source,
        "revision": sample.revision,
        "licence": sample.licence,
        "split": split,
        "language": sample.language.value,
        "candidate_language": attempt.language.value,
        "upstream_id": sample.upstream_id,
        "kind": sample.kind,
        "reserved": sample.reserved,
        "provenance": origin.model_dump_json(),
    }


def _flat(found: Discrepancy) -> dict[str, Any]:
    return {**found.model_dump(), "box": None if found.box is None else list(found.box)}
