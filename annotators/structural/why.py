"""Explains labels: which differences each label accounts for, by which rule, and what was not
reported.

Comparisons record notes only inside `asked`; elsewhere a note costs nothing. A difference is
identified by its words, ``location: description``, before and after it is merged with others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

from records.rows import Box, Discrepancy


@dataclass(frozen=True, slots=True)
class Edge:
    """A difference that is not reported by itself because another one accounts for it."""

    rule: str
    """Name of the rule, such as ``limits_follow_data``."""
    cause: str
    effect: str


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A difference that was found and not reported."""

    what: str
    reason: str
    """The threshold that it stays below, or the evidence that it is not an error."""


@dataclass
class Notes:
    """The notes of one comparison, each once, in order."""

    edges: dict[Edge, None] = field(default_factory=dict)
    unsaid: dict[Unsaid, None] = field(default_factory=dict)

    def below(self, cause: str) -> list[Edge]:
        """Edges from a label down to every difference that it accounts for, through merges."""
        found: dict[Edge, None] = {}
        waiting, known = [cause], {cause}
        while waiting:
            at = waiting.pop()
            for edge in self.edges:
                if edge.cause == at and edge.effect not in known:
                    found[edge] = None
                    known.add(edge.effect)
                    waiting.append(edge.effect)
        return list(found)

    def forest(self, labels: Sequence[Discrepancy]) -> dict[str, Any]:
        """The explanation as JSON values: the edges below each label, and the unreported
        differences.

        Differences that were explained by a dropped difference are listed as unreported, too.
        """
        below = [self.below(spoken(one.location, one.description)) for one in labels]
        reached = {edge for edges in below for edge in edges}
        loose = [Unsaid(edge.effect, f"{edge.rule}: {edge.cause}") for edge in self.edges if edge not in reached
                 and edge.cause != edge.effect]  # fmt: skip
        return {
            "labels": [
                {"label": number, "stands_for": [asdict(edge) for edge in edges]}
                for number, edges in enumerate(below)
            ],
            "unsaid": [asdict(one) for one in dict.fromkeys([*self.unsaid, *loose])],
        }


_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def asked() -> Iterator[Notes]:
    """Comparisons inside of it make notes."""
    notes = Notes()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def spoken(location: object, description: str) -> str:
    """A difference as ``location: description``."""
    return f"{location}: {description}"


def place_in_words(box: Box) -> str:
    """A box in whole pixels.

    >>> place_in_words((1.0, 2.0, 30.4, 40.0))
    '1, 2 to 30, 40 px'
    """
    left, top, right, bottom = (round(edge) for edge in box)
    return f"{left}, {top} to {right}, {bottom} px"


def wanted() -> bool:
    """True if notes are recorded; for callers whose notes are slow to make."""
    return _notes.get() is not None


def explains(rule: str, cause: object, *effects: object) -> None:
    """Record that a difference accounts for others by a rule; words are made only if notes are
    recorded."""
    notes = _notes.get()
    if notes is not None:
        for effect in effects:
            if str(effect) != str(cause):
                notes.edges[Edge(rule, str(cause), str(effect))] = None


def unsaid(what: object, reason: str) -> None:
    """Record a difference that is not reported."""
    notes = _notes.get()
    if notes is not None:
        notes.unsaid[Unsaid(str(what), reason)] = None


def why_lines(labels: Sequence[Discrepancy], forest: dict[str, Any]) -> list[str]:
    """The whole explanation as lines for a terminal: first what each label accounts for, then what
    is not reported.

    >>> edge = {"rule": "limits_follow_data", "cause": "bar: 3", "effect": "y axis limits: 0 to 4"}
    >>> gone = [{"what": f"bar '{name}': wider", "reason": "too little"} for name in "AB"]
    >>> label = Discrepancy(category="data_error", severity=1, location="bar", description="3", box=None)
    >>> forest = {"labels": [{"label": 0, "stands_for": [edge]}], "unsaid": gone}
    >>> for line in why_lines([label], forest):
    ...     print(line)
    1. bar: 3
       limits_follow_data: y axis limits: 0 to 4
    seen and not reported:
       bar 'A' and 1 more: wider (too little)
    """
    lines = []
    for number, label in enumerate(labels):
        below = forest["labels"][number]["stands_for"]
        lines.append(f"{number + 1}. {spoken(label.location, label.description)}")
        lines += [f"   {edge['rule']}: {edge['effect']}" for edge in below]
        lines += [] if below else ["   stands for itself"]
    alike: dict[tuple[str, str], list[str]] = {}
    for one in forest["unsaid"]:
        location, _, what = one["what"].partition(": ")
        alike.setdefault((what, one["reason"]), []).append(location)
    lines += ["seen and not reported:"] if alike else []
    for (what, reason), places in alike.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        lines.append(f"   {places[0]}{more}{': ' if what else ''}{what} ({reason})")
    return lines
