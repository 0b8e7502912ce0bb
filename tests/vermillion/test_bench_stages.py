"""The bench tells where CPU goes, and every stage is one that work was done in."""

from __future__ import annotations

import pytest

from records.taxonomy import Modality
from sources import bundled
from vermillion.bench import _machine_scaling
from vermillion.bench_stages import stages


@pytest.mark.parametrize(
    ("modality", "wanted"),
    [
        (Modality.CHART, {"wrap", "script", "draw", "scene", "pack", "read", "encode"}),
        (Modality.SVG, {"guard", "draw", "scene", "read", "encode"}),
    ],
)
def test_stages_of_a_lane(modality: Modality, wanted: set[str]) -> None:
    spent = stages(modality, bundled.samples(modality)[:1], 1)
    assert {name for name, cpu_s in spent.items() if cpu_s > 0} >= wanted
    assert spent["draw"] > spent["read"]


@pytest.mark.slow
def test_two_processes_draw_no_less_than_one() -> None:
    assert 0.5 < _machine_scaling(1) < 3
