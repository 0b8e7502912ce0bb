"""Readers look at the picture: what they write follows what is drawn, and falls with the pixels."""

from __future__ import annotations

import ast
import io
import os
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import numpy as np
import pytest
from PIL import Image, ImageDraw

from policies.offline import BUILTIN, reader
from policies.offline import reader_child as reader_target
from policies.run import attempt
from policies.settings import ChartReaderSettings, TableReaderSettings
from records.errors import ConfigError, PolicyReplyError
from records.rows import Attempt, Reject, Sample, Sampled
from records.taxonomy import Language, Modality
from renderers.chart.renderer import ChartRenderer
from renderers.contract import Picture, pixel_hash
from renderers.table.renderer import TableRenderer
from sandbox.status import Limits
from sources.bundled import samples

for package in ("rapidocr_onnxruntime", "rapid_table"):
    pytest.importorskip(package, reason=f"{package}, of the extra offline-policies, is not there")

BARS = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(6, 4))
ax.bar(['North', 'South', 'East'], [30, 12, 45], width=0.6, color='#1f77b4')
ax.set_title('Annual rainfall')
ax.set_ylim(0, 50)
"""
TABLE = """<table>
<tr><th>Fruit</th><th>Price</th><th>Stock</th></tr>
<tr><td>Apple</td><td>1.25</td><td>340</td></tr>
<tr><td>Orange</td><td>2.75</td><td>18</td></tr>
<tr><td colspan="2">Total number</td><td>358</td></tr>
</table>"""


ROWS = [
    [("Fruit", 1), ("Price", 1), ("Stock", 1)],
    [("Apple", 1), ("1.25", 1), ("340", 1)],
    [("Orange", 1), ("2.75", 1), ("18", 1)],
]


@pytest.fixture(scope="module")
def charts() -> Iterator[ChartRenderer]:
    with ChartRenderer(Limits()) as renderer:
        yield renderer


@pytest.fixture(scope="module")
def bars(charts: ChartRenderer) -> Picture:
    return charts.render(BARS).drawn()[0]


@pytest.fixture(scope="module")
def table() -> Picture:
    with TableRenderer(Limits()) as renderer:
        return renderer.render(TABLE, Language.HTML).drawn()[0]


def sample_of(modality: Modality) -> Sample:
    return samples(modality)[0]


def cells(html: str) -> list[list[tuple[str, int]]]:
    """Text and span of each cell, row by row."""
    tree = lxml.html.fragment_fromstring(html, create_parent=True)
    return [
        [("".join(cell.itertext()), int(cell.get("colspan", 1))) for cell in row.iter("td", "th")]
        for row in tree.iter("tr")
    ]


@pytest.mark.chromium
def test_a_table_is_read_with_its_spans(table: Picture) -> None:
    found = cells(reader.read(table.png, TableReaderSettings(structure="rules", spaces=1), seed=1))
    assert found == [*ROWS, [("Total number", 2), ("358", 1)]]


@pytest.mark.chromium
def test_a_model_finds_the_same_rows(table: Picture) -> None:
    settings = TableReaderSettings(structure="slanet-plus", spaces=1)
    found = cells(reader.read(table.png, settings, seed=1))
    assert found[:3] == ROWS
    # A span of two short cells is within what SLANet+ overlooks.
    assert [text for text, _ in found[3] if text] == ["Total number", "358"]


@pytest.mark.chromium
def test_a_table_of_words_alone_is_read_worse(table: Picture) -> None:
    settings = TableReaderSettings(structure="words", spaces=0, styles=False)
    found = cells(reader.read(table.png, settings, seed=1))
    assert len(found) == 4
    # One wide text hides where columns part.
    assert [text for text, _ in found[0]] == ["Fruit Price", "Stock"]


@pytest.mark.chromium
@pytest.mark.skipif(not reader_target.SLANET.is_file(), reason="scripts/fetch-slanet was not run")
def test_slanet_reads_the_same_table(table: Picture) -> None:
    found = cells(reader.read(table.png, BUILTIN["table-slanet"].settings, seed=1))  # type: ignore[arg-type]
    assert [len(row) for row in found] == [3, 3, 3, 2]


def test_without_slanets_model_its_script_is_named(
    bars: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "SLANET", Path("/nowhere/slanet.onnx"))
    with pytest.raises(ConfigError, match="scripts/fetch-slanet"):
        reader.read(bars.png, TableReaderSettings(structure="slanet"), 0)


def test_bars_are_read_from_the_axis(charts: ChartRenderer, bars: Picture) -> None:
    code = reader.read(bars.png, ChartReaderSettings(jitter=0), seed=1)
    assert "'North', 'South', 'East'" in code and "'Annual rainfall'" in code
    assert charts.render(code).picture is not None
    assert np.allclose(_heights(code), [12, 30, 45], atol=0.6)


def _heights(code: str) -> list[float]:
    """The second argument of the one call of `bar`."""
    [call] = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "bar"
    ]
    return sorted(ast.literal_eval(call.args[1]))


def test_it_reads_the_picture_and_not_the_sample(charts: ChartRenderer, bars: Picture) -> None:
    other = charts.render(BARS.replace("[30, 12, 45]", "[8, 40, 21]")).drawn()[0]
    codes = [reader.read(png, ChartReaderSettings(jitter=0), 1) for png in (bars.png, other.png)]
    assert np.allclose(_heights(codes[1]), [8, 21, 40], atol=0.6)
    assert not np.allclose(_heights(codes[0]), _heights(codes[1]), atol=2)


def test_an_attempt_names_its_policy_and_repeats(bars: Picture) -> None:
    sample = sample_of(Modality.CHART)
    weak = BUILTIN["chart-reader-weak"]
    made = [attempt(weak, sample, bars, seed=seed) for seed in (5, 5, 6)]
    assert all(isinstance(one, Attempt) for one in made)
    assert made[0].origin == Sampled(  # type: ignore[union-attr]
        policy=weak.name, prompt_hash=weak.settings_hash, seed=5
    )
    assert made[0].code == made[1].code  # type: ignore[union-attr]
    assert "fig.tight_layout()" in made[0].code  # type: ignore[union-attr]


def test_an_empty_picture_is_nothing_read() -> None:
    made = attempt(BUILTIN["chart-reader"], sample_of(Modality.CHART), _blank(), seed=0)
    assert isinstance(made, Reject)
    assert (made.stage, made.reason) == ("attempt", "nothing_read")
    assert made.policy == "chart-reader"
    assert made.detail.startswith("0 words")


def test_a_picture_that_is_none_costs_one_attempt() -> None:
    broken = Picture(b"\x89PNG\r\n\x1a\nnothing", 90, 60, "0" * 32)
    made = attempt(BUILTIN["table-rules"], sample_of(Modality.TABLE), broken, seed=0)
    assert isinstance(made, Reject)
    assert made.reason == "reader_code_crashed"


def test_without_the_packages_the_extra_is_named(
    bars: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="offline-policies"):
        reader.read(bars.png, ChartReaderSettings(), 0)


def _blank() -> Picture:
    image = Image.new("RGB", (300, 200), "white")
    with io.BytesIO() as memory:
        image.save(memory, "PNG")
        return Picture(memory.getvalue(), 300, 200, pixel_hash(image.tobytes(), 300, 200))


def test_children_see_nothing_of_opencvs_environment() -> None:
    before = dict(os.environ)
    reader_target.warm()
    assert dict(os.environ) == before


def test_a_weakened_picture_keeps_its_size_and_loses_detail() -> None:
    from policies.offline.weaken import weakened

    image = Image.new("RGB", (200, 100), "white")
    pen = ImageDraw.Draw(image)
    for x in range(0, 200, 4):
        pen.line((x, 0, x, 99), fill="black")
    with io.BytesIO() as memory:
        image.save(memory, "PNG")
        png = memory.getvalue()
    sharp, size = weakened(png, 1.0, 0)
    soft, _ = weakened(png, 0.3, 0)
    blocky, _ = weakened(png, 1.0, 10)
    assert size == (200, 100) and sharp.shape == soft.shape == blocky.shape == (100, 200, 3)
    assert np.array_equal(sharp, np.asarray(image))
    assert soft.std() < 0.5 * sharp.std()
    assert np.abs(blocky.astype(int) - sharp).max() > 20


def test_what_cannot_be_read_raises_with_a_reason() -> None:
    with pytest.raises(PolicyReplyError, match="nothing_read"):
        reader.read(_blank().png, TableReaderSettings(structure="words"), 0)
