"""Turns the input of a DAG's form into the settings of a build."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from records.config import BuildConfig, load
from records.errors import ConfigError
from records.files import exists
from records.taxonomy import Modality
from vermillion.pipeline.form_fields import FIELDS, FormField, is_filled

CONFIGS = Path(os.environ.get("VERMILLION_CONFIGS", Path(__file__).parents[2] / "configs"))


def root() -> str:
    """The root folder from the variable VERMILLION_ROOT, or an empty text."""
    return os.environ.get("VERMILLION_ROOT", "")


def pulled_folder(source: str, under: str) -> str:
    """Where `refresh_sources` leaves a source's samples."""
    return f"{under}/sources/{source}"


def config_of_form(form: Mapping[str, Any]) -> BuildConfig:
    """The settings of a run of `build_pairs`: a file of `configs/`, changed by the form's fields.

    A source that `refresh_sources` pulled is read from there; any other as the file says.

    Raises:
        ConfigError: no such file, or a value that is not legal.
    """
    config = load(config_file(form["config"]))
    under = root() or config.root
    values = config.model_dump()
    values["root"] = under
    names = form.get("sources") or list(config.sources)
    values["sources"] = {name: _source(name, config, under) for name in names}
    for field in FIELDS:
        wanted = form.get(field.name)
        if field.name != "sources" and is_filled(field, wanted):
            _fill(values, field, wanted)
    return config.changed(**values)


def configs_following(changed: Collection[str]) -> list[str]:
    """Names of the configurations in `configs/` that follow one of these sources.

    Raises:
        ConfigError: one of the files cannot be read.
    """
    return [
        path.stem
        for path in sorted(CONFIGS.glob("*.toml"))
        if not {*load(path).refresh.sources}.isdisjoint(changed)
    ]


def builds_of(form: Mapping[str, Any], changed: Collection[str] = ()) -> list[BuildConfig]:
    """The settings of all builds of one run of `build_pairs`.

    Args:
        form: The form's values; ignored for a run that a refresh started.
        changed: Sources whose refresh started the run; empty if a person started it.

    Raises:
        ConfigError: as `config_of_form` and `checked_config`.
    """
    if not changed:
        return [checked_config(config_of_form(form))]
    return [checked_config(config_of_form({"config": name})) for name in configs_following(changed)]


def _fill(values: dict[str, Any], field: FormField, wanted: Any) -> None:
    """Write what stands in a field of the form to its place in the settings."""
    if field.files:
        wanted = [_beside(file) for file in wanted]
    *sections, key = field.setting.split(".")
    place = values
    for section in sections:
        place = place[section]
    if field.how == "each_source":
        for source in place.values():
            source[key] = wanted
    elif field.how == "extend":
        place[key] = [*place[key], *wanted]
    else:
        place[key] = wanted


def checked_config(config: BuildConfig) -> BuildConfig:
    """Return the settings after checking that everything they name exists.

    A stage would find the same mistake only after hours of work.

    Raises:
        ConfigError: a source, corruption, policy, annotator or folder is not there, or a source
            is not said where to read.
    """
    from annotators.audit.pilot import asked_models
    from corruptors.registry import check_names
    from policies.run import load_policies
    from quality.format.prompts import read_prompts
    from renderers.svg.cross_check import available
    from renderers.table.cross_check import require_firefox
    from sources.source import source_named

    for name, source in config.sources.items():
        known = source_named(name)
        if not (source.snapshot or source.samples or known.repo_id or known.here):
            raise ConfigError(
                f"sources.{name}: say what is to be read: the folder as `snapshot`, or shards that "
                f"were pulled from it as `samples` (vermillion pull {name} --snapshot DIR)"
            )
        for key, folder in (("snapshot", source.snapshot), ("samples", source.samples)):
            if folder and not exists(folder):
                raise ConfigError(f"sources.{name}.{key}: {folder}: no such folder")
    for folder in config.publish.held_out:
        if not exists(folder):
            raise ConfigError(f"publish.held_out: {folder}: no such folder")
    if config.render.cross_check and Modality.SVG in config.modalities and not available():
        raise ConfigError(
            "render.cross_check: the second renderer, resvg-py, is not installed: add the extra "
            "cross-check, or set cross_check = false"
        )
    if config.render.cross_check_tables and Modality.TABLE in config.modalities:
        require_firefox()
    check_names((*config.corruption.include, *config.corruption.exclude))
    load_policies(config.policies.names, config.policies.files)
    asked_models(config)
    read_prompts(config.publish.prompts)
    return config


def _beside(file: str) -> str:
    """A file of `configs/`, or the path itself."""
    inside = CONFIGS / file
    return str(inside) if inside.is_file() else file


def config_file(name: str) -> Path:
    """The file of a configuration: its name in `configs/`, or a path.

    Raises:
        ConfigError: there is none; the message lists those that are.
    """
    for path in (CONFIGS / f"{name}.toml", Path(name)):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in CONFIGS.glob("*.toml")))
    raise ConfigError(f"no configuration {name!r}; in {CONFIGS.name}/: {known}")


def _source(name: str, config: BuildConfig, under: str) -> dict[str, Any]:
    known = config.sources.get(name)
    settings = known.model_dump() if known else {}
    folder = pulled_folder(name, under)
    if not settings.get("snapshot") and exists(f"{folder}/{name}.shards.json"):
        settings["samples"] = folder
    return settings
