"""The page of natural pairs: small pictures, all labels, none of the viewers' words."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

from records.errors import ConfigError
from vermillion.pages import natural_cases

DOCS = Path(__file__).parents[2] / "docs"
SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<rect x="10" y="10" width="40" height="40" fill="#cc2222"/></svg>'
)


def test_every_picture_on_the_page_is_there_and_small() -> None:
    page = (DOCS / "natural.md").read_text(encoding="utf-8")
    pictures = list((DOCS / "natural").glob("*.png"))
    assert pictures
    for picture in pictures:
        assert f"(natural/{picture.name})" in page
        assert picture.stat().st_size < 60_000
    assert page.count("![Reference and candidate]") == len(pictures)


def test_the_page_holds_our_labels_and_not_the_words_of_viewers(tmp_path: Path) -> None:
    data, docs = tmp_path / "natural" / "svg", tmp_path / "docs"
    data.mkdir(parents=True)
    docs.mkdir()
    (data / "square-ref.svg").write_text(SQUARE)
    (data / "square-cand.svg").write_text(SQUARE.replace("#cc2222", "#2222cc"))
    error = {
        "category": "style_error",
        "severity": 2,
        "location": "red square",
        "description": "red square is blue, like the sea",
    }
    (data / "labels.json").write_text(json.dumps({"square": {"errors": [error]}}))
    assert natural_cases.write(docs, tmp_path / "natural") == 1
    page = (docs / "natural.md").read_text(encoding="utf-8")
    assert "blue instead of red" in page
    assert "like the sea" not in page
    assert "The viewer is sure of 1" in page
    assert (docs / "natural" / "svg-square.png").is_file()


def test_the_examples_of_the_page_are_true() -> None:
    assert doctest.testmod(natural_cases).failed == 0


def test_without_data_the_page_stays(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        natural_cases.write(tmp_path, tmp_path / "nowhere")
