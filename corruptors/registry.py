"""Every corruption and every rewrite, by modality; collected from the files that declare them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from typing import Any, TypeVar

from corruptors.corruption import Corruption, parsed
from corruptors.rewrite import Rewrite
from records.errors import ConfigError
from records.taxonomy import Language, Modality, category_names

T = TypeVar("T")


@cache
def corruptions(modality: Modality) -> tuple[Corruption[Any], ...]:
    """The catalog of a modality, by category and name.

    Every module of ``corruptors/<modality>/`` is searched, so a new file needs no second edit. The
    order does not depend on the file in which a corruption stands.
    """
    found = _declared(f"corruptors.{modality}", Corruption)
    order = category_names(modality)
    return tuple(sorted(found, key=lambda item: (order.index(item.category), item.name)))


@cache
def rewrites(modality: Modality) -> tuple[Rewrite[Any], ...]:
    """The rewrites of a modality that leave its pictures as they are, by name."""
    found = _declared(f"corruptors.{modality}.rewrites", Rewrite)
    return tuple(sorted(found, key=lambda item: item.name))


@cache
def policy_rewrites(modality: Modality) -> tuple[Rewrite[Any], ...]:
    """Rewrites in the style of policies, by name; a picture may change, so callers must compare
    pictures."""
    found = _declared(f"corruptors.{modality}.rewrites.as_policies", Rewrite)
    return tuple(sorted(found, key=lambda item: item.name))


@cache
def look_alikes(modality: Modality) -> tuple[Rewrite[Any], ...]:
    """Rewrites whose pictures have other pixels and the same look, by name."""
    found = _declared(f"corruptors.{modality}.rewrites.look_alikes", Rewrite)
    return tuple(sorted(found, key=lambda item: item.name))


def _declared(package: str, kind: type[T]) -> list[T]:
    """All objects of type ``kind`` that the modules directly inside ``package`` declare.

    A module declares each under its own name, or many of them in a tuple. What a module only
    imports from another one has that one's ``__module__`` and is left out.
    """
    folder = import_module(package)
    modules = [
        import_module(f"{package}.{info.name}")
        for info in iter_modules(folder.__path__)
        if not info.ispkg
    ]
    return [
        one
        for module in modules
        for value in vars(module).values()
        for one in (value if isinstance(value, tuple) else (value,))
        if isinstance(one, kind) and one.__module__ == module.__name__
    ]


def by_name(name: str, modality: Modality | None = None) -> Corruption[Any]:
    """The corruption called ``name``; modalities may share a name, so say which where it matters.

    Raises:
        ConfigError: there is none, or several and no modality says which; the message names them.
    """
    places = tuple(Modality) if modality is None else (modality,)
    found = [item for place in places for item in corruptions(place) if item.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        kinds = ", ".join(item.modality for item in found)
        raise ConfigError(f"several corruptions are called {name!r} ({kinds}); say which modality")
    raise ConfigError(_unknown(name, places))


def check_names(names: Iterable[str]) -> None:
    """Make sure that every name is a corruption of some modality.

    Raises:
        ConfigError: one is not; the message names what it may have meant.
    """
    asked = set(names)
    if not asked:
        return  # and load no catalog of a modality that is not built
    known = {item.name for modality in Modality for item in corruptions(modality)}
    for name in sorted(asked):
        if name not in known:
            raise ConfigError(_unknown(name, tuple(Modality)))


def _unknown(name: str, modalities: tuple[Modality, ...]) -> str:
    names = sorted({item.name for modality in modalities for item in corruptions(modality)})
    close = get_close_matches(name, names, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"known: {', '.join(names)}"
    return f"there is no corruption {name!r} for {', '.join(modalities)}; {hint}"


def applicable(code: str, language: Language) -> list[Corruption[Any]]:
    """The corruptions that find something to go wrong in ``code``, in the order of the catalog.

    Raises:
        CodeParseError: ``code`` is not of ``language``.
    """
    return [
        item
        for item in corruptions(language.modality)
        if any(True for _ in item.propose(parsed(item.program, code), Random(0)))
    ]
