"""Measures the CPU of a published pair by stage and modality, and projects larger builds."""

from __future__ import annotations

import json
import tempfile
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from records.config import BuildConfig, load
from records.stages import STAGES
from records.taxonomy import Modality
from vermillion.pipeline.ranges import shards_of
from vermillion.pipeline.stages import publish, pull, run_stage, settle

TASK_CPU_S = 2.0
"""What a task instance costs before it does anything: measured on Celery at 1.9 (docs/scale.md)."""
SIZES = (340_000, 10_000_000)
FIXED_TASKS = 13
"""Task instances of `build_pairs` beside ranges and sources."""
SHARES = {"chart": 104, "table": 125, "svg": 111}
"""The mix of Visual-ERM's training pairs, in thousands (arXiv:2603.13224)."""


@dataclass(frozen=True)
class Lane:
    """One modality."""

    pairs: int
    """Published rows."""
    ms: dict[str, float]
    """CPU milliseconds a published pair, by stage."""

    @property
    def whole_ms(self) -> float:
        return sum(self.ms.values())


def measure_lanes(config: BuildConfig) -> tuple[dict[str, Lane], float]:
    """Build a dataset in this process, one shard after the other.

    Returns:
        CPU by modality and stage; CPU seconds of publishing, most of which do not grow with the rows.
    """
    settle(config)
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
    publish([shard.shard for shard in shards], config)
    publishing = tree_cpu() - began
    lanes = {
        modality: Lane(
            pairs[modality],
            {name: 1000 * cpu / max(1, pairs[modality]) for name, cpu in stages.items()},
        )
        for modality, stages in spent.items()
    }
    return lanes, publishing


def project(lanes: dict[str, Lane], pairs: int, ranges: int) -> dict[str, Any]:
    """Core hours and task instances for so many pairs, in the mix of Visual-ERM's training pairs.

    Args:
        lanes: As measured.
        pairs: Published pairs.
        ranges: Most ranges of a build.
    """
    known = {name: share for name, share in SHARES.items() if name in lanes}
    each_ms = sum(lanes[name].whole_ms * share for name, share in known.items()) / sum(
        known.values()
    )
    work_h = pairs * each_ms / 3.6e6
    tasks = ranges + FIXED_TASKS + len(SHARES)
    return {
        "pairs": pairs,
        "core_hours": work_h,
        "hours_on_64_cores": work_h / 64,
        "tasks": tasks,
        "airflow_share": tasks * TASK_CPU_S / 3600 / work_h,
    }


def bench_pipeline(config_file: Path, limit: int, as_json: bool, out: Console) -> dict[str, Any]:
    """Measure, and print a table or JSON."""
    with tempfile.TemporaryDirectory(prefix="vermillion-bench-") as folder:
        config = load(config_file)
        sources = {
            name: {**source.model_dump(), "limit": limit} for name, source in config.sources.items()
        }
        lanes, publishing = measure_lanes(config.changed(root=folder, sources=sources))
    told: dict[str, Any] = {
        "lanes": {
            name: {**asdict(lane), "whole_ms": lane.whole_ms} for name, lane in lanes.items()
        },
        "publish_cpu_s": publishing,
        "projected": [project(lanes, size, config.run.most_ranges) for size in SIZES],
    }
    if as_json:
        out.print_json(json.dumps(told))
    else:
        _print(told, out)
    return told


def _print(told: dict[str, Any], out: Console) -> None:
    stages = [stage.name for stage in STAGES]
    table = Table("CPU ms a published pair", *stages, "whole", "pairs", box=None)
    for name in map(str, Modality):
        if lane := told["lanes"].get(name):
            figures = [f"{lane['ms'].get(stage, 0):.1f}" for stage in stages]
            table.add_row(name, *figures, f"{lane['whole_ms']:.0f}", str(lane["pairs"]))
    out.print(table)
    out.print(f"publish: {told['publish_cpu_s']:.1f} CPU-s", highlight=False)
    for one in told["projected"]:
        out.print(
            f"{one['pairs']:,} pairs: {one['core_hours']:.1f} core hours, "
            f"{one['hours_on_64_cores']:.2f} h on 64 cores; at most {one['tasks']} task instances, "
            f"which add {100 * one['airflow_share']:.2f} %",
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
