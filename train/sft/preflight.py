"""Checks before GPUs are requested: dataset, settings, disk, memory."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from quality.format.manifest import require_as_published
from quality.format.messages import task_prompt
from records.errors import ConfigError
from records.taxonomy import Modality
from train.settings import TrainConfig

PARAMETERS = {"2B": 2.1e9, "4B": 4.4e9, "8B": 8.8e9, "32B": 33.4e9}
"""Parameters of Qwen3-VL by the size in its name, vision tower included (model cards)."""

CHECKPOINT_BYTES = 4 + 8
"""Of a parameter in a checkpoint: float32 weights, two float32 Adam moments."""
BYTES_PER_PARAMETER = CHECKPOINT_BYTES + 4
"""In memory: what a checkpoint holds, and float32 gradients. The bfloat16 copies of a layer are there while it works."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """Results of the checks."""

    dataset: str
    rows: int
    dataset_hash: str
    """SHA-256 of the manifest, which identifies the training rows."""
    steps: int
    memory_per_gpu_gib: float
    """Weights, gradients and optimizer states, sharded; activations come on top."""
    checkpoint_gib: float
    cache_gib: float
    """What `datasets` copies of the training shards to its cache, on each node."""

    def summary(self) -> str:
        return (
            f"dataset {self.dataset}\n{self.rows} training rows, manifest sha256 {self.dataset_hash[:16]}\n"
            f"{self.steps} SFT steps; about {self.memory_per_gpu_gib:.0f} GiB a GPU before activations; "
            f"{self.checkpoint_gib:.0f} GiB a checkpoint, {self.cache_gib:.1f} GiB of shards in each node's cache"
        )


def preflight(config: TrainConfig, dataset: str) -> Preflight:
    """Check everything that can be checked without a GPU.

    Raises:
        ConfigError: no published dataset, nothing to train on, or a batch that does not
            divide.
        SchemaMismatch: the files of a split are not those that were published.
    """
    manifest, digest = manifest_of(dataset)
    require_as_published(dataset, manifest, ("train", "validation"))
    rows = int(manifest["counts"]["splits"].get("train", {}).get("rows", 0))
    if not rows:
        raise ConfigError(f"{dataset}: the training split is empty; build a larger dataset")
    config.accumulation_steps()
    parameters = parameters_of(config.sft.model)
    steps = int(-(-rows // config.sft.batch_size) * config.sft.epochs)
    checkpoint_gib = parameters * CHECKPOINT_BYTES / 2**30
    return Preflight(
        dataset=dataset,
        rows=rows,
        dataset_hash=digest,
        steps=min(steps, config.sft.max_steps) if config.sft.max_steps > 0 else steps,
        memory_per_gpu_gib=parameters * BYTES_PER_PARAMETER / config.cluster.processes / 2**30,
        checkpoint_gib=checkpoint_gib,
        cache_gib=_bytes_of(dataset, ("train", "validation")) / 2**30,
    )


def _bytes_of(dataset: str, splits: Sequence[str]) -> int:
    files, folder = fsspec.core.url_to_fs(dataset.rstrip("/"))
    return sum(
        int(files.info(path)["size"])
        for split in splits
        for path in files.glob(f"{folder}/{split}/*.parquet")
    )


def disk_shortage(found: Preflight, out: str) -> str:
    """A message on missing disk space for two checkpoints and the cache, or an empty text; only for
    local folders."""
    if "://" in out and not out.startswith("file://"):
        return ""
    folder = Path(out.removeprefix("file://")).absolute()
    while not folder.exists():
        folder = folder.parent
    free_gib = shutil.disk_usage(folder).free / 2**30
    wanted = 2 * found.checkpoint_gib + found.cache_gib
    if free_gib < wanted:
        return f"{out}: {free_gib:.0f} GiB free, two checkpoints and the shards' cache need {wanted:.0f} GiB"
    return ""


def parameters_of(model: str) -> float:
    """Number of parameters, from the files of a folder, or else from the size in the model's name.

    Raises:
        ConfigError: neither gives it.

    >>> parameters_of("Qwen/Qwen3-VL-8B-Instruct")
    8800000000.0
    """
    weights = sorted(Path(model).glob("*.safetensors"))
    if weights:
        return float(sum(map(_parameters_in, weights)))
    parts = model.replace("/", "-").split("-")
    for size, parameters in PARAMETERS.items():
        if size in parts:
            return parameters
    raise ConfigError(
        f"sft.model {model!r}: its size is not in its name; known: {', '.join(PARAMETERS)}"
    )


def _parameters_in(file: Path) -> int:
    # The file begins with the length of a JSON header, which has the shape of each tensor.
    with file.open("rb") as opened:
        header = json.loads(opened.read(int.from_bytes(opened.read(8), "little")))
    header.pop("__metadata__", None)
    return sum(math.prod(tensor["shape"]) for tensor in header.values())


def prompts_in(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The prompts of a dataset, by task; the built-in ones if its manifest has none."""
    if "prompts" in manifest:
        return {task: asked["text"] for task, asked in manifest["prompts"].items()}
    return {str(task): task_prompt(task, manifest.get("style", "plain")) for task in Modality}


def manifest_of(dataset: str) -> tuple[dict[str, Any], str]:
    """The manifest of a published dataset, and its SHA-256.

    Raises:
        ConfigError: there is none, or it is another file.
    """
    url = f"{dataset.rstrip('/')}/manifest.json"
    try:
        with fsspec.open(url, "rb") as file:
            text: bytes = file.read()
    except FileNotFoundError as error:
        raise ConfigError(
            f"{dataset}: no manifest.json; give the folder of a published dataset, such as data/datasets/demo/1"
        ) from error
    try:
        manifest = json.loads(text)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or "counts" not in manifest:
        raise ConfigError(f"{url}: not the manifest of a published dataset; give the folder of one")
    return manifest, hashlib.sha256(text).hexdigest()
