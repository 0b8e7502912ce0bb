"""The reward model's predictions on VC-RewardBench, scored against people's.

``python -m train.evaluate --benchmark FOLDER --out FOLDER`` with one of ``--url URL --model NAME`` (ask a
served model), ``--predictions FILE`` (lines of ``{"id", "errors"}``) or ``--shipped FIELD`` (predictions
that the benchmark brings). Errors are matched by words, without a judge, or by a language model
(``--matcher-url``, ``--matcher-model``) as the paper does it. A killed run goes on where it was.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from annotators.audit.matching import Marked, Match, match_by_words
from endpoints.settings import endpoint_at
from quality.format.prompts import read_prompts
from records.errors import ConfigError
from records.files import write_json
from train.arguments import count
from train.evaluate.agreement import Compared, matchers_agree, score
from train.evaluate.answers import answers_file
from train.evaluate.asking import Predictions, predict, read_predictions
from train.evaluate.benchmark import Item, read_benchmark
from train.evaluate.leaderboard import draw_scores, leaderboard
from train.evaluate.lost_pairs import require_few_lost
from train.evaluate.matcher import Matcher, ask_matches
from train.evaluate.official.run import evaluate as evaluate_officially
from train.exit_codes import ended
from train.reward.judge import EndpointJudge


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
    parser.add_argument(
        "--prompts", default="", help="file with the prompts that the model was trained on"
    )
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
    parser.add_argument("--limit", type=count, default=0, help="only so many pairs; 0 takes all")
    parser.add_argument("--resamples", type=count, default=1000, help="of the intervals")
    asked = parser.parse_args(arguments)
    if bool(asked.matcher_url) != bool(asked.matcher_model):
        parser.error("--matcher-url and --matcher-model go together")
    work = _evaluate if asked.protocol == "vermillion" else evaluate_officially
    return ended("evaluate", lambda: print(work(asked)))


@dataclass(frozen=True, slots=True)
class Predicted:
    """Predictions of a model for a set of pairs."""

    name: str
    items: Sequence[Item]
    predictions: Predictions
    unread: Counter[str]
    """Replies that could not be read, by reason."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs with their matches, and those that were lost on the way."""

    matcher: str
    items: Sequence[Item]
    compared: list[Compared]
    lost: Counter[str]


def _evaluate(asked: argparse.Namespace) -> str:
    items, rejects = read_benchmark(asked.benchmark)
    predicted = _predicted(asked, items[: asked.limit or None])
    asked.out.mkdir(parents=True, exist_ok=True)
    found = _matched(asked, predicted)
    scores = score(found.compared, asked.resamples)
    table = leaderboard({predicted.name: scores}, found.matcher)
    if found.lost:
        table += (
            f"\nPairs lost: {found.lost.total()} of {len(predicted.items)} {dict(found.lost)}.\n"
        )
    without = len(items[: asked.limit or None]) - len(predicted.items)
    if predicted.unread or without:
        table += (
            f"\nReplies that cannot be read, which name nothing: {predicted.unread.total()}; pairs without a "
            f"reply, which are left out: {without}.\n"
        )
    more: dict[str, Any] = {}
    if asked.matcher_url:
        more["by_words"], line = _beside_words(found, predicted.predictions)
        table += line
    draw_scores({predicted.name: scores}, found.matcher, asked.out / "scores.png")
    write_json(
        asked.out / "scores.json",
        {
            "model": predicted.name,
            "matcher": found.matcher,
            "scores": {part: asdict(one) for part, one in scores.items()},
            **more,
            "records_not_usable": dict(Counter(reject.reason for reject in rejects)),
            "replies_not_read": dict(predicted.unread),
            "pairs_not_matched": dict(found.lost),
        },
    )
    (asked.out / "leaderboard.md").write_text(table, encoding="utf-8")
    require_few_lost(found.lost.total(), len(predicted.items), found.lost, table)
    return table


def _predicted(asked: argparse.Namespace, items: Sequence[Item]) -> Predicted:
    """Predictions of a file, of the benchmark itself, or of a server that is asked now.

    Raises:
        ConfigError: the file or the field is not there.
        EndpointUnavailable: the server is down; what was answered is kept.
    """
    if asked.predictions:
        given = read_predictions(asked.predictions)
        return Predicted(asked.predictions.stem, items, given, Counter())
    if asked.shipped:
        return _shipped(asked.shipped, items)
    prompts = read_prompts(asked.prompts)
    endpoints = [
        endpoint_at(url, asked.model, api_key_env=asked.api_key_env, reasks=2) for url in asked.url
    ]
    file = answers_file(asked.out, "predictions.jsonl", prompts)
    predictions, unread = predict(items, EndpointJudge(endpoints, prompts=prompts), file)
    return Predicted(asked.model, items, predictions, unread)


def _shipped(name: str, items: Sequence[Item]) -> Predicted:
    """What the benchmark brings of a model. A reply that cannot be read names nothing and is counted, as one
    of a served model is.

    Raises:
        ConfigError: the benchmark brings nothing of it.
    """
    brought = [item for item in items if name in item.shipped]
    if not brought:
        known = sorted({field for item in items for field in item.shipped})
        known_are = f"known: {', '.join(known)}" if known else "it brings no predictions at all"
        raise ConfigError(f"no field {name!r} in the benchmark; {known_are}")
    lost = sum(item.shipped[name] is None for item in brought)
    unread = Counter({"unparsable_errors": lost} if lost else {})
    return Predicted(name, brought, {i.id: i.shipped[name] or () for i in brought}, unread)


def _matched(asked: argparse.Namespace, predicted: Predicted) -> Matched:
    """The pairs matched by words, or by the language model that was given."""
    if not asked.matcher_url:
        return Matched(
            "words", predicted.items, compare(predicted.items, predicted.predictions), Counter()
        )
    matches, lost = Matcher.of(asked).match(
        {
            item.id: partial(
                ask_matches, predicted=predicted.predictions[item.id], human=item.human
            )
            for item in predicted.items
        }
    )
    items = [item for item in predicted.items if item.id in matches]
    return Matched(asked.matcher_model, items, compare(items, predicted.predictions, matches), lost)


def _beside_words(found: Matched, predictions: Predictions) -> tuple[dict[str, Any], str]:
    """How far matching by words agrees with the language model's, as figures and as a sentence."""
    by_words = compare(found.items, predictions)
    agreement = matchers_agree(found.compared, by_words)
    plain = score(by_words, 0)["overall"]
    return {"overall": asdict(plain), "agreement": asdict(agreement)}, (
        f"\nThe matcher by words gives F1 hard {plain.f1_hard.value}, soft "
        f"{plain.f1_soft.value}; its matches against {found.matcher}'s: F1 {agreement.f1}, kappa "
        f"{agreement.kappa}.\n"
    )
