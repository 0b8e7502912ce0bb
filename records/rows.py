"""The records that pass between stages. Each adds information and keeps the ids of its inputs.

``Sample -> Reference`` (drawn) and ``Attempt -> Pair`` (drawn) ``-> Judged`` (with annotations)
``-> Row`` (published), and from any stage a `Reject`. Records with pictures are in `records.pairs`.
Ids are hashes of content, so two runs agree. All are frozen; the columns of a shard are made from
its record (`records.columns`), and `VERSION` is in every shard's metadata.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import to_json

from records.edits import Edit
from records.pictures import picture_hash
from records.taxonomy import Language, Modality, Severity, category_names

VERSION = 2
"""Version of these records. A stage repeats its work if its result has another version."""

Seed = Annotated[int, "int64"]
"""A number of up to 63 bits; the string is the type of its column."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture it belongs to; origin at the top left."""


def box_around(boxes: Iterable[Box | None]) -> Box | None:
    """Smallest box around boxes; None if there is none.

    >>> box_around([(0, 0, 1, 1), None, (2, 2, 3, 3)])
    (0, 0, 3, 3)
    """
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    if len(known) == 1:
        return known[0]
    left, top, right, bottom = zip(*known, strict=True)
    return min(left), min(top), max(right), max(bottom)


def writable(text: str) -> str:
    r"""The text with lone surrogates escaped: programs and models may emit them, no file can hold them.

    >>> writable("half \ud83d")
    'half \\ud83d'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def content_id(*parts: str | bytes) -> str:
    """Twenty hex digits of SHA-256 over length-prefixed parts.

    >>> content_id("a", "bc") == content_id("ab", "c")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()[:20]


class Record(BaseModel):
    """A frozen record; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Sample(Record):
    """A program from a source, and where it came from."""

    id: str
    """Hash of modality, language and code."""
    modality: Modality
    language: Language
    code: str
    source: str
    """Name of the source: chartmimic, omnidocbench, unisvg."""
    revision: str
    """Upstream commit that holds this record, or a SHA-256 of the snapshot if it has none.

    If a refresh found the record unchanged, it is the commit of the earlier pull.
    """
    licence: str
    """SPDX expression, or upstream's own words if the license is unclear."""
    upstream_id: str
    """Path or key inside the snapshot, enough to find the record again."""
    kind: str = ""
    """Upstream's own class: a chart type, a table layout, an icon set."""
    reserved: str = ""
    """Name of the benchmark part that this record belongs to; empty if it may be used for training."""
    upstream_hash: str = ""
    """Pixel hash of upstream's own picture, set when the sample is stored; empty if it has none."""
    image: bytes | None = Field(default=None, exclude=True)
    """Upstream's own picture (PNG or JPEG bytes), used by `stored` only; it is not written to shards."""

    def stored(self) -> Self:
        """The sample as written to shards: `upstream_hash` replaces its picture."""
        if self.image is None:
            return self
        return self.model_copy(update={"image": None, "upstream_hash": picture_hash(self.image)})

    @classmethod
    def of(
        cls,
        code: str,
        language: Language,
        *,
        source: str,
        revision: str,
        licence: str,
        upstream_id: str,
        kind: str = "",
        reserved: str = "",
        image: bytes | None = None,
    ) -> Self:
        """A sample whose id is derived from its code."""
        return cls(
            id=content_id(language.modality, language, code),
            modality=language.modality,
            language=language,
            code=code,
            source=source,
            revision=revision,
            licence=licence,
            upstream_id=upstream_id,
            kind=kind,
            reserved=reserved,
            image=image,
        )


class InjectedError(Record):
    """One error as a corruption describes it; labels come from the pictures instead."""

    name: str
    """Of the corruption, or of the kind of error that a model was asked for."""
    category: str
    """The category that the corruption declares."""
    location: str
    description: str


class _Origin(Record):
    """Base of the origins of attempts. One column holds all kinds, with nulls for fields of other kinds."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None}


class Corrupted(_Origin):
    """Typed corruptions were applied to the reference code."""

    kind: Literal["corrupted"] = "corrupted"
    errors: tuple[InjectedError, ...]
    """The intended errors, one per mutation."""
    seed: Seed
    edits: tuple[Edit, ...]
    """All edits together, left to right, on the reference code; exact undo by `edits.inverse`."""
    image_only: bool = False
    """True if an error was injected by editing the finished figure: the picture shows it, the code
    does not."""
    asked_by: str = ""
    """Name of the policy whose model was asked to inject these errors; its claims must be visible."""
    degenerate: bool = False
    """True if the whole program was replaced by one that attempts nothing."""
    minimal_of: str = ""
    """Id of the attempt with these same errors and one more; empty for other attempts."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the corruptions."""
        return tuple(error.name for error in self.errors)

    @property
    def categories(self) -> tuple[str, ...]:
        """The category that each corruption means."""
        return tuple(error.category for error in self.errors)

    @property
    def identity(self) -> str:
        """The input of the attempt's id, in the form of version 1, so that ids stay stable."""
        mark = "degenerate:" if self.degenerate else f"{self.asked_by}:" if self.asked_by else ""
        return _json(
            kind=self.kind,
            names=[mark + name for name in self.names],
            seed=self.seed,
            edits=self.edits,
            categories=self.categories,
            locations=[error.location for error in self.errors],
            descriptions=[error.description for error in self.errors],
            **({"asked_by": self.asked_by} if self.asked_by else {}),
            **({"degenerate": True} if self.degenerate else {}),
            minimal_of=self.minimal_of,
        )


class Sampled(_Origin):
    """A weak policy saw the reference picture and wrote this code."""

    kind: Literal["sampled"] = "sampled"
    policy: str
    prompt_hash: str
    """Hash of prompt and settings; of the settings alone for a policy without prompt."""
    seed: Seed

    @property
    def identity(self) -> str:
        """What the attempt's id is made from."""
        return self.model_dump_json()


class Identical(_Origin):
    """The reference itself: a negative without any difference."""

    kind: Literal["identical"] = "identical"

    @property
    def identity(self) -> str:
        """What the attempt's id is made from."""
        return self.model_dump_json()


COMPARISON_BUG = "comparison_bug"
"""Reason of a reject whose comparison failed because of a bug of ours; the detail contains the
traceback."""


class Equivalent(_Origin):
    """Different code for the same picture: a negative pair that a comparison of code would label
    wrongly."""

    kind: Literal["equivalent"] = "equivalent"
    rewrite: str
    """Names of the rewrites."""
    seed: Seed
    unseen: bool = False
    """True for a hard negative: pixels differ intentionally, but less than a person can see."""

    @property
    def identity(self) -> str:
        """The input of the attempt's id, in the form of version 1."""
        mark = "unseen:" if self.unseen else ""
        return _json(kind=self.kind, rewrite=mark + self.rewrite, seed=self.seed)


def _json(**fields: Any) -> str:
    return to_json(fields).decode()


Origin = Annotated[Corrupted | Sampled | Identical | Equivalent, Field(discriminator="kind")]


class Attempt(Record):
    """One program that is meant to draw the sample's picture."""

    id: str
    """Hash of sample id, code and origin kind, policy, corruption names and seed."""
    sample_id: str
    modality: Modality
    language: Language
    code: str
    origin: Origin

    @property
    def policy(self) -> str:
        """Name of the policy that wrote it; empty for other origins."""
        return self.origin.policy if isinstance(self.origin, Sampled) else ""

    @classmethod
    def of(
        cls, sample: Sample, code: str, origin: Origin, language: Language | None = None
    ) -> Self:
        """Make an attempt at ``sample``; give ``language`` if it differs from the sample's."""
        language = language or sample.language
        return cls(
            id=content_id(sample.id, language, code, origin.identity),
            sample_id=sample.id,
            modality=sample.modality,
            language=language,
            code=code,
            origin=origin,
        )


class Discrepancy(Record):
    """One visible difference between reference and candidate, reported once, at its cause."""

    category: str
    severity: Severity
    location: str
    """The place, in words that a person would use: "legend", "bar 'Q3'", "row 2, column 'Total'"."""
    description: str
    """The difference, with before and after: "25.5 is drawn as 255"."""
    box: Box | None = None
    """In pixels of the candidate picture; of the reference where the thing is missing there."""
    label_source: str = "structural"
    """Name of the annotator that found it."""


class Judgment(Record):
    """The discrepancies that one annotator found in a pair."""

    annotator: str
    """Name and version."""
    prompt_hash: str = ""
    raw_reply: str = ""
    discrepancies: tuple[Discrepancy, ...]


class Annotation(Judgment):
    """One annotator's judgment of the pair of this attempt."""

    attempt_id: str
    modality: Modality

    @model_validator(mode="after")
    def _categories_are_legal(self) -> Self:
        legal = category_names(self.modality)
        for found in self.discrepancies:
            if found.category not in legal:
                raise ValueError(
                    f"{found.category!r} is no {self.modality} category; legal: {legal}"
                )
        return self


class Reject(Record):
    """A lost row, with the stage and the reason."""

    stage: str
    reason: str
    """A snake_case word; reports count rejects by it."""
    item_id: Annotated[str, AfterValidator(writable)]
    """Id of the sample or attempt, or the upstream id if there is none yet."""
    detail: Annotated[str, AfterValidator(writable)] = ""
    policy: str = ""
    """Name of the policy whose attempt was lost; empty for samples and for attempts of no policy."""

    @classmethod
    def of(cls, attempt: Attempt, stage: str, reason: str, detail: str) -> Self:
        """Make the reject of a lost attempt."""
        return cls(
            stage=stage, reason=reason, item_id=attempt.id, detail=detail, policy=attempt.policy
        )
