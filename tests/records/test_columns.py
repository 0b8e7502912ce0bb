"""Records as columns, and the ids of attempts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image

from records.columns import arrow_type, read_records, schema_of
from records.edits import Edit
from records.errors import SchemaMismatch
from records.pairs import Judged, Pair
from records.rows import (
    Attempt,
    Corrupted,
    Equivalent,
    Identical,
    InjectedError,
    Judgment,
    Origin,
    Sample,
    Sampled,
)
from records.shards import ShardWriter, read_rows
from records.taxonomy import Language

SAMPLE = Sample.of("<svg/>", Language.SVG, source="s", revision="r", licence="MIT", upstream_id="u")


def error(name: str, category: str) -> InjectedError:
    return InjectedError(name=name, category=category, location="icon", description="is red")


@pytest.mark.parametrize(
    ("origin", "identity"),
    [
        (
            Corrupted(errors=(error("fill", "style_error"),), seed=7, edits=(Edit(1, 2, 'é"'),)),
            '{"kind":"corrupted","names":["fill"],"seed":7,"edits":[{"start":1,"end":2,"new":"é\\""}],'
            '"categories":["style_error"],"locations":["icon"],"descriptions":["is red"],'
            '"minimal_of":""}',
        ),
        (
            Corrupted(
                errors=(error("fill", "style_error"),),
                seed=0,
                edits=(),
                asked_by="eye",
                minimal_of="a",
            ),
            '{"kind":"corrupted","names":["eye:fill"],"seed":0,"edits":[],'
            '"categories":["style_error"],"locations":["icon"],"descriptions":["is red"],'
            '"asked_by":"eye","minimal_of":"a"}',
        ),
        (
            Corrupted(errors=(error("dot", "structure_error"),), seed=0, edits=(), degenerate=True),
            '{"kind":"corrupted","names":["degenerate:dot"],"seed":0,"edits":[],'
            '"categories":["structure_error"],"locations":["icon"],"descriptions":["is red"],'
            '"degenerate":true,"minimal_of":""}',
        ),
        (
            Equivalent(rewrite="nudge_fill", seed=3, unseen=True),
            '{"kind":"equivalent","rewrite":"unseen:nudge_fill","seed":3}',
        ),
        (
            Equivalent(rewrite="comment", seed=3),
            '{"kind":"equivalent","rewrite":"comment","seed":3}',
        ),
        (
            Sampled(policy="eye", prompt_hash="ab", seed=2),
            '{"kind":"sampled","policy":"eye","prompt_hash":"ab","seed":2}',
        ),
        (Identical(), '{"kind":"identical"}'),
    ],
)
def test_ids_are_those_of_the_first_version(origin: Any, identity: str) -> None:
    assert origin.identity == identity


PAINTED = {
    "picture": b"png",
    "width_px": 3,
    "height_px": 2,
    "pixel_hash": "p",
    "render_contract": "c",
}
ORIGINS = (
    Corrupted(
        errors=(error("fill", "style_error"), error("dot", "structure_error")),
        seed=2**62,
        edits=(Edit(0, 3, "x"),),
        minimal_of="m",
    ),
    Corrupted(errors=(), seed=0, edits=(), asked_by="eye", image_only=True, degenerate=True),
    Sampled(policy="eye", prompt_hash="ab", seed=2**32),
    Identical(),
    Equivalent(rewrite="nudge_fill", seed=3, unseen=True),
)


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: origin.kind)
def test_a_record_comes_back_from_its_columns(origin: Origin, tmp_path: Path) -> None:
    attempt = Attempt.of(SAMPLE, "<svg> </svg>", origin)
    word = Judgment(annotator="eye", raw_reply="{}", discrepancies=())
    for record in (
        attempt,
        Pair(**dict(attempt), **PAINTED, scene=b"{}"),
        Judged(**dict(attempt), **PAINTED, annotations=(word,), changed_fraction=0.25),
    ):
        path = tmp_path / "x.parquet"
        with ShardWriter(path, schema_of(type(record))) as writer:
            writer.write(record)
        assert [*read_records(type(record), str(path))] == [record]
        assert [*read_records(Attempt, str(path))] == [attempt]


def test_what_a_kind_of_origin_lacks_is_null(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with ShardWriter(path, schema_of(Attempt)) as writer:
        writer.write(Attempt.of(SAMPLE, SAMPLE.code, Sampled(policy="p", prompt_hash="", seed=1)))
    [line] = read_rows(str(path))
    assert line["origin"]["policy"] == "p" and line["origin"]["errors"] is None


def test_other_rows_are_no_such_record(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with ShardWriter(path, schema_of(Sample)) as writer:
        writer.write(SAMPLE)
    with pytest.raises(
        SchemaMismatch, match=r"x\.parquet: a row is no Attempt \(sample_id: .*run the"
    ):
        list(read_records(Attempt, str(path)))


def test_a_hint_that_no_column_holds_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no column"):
        arrow_type(dict[str, Any])
    assert arrow_type(Language) == pa.string()


def test_an_upstream_picture_is_stored_as_its_hash_only(tmp_path: Path) -> None:
    image = Image.new("RGB", (4, 3), "white")
    image.putpixel((1, 1), (255, 0, 0))
    png, packed, blank = io.BytesIO(), io.BytesIO(), io.BytesIO()
    image.save(png, "PNG")
    image.save(packed, "PNG", compress_level=0)
    Image.new("RGB", (4, 3)).save(blank, "PNG")
    one, other, placeholder, broken = (
        SAMPLE.model_copy(update={"image": data}).stored()
        for data in (png.getvalue(), packed.getvalue(), blank.getvalue(), b"\x89PNG\r\n\x1a\nhalf")
    )
    assert one.image is None and len(one.upstream_hash) == 32
    assert one.upstream_hash == other.upstream_hash and one.id == SAMPLE.id
    assert placeholder.upstream_hash == broken.upstream_hash == ""
    path = tmp_path / "x.parquet"
    with ShardWriter(path, schema_of(Sample)) as writer:
        writer.write(one)
    assert "image" not in schema_of(Sample).names
    assert [*read_records(Sample, str(path))] == [one]
