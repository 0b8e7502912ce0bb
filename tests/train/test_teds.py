"""TEDS against PubTabNet's published program, and where that program has no answer.

`teds_golden.json` holds what the published program (`src/metric.py` of ibm-aur-nlp/PubTabNet, with a
Levenshtein distance by its definition) gave for each pair, wrapped in ``<html><body>``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from records.errors import ScoreError
from train.evaluate.policy_scores import table_scores
from train.metrics.teds import MAX_CELL_CHARS, MAX_DEPTH, MAX_NODES, teds

SHARED = Path(__file__).parents[3] / "shared/data/tables/html"
GOLDEN = json.loads(Path(__file__).with_name("teds_golden.json").read_text(encoding="utf-8"))


def table(*rows: str) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


@pytest.mark.parametrize("case", GOLDEN, ids=[case["case"] for case in GOLDEN])
def test_likeness_is_the_published_programs(case: dict[str, str | float]) -> None:
    reference, candidate = str(case["reference"]), str(case["candidate"])
    assert teds(reference, candidate) == pytest.approx(case["teds"], abs=1e-12)
    assert teds(reference, candidate, True) == pytest.approx(case["structure"], abs=1e-12)


@pytest.mark.parametrize(
    ("reference", "candidate", "likeness"),
    [
        # two elements below the table; the cell's text costs 1/4: 1 - 0.25 / 2
        (table("<td>abcd</td>"), table("<td>abcx</td>"), 0.875),
        # three elements; one is lost: 1 - 1 / 3
        (table("<td>a</td><td>b</td>"), table("<td>a</td>"), 2 / 3),
        # four elements, <sup> included; "10<sup>3</sup>" is five items of which two are lost:
        # 1 - (2 / 5) / 4
        (table("<td>10<sup>3</sup></td><td>x</td>"), table("<td>103</td><td>x</td>"), 0.9),
        # th and td are different nodes, and the words of th do not count
        (table("<th>a</th>"), table("<td>a</td>"), 0.5),
        (table("<th>a</th>"), table("<th>b</th>"), 1.0),
    ],
)
def test_likeness_worked_out_by_hand(reference: str, candidate: str, likeness: float) -> None:
    assert teds(reference, candidate) == pytest.approx(likeness, abs=1e-12)


def test_where_the_published_program_has_no_number() -> None:
    cell = table("<td colspan='two'>a</td>")
    assert teds(cell, table("<td>a</td>")) == 1.0  # int("two") there
    assert teds("<table></table>", "<table></table>") == 1.0  # a division by zero there
    assert teds(f"<div>{cell}</div>", cell) == 1.0  # only tables right in <body> there
    assert teds(cell, "") == teds(cell, "\ud800<table") == 0.0


def test_markdown_is_compared_as_the_table_it_stands_for() -> None:
    markdown = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    html = (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td>3</td></tr></tbody></table>"
    )
    # eight elements, one cell wrong
    expected = {"teds": 87.5, "teds_structure": 100.0}
    for reference, candidate in ((markdown, html), (html, markdown)):
        scores = table_scores(reference, candidate)
        assert {name: scores[name] for name in expected} == expected
        assert scores["text"] == 75.0


@pytest.mark.parametrize(
    "large",
    [
        table(*["<td>a</td>"] * MAX_NODES),
        f"<table>{'<div>' * (MAX_DEPTH + 100)}",
        table(f"<td>{'a' * (MAX_CELL_CHARS + 1)}</td>"),
    ],
    ids=["nodes", "depth", "text"],
)
def test_a_table_that_is_too_large_has_a_typed_end(large: str) -> None:
    with pytest.raises(ScoreError, match="table_too_large"):
        teds(large, large)
    scores = table_scores(large, large)
    assert scores["teds"] is None and scores["teds_structure"] is None
    assert teds(table("<td>a</td>"), large) == 0.0


def test_a_reference_without_a_table_has_no_teds() -> None:
    with pytest.raises(ScoreError, match="no_table"):
        teds("<p>", table("<td>a</td>"))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ptnmini_PMC3765162_003_01", "ptnmini_PMC3568059_003_00"])
def test_a_models_real_table_is_close_to_the_real_one(name: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside the checkout")
    real = (SHARED / f"{name}.html").read_text(encoding="utf-8")
    predicted = (SHARED / f"{name}.pred.html").read_text(encoding="utf-8")
    assert teds(real, real) == 1.0
    assert 0.7 < teds(real, predicted) < 1.0
