"""Turns a policy's reply into an outcome (rendered, failed, judged), before a reward is computed.

Extract the program, render it under the contract of the references, then compare: exactly, with the
reference's own program (`train.reward.structural`), or by a judge, or both. Three things never share a
word: a program that failed, a judge that was led astray by the picture, and machinery that was down.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self, TypeVar

from records.errors import ConfigError, PolicyReplyError, RendererUnavailable
from records.rows import Discrepancy
from records.taxonomy import Modality
from renderers.chart.seen.ink import Ink
from renderers.chart.seen.words import lines_of
from renderers.contract import Picture, Render
from renderers.scene import SceneError
from sandbox.status import Limits, RenderStatus
from train.metrics.similarity import outline_agreement, ssim
from train.reward.drawing import RendererThreads
from train.reward.judge import Judge, JudgeAnswer, NotJudged
from train.reward.programs import language_of, program_in
from train.reward.prompt_injection import speech_to_judge
from train.reward.structural import Measured, ScoredReference

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
REFERENCES = 512
"""Rendered references that a scorer caches: those of a step, each with many replies."""
PERFECT = 2
"""Largest severity sum that means nearly equal."""


class Verdict(StrEnum):
    """The verdict on a reply."""

    SCORED = "scored"
    PROGRAM_FAILED = "program_failed"
    """No program, or no picture: the reward is 0."""
    JUDGE_MISLED = "judge_misled"
    """The picture addresses the judge, caused an unusable answer, or was praised against the
    pixels: the reward is 0, so that breaking the judge does not pay."""
    NO_SCORE = "no_score"
    """Renderer or judge did not work: there is no reward."""


@dataclass(frozen=True, slots=True)
class Case:
    """One reply to one reference."""

    modality: Modality
    reply: str
    reference: Picture
    reference_code: str = ""
    """The reference's program, for the exact comparison. Words in it count as content, not as
    prompt injection."""
    contract: str = ""
    """Render contract of the reference; empty if unknown."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a case."""

    verdict: Verdict
    reason: str = ""
    """A snake_case word: a render status, a defect of the judge's answer, or the failed component."""
    severity_sum: int | None = None
    """Set if the verdict is `scored`."""
    detail: str = ""
    candidate: Picture | None = None
    nearness: float | None = None
    """0 to 1, from the exact comparison; None without one."""
    discrepancies: tuple[Discrepancy, ...] = ()
    """The differences found."""

    @property
    def failed(self) -> bool:
        """True if the reward is 0 without a comparison."""
        return self.verdict in (Verdict.PROGRAM_FAILED, Verdict.JUDGE_MISLED)


class Scorer:
    """Scores many replies at once. A context manager, since it holds renderers and connections.

    It uses its own threads, so it can be called from any thread and any event loop.
    """

    def __init__(
        self,
        judge: Judge | None,
        render_workers: int = 1,
        limits: Limits | None = None,
        *,
        exact: bool = False,
    ) -> None:
        """
        Args:
            judge: Says how much two pictures differ; entered and left with the scorer. None asks nobody.
            render_workers: Renderers of each modality that draw at once.
            limits: What one render may use.
            exact: Compare with the reference's own program, too. With neither judge nor this, replies
                are drawn and no more.
        """
        self.judge = judge
        self.exact = exact
        self._drawing = RendererThreads(render_workers, limits)
        self._references: OrderedDict[
            tuple[Modality, str], asyncio.Future[ScoredReference | Outcome]
        ]
        self._references = OrderedDict()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scorer", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        try:
            if self.judge is not None:
                self._submit(self._stack.enter_async_context(self.judge)).result()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._submit(self._stack.aclose()).result()
        finally:
            self._drawing.close()
            self._stop()

    def score(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcome of each case, in order.

        Raises:
            SandboxUnavailable: this machine cannot contain the programs, so none is run.
            ConfigError: the judge's address, key or model is wrong, or the references were drawn
                under another contract.
        """
        return self._submit(self._all(cases)).result()

    def forget(self) -> None:
        """Drop all cached references."""
        self._loop.call_soon_threadsafe(self._references.clear)

    async def score_one(self, case: Case) -> Outcome:
        """The outcome of one case, for callers with their own event loop. Raises: as `score`."""
        return await asyncio.wrap_future(self._submit(self._one(case)))

    async def _all(self, cases: Iterable[Case]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._one, cases)))

    async def _one(self, case: Case) -> Outcome:
        try:
            code, language = program_in(case.reply, case.modality)
        except PolicyReplyError as error:
            return Outcome(Verdict.PROGRAM_FAILED, error.reason, detail=error.detail)
        try:
            render = await asyncio.wrap_future(self._drawing.draw(code, language))
        except RendererUnavailable as error:
            return Outcome(Verdict.NO_SCORE, "renderer_down", detail=str(error))
        if case.contract and render.contract != case.contract:
            raise ConfigError(
                f"references were drawn under the {case.modality} contract {case.contract}, this "
                f"machine draws under {render.contract}: fonts or libraries differ, and pictures "
                "that were drawn differently must not be compared. Build the dataset here, or use "
                "its versions (`vermillion doctor`)"
            )
        if render.status is not RenderStatus.OK:
            return Outcome(Verdict.PROGRAM_FAILED, render.status.value, detail=render.detail)
        candidate, _ = render.drawn()
        if candidate.pixel_hash == case.reference.pixel_hash:
            return Outcome(Verdict.SCORED, "equal_pixels", 0, candidate=candidate, nearness=1.0)
        found: Measured | None = None
        if self.exact:
            compared = await self._compared(case, render)
            if isinstance(compared, Outcome):
                return compared
            found = compared
        if self.judge is None:
            return _exactly(found, candidate)
        outcome = await self._judged(self.judge, case, candidate, words_in(render))
        if found is None or outcome.verdict is not Verdict.SCORED:
            return outcome
        return replace(outcome, nearness=found.nearness)

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

    async def _compared(self, case: Case, candidate: Render) -> Measured | Outcome:
        """The exact comparison, or an outcome if it is impossible."""
        if not case.reference_code:
            raise ConfigError(
                "the exact reward compares with the reference's program, and there is none: give the "
                "column reference_code (`train.grpo.policy_data` writes it), or set [reward] kind = "
                "'judge'"
            )
        reference = await self._reference(case)
        if isinstance(reference, Outcome):
            return reference
        if candidate.drawn()[1].truncated:
            return Outcome(
                Verdict.PROGRAM_FAILED, "too_many_parts", detail="what it draws is not told whole"
            )
        try:
            return await asyncio.to_thread(reference.against, candidate)
        except SceneError as error:
            return Outcome(Verdict.PROGRAM_FAILED, "unreadable_output", detail=str(error))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            if case.modality is not Modality.CHART:
                raise
            # A chart's claims may have any form: such a case gets no reward and does not stop the run.
            return Outcome(Verdict.PROGRAM_FAILED, "unreadable_output", detail=repr(error))

    async def _reference(self, case: Case) -> ScoredReference | Outcome:
        """The reference, drawn and read once for all its replies; `REFERENCES` of them are kept."""
        key = (case.modality, case.reference_code)
        reading = self._references.get(key)
        if reading is None:
            reading = self._references[key] = asyncio.ensure_future(self._read(case))
        self._references.move_to_end(key)
        while len(self._references) > REFERENCES:
            self._references.popitem(last=False)
        found = await asyncio.shield(reading)
        if isinstance(found, Outcome) and self._references.get(key) is reading:
            del self._references[key]  # A renderer that failed may work for the next reply.
        return found

    async def _read(self, case: Case) -> ScoredReference | Outcome:
        language = language_of(case.reference_code, case.modality)
        try:
            render = await asyncio.wrap_future(self._drawing.draw(case.reference_code, language))
        except RendererUnavailable as error:
            return Outcome(Verdict.NO_SCORE, "renderer_down", detail=str(error))
        if render.status is not RenderStatus.OK:
            detail = f"{render.status.value}: {render.detail}"
            return Outcome(Verdict.NO_SCORE, "reference_not_drawn", detail=detail)
        if render.drawn()[1].truncated:
            return Outcome(Verdict.NO_SCORE, "reference_too_large", detail="its scene is cut off")
        try:
            return await asyncio.to_thread(ScoredReference.of, render)
        except SceneError as error:
            return Outcome(Verdict.NO_SCORE, "reference_unreadable", detail=str(error))

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def words_in(render: Render) -> list[str]:
    """The texts of a picture: from its scene, and for charts also from the glyphs, since a chart's
    program could omit texts."""
    texts = [element.text for element in render.drawn()[1].root.walk() if element.text]
    if render.display is not None:
        texts += [line.text for line in lines_of(render.display, Ink(render.display))]
    return texts


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


def _exactly(found: Measured | None, candidate: Picture) -> Outcome:
    if found is None:
        return Outcome(Verdict.SCORED, "drawn", candidate=candidate)
    return Outcome(
        Verdict.SCORED,
        "claims_not_confirmed" if found.disbelief else "compared",
        found.severity_sum,
        detail=found.disbelief,
        candidate=candidate,
        nearness=found.nearness,
        discrepancies=found.discrepancies,
    )
