"""The command `vermillion`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from records.errors import ConfigError, PipelineError, refused_by_system
from vermillion.cli.commands import benches, builds, datasets, models, programs
from vermillion.cli.commands.shared import err, out

app = typer.Typer(
    name="vermillion",
    help="An open data engine for visual reward models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (builds, programs, datasets, models, benches):
    app.add_typer(group.commands)


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"vermillion {version('vermillion')}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version_: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """Options before the command."""
    try:
        Path.home()
    except RuntimeError as error:  # As in a container that runs under any user's number.
        raise ConfigError(
            "the system knows no home folder of this user, and libraries keep files there: set HOME "
            "to a folder"
        ) from error


def main() -> None:
    """Run the command; errors are one clear line, a traceback only with ``--debug``."""
    try:
        app()
    except PipelineError as error:
        if "--debug" in sys.argv:
            raise
        err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except OSError as error:
        # A full disk, a closed folder: the file's name says more than where our code stood.
        if "--debug" in sys.argv or error.errno is None:
            raise
        said = f"error: {refused_by_system(error)}"
        err.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
