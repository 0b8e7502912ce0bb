"""The reference pages say what the code says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from annotators.audit.suites.suite import Bound, SuiteResult
from vermillion.cli.audit_suites import LANES
from vermillion.pages import audit
from vermillion.pages.architecture import ARROWS, BOXES, drawing
from vermillion.pages.reference import pages

DOCS = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make reference`"


def test_the_page_of_the_audit_is_fresh_and_whole() -> None:
    measured = json.loads((DOCS / "audit.json").read_text(encoding="utf-8"))
    kept = (DOCS / "audit.md").read_text(encoding="utf-8")
    assert kept == audit.page(measured), "run `make audit-figures`"
    assert list(measured) == list(LANES)
    for lane, found in measured.items():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d [0-9a-f]{7}", f"{found['date']} {found['commit']}")
        assert all(audit.looked_at(figures) != "-" for figures in found["figures"].values()), lane


def test_a_missed_bound_is_marked() -> None:
    found = SuiteResult("pairs", {"svg": {"pairs": 4, "both": 0.5}}, {"both svg": Bound(0.5, 0.97)})
    text = audit.page({"pairs": audit.entry(found, "4 pairs")})
    assert "| [pairs](#pairs) | - | - | 4 | 0 of 1 |" in text
    assert "| both svg | 0.5 | at least 0.97 | **missed** |" in text


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
