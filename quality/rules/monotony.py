"""Limits how many attempts of one policy may consist of a single error category.

Examples: a reader that loses all spaces, a tracer that only washes out colors. Training on too many
such attempts teaches that one mistake, so they may be at most a given share of what a shard keeps of
a policy.
"""

from __future__ import annotations

from collections import Counter

from records.errors import GateError
from records.pairs import Row

REASON = "monotone_errors"
_ONE_OF = 0.9
"""Share of an attempt's errors that must be of one category for it to be monotone."""
_ERRORS = 3
"""An attempt with fewer errors is not monotone, but precise."""
_FREE = 4
"""Attempts of one policy and category that are kept whatever the share is."""


class Monotony:
    """Remembers what each policy's attempts were like; holds counts, not rows.

    Args:
        most: Largest share of a policy's kept attempts that may be monotone in one category.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._kept: Counter[str] = Counter()
        self._alike: Counter[tuple[str, str]] = Counter()

    def check(self, row: Row) -> Row:
        """The row itself, unless too many like it came before; remembers it.

        Raises:
            GateError: `monotone_errors`.
        """
        policy = row.policy
        if not policy:
            return row
        category = monotone(row)
        if category:
            key = (policy, category)
            bound = max(_FREE, self._most * (self._kept[policy] + 1))
            if self._alike[key] + 1 > bound:
                raise GateError(
                    REASON,
                    f"{policy}: {self._alike[key]} of {self._kept[policy]} attempts kept so far show "
                    f"little but {category}",
                )
            self._alike[key] += 1
        self._kept[policy] += 1
        return row


def monotone(row: Row) -> str:
    """The category that nearly all errors of a row are of, or nothing."""
    return prevailing(Counter(found.category for found in row.discrepancies))


def prevailing(counts: Counter[str]) -> str:
    """The category that nearly all of an attempt's errors are of, or nothing.

    >>> prevailing(Counter(text_error=9, numeric_error=1)), prevailing(Counter(text_error=2))
    ('text_error', '')
    """
    if counts.total() < _ERRORS:
        return ""
    [(category, count)] = counts.most_common(1)
    return category if count >= _ONE_OF * counts.total() else ""
