"""The page of natural pairs: what our labels say of programs that somebody else wrote.

``python -m vermillion.pages.natural_cases docs ../shared/data/natural`` draws both programs of the first
pairs of each modality side by side and writes the labels below them, each with whether a careful viewer
said the same. The viewers' words stay where they are: the data are for measuring only. Without the data
nothing is written.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from annotators.audit.suites import natural
from annotators.audit.suites.files import pairs_in
from annotators.audit.suites.suite import SuiteInput
from records.rows import Sample
from records.taxonomy import Modality
from renderers.contract import Render
from renderers.registry import close_held, held_renderer

MOST = 10
"""Pairs shown of a modality."""
SIDE_PX = 360
"""Width of each picture; two stand side by side."""
GAP_PX = 12
COLORS = 48
_HEADINGS = {Modality.CHART: "Charts", Modality.TABLE: "Tables", Modality.SVG: "Icons"}
_VERDICTS = {
    "yes": "a viewer said the same",
    "partial": "a viewer said nearly the same",
    "unproven": "no viewer said so",
    "invisible": "nothing to be seen",
}
INTRODUCTION = """# Natural pairs

Programs that a capable model wrote from a picture (right), beside the program of the picture (left), and
all labels of the structural annotator. Nobody chose these errors. A careful viewer listed what is wrong
about each pair without seeing our labels; behind each label stands whether the viewer said the same, as
`vermillion audit --lane natural` matches words. The page is made by `make natural-cases`.
"""


def write(docs: Path, data: Path) -> int:
    """Write every picture and the page; returns how many pairs it shows."""
    renders: dict[str, Render] = {}

    def draw(code: str, sample: Sample) -> Render:
        if code not in renders:
            renders[code] = held_renderer(sample.modality).render(code, sample.language)
        return renders[code]

    try:
        details = natural.measure(SuiteInput(draw=draw, data=data)).details
    finally:
        close_held()
    folder = docs / "natural"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    by_pair = {(one["modality"], one["pair"]): one for one in details if "labels" in one}
    parts = [INTRODUCTION]
    shown: dict[Modality, int] = {}
    for pair in sorted(pairs_in(data), key=lambda pair: list(Modality).index(pair.modality)):
        detail = by_pair.get((str(pair.modality), pair.stem))
        if detail is None or shown.get(pair.modality, 0) >= MOST:
            continue
        if pair.modality not in shown:
            parts.append(f"\n## {_HEADINGS[pair.modality]}\n")
        shown[pair.modality] = shown.get(pair.modality, 0) + 1
        name = f"{pair.modality}-{pair.stem}.png"
        picture = side_by_side(renders[pair.reference.code], renders[pair.candidate.code])
        picture.save(folder / name, optimize=True)
        parts.append(section(detail, f"natural/{name}"))
    (docs / "natural.md").write_text("".join(parts), encoding="utf-8")
    return sum(shown.values())


def section(detail: Mapping[str, Any], picture: str) -> str:
    """Markdown of one pair.

    >>> print(section({"pair": "bar_1", "gold": [{"firm": True, "met": False}], "labels": []}, "bar.png"))
    <BLANKLINE>
    ### bar_1
    <BLANKLINE>
    ![Reference and candidate](bar.png)
    <BLANKLINE>
    * No label.
    <BLANKLINE>
    The viewer is sure of 1, of which our labels miss 1.
    <BLANKLINE>
    """
    lines = [
        f"* `{one['category']}` {one['severity']}, {one['location']}: {one['description']}"
        f" (*{_VERDICTS[one['verdict']]}*)"
        for one in detail["labels"]
    ] or ["* No label."]
    sure = [one for one in detail["gold"] if one["firm"]]
    missed = sum(not one["met"] for one in sure)
    summary = f"The viewer is sure of {len(sure)}, of which our labels miss {missed}."
    head = f"\n### {detail['pair']}\n\n![Reference and candidate]({picture})\n\n"
    return head + "\n".join(lines) + f"\n\n{summary}\n"


def side_by_side(reference: Render, candidate: Render) -> Image.Image:
    """Two pictures at one width, the reference on the left."""
    sides = []
    for render in (reference, candidate):
        picture, _ = render.drawn()
        with Image.open(io.BytesIO(picture.png)) as image:
            height_px = max(1, round(image.height * SIDE_PX / image.width))
            sides.append(image.convert("RGB").resize((SIDE_PX, height_px)))
    sheet = Image.new("RGB", (2 * SIDE_PX + GAP_PX, max(side.height for side in sides)), "#bbbbbb")
    sheet.paste(sides[0], (0, 0))
    sheet.paste(sides[1], (SIDE_PX + GAP_PX, 0))
    return sheet.quantize(COLORS)


if __name__ == "__main__":
    docs, data = map(Path, sys.argv[1:3])
    if data.is_dir():
        print(f"{write(docs, data)} natural pairs in {docs}/natural.md")
    else:
        print(f"{data} is not there; {docs}/natural.md stays as it is")
