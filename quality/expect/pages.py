"""Great Expectations' pages, made fit to travel with a dataset.

As the library writes them they fetch style sheets, scripts and a picture that counts readers from
eight hosts, and show next to nothing without. Here they keep their contents and lose the rest, so
that they read the same on a laptop without a network, and for the same dataset are the same bytes.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from lxml import html

STYLE = "style.css"
_STYLE = """\
body { margin: 0; font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif;
  color: #23211f; background: #f7f5f2; }
a { color: #b3261a; text-decoration: none; } a:hover { text-decoration: underline; }
nav.navbar { background: #fff; border-bottom: 1px solid #e4dfd8; padding: 10px 24px; }
.breadcrumb { list-style: none; display: flex; gap: 8px; margin: 0; padding: 0; }
.breadcrumb li + li::before { content: "/"; margin-right: 8px; color: #6f6a64; }
.container-fluid.pt-4, main { max-width: 1180px; margin: 0 auto; padding: 20px 24px 60px; }
.container-fluid.pt-4 > .row { display: grid; grid-template-columns: 220px minmax(0, 1fr); gap: 28px; }
h1, h4, h5 { margin: 0; } h4 { font-size: 19px; } h5 { font-size: 15px; }
h6 { font-size: 13px; margin: 12px 0 0; } h1 { font-size: 22px; } .lead { color: #6f6a64; margin: 4px 0 14px; }
.sticky { position: sticky; top: 12px; }
.card-header { display: none; }
.nav { list-style: none; margin: 0; padding: 0; max-height: 80vh !important; overflow-y: auto; }
.nav-link { display: block; padding: 2px 8px; border-radius: 4px; color: inherit; }
.nav-link:hover { background: #ece8e2; text-decoration: none; }
.ge-section { margin-bottom: 18px; background: #fff; border: 1px solid #e4dfd8; border-radius: 8px;
  padding: 12px 16px; }
.alert h5 { border-left: 4px solid #e34234; padding-left: 8px; }
table { border-collapse: collapse; width: 100%; margin-top: 8px; }
td, th { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-top: 1px solid #eeeae4; }
th { color: #6f6a64; font-weight: 600; font-size: 12px; border-top: 0; }
td:first-child { white-space: nowrap; }
.badge { background: #ece8e2; border-radius: 4px; padding: 0 5px; font-family: ui-monospace, monospace;
  font-size: 12px; }
.fa-check-circle::before { content: "met"; color: #2c7a3f; font-style: normal; font-weight: 600; }
.fa-times::before { content: "not met"; color: #b3261a; font-style: normal; font-weight: 600; }
.fa-exclamation-triangle::before { content: "error"; color: #b3261a; font-style: normal; }
#section-1-content-block-3 { display: none; }
.show-scrollbars { max-height: 320px; overflow: auto; overflow-wrap: anywhere; }
"""


def settle(folder: Path) -> None:
    """Rewrite the pages in ``folder`` in place."""
    shutil.rmtree(folder / "static", ignore_errors=True)
    (folder / STYLE).write_text(_STYLE, encoding="utf-8")
    pages = sorted(page for page in folder.rglob("*.html") if page.parent != folder)
    for page in pages:
        page.write_text(_settled(page, folder), encoding="utf-8")
    (folder / "index.html").write_text(_index(pages, folder), encoding="utf-8")


def _settled(page: Path, folder: Path) -> str:
    tree = html.fromstring(page.read_text(encoding="utf-8"))
    for part in tree.xpath(
        "//script | //link | //style | //footer | //img | //*[@id='ge-cta-footer'] | //meta[@charset]"
        "| //div[contains(@class, 'card')][div/strong[text()='Actions']] | //head/title[2]"
    ):
        # What follows a removed element is text of its parent and stays.
        part.drop_tree()
    for part in tree.xpath("//*[@onclick or @style]"):
        part.attrib.pop("onclick", None)
        part.attrib.pop("style", None)
    up = "../" * (len(page.relative_to(folder).parts) - 1)
    head = tree.find("head")
    head.insert(0, html.fragment_fromstring(f'<link rel="stylesheet" href="{up}{STYLE}">'))
    head.insert(0, html.fragment_fromstring('<meta charset="utf-8">'))
    text: str = html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>")
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "0" * 8, text)
    text = re.sub(r"\b20\d{6}T\d{6}\.\d{6}Z\b", _NO_TIME, text)
    text = text.replace(" / 2000-01-01T00:00:00Z", "")
    return re.sub(r"\n\s*\n+", "\n", text)


def _index(pages: list[Path], folder: Path) -> str:
    lines = []
    for page in pages:
        kind, suite, *run = page.relative_to(folder).with_suffix("").parts
        results = kind == "validations"
        what = f"What was found in the {suite}" if results else f"What is expected of the {suite}"
        if results and run[0] != f"{suite}-1":
            what += f", part {run[0].removeprefix(f'{suite}-')}"
        status = ""
        if results:
            met = "Status: Succeeded" in " ".join(
                html.fromstring(page.read_text(encoding="utf-8")).text_content().split()
            )
            status = f'<i class="fas {"fa-check-circle" if met else "fa-times"}"></i>'
        link = page.relative_to(folder).as_posix()
        lines.append(
            (not results, f'<tr><td>{status}</td><td><a href="{link}">{what}</a></td></tr>')
        )
    rows = "\n".join(line for *_, line in sorted(lines))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>What was checked</title>'
        f'<link rel="stylesheet" href="{STYLE}"></head>\n<body><main><h1>What was checked</h1>\n'
        '<p class="lead">Expectations of Great Expectations over all rows of the dataset.</p>\n'
        f'<div class="ge-section"><table>\n{rows}\n</table></div></main></body></html>\n'
    )


_NO_TIME = "20000101T000000.000000Z"
