"""Attempts that try nothing are typed rows, undone exactly, and drawn by seed."""

from __future__ import annotations

from random import Random

import pytest

from corruptors.compose import attempts
from corruptors.degenerate import FIXED, attempt, programs
from records.edits import apply, inverse
from records.rows import Corrupted, Sample
from records.sections import CorruptionMix
from records.taxonomy import Language, category_names

CODE = {
    Language.PYTHON: "import matplotlib.pyplot as plt\nplt.bar(['a'], [2])\nplt.savefig('a.png')\n",
    Language.HTML: "<table><tr><td>1</td></tr><tr><td>2</td></tr><tr><td>3</td></tr></table>",
    Language.MARKDOWN: "| a |\n|---|\n| 1 |\n| 2 |\n",
    Language.SVG: '<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
}


def sample(language: Language, code: str = "") -> Sample:
    return Sample.of(
        code or CODE[language], language, source="t", revision="1", licence="MIT", upstream_id="1"
    )


@pytest.mark.parametrize("language", list(Language))
def test_each_replaces_the_program_and_can_be_undone(language: Language) -> None:
    found = {attempt(sample(language), seed) for seed in range(20)}
    names = set()
    for one in found:
        assert one is not None and isinstance(one.origin, Corrupted) and one.origin.degenerate
        names.update(one.origin.names)
        assert apply(CODE[language], one.origin.edits) == one.code != CODE[language]
        assert apply(one.code, inverse(CODE[language], one.origin.edits)) == CODE[language]
        assert set(one.origin.categories) <= set(category_names(one.modality))
    assert len(names) >= 3


def test_rows_in_another_order_are_the_same_rows() -> None:
    for language in (Language.HTML, Language.MARKDOWN):
        found = dict(programs(sample(language), Random(1)))["shuffled_rows"]
        assert found != CODE[language] and sorted(found) == sorted(CODE[language])


def test_cells_that_span_rows_are_not_shuffled() -> None:
    spanned = CODE[Language.HTML].replace("<td>1", '<td rowspan="2">1')
    assert "shuffled_rows" not in dict(programs(sample(Language.HTML, spanned), Random(1)))


def test_a_share_of_samples_gives_one() -> None:
    shares = dict.fromkeys(("identical_share", "equivalent_share", "unseen_share"), 0.0)
    mix = CorruptionMix(attempts_per_sample=0, degenerate_share=1.0, **shares)
    [one] = attempts(sample(Language.SVG), mix, 0)
    assert isinstance(one.origin, Corrupted) and one.origin.degenerate
    assert not list(
        attempts(sample(Language.SVG), mix.model_copy(update={"degenerate_share": 0.0}), 0)
    )


def test_a_sample_that_is_one_itself_is_not_repeated() -> None:
    for code in FIXED[Language.SVG].values():
        for seed in range(8):
            one = attempt(sample(Language.SVG, code), seed)
            assert one is not None and one.code != code
