"""The declaration of a corruption, and of a rewrite."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from random import Random

import pytest

import corruptors
from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import Corruption, corruption, parsed
from corruptors.rewrite import Rewrite, rewrite, rewritten
from records.edits import Edit, Mutation
from records.errors import CodeParseError
from records.taxonomy import ChartCategory, Modality, TableCategory


@corruption(ChartProgram, ChartCategory.DATA)
def drop_a_digit(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A digit is missing."""
    for at, sign in enumerate(chart.text):
        if sign.isdigit():
            yield Mutation((Edit(at, at + 1, ""),), f"character {at}", "is missing")


def test_the_functions_own_name_and_words_are_kept() -> None:
    assert drop_a_digit.name == drop_a_digit.__name__ == "drop_a_digit"
    assert drop_a_digit.__doc__ == "A digit is missing."
    assert drop_a_digit.modality is Modality.CHART
    assert drop_a_digit.category is ChartCategory.DATA
    assert "drop_a_digit" in repr(drop_a_digit)


def test_the_modality_follows_the_category() -> None:
    declared = corruption(ChartProgram, TableCategory.TEXT)(drop_a_digit.propose)
    assert declared.modality is Modality.TABLE
    with pytest.raises(TypeError, match="no category"):
        corruption(ChartProgram, "data_error")(drop_a_digit.propose)  # type: ignore[arg-type]


def test_one_seed_makes_one_choice_and_many_seeds_reach_every_mutation() -> None:
    assert drop_a_digit("x = 12", 5) == drop_a_digit("x = 12", 5)
    made = {drop_a_digit("x = 123", seed)[0] for seed in range(40)}  # type: ignore[index]
    assert made == {"x = 23", "x = 13", "x = 12"}


def test_nothing_to_go_wrong_is_none_and_no_program_is_an_error() -> None:
    assert drop_a_digit("x = y", 0) is None
    with pytest.raises(CodeParseError, match="line 1"):
        drop_a_digit("x = (", 0)


def test_a_sample_is_parsed_once_for_all_corruptions() -> None:
    assert parsed(ChartProgram, "x = 1") is parsed(ChartProgram, "x = 1")


@rewrite(ChartProgram)
def add_space(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Lines end in a blank."""
    for at, sign in enumerate(chart.text + "\n"):
        if sign == "\n":
            yield Mutation((Edit(at, at, " "),), f"character {at}", "a blank more")


@rewrite(ChartProgram)
def never(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Nothing changes."""
    return
    yield


def test_a_rewrite_makes_several_mutations_that_do_not_overlap() -> None:
    counts = {len(add_space("a = 1\nb = 2\nc = 3", seed)[1]) for seed in range(20)}  # type: ignore[index]
    assert counts == {1, 2, 3}
    assert add_space("a = 1", 3) == add_space("a = 1", 3) == ("a = 1 ", add_space("a = 1", 3)[1])  # type: ignore[index]
    assert never("a = 1", 0) is None


def test_rewrites_follow_one_another_and_say_which() -> None:
    both: tuple[Rewrite[ChartProgram], ...] = (add_space, never)
    code, names, seed = next(rewritten("a = 1", both, Random(0)))
    assert (code, names) == ("a = 1 ", "add_space")
    assert next(rewritten("a = 1", both, Random(0))) == (code, names, seed)
    assert not list(rewritten("a = 1", (never,), Random(0)))


MODULES = sorted(
    name for _, name, _ in pkgutil.iter_modules(corruptors.__path__) if not name.startswith("_")
)


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_holds(name: str) -> None:
    module = importlib.import_module(f"corruptors.{name}")
    result = doctest.testmod(module)
    declared = [
        value
        for value in vars(module).values()
        if isinstance(value, (Corruption, Rewrite)) and value.__module__ == module.__name__
    ]
    assert result.failed == 0
    assert result.attempted >= len(declared)
