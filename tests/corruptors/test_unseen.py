"""Nudges: other pixels, the same picture."""

from __future__ import annotations

import pytest

from annotators.structural import compare
from annotators.structural.pixels import pixel_difference
from annotators.structural.visibility import below_visibility
from corruptors.registry import corruptions
from corruptors.unseen import NUDGES
from records.taxonomy import Modality
from renderers.registry import held_renderer
from sources import bundled


@pytest.mark.parametrize("modality", list(Modality))
def test_a_nudge_parses_differs_and_repeats(modality: Modality) -> None:
    program = corruptions(modality)[0].program
    applied = set()
    for sample in bundled.samples(modality)[:12]:
        for nudge in NUDGES[modality]:
            made = nudge(sample.code, 1)
            assert made == nudge(sample.code, 1)
            if made is not None:
                assert made[0] != sample.code
                program.parse(made[0])
                applied.add(nudge.name)
    assert applied == {nudge.name for nudge in NUDGES[modality]}


def test_an_icon_that_was_nudged_looks_the_same_and_has_no_label() -> None:
    renderer = held_renderer(Modality.SVG)
    others = 0
    for sample in bundled.samples(Modality.SVG)[:10]:
        reference = renderer.render(sample.code, sample.language).drawn()
        for nudge in NUDGES[Modality.SVG]:
            made = nudge(sample.code, 0)
            if made is None:
                continue
            candidate = renderer.render(made[0], sample.language).drawn()
            others += candidate[0].pixel_hash != reference[0].pixel_hash
            assert below_visibility(pixel_difference(reference[0].png, candidate[0].png))
            assert compare(reference, candidate).discrepancies == ()
    assert others >= 5
