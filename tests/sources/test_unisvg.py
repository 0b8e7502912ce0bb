"""UniSVG records: found by form, streamed, with pictures from folder or zip."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from records.errors import ConfigError
from records.rows import Reject, Sample
from sources.source import pull_samples
from sources.unisvg import svg_of

PNG = b"\x89PNG\r\n\x1a\n" + b"icon"


def svg(n: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg"><circle r="{n}"/></svg>'


def record(n: int, **changes: Any) -> dict[str, Any]:
    return {
        "type": "ISVGEN",
        "q_text": "Please write the SVG code of this picture.",
        "a_text": svg(n),
        "image_path": f"{n}.png",
        "keywords": [],
        **changes,
    }


def pull(snapshot: Path, limit: int | None = None) -> tuple[list[Sample], list[Reject]]:
    items = list(pull_samples("unisvg", snapshot=snapshot, limit=limit))
    samples = [item for item in items if isinstance(item, Sample)]
    return samples, [item for item in items if isinstance(item, Reject)]


def test_the_test_part_is_reserved_and_the_other_json_is_found_by_its_form(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text(json.dumps([record(1), record(2)]))
    (tmp_path / "UniSVG_train_whatever.json").write_text(json.dumps([record(3)]))
    (tmp_path / "config.json").write_text('{"a_text": 1}')
    samples, rejects = pull(tmp_path)
    assert not rejects
    assert [(s.upstream_id, s.reserved) for s in samples] == [
        ("UniSVG_train_whatever.json#0", ""),
        ("test.json#0", "unisvg_test"),
        ("test.json#1", "unisvg_test"),
    ]
    assert {sample.licence for sample in samples} == {"unsettled: Apache-2.0 or CC-BY-4.0"}


def test_a_training_icon_that_is_in_the_test_part_is_held_back(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text(json.dumps([record(1)]))
    (tmp_path / "train.json").write_text(json.dumps([record(1), record(3)]))
    samples, rejects = pull(tmp_path)
    assert [(s.upstream_id, s.reserved) for s in samples] == [
        ("train.json#1", ""),
        ("test.json#0", "unisvg_test"),
    ]
    assert [(r.reason, r.item_id) for r in rejects] == [("duplicate", "train.json#0")]


@pytest.mark.parametrize("part", ["test.json", "train.json"])
def test_a_part_that_breaks_off_stops_the_pull(tmp_path: Path, part: str) -> None:
    """Icons of the test part after the break could not be held back from training."""
    (tmp_path / "test.json").write_text(json.dumps([record(1), record(2)]))
    (tmp_path / "train.json").write_text(json.dumps([record(2), record(3)]))
    (tmp_path / part).write_text((tmp_path / part).read_text()[:-30])
    with pytest.raises(ConfigError, match=rf"{part} is damaged or only half there"):
        pull(tmp_path)


def test_pictures_from_folder_and_from_zip(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text(
        json.dumps(
            [
                record(1),
                record(2, image_path="png/2.png"),
                record(3),
                record(4, image_path="../up.png"),
            ]
        )
    )
    (tmp_path.parent / "up.png").write_bytes(PNG)
    (tmp_path / "png").mkdir()
    (tmp_path / "png" / "1.png").write_bytes(PNG)
    with zipfile.ZipFile(tmp_path / "png.zip", "w") as archive:
        archive.writestr("png/2.png", PNG + b"2")
        archive.writestr("3.png", b"no picture")
    samples, _ = pull(tmp_path)
    assert [sample.image for sample in samples] == [PNG, PNG + b"2", None, None]


def test_a_damaged_zip_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text(json.dumps([record(1)]))
    (tmp_path / "png.zip").write_bytes(b"PK\3\4 half")
    with pytest.raises(ConfigError, match="remove it"):
        pull(tmp_path)


def test_a_records_own_licence_goes_before_the_sources(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text(
        json.dumps([record(1, licence="MIT"), record(2, _licence="CC0")])
    )
    samples, _ = pull(tmp_path)
    assert [sample.licence for sample in samples] == ["MIT", "CC0"]


def test_other_tasks_are_passed_over_and_unusable_records_become_rejects(tmp_path: Path) -> None:
    records = [
        record(1),
        record(2, type="SVGUN", a_text="a cat"),
        {"type": "ISVGEN", "q_text": ""},
        {"q_text": "", "a_text": ""},
        record(3, a_text="I cannot draw this."),
        record(4, a_text=""),
        record(5, a_text=svg(5).replace("<circle", "<circle " * 200_000)),
        record(6, a_text=svg(6) + "\ud83d"),
        record(7, a_text=None),
        ["a list"],
        record(8, a_text=svg(1)),
        record(9, image_path=None, keywords=None),
    ]
    (tmp_path / "train.json").write_text(json.dumps(records))
    samples, rejects = pull(tmp_path)
    assert [sample.upstream_id for sample in samples] == ["train.json#0", "train.json#11"]
    assert [(reject.item_id.partition("#")[2], reject.reason) for reject in rejects] == [
        ("2", "missing_key"),
        ("3", "missing_key"),
        ("4", "no_svg"),
        ("5", "empty"),
        ("6", "too_large"),
        ("7", "broken_unicode"),
        ("8", "missing_key"),
        ("9", "not_an_object"),
        ("10", "duplicate"),
    ]


def test_bytes_that_are_no_unicode_cost_one_record(tmp_path: Path) -> None:
    text = json.dumps([record(1), record(2, a_text=svg(2) + "@"), record(3)])
    (tmp_path / "train.json").write_bytes(text.encode().replace(b"@", b"\xff"))
    samples, rejects = pull(tmp_path)
    assert len(samples) == 2
    assert [reject.reason for reject in rejects] == ["broken_unicode"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (svg(1), svg(1)),
        ("\n" + svg(1), "\n" + svg(1)),
        ('<?xml version="1.0"?>' + svg(1), '<?xml version="1.0"?>' + svg(1)),
        ("Here it is:\n```svg\n" + svg(1) + "\n```", svg(1)),
        ("no program", "no program"),
    ],
)
def test_the_program_in_an_answer(answer: str, expected: str) -> None:
    assert svg_of(answer) == expected


def test_another_folder_is_named_with_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    with pytest.raises(ConfigError, match=r"expected test\.json.*found package\.json"):
        pull(tmp_path)


def test_a_folder_of_snapshots_may_be_given(tmp_path: Path) -> None:
    (tmp_path / "unisvg" / "png").mkdir(parents=True)
    (tmp_path / "unisvg" / "test.json").write_text(json.dumps([record(1)]))
    (tmp_path / "unisvg" / "png" / "1.png").write_bytes(PNG)
    samples, _ = pull(tmp_path)
    assert [(sample.upstream_id, sample.image) for sample in samples] == [("test.json#0", PNG)]


@pytest.mark.parametrize(
    "name",
    ["a\0b.png", "\ud800.png", pytest.param("x" * 5000, id="long"), "/etc/passwd", ".", ["x"]],
)
def test_a_picture_with_an_impossible_name_is_left_out(tmp_path: Path, name: object) -> None:
    (tmp_path / "png").mkdir()
    (tmp_path / "train.json").write_text(json.dumps([record(1, image_path=name)]))
    samples, rejects = pull(tmp_path)
    assert [sample.image for sample in samples] == [None]
    assert rejects == []


def test_a_picture_that_is_a_named_pipe_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "png").mkdir()
    os.mkfifo(tmp_path / "png" / "1.png")
    (tmp_path / "train.json").write_text(json.dumps([record(1)]))
    samples, _ = pull(tmp_path)
    assert [sample.image for sample in samples] == [None]


def test_hostile_answers_are_read_in_one_go(tmp_path: Path) -> None:
    records = [record(1, a_text="x" + "<svg " * 190_000), record(2, a_text="<" + "a" * 900_000)]
    (tmp_path / "train.json").write_text(json.dumps(records))
    _, rejects = pull(tmp_path)
    assert [reject.reason for reject in rejects] == ["no_svg"]
