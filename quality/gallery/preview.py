"""A picture of the gallery as a browser shows it, and the proof that it opens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from records.errors import RendererUnavailable, RunError
from renderers.table.browser.flags import STEADY
from renderers.table.contract import find_browser

WINDOW_PX = (1366, 820)
"""A laptop's window: width, height."""
DEADLINE_MS = 60_000
_ALL_PAINTED = """async () => {
  await document.fonts.ready;
  for (const image of document.images) { image.loading = "eager"; await image.decode(); }
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
}"""
"""A picture that has loaded is not yet one that is painted."""


class GalleryBroken(RunError):
    """A browser opened the gallery and it erred, or reached for the network."""


def draw_preview(page: Path, picture: Path) -> Path:
    """Open a gallery from the disk, without a network, and write what is seen as a PNG.

    Args:
        page: `index.html` of a gallery.
        picture: Where the PNG goes, 1366 x 820 pixels.

    Returns:
        The picture.

    Raises:
        RendererUnavailable: no Chromium is here, or it or Playwright's driver does not start.
        GalleryBroken: a script of the page failed, it asked for an address, or no pair was shown
            within a minute.
    """
    width_px, height_px = WINDOW_PX
    trouble: list[str] = []
    with browser() as chromium:
        try:
            context = chromium.new_context(
                viewport={"width": width_px, "height": height_px},
                offline=True,
                service_workers="block",
                reduced_motion="reduce",
            )
            opened = context.new_page()
            opened.set_default_timeout(DEADLINE_MS)
            opened.on("pageerror", lambda error: trouble.append(str(error)))
            opened.on(
                "request",
                lambda request: (
                    None
                    if request.url.startswith(("file:", "data:"))
                    else trouble.append(f"it asked for {request.url}")
                ),
            )
            opened.goto(page.resolve().as_uri())
            opened.wait_for_selector("#labels .annotator")
            opened.evaluate(_ALL_PAINTED)
            opened.screenshot(path=picture, animations="disabled", caret="hide")
        except Error as error:
            raise GalleryBroken(f"{page}: {_first(error)}") from error
    if trouble:
        raise GalleryBroken(f"{page}: {trouble[0]}")
    return picture


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium that ends with the block.

    Raises:
        RendererUnavailable: no Chromium is here, or it or Playwright's driver does not start.
    """
    executable = find_browser()
    with _driver() as playwright:
        # Root has no sandbox of Chromium's own; the pages are ours and take rows as data only.
        try:
            chromium = playwright.chromium.launch(
                executable_path=executable,
                chromium_sandbox=os.geteuid() != 0,
                args=[*STEADY, "--disable-checker-imaging", "--disable-partial-raster"],
                timeout=DEADLINE_MS,
            )
        except Error as error:
            raise RendererUnavailable(f"{executable} does not start: {_first(error)}") from error
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def _driver() -> Iterator[Playwright]:
    """Playwright's driver, a Node process of its own."""
    opened = sync_playwright()
    try:
        playwright = opened.start()
    except Exception as error:  # of no type of its own where the driver dies
        raise RendererUnavailable(
            f"Playwright's driver does not start: {error}; it needs libatomic1 (apt-get install libatomic1)"
        ) from error
    try:
        yield playwright
    finally:
        playwright.stop()


def _first(error: Error) -> str:
    return error.message.splitlines()[0]
