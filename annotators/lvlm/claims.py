"""Compares the errors that a model claims to have injected with those that the pictures show.

Only for targeted attempts (`corruptors.targeted`). The structural annotator compares both scenes
without knowing the claim; an attempt is accepted if the found categories equal the claimed ones,
with one difference per claim. The claim itself never becomes a label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corruptors.targeted import is_targeted
from records.errors import PairError
from records.rows import Attempt, Corrupted, Discrepancy


def confirm(attempt: Attempt, found: Sequence[Discrepancy]) -> None:
    """Accept a targeted attempt only if the scenes show its claims and nothing else.

    Args:
        attempt: Any attempt; attempts of other kinds are accepted.
        found: The discrepancies of the structural annotator.

    Raises:
        PairError: ``claim_not_confirmed`` (a claimed error is not seen), ``undeclared_change``
            (something else is seen too).
    """
    origin = attempt.origin
    if not isinstance(origin, Corrupted) or not is_targeted(origin):
        return
    claimed = Counter(origin.categories)
    seen = Counter(discrepancy.category for discrepancy in found)
    if unseen := claimed - seen:
        raise PairError(
            "claim_not_confirmed", f"claimed {_listed(claimed)}, not seen {_listed(unseen)}"
        )
    if more := seen - claimed:
        other = "; ".join(d.description for d in found if d.category in more)
        raise PairError("undeclared_change", f"claimed {_listed(claimed)}, seen too: {other[:300]}")


def _listed(categories: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(categories.items()))
