"""Interface of browser drivers: the commands that drawing a table needs.

Both drivers start the same executable with the same flags and send the same commands, so pictures,
scenes and verdicts are the same (`tests/renderers/test_table_drivers.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from renderers.table.scene.layout import Snapshot


class BrowserError(Exception):
    """The browser does not start."""


class BrowserLost(Exception):
    """The browser ended or sent invalid data."""


class DevToolsError(Exception):
    """The browser refuses a command."""


class PageLost(Exception):
    """The page crashed or was closed."""


class Driver(Protocol):
    """One browser process with one page. All methods raise the errors of this module."""

    def start(self) -> str:
        """Start the browser without a page; returns its version."""

    def renew(self) -> None:
        """Replace the page by one in a new context: no script, no network, no download, nothing kept."""

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command to the page and return its result."""

    def snapshot(self, styles: Sequence[str]) -> Snapshot:
        """The layout of the page, with these computed styles."""

    def shoot(self, method: str, parameters: dict[str, object]) -> Callable[[], str]:
        """Request a picture; the returned function waits for it: PNG in base64, empty if there is none."""

    def show(self, html: str, *, wait_for_load: bool) -> None:
        """Replace the page's document."""

    def close(self) -> None:
        """End the browser."""


EMULATED: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "Emulation.setEmulatedMedia",
        {
            "media": "screen",
            "features": [
                {"name": "prefers-reduced-motion", "value": "reduce"},
                {"name": "prefers-color-scheme", "value": "light"},
            ],
        },
    ),
    ("Emulation.setLocaleOverride", {"locale": "en-US"}),
    ("Emulation.setTimezoneOverride", {"timezoneId": "UTC"}),
)
"""Commands that hide all settings of the machine's user from the page."""
