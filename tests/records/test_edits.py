from __future__ import annotations

import doctest

import pytest

from records import edits, rows, taxonomy
from records.edits import Edit, Mutation, OverlappingEdits, apply, compose, inverse, overlap


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("abc", [], "abc"),
        ("abc", [Edit(0, 0, "x")], "xabc"),
        ("abc", [Edit(3, 3, "x")], "abcx"),
        ("abc", [Edit(0, 3, "")], ""),
        ("ünï→", [Edit(1, 2, "N"), Edit(3, 4, "!")], "üNï!"),
        ("abc", [Edit(0, 1, "A"), Edit(1, 2, "B")], "ABc"),
    ],
)
def test_edits_are_applied_and_undone_exactly(
    code: str, changes: list[Edit], expected: str
) -> None:
    assert apply(code, changes) == expected
    assert apply(expected, inverse(code, changes)) == code


@pytest.mark.parametrize(
    "changes",
    [
        [Edit(0, 2, "x"), Edit(1, 3, "y")],
        [Edit(1, 1, "x"), Edit(1, 1, "y")],
        [Edit(0, 3, "x"), Edit(1, 1, "y")],
    ],
)
def test_edits_that_share_characters_are_refused(changes: list[Edit]) -> None:
    with pytest.raises(OverlappingEdits):
        apply("abc", changes)
    assert overlap(changes[:1], changes[1:])


def test_mutations_compose_in_any_order() -> None:
    first = Mutation((Edit(2, 3, "C"),), "c", "upper case")
    second = Mutation((Edit(0, 1, "A"),), "a", "upper case")
    assert compose([first, second]) == compose([second, first])


@pytest.mark.parametrize("module", [edits, rows, taxonomy])
def test_the_examples_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0
