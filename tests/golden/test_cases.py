"""Which public cases are labeled right today: none gets worse unseen, and each one mended is a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden.drawn_alike import environment, skip_elsewhere
from golden.recorded import check, lines_of

from annotators.audit.suites import cases
from annotators.audit.suites.files import read_json
from annotators.audit.suites.suite import SuiteInput
from records.rows import Sample
from records.taxonomy import Modality
from renderers.contract import Render
from renderers.registry import held_renderer

TESTS = Path(__file__).parents[1]
CASES = TESTS.parents[1] / "shared" / "data" / "cases"
ANSWERS = TESTS / "annotators" / "audit" / "cases.json"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/data beside the checkout"),
]


def draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)


@pytest.mark.parametrize("modality", list(Modality))
def test_cases_are_as_right_as_on_record(modality: Modality, tmp_path: Path) -> None:
    name = f"cases-{modality}.json"
    skip_elsewhere(name, modality)
    (tmp_path / modality).symlink_to(CASES / modality)
    found = cases.measure(SuiteInput(draw=draw, data=tmp_path, expected=ANSWERS))
    verdicts = {one["pair"]: one["verdict"] for one in found.details}
    check(name, lines_of(verdicts, drawn_with=environment(modality)))


def test_every_answer_has_its_pair() -> None:
    stems = {file.stem for file in CASES.glob("*/*-cand*")}
    named = set(read_json(ANSWERS))
    assert {name if "-cand" in name else f"{name}-cand" for name in named} <= stems
