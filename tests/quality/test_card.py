"""The dataset card: a front matter the hub reads, true tables, pictures worth looking at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from quality.dataset.card import card_text, write_card
from quality.dataset.draft import Draft
from quality.dataset.plots import (
    _font,
    draw_categories,
    draw_examples,
    draw_rejects,
    draw_severities,
)
from quality.format.schema import DESCRIPTIONS
from quality.read.tally import Tally


@pytest.fixture(scope="module")
def facts(mixed_rows: Any) -> dict[str, Any]:
    tally = Tally()
    for row in mixed_rows(4):
        tally.add(row.model_dump())
    return {
        "name": "demo",
        "version": "2",
        "style": "plain",
        "pages": ["gallery/index.html"],
        "config": {"seed": 1, "name": "a | b"},
        "config_hash": "ab" * 8,
        "counts": tally.to_json(),
        "rejects": {"render": {"timeout": 4, "code_crashed": 20}, "check": {"box_outside": 1}},
        "held_back": {
            "reserved_rows_in_test": {},
            "contaminated_rows": {},
            "held_out_folders": 0,
        },
    }


def test_front_matter_is_what_the_hub_reads(facts: dict[str, Any]) -> None:
    text = card_text(facts, has_examples=True)
    _, front, body = text.split("---\n", 2)
    matter = yaml.safe_load(front)
    assert matter["license"] == "other"
    assert matter["size_categories"] == ["n<1K"]
    assert matter["configs"][0]["data_files"][0] == {
        "split": "train",
        "path": "train/part-*.parquet",
    }
    assert body.lstrip().startswith("# demo 2\n")


def test_tables_say_what_was_counted(facts: dict[str, Any]) -> None:
    text = card_text(facts, has_examples=False)
    assert "| train | 60 | 12 |" in text
    assert "| chart | data_error | 8 | 8 | 8 | 24 |" in text
    assert "| chart | style_error | 0 | 0 | 0 | 0 |" in text
    assert "| chart | 8 | 4 | 4 | 4 | 20 |" in text
    assert "| bundled | sha256:0123456789abcdef | Apache-2.0 | 60 |" in text
    assert text.index("| render | code_crashed | 20 |") < text.index("| render | timeout | 4 |")
    assert "shift_value" in text and "reader-weak" in text
    assert all(f"| {column} |" in text for column in DESCRIPTIONS)
    assert "examples.png" not in text and "No pair belonged to a benchmark" in text
    assert "`gallery/index.html`" in text and "data_docs/index.html" not in text


def test_a_card_is_whole_in_its_draft(
    facts: dict[str, Any], mixed_rows: Any, tmp_path: Path
) -> None:
    """The last report of `vermillion teach` is part of it."""
    measured = tmp_path / "teach/demo"
    measured.mkdir(parents=True)
    (measured / "teach.md").write_text("Measured on demo/0: 7 pairs.\n")
    Image.effect_noise((500, 90), 90).convert("RGB").save(measured / "teach.png")
    examples = [row for row in mixed_rows(4) if row.discrepancies][::10]
    with Draft(str(tmp_path / "datasets/demo/1"), "") as draft:
        write_card(facts, examples, draft)
        assert [file.path for file in draft.files] == [
            "README.md",
            "card/categories.png",
            "card/examples.png",
            "card/rejects.png",
            "card/severities.png",
            "card/teach.png",
        ]
        draft.make_visible("{}")
    text = (tmp_path / "datasets/demo/1/README.md").read_text()
    assert "## Does it teach?\n\nMeasured on demo/0: 7 pairs." in text and "card/teach.png" in text
    for name in ("categories", "examples", "rejects", "severities", "teach"):
        with Image.open(tmp_path / "datasets/demo/1/card" / f"{name}.png") as image:
            image.load()
            assert image.width > 400 and len(image.convert("RGB").getcolors(2**20) or "x") > 8


def test_plots_repeat_and_bear_little_or_nothing(facts: dict[str, Any], tmp_path: Path) -> None:
    for name in ("a", "b"):
        draw_categories(facts["counts"], tmp_path / f"{name}1.png")
        draw_severities(facts["counts"], tmp_path / f"{name}2.png")
        draw_rejects(facts["rejects"], tmp_path / f"{name}3.png")
    for number in (1, 2, 3):
        first, second = (tmp_path / f"{name}{number}.png" for name in "ab")
        assert first.read_bytes() == second.read_bytes()
    draw_rejects({}, tmp_path / "none.png")
    many = {"render": {f"reason_{number}": number + 1 for number in range(40)}}
    draw_rejects(many, tmp_path / "many.png")
    with Image.open(tmp_path / "none.png") as few, Image.open(tmp_path / "many.png") as most:
        assert most.height > few.height


@pytest.mark.parametrize("bold", [False, True])
def test_chinese_words_are_written_in_a_font_that_has_them(bold: bool) -> None:
    font = _font(13, bold, "项目")
    if font.getname()[0] == "DejaVu Sans":
        pytest.skip("no Noto Sans CJK on this machine")
    assert bytes(font.getmask("项")) != bytes(font.getmask("\U0010ffff"))
    assert _font(13, bold, "row 2").getname()[0] == "DejaVu Sans"


def test_sheet_bears_odd_pairs(make_row: Any, tmp_path: Path) -> None:
    row = make_row(0, wrong=4)
    one, two, *others = row.discrepancies
    labels = (
        one.model_copy(update={"box": None, "description": "x" * 400}),
        two.model_copy(update={"box": (300.0, 200.0, 900.0, 800.0), "location": "außen 图例"}),
        *others,
    )
    row = row.model_copy(update={"discrepancies": labels * 3})
    draw_examples([row, make_row(1, origin="identical")], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width == 1320 and 600 < sheet.height < 1400
