"""The golden files themselves: how they compare, and that nothing but a person rewrites them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from golden import recorded


def test_no_machine_rewrites_golden_files() -> None:
    """A build server that sets the switch would make every one of these tests pass."""
    assert not (os.environ.get("CI") and recorded.updating())


def test_a_changed_line_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recorded, "FILES", tmp_path)
    monkeypatch.setenv(recorded.SWITCH, "1")
    recorded.check("a.json", recorded.lines_of({"x": 1, "y": [[1], [2]]}))
    monkeypatch.delenv(recorded.SWITCH)
    recorded.check("a.json", recorded.lines_of({"y": [[1], [2]], "x": 1}))
    with pytest.raises(pytest.fail.Exception, match=r"\+   \[3\]"):
        recorded.check("a.json", recorded.lines_of({"x": 1, "y": [[1], [3]]}))


def test_a_missing_file_is_no_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recorded, "FILES", tmp_path)
    monkeypatch.delenv(recorded.SWITCH, raising=False)
    with pytest.raises(pytest.fail.Exception, match="no golden file"):
        recorded.check("never-written.json", "{}")


def test_lines_are_json() -> None:
    text = recorded.lines_of({"b": [], "a": [["é", None]], "c": "ok"}, contract="1")
    assert json.loads(text) == {
        "contract": "1",
        "entries": {"a": [["é", None]], "b": [], "c": "ok"},
    }
