"""The command doctor: what this machine can contain, draw and train."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from records.errors import RunError
from records.taxonomy import Language, Modality
from renderers.lanes import open_renderer
from renderers.sandbox.probe import LayerReport, probe
from renderers.table import TableRenderer

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
    wanted = {
        "vtracer": "offline SVG policies: pip install 'vermillion[offline-policies]'",
        "rapidocr_onnxruntime": "offline table and chart policies (Python 3.11, 3.12): "
        "pip install 'vermillion[offline-policies]'",
        "s3fs": "object stores: pip install 's3fs'",
        "vllm": "GPU policies and annotators on this machine: pip install 'vermillion[gpu]'",
        "trl": "training on this machine: pip install 'vermillion[train]'",
    }
    for package, use in wanted.items():
        there = find_spec(package) is not None
        yield LayerReport(f"package: {package}", there, "there" if there else use)
    gpu = shutil.which("nvidia-smi")
    yield LayerReport(
        "gpu", gpu is not None, gpu or "none: GPU policies, annotators and training run elsewhere"
    )
