"""Turns a policy's reply into an outcome (rendered, failed, judged), before a reward is computed.

Extract the program, render it under the contract of the references, then compare: exactly, with the
reference's own program (`train.reward.structural`), or by a judge, or both. Three things never share a
word: a program that failed, a judge that was led astray by the picture, and machinery that was down.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, Self, TypeVar

from records.taxonomy import Modality
from renderers.contract import Picture
from train.metrics.similarity import outline_agreement, ssim
from train.reward.judge import Judge, JudgeAnswer, NotJudged
from train.reward.outcome import Case, Outcome, Task, Verdict
from train.reward.prompt_injection import speech_to_judge
from train.reward.workers import Workers

T = TypeVar("T")

PLAINLY_DIFFERENT: dict[Modality, tuple[Callable[[bytes, bytes], float], float]] = {
    Modality.CHART: (outline_agreement, 0.36),
    Modality.TABLE: (ssim, 0.3),
    Modality.SVG: (outline_agreement, 0.4),
}
"""If the similarity is below this, a severity sum of at most `PERFECT` is rejected as implausible.

Every pair of such a verdict in a sample of the demo dataset is above (from .38, .32 and .54); of
unrelated pictures of one kind more than 95 %, 75 % and all are below. A last line of defense: a
judge that can be talked round by a nearly right picture has to be trained not to.
"""
PERFECT = 2
"""Largest severity sum that means nearly equal."""


class Scorer:
    """Scores many replies at once. A context manager, since it holds renderers and connections.

    Drawing and comparing happen in processes of its own (`train.reward.workers`), judges are asked in a
    thread of its own, so it can be called from any thread and any event loop.
    """

    def __init__(
        self, judge: Judge | None, render_workers: int = 1, *, exact: bool = False
    ) -> None:
        """
        Args:
            judge: Says how much two pictures differ; entered and left with the scorer. None asks nobody.
            render_workers: Processes that draw and compare, each a reply at a time.
            exact: Compare with the reference's own program, too. With neither judge nor this, replies
                are drawn and no more.
        """
        self.judge = judge
        self.exact = exact
        self._render_workers = render_workers

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scorer", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._workers = Workers(self._render_workers)
        try:
            if self.judge is not None:
                self._submit(self._stack.enter_async_context(self.judge)).result()
        except BaseException:
            self._workers.close()
            self._stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._submit(self._stack.aclose()).result()
        finally:
            self._workers.close()
            self._stop()

    def score(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcome of each case, in order.

        Raises:
            SandboxUnavailable: this machine cannot contain the programs, so none is run.
            ConfigError: the judge's address, key or model is wrong, or the references were drawn
                under another contract.
        """
        return self._submit(self._all(cases)).result()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return self._workers.pids

    async def score_one(self, case: Case) -> Outcome:
        """The outcome of one case, for callers with their own event loop. Raises: as `score`."""
        return await asyncio.wrap_future(self._submit(self._one(case)))

    async def _all(self, cases: Iterable[Case]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._one, cases)))

    async def _one(self, case: Case) -> Outcome:
        task = Task(
            case.modality,
            case.reply,
            case.reference.pixel_hash,
            case.reference_code,
            case.contract,
            exact=self.exact,
            words=self.judge is not None,
        )
        found = await asyncio.wrap_future(self._workers.submit(task))
        drawn, candidate = found.outcome, found.outcome.candidate
        known = drawn.verdict is not Verdict.SCORED or drawn.reason == "equal_pixels"
        if self.judge is None or candidate is None or known:
            return drawn
        judged = await self._judged(self.judge, case, candidate, found.words)
        if judged.verdict is not Verdict.SCORED:
            return judged
        return replace(judged, nearness=drawn.nearness)

    async def _judged(
        self, judge: Judge, case: Case, candidate: Picture, texts: Sequence[str]
    ) -> Outcome:
        spoken = next(filter(None, (speech_to_judge(t, case.reference_code) for t in texts)), "")
        if spoken:
            return Outcome(
                Verdict.JUDGE_MISLED, "speaks_to_judge", detail=spoken, candidate=candidate
            )
        judgment = await judge.judge(case.modality, case.reference, candidate)
        if isinstance(judgment, NotJudged):
            verdict = Verdict.NO_SCORE if judgment.down else Verdict.JUDGE_MISLED
            reason = "judge_down" if judgment.down else f"judge_{judgment.reason}"
            return Outcome(verdict, reason, detail=judgment.detail, candidate=candidate)
        return await asyncio.to_thread(_judged_outcome, judgment, case, candidate)

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _judged_outcome(answer: JudgeAnswer, case: Case, candidate: Picture) -> Outcome:
    severity = answer.severity_sum
    if severity <= PERFECT:
        likeness, least = PLAINLY_DIFFERENT[case.modality]
        found = likeness(case.reference.png, candidate.png)
        if found < least:
            return Outcome(
                Verdict.JUDGE_MISLED,
                "praised_against_pixels",
                detail=f"severity {severity}, but a likeness of {found:.2f}, below {least}",
                candidate=candidate,
            )
    return Outcome(
        Verdict.SCORED,
        "judged",
        severity,
        candidate=candidate,
        discrepancies=answer.discrepancies,
    )
