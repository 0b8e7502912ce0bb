"""`vermillion audit --annotator NAME` for a model: what it prints, writes, and asks only once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from endpoints.replay import ReplayAnswer, ReplayServer
from quality.format.messages import completion
from records.errors import ConfigError
from records.taxonomy import Modality
from vermillion.cli.audit import AuditRequest
from vermillion.cli.audit_lvlm import audit_model
from vermillion.cli.main import app

ORDER = AuditRequest(annotator="eye", modalities=(Modality.SVG,), limit=7, per_sample=3)


def definition(folder: Path, url: str) -> str:
    file = folder / "eye.toml"
    file.write_text(
        f'[[annotators]]\nname = "eye"\n[annotators.endpoint]\nbase_url = "{url}"\nmodel = "m"\n'
        "prompt_price = 10.0\ncompletion_price = 50.0\n"
    )
    return str(file)


def test_a_blind_model_is_told_in_figures_and_asked_once(tmp_path: Path) -> None:
    out = Console(file=io.StringIO(), width=200)
    with ReplayServer(lambda asked: ReplayAnswer(completion(Modality.SVG, []))) as server:
        files = [definition(tmp_path, server.url)]
        missed = audit_model(ORDER, files, False, str(tmp_path / "audit"), out, out)
        asked = len(server.asked)
        assert asked > 30
        command = ["audit", "--annotator", "eye", "--annotators", files[0], "--modality", "svg"]
        more = [
            "--limit",
            "7",
            "--per-sample",
            "3",
            "--out",
            str(tmp_path / "audit"),
            "--json",
            "--check",
        ]
        again = CliRunner().invoke(app, [*command, *more])
        assert len(server.asked) == asked
    assert again.exit_code == 1
    assert len(missed) == 1 and "svg: recall 0.000" in missed[0]
    told = json.loads((tmp_path / "audit" / "report.json").read_text())
    assert told == json.loads(again.stdout[: again.stdout.rindex("}") + 1])
    assert set(told["categories"]) <= {
        f"svg/{name}_error" for name in ("structure", "shape", "style", "text_symbol")
    }
    for one in told["categories"].values():
        assert (one["recall"], one["precision"]) == (0.0, None)
    assert told["missed_bounds"] == missed
    assert (tmp_path / "audit" / "eye.png").stat().st_size > 10_000
    printed = out.file.getvalue()
    assert "recall 0.000" in printed and "cost of 1,000 pairs: 2.000, 120.000 tokens" in printed


def test_an_unknown_annotator_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    out = Console(file=io.StringIO())
    order = AuditRequest(annotator="qwen3-vl-32", modalities=(Modality.SVG,), limit=1)
    with pytest.raises(ConfigError, match="did you mean 'qwen3-vl-32b'"):
        audit_model(order, [], False, str(tmp_path), out, out)
