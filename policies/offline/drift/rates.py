"""Which errors a capable model makes, and how often: counted from natural pairs, kept as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from records.settings import Section, read_toml, validated
from records.taxonomy import Modality


class Drift(Section):
    """One kind of natural error."""

    kind: str
    """What differs, in a person's words."""
    pairs: int = Field(ge=1)
    """Natural pairs in which it was seen."""
    corruptions: tuple[str, ...] = Field(min_length=1)
    """Corruptions of the catalog that make it; one that applies is drawn."""
    most: int = Field(default=1, ge=1)
    """Errors of this kind in one attempt: one to so many."""
    share: float = Field(default=1.0, gt=0, le=1)
    """How much of a corruption's own strength is used."""


@cache
def drifts(modality: Modality) -> tuple[tuple[Drift, float], ...]:
    """The kinds of natural errors of a modality, each with its rate: the share of pairs that show it.

    >>> drift, rate = drifts(Modality.CHART)[0]
    >>> drift.kind, rate
    ('size of text against the picture', 0.65)
    """
    file = Path(__file__).with_name("rates.toml")
    values = read_toml(file)
    counted = values["pairs"][modality]
    found = [validated(Drift, row, f"{file}: {modality}") for row in values[modality]]
    return tuple((drift, drift.pairs / counted) for drift in found)
