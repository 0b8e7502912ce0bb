"""The bench tells where CPU goes, and every stage is one that work was done in."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading

import psutil
import pytest

from bench import processes
from bench import render as bench
from bench.stages import stages
from records.errors import RendererUnavailable
from records.taxonomy import Modality
from sandbox import syscalls
from sources import bundled


@pytest.mark.parametrize(
    ("modality", "wanted"),
    [
        (Modality.CHART, {"wrap", "script", "record", "scene", "pack", "read"}),
        (Modality.SVG, {"guard", "draw", "scene", "read", "encode"}),
    ],
)
def test_stages_of_a_lane(modality: Modality, wanted: set[str]) -> None:
    spent = stages(modality, bundled.samples(modality)[:1], 1)
    assert {name for name, cpu_s in spent.items() if cpu_s > 0} >= wanted
    assert spent["record" if modality is Modality.CHART else "draw"] > spent["read"]


def test_the_machines_scaling_is_taken_from_the_whole_span(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(shares: list[list[object]], rounds: int) -> list[dict[str, float]]:
        # The second process starts later and ends later: both together take 12 s, one alone 10 s.
        return [{"start": at * 2.0, "end": 10 + at * 2.0} for at in range(len(shares))]

    monkeypatch.setattr(bench, "_bare", bare)
    assert bench._machine_scaling(1) == pytest.approx(2 * 10 / 12)


def test_plain_matplotlib_tells_its_cpu_and_when_it_worked() -> None:
    [told] = bench._bare([bundled.samples(Modality.CHART)[:1]], 2)
    assert len(told["cpu_s"]) == 2 and min(told["cpu_s"]) > 0
    assert told["start"] < told["end"]


def is_subreaper() -> bool:
    found = ctypes.c_int()
    syscalls.prctl(processes.PR_GET_CHILD_SUBREAPER, ctypes.addressof(found))
    return bool(found.value)


def test_orphans_come_to_the_bench_and_to_nobody_after_it() -> None:
    parting = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0)"
    before = is_subreaper()
    with subprocess.Popen(["sleep", "600"], stdout=subprocess.PIPE) as other:
        with processes.orphans_come_here():
            assert is_subreaper()
            ours = {child.pid for child in psutil.Process().children()}
            read, write = os.pipe()
            subprocess.run([sys.executable, "-c", parting], stdin=read, check=True)
            [orphan] = [one for one in psutil.Process().children() if one.pid not in ours]
            os.close(write)
            os.close(read)
            # It is reaped here, and the process that a `Popen` waits for is not.
            os.waitid(os.P_PID, orphan.pid, os.WEXITED | os.WNOWAIT)
        assert not psutil.pid_exists(orphan.pid)
        other.kill()
    assert is_subreaper() == before


def test_a_worker_that_fails_does_not_leave_the_other_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    barrier = threading.Barrier(2)

    def fails(*_: object) -> None:
        raise RendererUnavailable("no sandbox here")

    monkeypatch.setattr(bench, "held_renderer", fails)
    cores = os.sched_getaffinity(0)
    try:
        with pytest.raises(RendererUnavailable):
            bench._draw_in_turns(Modality.SVG, [], barrier, min(cores), [True])
    finally:
        os.sched_setaffinity(0, cores)
    with pytest.raises(threading.BrokenBarrierError):
        barrier.wait()
