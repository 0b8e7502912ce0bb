"""Ladders: programs that are ever more wrong in one way."""

from __future__ import annotations

from collections import Counter

import pytest

from corruptors.ladders import ladders
from corruptors.registry import corruptions
from records.taxonomy import Modality
from sources import bundled

KINDS = {
    Modality.CHART: {"value", "words", "colour", "line width"},
    Modality.TABLE: {"number", "words", "missing rows", "bold"},
    Modality.SVG: {"colour", "moved", "shrunk", "missing shapes", "line width"},
}


@pytest.mark.parametrize("modality", list(Modality))
def test_every_kind_is_found_and_every_rung_is_another_program(modality: Modality) -> None:
    found: Counter[str] = Counter()
    for sample in bundled.samples(modality)[:30]:
        for ladder in ladders(sample, 1):
            found[ladder.kind] += 1
            assert len(set(ladder.codes)) == len(ladder.codes) >= 2
            assert sample.code not in ladder.codes
            program = corruptions(modality)[0].program
            for code in ladder.codes:
                program.parse(code)
        assert ladders(sample, 1) == ladders(sample, 1)
    assert set(found) == KINDS[modality]
