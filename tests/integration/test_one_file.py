"""A corruption, a source, a policy and an annotator: one file each, no second edit, and a build uses them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from endpoints.replay import ReplayAnswer, ReplayServer
from quality.format.messages import completion
from quality.read.inspect import read_dataset
from records.taxonomy import Modality

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).parents[2]
ROOMS = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["root_packages"]

CORRUPTION = '''
from corruptors.corruption import corruption
from corruptors.svg.program.svg_program import SvgProgram
from records.edits import Mutation
from records.taxonomy import SvgCategory


@corruption(SvgProgram, SvgCategory.STYLE)
def blacken_fill(svg, rng):
    """A shape is filled with black."""
    for shape in svg.shapes:
        if svg.painted(shape, "fill") and svg.value(shape, "fill") != "black":
            edit = svg.set(shape, "fill", "black")
            yield Mutation((edit,), svg.where(shape), "is filled with black")
'''
SOURCE = """
from records.taxonomy import Language, Modality
from sources.provenance import Source

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">'
    '<rect x="2" y="2" width="{}" height="9" fill="#e34234"/></svg>'
)


def files(snapshot):
    return (snapshot / "widths.txt",)


def read(snapshot, provenance):
    for width in (snapshot / "widths.txt").read_text().split():
        yield provenance.admit(ICON.format(width), Language.SVG, f"width-{width}")


SOURCE = Source("widths", "CC0-1.0", Modality.SVG, files, read)
"""
POLICY = """
[[policies]]
name = "tracer-24px"
modality = "svg"
kind = "tracer"
settings = { side_px = 24 }
"""
ANNOTATOR = """
[endpoints.eye]
base_url = "{url}"
model = "eye"

[[annotators]]
name = "eye"
endpoint = "eye"
"""
BUILD = """
name = "extended"
root = "data"
seed = 1
modalities = ["svg"]
[sources.widths]
snapshot = "snapshot"
[corruption]
include = ["blacken_fill"]
attempts_per_sample = 1
[policies]
names = ["tracer-24px"]
files = ["policies.toml"]
[annotate]
annotators = ["structural", "eye"]
files = ["annotators.toml"]
[quality]
max_reject_share = {}
[publish]
validation_share = 0
test_share = 0
"""


def test_each_is_one_file(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(HOUSE / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "widths.txt").write_text("5 6 7 8 9 10")
    with ReplayServer(lambda _: ReplayAnswer(completion(Modality.SVG, ()))) as server:
        added = {
            "corruptors/svg/blacken.py": CORRUPTION,
            "sources/widths.py": SOURCE,
            "policies.toml": POLICY,
            "annotators.toml": ANNOTATOR.format(url=server.url),
            "build.toml": BUILD,
        }
        for file, text in added.items():
            assert not (tmp_path / file).exists()
            (tmp_path / file).write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "vermillion", "build", "build.toml"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=500,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = list(read_dataset(f"{tmp_path}/data/datasets/extended"))
    assert rows and {row["task"] for row in rows} == {Modality.SVG}
    assert {row["source"] for row in rows} == {"widths"}
    assert ("blacken_fill",) in {tuple(row["corruptions"]) for row in rows}
    assert "tracer-24px" in {row["policy"] for row in rows}
    judges = {word["annotator"].split()[0] for row in rows for word in row["annotations"]}
    assert "eye" in judges and len(judges) == 2
