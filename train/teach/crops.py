"""Pairs of a published dataset as crops at native size around what differs, so that text stays legible."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from annotators.structural.pixels import pixel_difference
from quality.read.inspect import dataset_files
from records.errors import ConfigError
from records.shards import parquet_of
from records.taxonomy import Modality, category_names
from train.teach.looks import look

SIDE = 96
"""Pixels of a crop, along each side."""
MOST_CROPS = 5
"""Crops of a pair: of its largest differences."""
JOIN_PX = 8
"""Changed pixels at most so far apart belong to one difference."""
COLUMNS = ("id", "task", "origin", "sample_id", "source", "policy", "provenance", "images", "discrepancies")  # fmt: skip
TASKS = tuple(map(str, Modality))
CATEGORIES = tuple((task, name) for task in TASKS for name in category_names(Modality(task)))
"""All categories of all modalities, in the order of every array here."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TeachLabel:
    """One label of a pair."""

    category: int
    """Place in `CATEGORIES`."""
    severity: int
    box: Box | None


@dataclass(frozen=True)
class TeachPair:
    """One pair, without its pictures."""

    id: str
    task: int
    natural: bool
    """Drawn by a policy; injected otherwise."""
    sample: str
    source: str
    policy: str
    errors: tuple[TeachLabel, ...]
    boxes: tuple[Box, ...]
    """Of each crop's difference, in pixels."""
    first: int
    """Place of its first crop in the array of all."""


@dataclass(frozen=True)
class TeachSet:
    """A whole dataset, ready to learn from."""

    pairs: list[TeachPair]
    looks: NDArray[np.float16]
    """N x numbers: each crop as `train.teach.looks` describes it."""
    places: NDArray[np.float32]
    """N x 6: left, top, width and height of the difference as shares of the picture; its changed share; the
    longer side of the picture in thousands of pixels."""


def prepared(dataset: str, folder: Path, limit: int = 0) -> TeachSet:
    """The crops of a dataset: made once, then read from ``folder``.

    Args:
        dataset: A published dataset.
        folder: Where they are kept.
        limit: Only so many pairs; 0 takes all.

    Raises:
        ConfigError: there is no dataset, or too little in it.
    """
    index = folder / "pairs.json"
    if not index.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        pairs: list[TeachPair] = []
        looks: list[NDArray[np.float16]] = []
        places: list[NDArray[np.float32]] = []
        for row in _rows(dataset):
            if limit and len(pairs) >= limit:
                break
            cut = list(_cut(row["images"]))
            if not cut:
                continue  # Nothing differs: no crop, and nothing to name.
            pairs.append(_pair(row, tuple(box for box, _, _ in cut), len(looks)))
            looks += [look(crop).astype(np.float16) for _, crop, _ in cut]
            places += [place for _, _, place in cut]
        if not pairs:
            raise ConfigError(f"{dataset}: no pair with a difference; teach needs corrupted pairs")
        np.save(folder / "looks.npy", np.stack(looks))
        np.save(folder / "places.npy", np.stack(places))
        part = index.with_suffix(".tmp")
        part.write_text(json.dumps([asdict(pair) for pair in pairs]), encoding="utf-8")
        part.rename(index)
    known = [_known(values) for values in json.loads(index.read_text(encoding="utf-8"))]
    return TeachSet(known, np.load(folder / "looks.npy"), np.load(folder / "places.npy"))


def _rows(dataset: str) -> Iterator[dict[str, Any]]:
    for url in dataset_files(dataset):
        with fsspec.open(url) as file:
            for batch in parquet_of(file, url).iter_batches(32, columns=list(COLUMNS)):
                for row in batch.to_pylist():
                    degenerate = (row["provenance"] or {}).get("degenerate")
                    if row["origin"] in ("corrupted", "sampled") and not degenerate:
                        yield row


def _pair(row: dict[str, Any], boxes: tuple[Box, ...], first: int) -> TeachPair:
    errors = tuple(
        TeachLabel(
            CATEGORIES.index((row["task"], one["category"])),
            one["severity"],
            None if one["box"] is None else tuple(one["box"]),
        )
        for one in row["discrepancies"]
    )
    natural = row["origin"] == "sampled"
    return TeachPair(row["id"], TASKS.index(row["task"]), natural, row["sample_id"], row["source"], row["policy"] or "", errors, boxes, first)  # fmt: skip


def _known(values: dict[str, Any]) -> TeachPair:
    errors = tuple(
        TeachLabel(
            one["category"], one["severity"], None if one["box"] is None else tuple(one["box"])
        )
        for one in values["errors"]
    )
    return TeachPair(**{**values, "errors": errors, "boxes": tuple(map(tuple, values["boxes"]))})


def _cut(
    images: Sequence[dict[str, Any]],
) -> Iterator[tuple[Box, NDArray[np.uint8], NDArray[np.float32]]]:
    """Box, crop and place of each difference, the largest first.

    A crop is 6 x `SIDE` x `SIDE`: reference and candidate, sRGB, white beyond the pictures.
    """
    pngs = [image["bytes"] for image in images]
    changed = pixel_difference(pngs[0], pngs[1]).changed
    height, width = changed.shape
    sides = []
    for png in pngs:
        with Image.open(io.BytesIO(png)) as image:
            shown = np.asarray(image.convert("RGB"))
        half = SIDE // 2
        room = [(half, height - shown.shape[0] + half), (half, width - shown.shape[1] + half)]
        sides.append(np.pad(shown, [*room, (0, 0)], constant_values=255))
    near = ndimage.uniform_filter(changed.astype(np.float32), 2 * JOIN_PX + 1) > 1e-6
    numbered, count = ndimage.label(near)
    numbered[~changed] = 0
    sizes = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
    found = ndimage.find_objects(numbered)
    for at in np.argsort(-sizes, kind="stable")[:MOST_CROPS]:
        down, across = found[at]
        box = (float(across.start), float(down.start), float(across.stop), float(down.stop))
        middle = (down.start + down.stop) // 2, (across.start + across.stop) // 2
        crop = [side[middle[0] :, middle[1] :][:SIDE, :SIDE] for side in sides]
        place = [box[0] / width, box[1] / height, (box[2] - box[0]) / width, (box[3] - box[1]) / height]  # fmt: skip
        place += [float(sizes[at]) / changed.size, max(width, height) / 1000]
        yield (
            box,
            np.concatenate(crop, axis=2).transpose(2, 0, 1),
            np.array(place, np.float32),
        )
