"""Pictures that have nothing to do with each other are compared without an error: a policy may draw anything."""

from __future__ import annotations

import pytest

from annotators.structural import compare
from records.taxonomy import Modality
from renderers.registry import open_renderer
from sources import bundled

APART = (1, 5, 17)
"""How far the samples of a pair stand from each other in the list."""


@pytest.mark.parametrize("modality", [Modality.CHART, Modality.SVG])
def test_any_two_pictures_are_compared(modality: Modality) -> None:
    samples = bundled.samples(modality)
    with open_renderer(modality) as renderer:
        drawn = [renderer.render(one.code, one.language).drawn() for one in samples]
    for step in APART:
        for at, reference in enumerate(drawn):
            candidate = drawn[(at + step) % len(drawn)]
            found = compare(reference, candidate)
            assert found.discrepancies, samples[at].upstream_id
