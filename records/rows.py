"""The records that travel. Each adds one fact and keeps the ids of what it came from.

``Sample -> Attempt -> Pair(reference, candidate) -> Annotation -> Row``, and from any stage a
`Reject`. Ids are hashes of content, so two runs agree. All are frozen; `VERSION` sits in every
shard's metadata.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from records.edits import Edit
from records.taxonomy import Language, Modality, Severity, category_names

VERSION = 1

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture it belongs to; origin at the top left."""


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

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    """SPDX expression, or upstream's own words where it is unsettled."""
    upstream_id: str
    """Path or key inside the snapshot, enough to find the record again."""
    kind: str = ""
    """Upstream's own class: a chart type, a table layout, an icon set."""
    reserved: str = ""
    """Name of the benchmark part this record belongs to; empty where it may be trained on."""
    image: bytes | None = None
    """Upstream's own picture (PNG or JPEG bytes), where it has one."""

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


class Corrupted(Record):
    """Typed corruptions were applied to the reference code."""

    kind: Literal["corrupted"] = "corrupted"
    names: tuple[str, ...]
    """Corruptions in the order of `locations`; one mutation each."""
    seed: int
    edits: tuple[Edit, ...]
    """All edits together, left to right, on the reference code; exact undo by `edits.inverse`."""
    categories: tuple[str, ...]
    """The category that each corruption intends; labels come from the pictures, not from here."""
    locations: tuple[str, ...]
    descriptions: tuple[str, ...]
    asked_by: str = Field(default="", exclude_if=lambda policy: not policy)
    """Name of the policy whose model was asked for these errors; what it claims must be seen."""
    degenerate: bool = Field(default=False, exclude_if=lambda degenerate: not degenerate)
    """True if the whole program was replaced by one that attempts nothing."""
    minimal_of: str = ""
    """Id of the attempt that has one error more and these same ones; empty for the others."""

    @property
    def image_only(self) -> bool:
        """True if an edit of the finished figure made the error: the picture shows it, the code does not.

        >>> Corrupted(names=("live_drop_grid",), seed=0, edits=(), categories=("style_error",),
        ...           locations=("grid",), descriptions=("is missing",)).image_only
        True
        """
        return any(name.startswith("live_") for name in self.names)


class Sampled(Record):
    """A weak policy looked at the reference picture and wrote this code."""

    kind: Literal["sampled"] = "sampled"
    policy: str
    prompt_hash: str
    """Hash of prompt and settings; of the settings alone for a policy without prompt."""
    seed: int


class Identical(Record):
    """The reference itself: a negative without any difference."""

    kind: Literal["identical"] = "identical"


UNSEEN = "unseen:"
"""How the rewrites of a hard negative begin: pixels change, but by less than a person sees."""

COMPARISON_BUG = "comparison_bug"
"""Reason of a reject whose comparison failed by our own mistake: the detail holds the traceback."""


class Equivalent(Record):
    """Other code for the same picture: a negative that code comparison would get wrong.

    Hard negatives are among them: pictures whose pixels differ by less than a person sees.
    """

    kind: Literal["equivalent"] = "equivalent"
    rewrite: str
    """Names of the rewrites; begins with `UNSEEN` if pixels were meant to differ."""
    seed: int


Origin = Annotated[Corrupted | Sampled | Identical | Equivalent, Field(discriminator="kind")]


class Attempt(Record):
    """One program that claims to draw the sample's picture."""

    id: str
    """Hash of sample id, code and origin kind, policy, corruption names and seed."""
    sample_id: str
    modality: Modality
    language: Language
    code: str
    origin: Origin

    @classmethod
    def of(
        cls, sample: Sample, code: str, origin: Origin, language: Language | None = None
    ) -> Self:
        """An attempt at ``sample``; ``language`` where it differs from the sample's."""
        language = language or sample.language
        return cls(
            id=content_id(sample.id, language, code, origin.model_dump_json()),
            sample_id=sample.id,
            modality=sample.modality,
            language=language,
            code=code,
            origin=origin,
        )


class Discrepancy(Record):
    """One visible difference between reference and candidate, named once, at its cause."""

    category: str
    severity: Severity
    location: str
    """Where, in words a person would use: "legend", "bar 'Q3'", "row 2, column 'Total'"."""
    description: str
    """What, with before and after: "25.5 is drawn as 255"."""
    box: Box | None = None
    """In pixels of the candidate picture; of the reference where the thing is missing there."""
    label_source: str = "structural"
    """Name of the annotator that found it."""


class Annotation(Record):
    """One annotator's judgment of one pair."""

    attempt_id: str
    modality: Modality
    annotator: str
    """Name and version."""
    discrepancies: tuple[Discrepancy, ...]
    prompt_hash: str = ""
    raw_reply: str = ""

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
    """A row that was lost, why, and at which stage."""

    stage: str
    reason: str
    """A snake_case word; what reports count."""
    item_id: Annotated[str, AfterValidator(writable)]
    """Id of the sample or attempt, or the upstream id where there is none yet."""
    detail: Annotated[str, AfterValidator(writable)] = ""
