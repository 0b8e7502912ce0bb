"""A program is drawn, criticized and written again, until the critic is content: test-time scaling.

``python -m train.refine PICTURE... --modality svg --policy-url URL --policy NAME --critic-url URL --out
FOLDER``, or with ``--critic structural`` and the references' programs in place of pictures: then the critic is exact
and needs no server. ``--best-of N`` draws N programs apart and keeps the best. Each round of a picture leaves its program and its drawing; `transcript.md` shows them side
by side, the best by reward is kept apart. Source: arXiv:2603.13224, "Test-time scaling".
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self

from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, FailureReason, Request
from endpoints.client.images import encode
from endpoints.settings import Endpoint, Sampling, endpoint_at
from quality.format.prompts import OURS, Prompts, read_prompts
from records.errors import ConfigError, EndpointUnavailable, PolicyReplyError, RunError
from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.registry import open_renderer
from train.exit_codes import ended
from train.grpo.policy_data import task_of_policy
from train.refine.records import Refined, Round
from train.refine.transcript import write_summary, write_transcript
from train.reward import formulas
from train.reward.functions import picture_of
from train.reward.judge import EndpointJudge, Judge
from train.reward.outcome import CLAIMS_NOT_CONFIRMED, Case, Outcome
from train.reward.programs import LANGUAGES, language_of, program_in
from train.reward.scoring import Scorer

STRUCTURAL = "structural"
"""Name of the critic that compares exactly."""
LONGEST_PX = 1536
"""Longer pictures are sent to the policy smaller."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """How long is refined."""

    rounds: int = 3
    """Most programs that are written, the first included. Source: 3 is the paper's best."""
    threshold: int = 0
    """Sum of severities at which a drawing is good enough."""
    at_once: int = 8
    """Pictures that are refined at the same time."""
    independent: bool = False
    """Each round is independent, without the critic's comments: best of `rounds`."""


@dataclass(frozen=True, slots=True)
class Given:
    """A reference: its picture and, for the exact critic, its program."""

    name: str
    modality: Modality
    picture: Picture
    code: str = ""


class Refiner:
    """A policy and a critic at work. An asynchronous context manager."""

    def __init__(
        self,
        policy: Endpoint,
        critic: Judge | None,
        settings: Refinement | None = None,
        sampling: Sampling | None = None,
        render_workers: int = 1,
    ) -> None:
        """
        Args:
            policy: The model that writes programs.
            critic: Compares pictures with the reference (Visual-ERM). None compares exactly, with
                the reference's program.
            settings: Number of rounds and thresholds.
            sampling: Sampling settings of the policy.
            render_workers: Processes that draw and compare, each a reply at a time.
        """
        self.settings = settings or Refinement()
        self._endpoint = policy
        self._sampling = sampling or Sampling(temperature=0.7, max_tokens=8192)
        self._scorer = Scorer(critic, render_workers, exact=critic is None)

    async def __aenter__(self) -> Self:
        self._threads = ExitStack()
        self._stack = AsyncExitStack()
        await asyncio.to_thread(self._threads.enter_context, self._scorer)
        try:
            cache = self._threads.enter_context(ReplyCache())
            self._policy = await self._stack.enter_async_context(
                ChatClient(self._endpoint, self._sampling, cache)
            )
        except BaseException:
            await asyncio.to_thread(self._threads.close)
            raise
        self._places = asyncio.Semaphore(self.settings.at_once)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()
        await asyncio.to_thread(self._threads.close)

    async def refine(self, given: Given) -> Refined:
        """Draw, criticize and write again until it is good enough or the rounds are over.

        Raises:
            EndpointUnavailable: the policy or the critic was down in every round.
            ConfigError: a server does not accept key, model or address.
        """
        rounds: list[Round] = []
        async with self._places:
            while len(rounds) < self.settings.rounds:
                rounds.append(await self._round(given, rounds))
                if self._is_good(rounds[-1]):
                    break
        refined = Refined(given.name, given.modality, given.picture, tuple(rounds))
        if refined.best is None:
            last = rounds[-1]
            raise EndpointUnavailable(
                f"{given.name}: no round was drawn and judged ({last.reason}): {last.detail}; nothing can be kept"
            )
        return refined

    def _is_good(self, last: Round) -> bool:
        """True if the drawing is good enough. An exact comparison names no error of what a chart claims and does
        not draw, so a candidate with such claims is not good, however few its severities."""
        severity = last.severity_sum
        believed = last.reason != CLAIMS_NOT_CONFIRMED
        return severity is not None and severity <= self.settings.threshold and believed

    async def _round(self, given: Given, before: Sequence[Round]) -> Round:
        number = len(before) + 1
        modality, reference = given.modality, given.picture
        known = () if self.settings.independent else before
        request = await asyncio.to_thread(_request, modality, reference, known, len(before))
        answer = await self._policy.ask(request)
        language = LANGUAGES[modality][0]
        if isinstance(answer, Failure):
            # A reply that was cut off or refused is a failed try of the policy; a server that is
            # down is nobody's, and earns no number.
            down = answer.reason in (FailureReason.UNAVAILABLE, FailureReason.OVER_BUDGET)
            reward = None if down else formulas.FAILED
            return Round(
                number,
                answer.text,
                language,
                "no_reply",
                answer.reason,
                None,
                reward,
                detail=answer.detail,
            )
        try:
            code, language = program_in(answer.text, modality)
        except PolicyReplyError:
            code = answer.text
        case = Case(modality, answer.text, reference, given.code)
        outcome = await self._scorer.score_one(case)
        return Round(
            number,
            code,
            language,
            outcome.verdict,
            outcome.reason,
            outcome.severity_sum,
            _reward(outcome),
            outcome.discrepancies,
            outcome.detail,
            outcome.candidate,
        )


def _reward(outcome: Outcome) -> float | None:
    if outcome.failed:
        return formulas.FAILED
    if outcome.nearness is not None:
        return round(1 + outcome.nearness, 4)
    if outcome.severity_sum is None:
        return None
    return formulas.likeness_reward(outcome.severity_sum, formulas.RELEASED_LIMIT)


def _request(modality: Modality, reference: Picture, before: Sequence[Round], seed: int) -> Request:
    """The question of the next round: the first task, or what to do better at the best so far."""
    task = task_of_policy(modality)
    tried = [round_ for round_ in before if round_.code]
    if not tried:
        (shown,) = encode([reference.png], LONGEST_PX)
        return Request((shown, task), seed=seed)
    # From the best so far: a revision that made it worse is not built upon.
    last = max(tried, key=lambda round_: (round_.reward or 0.0, round_.number))
    pictures = [reference.png]
    if last.picture is None:
        prompt, findings = "repair", f"{last.reason}: {last.detail[:2000]}"
    else:
        prompt, findings = "revise", _findings(last)
        pictures.append(last.picture.png)
    text = (files("train.refine") / "prompts" / f"{prompt}.md").read_text(encoding="utf-8").strip()
    for name, value in (
        # The program last: it may hold any of these words.
        ("<task>", task),
        ("<findings>", findings),
        ("<language>", str(last.language)),
        ("<program>", last.code.strip()),
    ):
        text = text.replace(name, value, 1)
    # Another seed each round, or the same question would have the same answer.
    return Request((*encode(pictures, LONGEST_PX), text), seed=seed)


def _findings(last: Round) -> str:
    lines = [
        f"- {found.category}, severity {found.severity}, at {found.location}: {found.description}"
        for found in last.discrepancies
    ]
    return "\n".join(lines) or f"- it does not show the reference ({last.reason})"


async def refine_all(refiner: Refiner, references: Sequence[Given], out: Path) -> list[Refined]:
    """Refine many pictures, in order, each with its own folder under ``out``.

    Raises: as `Refiner.refine`.
    """
    async with refiner:

        async def one(given: Given) -> Refined:
            refined = await refiner.refine(given)
            await asyncio.to_thread(write_transcript, refined, out / given.name)
            return refined

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(given)) for given in references]
    refined = [task.result() for task in tasks]
    write_summary(refined, out)
    return refined


def refine_files(
    pictures: Sequence[Path],
    modality: Modality,
    policy: Endpoint,
    critics: Sequence[Endpoint],
    out: Path,
    settings: Refinement,
    prompts: Prompts = OURS,
) -> list[Refined]:
    """Refine programs for picture files. Args: as `Refiner`; Raises: as `Refiner.refine`.

    Without critics files are the references' programs, which are drawn here. ``prompts`` are what critics learned.

    Raises:
        ConfigError: a file is no picture or no program, or two have one name.
    """
    names = [file.stem for file in pictures]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigError(f"two pictures are called {', '.join(doubled)}; refine them apart")
    if critics:
        given = [Given(file.stem, modality, _picture(file)) for file in pictures]
    else:
        given = _programs(pictures, modality)
    critic = EndpointJudge(critics, prompts=prompts) if critics else None
    refiner = Refiner(policy, critic, settings)
    try:
        return asyncio.run(refine_all(refiner, given, out))
    except* RunError as group:
        raise group.exceptions[0] from None


def _programs(files_: Sequence[Path], modality: Modality) -> list[Given]:
    """References drawn from their programs."""
    found = []
    with open_renderer(modality, None) as renderer:
        for file in files_:
            try:
                code = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(
                    f"{file}: no program; the structural critic compares with the reference's program: "
                    f"give .py, .html, .md or .svg files ({error})"
                ) from error
            render = renderer.render(code, language_of(code, modality))
            if render.picture is None:
                raise ConfigError(f"{file}: not drawn ({render.status}): {render.detail}")
            found.append(Given(file.stem, modality, render.picture, code))
    return found


def _picture(file: Path) -> Picture:
    from PIL import UnidentifiedImageError

    try:
        return picture_of(file.read_bytes())
    except OSError as error:  # UnidentifiedImageError is one
        reason = "no picture" if isinstance(error, UnidentifiedImageError) else error.strerror
        raise ConfigError(f"{file}: {reason}; give PNG or JPEG files") from error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.refine", description=__doc__)
    parser.add_argument("pictures", nargs="+", type=Path, help="pictures of references")
    parser.add_argument("--modality", required=True, choices=[str(task) for task in Modality])
    parser.add_argument("--policy-url", required=True, help="OpenAI-compatible server, with /v1")
    parser.add_argument("--policy", required=True, help="name of the policy's model there")
    parser.add_argument("--critic-url", default=[], action="append", help="may be repeated")
    parser.add_argument(
        "--critic",
        default="visual-erm",
        help="name of the critic's model there; `structural` compares exactly, without a server",
    )
    parser.add_argument(
        "--best-of", type=int, default=0, help="so many programs apart, in place of rounds"
    )
    parser.add_argument(
        "--prompts", default="", help="file with the prompts that the critic was trained on"
    )
    parser.add_argument("--key-env", default="", help="environment variable with the servers' key")
    parser.add_argument(
        "--rounds", type=int, default=3, help="most programs written, the first too"
    )
    parser.add_argument("--threshold", type=int, default=0, help="severity that is good enough")
    parser.add_argument("--out", required=True, type=Path)
    asked = parser.parse_args(arguments)
    if (asked.critic == STRUCTURAL) == bool(asked.critic_url):
        parser.error("give --critic-url, or --critic structural and the references' programs")

    def work() -> None:
        refined = refine_files(
            asked.pictures,
            Modality(asked.modality),
            endpoint_at(asked.policy_url, asked.policy, api_key_env=asked.key_env),
            [
                endpoint_at(url, asked.critic, api_key_env=asked.key_env, reasks=2)
                for url in asked.critic_url
            ],
            asked.out,
            Refinement(
                max(1, asked.best_of or asked.rounds),
                max(0, asked.threshold),
                independent=bool(asked.best_of),
            ),
            read_prompts(asked.prompts),
        )
        for one in refined:
            rewards = " -> ".join(
                "?" if r.reward is None else f"{r.reward:.2f}" for r in one.rounds
            )
            best = one.best
            print(f"{one.name}: reward {rewards}; round {best.number if best else '?'} is kept")
        print(f"{asked.out}/summary.md")

    return ended("refine", work)
