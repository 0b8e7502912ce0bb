"""Runs ``train.evaluate --protocol official``: requests or reads predictions, matches, scores and
reports."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, FailureReason
from endpoints.settings import Endpoint, Sampling, endpoint_at
from quality.format.prompts import Prompts, read_prompts
from records.errors import ConfigError, EndpointUnavailable
from records.files import write_json
from train.evaluate.answers import answers_file, kept_answers
from train.evaluate.benchmark import Pictures, benchmark_file
from train.evaluate.leaderboard import PAPER
from train.evaluate.lost_pairs import require_few_lost
from train.evaluate.matcher import Matcher
from train.evaluate.official.matching import ask_matches
from train.evaluate.official.reading import (
    BenchmarkRecord,
    Key,
    errors_of,
    predictions_of,
    read_records,
    readable,
)
from train.evaluate.official.scores import JudgedPair, TaskScores, Unmatched, score
from train.reward.judge import question

AT_ONCE = 64
"""Pairs under way at once; their pictures are in memory."""
REPLIES = "replies.jsonl"


def evaluate(asked: argparse.Namespace) -> str:
    """Score predictions by the published protocol; returns the table that is written.

    Raises:
        ConfigError: a file or setting is wrong.
        EndpointUnavailable: a server is down.
        BoundPassed: over 1 % of the pairs were lost; what there is was written.
    """
    if not asked.matcher_url:
        raise ConfigError(
            "--protocol official matches by a language model: give --matcher-url and --matcher-model"
        )
    every, unusable = read_records(asked.benchmark)
    records = every[: asked.limit or None]
    name, replies = _predictions(asked, records, every)
    read_as = {
        record.key: errors_of(replies.get(record.key), record.modality) for record in records
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    judged, lost = Matcher.of(asked).match(
        {
            record.key: partial(ask_matches, predicted=read_as[record.key], human=record.human)
            for record in records
        }
    )
    pairs = [
        JudgedPair(record.modality, read_as[record.key], record.human, judged[record.key])
        for record in records
        if record.key in judged
    ]
    empty = sum(not readable(replies.get(record.key)) for record in records)
    ways: tuple[Unmatched, ...] = ("listed", "computed")
    scores = {how: score(pairs, how) for how in ways}
    table = _table(name, scores, asked.matcher_model, len(records), lost, empty, unusable)
    (asked.out / "leaderboard.md").write_text(table, encoding="utf-8")
    write_json(
        asked.out / "scores.json",
        {
            "protocol": "official",
            "model": name,
            "matcher": asked.matcher_model,
            "scores": {
                how: {part: asdict(one) for part, one in parts.items()}
                for how, parts in scores.items()
            },
            "records_not_usable": unusable,
            "replies_not_read": empty,
            "pairs_not_matched": dict(lost),
        },
    )
    require_few_lost(sum(lost.values()), len(records), lost, table)
    return table


def _predictions(
    asked: argparse.Namespace, records: list[BenchmarkRecord], every: list[BenchmarkRecord]
) -> tuple[str, Mapping[Key, object]]:
    if asked.predictions:
        given = predictions_of(every, asked.predictions)
        missing = [record.key for record in records if record.key not in given]
        if missing:
            raise ConfigError(
                f"{asked.predictions}: no line for {missing[0][0]} {missing[0][1]!r}; a pair without errors needs "
                "an empty list"
            )
        return asked.predictions.stem, given
    if asked.shipped:
        found = {
            record.key: record.values[asked.shipped]
            for record in records
            if asked.shipped in record.values
        }
        if not found:
            raise ConfigError(f"no field {asked.shipped!r} in the benchmark")
        return asked.shipped, found
    endpoints = [endpoint_at(url, asked.model, api_key_env=asked.api_key_env) for url in asked.url]
    prompts = read_prompts(asked.prompts)
    file = answers_file(asked.out, REPLIES, prompts)
    asyncio.run(_ask(records, asked.benchmark, endpoints, file, prompts))
    return asked.model, _answered(file)


def _answered(file: Path) -> dict[Key, object]:
    """Replies of this run and those before it."""
    found: dict[Key, object] = {}
    for values in kept_answers(file):
        category, name, number = values["key"]
        found[category, name, number] = values["reply"]
    return found


async def _ask(
    records: Sequence[BenchmarkRecord],
    benchmark: str,
    endpoints: Sequence[Endpoint],
    file: Path,
    prompts: Prompts,
) -> None:
    """Ask the model about every pair that has no reply yet; replies are kept as they come."""
    known = _answered(file)
    pictures = Pictures(benchmark_file(benchmark).parent)
    file.parent.mkdir(parents=True, exist_ok=True)
    places = asyncio.Semaphore(AT_ONCE)
    sampling = Sampling(temperature=0.0, max_tokens=4096)

    async def one(record: BenchmarkRecord, client: ChatClient) -> None:
        paths = [pictures.find(record.values.get(f"{side}_img_path")) for side in ("gt", "pred")]
        async with places:
            pngs = [path.read_bytes() for path in paths]
            request = await asyncio.to_thread(question, prompts.of(record.modality), pngs)
            reply = await client.ask(request)
        if isinstance(reply, Failure) and reply.reason in _DOWN:
            raise EndpointUnavailable(
                f"{client.endpoint.base_url}: {reply.detail}; the rest is asked by the next run"
            )
        with file.open("a", encoding="utf-8") as out:
            line = {"key": record.key, "reply": reply.text}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")

    rest = [record for record in records if record.key not in known]

    async def share(place: int, endpoint: Endpoint) -> None:
        with ReplyCache() as cache:
            async with ChatClient(endpoint, sampling, cache) as client:
                mine = rest[place :: len(endpoints)]
                await asyncio.gather(*(one(record, client) for record in mine))

    await asyncio.gather(*(share(*numbered) for numbered in enumerate(endpoints)))


_DOWN = frozenset({FailureReason.UNAVAILABLE, FailureReason.OVER_BUDGET})


def _table(
    name: str,
    scores: Mapping[Unmatched, Mapping[str, TaskScores]],
    matcher: str,
    records: int,
    lost: Counter[str],
    empty: int,
    unusable: int,
) -> str:
    lines = [
        "| model | pairs | part | F1 hard | F1 soft | severity Pearson | F1 hard, soft: unmatched computed |",
        "|---|---|---|---|---|---|---|",
    ]
    for part, one in scores["listed"].items():
        other = scores["computed"][part]
        lines.append(
            f"| {name} | {one.pairs} | {part} | {one.f1_hard:.2f} | {one.f1_soft:.2f} "
            f"| {_shown(one.severity_pearson)} | {other.f1_hard:.2f}, {other.f1_soft:.2f} |"
        )
    lines += [
        f"| {model} (paper) | 1335 | overall | {hard} | {soft} | {pearson} | |"
        for model, (hard, soft, pearson) in PAPER.items()
    ]
    share = sum(lost.values()) / records
    lines += [
        "",
        f"Protocol official, matched by {matcher}. Pairs lost: {sum(lost.values())} of {records} "
        f"({share:.1%}){' ' + str(dict(lost)) if lost else ''}; replies without JSON: {empty}; records "
        f"not usable: {unusable}.",
        "",
        "| part | category of error | F1 hard | F1 soft | severity Pearson |",
        "|---|---|---|---|---|",
    ]
    for part, one in scores["listed"].items():
        if part != "overall":
            lines += [
                f"| {part} | {category} | {hard:.2f} | {soft:.2f} | {_shown(pearson)} |"
                for category, (hard, soft, pearson) in one.categories.items()
            ]
    return "\n".join(lines) + "\n"


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
