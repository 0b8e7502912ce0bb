"""The published schema: what every reader of a dataset relies on."""

from __future__ import annotations

import json

import pyarrow as pa
from golden.recorded import FILES, check, difference

from quality.format.schema import SCHEMA, with_features

NAME = "schema.json"


def described(schema: pa.Schema) -> str:
    """Columns in order with their Arrow types, and the features in the metadata, a line each."""
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    columns = [f'  ["{field.name}", "{field.type}"]' for field in schema]
    kinds = [f"  {json.dumps(name)}: {json.dumps(kind)}" for name, kind in features.items()]
    return (
        '{\n "columns": [\n'
        + ",\n".join(columns)
        + '\n ],\n "huggingface_features": {\n'
        + ",\n".join(kinds)
        + "\n }\n}\n"
    )


def test_the_schema_is_the_one_on_record() -> None:
    check(NAME, described(SCHEMA))


def test_a_planted_column_is_seen() -> None:
    planted = with_features(SCHEMA.append(pa.field("mood", pa.string())))
    before = (FILES / NAME).read_text(encoding="utf-8")
    assert '+  ["mood", "string"]' in difference(before, described(planted))
    other_type = with_features(
        SCHEMA.set(SCHEMA.get_field_index("severity_sum"), pa.field("severity_sum", pa.int64()))
    )
    assert '+  ["severity_sum", "int64"]' in difference(before, described(other_type))
