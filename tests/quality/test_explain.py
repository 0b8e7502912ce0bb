"""One pair explained: its labels, what speaks for them, and a page that stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quality.dataset.part_files import PUBLISHED
from quality.read.explain import explain, find_row, page_of
from records.errors import ConfigError
from records.shards import ShardWriter
from records.taxonomy import Language
from vermillion.cli.main import app


@pytest.fixture(scope="module")
def dataset(make_row: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained") / "1"
    (folder / "train").mkdir(parents=True)
    with ShardWriter(folder / "train" / "part-00000.parquet", PUBLISHED, group_rows=3) as writer:
        for number in range(8):
            writer.write(make_row(number, Language.HTML, wrong=2))
        writer.write(make_row(0, origin="identical"))
    return folder


def test_a_label_stands_on_pixels_annotators_and_intent(dataset: Path, make_row: Any) -> None:
    row = make_row(5, Language.HTML, wrong=2)
    explained = explain(find_row(str(dataset), row.id[:9]))
    assert explained.row.id == row.id
    first, second = explained.reasons
    assert first.annotators == ("structural-1", "second-1") and second.annotators == (
        "structural-1",
    )
    assert first.changed and second.changed
    assert first.meant.startswith("shift_value, row 0 ")
    removed = [line for line in explained.edit if line.startswith("-") and "site" in line]
    assert len(removed) == 1


def test_rows_that_are_missing_or_ambiguous_are_named(dataset: Path) -> None:
    with pytest.raises(ConfigError, match="no row zz"):
        find_row(str(dataset), "zz")
    with pytest.raises(ConfigError, match=r"9 rows begin with '': .*more digits"):
        find_row(str(dataset), "")


def test_a_page_stands_alone_and_words_are_words(make_row: Any) -> None:
    row = make_row(1, Language.HTML)
    hostile = row.discrepancies[0].model_copy(update={"description": "<script>alert(1)</script>"})
    row = row.model_copy(update={"discrepancies": (hostile,)})
    page = page_of(explain(row))
    assert page.count('class="box"') == 1 and page.count("data:image/png;base64,") == 2
    assert "<script" not in page and "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "None: the two pictures" in page_of(explain(make_row(0, origin="identical")))


def test_the_command_tells_and_writes_a_page(dataset: Path, tmp_path: Path, make_row: Any) -> None:
    id_ = make_row(3, Language.HTML, wrong=2).id
    page = tmp_path / "why.html"
    said = CliRunner().invoke(app, ["explain", id_, str(dataset), "--html", str(page), "--why"])
    assert said.exit_code == 0, said.output
    assert "numeric_error" in said.output and "of the pixels in its box differ" in said.output
    assert "drawn and compared again:\n1. " in said.output
    assert id_ in page.read_text()
    wrong = CliRunner().invoke(app, ["explain", "zz", str(dataset)])
    assert isinstance(wrong.exception, ConfigError)
