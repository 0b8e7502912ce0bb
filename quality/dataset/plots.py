"""Draws the pictures of a dataset card: bar charts, and a sheet of example pairs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.patches
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from records.pairs import Row
from records.rows import Discrepancy

VERMILLION = "#e34234"
SEVERITY_COLORS = {1: "#f4b6a6", 2: VERMILLION, 3: "#8c1c13"}
_INK = "#2b2b2b"
_FAINT = "#8a8a8a"
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": "#bbbbbb",
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "vermillion",
}
_FIRST_CJK = "\u2e80"
_SEVERITY_WORDS = {1: "1 minor", 2: "2 medium", 3: "3 severe"}


def draw_categories(counts: Mapping[str, Any], path: Path) -> None:
    """Discrepancies of each category, a panel a modality, stacked by severity."""
    tasks = list(counts["categories"])
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.1 * max(1, len(tasks)), 2.9), dpi=120, layout="constrained")
        for at, task in enumerate(tasks):
            axes = figure.add_subplot(1, len(tasks), at + 1)
            names = list(counts["categories"][task])
            left = [0] * len(names)
            for severity in (1, 2, 3):
                width = [counts["categories"][task][name][str(severity)] for name in names]
                axes.barh(
                    range(len(names)),
                    width,
                    left=left,
                    height=0.62,
                    color=SEVERITY_COLORS[severity],
                    label=_SEVERITY_WORDS[severity],
                )
                left = [a + b for a, b in zip(left, width, strict=True)]
            for place, total in enumerate(left):
                axes.text(total, place, f" {total:,}", va="center", fontsize=8, color=_INK)
            axes.set_yticks(
                range(len(names)), [name.removesuffix("_error").replace("_", " ") for name in names]
            )
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.set_xlim(0, max(1, *left) * 1.18)
            axes.set_title(task, fontsize=11, fontweight="bold", loc="left")
            axes.set_xlabel("discrepancies")
            axes.tick_params(axis="y", length=0)
            axes.locator_params(axis="x", nbins=5, integer=True)
            if at == len(tasks) - 1:
                axes.legend(title="severity", frameon=False, fontsize=8, loc="lower right")
        _save(figure, path)


def draw_severities(counts: Mapping[str, Any], path: Path) -> None:
    """Draw severities of discrepancies (left) and discrepancies per pair (right)."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9.2, 2.9), dpi=120, layout="constrained")
        _severity_shares(figure.add_subplot(1, 2, 1), counts["categories"])
        _discrepancies_per_pair(
            figure.add_subplot(1, 2, 2),
            list(counts["categories"]),
            counts["discrepancies_per_pair"],
        )
        _save(figure, path)


def _severity_shares(axes: Any, categories: Mapping[str, Any]) -> None:
    """One bar a task, divided by the share of each severity."""
    tasks = list(categories)
    for at, task in enumerate(tasks):
        sums = {
            severity: sum(by[str(severity)] for by in categories[task].values())
            for severity in (1, 2, 3)
        }
        total = sum(sums.values()) or 1
        left = 0.0
        for severity, count in sums.items():
            share = 100 * count / total
            color = SEVERITY_COLORS[severity]
            axes.barh(at, share, left=left, height=0.62, color=color)
            if share >= 6:
                dark = severity != 1
                axes.text(
                    left + share / 2,
                    at,
                    f"{share:.0f} %",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else _INK,
                )
            left += share
    axes.set_yticks(range(len(tasks)), tasks)
    axes.set_ylim(len(tasks) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of discrepancies, %")
    axes.tick_params(axis="y", length=0)
    axes.set_title("Severity", fontsize=11, fontweight="bold", loc="left")
    handles = [
        matplotlib.patches.Patch(color=SEVERITY_COLORS[severity], label=word)
        for severity, word in _SEVERITY_WORDS.items()
    ]
    axes.legend(
        handles=handles,
        frameon=False,
        fontsize=8,
        ncols=3,
        loc="lower right",
        bbox_to_anchor=(1, 1),
    )


def _discrepancies_per_pair(axes: Any, tasks: list[str], counted: Mapping[str, Any]) -> None:
    """For each number of discrepancies, how many pairs of each task have it."""
    shades = dict(zip(tasks, (VERMILLION, "#4a6fa5", "#6b9080"), strict=False))
    most = 8
    width = 0.8 / max(1, len(tasks))
    for at, task in enumerate(tasks):
        rows = [0] * (most + 1)
        for number, count in counted.get(task, {}).items():
            rows[min(most, int(number))] += count
        places = [x + (at - (len(tasks) - 1) / 2) * width for x in range(most + 1)]
        axes.bar(places, rows, width=width, color=shades[task], label=task)
    axes.set_xticks(range(most + 1), [*map(str, range(most)), f"{most}+"])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel("discrepancies of a pair")
    axes.set_ylabel("pairs")
    axes.locator_params(axis="y", nbins=5, integer=True)
    axes.legend(frameon=False, fontsize=8)
    axes.set_title("Discrepancies a pair", fontsize=11, fontweight="bold", loc="left")


def draw_rejects(rejects: Mapping[str, Mapping[str, int]], path: Path, most: int = 16) -> None:
    """Lost rows by stage and reason, the commonest first."""
    lines = sorted(
        ((count, stage, reason) for stage, by in rejects.items() for reason, count in by.items()),
        key=lambda line: (-line[0], line[1:]),
    )
    rest = sum(count for count, _, _ in lines[most:])
    names = [f"{stage}: {reason.replace('_', ' ')}" for _, stage, reason in lines[:most]]
    values = [count for count, _, _ in lines[:most]]
    if rest:
        names.append(f"{len(lines) - most} other reasons")
        values.append(rest)
    with matplotlib.rc_context(STYLE):
        height = 0.9 + 0.26 * max(2, len(names))
        figure = Figure(figsize=(7.4, height), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        axes.barh(range(len(names)), values, height=0.66, color=VERMILLION)
        for place, value in enumerate(values):
            axes.text(value, place, f" {value:,}", va="center", fontsize=8)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(max(1, len(names)) - 0.4, -0.6)
        axes.set_xlim(0, max([1, *values]) * 1.12)
        axes.locator_params(axis="x", nbins=6, integer=True)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("rows lost")
        if not names:
            axes.text(
                0.5, 0.5, "no row was lost", transform=axes.transAxes, ha="center", color=_FAINT
            )
            axes.set_yticks([])
        _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    # Without the library's version, the file depends only on what is drawn.
    FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


SHEET_PX = 1320
_PICTURE_PX = (440, 330)
_GAP = 18


def draw_examples(rows: Sequence[Row], path: Path) -> None:
    """A sheet of pairs: reference, candidate with numbered boxes, and what is wrong in words."""
    strips = [_strip(row) for row in rows]
    height = sum(strip.height for strip in strips) + _GAP
    sheet = Image.new("RGB", (SHEET_PX, max(height, 2 * _GAP)), "white")
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    sheet.save(path, "PNG", optimize=True)


def _strip(row: Row) -> Image.Image:
    pictures = [Image.open(io.BytesIO(image.bytes)).convert("RGB") for image in row.images]
    scale = min(
        _PICTURE_PX[0] / max(picture.width for picture in pictures),
        _PICTURE_PX[1] / max(picture.height for picture in pictures),
        1.6,
    )
    shown = [
        picture.resize(
            (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))),
            Image.Resampling.LANCZOS,
        )
        for picture in pictures
    ]
    words_left = 2 * (_PICTURE_PX[0] + _GAP) + _GAP
    lines = _label_lines(row, SHEET_PX - words_left - _GAP)
    body = max(*(picture.height for picture in shown), 19 * len(lines) + 6)
    strip = Image.new("RGB", (SHEET_PX, body + 72), "white")
    draw = ImageDraw.Draw(strip)
    draw.line((_GAP, 6, SHEET_PX - _GAP, 6), fill="#dddddd")
    draw.text((_GAP, 14), row.task, font=_font(15, bold=True), fill=VERMILLION)
    how = ", ".join(row.corruptions) or row.policy
    draw.text(
        (_GAP + 62, 16),
        f"{row.origin}" + (f": {how}" if how else ""),
        font=_font(13),
        fill=_FAINT,
    )
    for at, (picture, word) in enumerate(zip(shown, ("reference", "candidate"), strict=True)):
        left, top = _GAP + at * (_PICTURE_PX[0] + _GAP), 54
        strip.paste(picture, (left, top))
        draw.rectangle(
            (left - 1, top - 1, left + picture.width, top + picture.height), outline="#cccccc"
        )
        draw.text((left, 38), word, font=_font(11), fill=_FAINT)
        for number, found in enumerate(row.discrepancies, 1):
            if found.box is not None and _fits(found.box, pictures) == at:
                _box(draw, found, number, (left, top), scale)
    y = 52
    for line in lines:
        draw.text((words_left, y), line[0], font=_font(13, line[1], line[0]), fill=line[2])
        y += 19
    return strip


def _fits(box: Sequence[float], pictures: Sequence[Image.Image]) -> int:
    """1 if a box lies in the candidate, 0 if it fits only the reference."""
    candidate = pictures[1]
    return int(box[2] <= candidate.width + 1 and box[3] <= candidate.height + 1)


def _box(
    draw: ImageDraw.ImageDraw,
    found: Discrepancy,
    number: int,
    origin: tuple[int, int],
    scale: float,
) -> None:
    left, top, right, bottom = found.box or (0, 0, 0, 0)
    color = SEVERITY_COLORS[found.severity]
    x0, y0 = origin[0] + left * scale - 2, origin[1] + top * scale - 2
    x1, y1 = origin[0] + right * scale + 2, origin[1] + bottom * scale + 2
    draw.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=color, width=2)
    font = _font(11, bold=True)
    width = draw.textlength(str(number), font=font) + 7
    y = max(origin[1], y0 - 15)
    draw.rectangle((x0, y, x0 + width, y + 15), fill=color)
    fill = _INK if found.severity == 1 else "white"
    draw.text((x0 + 4, y + 1), str(number), font=font, fill=fill)


def _label_lines(row: Row, width_px: int) -> list[tuple[str, bool, str]]:
    if not row.discrepancies:
        return [("no visible difference", True, _FAINT)]
    lines: list[tuple[str, bool, str]] = []
    for number, found in enumerate(row.discrepancies[:6], 1):
        head = f"{number}  {found.category}, severity {found.severity}"
        lines.append((head, True, "#8c1c13" if found.severity == 3 else _INK))
        text = f"{found.location}: {found.description}"
        lines += [(line, False, _INK) for line in _wrapped(text, width_px)[:4]]
        lines.append(("", False, _INK))
    if (more := len(row.discrepancies) - 6) > 0:
        lines.append((f"and {more} more", False, _FAINT))
    return lines


def _wrapped(text: str, width_px: int) -> list[str]:
    font = _font(13, text=text)
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width_px:
            line = longer
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > width_px:
            fits = next(n for n in range(len(word), 0, -1) if font.getlength(word[:n]) <= width_px)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines


def _font(size: int, bold: bool = False, text: str = "") -> ImageFont.FreeTypeFont:
    """The font of a text, with Chinese, Japanese and Korean characters if the text contains some."""
    if any(character >= _FIRST_CJK for character in text):
        try:
            asked = font_manager.FontProperties(
                family="Noto Sans CJK SC", weight="bold" if bold else 400
            )
            found = font_manager.findfont(asked, fallback_to_default=False)
            return ImageFont.truetype(found, size)
        except ValueError:  # not installed
            pass
    # matplotlib includes fonts, so the sheet looks the same on every machine.
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size)
