"""The reward model's predictions on VC-RewardBench, scored against people's.

``python -m train.evaluate --benchmark FOLDER --out FOLDER`` with one of ``--url URL --model NAME`` (ask a
served model), ``--predictions FILE`` (lines of ``{"id", "errors"}``) or ``--shipped FIELD`` (predictions
that the benchmark brings). Errors are matched by words, without a judge, or by a language model
(``--matcher-url``, ``--matcher-model``) as the paper does it. A killed run goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from annotators.audit.matching import Marked, Match, match_by_words
from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure
from endpoints.settings import Endpoint, Sampling, endpoint_at
from records.errors import ConfigError, EndpointUnavailable, RunError, SourceError
from records.shards import write_text
from renderers.contract import Picture
from train.evaluate.agreement import Compared, matchers_agree, score
from train.evaluate.benchmark import Item, marked, read_benchmark
from train.evaluate.leaderboard import draw_scores, leaderboard
from train.evaluate.lost import require_few_lost
from train.evaluate.matcher import ask_matches
from train.evaluate.official.reading import lines_of
from train.evaluate.official.run import evaluate as evaluate_officially
from train.exit_codes import ended
from train.reward.judge import EndpointJudge, Judge, NotJudged
from train.sft.checkpoints import write_json

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
                said = await judge.judge(
                    item.modality, _picture(item.reference), _picture(item.candidate)
                )
            line: dict[str, Any] = {"id": item.id, "errors": []}
            if isinstance(said, NotJudged):
                if said.down:
                    raise EndpointUnavailable(f"{said.detail}; the rest is asked by the next run")
                line["unread"] = said.reason
            else:
                line["errors"] = [
                    found.model_dump(include={"category", "severity", "location", "description"})
                    for found in said.discrepancies
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
        ConfigError: no such file, or a line of another form; names it.
    """
    if not file.is_file():
        raise ConfigError(f"{file}: no such file; give lines of {{'id', 'errors'}}")
    found: Predictions = {}
    for number, values in enumerate(lines_of(file), 1):
        try:
            errors = marked(values["errors"])
            found[str(values["id"])] = errors
            if "category" in values:
                # Of a benchmark whose ids start anew for each task: see `read_benchmark`.
                found[f"{values['category']}:{values['id']}"] = errors
        except (ValueError, TypeError, KeyError, SourceError) as error:
            raise ConfigError(f"{file}, record {number}: {error!r}") from error
    return found


def compare(
    items: Sequence[Item],
    predictions: Mapping[str, tuple[Marked, ...]],
    matches: Mapping[str, tuple[Match, ...]] | None = None,
) -> list[Compared]:
    """Every pair with its matches; by words where none are given.

    Raises:
        ConfigError: a pair that nobody predicted; names the first.
    """
    missing = [item.id for item in items if item.id not in predictions]
    if missing:
        raise ConfigError(
            f"{len(missing)} of {len(items)} pairs have no prediction, {missing[0]!r} first; a pair "
            "without errors needs an empty list"
        )
    return [
        Compared(
            item.modality,
            predictions[item.id],
            item.human,
            match_by_words(predictions[item.id], item.human)
            if matches is None
            else matches[item.id],
        )
        for item in items
    ]


def match_by_model(
    items: Sequence[Item],
    predictions: Predictions,
    endpoint: Endpoint,
    cache_file: Path,
    sampling: Sampling | None = None,
) -> tuple[dict[str, tuple[Match, ...]], Counter[str]]:
    """A language model's matches by pair; pairs whose reply cannot be read are missing and counted.

    Raises:
        EndpointUnavailable, ConfigError: as `ChatClient.ask`.
    """
    lost: Counter[str] = Counter()

    async def all_() -> dict[str, tuple[Match, ...]]:
        with ReplyCache(cache_file) as cache:
            chosen = sampling or Sampling(temperature=0.0, max_tokens=4096)
            async with ChatClient(endpoint, chosen, cache) as client:
                asked = [ask_matches(client, predictions[item.id], item.human) for item in items]
                found = await asyncio.gather(*asked)
                client.check_alive()
        for one in found:
            if isinstance(one, Failure):
                lost[str(one.reason)] += 1
        return {
            item.id: one
            for item, one in zip(items, found, strict=True)
            if not isinstance(one, Failure)
        }

    return asyncio.run(all_()), lost


def _answered(file: Path) -> tuple[Predictions, Counter[str]]:
    """What a run before this one was answered; a line that a kill cut off does not count."""
    if not file.is_file():
        return {}, Counter()
    found: Predictions = {}
    unread: dict[str, str] = {}
    whole = []
    for line in filter(None, file.read_text(encoding="utf-8").split("\n")):
        try:
            values = json.loads(line)
        except json.JSONDecodeError:
            continue
        whole.append(line)
        found[values["id"]] = marked(values["errors"])
        if "unread" in values:
            unread[values["id"]] = values["unread"]
    write_text(str(file), "".join(f"{line}\n" for line in whole))
    return found, Counter(unread.values())


def _picture(path: Path) -> Picture:
    return Picture(path.read_bytes(), 0, 0, "")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--benchmark", required=True, help="folder or jsonl of VC-RewardBench")
    parser.add_argument("--out", required=True, type=Path)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--url", action="append", help="OpenAI-compatible server, up to /v1; again for more of them"
    )
    who.add_argument("--predictions", type=Path, help="lines of {'id', 'errors'}")
    who.add_argument("--shipped", help="a field of the benchmark, such as pred_json_...")
    parser.add_argument("--model", default="visual-erm", help="name of the served model")
    parser.add_argument("--api-key-env", default="", help="variable with the server's key")
    parser.add_argument("--matcher-url", default="", help="server of the model that matches")
    parser.add_argument("--matcher-model", default="", help="its name")
    parser.add_argument("--matcher-key-env", default="", help="variable with its key")
    parser.add_argument(
        "--matcher-temperature",
        type=lambda text: text if text == "none" else float(text),
        default=0.0,
        help="of the model that matches; none sends none",
    )
    parser.add_argument(
        "--matcher-max-tokens-field",
        default="max_tokens",
        choices=["max_tokens", "max_completion_tokens"],
        help="name of the field for the longest reply; newer models of OpenAI take the second",
    )
    parser.add_argument(
        "--protocol",
        default="vermillion",
        choices=["vermillion", "official"],
        help="official: the published script's rules, to compare with the paper",
    )
    parser.add_argument("--limit", type=int, default=0, help="only so many pairs")
    parser.add_argument("--resamples", type=int, default=1000)
    asked = parser.parse_args(arguments)
    if bool(asked.matcher_url) != bool(asked.matcher_model):
        parser.error("--matcher-url and --matcher-model go together")
    work = _evaluate if asked.protocol == "vermillion" else evaluate_officially
    return ended("evaluate", lambda: print(work(asked)))


def _evaluate(asked: argparse.Namespace) -> str:
    items, rejects = read_benchmark(asked.benchmark)
    items = items[: asked.limit or None]
    unread: Counter[str] = Counter()
    if asked.predictions:
        name, predictions = asked.predictions.stem, read_predictions(asked.predictions)
    elif asked.shipped:
        name = asked.shipped
        predictions = {i.id: i.shipped[name] for i in items if name in i.shipped}
        if not predictions:
            known = sorted({field for item in items for field in item.shipped})
            raise ConfigError(f"no field {name!r} in the benchmark; known: {', '.join(known)}")
        items = [item for item in items if item.id in predictions]
    else:
        name = asked.model
        endpoints = [
            endpoint_at(url, asked.model, api_key_env=asked.api_key_env, reasks=2)
            for url in asked.url
        ]
        predictions, unread = predict(
            items, EndpointJudge(endpoints), asked.out / "predictions.jsonl"
        )
    matches, lost, matcher = None, Counter[str](), "words"
    wanted = len(items)
    if asked.matcher_url:
        matcher = asked.matcher_model
        endpoint = endpoint_at(
            asked.matcher_url, matcher, api_key_env=asked.matcher_key_env, reasks=2
        )
        asked.out.mkdir(parents=True, exist_ok=True)
        sampling = Sampling(
            temperature=asked.matcher_temperature,
            max_tokens=4096,
            max_tokens_field=asked.matcher_max_tokens_field,
        )
        matches, lost = match_by_model(
            items, predictions, endpoint, asked.out / "matches.sqlite", sampling
        )
        wanted = len(items)
        items = [item for item in items if item.id in matches]
    compared = compare(items, predictions, matches)
    scores = score(compared, asked.resamples)
    table = leaderboard({name: scores}, matcher)
    if lost:
        table += f"\nPairs lost: {lost.total()} of {wanted} {dict(lost)}.\n"
    more: dict[str, Any] = {}
    if matches is not None:
        by_words = compare(items, predictions)
        agreement = matchers_agree(compared, by_words)
        plain = score(by_words, 0)["overall"]
        more["by_words"] = {"overall": asdict(plain), "agreement": asdict(agreement)}
        table += (
            f"\nThe matcher by words gives F1 hard {plain.f1_hard.value}, soft "
            f"{plain.f1_soft.value}; its matches against {matcher}'s: F1 {agreement.f1}, kappa "
            f"{agreement.kappa}.\n"
        )
    asked.out.mkdir(parents=True, exist_ok=True)
    draw_scores({name: scores}, matcher, asked.out / "scores.png")
    write_json(
        asked.out / "scores.json",
        {
            "model": name,
            "matcher": matcher,
            "scores": {part: asdict(found) for part, found in scores.items()},
            **more,
            "records_not_usable": dict(Counter(reject.reason for reject in rejects)),
            "replies_not_read": dict(unread),
            "pairs_not_matched": dict(lost),
        },
    )
    (asked.out / "leaderboard.md").write_text(table, encoding="utf-8")
    require_few_lost(lost.total(), wanted, lost, table)
    return table
