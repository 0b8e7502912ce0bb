"""Tables the reference way: a browser launch each, a fixed canvas, then a crop."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from renderers.table.contract import browser_version, find_browser

CANVAS_PX = (3600, 2400)
MARGIN_PX = 12
FULL_BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
"""What html2image looks for: whole browsers, not the headless shell."""


def reference_browser() -> tuple[str, str]:
    """The browser that the reference way starts, and its name and version.

    A whole Chrome or Chromium where there is one; else the headless shell, which starts for half
    the CPU and so flatters the reference way.

    Raises:
        RendererUnavailable: there is neither.
    """
    found = next(filter(None, map(shutil.which, FULL_BROWSERS)), None) or find_browser()
    return found, f"{Path(found).name} {browser_version(found)}"


def render_launch(page: str, png: Path, chromium: str) -> None:
    """One launch of a headless browser for one page; larger tables are cut, as they were.

    Raises:
        subprocess.CalledProcessError: the browser failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, raw = Path(folder, "page.html"), Path(folder, "raw.png")
        file.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={CANVAS_PX[0]},{CANVAS_PX[1]}",
                f"--screenshot={raw}",
                file.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        image = Image.open(raw).convert("RGB")
        blank = Image.new("RGB", image.size, image.getpixel((0, 0)))
        found = ImageChops.difference(image, blank).getbbox() or (0, 0, *image.size)
        left, top, right, bottom = found
        image.crop(
            (
                max(0, left - MARGIN_PX),
                max(0, top - MARGIN_PX),
                min(image.width, right + MARGIN_PX),
                min(image.height, bottom + MARGIN_PX),
            )
        ).save(png)
