"""A policy is frozen data, one TOML block each: which model or reader looks at the reference
picture, and how.

`policies.run.attempt` gives a policy a sample and its reference picture, and returns a program that
should draw the same. Its errors are natural, not injected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from endpoints.settings import Block, Endpoint, Named, Sampling, read_blocks
from policies.settings import (
    ChartReaderSettings,
    DriftSettings,
    ImageTracerSettings,
    PolicySettings,
    TableReaderSettings,
    TracerSettings,
)
from records.errors import ConfigError
from records.rows import Sample, content_id
from records.settings import mistakes
from records.taxonomy import Language, Modality
from renderers.contract import Picture

LANGUAGES = {
    "tracer": Language.SVG,
    "imagetracer": Language.SVG,
    "table_reader": Language.HTML,
    "chart_reader": Language.PYTHON,
}
"""The language that each offline kind of policy writes."""

_SETTINGS: dict[str, type[PolicySettings]] = {
    "tracer": TracerSettings,
    "imagetracer": ImageTracerSettings,
    "table_reader": TableReaderSettings,
    "chart_reader": ChartReaderSettings,
    "drift": DriftSettings,
}
MODELS = ("endpoint", "targeted")
"""Kinds of policies that ask a model."""

ASKED_FOR = {
    Modality.CHART: Language.PYTHON,
    Modality.TABLE: Language.HTML,
    Modality.SVG: Language.SVG,
}
"""What a model is asked to write for each modality."""


class Policy(Named):
    """A weak drawer of pictures."""

    modality: Modality
    """The pictures it looks at."""
    kind: Literal[
        "tracer", "imagetracer", "table_reader", "chart_reader", "drift", "endpoint", "targeted"
    ]
    """How it works: tracers follow the edges of color areas, readers put a table or chart together
    from words and shapes, a drift writes the sample's own program again with the errors of a capable
    model, an endpoint is a model that is shown the picture, and a targeted one is a
    model that is shown the code and asked for errors."""
    settings: (
        TracerSettings
        | ImageTracerSettings
        | TableReaderSettings
        | ChartReaderSettings
        | DriftSettings
        | None
    ) = None
    """What an offline policy is tuned by; the kind's own defaults where nothing is given."""
    endpoint: Endpoint | None = None
    """Which model is asked, and how much."""
    sampling: Sampling = Sampling(temperature=0.7, max_tokens=8192)
    """How the model draws its words."""
    prompt: str = ""
    """File with another prompt than that of `policies/prompts`."""
    longest_px: int = Field(default=1024, ge=64, le=8192)
    """The picture is scaled down until it is not longer, before a model sees it."""
    most_errors: int = Field(default=2, ge=1, le=4)
    """Kinds of errors that a targeted policy is asked for at once; one to so many, drawn."""
    shows_picture: bool = False
    """A targeted policy is shown the reference picture beside the code."""
    n: int | None = Field(default=None, ge=1, le=64)
    """Attempts at each sample, where it is not the build's number."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of the samples that it looks at; which ones, the sample's id decides."""

    @model_validator(mode="before")
    @classmethod
    def _settings_of_its_kind(cls, values: Any) -> Any:
        """Settings are read as what the kind is tuned by, so that an error message uses its words."""
        if not isinstance(values, Mapping) or not isinstance(values.get("kind"), str):
            return values
        if values["kind"] in MODELS and values.get("settings"):
            raise ValueError(f"a policy of kind {values['kind']!r} has sampling, not settings")
        if values["kind"] not in _SETTINGS:
            return values
        given = values.get("settings")
        known = _SETTINGS[values["kind"]]
        if not isinstance(given, PolicySettings):
            try:
                given = known.model_validate({} if given is None else given)
            except ValidationError as error:
                raise ValueError(mistakes(error, ("settings",))) from error
        elif not isinstance(given, known):
            raise ValueError(f"a {values['kind']} has no {type(given).__name__}")
        return {**values, "settings": given}

    @model_validator(mode="after")
    def _draws_its_modality(self) -> Policy:
        if self.language.modality is not self.modality:
            raise ValueError(f"a {self.kind} draws {self.language.modality}, not {self.modality}")
        if (self.kind in MODELS) != (self.endpoint is not None):
            raise ValueError(
                "a policy of kind 'endpoint' or 'targeted', and no other, needs an endpoint"
            )
        return self

    @property
    def language(self) -> Language:
        """What it writes."""
        return LANGUAGES.get(self.kind) or ASKED_FOR[self.modality]

    @property
    def settings_hash(self) -> str:
        """Twenty hex digits over kind and settings, or model, sampling and prompt."""
        if self.endpoint is None:
            assert self.settings is not None
            drawn = [] if self.kind in LANGUAGES else [self.modality]
            return content_id(self.kind, self.settings.model_dump_json(), *drawn)
        return content_id(
            self.kind,
            self.endpoint.model,
            self.sampling.model_dump_json(),
            str(self.longest_px),
            prompt_of(self),
            *([str((self.most_errors, self.shows_picture))] if self.kind == "targeted" else []),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt of one policy at one sample."""

    policy: Policy
    sample: Sample
    reference: Picture
    seed: int


def read_policies(file: str | Path) -> tuple[Policy, ...]:
    """The `[[policies]]` blocks of one TOML file; an `endpoint` may be an `[endpoints.NAME]` table.

    Prompt files are relative to the TOML file.

    Raises:
        ConfigError: the file is not there or not TOML, or a block is wrong; names file and block.
    """
    return read_blocks(file, "policies", Policy, "policies.files", _placed)


def _placed(block: Block, folder: Path) -> Block:
    prompt = block.get("prompt")
    return (
        {**block, "prompt": str(folder / prompt)} if isinstance(prompt, str) and prompt else block
    )


def prompt_of(policy: Policy) -> str:
    """What a model is asked to write.

    Raises:
        ConfigError: the policy's prompt file cannot be read.
    """
    return _prompt(policy.prompt, "targeted" if policy.kind == "targeted" else policy.modality)


@lru_cache(maxsize=64)
def _prompt(path: str, name: str) -> str:
    if not path:
        ours = files("policies") / "prompts" / f"{name}.md"
        return ours.read_text(encoding="utf-8").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the {name} prompt {path} cannot be read: {error}") from error
