"""Matches of claimed and true errors: by words, and as a model replies."""

from __future__ import annotations

import pytest

from annotators.audit.matching import Marked, Match, as_alike_as_words, match_by_words
from records.errors import AnnotationReplyError
from train.evaluate.matcher import parse_matches


def test_british_and_us_spelling_are_one_word() -> None:
    ours = Marked("style_error", 1, "bars: gray instead of the center's color")
    theirs = Marked("style_error", 1, "bars: grey instead of the centre's colour")
    assert as_alike_as_words(ours, theirs) == 1.0


def test_an_error_is_met_once() -> None:
    same = Marked("text_error", 2, "title 'Sales' reads 'Slaes'")
    assert match_by_words([same, same], [same]) == (Match(0, 0, "yes"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "unparsable"),
        ('{"matches": [{"predicted": 1}]}', "unparsable"),
        ('{"matches": [{"predicted": 1, "human": 3, "degree": "yes"}]}', "schema_mismatch"),
        ('{"matches": [{"predicted": 1, "human": 1, "degree": "maybe"}]}', "schema_mismatch"),
        (
            '{"matches": [{"predicted": 1, "human": 1, "degree": "yes"}, '
            '{"predicted": 1, "human": 2, "degree": "yes"}]}',
            "schema_mismatch",
        ),
    ],
)
def test_matches_that_cannot_be_are_said(text: str, reason: str) -> None:
    with pytest.raises(AnnotationReplyError, match=reason):
        parse_matches(text, 2, 2)
