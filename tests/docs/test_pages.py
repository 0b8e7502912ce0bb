"""What the pages tell a reader to write is legal, and what they point to is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from annotators.lvlm.annotator import read_annotators
from policies.policy import read_policies
from quality.format.prompts import Prompts
from records.config import parse
from records.settings import validated

HOUSE = Path(__file__).parents[2]
PAGES = [
    HOUSE / "README.md",
    HOUSE / "CONTRIBUTING.md",
    *sorted((HOUSE / "docs").glob("*.md")),
    *sorted((HOUSE / "docs" / "tutorials").glob("*.md")),
]


def blocks(page: Path) -> list[dict[str, Any]]:
    text = page.read_text(encoding="utf-8")
    return [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", text, re.S)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not gone


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda page: page.name)
def test_every_setting_that_a_page_shows_is_legal(page: Path, tmp_path: Path) -> None:
    for n, values in enumerate(blocks(page)):
        if values and set(values) <= set(Prompts.model_fields):
            validated(Prompts, values, page.name)
            continue
        if not ({"endpoints", "annotators"} & set(values)) and isinstance(
            values.get("policies", {}), dict
        ):
            parse({"name": "x", "sources": {"bundled": {}}, **values}, page.name)
            continue
        # Blocks of a file of models: as they stand, but for an endpoint that another block shows.
        file = tmp_path / f"{n}.toml"
        text = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)[n]
        if "annotators" in values:
            for prompt in values["annotators"][0].get("prompts", {}).values():
                (tmp_path / prompt).write_text("Compare.")
            file.write_text(text)
            assert read_annotators(file)
        elif "policies" in values:
            file.write_text(text)
            assert read_policies(file)
        else:
            file.write_text(f'{text}\n[[annotators]]\nname = "a"\nendpoint = "mine"\n')
            assert read_annotators(file)
