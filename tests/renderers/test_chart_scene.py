"""Scenes of charts: what is seen is there, what is not seen is not, and looks are comparable."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from renderers.chart.scene.figure import extract
from renderers.scene import MAX_ELEMENTS, Element, Scene

SCRIPTS = sorted((Path(__file__).parents[3] / "shared/data/chartmimic/ori_500").glob("*.py"))


@pytest.fixture(autouse=True)
def default_look() -> Iterator[None]:
    with rc_context():
        yield


def scene_of(figure: Figure) -> Scene:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    scene = extract(figure, width_px=width, height_px=height)
    assert Scene.from_json(scene.to_json()) == scene
    return scene


def picture_of(figure: Figure) -> NDArray[np.uint8]:
    return np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]


def all_of(scene: Scene, role: str) -> list[Element]:
    return [element for element in scene.root.walk() if element.role == role]


def one_of(scene: Scene, role: str) -> Element:
    found = all_of(scene, role)
    assert len(found) == 1, [element.role for element in scene.root.walk()]
    return found[0]


def axes(**more: object) -> tuple[Figure, object]:
    figure = Figure(figsize=(4, 3), dpi=100)
    return figure, figure.add_subplot(**more)


def test_a_line_tells_its_points_and_look() -> None:
    figure, ax = axes()
    ax.plot([1, 2, 3], [4, 6, 5], "r--o", lw=2, label="A", alpha=0.5)
    line = one_of(scene_of(figure), "line")
    assert line.text == "A"
    assert line.data["x"] == [1, 2, 3]
    assert line.data["y"] == [4, 6, 5]
    assert line.style["color"] == "#ff000080"
    assert line.style["dash"] == "--"
    assert line.style["width"] == 2
    assert line.style["marker"] == "o"


@pytest.mark.parametrize("marker", ["o", "s", "^", "D", "*", "x", "+"])
def test_bare_markers_are_the_same_whichever_call_drew_them(marker: str) -> None:
    marks = []
    for scatter in (True, False):
        figure, ax = axes()
        if scatter:
            ax.scatter([1, 2], [3, 4], s=49, c="green", marker=marker, linewidths=1)
        else:
            ax.plot([1, 2], [3, 4], ls="", marker=marker, ms=7, color="green", mew=1)
        marks.append(one_of(scene_of(figure), "markers"))
    assert marks[0].style == marks[1].style
    assert marks[0].data == marks[1].data


def test_a_bar_is_the_same_whichever_call_drew_it() -> None:
    bars = []
    for call in (True, False):
        figure, ax = axes()
        ax.set(xlim=(0, 2), ylim=(0, 4))
        if call:
            ax.bar([1], [3], width=0.5, color="#336699")
        else:
            ax.add_patch(Rectangle((0.75, 0), 0.5, 3, color="#336699", lw=0))
        bars.append(one_of(scene_of(figure), "bar"))
    assert bars[0].data["span"] == bars[1].data["span"] == [0.75, 0, 1.25, 3]
    assert bars[0].style == bars[1].style


def test_boxes_lie_where_the_pixels_are() -> None:
    figure, ax = axes()
    ax.bar(["a", "b"], [1, 2], color=["#ff0000", "#0000ff"])
    ax.axis("off")
    scene = scene_of(figure)
    picture = picture_of(figure)
    for bar, color in zip(all_of(scene, "bar"), ([255, 0, 0], [0, 0, 255]), strict=True):
        assert bar.box is not None
        rows, columns = np.nonzero((picture == color).all(axis=2))
        drawn = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.allclose(bar.box, drawn, atol=1.6)


def test_the_unseen_is_not_there() -> None:
    figure, ax = axes()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.plot([0, 1], [0, 1], alpha=0)
    ax.plot([0, 1], [0, 1], visible=False)
    ax.plot([0, 1], [0, 1], lw=0)
    ax.plot([5, 6], [5, 6])
    ax.bar([0.5], [0], width=0.1)
    ax.text(0.5, 0.5, " ")
    ax.scatter([0.5], [0.5], s=0)
    ax.add_patch(Circle((0.5, 0.5), 0.1, fc="none", ec="none"))
    roles = {element.role for element in scene_of(figure).root.walk()}
    assert not roles & {"line", "bar", "text", "markers", "area"}


def test_titles_labels_ticks_and_legend_are_words_with_boxes() -> None:
    figure, ax = axes()
    ax.plot([1, 2], label="A")
    ax.plot([2, 1], label="B")
    ax.set(title="Top", xlabel="time (s)", ylabel="value", xticks=[0, 1], xticklabels=["no", "yes"])
    ax.legend(loc="lower left", title="Series")
    figure.suptitle("All")
    scene = scene_of(figure)
    assert one_of(scene, "suptitle").text == "All"
    assert one_of(scene, "title").text == "Top"
    assert [label.text for label in all_of(scene, "axis_label")] == ["time (s)", "value"]
    horizontal = next(part for part in all_of(scene, "axis") if part.data["axis"] == "x")
    assert horizontal.data["labels"] == ["no", "yes"]
    assert horizontal.data["ticks"] == [0, 1]
    legend = one_of(scene, "legend")
    assert legend.text == "Series"
    assert legend.data["location"] == "lower left"
    assert [entry.text for entry in legend.children] == ["A", "B"]
    assert all(entry.box for entry in legend.children)


def test_scale_limits_grid_and_spines() -> None:
    figure, ax = axes()
    ax.set(yscale="log", ylim=(1, 100), xlim=(5, 0), facecolor="#eeeeee")
    ax.grid(True, axis="y", ls=":")
    ax.spines["top"].set_visible(False)
    scene = scene_of(figure)
    horizontal, vertical = all_of(scene, "axis")
    assert (horizontal.data["low"], horizontal.data["high"]) == (5, 0)
    assert vertical.data["scale"] == "log"
    assert {grid.data["axis"] for grid in all_of(scene, "grid")} == {"y"}
    assert {grid.style["dash"] for grid in all_of(scene, "grid")} == {":"}
    assert {spine.data["side"] for spine in all_of(scene, "spine")} == {"left", "right", "bottom"}
    assert one_of(scene, "axes").style["face"] == "#eeeeeeff"


def test_a_box_plot_is_boxes_and_not_lines() -> None:
    for patches in (False, True):
        figure, ax = axes()
        ax.boxplot([[1, 2, 3, 4, 20], [2, 3, 4, 5, 6]], patch_artist=patches)
        scene = scene_of(figure)
        boxes = all_of(scene, "box")
        assert [box.data["median"] for box in boxes] == [3, 4]
        assert [box.data["fliers"] for box in boxes] == [[20], []]
        assert [box.data["q1"] for box in boxes] == [2, 3]
        assert not all_of(scene, "line")
        assert not all_of(scene, "markers")


def test_error_bars_are_apart_from_their_points() -> None:
    figure, ax = axes()
    ax.errorbar([1, 2], [5, 6], yerr=[0.5, 1], capsize=3, fmt="o")
    scene = scene_of(figure)
    bars = one_of(scene, "errorbars")
    assert bars.data["low"] == [4.5, 5]
    assert bars.data["high"] == [5.5, 7]
    assert bars.style["cap_size"] == 6
    assert one_of(scene, "markers").data["y"] == [5, 6]


def test_a_heat_map_is_the_same_as_image_and_as_mesh() -> None:
    values = np.arange(6.0).reshape(2, 3)
    found = []
    for image in (True, False):
        figure, ax = axes()
        if image:
            ax.imshow(values, extent=(0, 3, 0, 2), origin="lower", aspect="auto", cmap="Blues")
        else:
            ax.pcolormesh(values, cmap="Blues")
        found.append(one_of(scene_of(figure), "heatmap"))
    assert found[0].data == found[1].data
    assert found[0].style == found[1].style


def test_a_pie_tells_shares() -> None:
    figure, ax = axes()
    ax.pie([1, 3], labels=["a", "b"])
    wedges = all_of(scene_of(figure), "wedge")
    assert [wedge.data["turn"] for wedge in wedges] == [90, 270]


def test_axes_know_what_they_are_to_each_other() -> None:
    figure = Figure(figsize=(6, 4))
    left, right = figure.subplots(1, 2)
    left.plot([1, 2])
    left.twinx().plot([2, 1])
    left.inset_axes((0.1, 0.6, 0.3, 0.3)).plot([1, 2])
    figure.colorbar(right.imshow([[1, 2], [3, 4]]), ax=right)
    kinds = sorted(str(part.data["kind"]) for part in all_of(scene_of(figure), "axes"))
    assert kinds == ["colorbar", "inset", "main", "main", "twin"]


def test_space_is_told_in_three_coordinates() -> None:
    figure, ax = axes(projection="3d")
    ax.scatter([1, 2], [3, 4], [5, 6])
    ax.bar3d([1], [1], [0], 1, 1, 5)
    ax.plot_surface(*np.meshgrid(np.arange(4.0), np.arange(4.0)), np.ones((4, 4)))
    ax.set_zlabel("height")
    scene = scene_of(figure)
    assert one_of(scene, "markers").data["z"] == [5, 6]
    assert len(all_of(scene, "surface")) == 2
    assert [label.text for label in all_of(scene, "axis_label")] == ["height"]


def test_every_change_of_a_long_line_shows() -> None:
    values = np.sin(np.linspace(0, 9, 5000))
    hashes = set()
    for index in (None, 1234):
        figure, ax = axes()
        ax.set_ylim(-2, 2)
        changed = values.copy()
        if index is not None:
            changed[index] += 0.01
        ax.plot(changed)
        line = one_of(scene_of(figure), "line")
        assert line.data["count"] == 5000
        hashes.add(line.data["hash"])
    assert len(hashes) == 2


def test_missing_numbers_do_no_harm() -> None:
    figure, ax = axes()
    ax.plot([1, np.nan, 3], [np.inf, 2, 3])
    ax.plot([np.nan], [np.nan], "o")
    ax.bar([1, 2], [np.nan, 1])
    ax.scatter([1, np.nan], [1, 2])
    ax.imshow([[np.nan, 1], [2, np.nan]])
    ax.fill_between([1, 2, 3], [1, np.nan, 3])
    scene = scene_of(figure)
    assert one_of(scene, "line").data["x"] == [1, None, 3]
    assert one_of(scene, "heatmap").data["values"] == [None, 1, 2, None]


def test_hostile_figures_are_bounded() -> None:
    figure, ax = axes()
    for index in range(6000):
        ax.add_patch(Rectangle((index / 6000, 0), 0.01, 1))
    ax.add_collection(LineCollection(np.random.default_rng(0).random((50_000, 2, 2))))
    ax.scatter(*np.random.default_rng(0).random((2, 50_000)), s=1)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    start = time.process_time()
    scene = extract(figure, width_px=400, height_px=300)
    assert time.process_time() - start < 20  # a deadline, not a measure
    assert scene.truncated
    assert sum(1 for _ in scene.root.walk()) <= MAX_ELEMENTS
    Scene.from_json(scene.to_json())


@pytest.mark.shared
@pytest.mark.skipif(not SCRIPTS, reason="no real scripts at ../shared/data")
@pytest.mark.parametrize("script", SCRIPTS[4::17], ids=lambda path: path.stem)
def test_real_scripts_have_scenes(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    plt.close("all")
    monkeypatch.setattr(Figure, "savefig", lambda *args, **kwargs: None)
    try:
        exec(
            compile(script.read_text(encoding="utf-8"), script.name, "exec"),
            {"__name__": "__main__"},
        )
        scene = scene_of(plt.gcf())
    finally:
        plt.close("all")
    assert all_of(scene, "axes")
    assert not scene.truncated
    marks = {"line", "markers", "bar", "wedge", "area", "areas", "heatmap", "contour", "box",
             "surface", "arrows", "segments"}  # fmt: skip
    assert marks & {element.role for element in scene.root.walk()}


def test_a_picture_on_the_figure_is_an_element_with_its_pixels() -> None:
    figure = Figure(figsize=(4, 3), dpi=100)
    values = np.add.outer(np.arange(40), np.arange(60))
    figure.figimage(values, 20, 30, cmap="magma")
    scene = scene_of(figure)
    photo = one_of(scene, "photo")
    assert photo.style["cmap"] == "magma"
    assert photo.box == (20, 300 - 30 - 40, 80, 300 - 30)


def test_a_cropped_picture_tells_the_size_of_its_figure() -> None:
    figure = Figure(figsize=(4, 3), dpi=100)
    axes_ = figure.add_subplot()
    axes_.plot([1, 2])
    seen = []

    def extracted(*_: object) -> None:
        seen.append(extract(figure, width_px=300, height_px=200))

    axes_.add_artist(Watcher(extracted))
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    data = seen[-1].root.data
    assert (data["width_in"], data["height_in"], data["cropped"]) == (4.0, 3.0, True)
    assert "cropped" not in scene_of(figure).root.data


class Watcher(Artist):
    """Calls back while a figure is drawn."""

    def __init__(self, call: Callable[..., None]) -> None:
        super().__init__()
        self.call = call

    def draw(self, renderer: object) -> None:
        self.call(renderer)
