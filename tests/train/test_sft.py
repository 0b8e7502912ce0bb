"""The fine-tune reads published rows: two pictures, and a loss on the reply alone.

Needs the training environment that `make train-smoke` makes, and is skipped without it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from quality.messages import completion, task_prompt
from quality.schema import SCHEMA
from records.rows import Discrepancy
from records.taxonomy import Modality

HOUSE = Path(__file__).parents[2]
PYTHON = HOUSE / ".venv-train/bin/python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-train: make train-smoke makes it"),
]

LOOK = """
import json, sys
from pathlib import Path
from transformers import AutoProcessor
from trl import SFTTrainer
from train.config import load
from train.sft import _arguments, rows_of
from train.tiny import write_tiny

config, dataset, out = load(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
write_tiny(Path(config.sft.model))
processor = AutoProcessor.from_pretrained(config.sft.model)
rows = rows_of(dataset, config.sft, processor.tokenizer)
trainer = SFTTrainer(model=config.sft.model, args=_arguments(config, out, rows),
                     train_dataset=rows.train, processing_class=processor)
batch = next(iter(trainer.get_train_dataloader()))
labels = [[t for t in row if t != -100] for row in batch["labels"].tolist()]
text = processor.tokenizer.decode
print(json.dumps({
    "rows": len(rows.train), "left_out": rows.left_out, "validation": rows.validation,
    "pictures": batch["image_grid_thw"].shape[0],
    "picture_tokens": int((batch["input_ids"] == processor.image_token_id).sum()),
    "learned": [text(row) for row in labels],
}))
"""


def row(reply: str) -> dict[str, Any]:
    empty: dict[str, Any] = {
        field.name: [] if pa.types.is_list(field.type) else None for field in SCHEMA
    }
    pngs = []
    for colour in ("red", "blue"):
        buffer = io.BytesIO()
        Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
        pngs.append({"bytes": buffer.getvalue(), "path": "p.png"})
    return {
        **empty,
        "images": pngs,
        "prompt": [{"role": "user", "content": task_prompt(Modality.SVG)}],
        "completion": [{"role": "assistant", "content": reply}],
    }


def run(script: str, *arguments: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [str(PYTHON), "-c", script, *map(str, arguments)],
        cwd=HOUSE,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_two_pictures_go_in_and_only_the_reply_is_learned(tmp_path: Path) -> None:
    found = Discrepancy(
        category="shape_error", severity=2, location="circle", description="red is drawn blue"
    )
    reply = completion(Modality.SVG, [found])
    (tmp_path / "set/train").mkdir(parents=True)
    rows = [row(reply), row(reply), row("x" * 9000)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, tmp_path / "set/train/part-00000.parquet")
    config = (HOUSE / "configs/train/smoke.toml").read_text()
    config = config.replace("out/train-smoke/tiny", str(tmp_path / "tiny"))
    (tmp_path / "c.toml").write_text(config)
    said = run(LOOK, tmp_path / "c.toml", tmp_path / "set", tmp_path / "out", folder=tmp_path)
    seen = json.loads(said.splitlines()[-1])
    assert (seen["rows"], seen["left_out"], seen["validation"]) == (2, 1, None)
    assert seen["pictures"] == 4
    assert seen["picture_tokens"] == 4 * (64 // 32) ** 2
    assert [text.removesuffix("\n") for text in seen["learned"]] == [reply + "<|im_end|>"] * 2


def test_what_stops_a_run_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(str(PYTHON), "-m", "train.sft", "--config", "configs/train/smoke.toml"),
            *("--dataset", str(tmp_path), "--out", str(tmp_path / "out")),
        ],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip().endswith("no manifest.json; give the folder of a published dataset")
    assert "Traceback" not in done.stderr
