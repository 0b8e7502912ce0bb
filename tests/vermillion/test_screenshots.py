"""The pictures of the documentation are those that `make screenshots` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vermillion.pages import screenshots

DOCS = Path(__file__).parents[2] / "docs"
OF_TRAINING = {"teach.png": "vermillion teach", "training-smoke.png": "make train-smoke"}
"""Plots, and the command that draws each."""


def test_every_picture_has_a_command_and_is_shown() -> None:
    there = {file.name for file in DOCS.glob("*.png")}
    assert there == set(screenshots.PICTURES) | set(OF_TRAINING)
    pages = [DOCS.parent / "README.md", *DOCS.rglob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in sorted(there) if f"{name})" not in text] == []


def test_the_shown_pairs_have_two_labels_or_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def row(id_: str, task: str, labels: int, origin: str = "corrupted") -> dict[str, Any]:
        return {"id": id_, "task": task, "origin": origin, "discrepancies": [{}] * labels}

    rows = [row("a", "svg", 1), row("b", "svg", 4), row("c", "svg", 2), row("d", "chart", 3)]
    rows += [row("e", "chart", 2, "sampled"), row("f", "table", 1)]
    monkeypatch.setattr(screenshots, "read_dataset", lambda *_, **__: rows)
    assert screenshots.shown_pairs(tmp_path) == ["d", "c"]


def test_a_failed_build_is_reported_with_its_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "airflow").write_text("#!/bin/sh\necho broken\nexit 1\n")
    (tmp_path / "scripts" / "airflow").chmod(0o755)
    monkeypatch.setattr(screenshots, "HOUSE", tmp_path)
    with pytest.raises(screenshots.RunError, match=r"build_pairs failed; its log is .*build\.log"):
        screenshots.built(tmp_path / "work", {}, lambda line: None)
    assert (tmp_path / "work" / "build.log").read_text() == "broken\n"
