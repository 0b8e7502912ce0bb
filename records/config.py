"""Configuration of a build: one frozen model, read from TOML, every mistake named once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Self

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from records.errors import ConfigError
from records.sections import (
    AnnotateConfig,
    CorruptionMix,
    PolicyChoice,
    PublishConfig,
    QualityConfig,
    RefreshConfig,
    RenderConfig,
    RunConfig,
    SourceConfig,
)
from records.settings import Section, mistakes, read_toml, validated
from records.taxonomy import Modality


class BuildConfig(Section):
    """Everything that decides the bytes of a dataset, and how to make it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    """Name of the dataset; a folder."""
    version: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$")
    """Version of the dataset, written once; empty names each by its date and the hash of its inputs."""
    root: str = Field(default="data", min_length=1)
    """Folder or fsspec URL (`file://`, `s3://`) under which everything is written."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """Decides every random choice; the same seed gives the same bytes."""
    shard_size: int = Field(default=32, ge=1, le=4096)
    """Samples a shard: the unit of work, of retry and of resume."""
    workers: int = Field(default=2, ge=1, le=256)
    """Shards worked on at once by `vermillion build`; Airflow uses its pools."""
    modalities: tuple[Modality, ...] = Field(default=tuple(Modality), min_length=1)
    """Which modalities of the sources are built."""
    sources: dict[str, SourceConfig] = Field(min_length=1)
    """What is read, by name of the source: bundled, chartmimic, omnidocbench, unisvg, folder."""
    corruption: CorruptionMix = CorruptionMix()
    policies: PolicyChoice = PolicyChoice()
    render: RenderConfig = RenderConfig()
    annotate: AnnotateConfig = AnnotateConfig()
    quality: QualityConfig = QualityConfig()
    publish: PublishConfig = PublishConfig()
    refresh: RefreshConfig = RefreshConfig()
    run: RunConfig = RunConfig()

    @model_validator(mode="after")
    def _follows_its_own_sources(self) -> Self:
        for source in self.refresh.sources:
            if source not in self.sources:
                known = ", ".join(self.sources)
                raise ValueError(
                    f"refresh.sources: {source!r} is none of this dataset's sources: {known}"
                )
        return self

    @field_validator("modalities")
    @classmethod
    def _each_once(cls, value: tuple[Modality, ...]) -> tuple[Modality, ...]:
        return tuple(dict.fromkeys(value))

    @property
    def work_url(self) -> str:
        """Where the shards of the stages lie; may be deleted once the dataset is published."""
        return f"{self.root}/work/{self.name}/{self.version or 'current'}"

    def changed(self, **fields: Any) -> BuildConfig:
        """A validated copy with other top-level fields (a section is given whole).

        Raises:
            ConfigError: a value is not legal.
        """
        return parse({**self.model_dump(mode="python"), **fields}, "these settings")


def fingerprint(*parts: Any) -> str:
    """Sixteen hex digits over the JSON of sections and strings; equal settings agree."""
    digest = hashlib.sha256()
    for part in parts:
        text = part.model_dump_json() if isinstance(part, BaseModel) else repr(part)
        digest.update(f"{len(text)}:{text}".encode())
    return digest.hexdigest()[:16]


def parse(values: dict[str, Any], where: str) -> BuildConfig:
    """Validate settings that came from ``where``.

    Raises:
        ConfigError: every wrong setting, one a line, with its place and the way out.
    """
    return validated(BuildConfig, values, where)


def load(path: str | Path) -> BuildConfig:
    """The configuration in a TOML file.

    Relative `root` stays relative to the working directory, as paths on a command line do;
    relative `snapshot` and policy files are relative to the TOML file.

    Raises:
        ConfigError: no such file, no TOML, or a wrong setting.
    """
    path = Path(path)
    config = parse(read_toml(path), str(path))
    sources = {
        name: source.model_copy(update={"snapshot": _beside(path, source.snapshot)})
        for name, source in config.sources.items()
    }
    files = tuple(_beside(path, file) for file in config.policies.files)
    policies = config.policies.model_copy(update={"files": files})
    held_out = tuple(_beside(path, folder) for folder in config.publish.held_out)
    prompts = _beside(path, config.publish.prompts)
    publish = config.publish.model_copy(update={"held_out": held_out, "prompts": prompts})
    judges = tuple(_beside(path, file) for file in config.annotate.files)
    annotate = config.annotate.model_copy(update={"files": judges})
    return config.model_copy(
        update={
            "sources": sources,
            "policies": policies,
            "annotate": annotate,
            "publish": publish,
        }
    )


def _beside(path: Path, name: str) -> str:
    """
    >>> _beside(Path("configs/mine.toml"), "policies/mine.toml")
    'configs/policies/mine.toml'
    """
    if not name or "://" in name:
        return name
    home = Path(name).expanduser()
    return str(home if home.is_absolute() else path.parent / home)


def loads(text: str, where: str) -> BuildConfig:
    """The configuration in JSON that `BuildConfig.model_dump_json` wrote.

    Raises:
        ConfigError: another version wrote it, or it was changed.
    """
    try:
        return BuildConfig.model_validate_json(text)
    except ValidationError as error:
        told = "another version of this program wrote it, or it was changed; start the build again"
        raise ConfigError(f"{where}: {told} ({mistakes(error)})") from error
