"""A mistake of ours in a comparison costs one pair, and nobody can take it for the pair's fault."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from annotators import stage, structural
from annotators.audit.figures import missed_bounds
from annotators.audit.injected import audit
from records.config import parse
from records.pairs import Pair, Reference
from records.rows import COMPARISON_BUG, Attempt, Identical, Reject
from records.taxonomy import Modality
from renderers.contract import Picture, Render
from renderers.scene import Element, Scene, SceneError
from renderers.stage import painted_fields
from sandbox.status import RenderStatus
from sources.bundled import samples
from vermillion.cli.build_table import print_build
from vermillion.pipeline.local import Built


def png_of(image: Image.Image) -> bytes:
    with io.BytesIO() as memory:
        image.save(memory, "PNG")
        return memory.getvalue()


SAMPLE = samples(Modality.SVG)[0]
ATTEMPT = Attempt.of(SAMPLE, SAMPLE.code, Identical())
PICTURE = Picture(png_of(Image.new("RGB", (1, 1))), 1, 1, "")
SCENE = Scene(Modality.SVG, 1, 1, Element("svg"))


def fails(error: Exception) -> Any:
    def comparison(*_: object) -> structural.Comparison:
        raise error

    return comparison


def rejected(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Reject:
    drawn = {**painted_fields(PICTURE, "contract"), "scene": SCENE.to_json()}
    references = [Reference(**dict(SAMPLE), **drawn)]
    monkeypatch.setattr(stage, "read_records", lambda *_: references)
    monkeypatch.setattr(structural, "compare", fails(error))
    pair = Pair(**dict(ATTEMPT), **drawn)
    (found,) = stage._Comparisons("references", proven=True)([(0, pair)])
    assert isinstance(found, Reject)
    return found


def test_a_bug_is_a_reject_with_its_traceback_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = rejected(monkeypatch, KeyError("moved"))
    assert found.reason == COMPARISON_BUG
    assert "test_bugs.py" in found.detail and "KeyError: 'moved'" in found.detail
    (said,) = caplog.records
    assert said.levelno == logging.ERROR and ATTEMPT.id in said.getMessage() and said.exc_info


def test_a_scene_that_cannot_be_read_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert rejected(monkeypatch, SceneError("no map")).reason == "unreadable_scene"
    assert not caplog.records


def test_an_audit_counts_bugs_and_misses_its_bound() -> None:
    drawn = Render(RenderStatus.OK, "contract", picture=PICTURE, scene=SCENE)
    found = audit([SAMPLE], lambda *_: drawn, fails(KeyError("moved")), 2)
    assert found.attempts[COMPARISON_BUG] >= 2
    assert any("by a bug of ours" in line for line in missed_bounds(found))


def test_a_build_with_bugs_ends_by_asking_to_report_them() -> None:
    config = parse({"name": "bugs", "sources": {"bundled": {}}}, "test")
    built = Built({"splits": {}, "rows": 0, "skipped": False, "path": "data"})
    for bugs, asked in ((0, False), (2, True)):
        built.rejects["annotate", COMPARISON_BUG] = bugs
        said = Console(file=io.StringIO(), width=200)
        print_build(built, config, said)
        last = said.file.getvalue().splitlines()[-1]  # type: ignore[attr-defined]
        assert ("2 pairs were lost to a bug" in last and "report it" in last) is asked
