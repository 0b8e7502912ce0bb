"""The lane `cheap`: figures and bounds on pairs of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotators.audit.suites.suite import SuiteInput
from records.errors import ConfigError
from records.rows import Sample
from records.taxonomy import Modality
from renderers.contract import Render
from renderers.registry import held_renderer
from sources import bundled
from tests.train.test_structural_reward import HONEST_ICON, ICON, SVG
from train.reward.cheap import measure


def draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)


def folder(path: Path, **pairs: tuple[str, str]) -> Path:
    (path / "svg").mkdir(parents=True)
    for stem, (reference, candidate) in pairs.items():
        (path / "svg" / f"{stem}-ref.svg").write_text(reference, encoding="utf-8")
        (path / "svg" / f"{stem}-cand.svg").write_text(candidate, encoding="utf-8")
    return path


def test_honest_attempts_earn_more_than_all_cheap_ones(tmp_path: Path) -> None:
    other = SVG.format('<path d="M3 3 L21 3 L12 21 Z" fill="#888"/>')
    data = folder(tmp_path, one=(ICON, HONEST_ICON), two=(other, other.replace("21 Z", "18 Z")))
    found = measure(SuiteInput(draw=draw, data=data))
    assert found.ok
    assert {"dot", "square", "disc", "ring", "another_sample"} == set(found.figures["svg"])
    assert found.figures["svg"]["dot"]["references"] == 2


def test_an_attempt_that_is_no_honest_one_fails_the_bound(tmp_path: Path) -> None:
    """What the lane measures with can fail: the attempt here is emptier than the cheap pictures."""
    speck = SVG.format('<circle cx="23" cy="23" r="0.4" fill="#eeeeee"/>')
    black = SVG.format(
        '<circle cx="12" cy="12" r="10"/><rect x="11" y="11" width="2" height="2" fill="#fff"/>'
    )
    found = measure(SuiteInput(draw=draw, data=folder(tmp_path, one=(black, speck))))
    assert not found.ok
    assert found.figures["svg"]["disc"]["earns_more"] == 1.0


def test_samples_are_references_of_attempts_by_an_offline_policy() -> None:
    sample = bundled.samples(Modality.TABLE)[0]
    found = measure(SuiteInput(draw=draw, samples=[sample]))
    assert found.ok and found.figures["table"]["one_cell"]["references"] == 1
    assert {one["stem"] for one in found.details} == {sample.id}


def test_it_says_which_folder_it_wants() -> None:
    with pytest.raises(ConfigError, match="--data DIR"):
        measure(SuiteInput(draw=draw))
