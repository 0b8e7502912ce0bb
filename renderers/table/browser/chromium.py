"""One guarded headless Chromium, controlled over the DevTools protocol."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from records.errors import RenderError
from records.taxonomy import Language
from renderers.table.browser.driver import (
    BrowserError,
    BrowserLost,
    DevToolsError,
    Driver,
    PageLost,
)
from renderers.table.browser.flags import FLAGS
from renderers.table.browser.messages import PageReply, PageRequest
from renderers.table.document import PADDING_PX, WINDOW_PX, Document, prepare
from renderers.table.scene.build import build
from renderers.table.scene.clip import clip_of, clipped, size_of
from renderers.table.scene.layout import LayoutNode, layout_tree
from renderers.table.styles import STYLES, SidesDiffer
from sandbox.status import Limits, RenderStatus

UNSAFE = (
    "Chromium would need --no-sandbox here, with all files of this machine before it: run as an ordinary "
    "user where user namespaces are allowed, or on a kernel with Landlock (5.13 or later)"
)
RENDERS_PER_CONTEXT = 250
MAX_FRAMES = 50
"""Most frames requested until one shows the picture; usually the first does."""
MAX_WINDOWS = 4
"""Most window sizes tried for a document whose layout depends on the window."""
WIDE_WINDOW_PX = 1400
"""Wider than any document that is wide only because its window is."""


def open_browser(
    executable: str, scratch: Path, layers: dict[str, bool], driver: str
) -> GuardedBrowser:
    """Start a browser with Chromium's own sandbox if it works, or without it only if Landlock is active.

    Raises:
        BrowserError: it does not start, or only with access to the machine's files.
    """
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "FONTCONFIG_FILE": str(scratch / "fonts.conf"),
        "XDG_CONFIG_HOME": str(scratch),
        "XDG_CACHE_HOME": str(scratch),
    }
    choices = [sandboxed for sandboxed in (True, False) if _allowed(sandboxed, layers)]
    failure = "" if choices else UNSAFE
    for sandboxed in choices:
        profile = scratch / f"profile-{'sandboxed' if sandboxed else 'plain'}"
        command = [executable, *FLAGS, f"--user-data-dir={profile}"]
        if not sandboxed:
            command.append("--no-sandbox")
        browser = GuardedBrowser(_driver(driver, command, environment))
        try:
            browser.start()
        except (BrowserLost, DevToolsError, PageLost) as error:
            failure = str(error).strip()
            browser.close()
            continue
        layers["Chromium's own sandbox"] = sandboxed
        return browser
    raise BrowserError(
        failure[-2000:] if False in choices or not choices else f"{failure[-1500:]}\n{UNSAFE}"
    )


def _allowed(sandboxed: bool, layers: Mapping[str, bool]) -> bool:
    # Chromium's own sandbox refuses root.
    return os.geteuid() != 0 if sandboxed else "Landlock" in layers


def _driver(name: str, command: list[str], environment: dict[str, str]) -> Driver:
    # Each takes a fraction of a second to import, and only one is used.
    if name == "pipe":
        from renderers.table.browser.pipe_driver import PipeDriver

        return PipeDriver(command, environment)
    from renderers.table.browser.playwright_driver import PlaywrightDriver

    return PlaywrightDriver(command, environment)


class GuardedBrowser:
    """Draws one document after another, each in a page that keeps nothing of the previous one."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.version = ""
        self._framed = False
        self._window = (0, 0)
        self._renders = 0

    def start(self) -> None:
        """Open the first page.

        Raises:
            BrowserLost, DevToolsError, PageLost: it cannot.
        """
        self.version = self._driver.start()
        self._renew_page()
        try:
            # Only the headless shell draws frames on demand; other builds take screenshots.
            self._driver.send("HeadlessExperimental.enable")
            self._framed = True
        except DevToolsError:
            self._framed = False

    def close(self) -> None:
        """End the browser."""
        self._driver.close()

    def answer(self, request: PageRequest) -> PageReply:
        """Draw the program of a request."""
        limits = Limits(pixels=request.pixels, code_chars=request.code_chars, nodes=request.nodes)
        try:
            if request.probe:
                document = Document(request.code, plain=False, window_free=False)
            else:
                document = prepare(request.code, Language(request.language), limits)
            png, scene = self._draw(document, limits)
        except RenderError as error:
            return PageReply(error.reason, error.detail)
        except (PageLost, DevToolsError) as error:
            return PageReply(
                RenderStatus.CODE_CRASHED, f"the page was lost: {error}"[:500], spent=True
            )
        return PageReply(RenderStatus.OK, png=png, scene=scene)

    # ------------------------------------------------------------------------------------ drawing

    def _draw(self, document: Document, limits: Limits) -> tuple[bytes, bytes]:
        if self._renders >= RENDERS_PER_CONTEXT:
            self._renew_page()
        self._renders += 1
        try:
            root, clip = self._laid_out(document, limits)
            left, top, right, bottom = clip
            shown = self._shoot()
            # The scene is built while the browser paints.
            scene = build(root, (left, top), right - left, bottom - top).to_json()
            png = clipped(self._frame_shown(shown), clip)
        finally:
            if not document.plain:
                # Anything that such a page started (a load, a timer) ends with its context.
                self._renders = RENDERS_PER_CONTEXT
        return png, scene

    def _laid_out(
        self, document: Document, limits: Limits
    ) -> tuple[LayoutNode, tuple[int, int, int, int]]:
        """The laid-out document in a window large enough for it, and the region to show.

        Raises:
            RenderError: nothing to draw, too large, or a layout that keeps growing.
        """
        if not document.window_free:
            self._resize(*WINDOW_PX)
            self._drop_frame()
        self._driver.show(document.html, wait_for_load=document.loads)
        for attempt in range(MAX_WINDOWS):
            root = self._layout(document.styles)
            clip = clip_of(root)
            right, bottom = clip[2:]
            if right * bottom > limits.pixels:
                raise RenderError(
                    RenderStatus.TOO_LARGE,
                    f"{right} x {bottom} px; the limit is {limits.pixels} pixels",
                )
            if document.window_free:
                self._resize(right, bottom)
                return root, clip
            width_px, height_px = self._window
            if right - PADDING_PX <= width_px and bottom - PADDING_PX <= height_px:
                # Elements at the window's edge have less space around them.
                return root, (*clip[:2], min(right, width_px), min(bottom, height_px))
            wide_px = WIDE_WINDOW_PX if attempt else 0
            self._resize(max(width_px, right, wide_px), max(height_px, bottom))
            self._drop_frame()
        raise RenderError(
            RenderStatus.TOO_LARGE, "however large the window is made, the document becomes larger"
        )

    def _layout(self, styles: tuple[str, ...]) -> LayoutNode:
        try:
            return layout_tree(self._driver.snapshot(styles), styles)
        except SidesDiffer:
            return layout_tree(self._driver.snapshot(STYLES), STYLES)

    def _resize(self, width_px: int, height_px: int) -> None:
        if self._window == (width_px, height_px):
            return
        self._window = (width_px, height_px)
        # The page replies once it has the size; an earlier frame would be clipped.
        self._driver.send(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=1,
            mobile=False,
        )

    def _drop_frame(self) -> None:
        """Draw and discard a frame: a second resize without a frame in between would wait."""
        if self._framed:
            self._driver.send("HeadlessExperimental.beginFrame")

    def _shoot(self) -> Callable[[], str]:
        if self._framed:
            return self._driver.shoot(
                "HeadlessExperimental.beginFrame", {"screenshot": _SCREENSHOT}
            )
        return self._driver.shoot("Page.captureScreenshot", _SCREENSHOT)

    def _frame_shown(self, shown: Callable[[], str]) -> bytes:
        """The picture of the window; frames that began before the resize have none."""
        for _ in range(MAX_FRAMES):
            png = base64.b64decode(shown(), validate=True)
            if size_of(png) == self._window:
                return png
            shown = self._shoot()
        raise PageLost(f"no frame of {self._window[0]} x {self._window[1]} px is drawn")

    def _renew_page(self) -> None:
        self._driver.renew()
        self._window = (0, 0)
        self._renders = 0


_SCREENSHOT: dict[str, object] = {"format": "png", "optimizeForSpeed": True}
