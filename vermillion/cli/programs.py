"""Commands on single programs: corrupt, render, compare."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from annotators.structural import Comparison, compare
from annotators.structural.why import asked, why_lines
from corruptors.corruption import Corruption
from corruptors.registry import applicable, by_name, corruptions
from quality.read.pages import fill_template, picture_values, shown_pair
from records.errors import CodeParseError, ConfigError, RenderError
from records.files import write_text
from records.rows import Discrepancy
from records.taxonomy import Language
from renderers.contract import Picture, Render, Renderer
from renderers.registry import close_held, held_renderer
from renderers.scene import Scene
from sandbox.status import Limits, RenderStatus


class NotText(ConfigError):
    """A file of programs holds bytes that no program is made of."""


def read_program(file: Path) -> tuple[str, Language]:
    """Text and language of a program file.

    Raises:
        ConfigError: no such file, or no language ends so.
        NotText: it is not UTF-8.
    """
    language = Language.of_suffix(file.suffix)
    if language is None:
        raise ConfigError(
            f"{file}: no program ends in {file.suffix!r}; give .py, .html, .md or .svg"
        )
    try:
        # Python runs a script with a byte order mark, and browsers show such a page.
        return file.read_text(encoding="utf-8-sig"), language
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise NotText(f"{file}: not UTF-8 ({error.reason} at byte {error.start})") from error


def list_corruptions(file: Path, as_json: bool, out: Console) -> None:
    """Every corruption of the file's modality, and whether it applies."""
    code, language = read_program(file)
    fits = {corruption.name for corruption in _applicable(file, code, language)}
    rows = [
        {"name": c.name, "category": str(c.category), "applies": c.name in fits}
        for c in corruptions(language.modality)
    ]
    if as_json:
        out.print_json(json.dumps(rows))
        return
    table = Table("corruption", "category", "applies", box=None)
    for row in sorted(rows, key=lambda row: (not row["applies"], row["category"], row["name"])):
        table.add_row(str(row["name"]), str(row["category"]), "yes" if row["applies"] else "-")
    out.print(table)


def corrupt_file(file: Path, name: str, seed: int, as_json: bool, out: Console) -> None:
    """Apply one corruption and print the corrupted program, or its difference on a terminal."""
    code, language = read_program(file)
    if name:
        corruption = by_name(name, language.modality)
    else:
        fits = _applicable(file, code, language)
        if not fits:
            raise ConfigError(f"{file}: no corruption applies")
        corruption = Random(seed).choice(fits)
    try:
        made = corruption(code, seed)
    except CodeParseError as error:
        raise ConfigError(f"{file}: {error}") from error
    if made is None:
        raise ConfigError(f"{corruption.name} does not apply to {file}; see --list")
    wrong, mutation = made
    if as_json:
        answer = {
            "name": corruption.name,
            "category": str(corruption.category),
            "seed": seed,
            "location": mutation.location,
            "description": mutation.description,
            "edits": [{"start": e.start, "end": e.end, "new": e.new} for e in mutation.edits],
            "code": wrong,
        }
        out.print_json(json.dumps(answer))
    elif out.is_terminal:
        lines = difflib.unified_diff(
            code.splitlines(), wrong.splitlines(), str(file), corruption.name, lineterm=""
        )
        out.print(Syntax("\n".join(lines), "diff", background_color="default"))
        out.print(
            f"{corruption.category}: {mutation.location}: {mutation.description}", markup=False
        )
    else:
        print(wrong, end="")


def render_files(
    files: list[Path], out_dir: Path, as_json: bool, timeout_s: float, html: str, out: Console
) -> bool:
    """Draw every file; True if all are ok. One that is not text crashes, as it does in Python.

    Args:
        files: The programs.
        out_dir: Folder for the pictures.
        as_json: Print a line of JSON a file.
        timeout_s: Seconds that one program may take.
        html: File for a page with all pictures and programs; none if empty.
        out: Where to print.

    Raises:
        ConfigError: files cannot be read (all are named), or two would write the same picture.
    """
    programs: list[tuple[Path, str, Language | None]] = []
    unread: list[str] = []
    for file in files:
        try:
            programs.append((file, *read_program(file)))
        except NotText as error:
            programs.append((file, str(error), None))
        except ConfigError as error:
            unread.append(str(error))
    if unread:
        raise ConfigError("; ".join(unread))
    targets = _targets(files, out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    all_ok = True
    drawn: list[dict[str, Any]] = []
    try:
        for file, code, language in programs:
            if language is None:
                made = Render(RenderStatus.CODE_CRASHED, "", detail=code)
            else:
                renderer = held_renderer(language.modality, Limits(timeout_s=timeout_s))
                made = renderer.render(code, language)
            all_ok &= made.picture is not None
            png = targets[file] if made.picture else None
            if png and made.picture:
                png.write_bytes(made.picture.png)
            _say(file, png, made, as_json, out)
            if html:
                drawn.append(_on_page(file, code, made))
    finally:
        close_held()
    if html:
        _save(html, fill_template("render.html.j2", drawn=drawn), as_json, out)
    return all_ok


def compare_files(
    reference: Path, candidate: Path, as_json: bool, html: str, why: bool, out: Console
) -> None:
    """Print what differs between the pictures of two programs; write a page too, if asked for one.

    Args:
        reference: The program that is right.
        candidate: The program that claims to draw the same.
        as_json: Print JSON.
        html: File for a page; none if empty.
        why: Also tell what each label stands for, and what was seen and not reported.
        out: Where to print.
    """
    first, second = read_program(reference), read_program(candidate)
    if first[1].modality is not second[1].modality:
        raise ConfigError(
            f"{reference} ({first[1].modality}) and {candidate} ({second[1].modality}): "
            "give two programs of one modality"
        )
    try:
        renderer = held_renderer(first[1].modality, Limits())
        drawn = [
            _drawn(renderer, file, *program)
            for file, program in ((reference, first), (candidate, second))
        ]
        with asked() as notes:
            comparison = compare(*drawn)
    finally:
        close_held()
    forest = notes.forest(comparison.discrepancies)
    if html:
        page = _compared((reference, candidate), (first[0], second[0]), drawn, comparison)
        _save(html, page, as_json, out)
    if as_json:
        answer: dict[str, Any] = {
            "discrepancies": [found.model_dump() for found in comparison.discrepancies],
            "changed_fraction": comparison.changed_fraction,
        }
        if why:
            answer["why"] = forest
        out.print_json(json.dumps(answer))
        return
    out.print(discrepancy_table(comparison.discrepancies))
    count = len(comparison.discrepancies)
    out.print(
        f"{count} {'discrepancy' if count == 1 else 'discrepancies'}, "
        f"{comparison.changed_fraction:.2%} of pixels changed"
    )
    if why:
        for line in why_lines(comparison.discrepancies, forest):
            out.print(line, highlight=False, soft_wrap=True, markup=False)


def _compared(
    files: tuple[Path, Path],
    codes: tuple[str, str],
    drawn: list[tuple[Picture, Scene]],
    comparison: Comparison,
) -> str:
    """The page of a comparison: both pictures with boxes, the labels, the edit."""
    names = [str(file) for file in files]
    pictures = [picture for picture, _ in drawn]
    edit = difflib.unified_diff(
        codes[0].splitlines(), codes[1].splitlines(), names[0], names[1], lineterm="", n=2
    )
    return fill_template(
        "compare.html.j2",
        names=names,
        pictures=shown_pair(
            names,
            [picture.png for picture in pictures],
            [(picture.width_px, picture.height_px) for picture in pictures],
            comparison.discrepancies,
        ),
        labels=comparison.discrepancies,
        changed_fraction=comparison.changed_fraction,
        edit=list(edit),
    )


def _on_page(file: Path, code: str, made: Render) -> dict[str, Any]:
    """What the page of `render` shows of one program."""
    picture = made.picture
    return {
        "name": str(file),
        "status": made.status.value,
        "detail": f"{picture.width_px} x {picture.height_px} px, {made.seconds:.2f} s"
        if picture
        else made.detail.strip()[-2000:],
        "picture": picture_values("picture", picture.png, (picture.width_px, picture.height_px))
        if picture
        else None,
        "code": code,
    }


def _save(html: str, page: str, as_json: bool, out: Console) -> None:
    write_text(html, page)
    if not as_json:
        out.print(html, highlight=False, soft_wrap=True, markup=False)


def discrepancy_table(found: tuple[Discrepancy, ...]) -> Table:
    """Discrepancies as a table for a terminal."""
    table = Table("category", "severity", "location", "description", box=None)
    for one in found:
        table.add_row(
            one.category, str(one.severity), escape(one.location), escape(one.description)
        )
    return table


def _drawn(renderer: Renderer, file: Path, code: str, language: Language) -> tuple[Picture, Scene]:
    try:
        return renderer.render(code, language).drawn()
    except RenderError as error:
        raise RenderError(f"{file} does not render: {error.reason}", error.detail) from error


def _targets(files: list[Path], out_dir: Path) -> dict[Path, Path]:
    """One picture a file; equal stems keep their suffix in the name."""
    targets: dict[Path, Path] = {}
    stems = [file.stem for file in files]
    for file in dict.fromkeys(files):
        name = file.stem if stems.count(file.stem) == 1 else file.name
        targets[file] = out_dir / f"{name}.png"
    if len(set(targets.values())) < len(targets):
        raise ConfigError(
            "two files have the same name and would write the same picture; render them apart"
        )
    return targets


def _say(file: Path, png: Path | None, made: Render, as_json: bool, out: Console) -> None:
    answer = {
        "file": str(file),
        "status": made.status.value,
        "png": str(png) if png else None,
        "width_px": made.picture.width_px if made.picture else None,
        "height_px": made.picture.height_px if made.picture else None,
        "pixel_hash": made.picture.pixel_hash if made.picture else None,
        "seconds": round(made.seconds, 4),
        "detail": made.detail,
    }
    if as_json:
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    else:
        size = (
            f"{answer['width_px']} x {answer['height_px']}" if png else made.detail.strip()[-300:]
        )
        out.print(
            f"{made.status.value:<18} {file}  {size}", markup=False, highlight=False, soft_wrap=True
        )


def _applicable(file: Path, code: str, language: Language) -> list[Corruption[Any]]:
    try:
        return list(applicable(code, language))
    except CodeParseError as error:
        raise ConfigError(f"{file}: {error}") from error
