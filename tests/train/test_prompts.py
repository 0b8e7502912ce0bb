"""The released prompts are taken from a clone; judge and evaluation ask what the file says."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from endpoints.replay import ReplayAnswer, ReplayServer
from quality.format.prompts import read_prompts
from records.taxonomy import Modality, category_names
from train.prompts import main
from train.reward.functions import judge_of, picture_of
from train.reward.judge import JudgeAnswer, trained_schema
from train.settings import Reward


def asks(task: Modality, word: str, *fields: str) -> str:
    counts = ", ".join(f'"{name}_count": int' for name in category_names(task))
    entry = ", ".join(f'"{field}": "..."' for field in fields)
    return f'{word}: {{{counts}, "errors": [{{{entry}}}]}}\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with the layout of the released one and words of our own."""
    chart = asks(Modality.CHART, "charts", "category", "severity", "location", "description")
    table = asks(Modality.TABLE, "tables", "type", "description", "severity")
    svg = asks(Modality.SVG, "icons", "category", "severity", "location", "description")
    rewards = tmp_path / "clone" / "rl" / "reward_func"
    rewards.mkdir(parents=True)
    (rewards / "utils.py").write_text(f"raise SystemExit\n# {svg!r}\nCHART = {chart!r}\n")
    (rewards / "tables.py").write_text(f"def build():\n    return {table!r}\n")
    other = tmp_path / "clone" / "evaluation"
    other.mkdir()
    (other / "judge.py").write_text(f"A = {svg!r}\nB = {chart.replace('charts', 'other')!r}\n")
    (other / "broken.py").write_text("def (:\n")
    return tmp_path / "clone"


def test_the_released_prompts_are_read_from_a_clone(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prompts.toml"
    assert main(["--clone", str(clone), "--out", str(file)]) == 0
    prompts = read_prompts(str(file))
    assert prompts.of(Modality.CHART).text.startswith("charts: ")  # rewards before evaluation
    assert prompts.of(Modality.SVG).text.startswith("icons: ")
    table = prompts.of(Modality.TABLE)
    assert (table.fields, table.longest_px) == (("type", "description", "severity"), 768)
    assert "table from rl/reward_func/tables.py:2: type, description" in capsys.readouterr().out
    schema = trained_schema(Modality.TABLE, table).schema["properties"]["errors"]["items"]
    assert list(schema["properties"]) == schema["required"] == list(table.fields)

    counts = {f"{name}_count": 0 for name in category_names(Modality.TABLE)}
    error = {"type": "text_error", "description": "A is B", "severity": 2}
    reply = {**counts, "text_error_count": 1, "errors": [error]}
    shown = [picture_of(Image.new("RGB", size, "white")) for size in ((1600, 900), (400, 300))]
    with ReplayServer(lambda _: ReplayAnswer(json.dumps(reply))) as server:
        judge = judge_of(Reward(services=(server.url,), prompts=str(file)))

        async def ask() -> object:
            async with judge:
                return await judge.judge(Modality.TABLE, *shown)

        said = asyncio.run(ask())
        assert isinstance(said, JudgeAnswer) and said.severity_sum == 2
        asked = server.asked[0]
    assert asked.text.endswith(table.text)
    sent = io.BytesIO(base64.b64decode(asked.images[0].partition(",")[2]))
    assert max(Image.open(sent).size) == 768


def test_a_folder_that_is_no_clone_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--out", str(tmp_path / "p.toml")]
    assert main(["--clone", str(tmp_path / "none"), *given]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert main(["--clone", str(tmp_path), *given]) == 2
    assert "no prompt for chart, table, svg in 0 Python files" in capsys.readouterr().err
