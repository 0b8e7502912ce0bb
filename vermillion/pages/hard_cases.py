"""The page of hard cases: programs that are easily drawn wrong, and what becomes of them here.

``python -m vermillion.pages.hard_cases docs`` draws every program in ``docs/hard-cases`` and writes its
picture beside it and the page ``docs/hard-cases.md``. The first line of a program says what is
hard about it.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from records.taxonomy import Language, Modality
from renderers.contract import Picture
from renderers.registry import close_held, held_renderer
from renderers.second_opinion import VISIBLY_OTHER
from renderers.svg.cross_check import SvgCrossCheck, available

WIDTH_PX = 720
COLORS = 128
_HEADINGS = {Modality.CHART: "Charts", Modality.TABLE: "Tables", Modality.SVG: "Icons"}
INTRODUCTION = """# Hard cases

Programs that are easily drawn wrong, each drawn by the renderer that draws the data. The pictures are
made by `make hard-cases`, which redraws every program in `hard-cases/`; they are scaled to 720 px and
128 colors to keep this page small.
"""


@dataclass(frozen=True, slots=True)
class HardCase:
    """One program, and what its first line says about it."""

    path: Path
    language: Language
    code: str

    @property
    def hard(self) -> str:
        """What is hard about it."""
        line = self.code.partition("\n")[0]
        return line.removeprefix("<!--").removesuffix("-->").lstrip("#").strip()


def cases(folder: Path) -> list[HardCase]:
    """The programs of a folder, charts first.

    Raises:
        ValueError: the first line of one is no comment.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if language := Language.of_suffix(path.suffix):
            code = path.read_text(encoding="utf-8")
            if not code.startswith(("<!-- ", "# ")):
                raise ValueError(f"{path}: the first line is to say what is hard about it")
            found.append(HardCase(path, language, code))
    order = list(Modality)
    return sorted(found, key=lambda case: order.index(case.language.modality))


def draw(docs: Path) -> int:
    """Write every picture and the page; returns how many.

    Raises:
        RenderError: a hard case is too hard.
    """
    parts = [INTRODUCTION]
    modality = None
    try:
        found = cases(docs / "hard-cases")
        for case in found:
            if case.language.modality is not modality:
                modality = case.language.modality
                parts.append(f"\n## {_HEADINGS[modality]}\n")
            picture, _ = held_renderer(modality).render(case.code, case.language).drawn()
            _shown(picture).save(case.path.with_suffix(".png"), optimize=True)
            parts.append(section(case, picture, _second_opinion(case, picture)))
    finally:
        close_held()
    (docs / "hard-cases.md").write_text("".join(parts), encoding="utf-8")
    return len(found)


def section(case: HardCase, picture: Picture, opinion: str) -> str:
    """Markdown of one case."""
    size = f"{picture.width_px} x {picture.height_px} px"
    return (
        f"\n**[{case.path.name}](hard-cases/{case.path.name})** {case.hard} ({size}{opinion})\n\n"
        f"![{case.path.stem}](hard-cases/{case.path.stem}.png)\n"
    )


def _second_opinion(case: HardCase, picture: Picture) -> str:
    if case.language is not Language.SVG or not available():
        return ""
    with SvgCrossCheck() as check:
        share = check.disagreement(case.code, picture)
    if share is None or share < VISIBLY_OTHER:
        return ""
    return f"; resvg draws {share:.1%} differently, so a sample like it is `renderer_dependent`"


def _shown(picture: Picture) -> Image.Image:
    """The picture as the page shows it."""
    with Image.open(io.BytesIO(picture.png)) as image:
        shown = image.convert("RGB")
    if shown.width > WIDTH_PX:
        height_px = round(shown.height * WIDTH_PX / shown.width)
        shown = shown.resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS)
    return shown.quantize(COLORS)


if __name__ == "__main__":
    print(f"{draw(Path(sys.argv[1]))} hard cases in {sys.argv[1]}/hard-cases.md")
