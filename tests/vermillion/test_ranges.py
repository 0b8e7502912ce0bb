"""Ranges: few enough for Airflow whatever the size, each done in one process, redone only where undone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from quality.read.inspect import read_dataset
from records.config import BuildConfig
from records.errors import BoundPassed, ConfigError, EndpointUnavailable
from records.layout import Layout
from records.sections import SourceConfig
from records.shards import ShardReport
from sources.pull import PulledShard
from vermillion.pipeline import range_work
from vermillion.pipeline.local import build
from vermillion.pipeline.progress import (
    Finished,
    judge_losses,
    quarantine,
    quarantined,
    require_few_quarantined,
)
from vermillion.pipeline.publish import (
    files_to_write,
    finish_build,
    publish_build,
    stage_build,
)
from vermillion.pipeline.range_work import run_range
from vermillion.pipeline.ranges import ALL_STAGES, cut, ranges_to_do, shard_names, tasks_of
from vermillion.pipeline.refresh import pull_into
from vermillion.pipeline.stages import (
    building,
    pull,
    read_settings,
    run_stage,
    working_on,
    write_settings,
)

HOUSE = Path(__file__).parents[2]
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="2" y="3" width="{}" height="9" fill="#246"/><circle cx="15" cy="17" r="{}"/></svg>'
)


def icons(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    for n in range(count):
        (folder / f"icon_{n:03}.svg").write_text(ICON.format(3 + n % 17, 2 + n / 40))
    return folder


def config_of(root: Path, **changes: Any) -> BuildConfig:
    return BuildConfig(
        name="icons",
        root=str(root),
        shard_size=2,
        workers=1,
        modalities=("svg",),
        sources={"folder": {"snapshot": str(icons(root / "snapshot", 12))}},
        corruption={"attempts_per_sample": 1},
        publish={"gallery": False},
        **changes,
    )


def shards(count: int, modality: str = "svg", samples: int = 32) -> list[PulledShard]:
    return [PulledShard(f"s-{modality}-{n:06}", modality, samples, f"{n:x}") for n in range(count)]


@pytest.mark.parametrize("count", [1, 7, 1_100, 78_000])
def test_any_number_of_shards_is_few_ranges_in_their_order(tmp_path: Path, count: int) -> None:
    config = config_of(tmp_path)
    ranges = cut(shards(count), config)
    assert len(ranges) <= config.run.most_ranges
    assert [name for one in ranges for name in one] == [one.shard for one in shards(count)]
    assert all(ranges)


def test_ranges_are_of_equal_work_not_of_equal_length(tmp_path: Path) -> None:
    config = config_of(tmp_path, run={"range_minutes": 1})
    made = cut([*shards(400, "svg"), *shards(400, "chart")], config)
    lengths = {
        kind: [len(one) for one in made if all(f"-{kind}-" in name for name in one)]
        for kind in ("svg", "chart")
    }
    assert min(lengths["svg"]) > 3 * max(lengths["chart"])


def test_stages_that_wait_for_models_are_tasks_of_their_own(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    assert tasks_of(config) == {"work": ALL_STAGES}
    judged = config.changed(
        annotate={
            "annotators": ["structural", "hosted"],
            "files": [str(HOUSE / "configs" / "annotators" / "hosted.toml")],
        }
    )
    sampled = config.changed(
        policies={
            "names": ["qwen3-vl-8b-svg"],
            "files": [str(HOUSE / "configs" / "policies" / "qwen3-vl.toml")],
        }
    )
    both = sampled.changed(annotate=judged.annotate.model_dump())
    for changed, own in (
        (judged, {"annotate"}),
        (sampled, {"attempt"}),
        (both, {"annotate", "attempt"}),
    ):
        tasks = tasks_of(changed)
        # Each stage once, in order, and no model is asked by a task that holds a renderer.
        assert [stage for stages in tasks.values() for stage in stages] == [*ALL_STAGES]
        assert all(own & {*stages} <= {task} for task, stages in tasks.items() if own & {*stages})


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    """A build of which ranges 0, 1, ... are cut, a shard each, and nothing is done."""
    config = config_of(tmp_path_factory.mktemp("ranges"), run={"range_minutes": 0.0001})
    write_settings(config)
    pull("folder", config)
    assert len(ranges_to_do(config)) > 3
    return config


@pytest.mark.parametrize("where", ["disk", "bucket"])
def test_a_run_whose_settings_were_replaced_ends_and_its_operator_may_start_again(
    where: str, tmp_path: Path, bucket: str
) -> None:
    """Between two tasks of a run, somebody builds the same dataset."""
    config = config_of(tmp_path).changed(root=str(tmp_path) if where == "disk" else bucket)
    with building(config) as run:
        pass
    with working_on(run) as read:
        assert read == config
    with building(config.changed(workers=7)):  # The same shards, by more processes.
        pass
    with working_on(run) as read:
        assert read == config
    with building(config.changed(seed=5)):
        pass
    with (
        pytest.raises(
            ConfigError, match=r"other settings began after this run.*start the run again"
        ),
        working_on(run),
    ):
        pass
    with building(config) as run, pytest.raises(KeyError):
        raise KeyError("killed")
    with working_on(run) as read:
        assert read == config


def quiet(_: str) -> None:
    """Says nothing."""


def test_a_range_is_done_once_and_then_costs_no_import(pulled: BuildConfig) -> None:
    first = run_range(0, ALL_STAGES, pulled, say=quiet)
    assert first.rows > 0 and first.done_before == 0
    assert run_range(0, ALL_STAGES, pulled, say=quiet).done_before == first.shards
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from vermillion.pipeline.range_work import run_range\n"
            "from vermillion.pipeline.stages import read_settings\n"
            f"print(run_range(0, {ALL_STAGES!r}, read_settings({Layout.of(pulled).config!r})).done_before)\n"
            "print(sorted({'matplotlib', 'renderers.stage', 'quality.stage'} & sys.modules.keys()))",
        ],
        capture_output=True,
        text=True,
        cwd=HOUSE,
        timeout=120,
    )
    assert said.stdout.splitlines()[-2:] == [str(first.shards), "[]"], said.stderr


def test_a_retry_redoes_what_is_unfinished(
    pulled: BuildConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(stage: str, shard: str, config: BuildConfig) -> ShardReport:
        if stage == "annotate":
            raise MemoryError("a worker went down")
        return run_stage(stage, shard, config)

    with monkeypatch.context() as patch:
        patch.setattr(range_work, "run_stage", dies)
        with pytest.raises(MemoryError):
            run_range(1, ALL_STAGES, pulled, last_try=False, say=quiet)
    again = run_range(1, ALL_STAGES, pulled, say=quiet)
    assert again.skipped == ALL_STAGES.index("annotate")


def test_a_shard_costs_few_requests_to_an_object_store(
    pulled: BuildConfig, bucket: str, requests: list[str]
) -> None:
    config = pulled.changed(root=bucket)
    write_settings(config)
    pull("folder", config)
    ranges_to_do(config)
    requests.clear()
    assert run_range(0, ALL_STAGES, config, say=quiet).shards == 1
    # Six stages write rows and a report each, some of them rejects, `check` an index; one note.
    assert requests.count("put_object") <= 3 * len(ALL_STAGES)
    # Each stage looks whether its report is there; of all else, only the pulled shard is read.
    assert requests.count("get_object") <= len(ALL_STAGES) + 8
    assert len(requests) <= 36


def test_what_another_version_left_is_made_again_or_said(pulled: BuildConfig) -> None:
    run_range(0, ALL_STAGES, pulled, say=quiet)
    note = Path(Layout.of(pulled).progress("0000"))
    told = {name: {**one, "gone": 1} for name, one in json.loads(note.read_text()).items()}
    note.write_text(json.dumps(told))
    again = run_range(0, ALL_STAGES, pulled, say=quiet)
    assert (again.done_before, again.skipped) == (0, len(ALL_STAGES))
    url = Path(write_settings(pulled))
    url.write_text(json.dumps({**json.loads(url.read_text()), "gone": 1}))
    with pytest.raises(ConfigError, match=r"start the build again \(unknown setting 'gone'"):
        read_settings(str(url))
    write_settings(pulled)
    assert read_settings(str(url)) == pulled


def test_rows_that_are_gone_are_made_again(pulled: BuildConfig) -> None:
    run_range(2, ALL_STAGES, pulled, say=quiet)
    name = shard_names(pulled)[2]
    gone = Path(Layout.of(pulled).shard("check", name))
    before = gone.read_bytes()
    gone.unlink()
    assert run_range(2, ALL_STAGES, pulled, say=quiet).done_before == 0
    assert gone.read_bytes() == before


def test_a_bad_shard_is_left_out_with_its_reason_in_a_large_build_only(
    pulled: BuildConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(stage: str, shard: str, config: BuildConfig) -> ShardReport:
        if stage == "render":
            raise KeyError("a bug of ours")
        return run_stage(stage, shard, config)

    with monkeypatch.context() as patch:
        patch.setattr(range_work, "run_stage", broken)
        with pytest.raises(KeyError):  # one of a few shards is too many
            run_range(3, ALL_STAGES, pulled, say=quiet)
        large = pulled.changed(run={"range_minutes": 0.0001, "max_quarantined_share": 0.5})
        with pytest.raises(KeyError):  # it is tried again first
            run_range(3, ALL_STAGES, large, last_try=False, say=quiet)
        told = run_range(3, ALL_STAGES, large, say=quiet)
    assert told.quarantined == 1
    [(name, why)] = quarantined(shard_names(large), large).items()
    assert (why["stage"], why["error"]) == ("render", "KeyError")
    assert "in broken" in why["traceback"]
    # The dataset comes without it; the next run tries it again.
    for number in range(len(shard_names(large))):
        if number != 3:
            run_range(number, ALL_STAGES, large, say=quiet)
    published = publish_build(shard_names(large), large)
    assert published["quarantined"] == [name] and published["rows"] > 0
    run_range(3, ALL_STAGES, large, say=quiet)
    assert quarantined(shard_names(large), large) == {}
    assert publish_build(shard_names(large), large)["rows"] > published["rows"]


def test_a_server_that_is_down_is_not_the_shards_fault(
    pulled: BuildConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(stage: str, shard: str, config: BuildConfig) -> ShardReport:
        raise EndpointUnavailable("nobody answers")

    monkeypatch.setattr(range_work, "run_stage", away)
    large = pulled.changed(seed=5, run={"range_minutes": 0.0001, "max_quarantined_share": 0.9})
    with pytest.raises(EndpointUnavailable):
        run_range(3, ALL_STAGES, large, say=quiet)
    assert quarantined(shard_names(large), large) == {}


def test_too_many_left_out_stop_the_build(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    names = [f"s{n}" for n in range(100)]
    for name in names[:2]:
        quarantine(name, "render", KeyError("x"), config)
    assert len(require_few_quarantined(names, config)) == 2
    quarantine(names[2], "render", KeyError("x"), config)
    with pytest.raises(BoundPassed, match=r"3 of 100 shards .* The first: s0 at render, KeyError"):
        require_few_quarantined(names, config)
    # In a run of several datasets, the others are planned all the same.
    planned = stage_build(names, config)
    assert files_to_write(planned) == []
    with pytest.raises(BoundPassed, match=r"3 of 100 shards"):
        finish_build(planned)


def test_losses_are_judged_over_the_run_not_a_shard(tmp_path: Path) -> None:
    config = config_of(tmp_path)  # render may lose 30 %
    unlucky = Finished("m", {"render": 12}, {"render": {"timeout": 12}})
    usual = Finished("m", {"render": 20}, {"render": {"timeout": 4}})
    assert judge_losses([unlucky], config).rejects["render"] == {"timeout": 12}
    judge_losses([unlucky, *[usual] * 20], config)
    with pytest.raises(BoundPassed, match="stage render lost 480 of 960 rows"):
        judge_losses([unlucky] * 40, config)


def test_a_new_commit_redoes_nothing_and_a_changed_record_its_shards(tmp_path: Path) -> None:
    """What is redone is counted: stages of shards."""
    snapshot, samples = tmp_path / "snapshot", f"{tmp_path}/sources/folder"
    config = config_of(tmp_path).changed(sources={"folder": {"samples": samples}})
    console = Console(quiet=True)

    def refreshed(commit: str) -> bool:
        upstream = SourceConfig(snapshot=str(snapshot), revision=commit * 40)
        return bool(pull_into("folder", upstream, samples, 2)["changed"])

    def built() -> tuple[int, dict[str, Any]]:
        done = build(config, console)
        return len(ALL_STAGES) * len(shard_names(config)) - done.skipped, done.published

    def revisions(dataset: dict[str, Any]) -> set[str]:
        return {row["revision"][0] for row in read_dataset(dataset["path"], ["revision"])}

    assert refreshed("a")
    redone, first = built()
    assert redone == len(ALL_STAGES) * len(shard_names(config)) > 6 * 4
    assert not refreshed("b")
    redone, again = built()
    assert redone == 0 and again["skipped"] and again["path"] == first["path"]
    assert revisions(first) == {"a"}
    before = sorted(row["id"] for row in read_dataset(first["path"], ["id"]))
    (snapshot / "icon_007.svg").write_text(ICON.format(11, 9))
    assert refreshed("c")
    redone, second = built()
    # Its own shard, and where it stood and where it stands now.
    assert 0 < redone <= 3 * len(ALL_STAGES)
    assert not second["skipped"] and second["path"] != first["path"]
    assert revisions(second) == {"a", "c"}
    assert before == sorted(row["id"] for row in read_dataset(first["path"], ["id"]))
