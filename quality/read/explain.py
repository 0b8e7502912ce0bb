"""Describes one pair of a dataset and the evidence for each of its labels."""

from __future__ import annotations

import difflib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import fsspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quality.read.inspect import dataset_files
from quality.read.pages import fill_template, shown_pair
from quality.rules.gates import picture_sizes
from records.columns import record_of
from records.errors import ConfigError
from records.pairs import Row
from records.rows import Discrepancy, Origin
from records.shards import parquet_of

VISIBLE = 8
"""Difference of a color channel, 0 to 255, from which a pixel counts as changed here."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A label and what speaks for it."""

    label: Discrepancy
    annotators: tuple[str, ...]
    """Annotators that name a difference of this category at this place."""
    meant: str
    """What the corruption meant to do there; empty if none did."""
    changed: float | None
    """Share of the pixels of its box that differ; None without a box, or if sizes differ."""

    def __str__(self) -> str:
        seen = [f"named by {', '.join(self.annotators)}"]
        if self.changed is not None:
            seen.append(f"{self.changed:.1%} of the pixels in its box differ")
        elif self.label.box is None:
            seen.append("it has no box")
        else:
            seen.append("the pictures differ in size, so its box was not compared")
        seen.append(
            f"a corruption meant it: {self.meant}" if self.meant else "no corruption meant it"
        )
        return "; ".join(seen)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of one pair."""

    row: Row
    edit: tuple[str, ...]
    """The difference of the two programs, as a unified diff."""
    reasons: tuple[Reason, ...]


def find_row(dataset: str, id_: str) -> Row:
    """The row whose id begins so; only the ids, and then one row group, are read.

    Raises:
        ConfigError: no row, or more than one, has such an id.
    """
    found: list[tuple[str, int, int, str]] = []
    for url in dataset_files(dataset):
        with fsspec.open(url, "rb") as file:
            parquet = parquet_of(file, url, ["id"])
            for group in range(parquet.num_row_groups):
                ids = parquet.read_row_group(group, ["id"]).column("id").to_pylist()
                found += [
                    (url, group, at, one) for at, one in enumerate(ids) if one.startswith(id_)
                ]
    if not found:
        raise ConfigError(
            f"{dataset}: no row {id_}; ids are in the column `id` and below each pair of the gallery"
        )
    if len(found) > 1:
        some = ", ".join(one for *_, one in found[:5])
        raise ConfigError(
            f"{dataset}: {len(found)} rows begin with {id_!r}: {some}; give more digits"
        )
    [(url, group, at, _)] = found
    with fsspec.open(url, "rb") as file:
        [line] = parquet_of(file, url).read_row_group(group).slice(at, 1).to_pylist()
    return record_of(Row, line, url)


def explain(row: Row) -> Explanation:
    """What speaks for each label of a row."""
    changed = _changed(row)
    edit = difflib.unified_diff(
        row.reference_code.splitlines(),
        row.candidate_code.splitlines(),
        "reference",
        "candidate",
        lineterm="",
        n=2,
    )
    reasons = [
        Reason(
            label=label,
            annotators=tuple(
                annotation.annotator
                for annotation in row.annotations
                if any(_same(label, other) for other in annotation.discrepancies)
            ),
            meant=_meant(label, row.provenance),
            changed=_share(changed, label.box),
        )
        for label in row.discrepancies
    ]
    return Explanation(row, tuple(edit), tuple(reasons))


def page_of(explanation: Explanation) -> str:
    """An HTML page that stands alone: pictures with boxes, labels and reasons, the edit."""
    row = explanation.row
    pictures = shown_pair(
        ("reference", "candidate"),
        [image.bytes for image in row.images],
        picture_sizes(row),
        row.discrepancies,
    )
    return fill_template("explain.html.j2", row=row, pictures=pictures, explanation=explanation)


def _same(label: Discrepancy, other: Discrepancy) -> bool:
    return (label.category, label.location) == (other.category, other.location)


def _meant(label: Discrepancy, origin: Origin) -> str:
    """Intents of the label's category: if there are several, their words do not show which one is its own."""
    if origin.kind != "corrupted":
        return ""
    return " or ".join(
        f"{error.name}, {error.location} {error.description}"
        for error in origin.errors
        if error.category == label.category
    )


def _changed(row: Row) -> NDArray[np.bool_] | None:
    pixels = []
    for image in row.images:
        with Image.open(io.BytesIO(image.bytes)) as opened:
            pixels.append(np.asarray(opened.convert("RGB"), dtype=np.int16))
    if pixels[0].shape != pixels[1].shape:
        return None
    found: NDArray[np.bool_] = np.abs(pixels[0] - pixels[1]).max(axis=2) > VISIBLE
    return found


def _share(changed: NDArray[np.bool_] | None, box: Sequence[float] | None) -> float | None:
    if changed is None or box is None:
        return None
    left, top, right, bottom = (max(0, round(at)) for at in box)
    inside = changed[top : max(bottom, top + 1), left : max(right, left + 1)]
    return float(inside.mean()) if inside.size else None
