"""The environments of other trainers hold what our code imports there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def test_what_rewards_need_is_pinned_as_ours_is() -> None:
    """A trainer's environment draws under our versions, or its pictures are others."""
    names = [
        re.split(r"[\[\s]", line)[0]
        for line in (HOUSE / "requirements-rewards.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    ours = (HOUSE / "pyproject.toml").read_text()
    pins = dict(
        line.lower().split("==")
        for line in (HOUSE / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    trained = dict(
        line.lower().split("==")
        for line in (HOUSE / "constraints-train.txt").read_text().splitlines()
        if "==" in line
    )
    assert names
    for name in names:
        assert f'"{name}' in ours
        assert pins[name] == trained[name]


def imported_by(*modules: str) -> set[str]:
    """Packages of others that our files import which these modules load, by the name of their distribution."""
    command = f"import sys; import {', '.join(modules)}; print(*(m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)))"
    printed = subprocess.run(
        [sys.executable, "-c", command], cwd=HOUSE, capture_output=True, text=True, check=True
    )
    ours = [
        Path(file) for file in printed.stdout.split() if Path(file).parent.is_relative_to(HOUSE)
    ]
    found: set[str] = set()
    for file in ours:
        if "site-packages" in file.parts or file.suffix != ".py":
            continue
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    named = packages_distributions()
    names = {named[top][0].lower() for top in found if top in named and not (HOUSE / top).is_dir()}
    return names - {"pydantic_core"}  # comes with pydantic


def test_what_rewards_import_is_what_they_need() -> None:
    """A package that only our own environment has ends every reward in a trainer's."""
    needed = (HOUSE / "requirements-rewards.txt").read_text()
    assert imported_by("train.reward.worker", "train.reward.functions") <= {
        re.split(r"[\[\s]", line)[0] for line in needed.splitlines() if not line.startswith("#")
    }


def test_what_lmms_eval_has_to_install_is_said() -> None:
    [said] = re.findall(r"`(msgspec [^`]*)` installed", (HOUSE / "docs/doors.md").read_text())
    brought = {"numpy", "pillow"}  # by lmms-eval itself
    assert imported_by("train.doors.lmms") <= brought | {*re.findall(r"[a-z_]+", said)}
