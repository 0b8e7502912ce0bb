"""The parts of the chart reader on pictures that are drawn here, without the optical reader."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from policies.offline.chart.marks import find_marks, interior
from policies.offline.chart.panels import Panel, find_panels
from policies.offline.chart.pies import find_pies
from policies.offline.chart.scales import fit, number, read_scale
from policies.offline.chart.script import ScriptStyle, script_of
from policies.offline.chart.shapes import Bars, Curve, Dots, FilledArea
from policies.offline.chart.view import read_chart
from policies.offline.ocr import OcrWord


def drawn(draw: Callable[[Figure], Any], size: tuple[float, float] = (6, 4)) -> tuple[Any, Any]:
    """Pixels of a figure, and its texts as words where they are."""
    figure = Figure(figsize=size, dpi=100)
    canvas = FigureCanvasAgg(figure)
    draw(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    words = []
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_visible() and text.get_text():
            box = text.get_window_extent()
            upright = text.get_rotation() == 90
            shown = box.width > 0 and 0 <= box.x0 < pixels.shape[1]
            height = pixels.shape[0]
            if shown and 0 <= box.y0 < height:
                words.append(
                    OcrWord(
                        text.get_text(), box.x0, height - box.y1, box.x1, height - box.y0, upright
                    )
                )
    return pixels, words


def box_of(figure: Figure, at: int = 0) -> tuple[float, ...]:
    box = figure.axes[at].get_window_extent()
    height = figure.bbox.height
    return box.x0, height - box.y1, box.x1, height - box.y0


@pytest.mark.parametrize("missing", [(), ("top", "right"), ("top", "right", "left")])
@pytest.mark.parametrize("ground", ["white", "#eaeaf2"])
def test_a_panel_is_found_whatever_spines_it_has(missing: tuple[str, ...], ground: str) -> None:
    kept: list[Figure] = []

    def draw(figure: Figure) -> None:
        kept.append(figure)
        axes = figure.add_subplot()
        axes.set_facecolor(ground)
        axes.bar([1, 2, 3, 4], [3, 5, 2, 4], color="#dd8452", width=0.5)
        for side in missing:
            axes.spines[side].set_visible(False)
        if "left" in missing:
            axes.grid(axis="y", color="#cccccc")
            axes.set_axisbelow(True)

    pixels, words = drawn(draw)
    [panel] = find_panels(pixels, words)
    expected = np.array(box_of(kept[0]))
    found = np.array([panel.left, panel.top, panel.right, panel.bottom])
    off = np.abs(found - expected)
    # Without walls the panel's own top and left can only be guessed from what is drawn.
    assert off[[2, 3]].max() <= 12
    assert off[[0, 1]].max() <= (12 if "top" not in missing or ground != "white" else 40)


def test_panels_of_a_grid_are_told_apart() -> None:
    def draw(figure: Figure) -> None:
        for axes in figure.subplots(2, 2).flat:
            axes.plot([0, 1, 2], [1, 3, 2])

    pixels, words = drawn(draw, (8, 6))
    panels = find_panels(pixels, words)
    assert len(panels) == 4
    assert panels[0].right < panels[1].left and panels[0].bottom < panels[2].top


@pytest.mark.parametrize(
    ("text", "value"),
    [("−1.5", -1.5), ("1,200", 1200.0), ("40%", 40.0), ("1e-3", 0.001), ("O.5", 0.5), ("Q3", None)],
)
def test_numbers_of_ticks(text: str, value: float | None) -> None:
    assert number(text) == value


def test_a_fit_bears_a_misread_tick() -> None:
    points = [(0.0, 0.0), (50.0, 10.0), (100.0, 20.0), (150.0, 80.0), (200.0, 40.0)]
    slope, offset, agreed = fit(points)
    assert (round(slope, 6), round(offset, 6), agreed) == (0.2, 0.0, 4)


def ticks(*pairs: tuple[float, str]) -> list[tuple[float, OcrWord]]:
    return [(at, OcrWord(text, at - 5, 0, at + 5, 12)) for at, text in pairs]


def test_scales_are_linear_logarithmic_or_named() -> None:
    linear = read_scale(ticks((0, "0"), (100, "50"), (200, "100")), 0, 200)
    assert linear.read and not linear.log and round(linear.value(150)) == 75
    log = read_scale(ticks((0, "1"), (100, "10"), (200, "100")), 0, 200)
    assert log.log and round(log.value(150), 1) == 31.6
    # Exponents come from the reader as further digits.
    powers = read_scale(ticks((0, "100"), (100, "101"), (200, "102")), 0, 200)
    assert powers.log and round(powers.value(100)) == 10
    named = read_scale(ticks((50, "Oak"), (150, "Pine")), 0, 200)
    assert named.named and round(named.value(150), 6) == 1
    upside = read_scale(ticks((200, "0"), (0, "10")), 200, 0)
    assert round(upside.value(100), 6) == 5


def marks_of(draw: Callable[[Any], Any]) -> tuple[list[Any], Figure]:
    kept: list[Figure] = []

    def whole(figure: Figure) -> None:
        kept.append(figure)
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.set(xlim=(0, 10), ylim=(0, 10))
        draw(axes)

    pixels, _ = drawn(whole)
    left, top, right, bottom = (round(edge) for edge in box_of(kept[0]))
    inside = interior(pixels, Panel(left, top, right, bottom), ())
    return find_marks(inside, 8, 40, named_x=False), kept[0]


def in_data(figure: Figure, x: float, y: float) -> tuple[float, float]:
    axes = figure.axes[0]
    at = axes.transData.inverted().transform((x, figure.bbox.height - y))
    return float(at[0]), float(at[1])


def test_a_line_keeps_its_corners() -> None:
    marks, figure = marks_of(lambda axes: axes.plot([1, 4, 6, 9], [2, 8, 3, 5], color="#c02020"))
    [curve] = marks
    assert isinstance(curve, Curve) and curve.dashes == "-" and not curve.marker_px
    assert curve.color == "#c02020" and 1 < curve.width_px < 4
    found = [in_data(figure, *point) for point in curve.points]
    for x, y in ((1, 2), (4, 8), (6, 3), (9, 5)):
        assert min(np.hypot(x - fx, y - fy) for fx, fy in found) < 0.25


def test_markers_on_a_line_are_its_points() -> None:
    marks, figure = marks_of(
        lambda axes: axes.plot([1, 3, 5, 7, 9], [2, 4, 3, 6, 5], marker="o", color="#2060c0")
    )
    [curve] = marks
    assert isinstance(curve, Curve) and 4 < curve.marker_px < 12
    found = [in_data(figure, *point) for point in curve.points]
    assert np.allclose(found, [(1, 2), (3, 4), (5, 3), (7, 6), (9, 5)], atol=0.15)


def test_dashes_dots_bars_and_areas() -> None:
    def draw(axes: Any) -> None:
        axes.plot([0.5, 9.5], [9.2, 8.8], "--", color="#20a040", linewidth=2)
        axes.scatter([1, 2, 3, 4, 5], [7, 6, 7.5, 6.5, 7], s=50, color="#c02020")
        axes.bar([1, 2, 3], [2, 4, 3], width=0.6, color="#2060c0")
        axes.fill_between([5, 7, 9.5], [1, 1, 1], [2.5, 4, 3], color="#f0a020")

    marks, figure = marks_of(draw)
    found = {type(mark): mark for mark in marks}
    assert set(found) == {Curve, Dots, Bars, FilledArea}
    assert found[Curve].dashes == "--"
    assert len(found[Dots].points) == 5
    tops = sorted(in_data(figure, box[0], box[1])[1] for box in found[Bars].boxes)
    assert found[Bars].upright and np.allclose(tops, [2, 3, 4], atol=0.1)


def test_lying_bars_and_histograms() -> None:
    marks, _ = marks_of(lambda axes: axes.barh([1, 4, 7], [3, 8, 5], height=1, color="#2060c0"))
    assert [type(mark) for mark in marks] == [Bars] and not marks[0].upright
    heights = [2.0, 5.0, 7.0, 4.0]
    marks, figure = marks_of(lambda axes: axes.bar([2, 3, 4, 5], heights, width=1, color="#2060c0"))
    assert [type(mark) for mark in marks] == [Bars]
    tops = [in_data(figure, box[0], box[1])[1] for box in marks[0].boxes]
    assert np.allclose(tops, heights, atol=0.1)


def test_a_grid_is_no_series() -> None:
    def draw(axes: Any) -> None:
        axes.grid(color="#dddddd")
        axes.plot([1, 9], [2, 8], color="#c02020")

    marks, _ = marks_of(draw)
    assert [mark.color for mark in marks] == ["#c02020"]


def test_a_pie_is_read_by_its_angles() -> None:
    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.pie([50, 30, 20], labels=["Wind", "Sun", "Coal"], autopct="%1.0f%%")
        axes.set_title("Sources")

    pixels, words = drawn(draw)
    [pie] = find_pies(pixels, words, [])
    shares = dict(zip(pie.labels, pie.shares, strict=True))
    assert {name: round(100 * share) for name, share in shares.items()} == pytest.approx(
        {"Wind": 50, "Sun": 30, "Coal": 20}, abs=1
    )
    assert pie.decimals == 0 and pie.hole == 0
    assert pie.title is not None and pie.title.text == "Sources"


def test_a_legend_names_its_series_by_color() -> None:
    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.plot([0, 1, 2, 3], [1, 2, 1.5, 3], color="#c02020", label="red team")
        axes.plot([0, 1, 2, 3], [3, 2.6, 2, 1], color="#2060c0", label="blue team")
        axes.legend(loc="upper center")
        axes.set(title="Scores", xlabel="round", ylabel="points")
        axes.set(xticks=[0, 1, 2, 3], yticks=[1, 2, 3])

    pixels, words = drawn(draw)
    chart = read_chart(pixels, words, colors=8, points=40, legend=True)
    code = script_of(chart, ScriptStyle(3, "measured", notes=True, looks=True))
    lines = code.splitlines()
    assert any("#c02020" in line and "label='red team'" in line for line in lines)
    assert any("#2060c0" in line and "label='blue team'" in line for line in lines)
    assert any("legend(loc='upper center'" in line for line in lines)
    assert "set_title('Scores'" in code and "set_ylabel('points'" in code
    compile(code, "script", "exec")


def test_a_dark_style_keeps_its_grounds() -> None:
    def draw(figure: Figure) -> None:
        figure.set_facecolor("#101010")
        axes = figure.add_subplot()
        axes.set_facecolor("#101010")
        axes.tick_params(colors="white")
        axes.spines[:].set_color("white")
        axes.plot([0, 1, 2], [1, 3, 2], color="#ffdd00")

    pixels, words = drawn(draw)
    code = script_of(
        read_chart(pixels, words, colors=8, points=40, legend=True),
        ScriptStyle(3, "measured", notes=True, looks=True),
    )
    assert "fig.patch.set_facecolor('#101010')" in code and "'#ffdd00'" in code


def test_a_picture_without_panel_or_pie_has_no_script() -> None:
    blank = np.full((200, 300, 3), 255, np.uint8)
    chart = read_chart(blank, [], colors=8, points=40, legend=True)
    with pytest.raises(ValueError, match="neither panel nor pie"):
        script_of(chart, ScriptStyle(3, "measured", notes=True, looks=True))


def test_scripts_draw_what_was_read() -> None:
    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.bar(["a1", "b2", "c3"], [4, 9, 6], color="#55a868")

    pixels, words = drawn(draw)
    chart = read_chart(pixels, words, colors=8, points=40, legend=True)
    code = script_of(chart, ScriptStyle(3, "measured", notes=True, looks=True))
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    try:
        exec(compile(code.replace("plt.show()", ""), "script", "exec"), {})  # our own text
        with io.BytesIO() as memory:
            plt.gcf().savefig(memory)
            again = np.asarray(Image.open(memory).convert("RGB")).astype(int)
    finally:
        plt.close("all")
    assert again.shape == pixels.shape
    assert (np.abs(again - pixels).max(axis=2) > 60).mean() < 0.03
