"""The index: what it says of a row, and that it decides as the rows themselves would."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quality.dataset.index import INDEX, Indexer, index_url, make_index, read_indexes
from quality.dataset.survey import survey
from quality.dataset.tokens import row_tokens, token_figures
from quality.rules.gates import picture_sizes
from records.pairs import ImageFeature
from records.taxonomy import Language


def test_a_line_says_what_the_row_says(make_row: Any) -> None:
    row = make_row(3, Language.HTML, wrong=2)
    line = Indexer().line(row)
    assert set(line) == set(INDEX.names)
    assert all(
        line[name] == getattr(row, name) for name in ("id", "task", "severity_sum", "licence")
    )
    assert [found["category"] for found in line["discrepancies"]] == ["numeric_error"] * 2
    assert line["meant"] == ["numeric_error"] * 2 and line["negative"] == ""
    sizes = picture_sizes(row)
    assert (line["reference_width_px"], line["reference_height_px"]) == sizes[0]
    assert line["plain_labels"] and not line["degenerate"] and line["unboxed"] == 0
    assert Indexer().line(make_row(3, origin="equivalent"))["negative"] == "equivalent"


def test_the_look_of_a_reference_is_kept_once_a_sample(make_row: Any) -> None:
    indexer = Indexer()
    lights = [
        indexer.line(make_row(number, turn=turn))["reference_light"]
        for number, turn in ((1, 0), (1, 1), (2, 0), (1, 2))
    ]
    assert [light is None for light in lights] == [False, True, False, True]


def test_a_blank_candidate_is_degenerate(make_row: Any) -> None:
    row = make_row(0)
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (360, 270), "white").save(buffer, "PNG")
    blank = (row.images[0], ImageFeature(bytes=buffer.getvalue(), path=""))
    assert Indexer().line(row.model_copy(update={"images": blank}))["degenerate"]
    # A blank reference has nothing that could be lost.
    assert not Indexer().line(row.model_copy(update={"images": blank[::-1]}))["degenerate"]


def test_an_index_that_is_missing_or_old_is_made_again(make_row: Any, write_shard: Any) -> None:
    shard = write_shard("a", [make_row(n) for n in range(3)])
    (table,) = read_indexes([shard])
    assert Path(index_url(shard)).is_file() and table.num_rows == 3
    pq.write_table(pa.table({"id": ["old"]}), index_url(shard))
    (again,) = read_indexes([shard])
    assert again.equals(table)


def test_examples_tell_and_do_not_depend_on_order(mixed_rows: Any) -> None:
    def chosen(rows: list[Any]) -> list[str]:
        indexer = Indexer()
        table = pa.Table.from_pylist([indexer.line(row) for row in rows], INDEX)
        found = survey([table], [0] * len(rows), 10)  # type: ignore[arg-type]
        assert len(found.gallery) == min(10, len(rows))
        return [rows[number].id for number in found.example_rows()]

    rows = mixed_rows(5)
    picked = chosen(rows)
    assert picked == chosen(rows[::-1]) and len(picked) == 6
    by_id = {row.id: row for row in rows}
    assert [by_id[name].task for name in picked] == ["chart"] * 2 + ["table"] * 2 + ["svg"] * 2
    assert all(by_id[name].discrepancies for name in picked)
    assert chosen([row for row in rows if not row.discrepancies]) == []


def test_tokens_are_pictures_and_words(make_row: Any) -> None:
    line = Indexer().line(make_row(0, Language.SVG))
    assert row_tokens({**line, "text_chars": 0}) == 2 * 7 * 7  # two pictures of 224 x 224 pixels
    assert row_tokens({**line, "text_chars": 36}) == 98 + 10
    figures = token_figures(Counter({("svg", 100): 98, ("svg", 200): 1, ("chart", 1000): 1}))
    assert figures["svg"] == {"mean": 101, "median": 100, "p99": 200, "max": 200, "sum": 10000}
    assert figures["all"]["max"] == 1000 and figures["all"]["sum"] == 11000


@pytest.mark.parametrize("reserved", ["", "unisvg_test"])
def test_a_made_index_equals_a_written_one(make_row: Any, write_shard: Any, reserved: str) -> None:
    rows = [make_row(n, Language.SVG, reserved=reserved) for n in range(4)]
    shard = write_shard("a", rows)
    make_index(shard)
    indexer = Indexer()
    expected = pa.Table.from_pylist([indexer.line(row) for row in rows], INDEX)
    assert pq.read_table(index_url(shard)).equals(expected)
