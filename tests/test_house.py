"""The shape of the house: every top-level package is ours, imports point one way, in no circle."""

from __future__ import annotations

import ast
import importlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
ROOMS = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["root_packages"]


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_every_package_is_ours(room: str) -> None:
    # renderers, train and annotators are also names of packages that others publish.
    package = importlib.import_module(room)
    assert package.__file__ is not None
    assert Path(package.__file__).resolve().parent == HOUSE / room


def lint_imports(folder: Path) -> str:
    """What import-linter says of the packages of a folder; empty where all contracts are kept."""
    command = [
        sys.executable,
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run(
        [*command, "--no-cache", "pyproject.toml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_imports_point_one_way_and_in_no_circle() -> None:
    """The contracts stand in `pyproject.toml`; run ``lint-imports`` to see what breaks them."""
    assert lint_imports(HOUSE) == ""


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        (
            "records/wrong.py",
            "import renderers.scene",
            "records is not allowed to import renderers",
        ),
        ("quality/wrong.py", "import policies", "quality is not allowed to import policies"),
        ("train/one.py", "import train.two", "No cycles are allowed in train"),
        ("bench/right.py", "import train.two", ""),
    ],
)
def test_a_wrong_import_and_a_circle_are_seen(
    tmp_path: Path, file: str, code: str, said: str
) -> None:
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "renderers" / "scene.py").touch()
    (tmp_path / "train" / "two.py").write_text("import train.one\n" if "one" in file else "")
    (tmp_path / file).write_text(f"{code}\n")
    found = lint_imports(tmp_path)
    assert (said in found) if said else found == ""


def test_no_room_for_leftovers() -> None:
    names = {path.name for path in HOUSE.iterdir() if path.is_dir()}
    assert not names & {"utils", "common", "base", "helpers", "misc"}


def test_dags_import_nothing_heavy_at_parse_time() -> None:
    heavy = {
        "great_expectations",
        "matplotlib",
        "pandas",
        "playwright",
        "torch",
        "pyarrow",
        "cairosvg",
    }
    files = sorted((HOUSE / "dags").glob("*.py"))
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        top = ast.Module(
            [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], []
        )
        assert not imported(top) & heavy, file.name


LONGEST_FUNCTION = 60
"""Code lines: without docstring, comments and blank lines."""

LONG_FUNCTIONS = {
    "dags/build_pairs.py:build_pairs": "the tasks of a DAG are declared inside its function",
    "dags/train_visual_erm.py:train_visual_erm": "the tasks of a DAG are declared inside its function",
    "vermillion/cli/commands/models.py:audit": "most of it is the declaration of its options, one place for --help",
    "train/rehearsal/tiny.py:write_tiny": "one literal configuration of a model, read as a whole",
}
"""Functions that are longer, with the reason; a new one is split, and one that was split goes from here."""


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    body = function.body
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = range(body[0].lineno, (body[0].end_lineno or 0) + 1) if documented else range(0)
    return sum(
        bool(text := lines[number - 1].strip()) and text[0] != "#" and number not in docstring
        for number in range(function.lineno, (function.end_lineno or 0) + 1)
    )


def long_functions(folder: Path, rooms: list[str]) -> set[str]:
    """`file:function` of every function of the rooms that is too long."""
    found = set()
    for file in [path for room in rooms for path in sorted((folder / room).rglob("*.py"))]:
        name = file.relative_to(folder).as_posix()
        if "bundled/data" in name:
            continue
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and code_lines(node, text.splitlines()) > LONGEST_FUNCTION
            ):
                found.add(f"{name}:{node.name}")
    return found


def test_no_function_is_too_long() -> None:
    found = long_functions(HOUSE, [*ROOMS, "dags"])
    assert found - LONG_FUNCTIONS.keys() == set(), "split these functions"
    assert LONG_FUNCTIONS.keys() - found == set(), "these are short or gone: take them off the list"


def test_a_long_function_is_seen(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    body = '    """Says\n\n    it."""\n    # why\n\n' + "    a = 1\n" * LONGEST_FUNCTION
    (tmp_path / "room" / "one.py").write_text(
        f"def long():\n{body}\n\ndef short():\n{body.removesuffix('    a = 1' + chr(10))}"
    )
    assert long_functions(tmp_path, ["room"]) == {"room/one.py:long"}


LONGEST_MODULE = 400
"""Lines of a file, all of them."""

LONG_MODULES: dict[str, str] = {}
"""Modules that are longer, with the reason; a new one is split, and one that was split goes from here."""


def long_modules(folder: Path, rooms: list[str]) -> set[str]:
    """Files of the rooms that are too long."""
    files = [path for room in rooms for path in sorted((folder / room).rglob("*.py"))]
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {
        name
        for name, path in names.items()
        if "bundled/data" not in name
        and len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_MODULE
    }


def test_no_module_is_too_long() -> None:
    found = long_modules(HOUSE, [*ROOMS, "dags"])
    assert found - LONG_MODULES.keys() == set(), "split these modules"
    assert LONG_MODULES.keys() - found == set(), "these are short or gone: take them off the list"


def test_a_long_module_is_seen(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "one.py").write_text("a = 1\n" * LONGEST_MODULE)
    (tmp_path / "room" / "two.py").write_text("a = 1\n" * (LONGEST_MODULE + 1))
    assert long_modules(tmp_path, ["room"]) == {"room/two.py"}
