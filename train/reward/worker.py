"""One worker process of rewards: draws replies and compares them, one at a time.

A trainer starts it (`train.reward.workers`) as ``python -m train.reward.worker DESCRIPTOR PARENT``. Tasks
come and results go by that descriptor; the process ends with the connection or with its parent. It runs no
code of a reply itself: programs are drawn in the renderers' sandboxes, below this process.
"""

from __future__ import annotations

import gc
import logging
import sys
import traceback
from collections import OrderedDict
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Self

from records.errors import ConfigError, PipelineError, PolicyReplyError, RendererUnavailable
from records.rows import COMPARISON_BUG
from records.taxonomy import Language, Modality
from renderers.chart.seen.ink import Ink
from renderers.chart.seen.words import lines_of
from renderers.contract import Picture, Render, Renderer
from renderers.registry import open_renderer
from renderers.scene import SceneError
from sandbox.status import RenderStatus
from sandbox.verdict import last_lines
from sandbox.warm_memory import reuse_memory
from sandbox.workers import end_with_parent
from train.reward.outcome import CLAIMS_NOT_CONFIRMED, REFERENCES, Outcome, Result, Task, Verdict
from train.reward.programs import language_of, program_in
from train.reward.structural import Measured, ScoredReference

log = logging.getLogger(__name__)


class Worker:
    """Warm renderers of all modalities, and the references that were read. A context manager."""

    def __init__(self) -> None:
        self._renderers: dict[Modality, Renderer] = {}
        self._references: OrderedDict[tuple[Modality, str], ScoredReference] = OrderedDict()

    def __enter__(self) -> Self:
        self._open = ExitStack()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def work(self, task: Task) -> Result:
        """Draw a reply and compare it.

        Raises:
            SandboxUnavailable: this machine cannot contain the programs, so none is run.
            ConfigError: the reference was drawn under another contract, or its program is missing.
        """
        try:
            code, language = program_in(task.reply, task.modality)
        except PolicyReplyError as error:
            return Result(Outcome(Verdict.PROGRAM_FAILED, error.reason, detail=error.detail))
        try:
            render = self._draw(code, language)
        except RendererUnavailable as error:
            return Result(Outcome(Verdict.NO_SCORE, "renderer_down", detail=str(error)))
        if task.contract and render.contract != task.contract:
            raise ConfigError(
                f"references were drawn under the {task.modality} contract {task.contract}, this "
                f"machine draws under {render.contract}: fonts or libraries differ, and pictures "
                "that were drawn differently must not be compared. Build the dataset here, or use "
                "its versions (`vermillion doctor`)"
            )
        if render.status is not RenderStatus.OK:
            failed = Outcome(Verdict.PROGRAM_FAILED, render.status.value, detail=render.detail)
            return Result(failed)
        candidate, _ = render.drawn()
        if candidate.pixel_hash == task.reference_hash:
            return Result(
                Outcome(Verdict.SCORED, "equal_pixels", 0, candidate=candidate, nearness=1.0)
            )
        if not task.exact:
            outcome = Outcome(Verdict.SCORED, "drawn", candidate=candidate)
        else:
            outcome = self._compared(task, render, candidate)
        asked = task.words and outcome.verdict is Verdict.SCORED
        return Result(outcome, tuple(words_in(render)) if asked else ())

    def _draw(self, code: str, language: Language) -> Render:
        renderer = self._renderers.get(language.modality)
        if renderer is None:
            # The same pictures for a third less CPU (decision 22); training draws nothing but.
            renderer = open_renderer(language.modality, table_driver="pipe")
            self._renderers[language.modality] = self._open.enter_context(renderer)
        return renderer.render(code, language)

    def _compared(self, task: Task, render: Render, candidate: Picture) -> Outcome:
        """The exact comparison."""
        if not task.reference_code:
            raise ConfigError(
                "the exact reward compares with the reference's program, and there is none: give the "
                "column reference_code (`train.grpo.policy_data` writes it), or set [reward] kind = "
                "'judge'"
            )
        try:
            reference = self.reference(task.modality, task.reference_code)
            if isinstance(reference, Outcome):
                return reference
            if render.drawn()[1].truncated:
                detail = "what it draws is not told whole"
                return Outcome(Verdict.PROGRAM_FAILED, "too_many_parts", detail=detail)
            return _scored(reference.against(render), candidate)
        except SceneError as error:
            return Outcome(Verdict.PROGRAM_FAILED, "unreadable_output", detail=str(error))
        except PipelineError:
            raise
        except Exception as error:
            # Both scenes were valid, so this is a bug of ours: it costs this reply its reward, not the
            # run, and is reported as a bug.
            log.exception("bug: the comparison of a %s failed; please report it", task.modality)
            return Outcome(Verdict.NO_SCORE, COMPARISON_BUG, detail=last_lines(error))

    def reference(self, modality: Modality, code: str) -> ScoredReference | Outcome:
        """The reference, drawn and read once for all its replies; one that failed is tried again."""
        key = (modality, code)
        found = self._references.get(key) or self._read(modality, code)
        if isinstance(found, ScoredReference):
            self._references[key] = found
            self._references.move_to_end(key)
            if len(self._references) > REFERENCES:
                self._references.popitem(last=False)
        return found

    def _read(self, modality: Modality, code: str) -> ScoredReference | Outcome:
        try:
            render = self._draw(code, language_of(code, modality))
        except RendererUnavailable as error:
            return Outcome(Verdict.NO_SCORE, "renderer_down", detail=str(error))
        if render.status is not RenderStatus.OK:
            detail = f"{render.status.value}: {render.detail}"
            return Outcome(Verdict.NO_SCORE, "reference_not_drawn", detail=detail)
        if render.drawn()[1].truncated:
            return Outcome(Verdict.NO_SCORE, "reference_too_large", detail="its scene is cut off")
        try:
            return ScoredReference.of(render)
        except SceneError as error:
            return Outcome(Verdict.NO_SCORE, "reference_unreadable", detail=str(error))


def words_in(render: Render) -> list[str]:
    """The texts of a picture: from its scene, and for charts also from the glyphs, since a chart's
    program could omit texts."""
    texts = [element.text for element in render.drawn()[1].root.walk() if element.text]
    if render.display is not None:
        texts += [line.text for line in lines_of(render.display, Ink(render.display))]
    return texts


def _scored(found: Measured, candidate: Picture) -> Outcome:
    return Outcome(
        Verdict.SCORED,
        CLAIMS_NOT_CONFIRMED if found.disbelief else "compared",
        found.severity_sum,
        detail=found.disbelief,
        candidate=candidate,
        nearness=found.nearness,
        discrepancies=found.discrepancies,
    )


def main(descriptor: int, parent: int) -> None:
    """Work until the connection ends."""
    end_with_parent(parent)
    reuse_memory()
    gc.collect()
    gc.freeze()  # What was imported is not searched for garbage again and again.
    with Connection(descriptor) as trainer, Worker() as worker:
        while True:
            try:
                task = trainer.recv()
            except EOFError:
                return
            found: Result | Exception
            try:
                found = worker.work(task)
            except Exception as error:  # noqa: BLE001 - raised again in the trainer
                if not isinstance(error, PipelineError):
                    error.add_note("".join(traceback.format_exception(error)))
                found = error
            trainer.send(found)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
