"""What counts as the same pair again."""

from __future__ import annotations

from typing import Any

import pytest

from quality.rules.dedup import PairDigests, pair_keys
from records.errors import GateError


def reason(seen: PairDigests, row: Any) -> str:
    try:
        seen.check(row.id, *pair_keys(row))
    except GateError as error:
        return error.reason
    return ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "duplicate_id"),
        ({"id": "f" * 20}, "duplicate_pair"),
        ({"id": "f" * 20, "candidate_hash": "e" * 32}, "near_duplicate"),
        ({"id": "f" * 20, "candidate_hash": "e" * 32, "sample_id": "d" * 20}, ""),
        ({"id": "f" * 20, "candidate_hash": "e" * 32, "discrepancies": []}, ""),
    ],
)
def test_second_row(make_row: Any, changes: dict[str, Any], expected: str) -> None:
    seen, row = PairDigests(), make_row(0)
    assert reason(seen, row) == ""
    assert reason(seen, row.model_copy(update=changes)) == expected


def test_two_rewrites_of_one_program_are_two_negatives(make_row: Any) -> None:
    seen = PairDigests()
    assert reason(seen, make_row(0, origin="identical")) == ""
    assert reason(seen, make_row(0, origin="equivalent", turn=1)) == ""
    assert reason(seen, make_row(0, origin="equivalent", turn=2)) == ""
    again = make_row(0, origin="equivalent", turn=2, id="f" * 20)
    assert reason(seen, again) == "duplicate_pair"


def test_the_earlier_row_is_named(make_row: Any) -> None:
    seen, row = PairDigests(), make_row(0)
    seen.check(row.id, *pair_keys(row))
    with pytest.raises(GateError, match=row.id):
        seen.check("f" * 20, *pair_keys(row))
