"""The form of build_pairs, and pulls that build_pairs then finds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from errno import ENOSPC
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from records.errors import ConfigError
from records.rows import Reject, Sample
from records.sections import SourceConfig
from records.shards import read_rows
from sources.pull import list_samples, read
from vermillion.pipeline.form import checked_config, config_of_form
from vermillion.pipeline.form_fields import parameters, require_known
from vermillion.pipeline.refresh import pull_into, refresh

EMPTY: dict[str, Any] = dict.fromkeys(
    (
        "name",
        "version",
        "modalities",
        "sources",
        "limit",
        "attempts_per_sample",
        "errors",
        "category_weights",
        "policies",
        "policy_files",
        "annotators",
        "annotator_files",
        "votes",
        "pilot_samples",
        "relabel_rounds",
        "seed",
        "shard_size",
    )
)
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="{}" height="9"/></svg>'


@pytest.fixture(autouse=True)
def own_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERMILLION_ROOT", str(tmp_path))


def test_an_empty_form_is_the_configuration_file(tmp_path: Path) -> None:
    config = config_of_form({**EMPTY, "config": "demo"})
    assert (config.name, config.root, list(config.sources)) == ("demo", str(tmp_path), ["bundled"])
    assert config.policies.names


def test_a_form_with_an_unknown_field_is_refused() -> None:
    """Airflow's REST interface passes on what a person misspells; the demo would be built."""
    require_known({**EMPTY, "config": "demo", "dry_run": False}, parameters())
    with pytest.raises(ConfigError, match="no field 'modality'; did you mean 'modalities'"):
        require_known({"config": "demo", "modality": ["svg"]}, parameters())
    with pytest.raises(ConfigError, match="no field 'x'; the form has: config, name"):
        require_known({"x": 1}, parameters())


def test_every_field_of_the_form_counts() -> None:
    form = {
        **EMPTY,
        "config": "demo",
        "name": "mine",
        "version": "7",
        "modalities": ["svg"],
        "limit": 3,
        "attempts_per_sample": 9,
        "errors": [1.0],
        "category_weights": {"svg": {"style_error": 2.0}},
        "policies": [],
        "seed": 5,
        "shard_size": 8,
    }
    config = config_of_form(form)
    assert (config.name, config.version, config.seed, config.shard_size) == ("mine", "7", 5, 8)
    assert [str(modality) for modality in config.modalities] == ["svg"]
    assert config.sources["bundled"].limit == 3
    assert config.corruption.attempts_per_sample == 9
    assert config.corruption.errors == (1.0,)
    assert config.policies.names == ()


def test_models_may_be_chosen_to_judge(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text("")
    config = config_of_form(
        {
            **EMPTY,
            "config": "demo",
            "annotators": ["structural", "qwen3-vl-32b", "hosted"],
            "annotator_files": ["annotators/qwen3-vl.toml", str(own)],
            "votes": 2,
            "pilot_samples": 7,
            "relabel_rounds": 3,
        }
    ).annotate
    assert config.annotators == ("structural", "qwen3-vl-32b", "hosted")
    # A file of configs/, or a path.
    assert [Path(file).is_file() for file in config.files] == [True, True]
    assert (config.votes, config.pilot.samples, config.relabel.rounds) == (2, 7, 3)
    untouched = config_of_form({**EMPTY, "config": "demo"}).annotate
    assert untouched.annotators == ("structural",)


def test_policies_of_another_file_stand_beside_those_of_the_configuration() -> None:
    form = {**EMPTY, "config": "demo", "policies": ["demo-chart", "qwen3-vl-8b-svg"]}
    with pytest.raises(ConfigError, match="no policy 'qwen3-vl-8b-svg'"):
        checked_config(config_of_form(form))
    config = checked_config(config_of_form({**form, "policy_files": ["policies/qwen3-vl.toml"]}))
    assert [Path(file).is_file() for file in config.policies.files] == [True, True]


def test_a_folder_for_an_unknown_source_is_not_passed_over() -> None:
    with pytest.raises(ConfigError, match="unknown source 'unisgv'"):
        refresh("unisvg", {"snapshots": {"unisgv": "/data/UniSVG"}})


def test_an_edited_folder_is_not_stamped_with_the_pinned_commit(tmp_path: Path) -> None:
    """The commit is what the hub was asked for; nobody compared the folder with it."""
    from sources.bundled import snapshot as bundled_snapshot
    from sources.source import source_named

    folder = tmp_path / "ChartMimic"
    shutil.copytree(bundled_snapshot("chartmimic"), folder)
    refresh("chartmimic", {"snapshots": {"chartmimic": str(folder)}})
    urls = list_samples(f"{tmp_path}/sources/chartmimic")
    found = {row["revision"] for url in urls for row in read_rows(url, ["revision"])}
    assert source_named("chartmimic").revision not in found
    assert all(one.startswith("sha256:") for one in found)


def test_a_wrong_field_is_named() -> None:
    with pytest.raises(ConfigError, match="modalities"):
        config_of_form({**EMPTY, "config": "demo", "modalities": ["charts"]})
    with pytest.raises(ConfigError, match=r"in configs/: .*demo"):
        config_of_form({**EMPTY, "config": "none"})


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"sources": {"chartmimick": {}}}, "unknown source 'chartmimick'"),
        ({"sources": {"folder": {}}}, "sources.folder: say what is to be read"),
        ({"sources": {"unisvg": {"snapshot": "none"}}}, r"sources\.unisvg\.snapshot: none"),
        ({"sources": {"unisvg": {"samples": "none"}}}, r"sources\.unisvg\.samples: none"),
        ({"corruption": {"exclude": ["drop_titel"]}}, "drop_titel"),
        ({"policies": {"names": ["vtracer"]}}, "no policy 'vtracer'"),
        ({"policies": {"files": ["none.toml"]}}, "none.toml"),
        ({"annotate": {"annotators": ["oracle"]}}, "'oracle'"),
        ({"publish": {"held_out": ["none"]}}, r"publish\.held_out: none"),
    ],
)
def test_what_the_settings_name_is_looked_for_before_any_work(
    section: dict[str, Any], said: str
) -> None:
    config = config_of_form({**EMPTY, "config": "demo"})
    assert checked_config(config) is config
    with pytest.raises(ConfigError, match=said):
        checked_config(config.changed(**section))


def snapshot(folder: Path, widths: range) -> SourceConfig:
    folder.mkdir(exist_ok=True)
    for width in widths:
        (folder / f"icon_{width:02}.svg").write_text(ICON.format(width))
    return SourceConfig(snapshot=str(folder))


def test_a_pulled_source_is_found_by_the_next_build(tmp_path: Path) -> None:
    settings = snapshot(tmp_path / "snap", range(1, 6))
    pulled = pull_into("folder", settings, f"{tmp_path}/sources/folder", 4)
    assert pulled["samples"] == 5
    config = config_of_form({**EMPTY, "config": "demo", "sources": ["folder"]})
    assert config.sources["folder"].samples == f"{tmp_path}/sources/folder"


@pytest.mark.parametrize("place", ["disk", "bucket"])
def test_only_a_change_of_content_is_a_change(tmp_path: Path, bucket: str, place: str) -> None:
    folder = f"{bucket if place == 'bucket' else tmp_path}/sources/folder"
    assert pull_into("folder", snapshot(tmp_path / "snap", range(1, 6)), folder, 4)["changed"]
    assert not pull_into("folder", snapshot(tmp_path / "snap", range(1, 6)), folder, 4)["changed"]
    again = pull_into("folder", snapshot(tmp_path / "snap", range(1, 9)), folder, 4)
    assert again["changed"]
    assert again["samples"] == 8
    assert (again["added"], again["removed"]) == (3, 0)


def test_a_refresh_reports_what_came_and_went(tmp_path: Path) -> None:
    folder, upstream = f"{tmp_path}/sources/folder", tmp_path / "snap"
    first = pull_into("folder", snapshot(upstream, range(1, 9)), folder, 4)
    assert (first["added"], first["removed"]) == (8, 0)
    (upstream / "icon_02.svg").write_text(ICON.format(40))
    (upstream / "icon_05.svg").unlink()
    again = pull_into("folder", SourceConfig(snapshot=str(upstream)), folder, 4)
    assert (again["changed"], again["samples"]) == (True, 7)
    assert (again["added"], again["removed"]) == (1, 2)


def test_a_refresh_that_fails_leaves_the_last_pull_and_the_next_one_reports_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the disk had become full, or the worker had died, when half of the shards were written."""
    folder, upstream = f"{tmp_path}/sources/folder", tmp_path / "snap"
    settings = snapshot(upstream, range(1, 30))
    pull_into("folder", settings, folder, 4)
    urls = list_samples(folder)
    before = {url: list(read_rows(url)) for url in urls}
    for path in sorted(upstream.iterdir())[::3]:
        path.write_text(ICON.format(90 + int(path.stem[-2:])))

    def cut_off(source: str, asked: SourceConfig) -> Iterator[Sample | Reject]:
        yield from islice(read(source, asked), 28)
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("vermillion.pipeline.refresh.read", cut_off)
        with pytest.raises(OSError, match="No space left"):
            pull_into("folder", settings, folder, 4)
    assert list_samples(folder) == urls
    assert {url: list(read_rows(url)) for url in urls} == before
    again = pull_into("folder", settings, folder, 4)
    assert (again["changed"], again["added"], again["removed"]) == (True, 10, 10)


def test_the_change_of_a_pull_that_was_killed_at_its_end_is_reported_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, upstream = f"{tmp_path}/sources/folder", tmp_path / "snap"
    pull_into("folder", snapshot(upstream, range(1, 6)), folder, 4)
    settings = snapshot(upstream, range(1, 9))
    with monkeypatch.context() as patch:
        patch.setattr("vermillion.pipeline.refresh.read_report", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pull_into("folder", settings, folder, 4)
    again = pull_into("folder", settings, folder, 4)
    assert (again["changed"], again["samples"], again["added"]) == (True, 8, 3)
    assert not pull_into("folder", settings, folder, 4)["changed"]


def test_a_build_that_reads_a_pull_is_not_disturbed_by_the_next_one(tmp_path: Path) -> None:
    folder, upstream = f"{tmp_path}/sources/folder", tmp_path / "snap"
    settings = snapshot(upstream, range(1, 13))
    pull_into("folder", settings, folder, 2)
    reading = read("folder", SourceConfig(samples=folder))
    seen = [next(reading)]
    (upstream / "icon_03.svg").write_text(ICON.format(50))
    pull_into("folder", settings, folder, 2)
    seen += reading
    assert len({item.id for item in seen if isinstance(item, Sample)}) == 12
    own = Path(folder, "folder-notes.txt")
    own.write_text("mine")
    stale = set(Path(folder).glob("*.parquet")) - set(map(Path, list_samples(folder)))
    assert stale
    pull_into("folder", settings, folder, 2)
    assert not stale & set(Path(folder).glob("*.parquet"))
    assert own.exists()
