"""Commands on single programs: corrupt, render, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vermillion.cli.commands.shared import Json, out, require_page, require_writable

commands = typer.Typer()


@commands.command()
def corrupt(
    file: Annotated[Path, typer.Argument(help="A program: .py, .html, .md or .svg.")],
    list_: Annotated[
        bool, typer.Option("--list", help="List corruptions and whether they apply.")
    ] = False,
    name: Annotated[
        str, typer.Option(help="Corruption to apply; one that applies if not given.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Decides every random choice.")] = 0,
    json_: Json = False,
) -> None:
    """Apply one typed corruption to a program, or list what applies."""
    from vermillion.cli.programs import corrupt_file, list_corruptions

    if list_:
        list_corruptions(file, json_, out)
    else:
        corrupt_file(file, name, seed, json_, out)


@commands.command()
def render(
    files: Annotated[list[Path], typer.Argument(help="Programs: .py, .html, .md or .svg.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the pictures.")],
    json_: Json = False,
    timeout_s: Annotated[float, typer.Option(min=0.1, help="Seconds a program may take.")] = 20.0,
    html: Annotated[
        str, typer.Option(help="Also write one page with all pictures and programs to this file.")
    ] = "",
) -> None:
    """Draw programs in isolation; a line for each. Exit code 1 if any is not ok."""
    from vermillion.cli.programs import render_files

    require_writable(out_dir)
    require_page(html)
    if not render_files(files, out_dir, json_, timeout_s, html, out):
        raise typer.Exit(1)


@commands.command()
def compare(
    reference: Annotated[Path, typer.Argument(help="The program that is right.")],
    candidate: Annotated[Path, typer.Argument(help="The program that claims to draw the same.")],
    json_: Json = False,
    html: Annotated[
        str, typer.Option(help="Also write a page with pictures, boxes and labels to this file.")
    ] = "",
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="Also tell what each label stands for and by which rule, and what was seen and not reported.",
        ),
    ] = False,
) -> None:
    """Name every visible difference of two programs of one modality."""
    from vermillion.cli.programs import compare_files

    require_page(html)
    compare_files(reference, candidate, json_, html, why, out)
