"""Combines the annotators of a build (structural, models, or both) into the labels of each pair."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotators import structural
from annotators.consensus import Doubt, agree, disagreement, relabel_queue
from annotators.lvlm.annotator import Drawn, LvlmAnnotator, LvlmAnswer, Question
from endpoints.client.exchange import FailureReason
from endpoints.client.report import UseReport, summed_reports
from records.errors import BoundPassed
from records.pairs import Pair
from records.rows import Annotation, Reject

STRUCTURAL = "structural"
TOLD_DROPPED = 200
"""Most dropped claims that a report quotes; all of them are counted."""


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """A pair whose scenes were compared."""

    at: int
    """Row of the shard of pairs."""
    pair: Pair
    drawn: tuple[Drawn, Drawn]
    """Reference and candidate."""
    comparison: structural.Comparison

    @property
    def annotation(self) -> Annotation:
        """The annotation of the structural annotator."""
        return Annotation(
            attempt_id=self.pair.id,
            modality=self.pair.modality,
            annotator=structural.VERSION,
            discrepancies=self.comparison.discrepancies,
        )

    def case(self, by: Iterable[str] | None = None) -> Question:
        """The question that the models are asked about this pair; ``by`` names the models that are
        asked."""
        return Question(
            self.pair.id,
            self.pair.modality,
            *self.drawn,
            self.comparison.pixels,
            None if by is None else frozenset(by),
        )


@dataclass(frozen=True, slots=True)
class PanelReply:
    """The answers of all annotators about one pair, without its pictures, so that it stays
    small."""

    attempt_id: str
    at: int
    """Row of the shard of pairs."""
    proven: Annotation
    """The annotation of the structural annotator, even if the build does not list that
    annotator."""
    answers: Mapping[str, tuple[LvlmAnswer, ...]]
    """By model: its answers that count, one for each time it was asked."""

    def word(self, name: str) -> Annotation | None:
        """The final judgment of one annotator; None if it gave no usable reply.

        A model that was asked several times keeps the claims of more than half of its usable
        replies, in the words of the first reply. Claims that it does not repeat are treated as
        mistakes.
        """
        if name == STRUCTURAL:
            return self.proven
        usable = [
            one.annotation for one in self.answers.get(name, ()) if one.annotation is not None
        ]
        if len(usable) <= 1:
            return usable[0] if usable else None
        agreed = agree(usable, len(usable) // 2 + 1)
        return usable[0].model_copy(
            update={
                "discrepancies": agreed.discrepancies,
                "raw_reply": json.dumps([one.raw_reply for one in usable], ensure_ascii=False),
            }
        )

    def failed(self, name: str) -> LvlmAnswer | None:
        """The last failed answer of a model that gave no usable reply at all."""
        words = self.answers.get(name, ())
        return words[-1] if words and all(one.annotation is None for one in words) else None


@dataclass
class AnnotatorPanel:
    """The annotators of a build, in the order of the settings; the labels of the first are
    published."""

    names: Sequence[str]
    judges: Sequence[LvlmAnnotator]
    """The models among `names`, in the same order."""
    votes: int = 0
    arbiters: Sequence[LvlmAnnotator] = ()
    """Models that are asked about disputed pairs only; their judgment ranks before that of other
    models."""
    disputed_at: float = 0.5
    reports: list[UseReport] = field(default_factory=list)
    claims: Counter[str] = field(default_factory=Counter)
    """Number of accepted claims, by annotator."""
    dropped: dict[str, Counter[str]] = field(default_factory=dict)
    """Number of dropped claims, by annotator and reason."""
    doubts: list[Doubt] = field(default_factory=list)
    """The final doubt of each judged pair."""
    asked_again: int = 0
    """Pairs that were asked about again."""
    settled: int = 0
    """Pairs among them that are no longer disputed or failed."""
    _open: list[Doubt] = field(default_factory=list)
    _examples: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, compared: ComparedPair, judged: Sequence[LvlmAnswer]) -> PanelReply:
        """Collect the models' answers about a pair.

        Raises:
            BoundPassed: a token or cost budget is spent; answers received before are kept.
        """
        self._count(compared.pair.id, judged)
        answers = {one.annotator: (one,) for one in judged}
        return PanelReply(compared.pair.id, compared.at, compared.annotation, answers)

    def add_answers(self, reply: PanelReply, judged: Sequence[LvlmAnswer]) -> PanelReply:
        """Add further answers of the models to a reply.

        Raises: as `hear`.
        """
        self._count(reply.attempt_id, judged)
        answers = dict(reply.answers)
        for one in judged:
            answers[one.annotator] = (*answers.get(one.annotator, ()), one)
        return PanelReply(reply.attempt_id, reply.at, reply.proven, answers)

    def doubt(self, reply: PanelReply) -> Doubt:
        """How far the annotators disagree about a pair, and which of them failed."""
        words = [word for name in self._order(reply) if (word := reply.word(name)) is not None]
        failed = tuple(
            f"{name}: {lost.failure.reason}"
            for name in self._order(reply)
            if (lost := reply.failed(name)) is not None and lost.failure is not None
        )
        return Doubt(reply.attempt_id, round(disagreement(words), 4), failed)

    def disputed(self, reply: PanelReply) -> bool:
        """True if a pair should be judged again; an arbiter's judgment ends a dispute."""
        if any(reply.word(arbiter.name) is not None for arbiter in self.arbiters):
            return False
        return bool(relabel_queue([self.doubt(reply)], self.disputed_at))

    def settle(
        self, compared: ComparedPair, reply: PanelReply
    ) -> tuple[ComparedPair, list[Annotation]] | Reject:
        """The pair with its annotations; the first is the verdict, whose labels are published.

        A pair without a verdict becomes a reject. A pair at which only another annotator failed is
        kept and listed among the pairs to judge again.
        """
        doubt = self.doubt(reply)
        self.doubts.append(doubt)
        if self.disputed(reply):
            self._open.append(doubt)
        order = self._order(reply)
        annotations = [word for name in order if (word := reply.word(name)) is not None]
        if self.votes and len(annotations) >= self.votes:
            return compared, [agree(annotations, self.votes), *annotations]
        lost = [one for name in order if (one := reply.failed(name)) is not None]
        if self.votes or reply.word(order[0]) is None:
            failure = lost[0].failure
            assert failure is not None
            detail = f"{'; '.join(doubt.failed)}: {failure.detail}"
            return Reject.of(compared.pair, "annotate", failure.reason, detail)
        return compared, annotations

    def _order(self, reply: PanelReply) -> list[str]:
        """The annotators whose judgments count for a pair, the one that gives the verdict first."""
        called = [one.name for one in self.arbiters if one.name in reply.answers]
        spoken = [name for name in called if reply.word(name) is not None]
        silent = [name for name in called if name not in spoken]
        if self.names[0] == STRUCTURAL:
            return [STRUCTURAL, *spoken, *self.names[1:], *silent]
        return [*spoken, *self.names, *silent]

    def _count(self, attempt_id: str, judged: Sequence[LvlmAnswer]) -> None:
        for one in judged:
            if one.failure is not None and one.failure.reason == FailureReason.OVER_BUDGET:
                raise BoundPassed(
                    f"the budget of annotator {one.annotator} is spent: {one.failure.detail}. "
                    "Raise its max_tokens_total or max_cost and run again: what was answered is "
                    "kept."
                )
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

    def report(self) -> dict[str, Any]:
        """A report of cost, throughput, dropped claims by reason, and pairs to judge again, worst
        first."""
        return {
            "annotators": [
                {
                    **report,
                    "claims": self.claims[report["endpoint"]],
                    "dropped": dict(
                        sorted(self.dropped.get(report["endpoint"], Counter()).items())
                    ),
                }
                for report in summed_reports(self.reports)
            ],
            "pairs": len(self.doubts),
            "disagreement": round(sum(d.disagreement for d in self.doubts) / len(self.doubts), 4)
            if self.doubts
            else None,
            "asked_again": self.asked_again,
            "settled": self.settled,
            "relabel": [
                {"id": d.attempt_id, "disagreement": d.disagreement, "failed": list(d.failed)}
                for d in relabel_queue(self._open, self.disputed_at)
            ],
            "dropped": self._examples,
        }

    def to_json(self) -> str:
        """The report as JSON values, for the file beside a shard."""
        return json.dumps(self.report(), indent=1, ensure_ascii=False) + "\n"


def panel_url(shard_out: str) -> str:
    """The URL of the panel's report beside a shard."""
    return shard_out.removesuffix(".parquet") + ".annotators.json"
