"""Matches the claims of several annotators of one pair, and measures how far they agree.

Claims are matched one to one, as VC-RewardBench does with a judge; here by category, place, words
and box: no model is asked, and the result is reproducible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

from annotators.lvlm.meaning import shared_meaning
from annotators.lvlm.places import normalized, quotes
from annotators.structural.matching import assign, leftover, text_similarity
from records.boxes import area, common
from records.rows import Annotation, Box, Discrepancy

VERSION = "consensus-1"
LIMIT = 0.62
"""Claims whose matching cost is at least this are different claims."""
ALIKE_IN_LETTERS = 0.6
"""Weight of a similarity of letters alone: "star is missing" and "circle is missing" look
similar."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two annotations of one pair agree."""

    pairs: tuple[tuple[int, int], ...]
    """Indices of claims that are the same, in the first and in the second annotation."""
    only_second: tuple[int, ...]
    """Indices of claims that only the second annotation makes."""
    disagreement: float
    """0 if both list the same claims, 1 if they share none: see `compare`."""


def compare(first: Sequence[Discrepancy], second: Sequence[Discrepancy]) -> Agreement:
    """Match the claims of two annotators one to one.

    Disagreement is 1 minus the share of matched claims (2 x pairs / all claims, like F1). A pair
    whose severities differ as much as possible (by 2) counts half.

    >>> compare([], []).disagreement
    0.0
    """
    costs = [[cost(one, other) for other in second] for one in first]
    pairs = assign(costs, LIMIT) if first and second else []
    gaps = [abs(first[i].severity - second[j].severity) for i, j in pairs]
    total = len(first) + len(second)
    agreed = sum(2.0 - gap / 2 for gap in gaps)
    return Agreement(
        pairs=tuple(pairs),
        only_second=tuple(leftover(len(second), [j for _, j in pairs])),
        disagreement=round(1.0 - agreed / total, 6) if total else 0.0,
    )


def cost(one: Discrepancy, other: Discrepancy) -> float:
    """Matching cost of two claims: 0 if they are surely the same, 1 if they are surely
    different."""
    same_category = one.category == other.category
    place = text_similarity(normalized(one.location), normalized(other.location))
    words = text_similarity(normalized(one.description), normalized(other.description))
    quoted = _shared(_names(one), _names(other))
    meant = shared_meaning(
        f"{one.location} {one.description}", f"{other.location} {other.description}"
    )
    likeness = max(0.5 * place + 0.5 * words, 0.9 * words, 0.75 * place, 0.8 * meant)
    if not meant:
        likeness *= ALIKE_IN_LETTERS
    if quoted is not None:
        likeness = 0.4 * likeness + 0.6 * quoted
    if one.box is not None and other.box is not None:
        likeness = 0.5 * likeness + 0.5 * overlap(one.box, other.box)
    return 1.0 - likeness * (1.0 if same_category else 0.6)


def disagreement(annotations: Sequence[Annotation]) -> float:
    """Mean disagreement over all pairs of annotators; 0 for a single annotator."""
    couples = [
        compare(one.discrepancies, other.discrepancies).disagreement
        for at, one in enumerate(annotations)
        for other in annotations[at + 1 :]
    ]
    return sum(couples) / len(couples) if couples else 0.0


def agree(annotations: Sequence[Annotation], votes: int) -> Annotation:
    """The claims that at least ``votes`` annotators make, in the words of the first who makes them.

    Severity is the median (the lower of two). ``votes`` is at most the number of annotations: if
    there is only one annotator, one vote is enough.

    Raises:
        ValueError: no annotation, or annotations of different pairs.
    """
    if not annotations or len({one.attempt_id for one in annotations}) != 1:
        raise ValueError("consensus needs annotations, and of one pair")
    groups: list[list[Discrepancy]] = []
    for annotation in annotations:
        claims = annotation.discrepancies
        matched = compare([group[0] for group in groups], claims)
        for at, claim in matched.pairs:
            groups[at].append(claims[claim])
        groups += [[claims[claim]] for claim in matched.only_second]
    needed = min(votes, len(annotations))
    return Annotation(
        attempt_id=annotations[0].attempt_id,
        modality=annotations[0].modality,
        annotator=VERSION,
        discrepancies=tuple(
            group[0].model_copy(update={"severity": median_low(c.severity for c in group)})
            for group in groups
            if len(group) >= needed
        ),
    )


@dataclass(frozen=True, slots=True)
class Doubt:
    """How uncertain the labels of one pair are: the disagreement, and the annotators that
    failed."""

    attempt_id: str
    disagreement: float
    failed: tuple[str, ...] = ()
    """Annotators that gave no usable reply, with the reason: `my-lvlm: truncated`."""


def relabel_queue(doubts: Iterable[Doubt], at_least: float = 0.5) -> list[Doubt]:
    """The ids of failed and disputed pairs, the most disputed first; ties are ordered by id.

    >>> [d.attempt_id for d in relabel_queue([Doubt("a", 0.6), Doubt("b", 0.1), Doubt("c", 0.9)])]
    ['c', 'a']
    """
    chosen = [doubt for doubt in doubts if doubt.failed or doubt.disagreement >= at_least]
    return sorted(chosen, key=lambda doubt: (-doubt.disagreement, doubt.attempt_id))


def overlap(one: Box, other: Box) -> float:
    """Shared area of two boxes divided by the area of the smaller one, 0 to 1.

    The smaller one, not the union: one annotator may box a legend entry, another the whole legend.
    """
    return area(common(one, other)) / (min(area(one), area(other)) or 1.0)


def _names(claim: Discrepancy) -> set[str]:
    words = f"{claim.location} {claim.description}"
    numbers = {word for word in normalized(words).replace(",", " ").split() if _is_number(word)}
    return {normalized(quote) for quote in quotes(words)} | numbers


def _shared(one: set[str], other: set[str]) -> float | None:
    """Share of the names in the claim with fewer names that the other claim has too; None without
    names."""
    return len(one & other) / min(len(one), len(other)) if one and other else None


def _is_number(word: str) -> bool:
    try:
        float(word.rstrip("%"))
    except ValueError:
        return False
    return True
