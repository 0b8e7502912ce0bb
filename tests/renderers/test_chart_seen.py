"""What is on the paper of a chart, and that a scene is confirmed exactly where it is drawn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from renderers.chart.seen.confirm import confirm
from renderers.chart.seen.ink import Ink
from renderers.chart.seen.verdict import Confirmed, SceneVerdict
from renderers.chart.seen.words import lines_of
from renderers.contract import Render
from renderers.scene import Element, Scene

NATURAL = Path(__file__).parents[2].parent / "shared" / "data" / "natural" / "chart"
PLAIN = """
import matplotlib.pyplot as plt
import numpy as np
fig, axes = plt.subplots(1, 3, figsize=(9, 3))
axes[0].bar(["a", "b"], [1, 2], color=["#1f77b4", "#d62728"], edgecolor="black")
axes[0].set_title("Bars of $x^2$")
axes[1].plot([1, 2, 3, 4], [1, 9, 4, 16], "o--", color="green", label="squares")
axes[1].fill_between([1, 2, 3, 4], [0, 8, 3, 15], alpha=.3)
axes[1].set_yscale("log")
axes[1].legend(title="What")
axes[2].scatter([1, 2, 3], [3, 1, 2], s=[9, 60, 90], c="purple")
axes[2].errorbar([1, 2], [2, 2], yerr=[.5, .3], fmt="none", capsize=4)
axes[2].text(2, 2, "one\\ntwo", rotation=30)
plt.savefig("a.png")
"""


@pytest.fixture(scope="module")
def plain(charts: ChartRenderer) -> Render:
    return charts.render(PLAIN, Language.PYTHON)


def looked(render: Render, change: Callable[[Element], Element | None]) -> Confirmed:
    """The verdict on a scene of which each element was changed."""
    assert render.scene is not None and render.display is not None

    def changed(element: Element) -> Element:
        children = [changed(one) for child in element.children if (one := change(child))]
        return msgspec.structs.replace(element, children=tuple(children))

    root = changed(render.scene.root)
    return confirm(render.display, msgspec.structs.replace(render.scene, root=root))


def only(role: str, **data: object) -> Callable[[Element], Element]:
    def change(element: Element) -> Element:
        if element.role != role:
            return element
        return msgspec.structs.replace(element, data=element.data | data)  # type: ignore[arg-type]

    return change


def test_what_is_drawn_as_claimed_is_confirmed(plain: Render) -> None:
    found = looked(plain, lambda element: element)
    assert found.verdict is SceneVerdict.CONFIRMED, found.reason
    assert not found.dropped and found.scene == plain.scene
    assert found.unclaimed == 0


def test_texts_are_read_from_their_glyphs(plain: Render) -> None:
    assert plain.display is not None
    said = {line.text for line in lines_of(plain.display, Ink(plain.display))}
    assert {"Bars of x2", "squares", "What", "one", "two", "a", "b"} <= said


@pytest.mark.parametrize(
    ("role", "data"),
    [
        ("bar", {"span": [0.0, 0.0, 1.0, 1.5]}),
        ("line", {"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 9.0, 5.0, 16.0]}),
        ("markers", {"x": [1.0, 2.0, 3.0], "y": [3.0, 1.5, 2.0]}),
        ("errorbars", {"low": [1.0, 1.0]}),
        ("area", {"x": [1.0], "y": [40.0]}),
    ],
)
def test_a_mark_that_claims_other_numbers_is_dropped(
    plain: Render, role: str, data: dict[str, object]
) -> None:
    found = looked(plain, only(role, **data))
    assert any(one.startswith(role) for one in found.dropped), found
    assert role not in {element.role for element in found.scene.root.walk()} or role == "bar"


def test_another_color_or_word_is_dropped(plain: Render) -> None:
    def painted(element: Element) -> Element:
        if element.role != "bar":
            return element
        return msgspec.structs.replace(element, style=element.style | {"face": "#123456ff"})

    def said(element: Element) -> Element:
        return (
            msgspec.structs.replace(element, text="Bars of $y^2$")
            if element.role == "title"
            else element
        )

    assert [one.split()[0] for one in looked(plain, painted).dropped] == ["bar", "bar"]
    assert [one.split()[0] for one in looked(plain, said).dropped] == ["title"]


def test_labels_that_are_not_at_their_values_are_dropped(plain: Render) -> None:
    found = looked(plain, only("axis", low=0.0, high=1000.0))
    assert found.verdict is SceneVerdict.NOT_DRAWN
    assert "axis" in {one.split()[0] for one in found.dropped}


def test_more_ink_than_claims_is_told(plain: Render) -> None:
    found = looked(
        plain, lambda element: None if element.role in ("bar", "axis", "text") else element
    )
    assert found.verdict is SceneVerdict.NOT_CLAIMED and found.unclaimed


def test_claims_of_any_form_have_a_verdict(plain: Render) -> None:
    odd: list[dict[str, object]] = [
        {"span": ["a", None, 1.0, 2.0], "x": "x", "y": [None]},
        {"span": [1e308, -1e308, 0.0, 0.0], "low": float("nan"), "high": "high"},
        {"labels": [None, 3.0], "label_boxes": ["a"], "ticks": True, "low": 0.0, "high": 0.0},
    ]
    for data in odd:

        def change(element: Element, data: dict[str, object] = data) -> Element:
            return msgspec.structs.replace(element, data=element.data | data)  # type: ignore[arg-type]

        assert looked(plain, change).claims > 10


def test_a_bomb_of_claims_is_not_looked_through(plain: Render) -> None:
    assert plain.display is not None and plain.scene is not None
    items = plain.display.items * 300
    bomb = msgspec.structs.replace(plain.display, items=items)
    many = Element("figure", children=(Element("line", (0.0, 0.0, 9.0, 9.0)),) * 15_000)
    scene = Scene(plain.scene.modality, plain.scene.width_px, plain.scene.height_px, many)
    assert confirm(bomb, scene).verdict is SceneVerdict.TOO_MANY


def test_honest_natural_programs_are_confirmed(charts: ChartRenderer) -> None:
    """Programs that somebody else wrote: nearly all of what they say is found on the paper."""
    files = sorted(NATURAL.glob("*.py"))[::5]
    if not files:
        pytest.skip("the natural pairs are not beside the checkout")
    lost = []
    for file in files:
        render = charts.render(file.read_text(), Language.PYTHON)
        assert render.display is not None and render.scene is not None, render.detail
        found = confirm(render.display, render.scene)
        lost += [(file.name, found.reason)] if found.verdict is not SceneVerdict.CONFIRMED else []
    assert not lost


def test_several_threads_read_words_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FOUR_THREADS], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr[-500:]


FOUR_THREADS = """
from concurrent.futures import ThreadPoolExecutor
from renderers.chart.seen.words import _extent

read = _extent.__wrapped__  # not what another thread has kept
asked = [("DejaVuSans.ttf", 0, float(size), glyph, 100.0) for size in range(5, 60) for glyph in range(36, 140)]
alone = [read(*one) for one in asked]
with ThreadPoolExecutor(4) as threads:
    print(list(threads.map(lambda one: read(*one), asked)) == alone)
"""
