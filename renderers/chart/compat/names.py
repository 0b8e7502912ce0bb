"""How a name or an option of an older library is put back; see `renderers.chart.compat.shims`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def put_back(where: Any, name: str, value: Any) -> None:
    """Set a name where it is gone; do nothing where it is still there."""
    if name not in vars(where):
        setattr(where, name, value)


def replace(where: Any, name: str, change: Callable[[Callable[..., Any]], Any]) -> None:
    """Put a changed function in the place of one that is still there."""
    setattr(where, name, change(getattr(where, name)))


def renamed(names: Mapping[str, str | None]) -> Callable[[Callable[..., Any]], Any]:
    """Options by their old names; a name that means None is dropped."""

    def change(real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def taking_old_names(*arguments: Any, **options: Any) -> Any:
            for old in options.keys() & names.keys():
                value, new = options.pop(old), names[old]
                if new is not None:
                    options.setdefault(new, value)
            return real(*arguments, **options)

        return taking_old_names

    return change


def by_name(first: int, names: Sequence[str]) -> Callable[[Callable[..., Any]], Any]:
    """Options that were once positional are passed by name.

    Args:
        first: How many arguments still go by their place, ``self`` among them.
        names: Of those that follow.
    """

    def change(real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def taking_places(*arguments: Any, **options: Any) -> Any:
            options.update(zip(names, arguments[first:], strict=False))
            return real(*arguments[:first], **options)

        return taking_places

    return change
