"""Two attempts at one reference are ranked by the exact reward, in the columns that TRL's DPO reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.taxonomy import Language
from renderers.contract import Render
from renderers.registry import held_renderer
from tests.train.test_structural_reward import HONEST_ICON, ICON, SVG
from train.preferences import Written, main, write_preferences
from train.reward.structural import Measured, ScoredReference

EMPTY = SVG.format('<circle cx="12" cy="12" r="1"/>')


def dataset(folder: Path, *candidates: str, reserved: str = "") -> str:
    picture = held_renderer(Language.SVG.modality).render(ICON, Language.SVG).drawn()[0]
    rows: list[dict[str, Any]] = [
        {
            "task": "svg",
            "sample_id": "one",
            "images": [{"bytes": picture.png, "path": None}] * 2,
            "reserved": reserved,
            "reference_code": ICON,
            "candidate_code": code,
            "candidate_language": "svg",
        }
        for code in candidates
    ]
    (folder / "train").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "train" / "part-00000.parquet")
    return str(folder)


def test_the_better_attempt_is_chosen(tmp_path: Path) -> None:
    out = tmp_path / "preferences.parquet"
    given = dataset(tmp_path / "set", EMPTY, ICON, HONEST_ICON, HONEST_ICON)
    assert write_preferences(given, out) == Written(pairs=3, not_drawn=0)
    rows = pq.read_table(out).to_pylist()
    assert [row["margin"] for row in rows] == sorted((row["margin"] for row in rows), reverse=True)
    best = rows[0]
    assert "#204a87" in best["chosen"][0]["content"] and 'r="1"' in best["rejected"][0]["content"]
    for row in rows:
        # The contract of TRL's vision DPO: conversations without picture tags, and the pictures beside them.
        assert [turn["role"] for turn in (*row["prompt"], *row["chosen"], *row["rejected"])] == [
            *("user", "assistant", "assistant")
        ]
        assert "<image>" not in row["prompt"][0]["content"] and len(row["images"]) == 1
        assert row["margin"] == round(row["chosen_reward"] - row["rejected_reward"], 4) >= 0.1


def test_an_attempt_whose_comparison_fails_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    against = ScoredReference.against

    def failing(self: ScoredReference, candidate: Render) -> Measured:
        measured = against(self, candidate)
        if measured.reward < 1.9 and not failed:
            failed.append(measured)
            raise ValueError("max() arg is an empty sequence")
        return measured

    failed: list[Measured] = []
    monkeypatch.setattr(ScoredReference, "against", failing)
    out = tmp_path / "preferences.parquet"
    assert write_preferences(dataset(tmp_path / "set", EMPTY, ICON, HONEST_ICON), out).pairs == 1
    [row] = pq.read_table(out).to_pylist()
    assert failed and 'r="1"' not in row["rejected"][0]["content"]
    assert "please report it" in caplog.text


def test_nothing_to_prefer_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = dataset(tmp_path / "set", HONEST_ICON, HONEST_ICON)
    assert main(["--dataset", given, "--out", str(tmp_path / "p.parquet")]) == 2
    assert "lower --margin" in capsys.readouterr().err
    assert not list(tmp_path.glob("p.parquet*"))
    assert main(["--dataset", given, "--out", str(tmp_path / "p.parquet"), "--margin", "0"]) == 2
    assert "two equal rewards prefer nothing" in capsys.readouterr().err


def test_references_that_are_not_drawn_are_counted(tmp_path: Path) -> None:
    given = dataset(tmp_path / "set", EMPTY, ICON)
    rows = pq.read_table(tmp_path / "set/train/part-00000.parquet").to_pylist()
    broken = [{**row, "sample_id": "two", "reference_code": "<svg>"} for row in rows]
    pq.write_table(
        pa.Table.from_pylist([*broken, *rows]), tmp_path / "set/train/part-00000.parquet"
    )
    out = tmp_path / "p.parquet"
    assert write_preferences(given, out) == Written(pairs=1, not_drawn=1)
    [row] = pq.read_table(out).to_pylist()
    assert row["images"][0]["bytes"] == rows[0]["images"][0]["bytes"]


def test_benchmarks_are_left_out(tmp_path: Path) -> None:
    given = dataset(tmp_path / "set", EMPTY, ICON, reserved="UniSVG test")
    assert main(["--dataset", given, "--out", str(tmp_path / "p.parquet")]) == 2


def test_the_pictures_are_read_as_pictures(tmp_path: Path) -> None:
    """The file says so itself: a trainer that is handed a dict refuses it."""
    datasets = pytest.importorskip("datasets")
    out = tmp_path / "p.parquet"
    write_preferences(dataset(tmp_path / "set", EMPTY, ICON), out)
    rows = datasets.load_dataset(
        "parquet", data_files=str(out), split="train", cache_dir=str(tmp_path)
    )
    assert [picture.mode for picture in rows[0]["images"]] == ["RGB"]
