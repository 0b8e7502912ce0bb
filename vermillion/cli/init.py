"""The command `init`: writes a configuration file with every setting, its default and its meaning."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from records.config import BuildConfig
from records.errors import ConfigError
from records.sections import PolicyChoice

HEAD = """\
# A build of Vermillion: run it with `vermillion build {file}`.
# Lines that begin with `#` show defaults; remove the sign, and that of the section's name above, to
# change one.

name = "{name}"
"""
SOURCES = """
[sources.bundled]            # samples that come with the program
# limit = 10                 # most samples to take

# [sources.folder]           # your own programs: .py, .html, .md, .svg
# snapshot = "path/to/folder"

[policies]                   # weak policies make natural errors; this one needs no GPU and no key
names = ["vtracer-mid"]
"""


def write_config(file: Path) -> None:
    """Write a commented configuration to ``file``, which is not there yet.

    Raises:
        ConfigError: the file is there already, or cannot be written.
    """
    if file.exists():
        raise ConfigError(f"{file} is there already; choose another name, or remove it first")
    name = "".join(c if c.isalnum() else "-" for c in file.stem.lower()).strip("-") or "mine"
    text = HEAD.format(file=file, name=name) + "\n".join(_settings()) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written ({error.strerror})") from error


def _settings() -> Iterator[str]:
    """All keys: those of the top level first, as TOML wants it, then each section."""
    sections = {
        name: field.annotation
        for name, field in BuildConfig.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    yield from _section("", BuildConfig, {"name", "sources", *sections})
    yield SOURCES.rstrip("\n")
    yield from _section("policies", PolicyChoice, {"names"})
    for name, section in sections.items():
        if name != "policies":
            yield ""
            yield f"# [{name}]"
            yield from _section(name, section, set())


def _section(path: str, model: type[BaseModel], without: set[str]) -> Iterator[str]:
    """Commented lines for every key of a section, then the sections inside it."""
    inner: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        if name in without:
            continue
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner.append((f"{path}.{name}" if path else name, kind))
            continue
        if field.description:
            yield from textwrap.wrap(
                field.description, 96, initial_indent="# ", subsequent_indent="# "
            )
        yield f"# {name} = {_toml(field.get_default(call_default_factory=True))}"
    for place, kind in inner:
        yield ""
        yield f"# [{place}]"
        yield from _section(place, kind, set())


def _toml(value: Any) -> str:
    """A value as TOML writes it.

    >>> _toml({"chart": {"data_error": 3.0}})
    '{ "chart" = { "data_error" = 3.0 } }'
    """
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(str(key))} = {_toml(one)}" for key, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if value is None:
        return '""'
    return json.dumps(value, ensure_ascii=False)
