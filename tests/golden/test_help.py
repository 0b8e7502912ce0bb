"""What `--help` says of every command, at a fixed width."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
import typer
from golden.recorded import FILES, check, difference
from typer.main import get_command
from typer.testing import CliRunner

from vermillion.cli.main import app

NAME = "help.txt"
WIDTH = 100


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Words of every command and group, the program itself first."""
    yield path
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from commands(inner, (*path, name))


def helped(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> str:
    """All help texts, one after the other, without colors and trailing blanks."""
    from typer import rich_utils

    monkeypatch.setattr(rich_utils, "MAX_WIDTH", WIDTH)
    monkeypatch.setattr(rich_utils, "FORCE_TERMINAL", False)
    monkeypatch.setattr(rich_utils, "COLOR_SYSTEM", None)
    parts = []
    for words in commands(get_command(app)):
        env = {"COLUMNS": str(WIDTH), "NO_COLOR": "1", "TERM": "dumb"}
        done = CliRunner().invoke(app, [*words, "--help"], env=env, terminal_width=WIDTH)
        assert done.exit_code == 0, done.output
        parts.append(f"$ vermillion {' '.join((*words, '--help'))}\n{done.output}")
    return "\n".join(line.rstrip() for line in "\n".join(parts).splitlines()) + "\n"


def test_help_is_the_one_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    check(NAME, helped(app, monkeypatch))


def test_a_planted_option_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    other = typer.Typer(
        name="vermillion", help=app.info.help, context_settings=app.info.context_settings
    )
    other.registered_callback = app.registered_callback
    other.registered_groups = app.registered_groups
    other.registered_commands = list(app.registered_commands)

    @other.command("verify-all")
    def verify_all(gently: bool = False) -> None:
        """Verify everything."""

    before = (FILES / NAME).read_text(encoding="utf-8")
    seen = difference(before, helped(other, monkeypatch))
    assert "verify-all" in seen
    assert "--gently" in seen
