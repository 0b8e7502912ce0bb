"""Claims of several annotators are matched one to one."""

from __future__ import annotations

import pytest

from annotators.consensus import (
    LIMIT,
    Doubt,
    agree,
    compare,
    cost,
    disagreement,
    overlap,
    relabel_queue,
)
from records.rows import Annotation, Box, Discrepancy
from records.taxonomy import Modality


def claim(
    category: str, location: str, description: str, severity: int = 2, box: Box | None = None
) -> Discrepancy:
    return Discrepancy(
        category=category, severity=severity, location=location, description=description, box=box
    )


TYPO = claim("text_error", "title", "'Sales' reads 'Slaes'", 1)
TYPO_TOO = claim("text_error", "chart title", "the title says 'Slaes' instead of 'Sales'", 1)
VALUE = claim("data_error", "bar 'Q3'", "25.5 is drawn as 255", 3)
VALUE_TOO = claim("data_error", "third bar ('Q3')", "height is 255 and should be 25.5", 2)
OTHER_VALUE = claim("data_error", "bar 'Q1'", "12 is drawn as 10", 2)
LEGEND = claim("style_error", "legend", "moved from the upper left to the lower right", 1)
GRID = claim("style_error", "grid", "grid lines are missing", 1)


def annotation(*claims: Discrepancy, by: str = "a", of: str = "pair") -> Annotation:
    return Annotation(attempt_id=of, modality=Modality.CHART, annotator=by, discrepancies=claims)


def test_the_same_claims_in_other_words_and_order() -> None:
    found = compare([TYPO, VALUE, GRID], [VALUE_TOO, TYPO_TOO])
    assert set(found.pairs) == {(0, 1), (1, 0)}
    assert found.only_second == ()
    assert (
        found.disagreement == 0.3
    )  # 1 - (2 + 1.5) / 5: one severity differs by 1, one claim is alone


@pytest.mark.parametrize(
    ("one", "other"),
    [(VALUE, OTHER_VALUE), (LEGEND, GRID), (TYPO, VALUE), (OTHER_VALUE, VALUE_TOO)],
)
def test_different_claims_are_not_one(one: Discrepancy, other: Discrepancy) -> None:
    assert compare([one], [other]).pairs == ()


def test_a_claim_is_matched_once() -> None:
    found = compare([VALUE], [VALUE, VALUE_TOO])
    assert found.pairs == ((0, 0),) and found.only_second == (1,)


def test_boxes_decide_between_like_words() -> None:
    left = claim("style_error", "circle", "blue instead of red", box=(0, 0, 10, 10))
    right = claim("style_error", "circle", "blue instead of red", box=(50, 0, 60, 10))
    assert set(compare([left, right], [right, left]).pairs) == {(0, 1), (1, 0)}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([], [], 0.0),
        ([TYPO], [TYPO], 0.0),
        ([TYPO], [], 1.0),
        ([TYPO, VALUE], [TYPO], 1 - 2 / 3),
        ([VALUE], [VALUE.model_copy(update={"severity": 1})], 0.5),
    ],
)
def test_disagreement(one: list[Discrepancy], other: list[Discrepancy], expected: float) -> None:
    assert compare(one, other).disagreement == pytest.approx(expected, abs=1e-5)
    assert compare(other, one).disagreement == pytest.approx(expected, abs=1e-5)


def test_disagreement_of_three_is_the_mean_of_the_couples() -> None:
    three = [annotation(TYPO), annotation(TYPO), annotation()]
    assert disagreement(three) == pytest.approx(2 / 3)
    assert disagreement(three[:1]) == 0.0


def test_consensus_keeps_what_enough_of_them_claim() -> None:
    three = [
        annotation(TYPO, VALUE, by="a"),
        annotation(VALUE_TOO, LEGEND, by="b"),
        annotation(GRID, TYPO_TOO, VALUE.model_copy(update={"severity": 2}), by="c"),
    ]
    two_of_three = agree(three, votes=2)
    assert [(d.location, d.severity) for d in two_of_three.discrepancies] == [
        ("title", 1),
        ("bar 'Q3'", 2),
    ]
    assert len(agree(three, votes=3).discrepancies) == 1
    assert len(agree(three, votes=1).discrepancies) == 4


def test_consensus_is_of_one_pair() -> None:
    with pytest.raises(ValueError, match="of one pair"):
        agree([annotation(of="x"), annotation(of="y")], 1)


def test_only_failed_and_disputed_pairs_are_judged_again() -> None:
    doubts = [
        Doubt("agreed", 0.2),
        Doubt("disputed", 0.7),
        Doubt("failed", 0.0, ("my-lvlm: truncated",)),
        Doubt("torn", 1.0),
    ]
    assert [d.attempt_id for d in relabel_queue(doubts)] == ["torn", "disputed", "failed"]


def test_overlap() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == 0.5
    assert overlap((0, 0, 10, 10), (2, 2, 4, 4)) == 1.0
    assert overlap((0, 0, 1, 1), (5, 5, 6, 6)) == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            claim("shape_error", "light blue rectangle at bottom", "rectangle is 30 % wider"),
            claim("shape_error", "bottom rectangle", "The blue rectangle is wider than before"),
        ),
        (
            claim("style_error", "circle at upper left", "circle is drawn in red instead of blue"),
            claim("style_error", "top-left circle", "fill color changed from blue to red"),
        ),
        (
            claim("structure_error", "star at center", "star is missing"),
            claim("structure_error", "center of the icon", "The central star does not appear"),
        ),
        (
            claim("layout_error", "row 3", "row is missing"),
            claim("layout_error", "third row of the table", "The row below the header is absent"),
        ),
    ],
)
def test_claims_in_other_words_are_the_same(one: Discrepancy, other: Discrepancy) -> None:
    assert cost(one, other) < LIMIT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            claim("style_error", "legend", "legend is missing"),
            claim("style_error", "panel 1", "gridlines are missing"),
        ),
        (
            claim("layout_error", "row 3", "row is missing"),
            claim("layout_error", "column 2", "column is missing"),
        ),
        (
            claim("shape_error", "rectangle at bottom", "rectangle is 30 % wider"),
            claim("shape_error", "circle at top", "circle is 20 % smaller"),
        ),
    ],
)
def test_claims_of_the_same_letters_are_not(one: Discrepancy, other: Discrepancy) -> None:
    assert cost(one, other) >= LIMIT
