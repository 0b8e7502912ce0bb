"""The verb annotate: a shard of pairs becomes a shard of judged pairs.

A pair is judged only if a viewer can see that it is one: pixels that did not change where they
were meant to, and pixels that changed with nothing to name, are rejects with a reason.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa

from annotators import structural
from annotators.lvlm.annotator import Case, Drawn, LvlmAnnotator, judge_in_order, load_annotators
from annotators.lvlm.claims import confirm
from annotators.lvlm.relabel import asked_again
from annotators.panel import STRUCTURAL, Compared, Heard, Panel, panel_url
from endpoints.cache import ReplyCache, cache_path
from endpoints.client.report import UseReport
from endpoints.progress import told_of
from records.columns import attempt_of
from records.config import BuildConfig, fingerprint
from records.errors import PairError, RowError
from records.rows import Annotation, Attempt, Reject
from records.shards import (
    Line,
    ShardReport,
    bound_rejects,
    code_version,
    count_rows,
    read_rows,
    run_shard,
    write_text,
)
from renderers.scene import SceneError
from renderers.stage import PAIR, drawn_of

SCENE_DEFECTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What values that no honest scene holds lead to: a hostile scene costs its own row, not the run."""

JUDGED = pa.schema(
    [
        *(column for column in PAIR if column.name != "scene"),
        ("annotations", pa.list_(pa.string())),
        ("changed_fraction", pa.float64()),
    ]
)
"""A pair with the annotations of each annotator (JSON) and the share of changed pixels."""


def annotate(shard_in: str, references: str, shard_out: str, config: BuildConfig) -> ShardReport:
    """Name every visible difference of every pair.

    Args:
        shard_in: Shard of pairs.
        references: Shard of the samples they belong to, drawn.
        shard_out: Shard of judged pairs.
        config: The build's settings.

    Raises:
        BoundPassed: more pairs than the bound cannot be judged, or a budget is spent.
        ConfigError: an annotator is not known, or its key is missing.
        EndpointUnavailable: an annotator's server does not answer.
    """
    chosen = config.annotate
    judges = load_annotators((n for n in chosen.annotators if n != STRUCTURAL), chosen.files)
    report = judge_shard(shard_in, references, shard_out, config, judges)
    return bound_rejects(report, config.quality)


def judge_shard(
    shard_in: str,
    references: str,
    shard_out: str,
    config: BuildConfig,
    judges: Sequence[LvlmAnnotator],
) -> ShardReport:
    """`annotate` without its bound, by judges that are given.

    Args:
        shard_in, references, shard_out, config: As in `annotate`.
        judges: The models among `annotate.annotators`, in that order.

    Raises: as `annotate`.
    """
    chosen = config.annotate
    names, votes = chosen.annotators, chosen.votes
    arbiters = load_annotators(chosen.relabel.annotators, chosen.files) if judges else ()
    proven = names[0] == STRUCTURAL and not votes
    look = see if proven else see_pixels
    drawn: dict[str, Drawn] = {}

    def compared(rows: Iterable[tuple[int, Line]]) -> Iterator[Compared | Reject]:
        if not drawn:
            drawn.update((row["id"], drawn_of(row)) for row in read_rows(references))
        for at, line in rows:
            attempt = attempt_of(line)
            try:
                pair = drawn[attempt.sample_id], drawn_of(line)
                comparison = structural.compare(*pair)
                look(attempt, comparison)
                confirm(attempt, comparison.discrepancies)
            except SceneError as error:
                yield _reject(attempt, "unreadable_scene", str(error))
            except RowError as error:
                yield _reject(attempt, error.reason, error.detail)
            except SCENE_DEFECTS as error:
                yield _reject(attempt, "comparison_failed", last_lines(error))
            else:
                yield Compared(at, line, attempt, pair, comparison)

    def compared_before(rows: Iterable[tuple[int, Line]]) -> Iterator[Compared]:
        for item in compared(rows):
            assert isinstance(item, Compared), item.detail
            yield item

    def process() -> Iterator[Line | Reject]:
        items = compared(enumerate(read_rows(shard_in)))
        if not judges:
            for item in items:
                yield item if isinstance(item, Reject) else _line(item, [item.annotation])
            return
        panel = Panel(names, judges, votes, arbiters, chosen.relabel.at_least)
        with ReplyCache(cache_path(config.work_url)) as cache, told_of(cache, shard_out) as tell:
            waiting: list[Heard] = []
            pairs = 0
            for judged in _judged(panel, items, cache, tell, count_rows(shard_in)):
                if isinstance(judged, Reject):
                    yield judged
                    continue
                pair, heard = judged
                pairs += 1
                if chosen.relabel.rounds and panel.disputed(heard):
                    waiting.append(heard)
                else:
                    yield _settled(panel, pair, heard, proven)
            for pair, heard in asked_again(
                *(panel, waiting, pairs, shard_in, compared_before, cache, chosen.relabel, tell)
            ):
                yield _settled(panel, pair, heard, proven)
        write_text(panel_url(shard_out), panel.to_json())

    asked_for = repr((names, votes))
    if judges:
        asked_for += chosen.relabel.model_dump_json()
    settings = fingerprint(
        asked_for,
        *(judge.identity for judge in (*judges, *arbiters)),
        code_version("annotators", "renderers", *(["endpoints"] if judges else [])),
    )
    return run_shard("annotate", [shard_in, references], shard_out, JUDGED, settings, process)


def _judged(
    panel: Panel,
    items: Iterable[Compared | Reject],
    cache: ReplyCache,
    tell: Callable[[UseReport], None],
    rows: int,
) -> Iterator[tuple[Compared, Heard] | Reject]:
    """Each pair with the models' words; rejects pass by in their place."""
    waiting: deque[Compared | Reject] = deque()

    def cases() -> Iterator[Case]:
        for item in items:
            waiting.append(item)
            if isinstance(item, Compared):
                yield item.case()

    for _, judged in judge_in_order(panel.judges, cases(), cache, panel.reports, tell, rows):
        # Rejects are given where they stood, so that a rerun writes the same bytes.
        while isinstance(waiting[0], Reject):
            yield waiting.popleft()  # type: ignore[misc]
        compared = waiting.popleft()
        assert isinstance(compared, Compared)
        yield compared, panel.hear(compared, judged)
    for item in waiting:
        assert isinstance(item, Reject)
        yield item


def _settled(panel: Panel, pair: Compared, heard: Heard, proven: bool) -> Line | Reject:
    settled = panel.settle(pair, heard)
    return settled if isinstance(settled, Reject) else _seen(*settled, proven)


def see(attempt: Attempt, comparison: structural.Comparison) -> None:
    """Let through the pairs that a viewer can learn from.

    Raises:
        PairError: ``unchanged_pair`` (an injected error shows nowhere), ``unexplained_change``
            (pixels changed, and nothing is named), ``not_equivalent`` (a negative that differs).
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
    elif kind == "corrupted" and not visible:
        raise PairError("unchanged_pair", "no pixel changed visibly")


def see_pixels(attempt: Attempt, comparison: structural.Comparison) -> None:
    """Let through what a viewer can tell apart where it should, before any model is asked.

    Raises:
        PairError: ``unchanged_pair`` or ``not_equivalent``, by the pixels alone.
    """
    visible = bool(comparison.pixels.changed.any())
    if attempt.origin.kind == "corrupted" and not visible:
        raise PairError("unchanged_pair", "no pixel changed visibly")
    if attempt.origin.kind in ("identical", "equivalent") and visible:
        raise PairError("not_equivalent", f"{comparison.changed_fraction:.4%} of pixels")


def _seen(compared: Compared, annotations: list[Annotation], proven: bool) -> Line | Reject:
    """A judged pair, unless its verdict does not go with its pixels."""
    if not proven:
        verdict = structural.Comparison(annotations[0].discrepancies, compared.comparison.pixels)
        try:
            see(compared.attempt, verdict)
        except PairError as error:
            return _reject(compared.attempt, error.reason, error.detail)
    return _line(compared, annotations)


def _line(compared: Compared, annotations: list[Annotation]) -> Line:
    return {
        **{name: compared.line[name] for name in JUDGED.names if name in compared.line},
        "annotations": [annotation.model_dump_json() for annotation in annotations],
        "changed_fraction": compared.comparison.changed_fraction,
    }


def last_lines(error: BaseException) -> str:
    """Where a comparison failed, for the one who mends it."""
    return "".join(traceback.format_exception(error)[-3:]).strip()


def _reject(attempt: Attempt, reason: str, detail: str) -> Reject:
    origin = attempt.origin
    by = ", ".join(origin.names) if origin.kind == "corrupted" else origin.kind
    if origin.kind == "sampled":
        by = f"policy {origin.policy}"
    return Reject(stage="annotate", reason=reason, item_id=attempt.id, detail=f"{by}: {detail}")
