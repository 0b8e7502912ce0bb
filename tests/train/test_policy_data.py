"""The references of a published dataset as veRL's rows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from endpoints.replay import ReplayAnswer, ReplayServer
from quality.format.schema import SCHEMA
from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers.registry import held_renderer
from train.grpo.policy_data import WRITTEN, main, write_policy_data
from train.grpo.verl_settings import grpo_command
from train.jobs.commands import policy_data_command
from train.reward.functions import compute_score, end_scorers
from train.settings import TrainConfig

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{}" height="4"/></svg>'
)


def line(number: int, **values: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        field.name: [] if pa.types.is_list(field.type) else None for field in SCHEMA
    }
    code = ICON.format(number + 1)
    render = held_renderer(Modality.SVG).render(code, Language.SVG)
    picture, _ = render.drawn()
    return {
        **empty,
        "task": "svg",
        "sample_id": f"sample-{number}",
        "reference_code": code,
        "render_contract": render.contract,
        "images": [
            {"bytes": picture.png, "path": "r.png"},
            {"bytes": b"candidate", "path": "c.png"},
        ],
        "reserved": "",
        **values,
    }


def published(folder: Path, **splits: list[dict[str, Any]]) -> str:
    for split, rows in splits.items():
        (folder / split).mkdir(parents=True)
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        pq.write_table(table, folder / split / "part-00000.parquet", row_group_size=2)
    (folder / "manifest.json").write_text(json.dumps({"counts": {"splits": {}}}))
    return str(folder)


def test_one_prompt_a_sample_and_the_reference_alone(tmp_path: Path) -> None:
    twice = [line(0), line(0), line(1), line(2, reserved="UniSVG test")]
    dataset = published(tmp_path / "set", train=twice, validation=[line(3)])
    written = write_policy_data(dataset, tmp_path / "out", [Modality.SVG])
    assert written["prompts"] == {"svg": {"train": 2, "validation": 1}}
    rows = pq.read_table(tmp_path / "out/svg/train.parquet").to_pylist()
    assert [row["extra_info"]["sample_id"] for row in rows] == ["sample-0", "sample-1"]
    first = rows[0]
    assert first["data_source"] == "vermillion/svg"
    assert first["prompt"][0]["content"].count("<image>") == len(first["images"]) == 1
    assert first["images"][0] == first["extra_info"]["reference"]
    assert first["reward_model"] == {"style": "rule", "ground_truth": ICON.format(1)}
    assert not list(tmp_path.glob("out/svg/*.tmp"))
    assert json.loads((tmp_path / "out" / WRITTEN).read_text()) == written


def test_a_row_is_all_that_the_reward_needs(tmp_path: Path) -> None:
    dataset = published(tmp_path / "set", train=[line(0)], validation=[line(1)])
    assert main(["--dataset", dataset, "--out", str(tmp_path / "out"), "--task", "svg"]) == 0
    row = pq.read_table(tmp_path / "out/svg/train.parquet").to_pylist()[0]

    def ask(**changed: Any) -> dict[str, Any]:
        extra = {**row["extra_info"], "num_turns": None, **changed}
        given = (row["data_source"], ICON.format(1), row["reward_model"]["ground_truth"], extra)
        return asyncio.run(compute_score(*given, services=[server.url]))

    with ReplayServer(lambda _: ReplayAnswer("never asked")) as server:
        assert ask()["score"] == 2.0
        with pytest.raises(ConfigError, match="drawn under the svg contract other"):
            ask(render_contract="other")
        assert not server.asked
    end_scorers()


def test_the_test_split_stands_in_for_validation(tmp_path: Path) -> None:
    held_out = [line(5, reserved="UniSVG test"), line(6)]
    dataset = published(tmp_path / "set", train=[line(0)], test=held_out)
    written = write_policy_data(dataset, tmp_path / "out", [Modality.SVG])
    assert written["prompts"]["svg"] == {"train": 1, "validation": 1}
    rows = pq.read_table(tmp_path / "out/svg/validation.parquet").to_pylist()
    assert rows[0]["extra_info"]["sample_id"] == "sample-6"


def test_a_task_without_prompts_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = published(tmp_path / "set", train=[line(0)], validation=[line(1)])
    assert main(["--dataset", dataset, "--out", str(tmp_path / "out"), "--task", "chart"]) == 2
    assert "leave chart out of grpo.tasks" in capsys.readouterr().err
    with pytest.raises(ConfigError, match=r"no manifest\.json"):
        write_policy_data(str(tmp_path / "none"), tmp_path / "out", [Modality.SVG])


@pytest.mark.parametrize("text", ["[]", "{", '{"name": "a package"}'])
def test_another_manifest_is_none_of_a_dataset(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ConfigError, match="not the manifest of a published dataset"):
        write_policy_data(str(tmp_path), tmp_path / "out", [Modality.SVG])


def test_the_folder_of_all_versions_stands_for_the_latest(tmp_path: Path) -> None:
    published(tmp_path / "set" / "2", train=[line(0)], validation=[line(1)])
    (tmp_path / "set" / "latest.json").write_text('{"version": "2"}')
    write_policy_data(str(tmp_path / "set"), tmp_path / "out", [Modality.SVG])
    assert pq.read_metadata(tmp_path / "out/svg/train.parquet").num_rows == 1


def test_the_command_reads_what_was_written(tmp_path: Path) -> None:
    data = policy_data_command(Modality.SVG, "set", "out").argv
    grpo = grpo_command(TrainConfig(), Modality.SVG, "out").argv
    assert "--out=out/policy" in data
    assert "data.train_files=out/policy/svg/train.parquet" in grpo
    assert "reward.custom_reward_function.path=pkg://train.reward.functions" in grpo
    assert "+reward.custom_reward_function.reward_kwargs.formula=paper" in grpo
    # An empty key would reach Hydra as nothing at all.
    assert not any(part.endswith("=") for part in grpo)
