"""Hostile plotting scripts: each gets its verdict, and the next render is that of a clean run.

A script in `escape/python` says what it tries in its docstring and which verdicts are right in a
comment. Where it gets through, it draws its loot, and so is ``ok``.
"""

from __future__ import annotations

import dataclasses
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from sandbox.status import Limits

ATTACKS = sorted((Path(__file__).parent / "escape" / "python").glob("*.py"))
SECRET = "what only the caller knows"
MARKER = "a marker of the job before"
LEFT_BEHIND = ("/tmp/vermillion-was-here", f"{sysconfig.get_path('purelib')}/loot.pth")
"""What attacks would leave on the machine, by the names that they use."""
LIMITS = Limits(timeout_s=60, memory_mb=384, disk_mb=8)
ENDLESS_S = 4
"""Deadline of those that never end; a busy machine must not be the reason of any other verdict."""
PLAIN = f"""
import random
import matplotlib.pyplot as plt
import numpy as np

job = {{"{MARKER}": 1}}
plt.plot(np.random.rand(5), label=f"{{random.random():.6f}}")
plt.legend()
plt.savefig("chart.png", bbox_inches="tight")
"""


@pytest.fixture(scope="module")
def renderer() -> Iterator[ChartRenderer]:
    os.environ["VERMILLION_TEST_SECRET"] = SECRET
    try:
        with ChartRenderer(LIMITS) as charts:
            yield charts
    finally:
        del os.environ["VERMILLION_TEST_SECRET"]


@pytest.fixture(scope="module")
def clean_hash() -> str:
    """The plain chart, drawn by a renderer that never saw anything else."""
    with ChartRenderer(Limits(timeout_s=30)) as fresh:
        return fresh.render(PLAIN, Language.PYTHON).drawn()[0].pixel_hash


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_attack_gets_its_verdict_and_leaves_nothing(
    attack: Path, renderer: ChartRenderer, clean_hash: str
) -> None:
    code = attack.read_text()
    verdicts = code.partition("# verdict: ")[2].partition("\n")[0].split()
    assert verdicts, "the script does not say which verdict is right"
    servers = _processes(renderer)

    deadline_s = ENDLESS_S if "timeout" in verdicts else LIMITS.timeout_s
    renderer.server.limits = dataclasses.replace(LIMITS, timeout_s=deadline_s)
    hostile = renderer.render(code, Language.PYTHON)
    renderer.server.limits = LIMITS

    assert hostile.status in verdicts, f"{hostile.status}: {hostile.detail}"
    assert hostile.detail or hostile.status == "ok"
    assert SECRET not in hostile.detail and len(hostile.detail) <= 2000
    assert _processes(renderer) == servers
    assert not [path for path in LEFT_BEHIND if Path(path).exists()]
    after = renderer.render(PLAIN, Language.PYTHON)
    assert after.drawn()[0].pixel_hash == clean_hash


def test_the_matrix_is_there() -> None:
    assert len(ATTACKS) >= 60


def _processes(renderer: ChartRenderer) -> set[int]:
    (launcher,) = [
        child for child in psutil.Process().children() if child.pid == renderer.server.launcher_pid
    ]
    return {launcher.pid, *(child.pid for child in launcher.children(recursive=True))}
