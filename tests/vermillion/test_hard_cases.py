"""The page of hard cases: complete, and drawn by what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from records.taxonomy import Modality
from vermillion.pages.hard_cases import WIDTH_PX, cases, draw

DOCS = Path(__file__).parents[2] / "docs"


def test_every_hard_case_is_on_the_page_with_its_picture() -> None:
    page = (DOCS / "hard-cases.md").read_text(encoding="utf-8")
    found = cases(DOCS / "hard-cases")
    assert {case.language.modality for case in found} == set(Modality)
    for case in found:
        assert case.hard in page
        assert f"![{case.path.stem}](hard-cases/{case.path.stem}.png)" in page
        with Image.open(case.path.with_suffix(".png")) as image:
            assert image.width <= WIDTH_PX
    pictures = {path.stem for path in (DOCS / "hard-cases").glob("*.png")}
    assert pictures == {case.path.stem for case in found}


def test_a_program_that_does_not_say_what_is_hard_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import this\n")
    with pytest.raises(ValueError, match="what is hard"):
        cases(tmp_path)


@pytest.mark.chromium
def test_the_page_is_made_from_the_programs(tmp_path: Path) -> None:
    folder = tmp_path / "hard-cases"
    folder.mkdir()
    for name in ("chart-many-saves.py", "table-markdown.md", "svg-masks.svg"):
        shutil.copy(DOCS / "hard-cases" / name, folder)
    assert draw(tmp_path) == 3
    page = (tmp_path / "hard-cases.md").read_text(encoding="utf-8")
    assert page.index("## Charts") < page.index("## Tables") < page.index("## Icons")
    assert "renderer_dependent" in page
    for path in folder.glob("*.png"):
        with Image.open(path) as again, Image.open(DOCS / "hard-cases" / path.name) as committed:
            assert again.size == committed.size
