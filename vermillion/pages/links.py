"""Every internal link of the built documentation site leads to a page that is there, and to its anchor.

``python -m vermillion.pages.links out/site`` prints each dead link and ends with exit code 1 if there is one.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """The addresses that a page points to, and the anchors that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.addresses += [given[name] for name in ("href", "src") if name in given]


@lru_cache(maxsize=4096)
def _read(page: Path) -> _Page:
    read = _Page()
    read.feed(page.read_text(encoding="utf-8"))
    return read


def dead_links(site: Path) -> list[str]:
    """Page and address of every link that leads nowhere; links to other sites are not followed."""
    dead = []
    for page in sorted(site.rglob("*.html")):
        for address in _read(page).addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target /= "index.html"
            there = target.is_file() and target.is_relative_to(site.resolve())
            anchor = unquote(parts.fragment)
            if there and anchor and target.suffix == ".html":
                there = anchor in _read(target).anchors
            if not there:
                dead.append(f"{page.relative_to(site)}: {address}")
    return dead


def main() -> None:
    """Check the site in the folder that the first argument names."""
    site = Path(sys.argv[1]).resolve()
    dead = dead_links(site)
    print("\n".join([*dead, f"{len(dead)} dead links in {len(list(site.rglob('*.html')))} pages"]))
    sys.exit(bool(dead))


if __name__ == "__main__":
    main()
