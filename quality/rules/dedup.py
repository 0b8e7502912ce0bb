"""Finds near-duplicate pairs, so that each is published once.

Exact duplicate: the same two pictures again. For negatives the candidate's code counts too, since
two rewrites of one program look alike on purpose. Near duplicate: another picture of the same sample
for which exactly the same discrepancies are named.
"""

from __future__ import annotations

import json

from records.errors import GateError
from records.pairs import Row
from records.rows import content_id


class PairDigests:
    """Remembers pairs by short digests; grows by about 250 bytes a row, not by its pictures."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._pairs: dict[bytes, str] = {}
        self._near: dict[bytes, str] = {}

    def check(self, id_: str, pair_key: bytes, near_key: bytes | None) -> None:
        """Remember a pair, unless one like it came before; see `pair_keys`.

        Raises:
            GateError: `duplicate_id`, `duplicate_pair` or `near_duplicate`, naming the earlier row.
        """
        if id_ in self._ids:
            raise GateError("duplicate_id", f"as row {id_}")
        if pair_key in self._pairs:
            raise GateError("duplicate_pair", f"as row {self._pairs[pair_key]}")
        if near_key is not None and near_key in self._near:
            raise GateError("near_duplicate", f"as row {self._near[near_key]}")
        self._ids.add(id_)
        self._pairs[pair_key] = id_
        if near_key is not None:
            self._near[near_key] = id_


def pair_keys(row: Row) -> tuple[bytes, bytes | None]:
    """Digests of ten bytes that are equal for exact and for near duplicates of a row.

    The second is None if nothing is labeled.
    """
    negative = row.origin in ("identical", "equivalent")
    code = row.candidate_code if negative else ""
    pair = _digest("duplicate_pair", row.reference_hash, row.candidate_hash, code)
    if not row.discrepancies:
        return pair, None
    named = sorted(
        json.dumps([d.category, d.severity, d.location, d.description, d.box])
        for d in row.discrepancies
    )
    return pair, _digest("near_duplicate", row.sample_id, json.dumps(named))


def _digest(*parts: str) -> bytes:
    return bytes.fromhex(content_id(*parts))
