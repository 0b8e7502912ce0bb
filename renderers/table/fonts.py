"""The fonts of tables; other installed fonts are not used."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

FAMILIES = (
    "Liberation Sans", "Liberation Serif", "Liberation Mono", "DejaVu Sans", "DejaVu Serif",
    "DejaVu Sans Mono", "DejaVu Math TeX Gyre", "Noto Sans CJK SC", "Noto Serif CJK SC",
)  # fmt: skip

FILES = (
    "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "DejaVuSans.ttf",
    "DejaVuMathTeXGyre.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc",
)  # fmt: skip
"""The files that decide how a table looks; each is hashed into the render contract."""

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")

_ALIASES = {
    "Liberation Sans": ("Arial", "Helvetica", "Verdana", "sans-serif", "system-ui"),
    "Liberation Serif": ("Times New Roman", "Times", "Georgia", "serif"),
    "Liberation Mono": ("Courier New", "Courier", "Consolas", "monospace"),
    "DejaVu Math TeX Gyre": ("math",),
    "Noto Sans CJK SC": ("SimHei", "Microsoft YaHei"),
    "Noto Serif CJK SC": ("SimSun", "Songti SC"),
}


_DRAWN = {
    name.lower(): family for family in FAMILIES for name in (family, *_ALIASES.get(family, ()))
}
# The browser's own choice: its family of the system's interface is not the one of the alias.
del _DRAWN["system-ui"]
_USUAL = "Liberation Serif"
"""The browser's family where none of those that are asked for is shown."""


def drawn_family(asked: str) -> str:
    """The family in which a browser draws text, of a CSS ``font-family``.

    >>> drawn_family("Calibri, 'Segoe UI', Arial, serif"), drawn_family("Calibri"), drawn_family("system-ui")
    ('Liberation Sans', 'Liberation Serif', 'system-ui')
    """
    names = [name.strip().strip("\"'").lower() for name in asked.split(",")]
    known = (_DRAWN.get(name, name) for name in names if name in _DRAWN or name == "system-ui")
    return next(known, _USUAL)


def font_settings(cache: Path) -> str:
    """A fontconfig file that shows `FAMILIES` and hides every other installed family."""
    folders = "".join(f"<dir>{escape(folder)}</dir>" for folder in _FOLDERS)
    shown = "".join(
        f'<pattern><patelt name="family"><string>{escape(family)}</string></patelt></pattern>'
        for family in FAMILIES
    )
    aliases = "".join(
        f'<alias binding="same"><family>{escape(name)}</family>'
        f"<prefer><family>{escape(family)}</family></prefer></alias>"
        for family, names in _ALIASES.items()
        for name in names
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"{folders}<cachedir>/var/cache/fontconfig</cachedir><cachedir>{escape(str(cache))}</cachedir>"
        f"<selectfont><acceptfont>{shown}</acceptfont>"
        "<rejectfont><pattern></pattern></rejectfont></selectfont>"
        f"{aliases}"
        '<match target="font"><edit name="antialias" mode="assign"><bool>true</bool></edit>'
        '<edit name="hinting" mode="assign"><bool>false</bool></edit>'
        '<edit name="rgba" mode="assign"><const>none</const></edit></match>'
        "</fontconfig>"
    )


@lru_cache(maxsize=1)
def font_hashes() -> dict[str, str]:
    """Twelve hex digits of SHA-256 of each file in `FILES`; "missing" where it is not installed."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for place, _, names in os.walk(folder):
            for name in names:
                if name in FILES:
                    found.setdefault(name, Path(place) / name)
    return {
        name: hashlib.sha256(found[name].read_bytes()).hexdigest()[:12]
        if name in found
        else "missing"
        for name in FILES
    }
