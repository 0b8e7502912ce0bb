"""Injected errors of icons are found and named once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from annotators.structural import compare
from corruptors.registry import corruptions
from records import edits
from records.rows import Discrepancy
from records.taxonomy import Language, Modality
from renderers.svg.renderer import SvgRenderer
from sources.bundled import samples

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "unisvg" / "test.json"


def icons() -> list[tuple[str, str]]:
    return [(icon.upstream_id, icon.code) for icon in samples(Modality.SVG)]


def corrupted(name: str, code: str, step: int) -> Iterator[tuple[str, str]]:
    """Category of a corruption, and what it makes of an icon."""
    for at, corruption in enumerate(corruptions(Modality.SVG)):
        if (at + len(name)) % step:
            continue
        proposed = list(corruption.propose(corruption.program.parse(code), Random(name)))
        if proposed:
            mutation = Random(name).choice(proposed)
            yield str(corruption.category), edits.apply(code, mutation.edits)


def recall_and_labels(
    svgs: SvgRenderer, icons: list[tuple[str, str]], step: int
) -> tuple[float, float, int, int]:
    hits = count = found = unexplained = 0
    for name, code in icons:
        reference = svgs.render(code, Language.SVG).drawn()
        assert compare(reference, reference).discrepancies == ()
        for category, wrong in corrupted(name, code, step):
            render = svgs.render(wrong, Language.SVG)
            if render.picture is None:
                continue
            result = compare(reference, render.drawn())
            if result.pixels.changed.sum() < 12:
                continue
            count += 1
            items: tuple[Discrepancy, ...] = result.discrepancies
            hits += category in {item.category for item in items}
            found += len(items)
            unexplained += not items
    return hits / count, found / count, unexplained, count


@pytest.mark.slow
def test_injected_errors_are_found_and_named_once(svgs: SvgRenderer) -> None:
    recall, per_error, unexplained, count = recall_and_labels(svgs, icons()[::2], step=6)
    assert count > 90
    assert recall >= 0.95
    assert per_error <= 1.3
    assert unexplained <= 0.02 * count


@pytest.mark.slow
@pytest.mark.shared
def test_injected_errors_are_found_in_real_icons(svgs: SvgRenderer) -> None:
    if not SHARED.exists():
        pytest.skip("../shared/data/unisvg is not there")
    real = [(record["image_path"], record["a_text"]) for record in json.loads(SHARED.read_text())]
    recall, per_error, unexplained, count = recall_and_labels(svgs, real[::3], step=6)
    assert count > 50
    assert recall >= 0.95
    assert per_error <= 1.3
    assert unexplained <= 0.02 * count
