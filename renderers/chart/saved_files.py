"""Keeps saved files in memory, for scripts that open them again.

Nothing is writable inside the sandbox, so the functions that open, measure and remove files are replaced.
"""

# mypy: disable-error-code="method-assign,assignment,attr-defined,arg-type,misc"
# Reason: this module replaces parts of the standard library, which types forbid.

from __future__ import annotations

import builtins
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

Written = Callable[[], bytes]
"""Makes the content of a file when it is first read."""


class SavedFiles:
    """Replaces `open`, `os.stat` and `os.remove` for saved pictures."""

    def __init__(self) -> None:
        self._files: dict[str, Written] = {}

    def clear(self) -> None:
        self._files = {}

    def keep(self, path: Any, content: Written) -> None:
        """Record a file at a path."""
        self._files[_name(path)] = content

    def install(self) -> None:
        """Replace the functions for the rest of the process."""
        real_open, real_stat = builtins.open, os.stat

        def opened(file: Any, mode: str = "r", *arguments: Any, **keywords: Any) -> Any:
            content = self._find(file)
            if content is not None and not set("wax+") & set(mode):
                memory = io.BytesIO(content())
                memory.name = os.fsdecode(file)
                return memory if "b" in mode else io.TextIOWrapper(memory, "latin-1")
            return real_open(file, mode, *arguments, **keywords)

        def status(path: Any, *arguments: Any, **keywords: Any) -> os.stat_result:
            content = self._find(path)
            if content is None:
                return real_stat(path, *arguments, **keywords)
            return os.stat_result((stat.S_IFREG | 0o644, 1, 1, 1, 0, 0, len(content()), 0, 0, 0))

        builtins.open = io.open = opened
        os.stat = status
        os.remove, os.unlink = self._without(os.remove), self._without(os.unlink)

    def _without(self, real: Callable[..., None]) -> Callable[..., None]:
        def removed(path: Any, *arguments: Any, **keywords: Any) -> None:
            if self._find(path) is None:
                real(path, *arguments, **keywords)
            else:
                del self._files[_name(path)]

        return removed

    def _find(self, path: Any) -> Written | None:
        if not self._files or not isinstance(path, (str, bytes, os.PathLike)):
            return None
        return self._files.get(_name(path))


def _name(path: Any) -> str:
    return str(Path(os.fsdecode(path)).absolute())
