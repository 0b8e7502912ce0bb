"""Wanted and measured mix of a dataset."""

from __future__ import annotations

from typing import Any

import pytest

from quality.read.mix import Mix, meant
from records.taxonomy import Language


def test_a_mix_counts_what_was_injected_named_and_left_alone(make_row: Any) -> None:
    mix = Mix()
    rows = [make_row(number, Language.SVG, "corrupted", 2) for number in range(3)]
    minimal = rows[2].provenance.model_copy(update={"minimal_of": rows[1].id})
    rows[2] = rows[2].model_copy(update={"provenance": minimal})
    equal = make_row(4, Language.SVG, "equivalent")
    nudged = equal.provenance.model_copy(update={"unseen": True})
    for row in (
        *rows,
        equal,
        equal.model_copy(update={"provenance": nudged}),
        make_row(5, Language.SVG, "identical"),
        make_row(6, Language.SVG, "sampled"),
        make_row(7, Language.SVG, "sampled", discrepancies=()),
    ):
        mix.add({**row.model_dump(), **meant(row.provenance, bool(row.discrepancies))})
    found = mix.to_json({"svg": {"shape_error": 3.0, "style_error": 1.0}})["svg"]
    assert found["minimal_pairs"] == 1
    assert found["negatives"] == {"equivalent": 1, "identical": 1, "sampled": 1, "unseen": 1}
    named = {row.discrepancies[0].category for row in rows}
    assert len(named) == 1
    for name, shares in found["categories"].items():
        assert shares["labeled"] == (name in named)
    assert found["categories"]["shape_error"]["wanted"] == 0.75
    assert sum(found["errors_per_pair"].values()) == 3
    even = mix.to_json({})["svg"]["categories"]
    assert [shares["wanted"] for shares in even.values()] == pytest.approx([0.25] * 4)
    assert sum(shares["injected"] for shares in even.values()) == pytest.approx(1)
