"""What every corruption promises, on every bundled sample it applies to."""

from __future__ import annotations

import ast
import doctest
from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from annotators.structural import compare
from corruptors.corruption import Corruption
from corruptors.registry import corruptions, policy_rewrites, rewrites
from records.edits import Mutation, apply, inverse
from records.rows import Sample
from records.taxonomy import CATEGORIES, Language, Modality, category_names
from renderers.registry import held_renderer
from sources.bundled import samples

SEED = 20

Made = tuple[Sample, str, Mutation]


@cache
def applied(modality: Modality) -> dict[str, list[Made]]:
    """For each corruption by name: the bundled samples it changes, and how."""
    made: dict[str, list[Made]] = defaultdict(list)
    for sample in samples(modality):
        for item in corruptions(modality):
            result = item(sample.code, SEED)
            if result is not None:
                made[item.name].append((sample, *result))
    return made


each = pytest.mark.parametrize("modality", list(Modality))


def _pairs(modality: Modality) -> list[tuple[Corruption[Any], Made]]:
    return [(item, made) for item in corruptions(modality) for made in applied(modality)[item.name]]


@each
def test_every_corruption_applies_to_a_bundled_sample(modality: Modality) -> None:
    assert not [item.name for item in corruptions(modality) if not applied(modality)[item.name]]


@each
def test_every_category_is_reached_on_nearly_every_sample(modality: Modality) -> None:
    categories = {item.name: item.category.value for item in corruptions(modality)}
    assert set(categories.values()) == set(category_names(modality))
    reached = {categories[name] for name, made in applied(modality).items() if len(made) >= 5}
    assert reached == set(category_names(modality))


@each
def test_every_bundled_sample_can_be_corrupted_in_many_ways(modality: Modality) -> None:
    ways: dict[str, int] = defaultdict(int)
    for made in applied(modality).values():
        for sample, _, _ in made:
            ways[sample.upstream_id] += 1
    assert len(ways) == len(samples(modality))
    assert min(ways.values()) >= 8


@each
def test_what_is_made_parses_and_differs(modality: Modality) -> None:
    for item, (sample, code, _) in _pairs(modality):
        where = f"{item.name} on {sample.upstream_id}"
        assert code != sample.code, where
        if sample.language is Language.PYTHON:
            ast.parse(code)
        else:
            item.program.parse(code)


@each
def test_what_is_made_is_undone_exactly(modality: Modality) -> None:
    for item, (sample, code, mutation) in _pairs(modality):
        where = f"{item.name} on {sample.upstream_id}"
        assert apply(sample.code, mutation.edits) == code, where
        assert apply(code, inverse(sample.code, mutation.edits)) == sample.code, where
        assert mutation.location.strip(), where
        assert mutation.description.strip(), where


@each
def test_the_same_seed_repeats(modality: Modality) -> None:
    for item in corruptions(modality):
        for sample, code, mutation in applied(modality)[item.name][:2]:
            fresh = type(item)(item.program, item.category, item.propose)
            assert fresh(sample.code, SEED) == (code, mutation), item.name


@each
def test_every_corruption_is_declared_in_full(modality: Modality) -> None:
    finder = doctest.DocTestFinder(recurse=False)
    for item in corruptions(modality):
        assert type(item.category) is CATEGORIES[modality], item.name
        assert item.modality is modality
        words = item.__doc__ or ""
        first = words.splitlines()[0]
        assert first.endswith("."), item.name
        assert len(first) > 15, item.name
        tests = finder.find(item.propose, item.name)
        assert any(test.examples for test in tests), f"{item.name} has no example"


@each
def test_names_are_unique_within_a_modality(modality: Modality) -> None:
    names = [item.name for item in corruptions(modality)]
    assert len(names) == len(set(names))


@each
def test_every_sample_can_be_rewritten_and_every_rewrite_is_undone_exactly(
    modality: Modality,
) -> None:
    for sample in samples(modality):
        reached = 0
        for item in rewrites(modality):
            assert item.__doc__
            result = item(sample.code, SEED)
            if result is not None:
                code, mutations = result
                reached += 1
                assert code != sample.code, f"{item.name} on {sample.upstream_id}"
                item.program.parse(code)
                edits = [edit for mutation in mutations for edit in mutation.edits]
                assert apply(code, inverse(sample.code, edits)) == sample.code
        assert reached >= 2, sample.upstream_id


@pytest.mark.slow
@each
def test_a_rewrite_as_policies_write_shows_no_difference(modality: Modality) -> None:
    renderer = held_renderer(modality)
    for item in policy_rewrites(modality):
        made = [(one, result) for one in samples(modality) if (result := item(one.code, SEED))]
        for sample, (code, _) in made[::4]:
            reference = renderer.render(sample.code, sample.language)
            candidate = renderer.render(code, sample.language)
            found = compare(reference.drawn(), candidate.drawn()).discrepancies
            assert not found, (item.name, sample.upstream_id, found)
