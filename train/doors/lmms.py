"""A task for lmms-eval: VC-RewardBench, or held-out pairs of a published dataset in its layout.

``python -m train.doors.lmms --benchmark FOLDER --out FOLDER`` writes the pairs as Parquet and one task file for each
modality, and `vermillion_all` for all. lmms-eval's own process imports this module for what the task files name, so it
needs this checkout on its PYTHONPATH. Scores are those of `train.evaluate` with errors matched by words.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from annotators.audit.matching import match_by_words
from annotators.lvlm.reply import parse_reply
from quality.format.prompts import Prompts, read_prompts
from quality.format.schema import with_features
from records.errors import AnnotationReplyError
from records.taxonomy import Modality
from train.evaluate.agreement import Compared, Score, score
from train.evaluate.benchmark import Item, marked, read_benchmark
from train.exit_codes import ended

_PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
SCHEMA = with_features(
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "task", "prompt", "human")),
            *((name, _PICTURE) for name in ("reference", "candidate")),
        ]
    )
)
"""`human` is the list of errors that people marked, as JSON."""
MEASURES = ("f1_hard", "f1_soft", "severity_pearson")
TASK = """\
task: {name}
dataset_path: parquet
dataset_kwargs:
  data_files:
    test: {files}
test_split: test
output_type: generate_until
doc_to_visual: !function train.doors.lmms.pictures
doc_to_text: !function train.doors.lmms.prompt
doc_to_target: human
generation_kwargs:
  max_new_tokens: 4096
  temperature: 0
  do_sample: false
process_results: !function train.doors.lmms.marks
metric_list:
{metrics}
metadata:
  - version: 1.0
"""
_METRIC = """\
  - metric: {name}
    aggregation: !function train.doors.lmms.{name}
    higher_is_better: {higher}
"""


def write_tasks(benchmark: str, out: Path, prompts: Prompts) -> list[str]:
    """Write pairs and task files; the names of the tasks.

    Args:
        benchmark: Folder of VC-RewardBench, or what `train.evaluate.benchmark` writes of a dataset.
        out: Folder that lmms-eval is given as `--include_path`.
        prompts: What the model was trained on.

    Raises:
        ConfigError: there is no benchmark.
    """
    items, _ = read_benchmark(benchmark)
    out.mkdir(parents=True, exist_ok=True)
    tasks = {}
    for modality in Modality:
        rows = [_row(item, prompts) for item in items if item.modality is modality]
        if rows:
            file = out / f"{modality}.parquet"
            pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file)
            tasks[f"vermillion_{modality}"] = [str(file.absolute())]
    tasks["vermillion_all"] = [file for files in tasks.values() for file in files]
    metrics = "".join(
        _METRIC.format(name=name, higher=str(name in MEASURES).lower())
        for name in (*MEASURES, "replies_not_read")
    )
    for name, files in tasks.items():
        text = TASK.format(name=name, files=json.dumps(files), metrics=metrics.rstrip())
        (out / f"{name}.yaml").write_text(text, encoding="utf-8")
    return list(tasks)


def _row(item: Item, prompts: Prompts) -> dict[str, Any]:
    sides = {"reference": item.reference, "candidate": item.candidate}
    errors = [
        {name: getattr(error, name) for name in ("category", "severity", "location", "description")}
        for error in item.human
    ]
    return {
        "id": item.id,
        "task": str(item.modality),
        "prompt": prompts.of(item.modality).text,
        "human": json.dumps(errors, ensure_ascii=False),
        **{side: {"bytes": file.read_bytes(), "path": file.name} for side, file in sides.items()},
    }


def pictures(doc: Mapping[str, Any]) -> list[Image.Image]:
    """Reference and candidate of a pair."""
    found = []
    for side in ("reference", "candidate"):
        picture = doc[side]
        if not isinstance(picture, Image.Image):
            picture = Image.open(io.BytesIO(picture["bytes"]))
        found.append(picture.convert("RGB"))
    return found


def prompt(doc: Mapping[str, Any], lmms_eval_specific_kwargs: object = None) -> str:
    """What is asked about them."""
    return str(doc["prompt"])


def marks(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """What a reply names against what people marked; a reply that cannot be read names nothing."""
    modality = Modality(doc["task"])
    try:
        named = parse_reply(results[0], modality)
    except AnnotationReplyError:
        named = None
    fields = {"category", "severity", "location", "description"}
    predicted = marked([one.model_dump(include=fields) for one in named or ()])
    human = marked(doc["human"])
    pair = Compared(modality, predicted, human, match_by_words(predicted, human))
    return {**dict.fromkeys(MEASURES, pair), "replies_not_read": named is None}


def _overall(pairs: Sequence[Compared], measure: str) -> float | None:
    found: Score = getattr(score(pairs, resamples=0)["overall"], measure)
    return found.value


def f1_hard(pairs: Sequence[Compared]) -> float | None:
    """In percent; a partial match is neither right nor wrong."""
    return _overall(pairs, "f1_hard")


def f1_soft(pairs: Sequence[Compared]) -> float | None:
    """In percent; a partial match is half right."""
    return _overall(pairs, "f1_soft")


def severity_pearson(pairs: Sequence[Compared]) -> float | None:
    """Correlation of summed severities, in percent."""
    return _overall(pairs, "severity_pearson")


def replies_not_read(lost: Sequence[bool]) -> int:
    """How many replies could not be read."""
    return sum(lost)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.doors.lmms", description=__doc__)
    parser.add_argument("--benchmark", required=True, help="folder of VC-RewardBench")
    parser.add_argument("--out", required=True, type=Path, help="for lmms-eval's --include_path")
    parser.add_argument("--prompts", default="", help="file with the prompts of the model")
    asked = parser.parse_args(arguments)

    def work() -> None:
        for name in write_tasks(asked.benchmark, asked.out, read_prompts(asked.prompts)):
            print(f"lmms: {asked.out / name}.yaml")

    return ended("lmms", work)


if __name__ == "__main__":
    sys.exit(main())
