"""How far the catalog reaches on real scripts, none of which it was written for."""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random
from statistics import median

import pytest

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import parsed
from corruptors.registry import corruptions
from records.edits import apply, inverse
from records.taxonomy import ChartCategory, Modality

FOLDER = Path("../shared/data/chartmimic/ori_500")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real scripts at {FOLDER}"),
]


def test_many_corruptions_of_every_category_apply_to_a_real_script() -> None:
    per_script: list[int] = []
    lacking: dict[ChartCategory, int] = dict.fromkeys(ChartCategory, 0)
    scripts = sorted(FOLDER.glob("*.py"))
    for script in scripts:
        chart = parsed(ChartProgram, script.read_text(encoding="utf-8"))
        fits = [item for item in corruptions(Modality.CHART) if any(item.propose(chart, Random(0)))]
        per_script.append(len(fits))
        for category in {item.category for item in fits} ^ set(ChartCategory):
            lacking[category] += 1
    assert median(per_script) >= 40
    assert min(per_script) >= 10
    assert lacking[ChartCategory.STYLE] == 0
    assert max(lacking.values()) <= len(scripts) // 6


def test_every_mutation_of_a_real_script_parses_differs_and_is_undone() -> None:
    for script in sorted(FOLDER.glob("*.py"))[::8]:
        code = script.read_bytes().decode("utf-8")
        chart = parsed(ChartProgram, code)
        for item in corruptions(Modality.CHART):
            for mutation in list(item.propose(chart, Random(1)))[:6]:
                wrong = apply(code, mutation.edits)
                where = f"{item.name} on {script.name}: {mutation}"
                assert wrong != code, where
                assert apply(wrong, inverse(code, mutation.edits)) == code, where
                try:
                    ast.parse(wrong)
                except SyntaxError as error:
                    pytest.fail(f"{where}: {error}")
