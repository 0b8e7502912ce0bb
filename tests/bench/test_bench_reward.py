"""The bench of rewards: what it counts, and that it sees a reward that ranks the wrong way round."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bench.render import chosen
from bench.reward import _ranks, measure
from records.taxonomy import Modality
from renderers.contract import Picture, pixel_hash
from train.reward.outcome import Outcome, Verdict


def gray(level: int) -> Picture:
    image = Image.new("RGB", (16, 16), (level, level, level))
    target = io.BytesIO()
    image.save(target, "PNG")
    return Picture(target.getvalue(), 16, 16, pixel_hash(image.tobytes(), 16, 16))


@pytest.mark.parametrize(
    ("nearness", "agreement", "tied"),
    [((0.8, 0.6, 0.4), 1.0, 0), ((0.8, 0.8, 0.4), 1.0, 1), ((0.4, 0.6, 0.8), 0.5, 0)],
)
def test_a_reward_that_rises_with_errors_is_seen(
    nearness: tuple[float, ...], agreement: float, tied: int
) -> None:
    stack = [
        Outcome(Verdict.SCORED, candidate=gray(200 - 20 * errors), nearness=value)
        for errors, value in enumerate(nearness, 1)
    ]
    found = _ranks([gray(200)], [3], [[*stack, Outcome(Verdict.SCORED, nearness=0.0)]])
    assert (found["rank_agreement"], found["couples_tied"]) == (agreement, tied)
    assert found["couples"] == 6


def test_a_modality_is_measured_whole() -> None:
    found = measure(chosen(Modality.SVG, 1), seed=0)
    figures, bounds = found["figures"], found["bounds"]
    assert figures["references"] == 1 and figures["replies"] > 4 and not figures["failed"]
    assert (
        figures["rewards_per_s"] > 0 and figures["comparing_cpu_ms"] > 0 < figures["trainer_cpu_ms"]
    )
    assert set(bounds) == {"rewards_per_s", "rank_agreement", "cheap_earns_more"}
    assert bounds["cheap_earns_more"]["at_most"] == 0.02
