"""A draft becomes its target whole, or the reason why not is that of the draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.folders import draft_folder, put_in_place


def test_a_draft_takes_the_place_of_a_folder_that_stands_there(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for text in ("old", "new"):
        with draft_folder(target) as draft:
            (draft / f"{text}.txt").write_text(text)
            put_in_place(draft, target)
    assert [file.name for file in target.iterdir()] == ["new.txt"]
    assert [folder.name for folder in tmp_path.iterdir()] == ["out"]


def test_a_draft_that_cannot_be_moved_is_the_one_that_is_reported(tmp_path: Path) -> None:
    with draft_folder(tmp_path / "out") as draft, pytest.raises(FileNotFoundError) as raised:
        put_in_place(draft, tmp_path / "gone" / "out")
    assert raised.value.filename == str(draft)
