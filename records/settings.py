"""Settings: the base class of all sections, the TOML reader, and the messages for mistakes.

Every message names the file, the key with its value, and the remedy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from records.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


class Section(BaseModel):
    """A frozen section of the settings; an unknown key or a NaN is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


def read_toml(path: str | Path, named_by: str = "") -> dict[str, Any]:
    """The values in a TOML file.

    Args:
        path: The file.
        named_by: Setting that names the file, for the message; empty if it was given on the command line.

    Raises:
        ConfigError: no such file, or no TOML.
    """
    where = f"{named_by}: {path}" if named_by else str(path)
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{where}: cannot be read ({error.strerror}); give a TOML file"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}: not TOML: {error}") from error


def validated(model: type[M], values: Mapping[str, Any], where: str) -> M:
    """Validate values as settings.

    Args:
        model: Class of the settings.
        values: As TOML gives them.
        where: The file, or a place in it, for the message.

    Raises:
        ConfigError: lists every wrong setting with its place and the remedy.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{where}: {mistakes(error, model=model)}") from error


def mistakes(
    error: ValidationError, below: tuple[str, ...] = (), model: type[BaseModel] | None = None
) -> str:
    """All of pydantic's errors in words for a person.

    Args:
        error: The validation error.
        below: Keys above the settings in their file.
        model: What the values are settings of; an unknown key is compared with its keys.
    """
    items = error.errors(include_url=False)
    return "; ".join(
        mistake({**item, "loc": (*below, *item["loc"])}, _keys_beside(item["loc"], model))
        for item in items
    )


def _keys_beside(place: Sequence[Any], model: Any) -> list[str]:
    """The legal keys of the table in which a key stands."""
    for part in place[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        inner = field.annotation if field else model
        if not isinstance(inner, type):  # dict[str, Section], Section | None
            inner = next((one for one in get_args(inner) if hasattr(one, "model_fields")), None)
        model = inner
    return list(getattr(model, "model_fields", {}))


def mistake(item: Mapping[str, Any], known: Sequence[str] = ()) -> str:
    """One of pydantic's errors in words for a person: the setting, its value, what is wrong.

    Args:
        item: What pydantic says.
        known: Keys that are legal at its place.

    >>> mistake({"type": "extra_forbidden", "loc": ("render", "timeout"), "msg": "", "input": 3})
    "unknown setting 'render.timeout' (misspelled, or not of this version; remove it)"
    """
    place = ".".join(str(part) for part in item["loc"]) or "settings"
    if item["type"] == "extra_forbidden":
        if near := get_close_matches(str(item["loc"][-1]), known, n=1):
            return f"unknown setting {place!r}; did you mean {near[0]!r}?"
        return f"unknown setting {place!r} (misspelled, or not of this version; remove it)"
    if item["type"] == "missing":
        return f"{place!r} is missing; set it"
    message = item["msg"].removeprefix("Value error, ")
    if not item["loc"]:  # about the whole section, not one setting
        return str(message)
    if isinstance(item["input"], dict):  # it is long and may contain a secret
        return f"{place!r}: {message}"
    return f"{place!r} = {str(item['input'])[:60]!r}: {message}"
