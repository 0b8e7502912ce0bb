"""The read-speed benchmark measures every row of a split, whichever way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.read_speed import main
from tests.train.test_policy_data import published
from tests.train.test_sft import row


def test_each_way_reads_every_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = published(tmp_path / "set", train=[row("a"), row("b"), row("c")])
    assert main([dataset, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["row_groups"]) == (3, 2)
    for way in ("in_order", "in_order_decoded", "random_groups_decoded"):
        assert found[way]["rows_per_s"] > 0
    assert main([dataset, "--split", "test"]) == 2
    assert "no test split" in capsys.readouterr().err
