"""The drawing of the architecture: ``python -m vermillion.pages.architecture docs/architecture.svg``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 1000, 462
BOX_W, BOX_H = 160, 62
INK, SOFT, LINE, WASH, ACCENT = "#23211f", "#6f6a64", "#cfc8bf", "#ffffff", "#c4321f"

BOXES = {  # name: center, first line, second line
    "sources": ((110, 150), "sources/", "pull: programs, licenses"),
    "reference": ((305, 150), "renderers/", "reference: draw once"),
    "corrupt": ((500, 90), "corruptors/", "corrupt: typed edits"),
    "attempt": ((500, 210), "policies/", "attempt: natural errors"),
    "render": ((695, 150), "renderers/", "render: picture + scene"),
    "annotate": ((890, 150), "annotators/", "annotate: words, boxes"),
    "check": ((890, 310), "quality/", "check: rules, rejects"),
    "publish": ((695, 310), "quality/", "publish: one version"),
    "dataset": ((500, 310), "datasets/", "Parquet, card, gallery"),
    "train": ((305, 310), "train/", "SFT, evaluation, GRPO"),
    "models": ((110, 310), "Visual-ERM", "and policies, on vLLM"),
}
ARROWS = [
    ("sources", "reference"),
    ("reference", "corrupt"),
    ("reference", "attempt"),
    ("corrupt", "render"),
    ("attempt", "render"),
    ("render", "annotate"),
    ("annotate", "check"),
    ("check", "publish"),
    ("publish", "dataset"),
    ("dataset", "train"),
    ("train", "models"),
]
BELOW = [
    "sandbox/ contains every hostile program: namespaces, Landlock, seccomp, limits; a probe must fail first",
    "endpoints/ asks models: keys, rates, one budget a build, replies kept      records/ rows, edits, shards, settings",
    "dags/ and vermillion/ only wire: Airflow, command line, pages      bench/ measures",
]


def drawing() -> str:
    """The whole picture as SVG."""
    parts = "\n".join([*_arrows(), *_boxes(), *_notes()])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Stages of the data path, the rooms that hold them, and what they rest on" '
        'font-family="system-ui, Arial, sans-serif">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#f7f5f2"/>\n'
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{SOFT}"/></marker></defs>\n{parts}\n</svg>\n'
    )


def _arrows() -> Iterator[str]:
    for first, last in ARROWS:
        x1, y1 = map(float, BOXES[first][0])
        x2, y2 = map(float, BOXES[last][0])
        if x1 == x2:
            side = BOX_H / 2 if y2 > y1 else -BOX_H / 2
            y1, y2 = y1 + side, y2 - side
        else:
            side = BOX_W / 2 if x2 > x1 else -BOX_W / 2
            x1, x2 = x1 + side, x2 - side
        yield (
            f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{SOFT}" '
            'stroke-width="1.5" marker-end="url(#tip)"/>'
        )


def _boxes() -> Iterator[str]:
    for (x, y), room, does in BOXES.values():
        yield (
            f'<rect x="{x - BOX_W / 2:g}" y="{y - BOX_H / 2:g}" width="{BOX_W}" height="{BOX_H}" '
            f'rx="7" fill="{WASH}" stroke="{LINE}"/>'
        )
        yield _text(x, y - 6, room, 14, ACCENT, "middle", "600")
        yield _text(x, y + 14, does, 11.5, INK, "middle")


def _notes() -> Iterator[str]:
    title = "Data path: each stage reads a shard and writes a shard"
    yield _text(22, 38, title, 15, INK, weight="600")
    for at, line in enumerate(BELOW):
        yield _text(22, 388 + 22 * at, line, 12.5, SOFT)


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    fill: str,
    anchor: str = "start",
    weight: str = "400",
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}" '
        f'font-weight="{weight}" xml:space="preserve">{escape(words)}</text>'
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawing(), encoding="utf-8")
