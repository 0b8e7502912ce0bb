"""Trainers read what is published through their own loaders, and nothing is converted.

Each trainer has an environment of its own, which `scripts/trainer-contracts` makes; without it its
contract is skipped. The scripts in `contracts/` run there.
"""

from __future__ import annotations

import json
import os
import subprocess
from math import log
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from endpoints.replay import ReplayAnswer, ReplayServer
from quality.dataset.llamafactory import dataset_info
from quality.format.messages import completion, messages, task_prompt
from quality.format.schema import SCHEMA
from records.rows import Discrepancy
from records.taxonomy import Modality
from tests.train.test_policy_data import line
from tests.train.test_policy_data import published as written
from tests.train.test_preferences import EMPTY
from tests.train.test_preferences import dataset as attempts
from tests.train.test_sft import row
from tests.train.test_structural_reward import ICON
from train.grpo.policy_data import write_policy_data
from train.preferences import write_preferences

HOUSE = Path(__file__).parents[2]
CONTRACTS = Path(__file__).parent / "contracts"
REPLY = completion(
    Modality.SVG,
    [
        Discrepancy(
            category="shape_error", severity=2, location="circle", description="red is drawn blue"
        )
    ],
)
ROWS = 4


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four rows in two row groups, as `quality.dataset.publish` lays them out."""
    folder = tmp_path_factory.mktemp("set")
    (folder / "train").mkdir()
    rows = [
        {
            **row(REPLY),
            "id": f"row-{number}",
            "task": "svg",
            "messages": [turn.model_dump() for turn in messages(task_prompt(Modality.SVG), REPLY)],
        }
        for number in range(ROWS)
    ]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, folder / "train/part-00000.parquet", row_group_size=2)
    (folder / "dataset_info.json").write_text(json.dumps(dataset_info(["train"])))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    _run(python_of("train"), ["-m", "train.rehearsal.tiny", str(folder)], folder)
    return folder


def python_of(name: str) -> Path:
    python = HOUSE / f".venv-{name}/bin/python"
    if not python.exists():
        pytest.skip(f"no .venv-{name}: scripts/trainer-contracts makes it")
    return python


def _run(python: Path, arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [str(python), *arguments],
        cwd=HOUSE,
        env={
            **os.environ,
            "PYTHONPATH": str(HOUSE),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_CACHE": str(folder / "cache"),
            "CUDA_VISIBLE_DEVICES": "",
        },
        capture_output=True,
        text=True,
        timeout=590,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def contract(trainer: str, script: str, folder: Path, *arguments: str | Path) -> dict[str, Any]:
    """What a contract's script prints last."""
    said = _run(python_of(trainer), [str(CONTRACTS / script), *map(str, arguments)], folder)
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def test_datasets_maps_and_streams(dataset: Path) -> None:
    datasets = pytest.importorskip("datasets")
    whole = datasets.load_dataset(str(dataset), split="train", cache_dir=str(dataset / "cache"))
    streamed = datasets.load_dataset(str(dataset), split="train", streaming=True)
    for rows in (whole, streamed):
        first = next(iter(rows))
        assert [image.size for image in first["images"]] == [(64, 64)] * 2
        assert first["completion"][0]["content"] == REPLY
        assert first["messages"][0]["content"].count("<image>") == 2
    assert len(whole) == ROWS


@pytest.mark.slow
def test_torch_loads_with_workers(dataset: Path, tmp_path: Path) -> None:
    seen = contract("train", "torch_loader.py", tmp_path, dataset / "train")
    for way in ("map", "streaming"):
        assert seen[way] == [[f"row-{number}", [[64, 64]] * 2] for number in range(ROWS)]


@pytest.mark.slow
def test_trl_prefers_by_what_was_written(tiny: Path, tmp_path: Path) -> None:
    """TRL's DPO on the preferences of a dataset; its first loss is that of an even chance."""
    source = attempts(tmp_path / "set", EMPTY, ICON)
    assert write_preferences(source, tmp_path / "preferences.parquet").pairs == 1
    given = tmp_path / "preferences.parquet", tiny, tmp_path / "out"
    seen = contract("train", "trl_dpo.py", tmp_path, *given)
    assert len(seen["shown"]) == 1  # the reference, decoded
    assert seen["loss"] == pytest.approx(log(2), abs=1e-3)


@pytest.mark.slow
def test_ray_data_reads_the_files(dataset: Path, tmp_path: Path) -> None:
    seen = contract("verl", "ray_data.py", tmp_path, dataset / "train")
    if "too_busy" in seen:
        pytest.skip(f"the machine is too busy for Ray: {seen['too_busy']}")
    assert seen["rows"] == ROWS
    assert seen["seen"][0] == {"id": "row-0", "sizes": "[(64, 64), (64, 64)]", "found": 0}


@pytest.mark.slow
def test_llama_factory_reads_the_dataset(dataset: Path, tiny: Path, tmp_path: Path) -> None:
    seen = contract("llamafactory", "llama_factory.py", tmp_path, dataset, tiny, tmp_path / "out")
    assert seen == {"rows": ROWS, "wrong": []}


@pytest.mark.slow
def test_swift_reads_the_files(dataset: Path, tiny: Path, tmp_path: Path) -> None:
    seen = contract("swift", "swift_sft.py", tmp_path, dataset / "train", tiny)
    assert (seen["rows"], seen["wrong"]) == (ROWS, [])


@pytest.mark.slow
def test_verl_reads_the_prompts_and_is_paid(tiny: Path, tmp_path: Path) -> None:
    """veRL's own dataset, and its own reward manager with our reward behind it."""
    python_of("verl")
    source = written(tmp_path / "set", train=[line(0), line(1)], validation=[line(2)])
    write_policy_data(source, tmp_path / "policy", [Modality.SVG])
    errors = [
        {"category": "shape_error", "severity": 3, "location": "bar", "description": "is lower"}
    ]
    counts = {
        "structure_error_count": 0,
        "shape_error_count": 1,
        "style_error_count": 0,
        "text_symbol_error_count": 0,
    }
    with ReplayServer(lambda _: ReplayAnswer(json.dumps({**counts, "errors": errors}))) as server:
        prompts = tmp_path / "policy/svg/train.parquet"
        seen = contract("verl", "verl_rl.py", tmp_path, prompts, tiny, server.url)
    assert (seen["rows"], seen["not_as_written"]) == (2, [])
    assert {"data_source", "extra_info", "raw_prompt", "reward_model"} <= set(seen["columns"])
    assert seen["right"]["reward_score"] == 2.0
    assert seen["wrong"]["reward_score"] == 1.94  # 1 + 1 - 3/50
    assert seen["wrong"]["reward_extra_info"]["outcome"] == "scored/judged"
    assert seen["failed"]["reward_score"] == 0.0
