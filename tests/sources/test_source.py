"""The registry, and what pulling promises for every source."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.errors import ConfigError
from records.rows import Reject, Sample
from records.taxonomy import Modality
from sources.source import known_sources, locate, pull_samples, source_named


def test_the_sources_of_the_paper_are_there() -> None:
    modalities = {
        name: known_sources()[name].modality for name in ("chartmimic", "omnidocbench", "unisvg")
    }
    assert modalities == {
        "chartmimic": Modality.CHART,
        "omnidocbench": Modality.TABLE,
        "unisvg": Modality.SVG,
    }
    for name, source in known_sources().items():
        assert source.name == name
        assert source.licence
        assert bool(source.repo_id) == bool(source.revision) == bool(source.allow_patterns)


def test_every_source_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    for source in known_sources().values():
        for fact in (f"`{source.name}`", source.repo_id, source.licence):
            assert fact in text, f"{source.name}: docs/sources.md does not say {fact!r}"


def test_an_unknown_source_is_told_the_known_ones() -> None:
    with pytest.raises(
        ConfigError, match="unknown source 'chartmimik'; known: bundled, chartmimic"
    ):
        pull_samples("chartmimik")
    assert source_named("unisvg").name == "unisvg"


def test_errors_come_before_the_first_sample(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no ChartMimic snapshot"):
        pull_samples("chartmimic", snapshot=tmp_path)
    with pytest.raises(ConfigError, match="limit is -1"):
        pull_samples("bundled", limit=-1)


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_a_limit_counts_samples(limit: int) -> None:
    assert len(list(pull_samples("bundled", limit=limit))) == limit


def test_a_small_limit_of_the_bundled_samples_has_every_modality() -> None:
    samples = [item for item in pull_samples("bundled", limit=6) if isinstance(item, Sample)]
    assert {sample.modality for sample in samples} == set(Modality)


def test_two_pulls_agree() -> None:
    assert list(pull_samples("bundled")) == list(pull_samples("bundled"))


def test_the_revision_follows_the_contents(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("| a |\n|---|\n| 1 |\n")
    _, before = locate(source_named("tables"), snapshot=tmp_path)
    (tmp_path / "notes.txt").write_text("not read, so no new revision")
    _, same = locate(source_named("tables"), snapshot=tmp_path)
    (tmp_path / "a.md").write_text("| a |\n|---|\n| 2 |\n")
    _, after = locate(source_named("tables"), snapshot=tmp_path)
    assert before.revision == same.revision != after.revision


def test_equal_programs_of_one_source_are_kept_once(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("| a |\n|---|\n| 1 |\n")
    kept, lost = pull_samples("tables", snapshot=tmp_path)
    assert isinstance(kept, Sample)
    assert lost == Reject(
        stage="pull", reason="duplicate", item_id="b.md", detail="same code as a.md"
    )
