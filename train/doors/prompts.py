"""Prompts as plain rows for trainers that read JSON lines: ms-swift and OpenRLHF.

``python -m train.doors.prompts PARQUET --out FOLDER`` reads a file of `train.grpo.policy_data` and writes
`FOLDER/prompts.jsonl` with `messages`, `images` (paths of PNG files in `FOLDER/images`) and `asked`: the fields of
`POST /reward`, all but `completion`, as one JSON text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from train.doors.vermillion_env import asked_of
from train.exit_codes import ended
from train.grpo.policy_data import require_prompts


def write_plain(prompts: Path, out: Path) -> int:
    """Write the rows; returns how many.

    Args:
        prompts: `<task>/train.parquet` of `train.grpo.policy_data`.
        out: A folder; what an earlier run wrote there is replaced.

    Raises:
        ConfigError: the file is none of `train.grpo.policy_data`.
    """
    require_prompts(str(prompts))
    file = pq.ParquetFile(prompts)
    pictures = out / "images"
    pictures.mkdir(parents=True, exist_ok=True)
    rows = 0
    with (out / "prompts.jsonl").open("w", encoding="utf-8") as lines:
        for batch in file.iter_batches(batch_size=64):
            for row in batch.to_pylist():
                png = row["extra_info"]["reference"]["bytes"]
                picture = pictures / f"{hashlib.sha256(png).hexdigest()[:16]}.png"
                picture.write_bytes(png)
                line = {
                    "messages": row["prompt"],
                    "images": [str(picture.resolve())],
                    "asked": json.dumps(asked_of(row)),
                }
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")
                rows += 1
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.doors.prompts", description=__doc__)
    parser.add_argument("prompts", type=Path, help="<task>/train.parquet of train.grpo.policy_data")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)

    def work() -> None:
        print(
            f"prompts: {write_plain(given.prompts, given.out):,} rows in {given.out}/prompts.jsonl"
        )

    return ended("prompts", work)


if __name__ == "__main__":
    raise SystemExit(main())
