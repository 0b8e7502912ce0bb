"""The command `doctor`: tests what this machine can isolate, draw and train."""

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

from records.config import load
from records.errors import RunError
from records.taxonomy import Language, Modality
from renderers.registry import open_renderer
from renderers.table.browser.messages import LAYERS as BROWSER_LAYERS
from renderers.table.cross_check import firefox_report
from renderers.table.renderer import TableRenderer
from sandbox.probe import LayerReport, probe
from train.grpo.run import VERL_PYTHON
from train.jobs.serving import VLLM_PYTHON
from vermillion.airflow.training_plan import PYTHON

HOLDS = ("stops: ", "renders: ")
"""Prefixes of the lines that must be ok for hostile programs to run."""

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


def report(file: Path | None, as_json: bool, out: Console) -> bool:
    """Print one line per layer and tool; True if everything required works.

    Args:
        file: Configuration of a build: then all that it needs is tried too, and what it does not
            need is left out. None tries what the machine offers.
        as_json: Print JSON.
        out: Where to print.

    Raises:
        ConfigError: the configuration is no legal one.
    """
    if file is None:
        found = [*probe(), *_renderers(tuple(Modality)), *_tools()]
    else:
        from vermillion.cli.requirements import requirements_of

        config = load(file)
        found = [*requirements_of(config), *probe(), *_renderers(config.modalities)]
    fine = all(layer.effective for layer in found if layer.required)
    if as_json:
        out.print_json(json.dumps({"ok": fine, "layers": [asdict(layer) for layer in found]}))
        return fine
    width = max(len(layer.name) for layer in found)
    for layer in found:
        mark = (
            "[green]ok[/green]"
            if layer.effective
            else "[red]no[/red]"
            if layer.required
            else "[yellow]- [/yellow]"
        )
        line = f"{mark}  {escape(layer.name):<{width}}  {escape(layer.detail)}".rstrip()
        out.print(line, highlight=False, soft_wrap=True)
    if any(not layer.effective for layer in found if layer.name.startswith(HOLDS)):
        out.print(
            "[red]Hostile code is not run on this machine until the lines marked no are mended.[/red]"
        )
    if file is not None:
        missing = sum(layer.required and not layer.effective for layer in found)
        out.print(
            f"this build has all it needs; next: vermillion build {escape(str(file))}"
            if fine
            else f"[red]{missing} of {len(found)} lines say no: this build would fail or lose rows[/red]",
            highlight=False,
            soft_wrap=True,
        )
    return fine


def _renderers(modalities: tuple[Modality, ...]) -> Iterator[LayerReport]:
    """Each renderer draws one small program."""
    for modality in modalities:
        language, code = PROGRAMS[modality]
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
                        LayerReport(f"browser: {name}", there, "" if there else why_not)
                        for name, why_not in BROWSER_LAYERS.items()
                        for there in (renderer.layers.get(name, False),)
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
    """Optional tools."""
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
    yield firefox_report(required=False)
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
        found_gpus = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except FileNotFoundError:
        return LayerReport(
            "gpu", False, "none: GPU policies, annotators and training run elsewhere"
        )
    except (subprocess.SubprocessError, OSError) as error:
        return LayerReport("gpu", False, f"nvidia-smi is there and fails: {error}")
    return LayerReport("gpu", True, "; ".join(found_gpus.splitlines()))
