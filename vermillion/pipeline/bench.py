"""Measures the CPU cost of a published pair, by stage and modality, and Airflow's overhead, and
projects both to many pairs."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from records.config import BuildConfig, load
from records.sections import PublishConfig
from records.stages import STAGES
from records.taxonomy import Modality
from vermillion.cluster.services import Postgres
from vermillion.cluster.stack import Stack, StackBroken
from vermillion.pipeline.publish import files_of_a_task, publish_build
from vermillion.pipeline.ranges import shards_of
from vermillion.pipeline.stages import pull, run_stage, write_settings

RANGES = 20
"""Tasks over which the build with Airflow is spread at most."""
SIZES = (340_000, 10_000_000)
FIXED_TASKS = 15
"""Task instances of `build_pairs` beside ranges, sources and part files."""
SHARES = {"chart": 104, "table": 125, "svg": 111}
"""The mix of Visual-ERM's training pairs, in thousands (arXiv:2603.13224)."""


@dataclass(frozen=True)
class ModalityCost:
    """One modality."""

    pairs: int
    """Published rows."""
    ms: dict[str, float]
    """CPU milliseconds a published pair, by stage."""

    @property
    def whole_ms(self) -> float:
        return sum(self.ms.values())


@dataclass(frozen=True)
class Overhead:
    """The overhead of Airflow for the same build."""

    plain_cpu_s: float
    airflow_cpu_s: float
    """CPU seconds without the idle load of Airflow's components."""
    idle_share: float
    """Cores that the idle components use."""
    tasks: int
    """Task instances that ran."""
    ranges: int
    """Those of them that worked on a range of shards."""

    @property
    def task_cpu_s(self) -> float:
        return (self.airflow_cpu_s - self.plain_cpu_s) / max(1, self.tasks)

    @property
    def share(self) -> float:
        """Of the CPU of `vermillion build`, for this build."""
        return self.airflow_cpu_s / self.plain_cpu_s - 1

    def share_of_whole_ranges(self, range_minutes: float) -> float:
        """The same, if the work of each range were `range_minutes`: a task costs the same whatever its work."""
        return self.tasks * self.task_cpu_s / (self.ranges * range_minutes * 60)


def measure_modalities(config: BuildConfig) -> tuple[dict[str, ModalityCost], float]:
    """Build a dataset in this process, one shard after the other.

    Returns:
        CPU by modality and stage; CPU seconds of publishing, most of which do not grow with the rows.
    """
    write_settings(config)
    for source in config.sources:
        pull(source, config)
    shards = shards_of(config)
    spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    pairs: Counter[str] = Counter()
    for shard in shards:
        for stage in STAGES:
            began = tree_cpu()
            report = run_stage(stage.name, shard.shard, config)
            spent[shard.modality][stage.name] += tree_cpu() - began
        pairs[shard.modality] += report.rows_out
    began = tree_cpu()
    publish_build([shard.shard for shard in shards], config)
    publishing = tree_cpu() - began
    costs = {
        modality: ModalityCost(
            pairs[modality],
            {name: 1000 * cpu / max(1, pairs[modality]) for name, cpu in stages.items()},
        )
        for modality, stages in spent.items()
    }
    return costs, publishing


def measure_overhead(config_file: Path, home: Path, limit: int, shard_size: int) -> Overhead:
    """Build the same dataset, cut into `RANGES`, with `vermillion build` and with Airflow's own processes.

    Raises:
        ConfigError: Postgres is not installed.
        StackBroken: Airflow does not start, or its run fails.
    """
    configs = home / "configs"
    configs.mkdir(parents=True)
    # The policies' own files lie beside the configuration.
    text = config_file.read_text(encoding="utf-8").replace(
        '"policies/', f'"{config_file.resolve().parent}/policies/'
    )
    text = f"shard_size = {shard_size}\n" + re.sub(r"(?m)^shard_size *=.*$", "", text)
    text += f"\n[run]\nrange_minutes = 0.001\nmost_ranges = {RANGES}\n"
    (configs / "bench.toml").write_text(text)
    before = _children_cpu()
    command = [sys.executable, "-m", "vermillion", "build", str(configs / "bench.toml")]
    command += ["--workers", "1", "--limit", str(limit), "--out", str(home / "plain")]
    subprocess.run(command, check=True, capture_output=True)
    plain = _children_cpu() - before
    environment = {"VERMILLION_CONFIGS": str(configs), "VERMILLION_RENDER_SLOTS": "2"}
    with ExitStack() as held:
        # SQLite is locked now and then where several processes write to it on a busy machine.
        database = held.enter_context(Postgres(home / "postgres")).address
        environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"postgresql+psycopg2://{database}"
        stack = held.enter_context(Stack(home / "airflow", environment))
        time.sleep(20)
        began, at = stack.cpu_s(), time.monotonic()
        time.sleep(30)
        idle = (stack.cpu_s() - began) / (time.monotonic() - at)
        began, at = stack.cpu_s(), time.monotonic()
        run = stack.trigger("build_pairs", {"config": "bench", "limit": limit, "name": "bench"})
        state = stack.wait("build_pairs", run, 1500)
        spent = stack.cpu_s() - began - idle * (time.monotonic() - at)
        tasks = stack.tasks("build_pairs", run)
        if state != "success":
            failed = sorted(one["task_id"] for one in tasks if one["state"] == "failed")
            raise StackBroken(
                f"the run with Airflow failed at {', '.join(failed)}; logs: {stack.home}"
            )
        ran = [one["task_id"] for one in tasks if one["state"] == "success"]
    return Overhead(plain, spent, idle, len(ran), ran.count("pairs"))


def project(
    costs: dict[str, ModalityCost], overhead: Overhead | None, pairs: int, ranges: int
) -> dict[str, Any]:
    """Core hours and task instances for so many pairs, in the mix of Visual-ERM's training pairs.

    Args:
        costs: Measured cost of each modality.
        overhead: As measured, or None.
        pairs: Published pairs.
        ranges: Most ranges of a build.
    """
    known = {name: share for name, share in SHARES.items() if name in costs}
    each_ms = sum(costs[name].whole_ms * share for name, share in known.items()) / sum(
        known.values()
    )
    work_h = pairs * each_ms / 3.6e6
    files = -(-pairs // PublishConfig().rows_per_file)
    tasks = ranges + FIXED_TASKS + 3 + -(-files // files_of_a_task(files))
    figures = {
        "pairs": pairs,
        "core_hours": work_h,
        "tasks": tasks,
        "hours_on_64_cores": work_h / 64,
    }
    if overhead:
        figures["airflow_share"] = tasks * overhead.task_cpu_s / 3600 / work_h
    return figures


def bench_pipeline(
    config_file: Path, limit: int, airflow: bool, as_json: bool, out: Console
) -> dict[str, Any]:
    """Measure, and print a table or JSON.

    Raises:
        StackBroken: as `measure_overhead`.
    """
    with tempfile.TemporaryDirectory(prefix="vermillion-bench-") as folder:
        home = Path(folder)
        config = load(config_file)
        sources = {
            name: {**source.model_dump(), "limit": limit} for name, source in config.sources.items()
        }
        config = config.changed(root=str(home / "lanes"), sources=sources)
        costs, publishing = measure_modalities(config)
        overhead = None
        if airflow:
            samples = sum(shard.samples for shard in shards_of(config))
            overhead = measure_overhead(config_file, home, limit, max(1, samples // RANGES // 2))
    figures: dict[str, Any] = {
        "lanes": {
            name: {**asdict(cost), "whole_ms": cost.whole_ms} for name, cost in costs.items()
        },
        "publish_cpu_s": publishing,
        "projected": [project(costs, overhead, size, config.run.most_ranges) for size in SIZES],
    }
    if overhead:
        minutes = config.run.range_minutes
        figures["airflow"] = {
            **asdict(overhead),
            "task_cpu_s": overhead.task_cpu_s,
            "share": overhead.share,
            "range_minutes": minutes,
            "share_of_whole_ranges": overhead.share_of_whole_ranges(minutes),
        }
    if as_json:
        out.print_json(json.dumps(figures))
    else:
        _print(figures, out)
    return figures


def _print(figures: dict[str, Any], out: Console) -> None:
    stages = [stage.name for stage in STAGES]
    table = Table("CPU ms a published pair", *stages, "whole", "pairs", box=None)
    for name in map(str, Modality):
        if cost := figures["lanes"].get(name):
            cells = [f"{cost['ms'].get(stage, 0):.1f}" for stage in stages]
            table.add_row(name, *cells, f"{cost['whole_ms']:.0f}", str(cost["pairs"]))
    out.print(table)
    out.print(f"publish: {figures['publish_cpu_s']:.1f} CPU-s", highlight=False)
    if found := figures.get("airflow"):
        out.print(
            f"vermillion build {found['plain_cpu_s']:.0f} CPU-s; with Airflow {found['airflow_cpu_s']:.0f} "
            f"CPU-s in {found['tasks']} task instances: {100 * found['share']:.0f} % more, "
            f"{found['task_cpu_s']:.2f} CPU-s a task; idle components use {found['idle_share']:.2f} cores; "
            f"of {found['ranges']} ranges of {found['range_minutes']:g} minutes it would be "
            f"{100 * found['share_of_whole_ranges']:.1f} % more",
            highlight=False,
        )
    for one in figures["projected"]:
        share = f", Airflow {100 * one['airflow_share']:.2f} %" if "airflow_share" in one else ""
        out.print(
            f"{one['pairs']:,} pairs: {one['core_hours']:.1f} core hours, "
            f"{one['hours_on_64_cores']:.2f} h on 64 cores, at most {one['tasks']} task instances{share}",
            highlight=False,
        )


def tree_cpu() -> float:
    """CPU seconds of this process, of what runs below it, and of what these reaped."""
    total = 0.0
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
