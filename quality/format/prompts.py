"""The prompts of the reward model and the form of its replies: built-in, or from a user's file.

A TOML file with a table for each task that has a prompt of its own; the others keep ours::

    [table]
    text = "Two pictures of a table are given ..."
    fields = ["type", "description", "severity"]
    longest_px = 768

One file serves the dataset (`[publish] prompts`), training and rewards (`[reward] prompts`), and
`train.evaluate --prompts`: a model has to be asked what it was taught.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from quality.format.messages import IMAGE_TAG, PLAIN_FIELDS, ErrorField, Style, task_prompt
from records.settings import Section, read_toml, validated
from records.taxonomy import Modality


class TaskPrompt(Section):
    """What is asked about two pictures of one task."""

    text: str = Field(min_length=1)
    """Stands behind both pictures, the reference first."""
    fields: tuple[ErrorField, ...] = PLAIN_FIELDS
    """Fields of one error in the reply, in their order; `type` is another name of `category`."""
    longest_px: int | None = Field(default=None, ge=64, le=8192)
    """Both pictures are scaled down together until neither is longer; None sends them as they are."""

    @field_validator("text")
    @classmethod
    def _without_pictures(cls, value: str) -> str:
        if IMAGE_TAG in value:
            raise ValueError(f"leave out {IMAGE_TAG}: both pictures are put before the text")
        return value

    @model_validator(mode="after")
    def _says_what_and_how_bad(self) -> Self:
        if len(set(self.fields)) != len(self.fields):
            raise ValueError("fields: one stands there twice")
        if ("category" in self.fields) == ("type" in self.fields):
            raise ValueError("fields: name category or type, one of them")
        missing = {"severity", "description"} - set(self.fields)
        if missing:
            raise ValueError(f"fields: {', '.join(sorted(missing))} is missing")
        return self


class Prompts(Section):
    """The prompts of all tasks; None keeps ours."""

    chart: TaskPrompt | None = None
    table: TaskPrompt | None = None
    svg: TaskPrompt | None = None

    def of(self, modality: Modality, style: Style = "plain") -> TaskPrompt:
        """What is asked about pictures of this task.

        Args:
            modality: The task.
            style: Of our prompts; a prompt of one's own says itself what it wants.
        """
        own: TaskPrompt | None = getattr(self, str(modality))
        return own or TaskPrompt(text=task_prompt(modality, style))


OURS = Prompts()


def read_prompts(file: str) -> Prompts:
    """The prompts in a file; ours where no file is named.

    Raises:
        ConfigError: no such file, no TOML, or a wrong setting.
    """
    return validated(Prompts, read_toml(file, "prompts"), file) if file else OURS


def asked_of(file: str, style: Style, tasks: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What a dataset asks, by task, as its manifest says it.

    Args:
        file: As for `read_prompts`.
        style: Of our prompts.
        tasks: Those that the dataset has.
    """
    prompts = read_prompts(file)
    return {task: prompts.of(Modality(task), style).model_dump(mode="json") for task in tasks}


def write_prompts(file: Path, prompts: Prompts) -> None:
    """Write them so that `read_prompts` gives the same."""
    lines = []
    for name in type(prompts).model_fields:
        own: TaskPrompt | None = getattr(prompts, name)
        if own is None:
            continue
        lines += [f"[{name}]", f"fields = {json.dumps(own.fields)}"]
        lines += [f"longest_px = {own.longest_px}"] if own.longest_px else []
        lines += [f"text = {_quoted(own.text)}", ""]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines), encoding="utf-8")


def _quoted(text: str) -> str:
    # For human readers: written without escapes if TOML allows that.
    if "'''" in text or text.endswith("'") or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"'''\n{text}'''"
