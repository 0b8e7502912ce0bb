"""docs/gallery says what the code says; `make gallery` draws it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from corruptors.registry import corruptions
from records.taxonomy import Modality
from sources import bundled
from vermillion.pages.catalog import index, page, page_origin

PAGES = Path(__file__).parents[2] / "docs" / "gallery"
STALE = "run `make gallery` and commit docs/gallery"


@pytest.mark.parametrize("modality", list(Modality))
def test_every_corruption_has_a_page_that_is_fresh(modality: Modality) -> None:
    samples = {sample.upstream_id: sample for sample in bundled.samples(modality)}
    for corruption in corruptions(modality):
        file = PAGES / modality / f"{corruption.name}.md"
        assert file.is_file(), f"{corruption.name} has no page: {STALE}"
        text = file.read_text(encoding="utf-8")
        name, seed = page_origin(text)
        assert name in samples, f"{file.name} shows a sample that is gone: {STALE}"
        assert text == page(corruption, samples[name], seed), f"{file.name} is stale: {STALE}"
        assert file.with_suffix(".webp").stat().st_size > 500


def test_no_page_is_left_of_a_corruption_that_is_gone() -> None:
    for modality in Modality:
        names = {corruption.name for corruption in corruptions(modality)}
        assert {file.stem for file in (PAGES / modality).iterdir()} == names, STALE


def test_the_list_is_fresh() -> None:
    assert (PAGES / "README.md").read_text(encoding="utf-8") == index(), STALE
