"""Which browser draws tables, and everything else that decides how they look."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from records.errors import RendererUnavailable
from records.taxonomy import Modality
from renderers.contract import RenderContract
from renderers.table.document import MAX_WIDTH_PX, PADDING_PX, STYLE_HASH
from renderers.table.fonts import font_hashes

WAY_OUT = (
    "install Debian's chromium-headless-shell, run `playwright install chromium-headless-shell`,"
    " or set VERMILLION_CHROMIUM to a Chromium executable"
)

LOOK_VERSION = 2
"""Incremented when the same program would give another picture for a reason that no version number
shows."""


def find_browser() -> str:
    """Path of Chromium: the variable VERMILLION_CHROMIUM, else Debian's, else Playwright's own.

    Raises:
        RendererUnavailable: there is none; the message says how to install one.
    """
    chosen = os.environ.get("VERMILLION_CHROMIUM")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise RendererUnavailable(
                f"VERMILLION_CHROMIUM is {chosen!r}, which is no executable: {WAY_OUT}"
            )
        return found
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    downloads = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright"
    for pattern in ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome"):
        for path in sorted(Path(downloads).expanduser().glob(pattern), reverse=True):
            if os.access(path, os.X_OK):
                return str(path)
    raise RendererUnavailable(f"no Chromium is installed: {WAY_OUT}")


@lru_cache(maxsize=4)
def browser_version(executable: str) -> str:
    """The browser's version, from ``--version``.

    Raises:
        RendererUnavailable: it does not run.
    """
    try:
        done = subprocess.run(
            [executable, "--version"],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": "/usr/bin:/bin", "HOME": tempfile.gettempdir()},
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RendererUnavailable(f"{executable} does not run ({error}): {WAY_OUT}") from error
    words = [word for word in done.stdout.split() if word[:1].isdigit()]
    return words[0] if words else done.stdout.strip()


@lru_cache(maxsize=4)
def table_contract(executable: str) -> RenderContract:
    """Everything that decides how a table looks."""
    fonts = tuple(f"{name} {digest}" for name, digest in sorted(font_hashes().items()))
    return RenderContract(
        Modality.TABLE,
        {
            "browser": browser_version(executable),
            "fonts": fonts,
            "style": STYLE_HASH,
            "markdown_it": importlib.metadata.version("markdown-it-py"),
            "latex2mathml": importlib.metadata.version("latex2mathml"),
            "max_width_px": MAX_WIDTH_PX,
            "padding_px": PADDING_PX,
            "scale": 1,
            "version": LOOK_VERSION,
        },
    )
