"""Every example of a docstring runs, in all rooms: a renamed function must not leave a wrong one."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest
from test_house import ROOMS

HOUSE = Path(__file__).parents[1]
WITH_EXAMPLES = [
    file.relative_to(HOUSE)
    for room in ROOMS
    for file in sorted((HOUSE / room).rglob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("file", WITH_EXAMPLES, ids=str)
def test_examples_are_true(file: Path) -> None:
    name = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    ran = doctest.testmod(importlib.import_module(name))
    assert not ran.failed
