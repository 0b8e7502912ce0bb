"""Settings: the base class of all sections, the TOML reader, and the messages for mistakes.

Every message names the file, the key with its value, and the remedy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from records.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


class Section(BaseModel):
    """A frozen section of the settings; an unknown key or a NaN is an error, and so is `true` for a number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool):
            kind = cls.model_fields[str(info.field_name)].annotation
            if not {bool, Any}.intersection((kind, *get_args(kind))):
                raise PydanticCustomError("no_truth", "must not be true or false")
        return value


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
        begins = "; a relative path begins at the folder of the configuration" if named_by else ""
        told = f"cannot be read ({error.strerror}); give a TOML file{begins}"
        raise ConfigError(f"{where}: {told}") from error
    except UnicodeDecodeError as error:
        told = f"not UTF-8 ({error.reason} at byte {error.start}); give a TOML file"
        raise ConfigError(f"{where}: {told}") from error
    except tomllib.TOMLDecodeError as error:
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
    place = ".".join(part for part in map(str, item["loc"]) if not _of_pydantic(part)) or "settings"
    if item["type"] == "extra_forbidden":
        if near := get_close_matches(str(item["loc"][-1]), known, n=1):
            return f"unknown setting {place!r}; did you mean {near[0]!r}?"
        return f"unknown setting {place!r} (misspelled, or not of this version; remove it)"
    if item["type"] == "missing":
        return f"{place!r} is missing; set it"
    message = _in_words(item)
    if not item["loc"]:  # about the whole section, not one setting
        return message
    if isinstance(item["input"], dict):  # it is long and may contain a secret
        return f"{place!r}: {message}"
    value = item["input"]
    shown = repr(value[:60]) if isinstance(value, str) else str(value)[:60]
    shown = shown.lower() if isinstance(value, bool) else shown  # As TOML writes it.
    return f"{place!r} = {shown}: {message}"


def _of_pydantic(part: str) -> bool:
    """True if a part of a place is pydantic's own, and no key of the file."""
    return part in ("[key]", "constrained-float") or part.startswith("literal[")


def _in_words(item: Mapping[str, Any]) -> str:
    """What a value must be, in the words of TOML."""
    context = item.get("ctx", {})
    if item["type"] == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    if item["type"] in _WORDS:
        return _WORDS[item["type"]].format(**context)
    return str(item["msg"]).removeprefix("Value error, ")


_WORDS = {
    **dict.fromkeys(("dict_type", "model_type"), "must be a table"),
    **dict.fromkeys(("list_type", "tuple_type"), "must be a list"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("literal_error", "enum"), "must be {expected}"),
    "string_type": "must be a text in quotes",
    "string_too_short": "must not be empty",
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "has too few entries: at least {min_length}",
    "too_long": "has too many entries: at most {max_length}",
}
"""What pydantic finds, by its type."""

_NAME = "lower-case letters, digits, '.', '_' and '-', and begin with a letter or a digit"
_PATTERNS = {
    "^[a-z0-9][a-z0-9._-]{0,63}$": f"must be at most 64 {_NAME}",
    "^[a-z0-9][a-z0-9._-]*$": f"must be {_NAME}",
    "^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$": "must be empty, or at most 64 letters, digits, '.', '_' "
    "and '-', and begin with a letter or a digit",
    r"^https?://[^/\s]+": "must be an address that begins with http:// or https://",
    r"^\w+$": "must be letters, digits and '_'",
    r"^(https?://[^/\s]+)?$": "must be empty, or an address that begins with http:// or https://",
}
"""What a text must be, by the pattern of its setting."""
