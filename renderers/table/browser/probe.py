"""Escape self-test of the browser: a page tries to reach files and network, and must not."""

from __future__ import annotations

import contextlib
import io
import socket
import tempfile
import threading
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_ESCAPED = (255, 0, 255)
"""The color of all pictures that the page must not be able to load."""

_SEEN_PIXELS = 16


class Probe:
    """A loopback listener and a local file, both with one color, and a page that requests them.

    `reached` reports what the page loaded, as seen by the listener or by that color in the picture.
    """

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as on_error:
            self._folder = on_error.enter_context(
                tempfile.TemporaryDirectory(prefix="vermillion-probe-")
            )
            self._listener = on_error.enter_context(socket.create_server(("127.0.0.1", 0)))
            self._close = on_error.pop_all()
        self.connections = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        folder = Path(self._folder)
        painted = "<!DOCTYPE html><body style='background:#f0f'>escaped"
        (folder / "page.html").write_text(painted)
        (folder / "style.css").write_text("td { background: #f0f !important }")
        (folder / "script.js").write_text("document.body.style.background = '#f0f'")
        picture = io.BytesIO()
        Image.new("RGB", (64, 64), _ESCAPED).save(picture, "PNG")
        (folder / "picture.png").write_bytes(picture.getvalue())
        self.page = _page(folder.as_uri(), f"http://127.0.0.1:{self._listener.getsockname()[1]}")
        return self

    def __exit__(self, *error: object) -> None:
        # A blocking accept does not always notice that its socket was closed.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._close.close()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                connection.close()

    def reached(self, rgb: NDArray[np.uint8]) -> str:
        """What the page reached, in words; empty if nothing."""
        found = []
        if self.connections:
            found.append(f"a loopback listener ({self.connections} connections)")
        if int((rgb == np.array(_ESCAPED, dtype=np.uint8)).all(axis=2).sum()) >= _SEEN_PIXELS:
            found.append("a local file, or ran a script")
        return " and ".join(found)


def _page(files: str, web: str) -> str:
    tries = "".join(
        f'<tr><td><iframe src="{base}/page.html" width=64 height=64></iframe></td>'
        f'<td><img src="{base}/picture.png" width=64 height=64></td>'
        f'<td><object data="{base}/page.html" width=64 height=64></object></td>'
        f'<td><embed src="{base}/page.html" width=64 height=64></td>'
        f'<td style="background:url({base}/picture.png);width:64px;height:64px">x</td>'
        f'<td><svg width=64 height=64><image href="{base}/picture.png" width=64 height=64 /></svg></td>'
        f'<td><script src="{base}/script.js"></script></td></tr>'
        f'<link rel="stylesheet" href="{base}/style.css"><link rel="prefetch" href="{base}/a">'
        f'<link rel="preconnect" href="{base}"><link rel="dns-prefetch" href="{base}">'
        f'<style>@import url("{base}/style.css");'
        f'@font-face {{ font-family: f; src: url("{base}/font.woff2") }} td {{ font-family: f }}</style>'
        for base in (files, web)
    )
    script = (
        "<script>document.body.innerHTML='<table style=\"background:#f0f\"><tr><td>escaped';"
        f"fetch('{web}/fetched');new WebSocket('{web.replace('http', 'ws')}/socket')</script>"
    )
    return (
        '<!DOCTYPE html><meta charset="utf-8"><body style="margin:20px">'
        f"<table border=1><tr><td>probe</td></tr>{tries}</table>{script}"
        "<img src=x onerror=\"document.body.style.background='#f0f'\">"
    )
