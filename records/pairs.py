"""Records with pictures: drawn programs, judged pairs, and the published row."""

from __future__ import annotations

import builtins
from typing import Literal

from records.rows import Attempt, Discrepancy, Judgment, Origin, Record, Sample


class Painted(Record):
    """A picture and the render contract under which it was drawn."""

    picture: bytes
    """PNG."""
    width_px: int
    height_px: int
    pixel_hash: str
    """Hash of size and pixels."""
    render_contract: str
    """Hash of everything that decides how programs look."""


class Drawn(Painted):
    """A picture with its scene."""

    scene: bytes
    """JSON; see `renderers.scene`."""


class Reference(Drawn, Sample):
    """A sample and its picture."""


class Pair(Drawn, Attempt):
    """An attempt and its picture, to be compared with the `Reference` that `sample_id` names.

    References have their own shards, since many pairs share a reference.
    """


class Judged(Painted, Attempt):
    """A pair with its annotations."""

    annotations: tuple[Judgment, ...]
    """The verdict first."""
    changed_fraction: float
    """Share of pixels that differ beyond anti-aliasing, 0 to 1."""


class ImageFeature(Record):
    """A picture as the `datasets` library stores it."""

    bytes: builtins.bytes
    path: str


class Turn(Record):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


class Row(Record):
    """One row of a published dataset, flat: a trainer reads its columns as they are."""

    id: str
    """Hash of the attempt: sample, candidate code and origin."""
    task: str
    """chart, table or svg."""
    images: tuple[ImageFeature, ...]
    """Reference, then candidate; lossless PNG."""
    prompt: tuple[Turn, ...]
    """The user's turn, without image tags."""
    completion: tuple[Turn, ...]
    """The assistant's turn: counts and errors as JSON."""
    messages: tuple[Turn, ...]
    """Both turns, with one `<image>` per picture."""
    discrepancies: tuple[Discrepancy, ...]
    """The verdict: differences, each with severity 1 (minor), 2 (medium) or 3 (severe) and a box: left, top, right,
    bottom in pixels of the candidate, or of the reference where the thing is missing there."""
    reference_code: str
    """Program of the reference."""
    candidate_code: str
    """Program of the candidate."""
    origin: str
    """corrupted, sampled, identical or equivalent."""
    corruptions: tuple[str, ...]
    """Names of the corruptions; empty for other origins."""
    policy: str
    """Name of the policy that wrote the candidate; empty for other origins."""
    annotations: tuple[Judgment, ...]
    """What each annotator found, the verdict first."""
    severity_sum: int
    """Sum of the severities of all differences, 0 if there are none: S of the paper's reward."""
    changed_fraction: float
    """Share of pixels that differ beyond anti-aliasing."""
    render_contract: str
    """Hash of everything that decides how programs look."""
    reference_hash: str
    """Hash of size and pixels of the reference."""
    candidate_hash: str
    """Hash of size and pixels of the candidate."""
    sample_id: str
    """Hash of the reference program; never straddles splits."""
    source: str
    """Where the reference program is from."""
    revision: str
    """Upstream commit, or digest of the snapshot."""
    licence: str
    """License of the reference program."""
    split: str
    """train, validation or test."""
    language: str
    """Language of the reference program."""
    candidate_language: str
    """Language of the candidate program."""
    upstream_id: str
    """Path or key of the reference inside the snapshot."""
    kind: str
    """Upstream's own class: a chart type, a table layout."""
    reserved: str
    """Benchmark part the reference belongs to; never in train."""
    upstream_hash: str
    """Hash of size and pixels of upstream's own picture of the reference; empty if there is none."""
    provenance: Origin
    """The origin in full: injected errors and their edits, seeds; null for fields that this kind of
    origin lacks."""
