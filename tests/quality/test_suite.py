"""Great Expectations over whole shards: planted faults are found, named and explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from quality.expect.expectations import Bounds, Shares
from quality.expect.frame import frame_of, frames_of
from quality.expect.suite import SuiteResult, check_frame, validate
from records.config import CorruptionMix, QualityConfig
from records.errors import BoundPassed
from records.taxonomy import Modality


@pytest.fixture(scope="module")
def frame(mixed_rows: Any) -> pd.DataFrame:
    return frame_of(mixed_rows(4))


def test_good_rows_are_as_expected(frame: pd.DataFrame) -> None:
    result = validate(frame)
    assert result.success and not result.failures
    assert result.expectations > 25
    assert result.require("here") is result


def test_nothing_is_left_in_the_temporary_folder(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert validate(frame).success
    assert list(tmp_path.iterdir()) == []


COPIED = 59
"""The row whose id another row takes over."""
PLANTED: list[tuple[str, Any, str, str]] = [
    ("id", COPIED, "to_be_unique", "id"),
    ("id", "xyz", "match_regex", "id"),
    ("sample_id", None, "not_be_null", "sample_id"),
    ("licence", "", "lengths_to_be_between", "licence"),
    ("task", "pie", "be_in_set", "task"),
    ("origin", "dreamt", "be_in_set", "origin"),
    ("split", "dev", "be_in_set", "split"),
    ("reference_hash", "0" * 31, "match_regex", "reference_hash"),
    ("candidate_hash", "Z" * 32, "match_regex", "candidate_hash"),
    ("render_contract", "", "match_regex", "render_contract"),
    ("changed_fraction", 1.5, "values_to_be_between", "changed_fraction"),
    ("discrepancy_count", 99, "values_to_be_between", "discrepancy_count"),
    ("counted", 7, "pair_values_to_be_equal", "discrepancy_count and counted"),
    ("severity_max", 4, "values_to_be_between", "severity_max"),
    ("severity_min", 0, "values_to_be_between", "severity_min"),
    ("severity_sum", 0, "a_to_be_greater_than_b", "severity_sum and discrepancy_count"),
    ("height_px_min", 2, "values_to_be_between", "height_px_min"),
    ("side_px_max", 90_000, "values_to_be_between", "side_px_max"),
    ("splits_of_sample", 2, "values_to_be_between", "splits_of_sample"),
    ("trains_on_reserved", True, "be_in_set", "trains_on_reserved"),
]


def changed(frame: pd.DataFrame) -> list[int]:
    """Rows that hold discrepancies; the others are judged by other expectations."""
    return list(frame.index[frame["discrepancy_count"] > 0])


@pytest.fixture(scope="module")
def planted(frame: pd.DataFrame) -> SuiteResult:
    """The good rows with one fault each, checked once."""
    bad = frame.copy()
    for row, (column, value, _, _) in zip(changed(frame), PLANTED, strict=False):
        bad.loc[row, column] = frame[column].iloc[value] if value is COPIED else value
    return validate(bad)


@pytest.mark.parametrize("row", range(len(PLANTED)), ids=[line[0] for line in PLANTED])
def test_a_planted_fault_is_found_and_its_row_named(
    frame: pd.DataFrame, planted: SuiteResult, row: int
) -> None:
    column, value, expectation, named = PLANTED[row]
    failure = next(
        f for f in planted.failures if expectation in f.expectation and f.column == named
    )
    assert failure.observed and failure.bound
    ids = {"id": frame["id"].iloc[COPIED] if value is COPIED else value}
    assert ids.get(column, frame["id"][changed(frame)[row]]) in failure.rows
    with pytest.raises(BoundPassed) as caught:
        planted.require("shard 7")
    assert "shard 7 fails" in str(caught.value) and str(failure) in str(caught.value)


def test_nothing_else_is_found(planted: SuiteResult) -> None:
    found = {(failure.expectation, failure.column) for failure in planted.failures}
    meant = {(expectation, column) for _, _, expectation, column in PLANTED}
    assert len(found) == len(meant)


def test_an_identical_pair_with_labels_is_found(frame: pd.DataFrame) -> None:
    bad = frame.copy()
    at = bad.index[bad["origin"] == "identical"][0]
    bad.loc[at, ["discrepancy_count", "counted", "severity_sum"]] = 1
    failures = validate(bad).failures
    assert any("origin == identical" in f.bound and bad["id"][at] in f.rows for f in failures)


def test_takeover_by_one_category_or_corruption_is_found(frame: pd.DataFrame) -> None:
    result = validate(frame, Bounds(min_rows_for_share=10, max_corruption_share=0.5))
    (failure,) = result.failures
    assert "chart data_error" in failure.rows and "chart shift_value" in failure.rows
    assert validate(frame, Bounds(min_rows_for_share=1000)).success


def test_unexplained_changes_have_a_bound(frame: pd.DataFrame) -> None:
    bounds = Bounds(min_rows_for_share=30, max_category_share=1, max_corruption_share=1)
    changed = int((frame["discrepancy_count"] > 0).sum())
    lost = {"check": {"unexplained_change": changed}}
    (failure,) = validate(frame, bounds, lost).failures
    assert failure.rows == ("unexplained_change",) and "0.1 against 0.5" in failure.observed
    assert validate(frame, bounds, {"check": {"unexplained_change": 1}}).success


def test_a_mix_narrowed_on_purpose_may_be_one_sided() -> None:
    quality = QualityConfig(max_corruption_share=0.4)
    assert Bounds.of(quality, CorruptionMix()).max_corruption_share == 0.4
    for mix in (
        CorruptionMix(include=("drop_legend",)),
        CorruptionMix(exclude=("drop_legend",)),
        CorruptionMix(category_weights={Modality.SVG: {"shape_error": 1.0}}),
    ):
        bounds = Bounds.of(quality, mix)
        assert bounds.max_corruption_share == bounds.max_category_share == 1.0
    assert Bounds.of(quality, CorruptionMix(attempts_per_sample=0)).max_negative_share == 1.0


def test_too_few_rows_prove_nothing_about_shares(frame: pd.DataFrame) -> None:
    count = Shares()
    count.add(frame)
    assert count.lines(Bounds(min_rows_for_share=61), {}).empty
    assert len(count.lines(Bounds(min_rows_for_share=20), {})) == 10


def test_frames_are_judged_one_by_one_and_their_shares_together(
    mixed_rows: Any, tmp_path: Path
) -> None:
    rows = mixed_rows(4)
    rows[50] = {**rows[50], "changed_fraction": 7.0}
    bounds = Bounds(min_rows_for_share=20)
    result = validate(frames_of(rows, 25), bounds, data_docs=tmp_path)
    wrong, share = result.failures
    assert wrong.rows == (rows[50]["id"],) and "svg shape_error" in share.rows
    index = (tmp_path / "index.html").read_text()
    assert "rows, part 3" in index and index.count("fa-times") == 2


def test_shards_are_checked_from_their_files(make_row: Any, write_shard: Any) -> None:
    good = write_shard("good", [make_row(n, split="") for n in range(3)])
    assert check_frame([good], QualityConfig()).success
    assert check_frame([write_shard("empty", [])], QualityConfig()).expectations == 0
    bad = write_shard("bad", [make_row(0), make_row(1, changed_fraction=2.0)])
    with pytest.raises(BoundPassed, match=r"(?s)bad\.parquet fails 1 of .*changed_fraction.* 2"):
        check_frame([bad], QualityConfig())
    many = QualityConfig(max_discrepancies=1)
    with pytest.raises(BoundPassed, match="discrepancy_count"):
        check_frame([write_shard("many", [make_row(0, wrong=2)])], many)


def test_data_docs_are_pages_and_the_same_each_time(frame: pd.DataFrame, tmp_path: Path) -> None:
    pages: list[dict[str, bytes]] = []
    for name in ("a", "b"):
        validate(frame, data_docs=tmp_path / name)
        pages.append(
            {
                path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
                for path in sorted((tmp_path / name).rglob("*.html"))
            }
        )
    assert "index.html" in pages[0] and len(pages[0]) >= 4
    assert pages[0] == pages[1]
    text = b"".join(pages[0].values()).decode()
    assert "severity_max" in text and "What was found in the rows" in text
    assert not re.search(r"""(src|href)=["']https?:|url\(|<script""", text), (
        "a page leaves the disk"
    )


def test_data_docs_say_what_was_not_met(frame: pd.DataFrame, tmp_path: Path) -> None:
    bad = frame.copy()
    bad.loc[2, "task"] = "pie"
    assert not validate(bad, data_docs=tmp_path).success
    index = (tmp_path / "index.html").read_text()
    assert index.count("fa-times") == 1 and index.count("fa-check-circle") == 1
    (page,) = (tmp_path / "validations" / "rows").rglob("*.html")
    assert "pie" in page.read_text() and frame["id"][2] in page.read_text()
