"""Severity of changed words follows what they say to a reader, in every modality."""

from __future__ import annotations

import pytest

from annotators.structural.severity import of_text_change


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("not significant", "significant", 3),
        ("Without insulin", "With insulin", 3),
        ("increase in mortality", "decrease in mortality", 3),
        ("Females", "Males", 3),
        ("Pre-treatment", "Post-treatment", 3),
        ("hypertension", "hypotension", 3),
        ("Men aged under 40", "Men aged over 40", 3),
        ("p < 0.05", "p > 0.05", 3),
        ("non-smokers", "smokers", 3),
        ("unstable", "stable", 3),
        ("Na+", "Na-", 3),
        ("8.00 a.m.", "8.00 p.m.", 3),
        ("未通过", "通过", 3),
        ("收入增加", "收入减少", 3),
        ("Net income", "Net loss", 3),
        ("Jan", "Jun", 2),
        ("First quarter", "Third quarter", 2),
        ("Type I", "Type II", 2),
        ("甲组", "乙组", 2),
        ("Parameter Rate", "Parameter Ratio", 2),
        ("Costs of goods and of all services sold", "Costs of goods sold", 2),
        ("Costs of goods and of all services sold", "Cost of goods and of all services sold", 1),
        ("Revenue of services", "Reveune of services", 1),
        ("Labor", "Labour", 1),
        ("analysis", "analyses", 1),
        ("Type I", "Type l", 1),
        ("no. 4", "No. 4", 1),
        ("information on demand", "infomation on demand", 1),
    ],
)
def test_words_are_graded_by_what_they_say(before: str, after: str, expected: int) -> None:
    assert of_text_change(before, after) == expected


@pytest.mark.parametrize(
    "pair", [("under 40", "over 40"), ("unpaid", "paid"), ("Group A", "Group B")]
)
def test_both_directions_are_graded_alike(pair: tuple[str, str]) -> None:
    before, after = pair
    assert of_text_change(before, after) == of_text_change(after, before)
