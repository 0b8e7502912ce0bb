"""Runs the readers in a sandboxed fork: takes a picture, returns HTML or a plotting script."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

import msgspec

from policies.offline import ocr
from policies.offline.chart.script import ScriptStyle, script_of
from policies.offline.chart.view import read_chart
from policies.offline.table import rules as table_rules
from policies.offline.table import slanet as table_model
from policies.offline.table.cells import fill
from policies.offline.table.html import html_of
from policies.offline.weaken import weakened
from sandbox.status import RenderStatus
from sandbox.verdict import Refused


class ReadTable(msgspec.Struct, frozen=True, tag="table"):
    """One table to read; see `policies.settings.TableReaderSettings`."""

    png: bytes
    structure: str
    scale: float
    jpeg_quality: int
    spaces: float
    seed: int
    styles: bool
    slanet: str = ""
    """Path of SLANet's model, where it is asked for."""


class ReadChart(msgspec.Struct, frozen=True, tag="chart"):
    """One chart to read; see `policies.settings.ChartReaderSettings`."""

    png: bytes
    scale: float
    jpeg_quality: int
    spaces: float
    seed: int
    points: int
    colours: int
    digits: int
    layout: str
    legend: bool
    notes: bool
    looks: bool


SLANET = Path(sys.prefix) / "share" / "vermillion" / "slanet.onnx"
"""Where `scripts/fetch-slanet` stores the model, which no current package includes."""
ENCODER = msgspec.msgpack.Encoder()
_JOBS = msgspec.msgpack.Decoder(ReadTable | ReadChart)


def warm() -> None:
    """Load the models by reading a picture with nothing in it."""
    before = dict(os.environ)
    ocr.warm()
    table_model.warm("")
    if SLANET.is_file():
        table_model.warm(str(SLANET))
    # OpenCV writes its folders into the environment, which children must not see.
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def run(job: bytes, scratch: Path | None = None) -> bytes:
    """Read one picture.

    Raises:
        Refused: there is nothing in it that the reader understands.
    """
    task = _JOBS.decode(job)
    picture, _ = weakened(task.png, task.scale, task.jpeg_quality)
    words = ocr.words_in(picture, spaces=task.spaces, rng=Random(task.seed))
    code = (
        _table(task, picture, words)
        if isinstance(task, ReadTable)
        else _chart(task, picture, words)
    )
    return code.encode("utf-8", "replace")


def _table(task: ReadTable, picture: ocr.Pixels, words: list[ocr.OcrWord]) -> str:
    if task.structure in ("slanet", "slanet-plus"):
        cells = table_model.cells_of(picture, task.slanet)
    else:
        cells = table_rules.cells_of(picture, words, rules=task.structure == "rules")
    if not cells or not words:
        raise Refused(RenderStatus.BLANK, f"{len(words)} words and {len(cells)} cells")
    fill(cells, words)
    return html_of(picture, cells, styles=task.styles)


def _chart(task: ReadChart, picture: ocr.Pixels, words: list[ocr.OcrWord]) -> str:
    chart = read_chart(picture, words, colors=task.colours, points=task.points, legend=task.legend)
    if not chart.views and not chart.pies:
        raise Refused(RenderStatus.BLANK, f"{len(words)} words, and neither panel nor pie")
    return script_of(chart, ScriptStyle(task.digits, task.layout, task.notes, task.looks))
