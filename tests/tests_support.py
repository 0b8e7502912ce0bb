"""Small records, and processes, that several tests need."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow as pa

from records.rows import Reject, Sample
from records.shards import ShardReport, run_shard
from records.taxonomy import Language, Modality

SHARD_SCHEMA = pa.schema([("id", pa.string()), ("picture", pa.binary()), ("n", pa.int64())])


def shard_rows(rows: int, lost: int = 0) -> Iterator[dict[str, object] | Reject]:
    for n in range(rows):
        yield {"id": f"row-{n}", "picture": bytes([n % 256]) * 100, "n": n}
    for n in range(lost):
        yield Reject(stage="made", reason="too_odd", item_id=f"lost-{n}", detail="odd")


def make_shard(output: str, rows: int = 5, lost: int = 0, settings: str = "s") -> ShardReport:
    return run_shard("made", [], output, SHARD_SCHEMA, settings, lambda: shard_rows(rows, lost))


def samples(count: int, language: Language = Language.SVG) -> list[Sample]:
    return [
        Sample.of(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{n + 1}" height="4"/></svg>',
            language,
            source="folder",
            revision="r1",
            licence="Apache-2.0",
            upstream_id=f"icon-{n}",
        )
        for n in range(count)
    ]


def empty_prompts(task: Modality, out: Path) -> None:
    """The files of prompts that a GRPO run of this task looks for."""
    (out / "policy" / task).mkdir(parents=True)
    for split in ("train", "validation"):
        (out / "policy" / task / f"{split}.parquet").write_bytes(b"")


def at_the_same_moment(prepare: str, act: str, *arguments: str, count: int = 6) -> list[str]:
    """Why each of some processes failed, empty if it did not; all begin to act at the same moment.

    Args:
        prepare: Python: what they import.
        act: Python: what they do then.
        arguments: Their `sys.argv[1:]`.
        count: How many.
    """
    house = Path(__file__).parents[1]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"{prepare}\nprint(flush=True)\ninput()\n{act}", *arguments],
            env={**os.environ, "PYTHONPATH": f"{house}:{house / 'tests'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for one in started:
        assert one.stdout is not None
        one.stdout.readline()
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    told = [one.communicate()[1] for one in started]
    return [words if one.returncode else "" for one, words in zip(started, told, strict=True)]


def runs(pid: int) -> bool:
    """True if a process of this number is there, and has not ended without its parent's notice."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
