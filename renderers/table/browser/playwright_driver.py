"""Drives Chromium with Playwright: the default driver.

Playwright starts the browser, holds the context (offline, no script, no service worker, no download,
every request aborted) and gives a DevTools session of the page, through which documents are set and
frames drawn one by one, as `pipe_driver` does. Layouts, thousands of values each, come as one text, into
which Playwright does not look (decision 22).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Error,
    Page,
    Route,
    sync_playwright,
)

from renderers.table.browser.driver import (
    EMULATED,
    BrowserError,
    BrowserLost,
    DevToolsError,
    PageLost,
)
from renderers.table.document import WINDOW_PX
from renderers.table.scene.layout import Snapshot

NO_NODE = (
    "Playwright's Node process does not start: Debian needs libatomic1 for it;"
    " or set VERMILLION_TABLE_DRIVER=pipe, which needs no Node"
)
START_TIMEOUT_S = 60
LOAD_POLL_MS = 2


class PlaywrightDriver:
    """A `Driver` by Playwright's synchronous interface.

    Args:
        command: Executable and flags; Playwright's own flags are left out, since they change pictures.

    Raises:
        BrowserError: Playwright's own process, Node, does not start.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        try:
            self._playwright = sync_playwright().start()
        except Exception as error:  # Playwright raises no narrower one
            raise BrowserError(f"{error}. {NO_NODE}") from error
        self._browser: Browser | None = None
        self._context: BrowserContext | None = None
        self._page: Page
        self._session: CDPSession
        self._frame = ""
        self._texts = ""
        self._text = ""
        self._loaded = False
        self._crashed = False

    def start(self) -> str:
        with self._errors():
            self._browser = browser = self._playwright.chromium.launch(
                executable_path=self._command[0],
                args=[*self._command[1:], "--remote-debugging-pipe"],
                ignore_default_args=True,
                env=dict(self._environment),
                timeout=1000 * START_TIMEOUT_S,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            self._control = browser.new_browser_cdp_session()
            self._control.on("Target.receivedMessageFromTarget", self._on_text)
        return browser.version

    def renew(self) -> None:
        assert self._browser is not None, "start comes first"
        with self._errors():
            if self._context is not None:
                self._context.close()
            known = set(self._contexts())
            self._context = self._browser.new_context(
                accept_downloads=False,
                java_script_enabled=False,
                no_viewport=True,
                offline=True,
                service_workers="block",
            )
            self._context.route("**/*", _abort)
            (made,) = set(self._contexts()) - known
            with self._context.expect_page() as page:
                # Only a page created in this way draws its frames on request.
                self._control.send(
                    "Target.createTarget",
                    {
                        "url": "about:blank",
                        "browserContextId": made,
                        "width": WINDOW_PX[0],
                        "height": WINDOW_PX[1],
                        "enableBeginFrameControl": True,
                    },
                )
            self._crashed = False
            self._page = page.value
            self._page.on("crash", self._on_crash)
            self._session = self._context.new_cdp_session(self._page)
            self._session.on("Page.loadEventFired", self._on_load)
            page_id = self._session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
            self._texts = self._control.send(
                "Target.attachToTarget", {"targetId": page_id, "flatten": False}
            )["sessionId"]
        for method, parameters in EMULATED:
            self.send(method, **parameters)
        for domain in ("Page", "DOMSnapshot"):
            self.send(f"{domain}.enable")
        self._frame = self.send("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        with self._errors():
            result: dict[str, Any] = self._session.send(method, parameters)
        return result

    def snapshot(self, styles: Sequence[str]) -> Snapshot:
        self._text = ""
        command = {
            "id": 1,
            "method": "DOMSnapshot.captureSnapshot",
            "params": {"computedStyles": styles},
        }
        message = msgspec.json.encode(command).decode()
        with self._errors():
            self._control.send(
                "Target.sendMessageToTarget", {"sessionId": self._texts, "message": message}
            )
        while not self._text:
            # The page replies in order, so this waits for the layout.
            self.send("DOMSnapshot.enable")
        try:
            answer = _ANSWER.decode(self._text)
        except msgspec.DecodeError as error:
            raise PageLost(f"its layout cannot be read: {error}") from error
        if answer.result is None:
            raise DevToolsError(f"DOMSnapshot.captureSnapshot: {answer.error}")
        return answer.result

    def shoot(self, method: str, parameters: dict[str, object]) -> Callable[[], str]:
        reply = self.send(method, **parameters)
        return lambda: str(reply.get("screenshotData") or reply.get("data") or "")

    def show(self, html: str, *, wait_for_load: bool) -> None:
        self._loaded = False
        self.send("Page.setDocumentContent", frameId=self._frame, html=html)
        while wait_for_load and not self._loaded:
            with self._errors():
                self._page.wait_for_timeout(LOAD_POLL_MS)

    def close(self) -> None:
        if self._browser is not None:
            with suppress(Error):
                self._browser.close()
        self._playwright.stop()

    def _contexts(self) -> list[str]:
        found: list[str] = self._control.send("Target.getBrowserContexts")["browserContextIds"]
        return found

    def _on_load(self, _: object) -> None:
        self._loaded = True

    def _on_text(self, event: dict[str, str]) -> None:
        if event["sessionId"] == self._texts:
            self._text = event["message"]

    def _on_crash(self, _: object) -> None:
        self._crashed = True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """A context manager that converts Playwright's error to the matching error of `driver`."""
        try:
            yield
        except Error as error:
            message = error.message.partition("\n")[0]
            if self._crashed or "crashed" in message:
                raise PageLost("it crashed") from error
            if "Protocol error" in message and "closed" not in message:
                raise DevToolsError(message) from error
            raise BrowserLost(error.message) from error
        if self._crashed:
            raise PageLost("it crashed")


class _Answer(msgspec.Struct, frozen=True, gc=False):
    result: Snapshot | None = None
    error: dict[str, Any] = {}


_ANSWER = msgspec.json.Decoder(_Answer)


def _abort(route: Route) -> None:
    with suppress(Error):  # the page it belongs to may be gone
        route.abort("blockedbyclient")
