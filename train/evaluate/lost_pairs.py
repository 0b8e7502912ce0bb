"""Pairs whose matching failed: a few are reported, more than the bound is an error."""

from __future__ import annotations

from collections.abc import Mapping

from records.errors import EvaluationIncomplete

MOST_LOST = 0.01
"""Share of pairs without a usable match from which scores are no scores: what is lost is never an easy pair,
since those with an empty list are not asked about."""


def require_few_lost(lost: int, pairs: int, reasons: Mapping[str, int], table: str) -> None:
    """Stop where over `MOST_LOST` of the pairs were lost; the table is part of the message.

    Raises:
        EvaluationIncomplete: too many were.
    """
    if pairs and lost / pairs > MOST_LOST:
        counted = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        raise EvaluationIncomplete(
            f"{lost} of {pairs} pairs were not matched ({counted}), over {MOST_LOST:.0%}: these scores do not "
            "compare. If the matcher refuses max_tokens or a temperature, set --matcher-max-tokens-field "
            f"max_completion_tokens and --matcher-temperature none; the next run asks for them again\n{table}"
        )
