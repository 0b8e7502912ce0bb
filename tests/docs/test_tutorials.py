"""Every tutorial works: its blocks are run from the first to the last, in one empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
TUTORIALS = sorted((HOUSE / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)


def run(page: Path, folder: Path) -> str:
    """Run the blocks of a page; its whole output.

    Raises:
        AssertionError: a block failed.
    """
    commands = folder / ".bin"
    commands.mkdir()
    (commands / "vermillion").write_text(f'#!/bin/sh\nexec {sys.executable} -m vermillion "$@"\n')
    (commands / "vermillion").chmod(0o755)
    path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "PATH": path}
    output = ""
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        program = ["bash", "-euo", "pipefail", "-c"] if kind == "sh" else [sys.executable, "-c"]
        done = subprocess.run(
            [*program, text], cwd=folder, env=environment, capture_output=True, text=True
        )
        output += done.stdout
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stdout}{done.stderr}"
    return output


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_works(page: Path, tmp_path: Path) -> None:
    output = run(page, tmp_path)
    if page.stem == "first-dataset":
        assert "_error" in output  # labels were printed
    if page.stem == "add-a-source":
        assert "CC0-1.0" in output
    if page.stem == "add-a-policy":
        assert list(tmp_path.glob("data/datasets/traced/*/manifest.json"))


def test_a_wrong_block_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\nvermillion build missing.toml\n```\n")
    with pytest.raises(AssertionError, match=r"missing\.toml"):
        run(page, tmp_path)
