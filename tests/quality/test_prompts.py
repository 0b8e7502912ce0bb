"""Prompts of one's own: read, written, and asked for in the rows of a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quality.format.messages import completion, task_prompt
from quality.format.prompts import OURS, Prompts, TaskPrompt, read_prompts, write_prompts
from records.errors import ConfigError
from records.rows import Discrepancy
from records.taxonomy import Modality

TABLE = TaskPrompt(
    text="Compare.\nAnswer as 'JSON': \\ {\"errors\": []}",
    fields=("type", "description", "severity"),
    longest_px=768,
)


@pytest.mark.parametrize("text", [TABLE.text, "a '''quote'''\x7f\r\t😀", "ends in '", "\nline\n"])
def test_what_is_written_is_read_again(tmp_path: Path, text: str) -> None:
    given = Prompts(table=TABLE.model_copy(update={"text": text}), svg=TaskPrompt(text="Icons?"))
    write_prompts(tmp_path / "a" / "prompts.toml", given)
    assert read_prompts(str(tmp_path / "a" / "prompts.toml")) == given


def test_a_task_without_a_prompt_of_its_own_keeps_ours() -> None:
    assert read_prompts("") is OURS
    assert Prompts(table=TABLE).of(Modality.CHART).text == task_prompt(Modality.CHART)
    assert Prompts(table=TABLE).of(Modality.TABLE) == TABLE


def test_a_reply_has_the_fields_that_were_asked_for() -> None:
    label = Discrepancy(
        category="text_error", severity=2, location="row 1", description="A is drawn as B"
    )
    reply = json.loads(completion(Modality.TABLE, [label], fields=TABLE.fields))
    assert list(reply["errors"][0].items()) == [
        ("type", "text_error"),
        ("description", "A is drawn as B"),
        ("severity", 2),
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": "Two <image>"}, "leave out <image>"),
        ({"text": "a", "fields": ["severity", "description"]}, "category or type"),
        ({"text": "a", "fields": ["type", "category", "severity", "description"]}, "one of them"),
        ({"text": "a", "fields": ["type", "severity"]}, "description is missing"),
        ({"text": "a", "fields": ["type", "type", "severity", "description"]}, "twice"),
        ({"txt": "a"}, "unknown setting 'table.txt'"),
    ],
)
def test_a_prompt_that_cannot_be_is_refused(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    file = tmp_path / "prompts.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    file.write_text("[table]\n" + "\n".join(lines))
    with pytest.raises(ConfigError, match=said):
        read_prompts(str(file))
