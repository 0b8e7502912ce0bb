"""Labels of bundled samples x all corruptions x two seeds: the public behavior of the annotator."""

from __future__ import annotations

from typing import Any

import pytest
from golden.drawn_alike import environment, skip_elsewhere
from golden.labels import SEEDS, cases, labels
from golden.recorded import check, difference, lines_of, recorded

from annotators.structural import Comparison, compare
from corruptors.registry import corruptions
from records.taxonomy import Modality
from sources.bundled import samples

each = pytest.mark.parametrize("modality", list(Modality))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@each
def test_labels_are_those_on_record(modality: Modality) -> None:
    name = f"labels-{modality}.json"
    skip_elsewhere(name, modality)
    entries = {case.key: labels(case) for case in cases(modality)}
    check(name, lines_of(entries, drawn_with=environment(modality)))


@each
def test_every_corruption_and_every_sample_is_on_record(modality: Modality) -> None:
    entries = recorded(f"labels-{modality}.json")["entries"]
    keys = [key.split(" ", 2) for key in entries]
    applied = {(name, int(seed)) for name, seed, _ in keys}
    assert applied >= {(item.name, seed) for item in corruptions(modality) for seed in SEEDS}
    assert {where for *_, where in keys} == {one.upstream_id for one in samples(modality)}


@pytest.mark.slow
@each
def test_a_planted_change_of_a_label_is_seen(modality: Modality) -> None:
    """One grade more, one box a few pixels aside, one other word: each is a line of the diff."""
    name = f"labels-{modality}.json"
    skip_elsewhere(name, modality)
    entries = recorded(name)["entries"]
    case = next(case for case in cases(modality) if isinstance(entries.get(case.key), list))

    def planted(**change: Any) -> str:
        def changed(*pair: Any) -> Comparison:
            found = compare(*pair)
            altered = tuple(one.model_copy(update=change) for one in found.discrepancies)
            return Comparison(altered, found.pixels)

        before = lines_of({case.key: entries[case.key]})
        return difference(before, lines_of({case.key: labels(case, changed)}))

    assert planted() == ""
    for change in ({"severity": 4}, {"box": (1.0, 2.0, 3.0, 4.0)}, {"description": "is other"}):
        assert planted(**change), change
