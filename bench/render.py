"""The command bench: our renderers against the reference way, side by side in one run.

Both ways draw the same programs, in turn, round by round. CPU is that of the whole process tree:
what our servers, browsers and forks use counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from annotators.structural import compare
from bench.processes import orphans_come_here, tree_cpu, tree_memory_mb
from bench.reference.chart import BARE, render_fresh
from bench.reference.svg import render_managed
from bench.reference.table import reference_browser, render_launch
from bench.stages import stages
from corruptors.compose import attempts
from records.errors import ConfigError
from records.rows import Sample
from records.sections import CorruptionMix
from records.taxonomy import Modality
from renderers.registry import close_held, held_renderer
from renderers.table.browser.messages import DRIVERS
from renderers.table.document import prepare
from renderers.table.renderer import TableRenderer
from sandbox.status import Limits
from sandbox.warm_memory import reuse_memory
from sandbox.workers import worker_processes
from sources import bundled

ATTEMPTS = 4
"""Attempts a sample, for the cost of a pair."""
LEAST_S = 1.5
"""Least time over which the CPU of a program is measured, once."""
STEADY_S = 3.0
"""Least time over which renders per second are counted, once."""
SCALING_ROUNDS = 3
"""How often one worker and two are compared in a round: neighbors of the machine make one say little."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")}
"""As in our servers, so that a process is one core's worth."""


def bench_render(rounds: int, programs: int, as_json: bool, out: Console) -> None:
    """Measure each modality and print the table.

    Raises:
        ConfigError: too few bundled samples for the programs asked.
    """
    browser = reference_browser()[1]
    reuse_memory()  # As the workers of a build do, in which pairs are compared.
    with orphans_come_here():
        found = {
            str(modality): _lane(modality, chosen(modality, programs), rounds)
            for modality in Modality
        }
    if as_json:
        out.print_json(json.dumps({**found, "reference_browser": browser}))
        return
    table = Table("", *found, box=None)
    flat = {name: _flat(lane) for name, lane in found.items()}
    for key in dict.fromkeys(key for lane in flat.values() for key in lane):
        cells = [lane.get(key) for lane in flat.values()]
        table.add_row(key, *("-" if cell is None else f"{cell:g}" for cell in cells))
    out.print(table)
    out.print(f"Tables the reference way: {browser}, a launch each.", highlight=False)


def _flat(lane: dict[str, Any]) -> dict[str, float]:
    stages = {f"  {name}, CPU ms": spent for name, spent in lane["stages"].items()}
    return {**{key: value for key, value in lane.items() if key != "stages"}, **stages}


def chosen(modality: Modality, count: int) -> list[Sample]:
    samples = bundled.samples(modality)
    if len(samples) < count:
        raise ConfigError(f"--programs {count}: only {len(samples)} bundled {modality} samples")
    step = len(samples) / count
    return [samples[int(index * step)] for index in range(count)]


def _lane(modality: Modality, samples: list[Sample], rounds: int) -> dict[str, Any]:
    renderer = held_renderer(modality)
    try:
        for sample in samples:
            renderer.render(sample.code, sample.language).drawn()
        ours: list[tuple[float, float]] = []
        others: list[tuple[float, float]] = []
        theirs: list[tuple[float, float]] = []
        with tempfile.TemporaryDirectory() as folder, _other_driver(modality, samples) as other:
            png = Path(folder, "x.png")
            for _ in range(rounds):
                theirs.append(_timed(lambda s: _reference(s, png), samples))
                ours.append(_timed(lambda s: renderer.render(s.code, s.language).drawn(), samples))
                if other is not None:
                    others.append(
                        _timed(lambda s: other.render(s.code, s.language).drawn(), samples)
                    )
        compared = _compare_cpu(samples, rounds)
        memory_mb = tree_memory_mb()
    finally:
        close_held()
    cpu, reference_cpu = median(c for c, _ in ours), median(c for c, _ in theirs)
    per_s = _throughputs(modality, samples, SCALING_ROUNDS * rounds)
    one, two = per_s[::2], per_s[1::2]
    pair = (cpu * (1 + ATTEMPTS) + compared * ATTEMPTS) / ATTEMPTS
    lane = {
        "cpu_ratio": reference_cpu / cpu,
        "pairs_ratio": 2 * reference_cpu / pair,
        "cpu_ms": 1000 * cpu,
        "reference_cpu_ms": 1000 * reference_cpu,
        "compare_cpu_ms": 1000 * compared,
        "renders_per_s_1": median(one),
        "renders_per_s_2": median(two),
        "scaling": median(both / alone for alone, both in zip(one, two, strict=True)),
        "machine_scaling": _machine_scaling(rounds),
        "reference_renders_per_s": 1 / median(w for _, w in theirs),
        "memory_mb": memory_mb,
    }
    if other is not None:
        other_cpu = median(c for c, _ in others)
        lane |= {
            f"{other.driver}_cpu_ms": 1000 * other_cpu,
            f"{other.driver}_cpu_ratio": reference_cpu / other_cpu,
            f"{other.driver}_more_cpu": other_cpu / cpu - 1,
        }
    if modality is Modality.CHART:
        bare = median(_bare([samples], rounds)[0]["cpu_s"])
        lane |= {"bare_cpu_ms": 1000 * bare, "bound_share": bare / cpu}
    stage_ms = {name: 1000 * spent for name, spent in stages(modality, samples, rounds).items()}
    return {**_rounded(lane), "stages": _rounded(stage_ms)}


@contextmanager
def _other_driver(modality: Modality, samples: list[Sample]) -> Iterator[TableRenderer | None]:
    """Tables by the driver that is not the chosen one, warm; None for other modalities."""
    if modality is not Modality.TABLE:
        yield None
        return
    (name,) = {*DRIVERS} - {TableRenderer().driver}
    with TableRenderer(driver=name) as other:
        for sample in samples:
            other.render(sample.code, sample.language).drawn()
        yield other


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {key: float(f"{value:.4g}") for key, value in figures.items()}


def _reference(sample: Sample, png: Path) -> None:
    match sample.modality:
        case Modality.CHART:
            render_fresh(sample.code, png)
        case Modality.TABLE:
            page = prepare(sample.code, sample.language, Limits()).html
            render_launch(page, png, reference_browser()[0])
        case Modality.SVG:
            render_managed(sample.code, png)


def _timed(work: Callable[[Sample], object], samples: list[Sample]) -> tuple[float, float]:
    """CPU and wall seconds a program, of this process and everything below it.

    The CPU of other processes goes by in ticks of 10 ms, so all programs run again until `LEAST_S` is over.
    """
    cpu, start, done, wall = tree_cpu(), time.perf_counter(), 0, 0.0
    while wall < LEAST_S:
        for sample in samples:
            work(sample)
        done += len(samples)
        wall = time.perf_counter() - start
    return (tree_cpu() - cpu) / done, wall / done


def _compare_cpu(samples: list[Sample], rounds: int) -> float:
    """CPU seconds to corrupt a sample and label the pair, rendering apart.

    Each round has attempts of its own and draws its references anew, so that nothing has read what is
    compared: a build sees each pair once. One sample goes before, so that all modules are loaded.
    """
    _labeled(samples[0], seed=rounds)
    found = [_labeled(sample, seed) for seed in range(rounds) for sample in samples]
    return sum(cpu for cpu, _ in found) / sum(pairs for _, pairs in found)


def _labeled(sample: Sample, seed: int) -> tuple[float, int]:
    """CPU seconds to corrupt a sample and label its pairs, and their number."""
    mix = CorruptionMix(attempts_per_sample=ATTEMPTS, identical_share=0, equivalent_share=0)
    start = time.process_time()
    made = list(attempts(sample, mix, seed))
    spent = time.process_time() - start
    renderer = held_renderer(sample.modality)
    reference = renderer.render(sample.code, sample.language)
    drawn = [renderer.render(one.code, one.language) for one in made]
    start = time.process_time()
    for one in drawn:
        if one.picture is not None:
            compare(reference.drawn(), one.drawn())
    return spent + time.process_time() - start, len(made)


def _machine_scaling(rounds: int) -> float:
    """What two processes draw against one, when nothing of ours is in the way.

    Both draw charts by plain matplotlib and know nothing of each other: less than 2 is what the
    machine's cores share.
    """
    samples = chosen(Modality.CHART, 3)
    per_s: list[float] = []
    for processes in (1, 2):
        runs = _bare([samples] * processes, 2 * rounds)
        span = max(one["end"] for one in runs) - min(one["start"] for one in runs)
        per_s.append(processes * 2 * rounds * len(samples) / span)
    return float(per_s[1] / per_s[0])


def _bare(shares: list[list[Sample]], rounds: int) -> list[dict[str, Any]]:
    """Every share drawn in a process of its own, at once: CPU seconds a program, start and end."""
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for number, samples in enumerate(shares):
            programs = Path(folder, f"{number}.json")
            programs.write_text(json.dumps([sample.code for sample in samples]))
            command = [sys.executable, "-W", "ignore", "-c", BARE, str(programs)]
            command += [str(Path(folder, f"{number}.png")), str(rounds)]
            running.append(
                subprocess.Popen(
                    command,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    cwd=folder,
                    env={**os.environ, **ONE_THREAD},
                )
            )
        outputs = [process.communicate()[0] for process in running]
        if any(process.returncode for process in running):
            raise RuntimeError("a bundled chart fails in plain matplotlib")
    return [json.loads(words.splitlines()[-1]) for words in outputs]


def _throughputs(modality: Modality, samples: list[Sample], rounds: int) -> list[float]:
    """Renders per second of one worker and of two, per round: ``[one, two, one, two, ...]``.

    Two processes, each with a warm renderer and a core of its own, live through all rounds: first
    one of them draws (now this, now that), then both do, so that a machine whose speed drifts is
    asked the same in the same seconds. A worker's tree (caller, server, child or browser) overlaps by
    a few percent, so one that roams takes up to 1.2 cores; held to one, like is compared with like.
    """
    cores = sorted(os.sched_getaffinity(0))
    turns = [
        [draws for turn in range(rounds) for draws in (turn % 2 == number, True)]
        for number in range(2)
    ]
    with worker_processes(2) as pool, get_context("spawn").Manager() as manager:
        barrier = manager.Barrier(2)
        rates_of_each = pool.map(
            _draw_in_turns,
            [modality] * 2,
            [samples] * 2,
            [barrier] * 2,
            [cores[number % len(cores)] for number in range(2)],
            turns,
        )
        return [sum(rates) for rates in zip(*rates_of_each, strict=True)]


def _draw_in_turns(
    modality: Modality, samples: list[Sample], barrier: Any, core: int, turns: list[bool]
) -> list[float]:
    """Renders per second of this worker in each turn, over whole rounds of the programs."""
    try:
        return _drawn_in_turns(modality, samples, barrier, core, turns)
    except BaseException:
        barrier.abort()  # or the other would wait for this one for ever
        raise


def _drawn_in_turns(
    modality: Modality, samples: list[Sample], barrier: Any, core: int, turns: list[bool]
) -> list[float]:
    os.sched_setaffinity(0, {core})
    renderer = held_renderer(modality)
    for sample in samples:
        renderer.render(sample.code, sample.language)
    rates = []
    for mine in turns:
        barrier.wait()
        start, drawn = time.monotonic(), 0
        while mine and time.monotonic() - start < STEADY_S:
            for sample in samples:
                renderer.render(sample.code, sample.language)
            drawn += len(samples)
        rates.append(drawn / (time.monotonic() - start) if mine else 0.0)
    barrier.wait()
    close_held()
    return rates
