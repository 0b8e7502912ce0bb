"""What all commands share: where they print, and options that several have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def require_page(file: str) -> None:
    """Stop before any work if the file of ``--html`` cannot be written; an empty name asks for none.

    Raises:
        ConfigError: it is a folder, or this user may not write there.
    """
    from records.errors import ConfigError
    from records.files import writable

    if not file:
        return
    if Path(file).is_dir():
        raise ConfigError(
            f"--html {file}: is a folder; give a file, such as {file.rstrip('/')}/page.html"
        )
    writable(str(Path(file).parent), "--html")


def require_writable(folder: str | Path) -> None:
    """Stop before any work if ``--out`` cannot be written.

    Raises:
        ConfigError: it cannot.
    """
    from records.files import writable

    writable(str(folder), "--out")
