"""Small charts to compare, drawn in this process."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import rc_context
from numpy.typing import NDArray
from PIL import Image

from annotators.structural.chart.compare import differences
from annotators.structural.pixels import PixelDifference, pixel_difference
from records.rows import Discrepancy
from renderers.chart.scene.figure import extract
from renderers.scene import Scene


def draw(code: str) -> tuple[NDArray[np.uint8], Scene]:
    """Picture and scene of code that draws with ``plt`` and ``np``; ``ax`` and ``fig`` are there."""
    plt.switch_backend("agg")
    plt.close("all")
    with rc_context({"savefig.directory": ""}):
        space: dict[str, object] = {"plt": plt, "np": np, "__name__": "__main__"}
        if "subplots" not in code and "figure(" not in code:
            space["fig"], space["ax"] = plt.subplots(figsize=(5, 4), layout="tight")
        exec(code, space)
        figure = plt.gcf()
        figure.canvas.draw()
        picture = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()  # type: ignore[attr-defined]
        scene = extract(figure, width_px=picture.shape[1], height_px=picture.shape[0])
    plt.close("all")
    return picture, scene


def png(picture: NDArray[np.uint8]) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "png", compress_level=1)
    return data.getvalue()


def compared(before: str, after: str) -> tuple[list[Discrepancy], PixelDifference]:
    (picture, scene), (other_picture, other_scene) = draw(before), draw(after)
    pixels = pixel_difference(png(picture), png(other_picture))
    return differences(scene, other_scene, pixels), pixels


def told_once(before: str, old: str, new: str, category: str, location: str, words: str) -> None:
    """Check that one edit has one label, of a category, that names its place and what is wrong."""
    assert old in before, old
    found, _ = compared(before, before.replace(old, new))
    assert [one.category for one in found] == [category], found
    assert location in found[0].location, found[0].location
    assert words in found[0].description, found[0].description


BARS = """
bars = ax.bar(["Q1", "Q2", "Q3", "Q4"], [12, 18, 25.5, 9], color="steelblue", label="Sales")
for bar in bars:
    ax.text(bar.get_x() + 0.4, bar.get_height() + 0.3, f"{bar.get_height():g}", ha="center")
ax.set_title("Quarterly sales")
ax.set_xlabel("Quarter")
ax.set_ylabel("Sales (M$)")
ax.legend(loc="upper right")
"""

LINES = """
x = [1, 2, 3, 4, 5]
ax.plot(x, [1, 4, 2, 5, 3], label="A", color="tab:blue")
ax.plot(x, [2, 3, 5, 1, 4], label="B", color="tab:red", ls="--", marker="s")
ax.plot(x, [5, 1, 4, 2, 2], label="C")
ax.set(title="Growth", xlabel="week", ylabel="size", ylim=(0, 6))
ax.legend(loc="upper right")
"""

GROUPS = """
x = np.arange(3)
ax.bar(x - 0.2, [3, 5, 4], 0.4, label="old", color="gray")
ax.bar(x + 0.2, [4, 2, 6], 0.4, label="new", color="teal")
ax.set_xticks(x, ["a", "b", "c"])
ax.legend()
"""

PIE = """
ax.pie([45, 25, 20, 10], labels=["Rent", "Food", "Travel", "Other"], autopct="%1.1f%%")
ax.set_title("Budget")
"""

PANELS = """
fig, axs = plt.subplots(2, 2, figsize=(6, 5))
for panel, name in zip(axs.flat, "wxyz"):
    panel.plot([1, 2, 3], [ord(name), 3, ord(name) * 2])
    panel.set_title(name)
"""

HEAT = """
image = ax.imshow([[1, 2, 3], [4, 5, 6]], cmap="viridis")
fig.colorbar(image)
"""

BOXES = """
ax.boxplot([[1, 2, 3, 4, 5], [2, 4, 6, 8, 9], [3, 3, 4, 5, 7]])
ax.set_xticklabels(["u", "v", "w"])
"""

ERRORS = """
ax.bar(["a", "b", "c"], [3, 5, 4], yerr=[0.5, 0.4, 0.6], capsize=4)
"""
