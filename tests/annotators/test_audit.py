"""The audit measures: an annotator with known flaws gets exactly the figures of its flaws."""

from __future__ import annotations

import pytest

from annotators.audit import audit
from annotators.structural import Comparison, compare
from annotators.structural.difference import PixelDifference, pixel_difference
from records.rows import Discrepancy, Sample
from records.taxonomy import Modality
from renderers.contract import Picture, Render
from renderers.lanes import open_renderer
from renderers.scene import Scene
from sources import bundled

Drawn = tuple[Picture, Scene]


@pytest.fixture(scope="module")
def measured() -> dict[str, object]:
    samples = bundled.samples(Modality.SVG)[:2]
    found: dict[str, object] = {}
    with open_renderer(Modality.SVG) as renderer:

        def draw(code: str, sample: Sample) -> Render:
            return renderer.render(code, sample.language)

        def blind(reference: Drawn, candidate: Drawn) -> Comparison:
            return Comparison((), _pixels(reference, candidate))

        def alarmist(reference: Drawn, candidate: Drawn) -> Comparison:
            """Names what is there, and as many things that are not."""
            seen = compare(reference, candidate)
            made_up = Discrepancy(
                category="style_error",
                severity=1,
                location="nowhere",
                description="imagined",
                box=(0, 0, 0, 0),
            )
            return Comparison(
                (*seen.discrepancies, *[made_up] * max(1, len(seen.discrepancies))), seen.pixels
            )

        for name, judge in (("structural", compare), ("blind", blind), ("alarmist", alarmist)):
            found[name] = audit(samples, draw, judge, per_sample=12, seed=3).to_json()
    return found


def _pixels(reference: Drawn, candidate: Drawn) -> PixelDifference:
    return pixel_difference(reference[0].png, candidate[0].png)


def test_the_structural_annotator_does_well(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    score = measured["structural"]["modalities"]["svg"]
    assert score["count"] >= 15
    assert score["recall"] >= 0.9
    assert score["precision"] >= 0.95


def test_a_blind_annotator_recalls_nothing(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    score = measured["blind"]["modalities"]["svg"]
    assert score["recall"] == 0
    assert score["precision"] is None
    assert len(measured["blind"]["misses"]) == score["count"]


def test_an_alarmist_pays_in_precision_and_on_negatives(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    score = measured["alarmist"]["modalities"]["svg"]
    assert 0.4 <= score["precision"] <= 0.6
    negatives = measured["alarmist"]["negatives"]
    assert negatives["identical_alarms"] == negatives["identical"] == 2
    assert measured["structural"]["negatives"]["identical_alarms"] == 0
    assert measured["structural"]["negatives"]["equivalent_alarms"] == 0
