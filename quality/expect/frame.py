"""The light columns of many rows as one pandas frame: what the expectations are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import pandas as pd

from quality.dataset.schema import Row
from quality.rules.gates import picture_sizes

FRAME_COLUMNS = (
    "id",
    "task",
    "origin",
    "split",
    "sample_id",
    "source",
    "revision",
    "licence",
    "reserved",
    "render_contract",
    "reference_hash",
    "candidate_hash",
    "changed_fraction",
    "severity_sum",
    "images",
    "completion",
    "discrepancies",
    "corruptions",
    "policy",
)
"""Columns of a row that `frame_of` needs."""


ROWS_OF_A_FRAME = 50_000
"""Rows that are judged together: about 20 MB, however large the dataset is."""
_ROWS_OF_A_PIECE = 256
"""Lines that are held as dictionaries, which take ten times the room of a frame's."""


def frames_of(rows: Iterable[Row], most: int = ROWS_OF_A_FRAME) -> Iterator[pd.DataFrame]:
    """Frames of at most ``most`` rows, one at a time; see `frame_of`."""
    left = iter(rows)
    while len(frame := frame_of(islice(left, most))):
        yield frame


def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    """One line a row, about 400 bytes each; pictures are read for their size and let go.

    Besides columns of the row: `discrepancy_count`, `counted` (what the completion's counts add up
    to), `severity_min`, `severity_max`, `categories` and `corruptions` (words, space-separated),
    `width_px_min`, `height_px_min`, `side_px_max` over both pictures, `splits_of_sample`, and
    `trains_on_reserved`.
    """
    left = map(_line, rows)
    pieces = [_piece(())]
    while lines := tuple(islice(left, _ROWS_OF_A_PIECE)):
        pieces.append(_piece(lines))
    frame = pd.concat(pieces, ignore_index=True) if len(pieces) > 1 else pieces[0]
    frame["splits_of_sample"] = frame.groupby("sample_id")["split"].transform("nunique")
    return frame


def _piece(lines: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=list(_EMPTY)).astype(_EMPTY)


_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("id", "task", "origin", "split", "sample_id", "source"), "str"),
    **dict.fromkeys(("revision", "licence", "render_contract"), "str"),
    **dict.fromkeys(("reference_hash", "candidate_hash", "policy"), "str"),
    "changed_fraction": "float64",
    "severity_sum": "int64",
    "discrepancy_count": "int64",
    "counted": "int64",
    "severity_min": "int64",
    "severity_max": "int64",
    "categories": "str",
    "corruptions": "str",
    "width_px_min": "int64",
    "height_px_min": "int64",
    "side_px_max": "int64",
    "trains_on_reserved": "bool",
}


def _line(row: Row) -> dict[str, Any]:
    sizes = picture_sizes(row)
    severities = [found["severity"] for found in row["discrepancies"]]
    return {
        **{name: row[name] for name in _EMPTY if name in row},
        "discrepancy_count": len(severities),
        "counted": _counted(row),
        "severity_min": min(severities, default=0),
        "severity_max": max(severities, default=0),
        "categories": " ".join(found["category"] for found in row["discrepancies"]),
        "corruptions": " ".join(row["corruptions"]),
        "width_px_min": min(width_px for width_px, _ in sizes),
        "height_px_min": min(height_px for _, height_px in sizes),
        "side_px_max": max(side_px for size in sizes for side_px in size),
        "trains_on_reserved": bool(row["reserved"]) and row["split"] in ("train", "validation"),
    }


def _counted(row: Row) -> int:
    """Sum of the completion's counts; -1 where it is not the JSON it has to be."""
    try:
        reply = json.loads(row["completion"][0]["content"])
        return sum(value for name, value in reply.items() if name.endswith("_count"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return -1
