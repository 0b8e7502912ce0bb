"""The rules that each row must pass before it is published, one function per rule.

Each says what is wrong with the row, or returns the empty string. `quality.rules.rule_list` names them,
puts them in order and checks rows by them.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from PIL import Image

from quality.format.messages import IMAGE_TAG
from quality.format.schema import ORIGINS
from records.errors import GateError
from records.pairs import Row, Turn
from records.rows import Box
from records.taxonomy import Modality, category_names
from renderers.contract import pixel_hash

ROLES = ("reference", "candidate")
EDGE_PX = 1.0
"""How far a box may pass the edge of its picture: boxes of anti-aliased outlines round outwards."""


@dataclass(frozen=True, slots=True)
class RowLimits:
    """What a row may be."""

    max_discrepancies: int = 40
    min_side_px: int = 8
    max_side_px: int = 16_384
    max_pixels: int = 16_000_000
    min_changed_fraction: float = 0.0
    """Pairs that differ in no more than this share of pixels count as unchanged."""


def same_contract(reference_contract: str, candidate_contract: str) -> str:
    """The render contract of a pair.

    Raises:
        GateError: `contract_mismatch`, the two pictures were drawn under different rules.
    """
    if reference_contract != candidate_contract:
        raise GateError(
            "contract_mismatch",
            f"the reference was drawn under {reference_contract}, the candidate under "
            f"{candidate_contract}; render both again",
        )
    return reference_contract


def picture_sizes(row: Row) -> tuple[tuple[int, int], tuple[int, int]]:
    """Width and height in pixels of reference and candidate, from the headers of their files."""
    first, second = (_size_px(image.bytes) for image in row.images)
    return first, second


def _size_px(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


# Rows of one sample follow each other and share their reference, so it is decoded once.
@lru_cache(maxsize=4)
def _decoded_hash(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as image:
        return pixel_hash(image.convert("RGB").tobytes(), *image.size)


def two_pictures(row: Row, limits: RowLimits) -> str:
    count = len(row.images)
    if count != 2 or not all(image.bytes for image in row.images):
        return f"{count} pictures, or an empty one, instead of two"
    return ""


def unreadable_picture(row: Row, limits: RowLimits) -> str:
    for role, image in zip(ROLES, row.images, strict=True):
        try:
            width_px, height_px = _size_px(image.bytes)
            if width_px * height_px <= limits.max_pixels:  # `picture_size` names a bomb, packed
                _decoded_hash(image.bytes)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            return f"the {role} does not decode: {error}"
    return ""


def picture_size(row: Row, limits: RowLimits) -> str:
    for role, (width_px, height_px) in zip(ROLES, picture_sizes(row), strict=True):
        if (
            min(width_px, height_px) < limits.min_side_px
            or max(width_px, height_px) > limits.max_side_px
            or width_px * height_px > limits.max_pixels
        ):
            return f"the {role} is {width_px} x {height_px} px"
    return ""


def hash_mismatch(row: Row, limits: RowLimits) -> str:
    for role, image in zip(ROLES, row.images, strict=True):
        seen = _decoded_hash(image.bytes)
        if seen != getattr(row, f"{role}_hash"):
            recorded = getattr(row, f"{role}_hash")
            return f"the pixels of the {role} hash to {seen}, the row says {recorded}"
    return ""


def unknown_origin(row: Row, limits: RowLimits) -> str:
    if row.origin not in ORIGINS:
        return f"origin {row.origin!r} is none of {', '.join(ORIGINS)}"
    if row.origin == "corrupted" and not row.corruptions:
        return "a corrupted row names no corruption"
    if row.origin == "sampled" and not row.policy:
        return "a sampled row names no policy"
    return ""


def no_provenance(row: Row, limits: RowLimits) -> str:
    needed = (
        "id",
        "sample_id",
        "source",
        "revision",
        "licence",
        "render_contract",
        "reference_code",
    )
    missing = [name for name in needed if not getattr(row, name)]
    return f"empty: {', '.join(missing)}" if missing else ""


def illegal_values(row: Row, limits: RowLimits) -> str:
    """Values that no stage may write: a share beyond 0 to 1, an id that is no hash."""
    if not 0 <= row.changed_fraction <= 1:
        return f"changed_fraction is {row.changed_fraction}; legal: 0 to 1"
    for name, digits in _HASHES.items():
        value = getattr(row, name)
        if not re.fullmatch(f"[0-9a-f]{{{digits}}}", value):
            return f"{name} {value!r} is no hash of {digits} hex digits"
    return ""


_HASHES = {"id": 20, "sample_id": 20, "render_contract": 16}


def _unchanged(row: Row, limits: RowLimits) -> bool:
    same = row.reference_hash == row.candidate_hash
    return bool(same or row.changed_fraction <= limits.min_changed_fraction)


def unchanged_pair(row: Row, limits: RowLimits) -> str:
    # A policy may draw the same picture; the pair is then a negative.
    claimed = row.origin == "sampled" and row.discrepancies
    if (row.origin == "corrupted" or claimed) and _unchanged(row, limits):
        return f"no pixel differs by more than anti-aliasing, yet the origin is {row.origin}"
    return ""


def not_repeatable(row: Row, limits: RowLimits) -> str:
    if row.origin == "identical" and row.reference_hash != row.candidate_hash:
        return "the same program drew two different pictures; it has no fixed seed or reads a clock"
    return ""


def false_alarm(row: Row, limits: RowLimits) -> str:
    if row.discrepancies and row.origin == "identical":
        return f"an identical pair with {_named(row)}"
    return ""


def not_equivalent(row: Row, limits: RowLimits) -> str:
    if row.origin == "equivalent" and (row.discrepancies or not _unchanged(row, limits)):
        return (
            f"a rewrite that should look the same changed {row.changed_fraction:.2%} of the "
            f"pixels; {_named(row)}"
        )
    return ""


def unexplained_change(row: Row, limits: RowLimits) -> str:
    changed = row.origin == "sampled" and not _unchanged(row, limits)
    if (row.origin == "corrupted" or changed) and not row.discrepancies:
        return f"{row.changed_fraction:.2%} of the pixels differ and no discrepancy says why"
    return ""


def too_many_discrepancies(row: Row, limits: RowLimits) -> str:
    count = len(row.discrepancies)
    return (
        f"{count}, over the bound of {limits.max_discrepancies}"
        if count > limits.max_discrepancies
        else ""
    )


def illegal_category(row: Row, limits: RowLimits) -> str:
    if row.task not in set(Modality):
        return f"task {row.task!r} is none of {', '.join(Modality)}"
    legal = category_names(Modality(row.task))
    for found in row.discrepancies:
        if found.category not in legal:
            return f"{found.category!r} is no {row.task} category; legal: {', '.join(legal)}"
    return ""


def illegal_severity(row: Row, limits: RowLimits) -> str:
    for found in row.discrepancies:
        if found.severity not in (1, 2, 3):
            return f"severity {found.severity!r} of {found.location!r}; legal: 1, 2, 3"
    total = sum(found.severity for found in row.discrepancies)
    if row.severity_sum != total:
        return f"severity_sum is {row.severity_sum}, the discrepancies add up to {total}"
    return ""


def empty_words(row: Row, limits: RowLimits) -> str:
    for found in row.discrepancies:
        for field in ("location", "description"):
            if not getattr(found, field).strip():
                return f"a {found.category} has no {field}"
    return ""


def repeated_discrepancy(row: Row, limits: RowLimits) -> str:
    seen: set[tuple[str, str, str, Box | None]] = set()
    for found in row.discrepancies:
        key = (found.category, found.location, found.description, found.box)
        if key in seen:
            return f"{found.category} at {found.location!r} is named twice"
        seen.add(key)
    return ""


def box_outside(row: Row, limits: RowLimits) -> str:
    sizes = picture_sizes(row)
    for found in row.discrepancies:
        box = found.box
        if box is None:
            continue
        if not all(isfinite(at) for at in box):
            return f"{box} at {found.location!r} is no box"
        left, top, right, bottom = box
        if left > right or top > bottom:
            return f"{box} at {found.location!r} has its sides swapped"
        fits = any(
            left >= -EDGE_PX
            and top >= -EDGE_PX
            and right <= width_px + EDGE_PX
            and bottom <= height_px + EDGE_PX
            for width_px, height_px in sizes
        )
        if not fits:
            return f"{box} at {found.location!r} is in neither picture ({sizes[0]}, {sizes[1]} px)"
    return ""


def counts_differ(row: Row, limits: RowLimits) -> str:
    try:
        reply = json.loads(row.completion[0].content)
        errors = reply["errors"]
        named = [(error["category"], error["severity"], error["location"]) for error in errors]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        return f"the completion is not the JSON it has to be: {error!r}"
    labels = [(d.category, d.severity, d.location) for d in row.discrepancies]
    if named != labels:
        return f"the completion names {len(named)} errors that are not the row's {len(labels)}"
    for category in category_names(Modality(row.task)):
        claimed = reply.get(f"{category}_count")
        listed = sum(error["category"] == category for error in errors)
        if claimed != listed:
            return f"{category}_count is {claimed}, the list holds {listed}"
    return ""


def image_tags(row: Row, limits: RowLimits) -> str:
    bare = _text(row.prompt) + _text(row.completion)
    if IMAGE_TAG in bare:
        return "prompt or completion holds an image tag; TRL puts its own"
    tags = _text(row.messages).count(IMAGE_TAG)
    return "" if tags == 2 else f"messages hold {tags} image tags for two pictures"


def reserved_in_training(row: Row, limits: RowLimits) -> str:
    if row.reserved and row.split in ("train", "validation"):
        return f"a sample of {row.reserved} in the {row.split} split"
    return ""


def _text(turns: Sequence[Turn]) -> str:
    return "\n".join(turn.content for turn in turns)


def _named(row: Row) -> str:
    found = row.discrepancies
    words = "; ".join(f"{d.category} at {d.location}" for d in found[:3])
    return f"{len(found)} discrepancies" + (f" ({words})" if words else "")
