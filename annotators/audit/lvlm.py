"""Compares a model's claims with the structural labels of typed corruptions.

The input is shards of pairs that both have judged. Claims and labels are matched one to one, as in
VC-RewardBench; a match of another category is not a hit. Everything is counted twice: before and
after the filters.

Source: Visual-ERM (arXiv:2603.13224), VC-RewardBench: precision, recall and F1 by category, and the
correlation of summed severities.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotators.audit.figures import add, share
from annotators.consensus import compare
from annotators.lvlm.reply import parse_reply
from records.columns import read_records
from records.errors import AnnotationReplyError
from records.pairs import Judged
from records.rows import Discrepancy, Judgment
from records.sections import PilotConfig
from records.taxonomy import Modality, category_names

LEVELS = (1, 2, 3)


@dataclass
class ErrorCounts:
    """Numbers of true errors, of claims, and of matches."""

    truth: int = 0
    claims: int = 0
    hits: int = 0
    """Matched, with the same category."""
    renamed: int = 0
    """Matched, but with another category: neither a found error nor a true claim."""

    @property
    def recall(self) -> float | None:
        return share(self.hits, self.truth)

    @property
    def precision(self) -> float | None:
        return share(self.hits, self.claims)

    def to_json(self) -> dict[str, Any]:
        """`count` is the number of true errors; `f1` is 2 hits / (errors + claims)."""
        return {
            "count": self.truth,
            "claims": self.claims,
            "hits": self.hits,
            "renamed": self.renamed,
            "recall": self.recall,
            "precision": self.precision,
            "f1": share(2 * self.hits, self.truth + self.claims),
        }


@dataclass
class ModalityAudit:
    """One modality, or all."""

    pairs: int = 0
    failed: int = 0
    """Pairs without a usable reply."""
    believed: ErrorCounts = field(default_factory=ErrorCounts)
    unfiltered: ErrorCounts = field(default_factory=ErrorCounts)
    negatives: int = 0
    """Judged pairs without any difference."""
    alarms: int = 0
    """Such pairs with at least one claim."""
    alarms_believed: int = 0
    severities: Counter[tuple[int, int]] = field(default_factory=Counter)
    """(true, claimed) of the hits."""
    sums: list[tuple[int, int]] = field(default_factory=list)
    """Summed severities of each judged pair that differs: true, claimed."""
    swapped: int = 0
    """Pairs that were judged in both orders with a claim in one of them."""
    swap_agreement: float = 0.0
    """Sum of the agreement over them."""
    flips: int = 0
    """Such pairs where one order gives no claim."""

    def to_json(self) -> dict[str, Any]:
        return {
            "pairs": self.pairs,
            "failed": self.failed,
            "failed_share": share(self.failed, self.pairs),
            **self.believed.to_json(),
            "said": self.unfiltered.to_json(),
            "negatives": self.negatives,
            "false_alarms": share(self.alarms, self.negatives),
            "false_alarms_believed": share(self.alarms_believed, self.negatives),
            "severity": severity_figures(self.severities, self.sums),
            "swap": {
                "pairs": self.swapped,
                "agreement": round(self.swap_agreement / self.swapped, 4) if self.swapped else None,
                "flips": share(self.flips, self.swapped),
            },
        }


def severity_figures(
    hits: Mapping[tuple[int, int], int], sums: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """Compares the severities of an annotator with the true ones.

    Args:
        hits: Number of hits by (true, claimed) severity.
        sums: True and claimed summed severity of each pair that differs.

    Returns:
        ``correlation`` (Pearson, of the sums), ``bias`` (claimed less true, mean over hits),
        ``mean_error``, ``exact`` (share of hits), ``claimed_mean`` by true severity, ``hits`` as
        rows of true by columns of claimed severity.

    >>> severity_figures({(1, 1): 1, (3, 2): 1}, [(1, 1), (3, 2)])["bias"]
    -0.5
    """
    count = sum(hits.values())
    gaps = [(claimed - true, number) for (true, claimed), number in hits.items()]
    means = {}
    for level in LEVELS:
        graded = [(claimed, n) for (true, claimed), n in hits.items() if true == level]
        total = sum(n for _, n in graded)
        means[str(level)] = round(sum(c * n for c, n in graded) / total, 4) if total else None
    return {
        "correlation": _pearson(sums),
        "bias": round(sum(gap * n for gap, n in gaps) / count, 4) if count else None,
        "mean_error": round(sum(abs(gap) * n for gap, n in gaps) / count, 4) if count else None,
        "exact": share(sum(n for gap, n in gaps if not gap), count),
        "claimed_mean": means,
        "hits": [[hits.get((true, claimed), 0) for claimed in LEVELS] for true in LEVELS],
    }


_USE = (
    "cost_per_1000", "cost_per_1000_uncached", "tokens_per_reply", "requests_per_s", "answer_s",
    "requests", "failures",
)  # fmt: skip


@dataclass
class LvlmAudit:
    """All audit results of one annotator."""

    annotator: str
    categories: dict[str, ErrorCounts] = field(default_factory=lambda: defaultdict(ErrorCounts))
    """By `modality/category`, believed claims."""
    modalities: dict[Modality, ModalityAudit] = field(
        default_factory=lambda: defaultdict(ModalityAudit)
    )
    overall: ModalityAudit = field(default_factory=ModalityAudit)
    renamings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Number of matches by (true category, claimed category), if they differ."""
    use: dict[str, Any] = field(default_factory=dict)
    """Report of use: cost, tokens, throughput, failures by reason."""

    def to_json(self) -> dict[str, Any]:
        return {
            "annotator": self.annotator,
            "categories": {name: self.categories[name].to_json() for name in self.categories},
            "modalities": {name.value: tally.to_json() for name, tally in self.modalities.items()},
            "overall": self.overall.to_json(),
            "renamed": [
                {"true": true, "claimed": claimed, "count": count}
                for (true, claimed), count in self.renamings.most_common()
            ],
            "use": {name: self.use.get(name) for name in _USE},
        }

    def missed(self, bounds: PilotConfig) -> list[str]:
        """Each missed bound of a modality, one sentence each; empty if all are met."""
        misses = []
        for modality, tally in self.modalities.items():
            if tally.pairs < bounds.min_pairs:
                continue
            agreement = tally.swap_agreement / tally.swapped if tally.swapped else None
            for what, found, bound, least in (
                ("recall", tally.believed.recall, "min_recall", True),
                ("precision", tally.believed.precision, "min_precision", True),
                ("agreement of both orders", agreement, "min_swap_agreement", True),
                ("share of false alarms", share(tally.alarms, tally.negatives), "max_false_alarms", False),
                ("share without a usable reply", share(tally.failed, tally.pairs), "max_failed", False),
            ):  # fmt: skip
                limit = getattr(bounds, bound)
                if found is not None and (found < limit if least else found > limit):
                    misses.append(
                        f"{modality}: {what} {found:.3f}, bound annotate.pilot.{bound} = {limit:g}"
                    )
        return misses


def audit_annotator(
    name: str, shards: Iterable[str], swapped: Iterable[str] = (), use: Mapping[str, Any] = {}
) -> LvlmAudit:
    """Compare the claims of one annotator with the structural labels.

    Args:
        name: Name of the annotator, whose judgments follow the structural ones in the rows.
        shards: Shards of judged pairs, structural verdict first.
        swapped: The same pairs judged with the candidate shown first.
        use: The annotator's report of use.
    """
    audit = LvlmAudit(name, use=dict(use))
    for modality in Modality:
        for category in category_names(modality):
            audit.categories[f"{modality}/{category}"] = ErrorCounts()
    turned: dict[str, tuple[Discrepancy, ...]] = {}
    for shard in swapped:
        for pair in read_records(Judged, shard):
            other = _word(pair, name)
            if other is not None:
                turned[pair.id] = _unfiltered(pair, other)
    for shard in shards:
        for pair in read_records(Judged, shard):
            _count(audit, pair, name, turned)
    audit.categories = {
        key: tally for key, tally in audit.categories.items() if tally.truth or tally.claims
    }
    return audit


def _count(
    audit: LvlmAudit, pair: Judged, name: str, turned: Mapping[str, tuple[Discrepancy, ...]]
) -> None:
    modality = pair.modality
    tallies = (audit.modalities[modality], audit.overall)
    truth = pair.annotations[0].discrepancies
    word = _word(pair, name)
    for tally in tallies:
        tally.pairs += 1
        tally.failed += word is None
    if word is None:
        return
    claims, claimed_labels = word.discrepancies, _unfiltered(pair, word)
    matched = [(truth[i], claims[j]) for i, j in compare(truth, claims).pairs]
    hits = [(true, claim) for true, claim in matched if true.category == claim.category]
    as_claimed = compare(truth, claimed_labels)
    hits_claimed = sum(truth[i].category == claimed_labels[j].category for i, j in as_claimed.pairs)
    for true, claim in matched:
        if true.category != claim.category:
            audit.renamings[true.category, claim.category] += 1
            audit.categories[f"{modality}/{true.category}"].renamed += 1
    for found in truth:
        audit.categories[f"{modality}/{found.category}"].truth += 1
    for claim in claims:
        audit.categories[f"{modality}/{claim.category}"].claims += 1
    for true, _ in hits:
        audit.categories[f"{modality}/{true.category}"].hits += 1
    both = turned.get(pair.id)
    believed = ErrorCounts(len(truth), len(claims), len(hits), len(matched) - len(hits))
    renamed_claimed = len(as_claimed.pairs) - hits_claimed
    unfiltered = ErrorCounts(len(truth), len(claimed_labels), hits_claimed, renamed_claimed)
    for tally in tallies:
        add(tally.believed, believed)
        add(tally.unfiltered, unfiltered)
        tally.severities.update((true.severity, claim.severity) for true, claim in hits)
        if truth:
            tally.sums.append((sum(d.severity for d in truth), sum(d.severity for d in claims)))
        else:
            tally.negatives += 1
            tally.alarms += bool(claimed_labels)
            tally.alarms_believed += bool(claims)
        if both is not None and (claimed_labels or both):
            tally.swapped += 1
            tally.swap_agreement += 1.0 - compare(claimed_labels, both).disagreement
            tally.flips += bool(claimed_labels) != bool(both)


def _word(pair: Judged, name: str) -> Judgment | None:
    words = (word for word in pair.annotations[1:] if word.annotator.split(" ")[0] == name)
    return next(words, None)


def _unfiltered(pair: Judged, word: Judgment) -> tuple[Discrepancy, ...]:
    """All claims of a reply, including dropped ones."""
    size = (pair.width_px, pair.height_px)
    try:
        return parse_reply(word.raw_reply, pair.modality, [size], word.annotator)
    except AnnotationReplyError:
        # Merged from several replies, so only the accepted claims exist.
        return word.discrepancies


def _pearson(sums: Sequence[tuple[int, int]]) -> float | None:
    """Pearson's correlation; None if one side is constant."""
    if len(sums) < 2:
        return None
    true, claimed = np.array(sums, dtype=float).T
    if not true.std() or not claimed.std():
        return None
    return round(float(np.corrcoef(true, claimed)[0, 1]), 4)
