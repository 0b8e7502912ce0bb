"""What is expected of rows and of their shares: the bounds, and Great Expectations' words for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from quality.dataset.schema import ORIGINS, SPLITS
from records.config import CorruptionMix, QualityConfig
from records.taxonomy import Modality


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is still normal."""

    max_discrepancies: int = 40
    min_side_px: int = 8
    max_side_px: int = 16_384
    max_category_share: float = 0.95
    """Largest share of one category among a modality's discrepancies."""
    max_corruption_share: float = 0.5
    """Largest share of one corruption among a modality's uses of corruptions."""
    max_negative_share: float = 0.6
    """Largest share of pairs without a difference."""
    max_unexplained_share: float = 0.1
    """Largest share of changed pairs that were lost because nothing explained the change."""
    min_rows_for_share: int = 200
    """Frames with fewer rows of a modality are not judged by share."""
    splits: tuple[str, ...] = SPLITS
    """Legal values of `split`; a shard that is not split yet also allows the empty string."""

    @classmethod
    def of(
        cls,
        quality: QualityConfig,
        mix: CorruptionMix | None = None,
        splits: tuple[str, ...] = SPLITS,
    ) -> Bounds:
        """Bounds from a configuration.

        A mix that was narrowed on purpose, to try one corruption say, may be one-sided.
        """
        narrowed = mix is not None and mix.narrowed
        few_attempts = bool(mix and mix.attempts_per_sample <= 1)
        return cls(
            max_discrepancies=quality.max_discrepancies,
            max_unexplained_share=quality.max_unexplained_share,
            max_category_share=1.0 if narrowed else quality.max_category_share,
            max_corruption_share=1.0 if narrowed else quality.max_corruption_share,
            max_negative_share=1.0 if few_attempts else quality.max_negative_share,
            splits=splits,
        )


class Shares:
    """Counts what may not take over, over any number of frames."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._negatives: Counter[str] = Counter()
        self._words: dict[tuple[str, str], Counter[str]] = {}

    def add(self, frame: pd.DataFrame) -> None:
        """Count the rows of a frame."""
        for task, part in frame.groupby("task"):
            name = str(task)
            self._rows[name] += len(part)
            self._negatives[name] += int((part["discrepancy_count"] == 0).sum())
            for column in ("categories", "corruptions"):
                words = self._words.setdefault((name, column), Counter())
                words.update(word for line in part[column] for word in line.split())

    def lines(self, bounds: Bounds, rejects: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
        """Columns `share_of`, `share`, `bound`: one line for each thing that may not take over."""
        lines: list[tuple[str, float, float]] = []
        for task in map(str, Modality):
            rows = self._rows[task]
            if rows < bounds.min_rows_for_share:
                continue
            for column, bound in (
                ("categories", bounds.max_category_share),
                ("corruptions", bounds.max_corruption_share),
            ):
                words = self._words[task, column]
                lines += [
                    (f"{task} {word}", words[word] / words.total(), bound) for word in sorted(words)
                ]
            negatives = self._negatives[task] / rows
            lines.append(
                (f"{task} pairs without a difference", negatives, bounds.max_negative_share)
            )
        lost = sum(reasons.get("unexplained_change", 0) for reasons in rejects.values())
        changed = self._rows.total() - self._negatives.total()
        if lost + changed >= bounds.min_rows_for_share:
            share = lost / (lost + changed)
            lines.append(("unexplained_change", share, bounds.max_unexplained_share))
        return pd.DataFrame(lines, columns=["share_of", "share", "bound"]).astype(
            {"share_of": "str", "share": "float64", "bound": "float64"}
        )


def row_expectations(bounds: Bounds) -> list[Any]:
    """What every row and their ids are expected to be; see `quality.expect.frame` for the columns."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    # A policy may draw the same picture: then its pair is a negative.
    seen = Column("changed_fraction") > 0
    changed = (Column("origin") == "corrupted") | ((Column("origin") == "sampled") & seen)
    unchanged = (Column("origin") == "identical") | (Column("origin") == "equivalent")
    whole = ("id", "sample_id", "source", "revision", "licence")
    hashes = {
        "id": "^[0-9a-f]{20}$",
        "sample_id": "^[0-9a-f]{20}$",
        "reference_hash": "^[0-9a-f]{32}$",
        "candidate_hash": "^[0-9a-f]{32}$",
        "render_contract": "^[0-9a-f]{16}$",
    }
    sets = {
        "task": [task.value for task in Modality],
        "origin": list(ORIGINS),
        "split": list(bounds.splits),
        "trains_on_reserved": [False],
    }
    ranges: dict[str, tuple[float, float]] = {
        "changed_fraction": (0, 1),
        "discrepancy_count": (0, bounds.max_discrepancies),
        "severity_min": (0, 3),
        "severity_max": (0, 3),
        "width_px_min": (bounds.min_side_px, bounds.max_side_px),
        "height_px_min": (bounds.min_side_px, bounds.max_side_px),
        "side_px_max": (bounds.min_side_px, bounds.max_side_px),
        "splits_of_sample": (1, 1),
    }
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1),
        *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in whole),
        *(
            gxe.ExpectColumnValueLengthsToBeBetween(column=name, min_value=1)
            for name in ("source", "revision", "licence")
        ),
        gxe.ExpectColumnValuesToBeUnique(column="id"),
        *(gxe.ExpectColumnValuesToMatchRegex(column=n, regex=r) for n, r in hashes.items()),
        *(gxe.ExpectColumnValuesToBeInSet(column=n, value_set=v) for n, v in sets.items()),
        *(
            gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
            for name, (low, high) in ranges.items()
        ),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="discrepancy_count", column_B="counted"),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="severity_sum", column_B="discrepancy_count", or_equal=True
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="discrepancy_count", min_value=1, row_condition=changed
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="severity_min", min_value=1, row_condition=changed
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="discrepancy_count", max_value=0, row_condition=unchanged
        ),
    ]


def share_expectations() -> list[Any]:
    """What `Shares.lines` are expected to be."""
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToBeBetween(column="share", min_value=0, max_value=1),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="bound", column_B="share", or_equal=True
        ),
    ]
