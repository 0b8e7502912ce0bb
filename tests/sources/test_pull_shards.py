"""Pulled shards: cut by content, so that a change upstream touches its own neighborhood only."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from tests_support import samples

from records.errors import BoundPassed, ConfigError
from records.rows import Reject, Sample
from records.sections import QualityConfig
from records.shards import read_rejects, read_report, read_rows
from records.taxonomy import Language
from sources.pull import chunks, list_samples, write_shards


def shas(folder: Path) -> dict[str, str]:
    reports = {url: read_report(url) for url in list_samples(str(folder))}
    return {Path(url).name: report.sha256 for url, report in reports.items() if report}


def test_every_sample_lands_once_and_in_order(tmp_path: Path) -> None:
    made = samples(100)
    write_shards("folder", made, str(tmp_path), shard_size=10)
    ids = [row["id"] for url in list_samples(str(tmp_path)) for row in read_rows(url)]
    assert ids == [sample.id for sample in made]


def test_sizes_stay_within_half_and_twice() -> None:
    sizes = [len(chunk) for _, chunk in chunks(samples(400), 16, None)]
    assert all(8 <= size <= 32 for size in sizes[:-1])
    assert sum(sizes) == 400


def test_a_shard_holds_one_modality(tmp_path: Path) -> None:
    mixed: list[Sample | Reject] = []
    for icon, table in zip(samples(30), samples(30, Language.HTML), strict=True):
        mixed += [icon, table]
    write_shards("folder", mixed, str(tmp_path), shard_size=8)
    held = [{row["modality"] for row in read_rows(url)} for url in list_samples(str(tmp_path))]
    assert set().union(*held) == {"svg", "table"}
    assert all(len(modalities) == 1 for modalities in held)


def test_a_record_added_upstream_changes_one_shard(tmp_path: Path) -> None:
    made = samples(201)
    write_shards("folder", [*made[:90], *made[91:]], str(tmp_path / "a"), shard_size=10)
    write_shards("folder", made, str(tmp_path / "b"), shard_size=10)
    before, after = shas(tmp_path / "a"), shas(tmp_path / "b")
    assert len(before) > 10
    assert len(set(after.values()) - set(before.values())) <= 2


def test_rejects_travel_along_and_are_bounded(tmp_path: Path) -> None:
    lost = [Reject(stage="pull", reason="no_code", item_id=f"x{n}", detail="") for n in range(5)]
    write_shards("folder", [*lost, *samples(20)], str(tmp_path), shard_size=50)
    (url,) = list_samples(str(tmp_path))
    assert [reject.item_id for reject in read_rejects(url)] == [f"x{n}" for n in range(5)]
    with pytest.raises(BoundPassed, match="no_code 5"):
        write_shards(
            "folder",
            [*lost, *samples(20)],
            str(tmp_path),
            50,
            bounds=QualityConfig(max_reject_share={"pull": 0.1}),
        )


def test_only_rejects_are_not_lost(tmp_path: Path) -> None:
    lost = [Reject(stage="pull", reason="no_code", item_id="x", detail="")]
    write_shards("folder", lost, str(tmp_path), shard_size=50)
    assert [r.reason for url in list_samples(str(tmp_path)) for r in read_rejects(url)] == [
        "no_code"
    ]


def test_the_limit_counts_samples() -> None:
    assert sum(len(chunk) for _, chunk in chunks(samples(40), 16, 7)) == 7


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="vermillion pull"):
        list_samples(str(tmp_path))


def test_another_commit_of_the_same_records_changes_nothing(tmp_path: Path) -> None:
    made = samples(20)
    write_shards("folder", made, str(tmp_path), shard_size=4)
    before = shas(tmp_path)
    later = [sample.model_copy(update={"revision": "r2"}) for sample in made]
    write_shards("folder", later, str(tmp_path), shard_size=4)
    assert shas(tmp_path) == before
    # A record that changed has the commit at which it did; so has its shard.
    later[7] = samples(40)[33].model_copy(update={"revision": "r3"})
    write_shards("folder", later, str(tmp_path), shard_size=4)
    rows = [row for url in list_samples(str(tmp_path)) for row in read_rows(url)]
    assert {row["revision"] for row in rows if row["id"] == later[7].id} == {"r3"}
    assert {"r1", "r3"} <= {row["revision"] for row in rows}


def picture(color: str) -> bytes:
    image = Image.new("RGB", (4, 3), "white")
    image.paste(color, (0, 0, 2, 2))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_another_picture_of_the_same_program_is_a_change(tmp_path: Path) -> None:
    made = [sample.model_copy(update={"image": picture("red")}) for sample in samples(3)]
    write_shards("folder", made, str(tmp_path), shard_size=4)
    before = shas(tmp_path)
    made[1] = made[1].model_copy(update={"image": picture("blue")})
    write_shards("folder", made, str(tmp_path), shard_size=4)
    assert shas(tmp_path) != before


def test_a_list_of_another_version_is_told(tmp_path: Path) -> None:
    write_shards("folder", samples(3), str(tmp_path), shard_size=4)
    (tmp_path / "folder.shards.json").write_text('["folder-svg-1"]')
    with pytest.raises(ConfigError, match="another version of this program"):
        list_samples(str(tmp_path))
