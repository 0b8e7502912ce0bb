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
    for file in (HOUSE / "dags").glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        top = ast.Module(
            [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], []
        )
        assert not imported(top) & heavy, file.name
