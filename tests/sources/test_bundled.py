"""The bundled samples: enough of each modality, read by the readers of the real sources."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import cairosvg
import lxml.html
import pytest
from PIL import Image

from corruptors.corruption import parsed
from corruptors.registry import corruptions
from records.errors import ConfigError
from records.rows import Sample
from records.taxonomy import Language, Modality
from sources import bundled


def test_each_modality_is_there_and_nothing_is_reserved() -> None:
    samples = bundled.samples()
    assert Counter(sample.modality for sample in samples).keys() == set(Modality)
    assert {sample.source for sample in samples} == {"bundled"}
    assert {sample.licence for sample in samples} == {"Apache-2.0"}
    assert {sample.reserved for sample in samples} == {""}
    assert len({sample.id for sample in samples}) == len(samples)
    assert len({sample.upstream_id for sample in samples}) == len(samples)


def test_samples_of_one_modality() -> None:
    tables = bundled.samples(Modality.TABLE)
    assert {sample.language for sample in tables} == {Language.HTML, Language.MARKDOWN}


def test_a_layout_that_is_not_bundled_is_named() -> None:
    with pytest.raises(ConfigError, match="chartmimic, omnidocbench"):
        bundled.snapshot("vc-rewardbench")


CHART_TYPES = {
    "3d",
    "CB",
    "HR",
    "PIP",
    "area",
    "bar",
    "box",
    "contour",
    "density",
    "errorbar",
    "errorpoint",
    "graph",
    "heatmap",
    "hist",
    "line",
    "multidiff",
    "pie",
    "quiver",
    "radar",
    "scatter",
    "tree",
    "violin",
}


def test_there_is_enough_of_each_and_it_is_small() -> None:
    counts = Counter(sample.modality for sample in bundled.samples())
    assert counts[Modality.CHART] >= 40
    assert counts[Modality.TABLE] >= 25
    assert counts[Modality.SVG] >= 40
    assert sum(path.stat().st_size for path in bundled.files(bundled.DATA)) < 600_000


def test_all_chart_types_are_there() -> None:
    assert {sample.kind for sample in bundled.samples(Modality.CHART)} == CHART_TYPES


@pytest.mark.parametrize("sample", bundled.samples(Modality.CHART), ids=lambda s: s.upstream_id)
def test_a_chart_saves_under_its_own_name_and_needs_no_luck(sample: Sample) -> None:
    stem = Path(sample.upstream_id).stem
    calls = [
        node
        for node in ast.walk(ast.parse(sample.code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    saved = [ast.unparse(call) for call in calls if call.func.attr == "savefig"]  # type: ignore[attr-defined]
    assert saved == [f"plt.savefig('{stem}.pdf', bbox_inches='tight')"]
    names = {ast.unparse(call.func) for call in calls}
    if any(name.startswith("np.random.") for name in names):
        assert names & {"np.random.seed", "np.random.RandomState", "np.random.default_rng"}
        seeded = [ast.unparse(c) for c in calls if ast.unparse(c.func).startswith("np.random.")]
        assert not {"np.random.RandomState()", "np.random.default_rng()"} & set(seeded)


RUN_ALL = """
import io, json, sys, traceback, warnings
import matplotlib
matplotlib.use("Agg")
import matplotlib.figure, matplotlib.font_manager, matplotlib.pyplot as plt
from PIL import Image
from sources import bundled
from records.taxonomy import Modality

ours = {"Arial": "Liberation Sans", "Times New Roman": "Liberation Serif"}
save = matplotlib.figure.Figure.savefig
for sample in bundled.samples(Modality.CHART):
    plt.close("all")
    matplotlib.rcdefaults()
    png = io.BytesIO()
    matplotlib.figure.Figure.savefig = lambda self, name, **kw: save(self, png, format="png", dpi=50)
    code = sample.code
    for name, metric_twin in ours.items():
        code = code.replace(f'"{name}"', f'"{metric_twin}"')
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(code, sample.upstream_id, "exec"), {"__name__": "__main__"})
            image = Image.open(png).convert("L")
            shades = len(image.getcolors(256))
            problem = "" if shades > 10 else f"{shades} shades"
        except Exception:
            problem = traceback.format_exc()
    said = [str(warning.message) for warning in caught]
    if problem or said:
        print(sample.upstream_id, problem, said)
"""


@pytest.mark.slow
def test_every_chart_runs_without_a_warning() -> None:
    # A process of its own: scripts change settings of matplotlib that other tests rely on.
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("sample", bundled.samples(Modality.SVG), ids=lambda s: s.upstream_id)
def test_an_icon_is_drawn(sample: Sample) -> None:
    png = cairosvg.svg2png(
        sample.code.encode(), output_width=84, output_height=84, background_color="white"
    )
    colors = Image.open(io.BytesIO(png)).convert("RGB").getcolors(84 * 84)
    assert colors is not None
    white = sum(count for count, color in colors if color == (255, 255, 255))
    assert white < 0.95 * 84 * 84


def test_icons_use_what_icons_use() -> None:
    text = "".join(sample.code for sample in bundled.samples(Modality.SVG))
    for feature in (
        "<linearGradient", "<radialGradient", "<g ", "transform=", "<text", "stroke=", "<mask",
        "<clipPath", "stroke-dasharray", "<use", "<symbol", "opacity=", "<style>", "style=",
    ):  # fmt: skip
        assert feature in text, feature


@pytest.mark.parametrize(
    "sample",
    [s for s in bundled.samples(Modality.TABLE) if s.language is Language.HTML],
    ids=lambda s: s.upstream_id,
)
def test_the_rows_of_a_table_are_equally_long(sample: Sample) -> None:
    rows = lxml.html.fromstring(sample.code).iter("tr")
    taken: set[tuple[int, int]] = set()
    height = width = 0
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (y, x) in taken:
                x += 1
            spans = range(int(cell.get("rowspan", 1))), range(int(cell.get("colspan", 1)))
            for down in spans[0]:
                for across in spans[1]:
                    assert (y + down, x + across) not in taken, "spans overlap"
                    taken.add((y + down, x + across))
            width = max(width, x + len(spans[1]))
        height = y + 1
    assert len(taken) == height * width
    assert max(y for y, _ in taken) == height - 1, "no span reaches below the table"
    assert len(taken) >= 20


def test_tables_use_what_tables_use() -> None:
    text = "".join(sample.code for sample in bundled.samples(Modality.TABLE))
    for feature in ("colspan", "rowspan", "<th", "<thead", "<sup>", "<sub>", "$\\", "合计", "|:-"):
        assert feature in text, feature


@pytest.mark.parametrize("modality", Modality)
def test_every_corruption_has_a_bundled_sample_to_show_it_on(modality: Modality) -> None:
    samples = bundled.samples(modality)
    shown = {
        item.name
        for item in corruptions(modality)
        if any(
            next(iter(item.propose(parsed(item.program, sample.code), Random(0))), None)
            for sample in samples
        )
    }
    missing = [item.name for item in corruptions(modality) if item.name not in shown]
    assert missing == [], "add a sample under sources/bundled/data that they apply to"
