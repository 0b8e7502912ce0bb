"""The bench of renderers: what it compares is new to all that keeps what it read."""

from __future__ import annotations

import pytest

from annotators.structural import compare
from bench import render
from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.registry import close_held
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]


def test_no_pair_is_compared_twice_and_each_round_draws_its_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[Drawn, Drawn]] = []

    def noted(reference: Drawn, candidate: Drawn) -> object:
        seen.append((reference, candidate))
        return compare(reference, candidate)

    monkeypatch.setattr(render, "compare", noted)
    try:
        assert render._compare_cpu(render.chosen(Modality.SVG, 2), rounds=2) > 0
    finally:
        close_held()
    assert len(seen) > 12
    assert len({id(candidate[0]) for _, candidate in seen}) == len(seen)
    # Two samples in two rounds, and the one that loads the modules.
    assert len({id(reference[0]) for reference, _ in seen}) == 5
