"""What must not be trained on is tested on or left out, with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quality.dataset.publish import Meta, publish_dataset
from quality.read.inspect import read_dataset, read_rejects
from records.errors import ConfigError
from records.sections import PublishConfig
from records.taxonomy import Language

pytestmark = pytest.mark.usefixtures("light")

PLAIN = Meta(settings=PublishConfig(gallery=False), data_docs=False)


def test_reserved_samples_are_tested_on_and_what_equals_them_is_left_out(
    make_row: Any, write_shard: Any, tmp_path: Path
) -> None:
    rows = [make_row(n, turn=t) for n in range(12) for t in range(2)]
    rows += [make_row(n, turn=t, reserved="chartmimic_600") for n in (20, 21) for t in range(2)]
    # The same program as a reserved one, but for a comment: another sample, another source.
    copy = make_row(20, turn=3, sample_id="c0" * 10, id="1d" * 10, source="elsewhere")
    copy = copy.model_copy(update={"reference_code": "# mine\n" + copy.reference_code})
    published = publish_dataset(
        [write_shard("p", [*rows, copy])], str(tmp_path), "demo", "1", PLAIN
    )
    reserved = [row for row in read_dataset(published.path) if row["reserved"]]
    assert len(reserved) == 4 and {row["split"] for row in reserved} == {"test"}
    (lost,) = read_rejects(published.path)
    assert (lost.stage, lost.reason, lost.item_id) == ("publish", "contaminated_code", "1d" * 10)
    held_back = published.manifest["held_back"]
    assert held_back["reserved_rows_in_test"] == {"chartmimic_600": 4}
    assert held_back["contaminated_rows"] == {"contaminated_code": 1}
    card = Path(published.path, "README.md").read_text()
    assert "chartmimic_600 | 4 |" in card and "contaminated_code | 1 |" in card


def test_a_reserved_picture_under_another_program_follows_it(
    make_row: Any, write_shard: Any, tmp_path: Path
) -> None:
    rows = [make_row(n, Language.SVG, turn=t) for n in range(9) for t in range(2)]
    rows += [make_row(30, Language.SVG, reserved="unisvg_test")]
    other = {"sample_id": "c0" * 10, "reference_code": "<svg><path d='M0 0'/></svg>"}
    twin = make_row(30, Language.SVG, turn=2, **other)
    published = publish_dataset(
        [write_shard("p", [*rows, twin])], str(tmp_path), "demo", "1", PLAIN
    )
    homes = {row["sample_id"]: row["split"] for row in read_dataset(published.path)}
    assert homes["c0" * 10] == "test"


def test_a_picture_of_upstream_that_is_reserved_or_held_out_is_not_trained_on(
    make_row: Any, write_shard: Any, tmp_path: Path
) -> None:
    """Upstream draws it differently than we do, so only upstream's own picture tells."""
    bench = tmp_path / "bench"
    bench.mkdir()
    held = make_row(40, Language.SVG)
    (bench / "a.png").write_bytes(held.images[1].bytes)
    rows = [make_row(n, Language.SVG, upstream_hash=f"{n:032x}") for n in range(9)]
    rows += [make_row(20, Language.SVG, upstream_hash="e" * 32, reserved="unisvg_test")]
    inside = make_row(21, Language.SVG, upstream_hash="e" * 32)
    outside = make_row(22, Language.SVG, upstream_hash=held.candidate_hash)
    shard = write_shard("p", [*rows, inside, outside])
    meta = Meta(settings=PLAIN.settings, data_docs=False, held_out=[str(bench)])
    published = publish_dataset([shard], str(tmp_path), "demo", "1", meta)
    lost = {(reject.item_id, reject.reason) for reject in read_rejects(published.path)}
    assert lost == {(row.id, "contaminated_picture") for row in (inside, outside)}


def test_benchmark_folders_are_held_out(parts: list[str], make_row: Any, tmp_path: Path) -> None:
    bench = tmp_path / "bench"
    bench.mkdir()
    by_picture, by_code = make_row(3, Language.SVG), make_row(4, Language.HTML)
    (bench / "a.png").write_bytes(by_picture.images[0].bytes)
    (bench / "test.json").write_text(json.dumps([{"html": by_code.reference_code.upper()}]))
    meta = Meta(settings=PLAIN.settings, data_docs=False, held_out=[str(bench)])
    published = publish_dataset(parts, str(tmp_path), "demo", "1", meta)
    lost = {(reject.reason, reject.detail) for reject in read_rejects(published.path)}
    assert {reason for reason, _ in lost} == {"contaminated_picture", "contaminated_code"}
    gone = {by_picture.sample_id, by_code.sample_id}
    assert not gone & {row["sample_id"] for row in read_dataset(published.path, ["sample_id"])}
    assert published.manifest["held_back"]["held_out_folders"] == 1
    (bench / "b.svg").write_text(make_row(5, Language.SVG).reference_code)
    with pytest.raises(ConfigError, match="made of other inputs"):
        publish_dataset(parts, str(tmp_path), "demo", "1", meta)


def test_duplicates_across_shards_are_lost_with_a_reason(
    make_row: Any, write_shard: Any, tmp_path: Path
) -> None:
    rows = [make_row(n) for n in range(6)]
    shards = [write_shard("a", rows), write_shard("b", rows[:2])]
    published = publish_dataset(shards, str(tmp_path), "demo", "1", PLAIN)
    assert published.rows == 6 and published.rejects == 2
    assert published.manifest["rejects"] == {"publish": {"duplicate_id": 2}}
