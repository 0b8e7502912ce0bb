"""The shape of the house: every top-level package is ours, and imports point one way."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
FLOORS = (
    {"records"},
    {"sandbox", "sources", "corruptors", "endpoints"},
    {"renderers"},
    {"policies", "annotators", "quality"},
    {"train"},
    {"bench"},
    {"dags", "vermillion"},
)
ROOMS = sorted(set().union(*FLOORS))


def floor(room: str) -> int:
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def violations(room: str, code: str) -> set[str]:
    """Rooms that a file of ``room`` imports and must not."""
    return {
        other
        for other in imported(ast.parse(code)) & set(ROOMS)
        if other != room and floor(other) >= floor(room) and room not in FLOORS[-1]
    }


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "dags"])
def test_every_package_is_ours(room: str) -> None:
    # renderers, train and annotators are also names of packages that others publish.
    package = importlib.import_module(room)
    assert package.__file__ is not None
    assert Path(package.__file__).resolve().parent == HOUSE / room


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    wrong = {
        str(file.relative_to(HOUSE)): found
        for file in (HOUSE / room).rglob("*.py")
        if "data" not in file.relative_to(HOUSE).parts
        and (found := violations(room, file.read_text(encoding="utf-8")))
    }
    assert wrong == {}


def test_a_wrong_import_is_seen() -> None:
    assert violations("records", "from renderers.scene import Scene") == {"renderers"}
    assert violations("sources", "import corruptors.chart") == {"corruptors"}
    assert violations("quality", "from renderers.scene import Scene") == set()


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
