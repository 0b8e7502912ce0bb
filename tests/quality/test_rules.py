"""The rules of a dataset: one checkpoint of Great Expectations that decides about publication."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pytest

from quality.dataset.index import INDEX, Indexer
from quality.dataset.survey import survey
from quality.expect.frame import write_frame
from quality.expect.measures import DatasetFigures, Measure, WantedFigures, measures
from quality.expect.pages import page_text
from quality.expect.suite import RuleResult, check_rules, require
from quality.format.schema import SPLITS
from quality.rules.rule_list import DATASET_RULES, ROW_RULES
from records.errors import BoundPassed
from records.sections import CorruptionMix, DatasetRuleName, QualityConfig

FEW = QualityConfig(min_rows_for_rules=20)
Line = dict[str, Any]


@pytest.fixture(scope="module")
def lines(mixed_rows: Any) -> list[Line]:
    """Lines of 60 good rows, each with the split it is published in."""
    indexer = Indexer()
    made = [indexer.line(row) for row in mixed_rows(4)]
    samples = list(dict.fromkeys(line["sample_id"] for line in made))
    return [{**line, "split": SPLITS[samples.index(line["sample_id"]) % 3]} for line in made]


def found_in(lines: list[Line], **more: Any) -> DatasetFigures:
    table, split = tables(lines)
    seen = survey([table], split, 0)
    return DatasetFigures(
        seen.tally.to_json(), seen.mix.to_json({}), more.pop("rejects", {}), **more
    )


def tables(lines: list[Line]) -> tuple[pa.Table, Any]:
    split = np.array([SPLITS.index(line["split"]) for line in lines], dtype=np.int8)
    return pa.Table.from_pylist([{k: line[k] for k in INDEX.names} for line in lines], INDEX), split


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., dict[str, RuleResult]]:
    """``judge(lines, quality, measured)``: what becomes of each rule, by name."""

    def judged(
        lines: list[Line], quality: QualityConfig = FEW, measured: list[Measure] | None = None
    ) -> dict[str, RuleResult]:
        frame = tmp_path / "rows.parquet"
        table, split = tables(lines)
        write_frame(lambda names: [table.select(names)], split, frame)
        results = check_rules(frame, measured or [], quality, tmp_path)
        return {result.rule.name: result for result in results}

    return judged


def test_every_rule_is_in_the_table_once_and_says_what_must_hold() -> None:
    assert [rule.name for rule in DATASET_RULES] == list(get_args(DatasetRuleName))
    names = [rule.name for rule in (*ROW_RULES, *DATASET_RULES)]
    assert len(set(names)) == len(names)
    for rule in DATASET_RULES:
        assert rule.says.endswith(".") and (
            not rule.setting or rule.setting in QualityConfig.model_fields
        )


def test_good_rows_meet_every_rule_that_is_judged(lines: list[Line], judge: Any) -> None:
    results = judge(lines)
    judged = {"ids", "split_leakage", "reserved", "licence", "degenerate", "label_language"}
    assert {name for name, result in results.items() if result.status == "met"} == judged
    assert {result.status for result in results.values()} == {"met", "not judged"}
    require(list(results.values()), "here")


def first(lines: list[Line], **wanted: Any) -> int:
    return next(at for at, line in enumerate(lines) if all(line[k] == v for k, v in wanted.items()))


def plant(lines: list[Line], rule: str) -> tuple[list[Line], str]:
    """The good lines with one fault, and the id that a finding has to name."""
    bad = copy.deepcopy(lines)
    at = first(bad, split="train")
    match rule:
        case "ids":
            bad[at]["id"] = bad[at + 1]["id"]
        case "split_leakage":
            bad[at]["split"] = "validation"
        case "reserved":
            bad[at]["reserved"] = "chartmimic_600"
        case "licence":
            bad[at]["licence"] = ""
        case "degenerate":
            for line in bad[at : at + 8]:
                line["degenerate"] = True
        case "label_language":
            for line in bad[at : at + 3]:
                line["foreign_labels"] = 1
    return bad, bad[at]["id"]


@pytest.mark.parametrize(
    "rule", ["ids", "split_leakage", "reserved", "licence", "degenerate", "label_language"]
)
def test_a_planted_fault_stops_publication_and_its_row_is_named(
    rule: str, lines: list[Line], judge: Any
) -> None:
    bad, id_ = plant(lines, rule)
    results = judge(bad)
    assert results.pop(rule).status == "not met"
    assert "not met" not in {result.status for result in results.values()}
    failed = judge(bad)[rule]
    assert id_ in failed.findings[0].rows or any(id_ in f.rows for f in failed.findings)
    with pytest.raises(BoundPassed, match=rf'(?s)set 1 breaks 1 of .*{rule}.*warn = \["{rule}"\]'):
        require([failed], "set 1")
    warned = judge(bad, FEW.model_copy(update={"warn": (rule,)}))
    assert warned[rule].status == "warning"
    require(list(warned.values()), "set 1")


def test_a_picture_in_two_splits_is_leakage(lines: list[Line], judge: Any) -> None:
    bad = copy.deepcopy(lines)
    train, test = first(bad, split="train"), first(bad, split="test")
    bad[train]["reference_hash"] = bad[test]["reference_hash"]
    failed = judge(bad)["split_leakage"]
    assert failed.status == "not met" and "splits_of_reference" in str(failed)


def broken(rule: str, quality: QualityConfig, found: DatasetFigures, **asked: Any) -> list[str]:
    """What is beyond the bounds of a rule."""
    wanted = WantedFigures(quality, asked.pop("mix", CorruptionMix()), asked.pop("config", {}))
    return [
        one.id
        for one in measures(found, wanted)
        if one.rule == rule and not one.at_least <= one.value <= one.at_most
    ]


def test_takeovers_are_measured(lines: list[Line]) -> None:
    found = found_in(lines)
    assert "chart data_error" in broken("categories", FEW, found)
    assert "svg shift_value" in broken("corruptions", FEW, found)
    assert broken("negatives", FEW, found) == []
    strict = FEW.model_copy(update={"max_negative_share": 0.3})
    assert broken("negatives", strict, found) == [
        f"{task} pairs without a difference" for task in ("chart", "table", "svg")
    ]
    narrowed = CorruptionMix(include=("shift_value",))
    assert broken("categories", FEW, found, mix=narrowed) == []
    assert measures(found, WantedFigures(QualityConfig(), CorruptionMix(), {})) == []


def test_unexplained_changes_have_a_bound(lines: list[Line]) -> None:
    changed = sum(bool(line["discrepancies"]) for line in lines)
    lost = found_in(lines, rejects={"check": {"unexplained_change": changed}})
    assert broken("unexplained", FEW, lost) == ["lost as unexplained_change"]
    few = found_in(lines, rejects={"check": {"unexplained_change": 1}})
    assert broken("unexplained", FEW, few) == []


def test_a_mix_that_was_not_reached_is_measured(lines: list[Line]) -> None:
    table, split = tables(lines)
    seen = survey([table], split, 0)
    wanted = {
        "svg": {"shape_error": 1.0},
        "chart": {"data_error": 1.0},
        "table": {"text_error": 1.0},
    }
    found = DatasetFigures(seen.tally.to_json(), seen.mix.to_json(wanted), {})
    assert {line.split(":")[0] for line in broken("mix", FEW, found)} == set()
    few = FEW.model_copy(update={"min_rows_for_rules": 8})
    assert broken("mix", few, found) == [
        "table text_error: 0.0% for 100.0%",
        "table numeric_error: 100.0% for 0.0%",
    ]


def test_a_policy_or_a_source_that_takes_over_or_is_missing_is_measured(lines: list[Line]) -> None:
    more = copy.deepcopy(lines)
    more[first(more, origin="sampled", task="svg")]["policy"] = "rare"
    few = FEW.model_copy(update={"min_rows_for_rules": 4, "max_policy_share": 0.7})
    assert broken("policies", few, found_in(more)) == ["svg reader-weak"]
    config = {"sources": {"bundled": {}, "unisvg": {}}}
    assert broken("sources", FEW, found_in(lines), config=config) == ["bundled", "unisvg"]


def drifted(lines: list[Line]) -> list[Line]:
    """The same rows, but most charts are gone."""
    charts = [line for line in lines if line["task"] == "chart"]
    return [line for line in lines if line not in charts[5:]]


def test_a_checkpoint_stops_a_drifted_dataset(lines: list[Line], judge: Any) -> None:
    config = {"sources": {"bundled": {}}, "corruption": {"attempts_per_sample": 4}}
    before = {"config": config, "counts": found_in(lines).counts}
    asked = WantedFigures(FEW, CorruptionMix(), config)
    same = measures(found_in(lines, before=before), asked)
    assert judge(lines, FEW, [m for m in same if m.rule == "drift"])["drift"].status == "met"
    after = drifted(lines)
    measured = [m for m in measures(found_in(after, before=before), asked) if m.rule == "drift"]
    result = judge(after, FEW, measured)["drift"]
    assert result.status == "not met"
    with pytest.raises(BoundPassed, match=r"modality of all chart: 33\.3% before, 11\.1% now"):
        require([result], "dataset demo 2")
    # Another configuration asks for other shares: that is no drift.
    other = {**config, "corruption": {"attempts_per_sample": 8}}
    moved = measures(found_in(after, before={**before, "config": other}), asked)
    assert [m for m in moved if m.rule == "drift"] == []
    assert judge(after, FEW, [])["drift"].status == "not judged"


def test_nothing_is_left_in_the_temporary_folder(
    lines: list[Line], judge: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    assert judge(lines)["ids"].status == "met"
    assert list((tmp_path / "temp").iterdir()) == []


def test_the_page_says_what_was_seen_and_leaves_the_disk_alone(
    lines: list[Line], judge: Any
) -> None:
    bad, id_ = plant(lines, "licence")
    measured = [Measure("drift", "<b>svg</b>", 0.5, at_most=0.15)]
    pages = [
        page_text("demo 1", list(judge(bad, FEW, measured).values()), measured, {}) for _ in "ab"
    ]
    assert pages[0] == pages[1]
    assert id_ in pages[0] and "<b>svg" not in pages[0] and "&lt;b&gt;svg" in pages[0]
    for rule in (*ROW_RULES, *DATASET_RULES):
        assert rule.name in pages[0]
    assert not re.search(r"""(src|href)=["']|url\(|<script""", pages[0])


def test_a_check_imports_neither_great_expectations_nor_pandas() -> None:
    """They take seconds, and every shard pays for them."""
    code = "import sys, quality.stage; print([m for m in ('great_expectations', 'pandas', 'matplotlib') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
