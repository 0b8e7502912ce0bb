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

from quality.format.messages import completion, task_prompt
from quality.format.schema import SCHEMA
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
from train.settings import load
from train.sft.rows import rows_of
from train.sft.trainer import trainer_of
from train.rehearsal.tiny import write_tiny

config, dataset, out = load(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
write_tiny(Path(config.sft.model))
processor = AutoProcessor.from_pretrained(config.sft.model)
rows = rows_of(dataset, config.sft, processor.tokenizer)
trainer = trainer_of(config, out, rows, processor)
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


def row(reply: str, task: str = "svg") -> dict[str, Any]:
    empty: dict[str, Any] = {
        field.name: [] if pa.types.is_list(field.type) else None for field in SCHEMA
    }
    pngs = []
    for color in ("red", "blue"):
        buffer = io.BytesIO()
        Image.new("RGB", (64, 64), color).save(buffer, "PNG")
        pngs.append({"bytes": buffer.getvalue(), "path": "p.png"})
    return {
        **empty,
        "task": task,
        "images": pngs,
        "prompt": [{"role": "user", "content": task_prompt(Modality.SVG)}],
        "completion": [{"role": "assistant", "content": reply}],
    }


def run(*arguments: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [str(PYTHON), *map(str, arguments)],
        cwd=HOUSE,
        env={
            **os.environ,
            "PYTHONPATH": str(HOUSE),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_CACHE": str(folder / "cache"),
            "OMP_NUM_THREADS": "1",
        },
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
    for old, new in (
        ("out/train-smoke/tiny", str(tmp_path / "tiny")),
        ("gpus_per_node = 2", "gpus_per_node = 1"),
        ("per_device_batch_size = 1", "per_device_batch_size = 2"),
    ):
        config = config.replace(old, new, 1)
    (tmp_path / "c.toml").write_text(config)
    said = run("-c", LOOK, tmp_path / "c.toml", tmp_path / "set", tmp_path / "out", folder=tmp_path)
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
    assert done.stderr.strip().endswith(
        "no manifest.json; give the folder of a published dataset, such as data/datasets/demo/1"
    )
    assert "Traceback" not in done.stderr


SPREAD = """
import json, os, sys
os.environ |= {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
from types import SimpleNamespace
import torch
import torch.distributed as dist
from accelerate import Accelerator
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from transformers import AutoModelForImageTextToText
from records.errors import ConfigError
from train.settings import Cluster, Sft, TrainConfig
from train.sft.distribution import found_in, require
from train.rehearsal.tiny import write_tiny

config = TrainConfig(cluster=Cluster(gpus_per_node=2), sft=Sft(sharding="fsdp2"))
accelerator = Accelerator(cpu=True)  # was told to shard, and cannot on a CPU
if accelerator.is_main_process:
    write_tiny(sys.argv[1])
accelerator.wait_for_everyone()
model = AutoModelForImageTextToText.from_pretrained(sys.argv[1])

def refused(accelerator, model):
    try:
        require(found_in(accelerator, model), config)
    except ConfigError as error:
        return str(error)
    return ""

claims = SimpleNamespace(distributed_type=SimpleNamespace(value="FSDP"), num_processes=2)
said = {"fallen_back": refused(accelerator, model), "copies": refused(claims, model)}
mesh = init_device_mesh("cpu", (2,))
for layer in [*model.model.language_model.layers, *model.model.visual.blocks]:
    fully_shard(layer, mesh=mesh)
fully_shard(model, mesh=mesh)
found = found_in(claims, model)
said |= {"sharded": refused(claims, model), "local": found.local_parameters,
         "all": found.parameters}
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
ids = torch.arange(40, 60)[None]
losses = []
for _ in range(4):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item())
said["losses"] = losses
if accelerator.is_main_process:
    print(json.dumps(said))
dist.destroy_process_group()
"""


def test_parameters_that_are_not_sharded_stop_a_run(tmp_path: Path) -> None:
    """Two real processes: accelerate's silent fall-back, whole copies, and FSDP2's shards."""
    (tmp_path / "spread.py").write_text(SPREAD)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    done = subprocess.run(
        [str(PYTHON), *launcher, str(tmp_path / "spread.py"), str(tmp_path / "tiny")],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert "accelerate says MULTI_CPU instead of FSDP" in said["fallen_back"]
    assert "sharded over 2 it would be at most" in said["copies"]
    assert said["sharded"] == ""
    assert said["local"] <= said["all"] / 2 * 1.05
    assert said["losses"] == sorted(said["losses"], reverse=True)


LORA = """
import json, sys
from pathlib import Path
from safetensors.torch import load_file
from train.settings import load
from train.sft.run import train
from train.rehearsal.tiny import write_tiny

config, dataset, out = load(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
write_tiny(Path(config.sft.model))
metrics = train(config, dataset, out, resume=False)
base, merged = (load_file(f"{folder}/model.safetensors") for folder in (config.sft.model, out))
changed = sorted(name for name in base if not base[name].equal(merged[name]))
print(json.dumps({"steps": metrics["steps"], "same_names": sorted(base) == sorted(merged),
                  "changed": changed, "files": sorted(p.name for p in (out / "adapter").iterdir())}))
"""


def test_a_lora_run_leaves_a_whole_model(tmp_path: Path) -> None:
    (tmp_path / "set/train").mkdir(parents=True)
    table = pa.Table.from_pylist([row("ab"), row("abc" * 9)], schema=SCHEMA)
    pq.write_table(table, tmp_path / "set/train/part-00000.parquet")
    (tmp_path / "set/manifest.json").write_text('{"counts": {}}')
    config = (HOUSE / "configs/train/smoke.toml").read_text()
    for old, new in (
        ("out/train-smoke/tiny", str(tmp_path / "tiny")),
        ("gpus_per_node = 2", "gpus_per_node = 1"),
        ("max_steps = 24", "max_steps = 2"),
        ('device = "cpu"', 'device = "cpu"\nlora_rank = 4'),
    ):
        config = config.replace(old, new, 1)
    (tmp_path / "c.toml").write_text(config)
    said = run("-c", LORA, tmp_path / "c.toml", tmp_path / "set", tmp_path / "out", folder=tmp_path)
    seen = json.loads(said.splitlines()[-1])
    assert seen["steps"] == 2
    assert seen["same_names"]
    assert any("q_proj" in name for name in seen["changed"])
    assert not any("embed_tokens" in name for name in seen["changed"])
    assert "adapter_model.safetensors" in seen["files"]


MISSING = """
import json, sys
from pathlib import Path
from records.errors import ConfigError
from train.rehearsal.tiny import write_tiny
from train.sft.loading import processor_of, require_device

folder = Path(sys.argv[1])
write_tiny(folder / "tiny")
assert processor_of(str(folder / "tiny"), "sft.model")
(folder / "tiny/model.safetensors").unlink()
(folder / "empty").mkdir()
require_device("cpu", "sft.device")
said = []
for work in (
    lambda: processor_of(str(folder / "none"), "sft.model"),
    lambda: processor_of(str(folder / "empty"), "sft.model"),
    lambda: processor_of(str(folder / "tiny"), "sft.model"),
    lambda: require_device("cuda", "sft.device"),
):
    try:
        work()
    except ConfigError as error:
        said.append(str(error))
print(json.dumps(said))
"""


def test_a_missing_model_and_a_missing_gpu_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    none, empty, bare, device = json.loads(
        run("-c", MISSING, tmp_path, folder=tmp_path).splitlines()[-1]
    )
    assert none.startswith(
        f"sft.model '{tmp_path}/none': cannot be loaded: no such folder; give the"
    )
    assert empty.startswith(f"sft.model '{tmp_path}/empty': cannot be loaded: ")
    assert "no weights in this folder" in bare
    assert device.startswith("sft.device is 'cuda', and this process sees no GPU")
    assert not any("\n" in one for one in (none, empty, bare, device))


CUT = """
import json, sys
from pathlib import Path
import torch
import torch.distributed as dist
from accelerate import PartialState
from transformers import TrainerCallback
from train.rehearsal.tiny import write_tiny
from train.settings import load
from train.sft import run, trainer

state, gradients, passed, whole = PartialState(cpu=True), [], [], trainer.cut

class Gradients(TrainerCallback):
    def on_pre_optimizer_step(self, args, state, control, model, **of):
        held = [parameter.grad.flatten() for parameter in model.parameters() if parameter.grad is not None]
        gradients.append(torch.cat(held).clone())

def cut(inputs, parts):
    found = whole(inputs, parts)
    passed.append([list(part["input_ids"].shape) for part in found])
    return found

def watched(*of):
    made = plain(*of)
    made.add_callback(Gradients())
    return made

plain, run.trainer_of, trainer.cut = run.trainer_of, watched, cut
dataset, out, seen = sys.argv[1], Path(sys.argv[2]), {}
for file in sys.argv[3:]:
    config = load(file)
    if state.is_main_process and not Path(config.sft.model).exists():
        write_tiny(Path(config.sft.model))
    state.wait_for_everyone()
    passed.clear()
    metrics = run.train(config, dataset, out / Path(file).stem, resume=False)
    passes = [None, None]
    dist.all_gather_object(passes, list(passed))
    seen[Path(file).stem] = {
        "losses": [point["loss"] for point in metrics["loss"]], "passes": passes,
        "saved": sorted(folder.name for folder in (out / Path(file).stem).glob("checkpoint-*"))}
if state.is_main_process:
    whole, cut, single = gradients[::2]  # Of the first of two steps each.
    apart = [float((whole - other).norm() / whole.norm()) for other in (cut, single)]
    print(json.dumps(seen | {"apart": apart}))
dist.destroy_process_group()
"""


def test_the_same_rows_in_other_micro_batches_have_the_same_loss_and_gradients(
    tmp_path: Path,
) -> None:
    """Two processes: rows of a step whole, cut under a cap of tokens, and one by one; checkpoints by time."""
    (tmp_path / "set/train").mkdir(parents=True)
    short = {"prompt": [{"role": "user", "content": "Compare."}]}
    rows = [row("a" * (9 + 11 * at)) | short for at in range(12)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, tmp_path / "set/train/part-00000.parquet")
    (tmp_path / "set/manifest.json").write_text('{"counts": {}}')
    config = (HOUSE / "configs/train/smoke.toml").read_text()
    for old, new in (
        ("out/train-smoke/tiny", str(tmp_path / "tiny")),
        ("max_steps = 24", "max_steps = 2"),
        ("batch_size = 2\n", "batch_size = 6\n"),
        ("per_device_batch_size = 1", "per_device_batch_size = 3"),
        ('batching = "by_length"', 'batching = "random"'),
    ):
        config = config.replace(old, new, 1)
    capped = 'device = "cpu"\nmicro_batch_tokens = 200\nsave_minutes = 1e-6'
    (tmp_path / "whole.toml").write_text(config)
    (tmp_path / "cut.toml").write_text(config.replace('device = "cpu"', capped, 1))
    single = config.replace("per_device_batch_size = 3", "per_device_batch_size = 1", 1)
    (tmp_path / "single.toml").write_text(single)
    files = [tmp_path / f"{name}.toml" for name in ("whole", "cut", "single")]
    (tmp_path / "cut.py").write_text(CUT)
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")
    said = run(*launcher, tmp_path / "cut.py", tmp_path / "set", tmp_path / "out", *files, folder=tmp_path)  # fmt: skip
    seen = json.loads(next(line for line in said.splitlines() if line.startswith('{"whole')))
    whole, cut = seen["whole"], seen["cut"]
    assert max(seen["apart"]) < 1e-5
    for other in (cut, seen["single"]):
        assert other["losses"] == pytest.approx(whole["losses"], rel=1e-4)
    first, second = cut["passes"]
    assert [len(parts) for parts in first] == [
        len(parts) for parts in second
    ]  # As many passes each.
    assert all(len(parts) == 1 for parts in whole["passes"][0]) and max(map(len, first)) > 1
    shapes = [shape for parts in (*first, *second) for shape in parts]
    assert all(rows * length <= 200 or rows == 1 for rows, length in shapes)
    assert (whole["saved"], cut["saved"]) == (["checkpoint-2"], ["checkpoint-1", "checkpoint-2"])
