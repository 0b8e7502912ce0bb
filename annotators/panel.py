"""Several annotators at one shard: structural, models, or both, and what they make of it together."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotators import structural
from annotators.consensus import Doubt, agree, disagreement, relabel_queue
from annotators.lvlm import Case, Drawn, Judged, LvlmAnnotator, judge_in_order
from endpoints.cache import ReplyCache
from endpoints.exchange import FailureReason
from endpoints.report import UseReport
from records.errors import BoundPassed
from records.rows import Annotation, Attempt, Reject
from records.shards import Line

STRUCTURAL = "structural"
TOLD_DROPPED = 200
"""Dropped claims that a report quotes; all are counted."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair whose scenes were compared."""

    line: Line
    attempt: Attempt
    drawn: tuple[Drawn, Drawn]
    """Reference and candidate."""
    comparison: structural.Comparison

    @property
    def annotation(self) -> Annotation:
        """The structural annotator's word."""
        return Annotation(
            attempt_id=self.attempt.id,
            modality=self.attempt.modality,
            annotator=structural.VERSION,
            discrepancies=self.comparison.discrepancies,
        )


@dataclass
class Panel:
    """The annotators of a build, in the order in which they are named; the first has the verdict."""

    names: Sequence[str]
    judges: Sequence[LvlmAnnotator]
    """Those of `names` that are models, in the same order."""
    votes: int = 0
    reports: list[UseReport] = field(default_factory=list)
    claims: Counter[str] = field(default_factory=Counter)
    """Claims that were believed, by annotator."""
    dropped: dict[str, Counter[str]] = field(default_factory=dict)
    """Claims that were not, by annotator and reason."""
    doubts: list[Doubt] = field(default_factory=list)
    _examples: list[dict[str, Any]] = field(default_factory=list)

    def judge(
        self, items: Iterable[Compared | Reject], cache: ReplyCache
    ) -> Iterator[tuple[Compared, list[Annotation]] | Reject]:
        """Each pair with its annotations, the verdict first; rejects pass by in their place.

        A pair whose verdict cannot be had is a reject. One that another annotator failed at is
        kept, and stands in the queue of those to be judged again.

        Raises:
            BoundPassed: a budget is spent; what was answered is kept.
            EndpointUnavailable, ConfigError: as `judge_in_order`.
        """
        waiting: deque[Compared | Reject] = deque()

        def cases() -> Iterator[Case]:
            for item in items:
                waiting.append(item)
                if isinstance(item, Compared):
                    yield Case(
                        item.attempt.id,
                        item.attempt.modality,
                        *item.drawn,
                        item.comparison.pixels,
                    )

        for _, judged in judge_in_order(self.judges, cases(), cache, self.reports):
            # Rejects are given where they stood, so that a rerun writes the same bytes.
            while isinstance(waiting[0], Reject):
                yield waiting.popleft()  # type: ignore[misc]
            compared = waiting.popleft()
            assert isinstance(compared, Compared)
            yield self._together(compared, judged)
        for item in waiting:
            assert isinstance(item, Reject)
            yield item

    def _together(
        self, compared: Compared, judged: Sequence[Judged]
    ) -> tuple[Compared, list[Annotation]] | Reject:
        attempt = compared.attempt
        said = {one.annotator: one for one in judged}
        failed: list[str] = []
        annotations: list[Annotation] = []
        for name in self.names:
            if name == STRUCTURAL:
                annotations.append(compared.annotation)
                continue
            one = said[name]
            self._count(one, attempt.id)
            if one.annotation is not None:
                annotations.append(one.annotation)
            elif one.failure is not None:
                if one.failure.reason == FailureReason.OVER_BUDGET:
                    raise BoundPassed(
                        f"the budget of annotator {name} is spent: {one.failure.detail}. Raise its "
                        "max_tokens_total or max_cost and run again: what was answered is kept."
                    )
                failed.append(f"{name}: {one.failure.reason}")
        self.doubts.append(Doubt(attempt.id, round(disagreement(annotations), 4), tuple(failed)))
        if self.votes and len(annotations) >= self.votes:
            return compared, [agree(annotations, self.votes), *annotations]
        first = said.get(self.names[0])
        if self.votes or (first is not None and first.failure is not None):
            failure = next(one.failure for one in judged if one.failure is not None)
            return Reject(
                stage="annotate",
                reason=failure.reason,
                item_id=attempt.id,
                detail=f"{'; '.join(failed)}: {failure.detail}",
            )
        return compared, annotations

    def _count(self, one: Judged, attempt_id: str) -> None:
        reasons = self.dropped.setdefault(one.annotator, Counter())
        if one.annotation is not None:
            self.claims[one.annotator] += len(one.annotation.discrepancies)
        for drop in one.dropped:
            reasons[drop.reason] += 1
            if len(self._examples) < TOLD_DROPPED:
                self._examples.append(
                    {
                        "id": attempt_id,
                        "annotator": one.annotator,
                        "reason": drop.reason,
                        "detail": drop.detail,
                        "claim": f"{drop.claim.category} at {drop.claim.location}: "
                        f"{drop.claim.description}",
                    }
                )

    def to_json(self) -> str:
        """Cost, throughput, what was dropped and why, and the pairs to judge again, worst first."""
        told = {
            "annotators": [
                {
                    **report.to_json(),
                    "claims": self.claims[report.endpoint],
                    "dropped": dict(sorted(self.dropped.get(report.endpoint, Counter()).items())),
                }
                for report in self.reports
            ],
            "pairs": len(self.doubts),
            "disagreement": round(sum(d.disagreement for d in self.doubts) / len(self.doubts), 4)
            if self.doubts
            else None,
            "relabel": [
                {"id": d.attempt_id, "disagreement": d.disagreement, "failed": list(d.failed)}
                for d in relabel_queue(self.doubts)
            ],
            "dropped": self._examples,
        }
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def panel_url(shard_out: str) -> str:
    """Where the panel's report of a shard stands."""
    return shard_out.removesuffix(".parquet") + ".annotators.json"
