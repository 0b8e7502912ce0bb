"""The annotate stage: reads a shard of rendered pairs, writes a shard of judged pairs.

A pair is rejected, with a reason, if an intended change is not visible, or if pixels changed
visibly and no label explains the change.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from annotators import structural
from annotators.lvlm.annotator import (
    Drawn,
    LvlmAnnotator,
    Question,
    judge_in_order,
    load_annotators,
)
from annotators.lvlm.claims import confirm
from annotators.panel import STRUCTURAL, AnnotatorPanel, ComparedPair, PanelReply, panel_url
from annotators.relabel import asked_again
from endpoints.client.cache import ReplyCache
from endpoints.client.report import UseReport
from endpoints.progress import writes_progress
from records.columns import read_records
from records.config import BuildConfig, fingerprint
from records.errors import PairError, RowError
from records.files import write_text
from records.pairs import Judged, Pair, Reference
from records.rows import COMPARISON_BUG, Annotation, Attempt, Reject
from records.sections import AnnotateConfig
from records.shards import code_version, count_rows
from records.stages import stage_named
from records.work import Files, Work
from renderers.scene import SceneError
from renderers.stage import drawn_of
from sandbox.verdict import last_lines

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judging:
    """The settings that this stage uses."""

    settings: AnnotateConfig
    judges: tuple[LvlmAnnotator, ...]
    """The models among `annotators`, in the same order."""
    arbiters: tuple[LvlmAnnotator, ...]
    """Models that are asked about disputed pairs only."""
    work_url: str
    """URL of the build's working folder; the replies of models and the ledger of their cost are
    kept there."""

    @classmethod
    def of(cls, config: BuildConfig) -> Judging:
        """
        Raises:
            ConfigError: an annotator is not known, or its API key is missing.
        """
        chosen = config.annotate
        judges = load_annotators((n for n in chosen.annotators if n != STRUCTURAL), chosen.files)
        arbiters = load_annotators(chosen.relabel.annotators, chosen.files) if judges else ()
        return cls(chosen, judges, arbiters, config.work_url)

    @property
    def proven(self) -> bool:
        """True if the scene comparison alone decides the labels."""
        return self.settings.annotators[0] == STRUCTURAL and not self.settings.votes


def judged(files: Files, judging: Judging) -> Iterator[Judged | Reject]:
    """Yield every pair with its labels, or a reject.

    Raises:
        BoundPassed: a budget is spent.
        EndpointUnavailable: an annotator's server does not answer.
    """
    shard, settings = files.inputs["render"], judging.settings
    compared = _Comparisons(files.inputs["reference"], judging.proven)
    items = compared(enumerate(read_records(Pair, shard)))
    if not judging.judges:
        for item in items:
            yield item if isinstance(item, Reject) else _with(item, [item.annotation])
        return
    panel = AnnotatorPanel(
        settings.annotators,
        judging.judges,
        settings.votes,
        judging.arbiters,
        settings.relabel.at_least,
    )
    with ReplyCache.of(judging.work_url) as cache, writes_progress(cache, files.output) as tell:
        waiting: list[PanelReply] = []
        pairs = 0
        for one in _judged(panel, items, cache, tell, count_rows(shard)):
            if isinstance(one, Reject):
                yield one
                continue
            pair, reply = one
            pairs += 1
            if settings.relabel.rounds and panel.disputed(reply):
                waiting.append(reply)
            else:
                yield _settled(panel, pair, reply, judging.proven)
        again = asked_again(
            *(panel, waiting, pairs, shard, compared.again, cache, settings.relabel, tell)
        )
        for pair, reply in again:
            yield _settled(panel, pair, reply, judging.proven)
    write_text(panel_url(files.output), panel.to_json())


class _Comparisons:
    """Compares the scenes of each pair of a shard; every reference is read once."""

    def __init__(self, references: str, proven: bool) -> None:
        self._references = references
        self._look = see if proven else see_pixels
        self._drawn: dict[str, Drawn] = {}

    def __call__(self, pairs: Iterable[tuple[int, Pair]]) -> Iterator[ComparedPair | Reject]:
        if not self._drawn:
            references = read_records(Reference, self._references)
            self._drawn = {reference.id: drawn_of(reference) for reference in references}
        for at, pair in pairs:
            try:
                drawn = self._drawn[pair.sample_id], drawn_of(pair)
                comparison = structural.compare(*drawn)
                self._look(pair, comparison)
                confirm(pair, comparison.discrepancies)
            except SceneError as error:
                yield _reject(pair, "unreadable_scene", str(error))
            except RowError as error:
                yield _reject(pair, error.reason, error.detail)
            except Exception as error:
                # The scene was valid, so this is a bug of ours: it rejects this pair, not the
                # build, and is reported as a bug.
                log.exception("bug: the comparison of %s failed; please report it", pair.id)
                yield _reject(pair, COMPARISON_BUG, last_lines(error))
            else:
                yield ComparedPair(at, pair, drawn, comparison)

    def again(self, pairs: Iterable[tuple[int, Pair]]) -> Iterator[ComparedPair]:
        """Compare pairs again that were compared before, so none of them is a reject."""
        for item in self(pairs):
            assert isinstance(item, ComparedPair), item.detail
            yield item


def _decides(judging: Judging) -> str:
    settings, judges = judging.settings, judging.judges
    asked_for = repr((settings.annotators, settings.votes))
    if judges:
        asked_for += settings.relabel.model_dump_json()
    return fingerprint(
        asked_for,
        *(judge.identity for judge in (*judges, *judging.arbiters)),
        code_version("endpoints") if judges else "",
    )


def _judged(
    panel: AnnotatorPanel,
    items: Iterable[ComparedPair | Reject],
    cache: ReplyCache,
    tell: Callable[[UseReport], None],
    rows: int,
) -> Iterator[tuple[ComparedPair, PanelReply] | Reject]:
    """Yield each pair with the models' answers; rejects keep their place in the order."""
    waiting: deque[ComparedPair | Reject] = deque()

    def cases() -> Iterator[Question]:
        for item in items:
            waiting.append(item)
            if isinstance(item, ComparedPair):
                yield item.case()

    for _, judged in judge_in_order(panel.judges, cases(), cache, panel.reports, tell, rows):
        # Rejects keep their place in the order, so that a rerun writes the same bytes.
        while isinstance(waiting[0], Reject):
            yield waiting.popleft()  # type: ignore[misc]
        compared = waiting.popleft()
        assert isinstance(compared, ComparedPair)
        yield compared, panel.hear(compared, judged)
    for item in waiting:
        assert isinstance(item, Reject)
        yield item


def _settled(
    panel: AnnotatorPanel, pair: ComparedPair, reply: PanelReply, proven: bool
) -> Judged | Reject:
    settled = panel.settle(pair, reply)
    return settled if isinstance(settled, Reject) else _seen(*settled, proven)


def see(attempt: Attempt, comparison: structural.Comparison) -> None:
    """Accept a pair only if its labels and its changed pixels agree.

    Raises:
        PairError: ``unchanged_pair`` (an injected error is not visible), ``unexplained_change``
            (labels explain none or not all of the changed pixels), ``not_equivalent`` (a negative
            pair that differs).
    """
    kind = attempt.origin.kind
    visible = bool(comparison.pixels.changed.any())
    found = len(comparison.discrepancies)
    if kind in ("identical", "equivalent"):
        if found or visible:
            raise PairError(
                "not_equivalent",
                f"{found} differences, {comparison.changed_fraction:.4%} of pixels",
            )
    elif visible and not found:
        raise PairError(
            "unexplained_change", f"{comparison.changed_fraction:.4%} of pixels changed"
        )
    elif comparison.unexplained is not None:
        left, top, right, bottom = (round(edge) for edge in comparison.unexplained)
        raise PairError(
            "unexplained_change",
            f"beside all labels, in pixels {left} to {right} across and {top} to {bottom} down",
        )
    elif kind == "corrupted" and not visible:
        raise PairError("unchanged_pair", "no pixel changed visibly")


def see_pixels(attempt: Attempt, comparison: structural.Comparison) -> None:
    """Accept a pair if its pixels differ when they should, before any model is asked.

    Raises:
        PairError: ``unchanged_pair`` or ``not_equivalent``, decided by the pixels alone.
    """
    visible = bool(comparison.pixels.changed.any())
    if attempt.origin.kind == "corrupted" and not visible:
        raise PairError("unchanged_pair", "no pixel changed visibly")
    if attempt.origin.kind in ("identical", "equivalent") and visible:
        raise PairError("not_equivalent", f"{comparison.changed_fraction:.4%} of pixels")


def _seen(compared: ComparedPair, annotations: list[Annotation], proven: bool) -> Judged | Reject:
    """The judged pair; raises if its verdict does not agree with its pixels."""
    if not proven:
        verdict = structural.Comparison(annotations[0].discrepancies, compared.comparison.pixels)
        try:
            see(compared.pair, verdict)
        except PairError as error:
            return _reject(compared.pair, error.reason, error.detail)
    return _with(compared, annotations)


def _with(compared: ComparedPair, annotations: list[Annotation]) -> Judged:
    """The pair with its annotations and without its scenes."""
    pair = dict(compared.pair)
    del pair["scene"]
    changed_fraction = compared.comparison.changed_fraction
    return Judged(**pair, annotations=tuple(annotations), changed_fraction=changed_fraction)


def _reject(attempt: Attempt, reason: str, detail: str) -> Reject:
    origin = attempt.origin
    by = ", ".join(origin.names) if origin.kind == "corrupted" else attempt.policy or origin.kind
    return Reject.of(attempt, "annotate", reason, f"{by}: {detail}")


ANNOTATE = Work(
    stage_named("annotate"),
    Judged,
    Judging.of,
    judged,
    rooms=("annotators", "renderers"),
    decides=_decides,
)
WORK = (ANNOTATE,)
