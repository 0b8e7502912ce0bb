"""veRL's newest checkpoint as a model that vLLM loads."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from records.errors import ConfigError, RunError
from records.files import read_json, write_json
from train.grpo.run import verl_python
from train.settings import Grpo

LATEST = "latest_checkpointed_iteration.txt"
"""veRL writes the number of its newest whole checkpoint there."""
EXPORTED = "exported.json"
"""In the model's folder, once it is whole: of which step it is."""


def version_of(model: str, step: int) -> str:
    """A name for these weights: of a folder by its files' sizes and times, of a hub's model by its name.

    Args:
        model: Folder, or name on the hub.
        step: Of the checkpoint it was merged from; 0 if it was not.
    """
    files = sorted(file for file in Path(model).glob("*") if file.is_file())
    known = [model, *(f"{one.name} {one.stat().st_size} {one.stat().st_mtime_ns}" for one in files)]
    digest = hashlib.sha256("\n".join(known).encode()).hexdigest()[:8]
    return f"step-{step}-{digest}" if step else f"model-{digest}"


def newest_step(run: Path) -> int:
    """Number of the newest whole checkpoint.

    Args:
        run: Folder of one task's GRPO run, with `global_step_<n>/actor`.

    Raises:
        ConfigError: there is none yet.
    """
    try:
        step = int((run / LATEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{run}: no {LATEST}: veRL has written no checkpoint there yet"
        ) from error
    if not (run / f"global_step_{step}" / "actor").is_dir():
        raise ConfigError(f"{run}: global_step_{step}/actor is not there, though {LATEST} names it")
    return step


def merged(run: Path, grpo: Grpo) -> tuple[Path, int]:
    """The model of the newest checkpoint and its step; merged by veRL where that is not done yet.

    Raises:
        ConfigError: no checkpoint, or no environment with veRL.
        RunError: veRL could not merge it.
    """
    step = newest_step(run)
    target = run / "model"
    if (read_json(target / EXPORTED) or {}).get("step") == step:
        return target, step
    (target / EXPORTED).unlink(missing_ok=True)
    actor = run / f"global_step_{step}" / "actor"
    argv = [
        *(verl_python(), "-m", "verl.model_merger", "merge"),
        *("--backend", "megatron" if grpo.engine == "megatron" else "fsdp"),
        *("--local_dir", str(actor), "--target_dir", str(target), "--use_cpu_initialization"),
    ]
    if subprocess.run(argv, check=False).returncode:
        raise RunError(f"{actor}: veRL could not merge this checkpoint; its last words are above")
    write_json(target / EXPORTED, {"step": step})
    return target, step
