"""Pairs that teach the same thing twice are published once.

Exact: the same two pictures again. For negatives the candidate's code counts too, since two
rewrites of one program look alike on purpose. Near: another picture of the same sample for which
exactly the same discrepancies are named.
"""

from __future__ import annotations

import json

from quality.dataset.schema import Row
from records.errors import GateError
from records.rows import content_id


class Seen:
    """Remembers pairs by short digests; grows by about 250 bytes a row, not by its pictures."""

    def __init__(self) -> None:
        self._keys: dict[bytes, bytes] = {}

    def check(self, row: Row) -> Row:
        """The row itself, if nothing like it came before; remembers it.

        Needs the columns `KEY_COLUMNS` only.

        Raises:
            GateError: `duplicate_id`, `duplicate_pair` or `near_duplicate`, naming the earlier row.
        """
        keys = {reason: _digest(reason, *parts) for reason, parts in _keys(row).items()}
        for reason, key in keys.items():
            if key in self._keys:
                raise GateError(reason, f"as row {self._keys[key].decode()}")
        for key in keys.values():
            self._keys[key] = row["id"].encode()
        return row


KEY_COLUMNS = (
    "id",
    "sample_id",
    "origin",
    "reference_hash",
    "candidate_hash",
    "candidate_code",
    "discrepancies",
)


def _keys(row: Row) -> dict[str, tuple[str, ...]]:
    negative = row["origin"] in ("identical", "equivalent")
    keys = {
        "duplicate_id": (row["id"],),
        "duplicate_pair": (
            row["reference_hash"],
            row["candidate_hash"],
            row["candidate_code"] if negative else "",
        ),
    }
    if row["discrepancies"]:
        named = sorted(
            json.dumps([d["category"], d["severity"], d["location"], d["description"], d["box"]])
            for d in row["discrepancies"]
        )
        keys["near_duplicate"] = (row["sample_id"], json.dumps(named))
    return keys


def _digest(*parts: str) -> bytes:
    return bytes.fromhex(content_id(*parts))
