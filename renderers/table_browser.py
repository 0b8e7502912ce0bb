"""One guarded headless Chromium, told over the DevTools protocol what to lay out and to draw."""

from __future__ import annotations

import base64
import os
from math import ceil, floor
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, sync_playwright

from records.errors import RenderError
from records.taxonomy import Language
from renderers.contract import Limits, RenderStatus
from renderers.table_document import PADDING_PX, Document, prepare
from renderers.table_layout import COMPUTED_STYLES, drawn_box, layout_tree
from renderers.table_scene import build
from renderers.table_worker import Reply, Request

VIEWPORT_PX = (800, 600)
"""Small on purpose: what is larger is captured beyond it, and a small surface is cheap to paint."""

RENDERS_PER_CONTEXT = 250

FLAGS = (
    "--blink-settings=imageAnimationPolicy=2",
    "--disable-gpu",
    "--disable-remote-fonts",
    "--disable-quic",
    "--disable-webgl",
    "--disable-3d-apis",
    "--disable-file-system",
    "--disable-databases",
    "--disable-local-storage",
    "--disable-notifications",
    "--disable-speech-api",
    "--disable-smooth-scrolling",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--js-flags=--jitless",
    "--mute-audio",
    "--no-pings",
    "--num-raster-threads=1",
    "--renderer-process-limit=1",
)


class BrowserError(Exception):
    """The browser does not start."""


class PageLost(Exception):
    """The page crashed or was closed under us."""


def open_browser(executable: str, scratch: Path, layers: dict[str, bool]) -> GuardedBrowser:
    """A started browser: with Chromium's own sandbox where it works, without it otherwise.

    Raises:
        BrowserError: it does not start either way.
    """
    driver = sync_playwright().start()
    environment: dict[str, str | float | bool] = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "FONTCONFIG_FILE": str(scratch / "fonts.conf"),
        "XDG_CONFIG_HOME": str(scratch),
        "XDG_CACHE_HOME": str(scratch),
    }
    choices = (True, False) if os.geteuid() != 0 else (False,)
    failure = ""
    for sandboxed in choices:
        try:
            browser = driver.chromium.launch(
                executable_path=executable,
                chromium_sandbox=sandboxed,
                args=list(FLAGS),
                env=environment,
                timeout=60_000,
            )
        except Error as error:
            failure = str(error).strip()
            continue
        layers["Chromium's own sandbox"] = sandboxed
        return GuardedBrowser(browser)
    raise BrowserError(failure[-2000:])


class GuardedBrowser:
    """Draws one document after another, each in a page that could keep nothing of the last."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._context: BrowserContext | None = None
        self._page: Page
        self._session: CDPSession
        self._frame = ""
        self._crashed = False
        self._renders = 0

    @property
    def version(self) -> str:
        return self._browser.version

    def answer(self, request: Request) -> Reply:
        """Draw the program of a request."""
        limits = Limits(pixels=request.pixels, code_chars=request.code_chars, nodes=request.nodes)
        try:
            if request.probe:
                document = Document(request.code, plain=False)
            else:
                document = prepare(request.code, Language(request.language), limits)
            png, scene = self._draw(document, limits)
        except RenderError as error:
            return Reply(error.reason, error.detail)
        except (PageLost, Error) as error:
            return Reply(RenderStatus.CODE_CRASHED, f"the page was lost: {error}"[:500], spent=True)
        return Reply(RenderStatus.OK, png=png, scene=scene)

    def _draw(self, document: Document, limits: Limits) -> tuple[bytes, bytes]:
        if self._context is None or self._renders >= RENDERS_PER_CONTEXT:
            self._renew_page()
        self._renders += 1
        try:
            self._send("Page.setDocumentContent", frameId=self._frame, html=document.html)
            snapshot = self._send("DOMSnapshot.captureSnapshot", computedStyles=COMPUTED_STYLES)
            root = layout_tree(snapshot)
            box = drawn_box(root)
            if box is None:
                raise RenderError(RenderStatus.BLANK, "nothing is drawn")
            left, top = max(0, floor(box[0]) - PADDING_PX), max(0, floor(box[1]) - PADDING_PX)
            width_px = ceil(box[2]) + PADDING_PX - left
            height_px = ceil(box[3]) + PADDING_PX - top
            if width_px * height_px > limits.pixels:
                raise RenderError(
                    RenderStatus.TOO_LARGE,
                    f"{width_px} x {height_px} px; the limit is {limits.pixels} pixels",
                )
            scene = build(root, (left, top), width_px, height_px)
            png = self._capture(left, top, width_px, height_px)
        finally:
            if not document.plain:
                # Whatever such a page began (a load, a timer) ends with its context.
                self._renders = RENDERS_PER_CONTEXT
        return png, scene.to_json()

    def _capture(self, left: int, top: int, width_px: int, height_px: int) -> bytes:
        beyond = left + width_px > VIEWPORT_PX[0] or top + height_px > VIEWPORT_PX[1]
        reply = self._send(
            "Page.captureScreenshot",
            format="png",
            optimizeForSpeed=True,
            captureBeyondViewport=beyond,
            clip={"x": left, "y": top, "width": width_px, "height": height_px, "scale": 1},
        )
        return base64.b64decode(reply["data"], validate=True)

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        reply: dict[str, Any] = self._session.send(method, parameters)
        if self._crashed:
            raise PageLost("it crashed")
        return reply

    def _renew_page(self) -> None:
        if self._context is not None:
            self._context.close()
        self._context = context = self._browser.new_context(
            java_script_enabled=False,
            offline=True,
            viewport={"width": VIEWPORT_PX[0], "height": VIEWPORT_PX[1]},
            accept_downloads=False,
            service_workers="block",
            reduced_motion="reduce",
            color_scheme="light",
            locale="en-US",
            timezone_id="UTC",
            permissions=[],
        )
        context.route("**/*", lambda route: route.abort())
        self._page = context.new_page()
        self._crashed = False
        self._page.on("crash", self._on_crash)
        context.on("page", lambda page: page.close())
        self._session = context.new_cdp_session(self._page)
        self._session.send("Page.enable")
        self._session.send("DOMSnapshot.enable")
        self._frame = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._renders = 0

    def _on_crash(self, _page: Page) -> None:
        self._crashed = True
