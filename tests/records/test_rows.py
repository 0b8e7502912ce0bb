"""Records hold what can be written, whatever was said."""

from __future__ import annotations

from pathlib import Path

from tests_support import SHARD_SCHEMA

from records.rows import Reject
from records.shards import read_rejects, run_shard


def test_a_reject_can_be_written_whatever_a_program_said(tmp_path: Path) -> None:
    lost = Reject(
        stage="render", reason="code_crashed", item_id="a\udfff", detail="E: \ud800 \u2028"
    )
    output = str(tmp_path / "x.parquet")
    assert run_shard("made", [], output, SHARD_SCHEMA, "s", lambda: [lost]).rejects == {
        "code_crashed": 1
    }
    [found] = read_rejects(output)
    assert found == lost
    assert (found.item_id, found.detail) == ("a\\udfff", "E: \\ud800 \u2028")
