"""The command doctor: what this machine can contain, draw and train."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from records.errors import RunError
from records.taxonomy import Language, Modality
from renderers.registry import open_renderer
from renderers.table.renderer import TableRenderer
from sandbox.probe import LayerReport, probe
from train.grpo.run import VERL_PYTHON
from train.jobs.serving import VLLM_PYTHON
from vermillion.airflow.training_plan import PYTHON

PROGRAMS = {
    Modality.CHART: (
        Language.PYTHON,
        "import matplotlib.pyplot as plt\nplt.bar([1, 2], [3, 4])\nplt.title('a')",
    ),
    Modality.TABLE: (Language.HTML, "<table><tr><td>1</td><td>$x^2$</td></tr></table>"),
    Modality.SVG: (
        Language.SVG,
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>',
    ),
}


def report(as_json: bool, out: Console) -> bool:
    """Print each layer and tool; True if everything that is required works."""
    found = [*probe(), *_renderers(), *_tools()]
    fine = all(layer.effective for layer in found if layer.required)
    if as_json:
        out.print_json(json.dumps({"ok": fine, "layers": [asdict(layer) for layer in found]}))
        return fine
    table = Table("", "what", "detail", box=None)
    for layer in found:
        mark = (
            "[green]ok[/green]"
            if layer.effective
            else "[red]no[/red]"
            if layer.required
            else "[yellow]-[/yellow]"
        )
        table.add_row(mark, layer.name, escape(layer.detail))
    out.print(table)
    if not fine:
        out.print(
            "[red]Hostile code is not run on this machine until the lines marked no are mended.[/red]"
        )
    return fine


def _renderers() -> Iterator[LayerReport]:
    """Each renderer draws one small program."""
    for modality, (language, code) in PROGRAMS.items():
        try:
            with open_renderer(modality) as renderer:
                made = renderer.render(code, language)
                settings = ", ".join(
                    f"{k} {v}"
                    for k, v in sorted(renderer.contract.settings.items())
                    if "version" in k or k in ("matplotlib", "chromium", "cairosvg")
                )
                detail = f"contract {renderer.contract.hash} {settings}"
                if isinstance(renderer, TableRenderer):
                    yield from (
                        LayerReport(f"browser: {name}", there, "")
                        for name, there in renderer.layers.items()
                    )
                yield LayerReport(
                    f"renders: {modality}",
                    made.picture is not None,
                    made.detail or detail,
                    required=True,
                )
        except RunError as error:
            yield LayerReport(f"renders: {modality}", False, str(error), required=True)


def _tools() -> Iterator[LayerReport]:
    """What is only needed for a part of the work."""
    readers = "readers of tables and charts (Python 3.11, 3.12)"
    for package, use, extra in (
        ("vtracer", "tracers of icons", "offline-policies"),
        ("rapid_table", readers, "offline-policies"),
        ("rapidocr_onnxruntime", readers, "offline-policies"),
        ("resvg_py", "second opinion on icons, render.cross_check", "cross-check"),
        ("s3fs", "object stores", "s3"),
    ):
        there = find_spec(package) is not None
        way_out = f"{use}: pip install -e '.[{extra}]' in the checkout"
        yield LayerReport(f"package: {package}", there, use if there else way_out)
    for name, use in (
        (PYTHON, "SFT and small GRPO runs"),
        (VLLM_PYTHON, "model servers that runs start"),
        (VERL_PYTHON, "GRPO by veRL"),
    ):
        python = os.environ.get(name, "")
        there = Path(python).is_file()
        state = f"{python} is no file" if python else "not set"
        way_out = f"{state}; needed for {use} (docs/training.md, Environments)"
        yield LayerReport(name, there, python if there else way_out)
    yield _gpus()


def _gpus() -> LayerReport:
    command = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except FileNotFoundError:
        return LayerReport(
            "gpu", False, "none: GPU policies, annotators and training run elsewhere"
        )
    except (subprocess.SubprocessError, OSError) as error:
        return LayerReport("gpu", False, f"nvidia-smi is there and fails: {error}")
    return LayerReport("gpu", True, "; ".join(told.splitlines()))
