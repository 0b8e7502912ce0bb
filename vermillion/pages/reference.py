"""Reference pages that are written from the code: command line, configuration, stages, rows.

``python -m vermillion.pages.reference docs/reference`` writes them; a test fails if a page no longer
says what the code says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main

from quality.format.schema import DESCRIPTIONS, SCHEMA
from records.config import BuildConfig
from records.stages import PULL, STAGES
from records.taxonomy import Modality, category_names

MADE = "<!-- Written by vermillion/pages/reference.py; run `make reference` after a change. -->\n\n"

KINDS = {int: "integer", float: "number", bool: "flag", Path: "path"}


def pages() -> dict[str, str]:
    """Every reference page: file name to Markdown."""
    return {
        "cli.md": MADE + command_line(),
        "configuration.md": MADE + configuration(),
        "stages.md": MADE + stages(),
        "rows.md": MADE + rows(),
    }


def command_line() -> str:
    """One section a command, with its arguments and options."""
    from vermillion.cli.main import app

    group = typer.main.get_command(app)
    lines = [
        "# Command line\n",
        "Errors are one line with the way out. Exit status: 2 for a wrong call or setting, 1 if rows "
        "failed, 0 otherwise. `--debug` before the command shows tracebacks.\n",
    ]
    lines += _commands(group, "vermillion")
    return "\n".join(lines)


def _commands(group: Any, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
            continue
        yield f"## `{path} {name}`\n"
        yield f"{command.help or ''}\n".replace("\n\n", "\n")
        yield "| argument or option | type | default | meaning |"
        yield "|---|---|---|---|"
        for parameter in command.params:
            if parameter.name == "help":
                continue
            names = (
                f"`{parameter.name.upper()}`"
                if parameter.param_type_name == "argument"
                else ", ".join(f"`{option}`" for option in parameter.opts)
            )
            default = parameter.default
            shown = "" if default in (None, False, "", ()) or callable(default) else f"`{default}`"
            kind = KINDS.get(parameter.type_descriptor.annotation, "text")
            yield f"| {names} | {kind} | {shown} | {_cell(getattr(parameter, 'help', '') or '')} |"
        yield ""


def configuration() -> str:
    """One table a section of the settings: key, type, default, meaning."""
    schema = BuildConfig.model_json_schema()
    lines = [
        "# Configuration\n",
        "A build is described by one TOML file, such as `configs/demo.toml`. `vermillion init` writes "
        "one with every setting as a comment. Unknown keys are errors.\n",
    ]
    lines += _section("", schema, schema)
    return "\n".join(lines)


def _section(path: str, part: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    yield f"## `[{path}]`\n" if path else "## Top level\n"
    if path and part.get("description"):
        yield " ".join(part["description"].split()) + "\n"
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    inner: list[tuple[str, Mapping[str, Any]]] = []
    for name, field in part.get("properties", {}).items():
        target = _referred(field, whole)
        table = _referred(field.get("additionalProperties", {}), whole)
        place = f"{path}.{name}" if path else name
        if "properties" in target:
            inner.append((place, target))
        elif isinstance(table, Mapping) and "properties" in table:
            inner.append((f"{place}.NAME", table))
        else:
            meaning = _cell(field.get("description", ""))
            yield f"| `{name}` | {_type(field, whole)} | {_default(field)} | {meaning} |"
    yield ""
    for place, target in inner:
        yield from _section(place, target, whole)


def _referred(field: Any, whole: Mapping[str, Any]) -> Any:
    if isinstance(field, Mapping) and "$ref" in field:
        return whole["$defs"][field["$ref"].rpartition("/")[2]]
    return field


def _type(field: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(choice, whole) for choice in field["anyOf"])
    target = _referred(field, whole)
    if "enum" in target:
        return ", ".join(f"`{value}`" for value in target["enum"])
    kind = str(target.get("type", "value"))
    if kind == "array":
        kind = f"list of {_type(target.get('items', {}), whole)}"
    limits = [
        f"{sign} {target[key]}"
        for key, sign in (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
        )
        if key in target
    ]
    names = {"object": "table", "null": "nothing", "number": "number", "string": "text"}
    return " ".join([names.get(kind, kind), ", ".join(limits)]).strip()


def _default(field: Mapping[str, Any]) -> str:
    if "default" not in field:
        return "required"
    default = field["default"]
    if default in ("", None, [], {}):
        return "empty"
    shown = json.dumps(default, ensure_ascii=False).replace("|", "\\|")
    return f"`{shown}`" if len(shown) < 90 else "see the code"


def stages() -> str:
    """The table of stages, and the categories of each modality."""
    lines = [
        "# Stages and categories\n",
        "Every stage reads the finished shards of its inputs and writes one shard, its rejects and its "
        "report; it does nothing if its result for the same input, settings and code is there.\n",
        "| stage | room | reads | most rows lost | pool | queue |",
        "|---|---|---|---|---|---|",
    ]
    for stage in (PULL, *STAGES):
        reads = ", ".join(stage.inputs) or "a snapshot"
        lines.append(
            f"| `{stage.name}` | `{stage.room}/` | {reads} | {stage.max_reject_share:.0%} "
            f"| {stage.needs or '-'} | {stage.queue} |"
        )
    lines += ["", "| modality | categories of discrepancies |", "|---|---|"]
    for modality in Modality:
        lines.append(f"| {modality} | {', '.join(f'`{n}`' for n in category_names(modality))} |")
    return "\n".join([*lines, ""])


def rows() -> str:
    """The data dictionary of a published dataset."""
    lines = [
        "# Published rows\n",
        "Parquet files under `<root>/datasets/<name>/<version>/{train,validation,test}/`. Trainers "
        "select columns; nothing is converted.\n",
        "| column | Arrow type | holds |",
        "|---|---|---|",
    ]
    for field in SCHEMA:
        kind = str(field.type).replace("|", "\\|")
        lines.append(f"| `{field.name}` | `{kind}` | {_cell(DESCRIPTIONS[field.name])} |")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    """A text as a cell of a table; between backticks Markdown shows characters as they are.

    >>> print(_cell("a <b> and `<image>` | more"))
    a &lt;b> and `<image>` \\| more
    """
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    return "`".join(part if at % 2 else part.replace("<", "&lt;") for at, part in enumerate(parts))


def main() -> None:
    """Write the pages into the folder that the first argument names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
