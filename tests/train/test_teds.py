"""TEDS, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.metrics.teds import MAX_NODES, teds

SHARED = Path(__file__).parents[3] / "shared/data/tables/html"


def table(*rows: str) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


@pytest.mark.parametrize(
    ("reference", "candidate", "likeness"),
    [
        (table("<td>a</td>"), table("<td>a</td>"), 1.0),
        # three nodes; renaming "abcd" to "abcx" costs 1/4: 1 - 0.25 / 3
        (table("<td>abcd</td>"), table("<td>abcx</td>"), 0.9167),
        # four nodes against three: one deletion: 1 - 1 / 4
        (table("<td>a</td><td>b</td>"), table("<td>a</td>"), 0.75),
        # a span that differs costs a whole node: 1 - 1 / 3
        (table("<td colspan=2>a</td>"), table("<td>a</td>"), 0.6667),
        # a row more: tr and td are inserted: 1 - 2 / 5
        (table("<td>a</td>", "<td>b</td>"), table("<td>a</td>"), 0.6),
        (table("<th>a</th>"), table("<td>a</td>"), 1.0),
        (table("<td>a</td>"), "<p>no table</p>", 0.0),
        (table("<td>a</td>"), "", 0.0),
    ],
)
def test_likeness_worked_out_by_hand(reference: str, candidate: str, likeness: float) -> None:
    assert teds(reference, candidate) == likeness


def test_structure_alone() -> None:
    assert teds(table("<td>a</td>"), table("<td>b</td>"), structure_only=True) == 1.0


def test_a_reference_without_a_table_or_with_too_large_a_one_is_said() -> None:
    with pytest.raises(ValueError, match="holds no table"):
        teds("<p>", table("<td>a</td>"))
    large = table(*["<td>a</td>"] * MAX_NODES)
    with pytest.raises(ValueError, match=f"at most {MAX_NODES}"):
        teds(large, large)
    assert teds(table("<td>a</td>"), large) == 0.0


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ptnmini_PMC3765162_003_01", "ptnmini_PMC3568059_003_00"])
def test_a_models_real_table_is_close_to_the_real_one(name: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside the checkout")
    real = (SHARED / f"{name}.html").read_text(encoding="utf-8")
    predicted = (SHARED / f"{name}.pred.html").read_text(encoding="utf-8")
    assert teds(real, real) == 1.0
    assert 0.7 < teds(real, predicted) < 1.0
