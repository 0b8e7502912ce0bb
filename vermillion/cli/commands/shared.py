"""What all commands share: where they print, and options that several have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def require_writable(folder: str | Path) -> None:
    """Stop before any work if ``--out`` cannot be written.

    Raises:
        ConfigError: it cannot.
    """
    from records.files import writable

    writable(str(folder), "--out")
