"""Asks the models again about disputed and failed pairs, the most disputed first.

Waiting pairs are held without their pictures. Pictures are read again when a pair is asked about,
so memory does not grow with the queue.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import fsspec

from annotators.consensus import relabel_queue
from annotators.lvlm.annotator import LvlmAnnotator, Question, judge_in_order
from annotators.panel import AnnotatorPanel, ComparedPair, PanelReply
from endpoints.client.cache import ReplyCache
from endpoints.client.report import UseReport
from records.columns import record_of
from records.pairs import Pair
from records.sections import RelabelConfig
from records.shards import parquet_of

Reread = Callable[[Iterable[tuple[int, Pair]]], Iterator[ComparedPair]]
"""Compares rows of the shard of pairs again; all of them were compared before."""

log = logging.getLogger(__name__)


def asked_again(
    panel: AnnotatorPanel,
    waiting: Sequence[PanelReply],
    pairs: int,
    shard: str,
    compared: Reread,
    cache: ReplyCache,
    settings: RelabelConfig,
    on_progress: Callable[[UseReport], None] | None = None,
) -> Iterator[tuple[ComparedPair, PanelReply]]:
    """Yield every waiting pair with its final answers, in the order in which they are decided.

    A pair leaves the queue once it is neither disputed nor failed, or when `rounds` are over. Pairs
    beyond `max_share` are yielded unchanged.

    Args:
        panel: The annotators; it counts their answers.
        waiting: Disputed and failed pairs.
        pairs: All pairs of the shard that were judged.
        shard: The shard of pairs, to read them again.
        compared: Makes pairs of its rows.
        cache: The cache of earlier replies.
        settings: How often pairs are asked about again, how many of them, and which models are
            asked.
        on_progress: As in `judge_in_order`.

    Raises: as `judge_in_order`, and BoundPassed if a budget is spent.
    """
    replies = {one.attempt_id: one for one in waiting}
    order = relabel_queue((panel.doubt(one) for one in waiting), panel.disputed_at)
    most = math.ceil(settings.max_share * pairs)
    queue = [replies[doubt.attempt_id] for doubt in order[:most]]
    panel.asked_again += len(queue)
    if queue:
        log.info(
            "%d of %d pairs are disputed or failed: %d are asked again", len(waiting), pairs, most
        )
    for round_ in range(1, settings.rounds + 1):
        judges = panel.arbiters or panel.judges
        if round_ > 1 or not panel.arbiters:
            judges = [_again(judge, round_, settings.temperature) for judge in judges]
        left: list[PanelReply] = []
        for pair, now in _round(panel, queue, judges, shard, compared, cache, on_progress):
            if not panel.disputed(now):
                panel.settled += 1
                yield pair, now
            elif round_ == settings.rounds:
                yield pair, now
            else:
                left.append(now)
        queue = left
    rest = [replies[doubt.attempt_id] for doubt in order[most:]]
    for pair, one in zip(compared(_rows(shard, rest)), rest, strict=True):
        yield pair, one


def _round(
    panel: AnnotatorPanel,
    queue: Sequence[PanelReply],
    judges: Sequence[LvlmAnnotator],
    shard: str,
    compared: Reread,
    cache: ReplyCache,
    on_progress: Callable[[UseReport], None] | None,
) -> Iterator[tuple[ComparedPair, PanelReply]]:
    drawn: deque[tuple[ComparedPair, PanelReply]] = deque()
    names = [judge.name for judge in judges]

    def cases() -> Iterator[Question]:
        for pair, one in zip(compared(_rows(shard, queue)), queue, strict=True):
            drawn.append((pair, one))
            # If the other annotators agree, only those that failed are asked again.
            silent = [name for name in names if one.failed(name) is not None]
            settled = panel.doubt(one).disagreement < panel.disputed_at
            yield pair.case(silent if settled and silent else names)

    for _, judged in judge_in_order(judges, cases(), cache, panel.reports, on_progress, len(queue)):
        pair, one = drawn.popleft()
        yield pair, panel.add_answers(one, judged)


def _again(judge: LvlmAnnotator, round_: int, temperature: float) -> LvlmAnnotator:
    """The same model with another seed and temperature, so that it may answer differently."""
    sampling = judge.sampling.model_copy(
        update={"temperature": max(temperature, judge.sampling.temperature)}
    )
    seed = (judge.seed + 7919 * round_) % 2**31
    return judge.model_copy(update={"sampling": sampling, "seed": seed})


def _rows(shard: str, wanted: Sequence[PanelReply]) -> Iterator[tuple[int, Pair]]:
    """Read these pairs from their shard, in order; one row group is in memory at a time."""
    with fsspec.open(shard, "rb") as file:
        parquet = parquet_of(file, shard)
        starts = [0]
        for group in range(parquet.num_row_groups):
            starts.append(starts[-1] + parquet.metadata.row_group(group).num_rows)
        held = -1
        for one in wanted:
            group = next(at for at, end in enumerate(starts[1:]) if one.at < end)
            if group != held:
                table, held = parquet.read_row_group(group), group
            [line] = table.slice(one.at - starts[group], 1).to_pylist()
            yield one.at, record_of(Pair, line, shard)
