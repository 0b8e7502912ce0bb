"""Extracts the prompts of the released Visual-ERM from your clone of its repository.

``python -m train.prompts --clone FOLDER --out FILE`` writes the file that `[publish] prompts`, `[reward] prompts` and
`train.evaluate --prompts` read. The clone's Python files are parsed, never run. A prompt is known by its
contents: a text that asks for the count of each category of a task, and of no other.

Source: InternLM/Visual-ERM at c3855aa. Nothing of it is copied into this repository.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from quality.format.prompts import Prompts, TaskPrompt, write_prompts
from records.errors import ConfigError
from records.settings import validated
from records.taxonomy import Modality, category_names
from train.exit_codes import ended

LONGEST_PX = {Modality.CHART: 1024, Modality.SVG: 1024, Modality.TABLE: 768}
"""Longest side of the pictures that the released reward functions send."""
REWARDS = "reward"
"""Files with this in their path are preferred: the reward code has the prompts that the model was
trained on."""
_FIELD = re.compile(r'"(category|type|severity|location|description)"\s*:')


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt and its place in the clone."""

    task: Modality
    prompt: TaskPrompt
    place: str
    """File and line in the clone."""


def released_prompts(clone: Path) -> list[Found]:
    """One prompt for each task, in the order of the tasks.

    Raises:
        ConfigError: no such folder, or a task without a prompt.
    """
    if not clone.is_dir():
        raise ConfigError(f"{clone}: no such folder; clone InternLM/Visual-ERM and give its folder")
    named = sorted((str(file.relative_to(clone)), file) for file in clone.rglob("*.py"))
    files = [file for _, file in sorted(named, key=lambda one: REWARDS not in one[0])]
    by_task: dict[Modality, Found] = {}
    for file in files:
        for line, text in _texts(file):
            for task in Modality:
                if task not in by_task and _asks_for(task, text):
                    place = f"{file.relative_to(clone)}:{line}"
                    by_task[task] = Found(task, _prompt(task, text, place), place)
    missing = [task for task in Modality if task not in by_task]
    if missing:
        raise ConfigError(
            f"{clone}: no prompt for {', '.join(missing)} in {len(files)} Python files; is this a clone of "
            "InternLM/Visual-ERM?"
        )
    return [by_task[task] for task in Modality]


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a file, with their lines; empty if it is not Python."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _asks_for(task: Modality, text: str) -> bool:
    counts = set(re.findall(r'"(\w+)_count"', text))
    return counts == set(category_names(task))


def _prompt(task: Modality, text: str, place: str) -> TaskPrompt:
    fields = tuple(dict.fromkeys(_FIELD.findall(text)))
    values = {"text": text, "fields": fields, "longest_px": LONGEST_PX[task]}
    return validated(TaskPrompt, values, place)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.prompts", description=__doc__)
    parser.add_argument("--clone", required=True, type=Path, help="of InternLM/Visual-ERM")
    parser.add_argument("--out", required=True, type=Path, help="TOML file to write")
    asked = parser.parse_args(arguments)

    def work() -> None:
        found = released_prompts(asked.clone)
        write_prompts(asked.out, Prompts(**{str(one.task): one.prompt for one in found}))
        for one in found:
            print(f"prompts: {one.task} from {one.place}: {', '.join(one.prompt.fields)}")
        print(f"prompts: {asked.out}")

    return ended("prompts", work)


if __name__ == "__main__":
    sys.exit(main())
