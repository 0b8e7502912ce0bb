"""The verb annotate: a shard of pairs becomes a shard of judged pairs.

A pair is judged only if a viewer can see that it is one: pixels that did not change where they
were meant to, and pixels that changed with nothing to name, are rejects with a reason.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pyarrow as pa

from annotators import structural
from annotators.lvlm import load_annotators
from annotators.panel import STRUCTURAL, Compared, Panel, panel_url
from endpoints.cache import ReplyCache, cache_path
from records.columns import attempt_of
from records.config import BuildConfig, fingerprint
from records.errors import PairError, RowError
from records.rows import Annotation, Attempt, Reject
from records.shards import (
    Line,
    ShardReport,
    bound_rejects,
    code_version,
    read_rows,
    run_shard,
    write_text,
)
from renderers.render import PAIR, drawn_of
from renderers.scene import SceneError

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
    names, votes = config.annotate.annotators, config.annotate.votes
    judges = load_annotators((n for n in names if n != STRUCTURAL), config.annotate.files)
    proven = names[0] == STRUCTURAL and not votes
    look = see if proven else see_pixels

    def compared() -> Iterator[Compared | Reject]:
        drawn = {row["id"]: drawn_of(row) for row in read_rows(references)}
        for line in read_rows(shard_in):
            attempt = attempt_of(line)
            try:
                pair = drawn[attempt.sample_id], drawn_of(line)
                comparison = structural.compare(*pair)
                look(attempt, comparison)
            except SceneError as error:
                yield _reject(attempt, "unreadable_scene", str(error))
            except RowError as error:
                yield _reject(attempt, error.reason, error.detail)
            except SCENE_DEFECTS as error:
                yield _reject(attempt, "comparison_failed", last_lines(error))
            else:
                yield Compared(line, attempt, pair, comparison)

    def process() -> Iterator[Line | Reject]:
        if not judges:
            for item in compared():
                yield item if isinstance(item, Reject) else _line(item, [item.annotation])
            return
        panel = Panel(names, judges, votes)
        with ReplyCache(cache_path(config.work_url)) as cache:
            for judged in panel.judge(compared(), cache):
                yield judged if isinstance(judged, Reject) else _seen(*judged, proven)
        write_text(panel_url(shard_out), panel.to_json())

    settings = fingerprint(
        repr((names, votes)),
        *(judge.identity for judge in judges),
        code_version("annotators", "renderers", *(["endpoints"] if judges else [])),
    )
    report = run_shard("annotate", [shard_in, references], shard_out, JUDGED, settings, process)
    return bound_rejects(report, config.quality)


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
    return Reject(stage="annotate", reason=reason, item_id=attempt.id, detail=f"{by}: {detail}")
