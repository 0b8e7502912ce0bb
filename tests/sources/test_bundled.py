"""The bundled samples: enough of each modality, read by the readers of the real sources."""

from __future__ import annotations

from collections import Counter

import pytest

from records.errors import ConfigError
from records.taxonomy import Language, Modality
from sources import bundled


def test_each_modality_is_there_and_nothing_is_reserved() -> None:
    samples = bundled.samples()
    assert Counter(sample.modality for sample in samples).keys() == set(Modality)
    assert {sample.source for sample in samples} == {"bundled"}
    assert {sample.licence for sample in samples} == {"Apache-2.0"}
    assert {sample.reserved for sample in samples} == {""}
    assert len({sample.id for sample in samples}) == len(samples)
    assert len({sample.upstream_id for sample in samples}) == len(samples)


def test_samples_of_one_modality() -> None:
    tables = bundled.samples(Modality.TABLE)
    assert {sample.language for sample in tables} == {Language.HTML, Language.MARKDOWN}


def test_a_layout_that_is_not_bundled_is_named() -> None:
    with pytest.raises(ConfigError, match="chartmimic, omnidocbench"):
        bundled.snapshot("vc-rewardbench")
