"""One mistake made over and over is capped; varied and precise attempts are not."""

from __future__ import annotations

from collections import Counter

import pytest

from quality.rules.monotony import Monotony, monotone
from records.errors import GateError
from records.pairs import Row
from records.rows import Discrepancy


def row(policy: str, **errors: int) -> Row:
    labels = tuple(
        Discrepancy(category=name, severity=1, location="here", description="differs")
        for name, count in errors.items()
        for _ in range(count)
    )
    return Row.model_construct(policy=policy, discrepancies=labels)


@pytest.mark.parametrize(
    ("errors", "category"),
    [
        ({"text_error": 9}, "text_error"),
        ({"text_error": 9, "layout_error": 1}, "text_error"),
        ({"text_error": 8, "layout_error": 2}, ""),
        ({"text_error": 2}, ""),
        ({}, ""),
    ],
)
def test_what_is_monotone(errors: dict[str, int], category: str) -> None:
    assert monotone(row("p", **errors)) == category


def kept(rows: list[Row], most: float) -> list[Row]:
    cap, through = Monotony(most), []
    for one in rows:
        try:
            through.append(cap.check(one))
        except GateError as error:
            assert error.reason == "monotone_errors" and one.policy in error.detail
    return through


def test_monotone_attempts_are_a_share_of_what_is_kept() -> None:
    rows = [row("p", text_error=5) for _ in range(60)]
    rows[::3] = [row("p", text_error=2, layout_error=2) for _ in rows[::3]]
    through = kept(rows, most=0.5)
    counts = Counter(monotone(one) for one in through)
    assert counts[""] == 20
    assert counts["text_error"] <= 0.5 * len(through)
    # Not far below the bound: what may stay does.
    assert counts["text_error"] >= 0.4 * len(through)


def test_few_are_kept_and_others_are_not_counted() -> None:
    alike = [row("p", text_error=5) for _ in range(20)]
    assert len(kept(alike, most=0.1)) == 4
    assert len(kept(alike, most=1.0)) == 20
    assert len(kept([row("", text_error=5) for _ in range(20)], most=0.1)) == 20
    two = [row(name, text_error=5) for name in ("p", "q") for _ in range(20)]
    assert Counter(one.policy for one in kept(two, most=0.1)) == {"p": 4, "q": 4}
    other = [*alike[:4], *(row("p", numeric_error=5) for _ in range(4))]
    assert len(kept(other, most=0.1)) == 8
