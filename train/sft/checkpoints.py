"""Reads a training run's folder: complete checkpoints, half-written ones, a finished model."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from typing import IO, Any

from records.errors import ConfigError
from records.files import read_json, write_json

RUN = "run.json"
METRICS = "metrics.json"
LOCK = ".lock"

_HELD: list[IO[str]] = []
"""Locks of this process; the system frees them when it ends, however it ends."""


def last_whole_checkpoint(out: Path, processes: int = 1) -> Path | None:
    """The newest checkpoint that was written to its end; one cut off by a kill does not count.

    Args:
        out: Folder of the run, with folders `checkpoint-<step>`.
        processes: How many wrote it: each leaves the state of its random numbers.
    """
    numbered = [
        (int(folder.name.removeprefix("checkpoint-")), folder)
        for folder in out.glob("checkpoint-*")
        if folder.name.removeprefix("checkpoint-").isdecimal()
    ]
    for step, folder in sorted(numbered, reverse=True):
        if _step(folder) == step and all(
            (folder / name).is_file() for name in random_states(processes)
        ):
            return folder
    return None


def random_states(processes: int) -> list[str]:
    """Files that the trainer keeps the state of random numbers in.

    >>> random_states(2)
    ['rng_state_0.pth', 'rng_state_1.pth']
    """
    if processes == 1:
        return ["rng_state.pth"]
    return [f"rng_state_{rank}.pth" for rank in range(processes)]


def claim(out: Path, run: dict[str, Any], resume: bool) -> bool:
    """Make ``out`` the folder of this very run; False if the run is already finished.

    Args:
        out: Folder of the run.
        run: What must be equal for two runs to be one: settings, dataset.
        resume: Whether there may be something already.

    Raises:
        ConfigError: the folder holds a run that is another, or that was not to be continued.
    """
    known = read_json(out / RUN)
    if known is not None and known != run:
        changed = sorted(key for key in {*known, *run} if known.get(key) != run.get(key))
        raise ConfigError(
            f"{out} holds another run ({', '.join(changed)} differ); choose another --out, or "
            "remove that folder"
        )
    if known is not None and not resume:
        raise ConfigError(f"{out} holds this run already; give --resume to continue it")
    if known is None:
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / RUN, run)
    return not (read_json(out / METRICS) or {}).get("finished", False)


def hold(out: Path) -> None:
    """Keep a run's folder for this process until it ends: two trainers would mix their checkpoints.

    Raises:
        ConfigError: another process trains there.
    """
    file = (out / LOCK).open("a+", encoding="utf-8")
    try:
        # Unlike `flock`, not inherited by the loader's processes, which may outlive this one.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        raise ConfigError(
            f"{out}: {file.read()} trains there; wait for its end, end it, or choose another --out"
        ) from error
    except OSError:  # Some network file systems have no locks.
        file.close()
        return
    file.truncate(0)
    file.write(f"process {os.getpid()} of {socket.gethostname()}")
    file.flush()
    _HELD.append(file)


def _step(folder: Path) -> int | None:
    # The trainer writes this file after model, optimizer and random numbers.
    return (read_json(folder / "trainer_state.json") or {}).get("global_step")
