"""OmniDocBench pages: tables, crops, reserved fifth, and records that cannot be used."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from records.errors import ConfigError
from records.rows import Reject, Sample
from sources.omnidocbench import is_reserved
from sources.source import pull_samples

KEPT = next(f"page_{n}.png" for n in range(100) if not is_reserved(f"page_{n}.png"))
HELD = next(f"page_{n}.png" for n in range(100) if is_reserved(f"page_{n}.png"))


def html(text: str) -> str:
    return f"<table><tr><td>{text}</td></tr></table>"


def table(text: str, **changes: Any) -> dict[str, Any]:
    return {
        "category_type": "table",
        "poly": [10.0, 20.0, 50.0, 20.0, 50.0, 45.0, 10.0, 45.0],
        "ignore": False,
        "order": 3,
        "anno_id": 8,
        "html": html(text),
        "latex": "",
        "attribute": {"table_layout": "horizontal", "line": "full_line", "language": "table_en"},
        **changes,
    }


def page(image_path: str, *tables: Any, **info: Any) -> dict[str, Any]:
    return {
        "layout_dets": [{"category_type": "title", "text": "T", "poly": [0] * 8}, *tables],
        "extra": {"relation": []},
        "page_info": {"page_no": 1, "height": 60, "width": 100, "image_path": image_path, **info},
    }


def write(folder: Path, pages: Any, name: str = "OmniDocBench.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(pages, ensure_ascii=False), "utf-8")
    return folder


def pull(snapshot: Path, limit: int | None = None) -> tuple[list[Sample], list[Reject]]:
    items = list(pull_samples("omnidocbench", snapshot=snapshot, limit=limit))
    samples = [item for item in items if isinstance(item, Sample)]
    return samples, [item for item in items if isinstance(item, Reject)]


def test_a_table_and_where_it_came_from(tmp_path: Path) -> None:
    samples, rejects = pull(write(tmp_path, [page(KEPT, table("表 1"))]))
    assert not rejects
    (sample,) = samples
    assert sample.code == html("表 1")
    assert (sample.language, sample.kind, sample.upstream_id) == ("html", "full_line", f"{KEPT}#8")
    assert sample.licence == "research use only, not commercial"
    assert sample.image is None


def test_the_crop_follows_the_images_own_size_where_the_record_swaps_it(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 100), "white")
    image.paste("red", (10, 20, 50, 45))
    (tmp_path / "images").mkdir()
    image.save(tmp_path / "images" / KEPT)
    below = table("low", anno_id=9, poly=[5, 90, 70, 90, 70, 120, 5, 120])
    samples, _ = pull(write(tmp_path, [page(KEPT, table("x"), below, height=60, width=100)]))
    crops = [Image.open(io.BytesIO(sample.image or b"")) for sample in samples]
    assert crops[0].size == (41, 26)
    assert crops[0].getpixel((0, 0)) == (255, 0, 0)
    assert crops[1].size == (55, 10), "cut at the image's own border"


@pytest.mark.parametrize(
    "poly",
    [
        None,
        [],
        "0 0 1 1",
        [1, 2, 3],
        [1, 2, "3", 4],
        [70, 110, 80, 110, 80, 120, 70, 120],
        [1e300] * 8,
    ],
)
def test_a_broken_polygon_costs_the_crop_and_not_the_table(tmp_path: Path, poly: object) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (60, 100)).save(tmp_path / "images" / KEPT)
    samples, rejects = pull(write(tmp_path, [page(KEPT, table("x", poly=poly))]))
    assert not rejects
    assert [sample.image for sample in samples] == [None]


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nnot a picture"])
def test_a_broken_page_image_costs_the_crop_and_not_the_table(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / KEPT).write_bytes(data)
    samples, _ = pull(write(tmp_path, [page(KEPT, table("x"))]))
    assert [sample.image for sample in samples] == [None]


def test_a_page_image_is_not_looked_for_outside_the_snapshot(tmp_path: Path) -> None:
    Image.new("RGB", (60, 100)).save(tmp_path / "secret.png")
    snapshot = write(tmp_path / "in", [page("../../secret.png", table("x"))])
    (snapshot / "images").mkdir()
    samples, _ = pull(snapshot)
    assert [sample.image for sample in samples] == [None]


def test_a_fixed_fifth_of_pages_is_reserved_and_comes_last(tmp_path: Path) -> None:
    pages = [page(HELD, table("h")), page(KEPT, table("k"))]
    samples, _ = pull(write(tmp_path, pages))
    assert [(s.code, s.reserved) for s in samples] == [
        (html("k"), ""),
        (html("h"), "omnidocbench_fifth"),
    ]
    share = sum(is_reserved(f"p{n}.jpg") for n in range(5000)) / 5000
    assert 0.18 < share < 0.22
    assert is_reserved(HELD) == is_reserved(f"images/{HELD}"), "the folder is no part of the name"


def test_a_table_of_a_reserved_page_is_held_back_on_other_pages_too(tmp_path: Path) -> None:
    samples, rejects = pull(write(tmp_path, [page(KEPT, table("x")), page(HELD, table("x"))]))
    assert [sample.reserved for sample in samples] == ["omnidocbench_fifth"]
    assert [(r.reason, r.item_id) for r in rejects] == [("duplicate", f"{KEPT}#8")]


def test_unusable_records_become_rejects(tmp_path: Path) -> None:
    elements = [
        table("good"),
        table("", anno_id=1, html="", latex="\\begin{tabular}"),
        table("", anno_id=2, html=None),
        table("x", anno_id=3, ignore=True),
        table("x", anno_id=4, html="<p>no grid</p>"),
        table("x" * 1_000_001, anno_id=5),
        table("lone \ud800 surrogate", anno_id=6),
        "not an object",
        table("no attribute", anno_id=7, attribute=None),
    ]
    pages = [
        page(KEPT, *elements),
        "not a page",
        {"layout_dets": [], "page_info": {}},
        {"page_info": {"image_path": "a.png"}},
    ]
    folder = tmp_path
    (folder / "OmniDocBench.json").write_text(json.dumps(pages), "utf-8")
    samples, rejects = pull(folder)
    assert [sample.code for sample in samples] == [html("good"), html("no attribute")]
    assert [(reject.item_id, reject.reason) for reject in rejects] == [
        (f"{KEPT}#1", "no_html"),
        (f"{KEPT}#2", "no_html"),
        (f"{KEPT}#3", "ignored"),
        (f"{KEPT}#4", "no_table"),
        (f"{KEPT}#5", "too_large"),
        (f"{KEPT}#6", "broken_unicode"),
        ("OmniDocBench.json#1", "not_an_object"),
        ("OmniDocBench.json#2", "missing_key"),
        ("OmniDocBench.json#3", "missing_key"),
    ]


def test_a_page_list_that_breaks_off_stops_the_pull(tmp_path: Path) -> None:
    text = json.dumps([page(KEPT, table(str(n))) for n in range(3)])
    (tmp_path / "OmniDocBench.json").write_text(text[:-40])
    with pytest.raises(ConfigError, match=r"OmniDocBench\.json is damaged or only half there"):
        pull(tmp_path)


def test_a_page_list_with_a_version_in_its_name(tmp_path: Path) -> None:
    samples, _ = pull(write(tmp_path, [page(KEPT, table("x"))], "OmniDocBench_v1.5.json"))
    assert len(samples) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '[{"a": 1}]', "[1, 2]", '{"pages": []}'])
def test_another_json_is_named_with_what_was_expected(tmp_path: Path, text: str) -> None:
    (tmp_path / "OmniDocBench.json").write_text(text)
    with pytest.raises(ConfigError, match=r"expected OmniDocBench\.json"):
        pull(tmp_path)


def test_names_that_are_no_unicode_cost_their_tables(tmp_path: Path) -> None:
    pages = [page("\ud800.png", table("a")), page(KEPT, table("b"))]
    (tmp_path / "OmniDocBench.json").write_text(json.dumps(pages))
    samples, rejects = pull(tmp_path)
    assert [sample.code for sample in samples] == [html("b")]
    assert [reject.reason for reject in rejects] == ["broken_unicode"]
    assert rejects[0].item_id == "\\ud800.png#8"


def test_the_newest_of_several_page_lists_one_folder_below(tmp_path: Path) -> None:
    for version in ("v1.0", "v1.5"):
        write(tmp_path / "docs", [page(KEPT, table(version))], f"OmniDocBench_{version}.json")
    samples, _ = pull(tmp_path)
    assert [sample.code for sample in samples] == [html("v1.5")]
    write(tmp_path / "docs", [page(KEPT, table("plain"))])
    samples, _ = pull(tmp_path)
    assert [sample.code for sample in samples] == [html("plain")]


@pytest.mark.parametrize(
    "name", ["a\0b.png", pytest.param("x" * 5000, id="long"), "/etc/passwd", "."]
)
def test_a_page_image_with_an_impossible_name_costs_the_crop(tmp_path: Path, name: str) -> None:
    (tmp_path / "images").mkdir()
    samples, _ = pull(write(tmp_path, [page(name, table("a"))]))
    assert [sample.image for sample in samples] == [None]
