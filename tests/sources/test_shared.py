"""The readers on real samples in upstream layouts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from records.rows import Reject, Sample
from records.taxonomy import Language
from sources.source import pull_samples

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real samples are not beside the checkout"),
]


def pull(source: str, folder: str) -> list[Sample]:
    items = list(pull_samples(source, snapshot=DATA / folder))
    assert [item for item in items if isinstance(item, Reject)] == []
    return [item for item in items if isinstance(item, Sample)]


@pytest.mark.parametrize("folder", ["chartmimic", "chartmimic/ori_500"])
def test_chartmimic(folder: str) -> None:
    samples = pull("chartmimic", folder)
    scripts = list((DATA / "chartmimic" / "ori_500").glob("*.py"))
    assert len(samples) == len(scripts) == 124
    assert len({sample.kind for sample in samples}) == 22
    assert {sample.reserved for sample in samples} == {""}
    assert all("savefig" in sample.code for sample in samples)


def test_omnidocbench() -> None:
    samples = pull("omnidocbench", "omnidocbench")
    assert len(samples) == 5
    sizes = {
        sample.upstream_id: Image.open(io.BytesIO(sample.image or b"")).size for sample in samples
    }
    birthday = next(size for name, size in sizes.items() if name.startswith("jiaocai"))
    assert birthday == (361, 255)


def test_unisvg() -> None:
    samples = pull("unisvg", "unisvg")
    assert len(samples) == 55
    assert {sample.reserved for sample in samples} == {"unisvg_test"}
    assert all(sample.image for sample in samples)
    assert len({sample.licence for sample in samples}) == 3


def test_tables() -> None:
    samples = pull("tables", "tables")
    assert len(samples) == 39
    assert {sample.language for sample in samples} == {Language.HTML}
    assert sum(sample.image is not None for sample in samples) == 20
