"""Predictions of a reward model on the benchmark's pairs: asked of a server, or read from a file."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from annotators.audit.matching import Marked
from records.errors import ConfigError, EndpointUnavailable, RunError, SourceError
from renderers.contract import Picture
from train.evaluate.answers import kept_answers
from train.evaluate.benchmark import Item, marked
from train.evaluate.official.reading import lines_of
from train.reward.judge import Judge, NotJudged

Predictions = dict[str, tuple[Marked, ...]]

AT_ONCE = 64
"""Pairs under way at once; their pictures are in memory."""


def predict(items: Sequence[Item], judge: Judge, file: Path) -> tuple[Predictions, Counter[str]]:
    """Ask a judge about every pair that ``file`` does not know yet, and add its answers there.

    A reply that cannot be read counts as one that names nothing; how many there were, by reason,
    comes back.

    Raises:
        EndpointUnavailable: the server is down; what was answered is kept.
        ConfigError: the server does not accept key, model or address.
    """
    known, unread = _answered(file)
    rest = [item for item in items if item.id not in known]

    async def all_() -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(item: Item) -> None:
            async with places:
                judgment = await judge.judge(
                    item.modality, _picture(item.reference), _picture(item.candidate)
                )
            line: dict[str, Any] = {"id": item.id, "errors": []}
            if isinstance(judgment, NotJudged):
                if judgment.down:
                    raise EndpointUnavailable(
                        f"{judgment.detail}; the rest is asked by the next run"
                    )
                line["unread"] = judgment.reason
            else:
                line["errors"] = [
                    found.model_dump(include={"category", "severity", "location", "description"})
                    for found in judgment.discrepancies
                ]
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

        async with judge, asyncio.TaskGroup() as tasks:
            for item in rest:
                tasks.create_task(one(item))

    if rest:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            asyncio.run(all_())
        except* RunError as errors:
            raise errors.exceptions[0] from None
        known, unread = _answered(file)
    return known, unread


def read_predictions(file: Path) -> Predictions:
    """Lines, or a JSON list, of ``{"id", "errors"}``, with ``category`` where ids start anew for each task.

    Raises:
        ConfigError: no such file, a line of another form, or two lines of one pair that differ; names it.
    """
    if not file.is_file():
        raise ConfigError(f"{file}: no such file; give lines of {{'id', 'errors'}}")
    found: Predictions = {}
    seen: Predictions = {}
    for number, values in enumerate(lines_of(file), 1):
        if not isinstance(values, dict) or "id" not in values or "errors" not in values:
            raise ConfigError(f"{file}, record {number}: no object with 'id' and 'errors'")
        try:
            errors = marked(values["errors"])
        except SourceError as error:
            raise ConfigError(f"{file}, record {number}: {error}") from error
        name, category = str(values["id"]), values.get("category")
        # With its category for a benchmark whose ids restart for each task: see `read_benchmark`.
        full = name if category is None else f"{category}:{name}"
        if seen.setdefault(full, errors) != errors:
            raise ConfigError(
                f"{file}, record {number}: {full!r} stands there before, with other errors; keep one line a pair"
            )
        found[name] = found[full] = errors
    return found


def _answered(file: Path) -> tuple[Predictions, Counter[str]]:
    """What this run and those before it were answered, and why replies could not be read."""
    answers = kept_answers(file)
    unread = {one["id"]: one["unread"] for one in answers if "unread" in one}
    return {one["id"]: marked(one["errors"]) for one in answers}, Counter(unread.values())


def _picture(path: Path) -> Picture:
    return Picture(path.read_bytes(), 0, 0, "")
