"""Pixels of every bundled sample: what is drawn is as it was."""

from __future__ import annotations

import pytest
from golden.drawn_alike import environment, skip_elsewhere
from golden.recorded import check, recorded
from golden.recorded import lines_of as lines

from records.taxonomy import Modality
from renderers.registry import held_renderer
from sources.bundled import samples

each = pytest.mark.parametrize("modality", list(Modality))


def _picture(modality: Modality, code: str, language: object) -> str:
    picture, _ = held_renderer(modality).render(code, language).drawn()  # type: ignore[arg-type]
    return f"{picture.width_px} x {picture.height_px} {picture.pixel_hash}"


@pytest.mark.slow
@each
def test_pictures_are_those_on_record(modality: Modality) -> None:
    name = f"pictures-{modality}.json"
    skip_elsewhere(name, modality)
    drawn = {
        sample.upstream_id: _picture(modality, sample.code, sample.language)
        for sample in samples(modality)
    }
    contract = held_renderer(modality).contract.hash
    check(name, lines(drawn, contract=contract, drawn_with=environment(modality)))


@pytest.mark.slow
@each
def test_the_render_contract_is_the_one_on_record(modality: Modality) -> None:
    """A contract that changes makes all published pictures of a modality incomparable."""
    name = f"pictures-{modality}.json"
    skip_elsewhere(name, modality)
    assert held_renderer(modality).contract.hash == recorded(name)["contract"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("modality", "before", "after"),
    [
        (
            Modality.CHART,
            "import matplotlib.pyplot as plt\n",
            "import matplotlib.pyplot as plt\nplt.rcParams['figure.facecolor'] = '#eeeeff'\n",
        ),
        (Modality.TABLE, "<td", "<td style='padding: 9px'"),
        (Modality.SVG, "<svg ", "<svg opacity='0.9' "),
    ],
)
def test_a_planted_change_of_a_picture_is_seen(modality: Modality, before: str, after: str) -> None:
    name = f"pictures-{modality}.json"
    skip_elsewhere(name, modality)
    sample = next(one for one in samples(modality) if before in one.code)
    on_record = recorded(name)["entries"][sample.upstream_id]
    assert _picture(modality, sample.code, sample.language) == on_record
    changed = sample.code.replace(before, after, 1)
    assert _picture(modality, changed, sample.language) != on_record
