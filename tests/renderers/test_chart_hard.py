"""Kinds of charts that matplotlib's own gallery holds and a sandbox or a scene may stumble over."""

from __future__ import annotations

import pytest

from records.taxonomy import Language
from renderers.chart.message import most_bytes, pack_job, unpack_drawn
from renderers.chart.renderer import ChartRenderer
from sandbox.fork_server import ForkServer
from sandbox.status import Limits, RenderStatus

HEAD = """
import matplotlib.pyplot as plt
import numpy as np
figure, axes = plt.subplots(figsize=(3, 2))
x, y = np.random.default_rng(1).random((2, 30))
"""
TRIANGLES = HEAD + "axes.tricontourf(x, y, x + y); axes.triplot(x, y)"
HARD = {
    "triangles": TRIANGLES,
    "triangles in space": HEAD + "plt.subplot(projection='3d').plot_trisurf(x, y, x * y)",
    "alpha a pixel": HEAD + "axes.imshow(np.outer(x, y), alpha=np.outer(y, x))",
    "alpha a pixel of a photo": HEAD + "axes.imshow(np.ones((9, 9, 3)) / 2, alpha=np.eye(9) / 2)",
    "a round spine": HEAD
    + """
from matplotlib.spines import Spine
axes.spines["round"] = axes.add_artist(Spine.circular_spine(axes, (0.5, 0.5), 0.4))
axes.plot([0, 1])
""",
    "steps of one color": HEAD + "axes.stackplot([1, 2, 3], [[1, 2, 3]], baseline='wiggle')",
}


@pytest.mark.parametrize("code", HARD.values(), ids=HARD)
def test_hard_charts_are_drawn(charts: ChartRenderer, code: str) -> None:
    render = charts.render(code, Language.PYTHON)
    assert render.status is RenderStatus.OK, render.detail


@pytest.mark.parametrize("without", ["namespaces", "landlock"])
def test_a_library_may_write_to_nowhere(charts: ChartRenderer, without: str) -> None:
    limits = Limits(timeout_s=60)
    server = ForkServer(
        "renderers.chart.child",
        limits,
        result_bytes=most_bytes(),
        without=[without],
    )
    with server:
        outcome = server.run(pack_job(TRIANGLES, limits.pixels))
    assert outcome.status is RenderStatus.OK, outcome.detail
    fonts = charts.painter.facts["font_files"]
    _, shown, _ = unpack_drawn(outcome.result, limits.pixels, fonts)
    assert shown == charts.render(TRIANGLES, Language.PYTHON).display


def test_a_figure_that_nobody_sees_is_no_picture_and_says_so(charts: ChartRenderer) -> None:
    code = (
        "from matplotlib.figure import Figure\nfigure = Figure()\nfigure.subplots().plot([1, 2])\n"
    )
    lost = charts.render(code, Language.PYTHON)
    assert lost.status is RenderStatus.CODE_CRASHED
    assert "or made without pyplot, and never saved" in lost.detail
    seen = charts.render(code + "figure.savefig('chart.png')", Language.PYTHON)
    assert seen.status is RenderStatus.OK
    nothing = charts.render("print('no chart')", Language.PYTHON)
    assert nothing.detail == "the script ends without a figure"
