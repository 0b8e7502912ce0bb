"""Hostile lists and scripts: the picture is what was painted, and no list ends the renderer."""

from __future__ import annotations

import random
import struct
import time
from collections import Counter

import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from renderers.display import DisplayError, DisplayList, decode
from sandbox.status import RenderStatus

MUTATIONS = 300
PLAIN = """
import matplotlib.pyplot as plt
import numpy as np
fig, axes = plt.subplots(2, 2, figsize=(3, 3))
axes[0, 0].plot([1, 3, 2], "o--", label="$x^2$")
axes[0, 0].legend()
axes[0, 1].scatter([1, 2, 3], [1, 2, 3], s=[9, 50, 99], c=[1, 2, 3], hatch="//")
axes[1, 0].pcolormesh(np.eye(3), shading="gouraud")
axes[1, 1].imshow(np.eye(3), alpha=.5)
axes[1, 1].pcolormesh(np.eye(3), alpha=.5)
plt.savefig("chart.png")
"""
HIDDEN = """
import sys
import matplotlib.pyplot as plt
shown, hidden = plt.figure(figsize=(3, 2)), plt.figure(figsize=(3, 2))
shown.add_subplot().plot([1, 2, 3])
hidden.add_subplot().bar([1, 2], [2, 1], color="red")
child = sys.modules["renderers.chart.child"]
"""


@pytest.fixture(scope="module")
def honest(charts: ChartRenderer) -> DisplayList:
    shown = charts.render(PLAIN, Language.PYTHON).display
    assert shown is not None
    return shown


def test_a_forged_scene_does_not_change_the_picture(charts: ChartRenderer) -> None:
    """The scene of a hidden figure; the list, and so every check against it, is the shown one's."""
    save = 'shown.savefig("chart.png")\n'
    plain = charts.render(HIDDEN + save, Language.PYTHON)
    forge = (
        "real = child.capture.extract\n"
        "hidden.canvas.draw()\n"
        "child.capture.extract = lambda figure, **size: real(hidden, **size)\n"
    )
    forged = charts.render(HIDDEN + forge + save, Language.PYTHON)
    assert forged.drawn()[0] == plain.drawn()[0]
    assert forged.display == plain.display
    assert forged.scene != plain.scene


def test_a_forged_list_is_what_is_seen(charts: ChartRenderer) -> None:
    """A script that sends another figure's list gets the picture of that figure."""
    forge = (
        "from renderers.chart import capture\n"
        "real = capture.Recorder.shown\n"
        "def shown_(recorder):\n"
        "    other = capture.Recorder(recorder.width, recorder.height, recorder.dpi, child.capture.fonts)\n"
        "    hidden.draw(other)\n"
        "    return real(other)\n"
        "capture.Recorder.shown = shown_\n"
    )
    forged = charts.render(HIDDEN + forge + 'shown.savefig("chart.png")\n', Language.PYTHON)
    wanted = charts.render(HIDDEN + 'hidden.savefig("chart.png")\n', Language.PYTHON)
    assert forged.drawn()[0] == wanted.drawn()[0]


@pytest.mark.parametrize(
    "bomb",
    [
        "dict(items=shown.items * 5000)",
        "dict(width_px=60_000, height_px=60_000)",
        "dict(fonts=(('/etc/passwd', 0),))",
        "dict(version=0)",
        "dict(numbers=bytes(2**26))",
    ],
)
def test_bombs_have_a_verdict(charts: ChartRenderer, bomb: str) -> None:
    forge = (
        "import msgspec\n"
        "from renderers.chart import capture\n"
        "real = capture.Recorder.shown\n"
        "def bomb(recorder):\n"
        "    shown = real(recorder)\n"
        f"    return msgspec.structs.replace(shown, **{bomb})\n"
        "capture.Recorder.shown = bomb\n"
    )
    lost = charts.render(HIDDEN + forge + 'shown.savefig("chart.png")\n', Language.PYTHON)
    assert lost.status in (RenderStatus.UNREADABLE_OUTPUT, RenderStatus.TOO_LARGE), lost.detail
    assert lost.detail and lost.picture is None


def test_no_mutated_list_ends_the_painter(charts: ChartRenderer, honest: DisplayList) -> None:
    """Bytes and numbers changed at random: refused, or drawn, or lost with a verdict, in time."""
    chance = random.Random(0)
    fonts, painter = charts.painter.facts["font_files"], charts.painter
    server, data = painter.launcher_pid, honest.encode()
    ends: Counter[str] = Counter()
    longest_s = 0.0
    for _ in range(MUTATIONS):
        changed = _mutated(data, chance)
        try:
            shown = decode(changed, pixels=10**6, fonts=fonts)
        except DisplayError:
            ends["refused"] += 1
            continue
        began = time.monotonic()
        outcome = painter.run(changed, timeout_s=10)
        longest_s = max(longest_s, time.monotonic() - began)
        ends[outcome.status] += 1
        if outcome.status is RenderStatus.OK:
            assert len(outcome.result) == 3 * shown.width_px * shown.height_px
    assert ends.total() == MUTATIONS
    assert ends["refused"] > 30 and ends[RenderStatus.OK] > 30, ends
    assert painter.launcher_pid == server
    assert longest_s < 30
    assert painter.run(data).status is RenderStatus.OK


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes replaced, or a few doubles by numbers that painters stumble over."""
    changed = bytearray(data)
    if chance.random() < 0.5:
        for _ in range(chance.randint(1, 3)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    doubles = [at + 1 for at in range(len(data) - 9) if data[at] == 0xCB]
    hard = (0.0, -0.0, 1e30, -1e30, 1e-300, 1e9, -1e9, 2.0**31, 0.5, 1e5, float("nan"))
    for _ in range(chance.randint(1, 3)):
        changed[(at := chance.choice(doubles)) : at + 8] = struct.pack(">d", chance.choice(hard))
    start = data.find(honest_pool(data))
    for _ in range(chance.randint(1, 8)):
        at = start + 8 * chance.randrange(len(honest_pool(data)) // 8)
        changed[at : at + 8] = struct.pack("<d", chance.choice(hard))
    return bytes(changed)


def honest_pool(data: bytes) -> bytes:
    """The bytes of the numbers in an encoded list."""
    from renderers.display import decode_own

    return decode_own(data).numbers
