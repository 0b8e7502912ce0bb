"""Firefox, one launch a table: the second opinion of `renderers.table.cross_check`.

It is driven by its command line. Playwright drives only a Firefox of its own make, and its WebDriver BiDi asks
Debian's for a command that it does not have.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from records.errors import RenderError
from records.taxonomy import Language
from renderers.table.browser.driver import BrowserError
from renderers.table.browser.messages import PageReply, PageRequest
from renderers.table.document import prepare
from sandbox.status import Limits, RenderStatus

PREFERENCES = {
    "javascript.enabled": "false",
    "network.dns.disabled": "true",
    "permissions.default.image": "1",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "toolkit.telemetry.enabled": "false",
    "app.normandy.enabled": "false",
    "browser.cache.disk.enable": "false",
    "extensions.autoDisableScopes": "15",
    "gfx.webrender.software": "true",
    "layout.css.devPixelsPerPx": '"1.0"',
}


def open_firefox(executable: str, scratch: Path, layers: Mapping[str, bool]) -> Firefox:
    """Firefox, where it has nothing before it but its own root and no network.

    Raises:
        BrowserError: the machine allows no such root.
    """
    if "own root" not in layers:
        raise BrowserError("Firefox is only started in namespaces with a root of its own")
    return Firefox(executable, scratch)


class Firefox:
    """Draws documents that do not depend on the window, each in a process of its own."""

    def __init__(self, executable: str, scratch: Path) -> None:
        self._executable = executable
        self._scratch = scratch
        self._profile = scratch / "profile"
        self._profile.mkdir(exist_ok=True)
        lines = (f'user_pref("{name}", {value});' for name, value in PREFERENCES.items())
        (self._profile / "user.js").write_text("\n".join(lines))
        self.version = self._run("--version").rpartition(" ")[2].strip()

    def answer(self, request: PageRequest) -> PageReply:
        """The whole document as a picture; `unreadable_output` where Firefox made none."""
        limits = Limits(pixels=request.pixels, code_chars=request.code_chars, nodes=request.nodes)
        try:
            document = prepare(request.code, Language(request.language), limits)
        except RenderError as error:
            return PageReply(error.reason, error.detail)
        if not document.window_free:
            return PageReply(RenderStatus.DENIED, "its layout may depend on the window")
        page, picture = self._scratch / "page.html", self._scratch / "page.png"
        page.write_text(document.html, encoding="utf-8")
        picture.unlink(missing_ok=True)
        said = self._run(
            "--headless",
            "--no-remote",
            "--profile",
            str(self._profile),
            "--window-size={},{}".format(*request.window_px),
            "--screenshot",
            str(picture),
            page.as_uri(),
        )
        if not picture.exists():
            return PageReply(RenderStatus.UNREADABLE_OUTPUT, said[-500:])
        return PageReply(RenderStatus.OK, png=picture.read_bytes())

    def _run(self, *arguments: str) -> str:
        """Its last words; how long it may take is for the parent to say."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "FONTCONFIG_FILE": str(self._scratch / "fonts.conf"),
            "MOZ_HEADLESS": "1",
            "MOZ_CRASHREPORTER_DISABLE": "1",
        }
        done = subprocess.run(
            [self._executable, *arguments],
            env=environment,
            cwd=self._scratch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout
