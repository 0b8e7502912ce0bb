"""Files that define annotators, and the settings of a panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotators.lvlm.annotator import load_annotators, read_annotators
from records.config import load, parse
from records.errors import ConfigError
from records.taxonomy import Modality

CONFIGS = Path(__file__).parents[2] / "configs"


def test_the_files_that_come_with_the_house_are_right() -> None:
    for file in sorted((CONFIGS / "annotators").glob("*.toml")):
        assert read_annotators(file)
    names = ["qwen3-vl-32b", "qwen3-vl-32b-sampled"]
    found = load_annotators(names, [str(CONFIGS / "annotators" / "qwen3-vl.toml")])
    assert [one.name for one in found] == names
    assert found[0].endpoint == found[1].endpoint


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("annotators = 3", "only .*annotators"),
        ("[[annotators]]\nname = 'a'\nendpoint = 'none'", "no table"),
        ("[[annotators]]\nname = 'a'", "'endpoint' is missing"),
        ("[[annotators]]\nname = 'structural'\nendpoint = 'e'", "is taken"),
        ("[[annotators]]\nname = 'a'\nendpoint = 'e'\ncolor = 1", "unknown setting 'color'"),
        ("[[annotators]\n", "not TOML"),
        ("[policies]\n", "not policies"),
    ],
)
def test_a_wrong_file_names_its_mistake(tmp_path: Path, block: str, message: str) -> None:
    file = tmp_path / "judges.toml"
    file.write_text(f"{block}\n[endpoints.e]\nbase_url = 'http://h/v1'\nmodel = 'm'\n")
    with pytest.raises(ConfigError, match=message) as told:
        read_annotators(file)
    assert "judges.toml" in str(told.value)


def test_an_unknown_annotator_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ConfigError, match="did you mean 'qwen3-vl-32b'") as told:
        load_annotators(["qwen3-vl-32"], [str(CONFIGS / "annotators" / "qwen3-vl.toml")])
    assert "structural" in str(told.value)


def test_prompt_files_are_beside_their_toml(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("look\n")
    (tmp_path / "judges.toml").write_text(
        "[[annotators]]\nname = 'a'\nprompts = {svg = 'mine.md'}\n"
        "[annotators.endpoint]\nbase_url = 'http://h/v1'\nmodel = 'm'\n"
    )
    [found] = read_annotators(tmp_path / "judges.toml")
    assert found.prompt(Modality.SVG) == "look"
    assert "chart" in found.prompt(Modality.CHART)


def test_annotator_files_are_relative_to_the_build_file(tmp_path: Path) -> None:
    file = tmp_path / "build.toml"
    file.write_text('name = "x"\n[sources.bundled]\n[annotate]\nfiles = ["judges.toml"]\n')
    assert load(file).annotate.files == (str(tmp_path / "judges.toml"),)


@pytest.mark.parametrize(
    "section", [{"annotators": []}, {"annotators": ["a", "a"]}, {"annotators": ["a"], "votes": 2}]
)
def test_a_wrong_panel_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="annotate"):
        parse({"name": "x", "sources": {"bundled": {}}, "annotate": section}, "test")


def test_an_arbiter_may_not_be_of_the_panel() -> None:
    with pytest.raises(ConfigError, match="not asked before"):
        parse(
            {
                "name": "x",
                "sources": {"bundled": {}},
                "annotate": {"annotators": ["a"], "relabel": {"annotators": ["a"]}},
            },
            "test",
        )
