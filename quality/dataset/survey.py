"""Counts the published rows from their index: mix, tokens, and which pairs are shown.

One pass over lines; memory grows by about 100 bytes per sample.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from quality.dataset.index import lines_of
from quality.dataset.tokens import row_tokens
from quality.format.schema import SPLITS
from quality.read.mix import Mix
from quality.read.tally import Tally
from records.rows import content_id
from records.taxonomy import Modality

Line = dict[str, Any]
_NOT_SURVEYED = ("pair_key", "near_key", "code_digest", "words_digest", "reference_light")


@dataclass
class Survey:
    """Figures of the rows seen so far."""

    tally: Tally = field(default_factory=Tally)
    mix: Mix = field(default_factory=Mix)
    tokens: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Rows by modality and tokens."""
    examples: dict[tuple[str, int], tuple[tuple[float, ...], int]] = field(default_factory=dict)
    """Rank and number of the best example, by modality and kind: 0 for corrupted pairs, 1 for others."""
    gallery: frozenset[int] = frozenset()
    """Numbers of the rows that the gallery shows, evenly drawn by their ids."""

    def add(self, number: int, line: Line) -> None:
        """Count a row.

        Args:
            number: Its number in the plan.
            line: Its line of the index, and its split.
        """
        self.tally.add(line)
        self.mix.add(line)
        self.tokens[line["task"], row_tokens(line)] += 1
        if line["discrepancies"]:
            place = (line["task"], 0 if line["origin"] == "corrupted" else 1)
            rank = _rank(line)
            if place not in self.examples or rank < self.examples[place][0]:
                self.examples[place] = (rank, number)

    def example_rows(self) -> list[int]:
        """Numbers of the examples: chart, table, svg; the corrupted pair of each first."""
        places = [(task.value, number) for task in Modality for number in (0, 1)]
        return [self.examples[place][1] for place in places if place in self.examples]


def survey(indexes: Iterable[pa.Table], split: NDArray[Any], gallery_pairs: int) -> Survey:
    """Survey all published rows.

    Args:
        indexes: Tables of `quality.dataset.index.INDEX`.
        split: Place in `SPLITS` of each row, below 0 where it is not published.
        gallery_pairs: Most pairs of the gallery.
    """
    found = Survey()

    def draws() -> Iterator[tuple[str, int]]:
        for number, line in _published(indexes, split):
            found.add(number, line)
            yield content_id("gallery", line["id"]), number

    drawn = heapq.nsmallest(gallery_pairs, draws()) if gallery_pairs else _exhausted(draws())
    found.gallery = frozenset(number for _, number in drawn)
    return found


def _exhausted(draws: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    for _ in draws:
        pass
    return []


def _published(indexes: Iterable[pa.Table], split: NDArray[Any]) -> Iterator[tuple[int, Line]]:
    number = 0
    for table in indexes:
        for line in lines_of([table.drop_columns(_NOT_SURVEYED)]):
            if (place := int(split[number])) >= 0:
                yield number, {**line, "split": SPLITS[place]}
            number += 1


def _rank(line: Line) -> tuple[float, ...]:
    """Lower is a better example: two or three boxed differences of different kinds, in plain letters."""
    found = line["discrepancies"]
    return (
        float(not line["plain_labels"]),
        abs(len(found) - 2.5),
        -len({one["category"] for one in found}),
        line["unboxed"],
        line["label_chars"] / 100,
        float(int(line["id"], 16)),
    )
