"""The fonts of charts: the same set on every machine, under the names that scripts use.

Matplotlib chooses from all installed fonts, so a script may look different on each machine. Here it
sees only its own fonts, Liberation and Noto CJK, and the names of the fonts whose widths Liberation
matches.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager

from renderers.chart.layouts import families

ALIASES = {
    "Arial": "Liberation Sans", "Helvetica": "Liberation Sans", "Helvetica Neue": "Liberation Sans",
    "Arial Narrow": "Liberation Sans Narrow", "Times New Roman": "Liberation Serif",
    "Times": "Liberation Serif", "Courier New": "Liberation Mono", "Courier": "Liberation Mono",
    "SimHei": "Noto Sans CJK SC", "Microsoft YaHei": "Noto Sans CJK SC",
    "SimSun": "Noto Serif CJK SC", "WenQuanYi Micro Hei": "Noto Sans CJK SC",
    "PingFang SC": "Noto Sans CJK SC",
}  # fmt: skip
"""Font name in a script -> family that is drawn instead, if installed."""
_SYSTEM_FAMILIES = tuple(sorted(set(ALIASES.values())))
_HEAD_BYTES = 2**16


def use_pinned_fonts() -> None:
    """Remove the machine's other fonts from matplotlib's list and add the aliases."""
    manager = font_manager.fontManager
    own = str(Path(matplotlib.get_data_path()))
    kept = [
        entry
        for entry in manager.ttflist
        if str(entry.fname).startswith(own) or entry.name in _SYSTEM_FAMILIES
    ]
    # The file order differs between machines, and among equal fonts the first one wins.
    kept.sort(
        key=lambda entry: (entry.name, Path(entry.fname).name, entry.style, str(entry.weight))
    )
    for alias, family in ALIASES.items():
        for entry in [entry for entry in kept if entry.name == family]:
            kept.append(dataclasses.replace(entry, name=alias))
    manager.ttflist = kept
    manager._findfont_cached.cache_clear()  # type: ignore[attr-defined]


def find_each_font_once() -> None:
    """Make matplotlib remember which files it chose for a font, whatever its size.

    It asks for them at each text, family by family, and searches all fonts anew for each size; but all
    fonts here are scalable.
    """
    managers: Any = font_manager.FontManager
    find = managers._find_fonts_by_props
    known: dict[tuple[object, ...], list[Any]] = {}

    def found(manager: Any, prop: Any, *arguments: Any, **options: Any) -> list[Any]:
        font = font_manager.FontProperties._from_any(prop)  # type: ignore[attr-defined]
        key = (
            *(value for name, value in vars(font).items() if name != "_size"),
            families(), len(manager.ttflist), arguments, *options.items(),
        )  # fmt: skip
        if key not in known:
            known[key] = find(manager, font, *arguments, **options)
        return list(known[key])

    managers._find_fonts_by_props = found


def files() -> dict[str, str]:
    """Name of each font file that a chart may use -> its path."""
    found = {str(entry.fname) for entry in font_manager.fontManager.ttflist}
    found |= {str(path) for path in Path(matplotlib.get_data_path(), "fonts", "ttf").glob("*.ttf")}
    # Matplotlib opens files by their real paths.
    return {Path(path).name: os.path.realpath(path) for path in sorted(found)}


def versions() -> tuple[str, ...]:
    """Family and a digest of its files, for each family a chart may use; no paths."""
    files: dict[str, set[str]] = {}
    for entry in font_manager.fontManager.ttflist:
        if entry.name not in ALIASES:
            files.setdefault(entry.name, set()).add(str(entry.fname))
    found = []
    for family, paths in sorted(files.items()):
        digest = hashlib.sha256()
        for path in sorted(paths, key=lambda path: Path(path).name):
            with open(path, "rb") as file:
                # The head of a font file contains its version and the checksums of all tables.
                digest.update(f"{Path(path).name} {Path(path).stat().st_size} ".encode())
                digest.update(file.read(_HEAD_BYTES))
        found.append(f"{family} {digest.hexdigest()[:8]}")
    return tuple(found)
