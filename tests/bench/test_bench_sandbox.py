"""The bench of the sandbox: each layer is left out once, and costs are those of whole process trees."""

from __future__ import annotations

import pytest

from bench import sandbox
from sandbox.layers import LAYERS


def test_each_layer_is_left_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "ROUNDS", 1)
    monkeypatch.setattr(sandbox, "JOBS", 20)
    found = sandbox.measure()
    assert next(iter(found)) == "all layers" and len(found) == len(LAYERS) + 2
    # A server loads an interpreter; a job only forks it.
    assert all(told["start_ms"] > 10 * told["job_ms"] for told in found.values())
    assert all(told["job_ms"] > 0 for told in found.values())
