"""The reference pages say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from vermillion.pages.architecture import ARROWS, BOXES, drawing
from vermillion.pages.reference import pages

DOCS = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make reference`"


def test_every_setting_has_a_meaning() -> None:
    empty = [line for line in pages()["configuration.md"].splitlines() if line.endswith("|  |")]
    assert empty == []


def test_every_option_has_a_meaning() -> None:
    empty = [line for line in pages()["cli.md"].splitlines() if line.endswith("|  |")]
    assert empty == []


def test_the_drawing_is_fresh_and_whole() -> None:
    kept = (DOCS.parent / "architecture.svg").read_text(encoding="utf-8")
    assert kept == drawing(), "run `make reference`"
    assert {name for arrow in ARROWS for name in arrow} == set(BOXES)
    house = DOCS.parents[1]
    rooms = {room for _, room, _ in BOXES.values() if room.endswith("/")} - {"datasets/"}
    assert [room for room in sorted(rooms) if not (house / room).is_dir()] == []
