"""From a sample to its attempts."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import combinations

import pytest

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.compose import attempts, selected
from corruptors.registry import applicable, by_name, check_names, corruptions
from records.edits import apply, inverse
from records.errors import CodeParseError, ConfigError
from records.rows import Attempt, Corrupted, Equivalent, Identical, Sample
from records.sections import CorruptionMix
from records.taxonomy import BENCHMARK_COUNTS, Language, Modality, category_names

CODE = """import matplotlib.pyplot as plt

years = [2019, 2020, 2021, 2022]
rain = [31.5, 28.0, 44.2, 39.9]  # mm
snow = [4.1, 8.3, 2.2, 5.0]

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
left.bar(years, rain, color="steelblue", label="Rain")
left.set_title("Rain by year")
left.set_xlabel("Year")
left.set_ylabel("Amount (mm)")
left.legend(loc="upper left")
right.plot(years, snow, color="#c44e52", linestyle="--", marker="o", label="Snow")
right.set_title("Snow by year")
right.set_ylim(0, 10)
right.grid(True)
plt.tight_layout()
plt.savefig("weather.pdf")
"""


def sample(code: str = CODE, language: Language = Language.PYTHON) -> Sample:
    return Sample.of(
        code, language, source="test", revision="1", licence="Apache-2.0", upstream_id="weather"
    )


def mix(**settings: object) -> CorruptionMix:
    none = ("identical_share", "equivalent_share", "unseen_share", "degenerate_share")
    plain = dict.fromkeys(none, 0.0)
    return CorruptionMix.model_validate({**plain, **settings})


def corrupted(found: list[Attempt]) -> list[Corrupted]:
    return [attempt.origin for attempt in found if isinstance(attempt.origin, Corrupted)]


def test_attempts_are_distinct_valid_and_undone_exactly() -> None:
    found = list(attempts(sample(), mix(attempts_per_sample=40), 7))
    assert len(found) == 40
    assert len({attempt.code for attempt in found} | {CODE}) == 41
    for attempt in found:
        origin = attempt.origin
        assert isinstance(origin, Corrupted)
        ChartProgram.parse(attempt.code)
        assert apply(CODE, origin.edits) == attempt.code
        assert apply(attempt.code, inverse(CODE, origin.edits)) == CODE
        assert len(origin.names) == len(set(origin.names)) == len(origin.categories)
        assert all(error.location and error.description for error in origin.errors)
        assert all(
            by_name(name, Modality.CHART).category == category
            for name, category in zip(origin.names, origin.categories, strict=True)
        )
        assert attempt.sample_id == sample().id


def test_the_same_seed_makes_the_same_attempts_and_another_seed_others() -> None:
    rich = mix(attempts_per_sample=6, equivalent_share=1.0, minimal_pair_share=0.5)
    assert list(attempts(sample(), rich, 1)) == list(attempts(sample(), rich, 1))
    assert list(attempts(sample(), rich, 1)) != list(attempts(sample(), rich, 2))


def test_another_process_makes_the_same_attempts() -> None:
    script = (
        "from corruptors.compose import attempts; from records.config import CorruptionMix;"
        "from records.rows import Sample; from records.taxonomy import Language;"
        "s = Sample.of(CODE, Language.PYTHON, source='test', revision='1', licence='Apache-2.0', upstream_id='weather');"
        "print([a.id for a in attempts(s, CorruptionMix(equivalent_share=1.0), 3)])"
    )
    here = [attempt.id for attempt in attempts(sample(), CorruptionMix(equivalent_share=1.0), 3)]
    done = subprocess.run(
        [sys.executable, "-c", f"CODE = {CODE!r};{script}"],
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == str(here)


def test_one_more_attempt_leaves_the_others_as_they_were() -> None:
    few = list(attempts(sample(), mix(attempts_per_sample=3), 5))
    more = list(attempts(sample(), mix(attempts_per_sample=5), 5))
    assert more[:3] == few


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_the_weights_decide_how_many_errors_come_together(count: int) -> None:
    errors = tuple(float(index == count - 1) for index in range(8))
    found = corrupted(list(attempts(sample(), mix(attempts_per_sample=10, errors=errors), 0)))
    assert {len(origin.names) for origin in found} == {count}
    for origin in found:
        assert all(a.end <= b.start for a, b in combinations(origin.edits, 2))


def test_fewer_errors_are_made_where_fewer_fit() -> None:
    only = mix(attempts_per_sample=3, errors=(0.0, 0.0, 0.0, 1.0), include=("drop_grid",))
    found = list(attempts(sample(), only, 0))
    assert [origin.names for origin in corrupted(found)] == [("drop_grid",)]  # and no second one


@pytest.mark.parametrize("category", category_names(Modality.CHART))
def test_the_weights_decide_the_categories(category: str) -> None:
    only = mix(attempts_per_sample=8, errors=(1.0,), category_weights={"chart": {category: 2.0}})
    found = corrupted(list(attempts(sample(), only, 0)))
    assert found
    assert {name for origin in found for name in origin.categories} == {category}


def test_categories_are_drawn_as_in_the_benchmark() -> None:
    counts: Counter[str] = Counter()
    for seed in range(6):
        found = attempts(sample(), mix(attempts_per_sample=64, errors=(1.0,)), seed)
        counts.update(name for origin in corrupted(list(found)) for name in origin.categories)
    wanted = BENCHMARK_COUNTS[Modality.CHART]
    for name, count in wanted.items():
        share = counts[name] / counts.total()
        assert share == pytest.approx(count / sum(wanted.values()), abs=0.08), name


def test_each_modality_may_have_its_own_number_of_errors() -> None:
    both = mix(attempts_per_sample=6, errors=(1.0,), errors_of={"table": (0.0, 1.0)})
    table = "<table><tr><th>Year</th><th>Rain</th></tr><tr><td>2019</td><td>31.5</td></tr></table>"
    for one, count in ((sample(), 1), (sample(table, Language.HTML), 2)):
        assert {len(origin.names) for origin in corrupted(list(attempts(one, both, 0)))} == {count}


def test_categories_are_drawn_evenly_where_no_weights_are_given() -> None:
    even = mix(attempts_per_sample=64, errors=(1.0,), category_weights={})
    found = corrupted(list(attempts(sample(), even, 0)))
    counts = Counter(origin.categories[0] for origin in found)
    assert set(counts) == set(category_names(Modality.CHART))
    assert min(counts.values()) >= 6


def test_many_corruptions_take_part() -> None:
    found = corrupted(list(attempts(sample(), mix(attempts_per_sample=64), 0)))
    assert len({name for origin in found for name in origin.names}) >= 35


def test_included_and_excluded_corruptions_are_kept_to() -> None:
    only = mix(
        attempts_per_sample=8,
        include=("drop_grid", "misspell_title", "move_legend"),
        exclude=("move_legend",),
    )
    names = {
        name for origin in corrupted(list(attempts(sample(), only, 0))) for name in origin.names
    }
    assert names == {"drop_grid", "misspell_title"}
    assert [item.name for item in selected(Modality.CHART, only)] == ["misspell_title", "drop_grid"]
    assert selected(Modality.TABLE, only) == ()


@pytest.mark.parametrize("setting", ["include", "exclude"])
def test_an_unknown_corruption_names_what_was_meant(setting: str) -> None:
    with pytest.raises(ConfigError, match="misspell_title"):
        list(attempts(sample(), mix(**{setting: ("mispell_titel",)}), 0))
    with pytest.raises(ConfigError, match="known:"):
        check_names(["zzz"])


def test_a_name_is_looked_up_and_told_apart_by_modality() -> None:
    assert by_name("drop_grid").modality is Modality.CHART
    shared = [
        name
        for name in {item.name for item in corruptions(Modality.CHART)}
        if any(item.name == name for item in corruptions(Modality.TABLE))
    ]
    for name in shared:
        with pytest.raises(ConfigError, match="say which modality"):
            by_name(name)
        assert by_name(name, Modality.TABLE).modality is Modality.TABLE
    with pytest.raises(ConfigError, match="did you mean"):
        by_name("drop_gird")


def test_negatives_come_with_the_shares_asked_for() -> None:
    both = mix(attempts_per_sample=0, identical_share=1.0, equivalent_share=1.0)
    found = list(attempts(sample(), both, 0))
    assert [type(attempt.origin) for attempt in found] == [Identical, Equivalent]
    assert found[0].code == CODE
    assert found[1].code != CODE
    assert list(attempts(sample(), mix(attempts_per_sample=0), 0)) == []
    half = mix(attempts_per_sample=0, identical_share=0.5)
    many = [list(attempts(sample(f"{CODE}# {index}\n"), half, 0)) for index in range(60)]
    assert 15 <= sum(map(bool, many)) <= 45


def test_a_minimal_pair_lacks_exactly_the_last_error() -> None:
    pairs = mix(attempts_per_sample=10, errors=(0.0, 0.0, 1.0), minimal_pair_share=1.0)
    found = corrupted(list(attempts(sample(), pairs, 0)))
    assert len(found) == 20
    for whole, fewer in zip(found[::2], found[1::2], strict=True):
        assert fewer.names == whole.names[:-1]
        assert set(fewer.edits) < set(whole.edits)
        assert whole.minimal_of == ""
    ids = {attempt.id: attempt for attempt in attempts(sample(), pairs, 0)}
    for attempt in ids.values():
        if isinstance(attempt.origin, Corrupted) and attempt.origin.minimal_of:
            other = ids[attempt.origin.minimal_of].origin
            assert isinstance(other, Corrupted)
            assert attempt.origin.names == other.names[:-1]


def test_a_hard_negative_says_that_it_is_one() -> None:
    found = list(attempts(sample(), mix(attempts_per_sample=0, unseen_share=1.0), 0))
    assert len(found) == 1
    origin = found[0].origin
    assert isinstance(origin, Equivalent)
    assert origin.unseen and origin.rewrite.startswith("nudge_")
    assert found[0].code != CODE


def test_code_that_is_no_program_is_an_error_of_its_row() -> None:
    with pytest.raises(CodeParseError):
        list(attempts(sample("plt.plot("), mix(), 0))


def test_a_script_without_anything_to_corrupt_gives_nothing() -> None:
    assert list(attempts(sample("x = 1\n"), mix(), 0)) == []


def test_what_applies_is_listed_in_the_order_of_the_catalog() -> None:
    fits = [item.name for item in applicable("ax.plot(x)\nax.grid(True)\n", Language.PYTHON)]
    assert "drop_grid" in fits
    assert "drop_legend" not in fits
    order = [item.name for item in corruptions(Modality.CHART)]
    assert fits == sorted(fits, key=order.index)
    with pytest.raises(CodeParseError):
        applicable("plot(", Language.PYTHON)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        (
            "<table><tr><th>Year</th><th>Rain</th></tr><tr><td>2019</td><td>31.5</td></tr></table>",
            Language.HTML,
        ),
        ("| Year | Rain |\n|---|---|\n| 2019 | 31.5 |\n| 2020 | 28.0 |\n", Language.MARKDOWN),
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="4" height="4" fill="red"/><circle r="3"/></svg>',
            Language.SVG,
        ),
    ],
)
def test_tables_and_icons_are_composed_alike(code: str, language: Language) -> None:
    found = list(attempts(sample(code, language), mix(attempts_per_sample=6), 0))
    assert len(found) == 6
    assert len({attempt.code for attempt in found} | {code}) == 7
    assert {attempt.language for attempt in found} == {language}
