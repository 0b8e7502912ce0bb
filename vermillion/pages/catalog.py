"""The catalog in docs/gallery: a page for each corruption, with its sentence, its difference and
its two pictures. ``python -m vermillion.pages.catalog docs/gallery`` draws it; the tests tell when a page
no longer says what the code says.
"""

from __future__ import annotations

import difflib
import inspect
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from annotators.structural import Comparison, compare
from corruptors.corruption import Corruption
from corruptors.registry import corruptions
from records.rows import Sample
from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.registry import close_held, held_renderer
from sources import bundled

SEEDS = range(4)
WIDTH_PX = 360
VERMILLION = "#e34234"


def page(corruption: Corruption[Any], sample: Sample, seed: int) -> str:
    """Markdown of one corruption as it shows on one bundled sample.

    Raises:
        ValueError: it does not apply there.
    """
    made = corruption(sample.code, seed)
    if made is None:
        raise ValueError(f"{corruption.name} does not apply to {sample.upstream_id}")
    wrong, mutation = made
    lines = difflib.unified_diff(
        sample.code.splitlines(), wrong.splitlines(), "reference", "candidate", lineterm="", n=1
    )
    shown = "\n".join(line if len(line) < 160 else line[:157] + "..." for line in lines)
    fence = "`" * (3 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return (
        f"# {corruption.name}\n\n{sentence(corruption)}\n\n"
        f"{sample.modality}, `{corruption.category}`; here on `{sample.upstream_id}`, seed {seed}: "
        f"{mutation.location}: {mutation.description}\n\n"
        f"![reference and candidate]({corruption.name}.webp)\n\n"
        f"{fence}diff\n{shown}\n{fence}\n"
    )


def sentence(corruption: Corruption[Any]) -> str:
    """What one sees: the first paragraph of the docstring."""
    return " ".join(inspect.cleandoc(corruption.__doc__ or "").split("\n\n")[0].split())


def index() -> str:
    """Markdown of the list of all corruptions."""
    parts = ["# Corruptions\n"]
    for modality in Modality:
        family = corruptions(modality)
        parts.append(
            f"\n## {modality} ({len(family)})\n\n| corruption | category | what one sees |\n|---|---|---|\n"
        )
        parts += [
            f"| [{c.name}]({modality}/{c.name}.md) | {c.category} | {sentence(c)} |\n"
            for c in sorted(family, key=lambda c: (str(c.category), c.name))
        ]
    return "".join(parts)


def page_origin(text: str) -> tuple[str, int]:
    """Upstream id and seed that a page was drawn from.

    Raises:
        ValueError: the page does not say.
    """
    found = re.search(r"here on `([^`]+)`, seed (\d+):", text)
    if found is None:
        raise ValueError("no sample and seed in the page")
    return found[1], int(found[2])


def draw(folder: Path) -> int:
    """Write every page and picture; returns how many."""
    pages = 0
    try:
        for modality in Modality:
            target = folder / modality
            target.mkdir(parents=True, exist_ok=True)
            samples = bundled.samples(modality)
            kept = set()
            for corruption in corruptions(modality):
                text, picture = _best(corruption, samples)
                (target / f"{corruption.name}.md").write_text(text, encoding="utf-8")
                picture.save(target / f"{corruption.name}.webp", quality=70, method=6)
                kept |= {f"{corruption.name}.md", f"{corruption.name}.webp"}
                pages += 1
            for stale in {file.name for file in target.iterdir()} - kept:
                (target / stale).unlink()
    finally:
        close_held()
    (folder / "README.md").write_text(index(), encoding="utf-8")
    return pages


def _best(corruption: Corruption[Any], samples: Sequence[Sample]) -> tuple[str, Image.Image]:
    """The first bundled sample on which the corruption shows and is named as it was meant."""
    second: tuple[str, Image.Image] | None = None
    for sample, seed, wrong in _tries(corruption, samples):
        renderer = held_renderer(sample.modality)
        reference = renderer.render(sample.code, sample.language).drawn()
        candidate = renderer.render(wrong, sample.language)
        if candidate.picture is None or candidate.scene is None:
            continue
        seen = compare(reference, (candidate.picture, candidate.scene))
        if not seen.pixels.changed.any():
            continue
        shown = (
            page(corruption, sample, seed),
            _side_by_side(reference[0], candidate.picture, seen),
        )
        if any(found.category == str(corruption.category) for found in seen.discrepancies):
            return shown
        second = second or shown
    if second is None:
        raise ValueError(f"{corruption.name} shows on no bundled sample; add one it applies to")
    return second


def _tries(
    corruption: Corruption[Any], samples: Sequence[Sample]
) -> Iterator[tuple[Sample, int, str]]:
    for seed in SEEDS:
        for sample in samples:
            made = corruption(sample.code, seed)
            if made is not None:
                yield sample, seed, made[0]


def _side_by_side(reference: Picture, candidate: Picture, seen: Comparison) -> Image.Image:
    """Reference, then candidate with a box around each discrepancy."""
    left, right = (Image.open(io.BytesIO(p.png)).convert("RGB") for p in (reference, candidate))
    scale = min(1.0, WIDTH_PX / max(left.width, right.width))
    pictures = [
        image.resize(
            (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
            Image.Resampling.LANCZOS,
        )
        for image in (left, right)
    ]
    pen = ImageDraw.Draw(pictures[1])
    for found in seen.discrepancies:
        if found.box is not None:
            pen.rectangle([value * scale for value in found.box], outline=VERMILLION, width=2)
    height = max(image.height for image in pictures)
    sheet = Image.new("RGB", (sum(image.width for image in pictures) + 12, height), "#d9d9d9")
    sheet.paste(pictures[0], (0, 0))
    sheet.paste(pictures[1], (pictures[0].width + 12, 0))
    return sheet


if __name__ == "__main__":
    print(f"{draw(Path(sys.argv[1]))} pages in {sys.argv[1]}")
