"""Every tutorial works: its blocks are run from the first to the last, in one empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hub_here import served_hub

HOUSE = Path(__file__).parents[2]
TUTORIALS = sorted((HOUSE / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)


def run(page: Path, folder: Path, **more: str) -> str:
    """Run the blocks of a page, with more environment variables; its whole output.

    Raises:
        AssertionError: a block failed.
    """
    commands = folder / ".bin"
    commands.mkdir()
    (commands / "vermillion").write_text(f'#!/bin/sh\nexec {sys.executable} -m vermillion "$@"\n')
    (commands / "vermillion").chmod(0o755)
    path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "PATH": path, **more}
    output = ""
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        program = ["bash", "-euo", "pipefail", "-c"] if kind == "sh" else [sys.executable, "-c"]
        done = subprocess.run(
            [*program, text], cwd=folder, env=environment, capture_output=True, text=True
        )
        output += done.stdout
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stdout}{done.stderr}"
    return output


OUTPUT = {
    "first-dataset": "_error",  # labels were printed
    "add-a-source": "CC0-1.0",
    "read-the-gallery": "named by structural",
    "exact-reward": "[2.0, 1.",
}
"""Words that the output of a page holds."""


@pytest.mark.parametrize(
    "page", [page for page in TUTORIALS if page.stem != "publish-to-the-hub"], ids=lambda p: p.stem
)
def test_a_tutorial_works(page: Path, tmp_path: Path) -> None:
    output = run(page, tmp_path)
    assert OUTPUT.get(page.stem, "") in output
    if page.stem == "add-a-policy":
        assert list(tmp_path.glob("data/datasets/traced/*/manifest.json"))
        assert list(tmp_path.glob("data/datasets/asked/*/manifest.json"))


def test_the_tutorial_of_the_hub_works(tmp_path: Path) -> None:
    [page] = [page for page in TUTORIALS if page.stem == "publish-to-the-hub"]
    with served_hub() as (hub, address):
        output = run(
            page,
            tmp_path,
            HF_ENDPOINT=address,
            HF_TOKEN="hf_of_a_test",
            HF_HUB_DISABLE_XET="1",
            HF_HUB_OFFLINE="0",
            NO_PROXY="127.0.0.1",
        )
        first, last = hub.commits
    assert "lab/pairs: pushed" in output and "lab/pairs: is there already" in output
    assert any(name.startswith("train/") for name in first) and list(last) == ["manifest.json"]


def test_a_wrong_block_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\nvermillion build missing.toml\n```\n")
    with pytest.raises(AssertionError, match=r"missing\.toml"):
        run(page, tmp_path)
