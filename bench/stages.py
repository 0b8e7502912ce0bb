"""Measures the CPU time of a render by step: fork, isolation, script, recording, scene, transfer,
painting, encoding."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict

import psutil

from records.pictures import png_of
from records.rows import Sample
from records.taxonomy import Modality
from renderers.chart.message import pack_job, unpack_drawn
from renderers.chart.renderer import PNG_LEVEL, SMALL_OBJECTS_MB, ChartRenderer
from renderers.registry import close_held, held_renderer
from renderers.svg.canvas import SIDE_PX
from renderers.svg.child import ENCODER, REPLIES, IconJob
from renderers.svg.renderer import PNG_LEVEL as ICON_LEVEL
from renderers.svg.renderer import SvgRenderer
from sandbox.fork_server import ForkServer
from sandbox.session import SessionServer
from sandbox.status import Limits

_RESULT_BYTES = 2**16


def stages(modality: Modality, samples: list[Sample], rounds: int) -> dict[str, float]:
    """Stage -> CPU seconds a render, in the order in which they happen."""
    match modality:
        case Modality.CHART:
            return _chart(samples, rounds)
        case Modality.SVG:
            return _svg(samples, rounds)
        case Modality.TABLE:
            return _processes(samples, rounds)


def _chart(samples: list[Sample], rounds: int) -> dict[str, float]:
    limits = Limits()
    jobs = [pack_job(sample.code, limits.pixels) for sample in samples] * rounds
    spent: defaultdict[str, float] = defaultdict(float)
    server = ForkServer(
        "bench.stages_chart",
        limits,
        result_bytes=_RESULT_BYTES,
        small_objects_mb=SMALL_OBJECTS_MB,
    )
    with server:
        forking = psutil.Process(server.launcher_pid).children()[0]
        before = sum(forking.cpu_times()[:2])
        for job in jobs:
            outcome = server.run(job)
            times = json.loads(outcome.result)
            spent["wrap"] += times["wrapped"]
            spent["record"] += times["drawn"] - times["scene"]
            spent["scene"] += times["scene"]
            spent["pack"] += times["pack"]
            spent["script"] += times["done"] - times["wrapped"] - times["drawn"] - times["pack"]
            spent["leave"] += outcome.cpu_s - times["done"]
        spent["fork"] = sum(forking.cpu_times()[:2]) - before
    with ChartRenderer(limits) as renderer:
        for job in jobs:
            start = time.process_time()
            result = renderer.server.run(job).result
            carried = time.process_time()
            listed, _, scene = unpack_drawn(
                result, limits.pixels, renderer.painter.facts["font_files"]
            )
            read = time.process_time()
            painting = _tree_cpu(renderer.painter.launcher_pid)
            asked = time.process_time()
            rgb = renderer.painter.run(listed).result
            painted = time.process_time()
            spent["paint"] += _tree_cpu(renderer.painter.launcher_pid) - painting
            encoding = time.process_time()
            png_of(rgb, scene.width_px, scene.height_px, PNG_LEVEL)
            spent["transfer"] += carried - start + painted - asked
            spent["read"] += read - carried
            spent["encode"] += time.process_time() - encoding
    order = "fork wrap script record scene pack leave transfer read paint encode"
    return {name: spent[name] / len(jobs) for name in order.split()}


def _tree_cpu(pid: int | None) -> float:
    """CPU seconds of a process and of all below it, those that ended included."""
    top = psutil.Process(pid)
    return sum(sum(process.cpu_times()[:4]) for process in (top, *top.children(recursive=True)))


def _svg(samples: list[Sample], rounds: int) -> dict[str, float]:
    limits = Limits()
    jobs = [
        ENCODER.encode(IconJob(sample.code, limits.code_chars, limits.nodes)) for sample in samples
    ] * rounds
    spent: defaultdict[str, float] = defaultdict(float)
    server = SessionServer("bench.stages_svg", limits, result_bytes=_RESULT_BYTES)
    with server:
        for job in jobs:
            for name, cpu_s in json.loads(server.run(job).result).items():
                spent[name] += cpu_s
    with SvgRenderer(limits) as renderer:
        for job in jobs:
            start = time.process_time()
            result = renderer.server.run(job).result
            carried = time.process_time()
            reply = REPLIES.decode(result)
            read = time.process_time()
            png_of(reply.rgb, SIDE_PX, SIDE_PX, ICON_LEVEL)
            spent["transfer"] += carried - start
            spent["read"] += read - carried
            spent["encode"] += time.process_time() - read
    order = "guard draw scene transfer read encode"
    return {name: spent[name] / len(jobs) for name in order.split()}


def _processes(samples: list[Sample], rounds: int) -> dict[str, float]:
    """By process, if stages cannot be measured from outside: this one, and each below by its name."""
    renderer = held_renderer(samples[0].modality)
    try:
        for sample in samples:
            renderer.render(sample.code, sample.language)
        before = _by_process()
        for sample in samples * rounds:
            renderer.render(sample.code, sample.language)
        spent = _by_process()
    finally:
        close_held()
    count = len(samples) * rounds
    mean_s = {name: (cpu - before[name]) / count for name, cpu in spent.items()}
    return {name: cpu for name, cpu in mean_s.items() if cpu > 0}


def _by_process() -> defaultdict[str, float]:
    me = psutil.Process()
    spent: defaultdict[str, float] = defaultdict(float)
    for process in (me, *me.children(recursive=True)):
        try:
            own = sum(process.cpu_times()[:2])
            name = "caller" if process.pid == os.getpid() else process.name()
        except psutil.NoSuchProcess:
            continue
        spent[name] += own
    return spent
