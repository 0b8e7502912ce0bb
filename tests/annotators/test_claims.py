"""Which attempts must show what somebody claimed, and nothing else."""

from __future__ import annotations

import pytest

from annotators.lvlm.claims import confirm
from corruptors.degenerate import attempt
from records.errors import PairError
from records.rows import Attempt, Corrupted, Discrepancy, InjectedError, Sample
from records.taxonomy import Language

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="5" height="5"/></svg>'
)
SAMPLE = Sample.of(ICON, Language.SVG, source="docs", revision="1", licence="MIT", upstream_id="1")
SEEN = tuple(
    Discrepancy(category=category, severity=2, location="icon", description="differs")
    for category in ("style_error", "shape_error")
)


def test_an_attempt_that_tries_nothing_claims_nothing() -> None:
    made = attempt(SAMPLE, seed=0)
    assert made is not None
    confirm(made, SEEN)
    confirm(made, ())


def test_a_model_that_was_asked_for_an_error_must_make_it_and_no_other() -> None:
    origin = Corrupted(
        asked_by="eye",
        errors=(error("fill", "style_error"),),
        seed=0,
        edits=(),
    )
    made = Attempt.of(SAMPLE, ICON, origin)
    confirm(made, SEEN[:1])
    with pytest.raises(PairError, match="seen too"):
        confirm(made, SEEN)
    with pytest.raises(PairError, match="not seen"):
        confirm(made, ())


def error(name: str, category: str) -> InjectedError:
    return InjectedError(name=name, category=category, location="icon", description="is red")
