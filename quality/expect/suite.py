"""The rules of a dataset as one checkpoint of Great Expectations, run once before it is published.

Two tables are checked: the rows (`quality.expect.frame`) and the shares (`quality.expect.measures`).
Every expectation carries the name of its rule; rules that `quality.warn` names have the severity
"warning". Great Expectations takes seconds to import, so only publication does.
"""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from quality.expect.measures import Measure
from quality.rules.rule_list import DATASET_RULES, DatasetRule
from records.errors import BoundPassed
from records.sections import QualityConfig

ROWS_NAMED = 5
"""Most rows that a result lists."""
Status = Literal["met", "not met", "warning", "not judged"]


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """The result of one expectation."""

    expectation: str
    """Its type in Great Expectations: expect_column_values_to_be_unique."""
    expected: str
    """The column, and what it is to be."""
    met: bool
    observed: str
    rows: tuple[str, ...] = ()
    """Ids of the first rows, or names of the first measures, at fault."""

    def __str__(self) -> str:
        named = f"; look at {', '.join(self.rows)}" if self.rows else ""
        return f"{self.expected}: {self.observed}{named}"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule of the dataset."""

    rule: DatasetRule
    status: Status
    findings: tuple[ExpectationResult, ...]

    def __str__(self) -> str:
        missed = "; ".join(str(finding) for finding in self.findings if not finding.met)
        moved = f" (quality.{self.rule.setting})" if self.rule.setting else ""
        return f"{self.rule.name}{moved}: {missed}"

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.name,
            "says": self.rule.says,
            "status": self.status,
            "missed": [
                {**asdict(finding), "rows": list(finding.rows)}
                for finding in self.findings
                if not finding.met
            ],
        }


def require(results: Sequence[RuleResult], where: str, see: str = "") -> None:
    """Return if no rule stops publication.

    Raises:
        BoundPassed: lists each rule that is not met, with the values, rows and the remedy.
    """
    failed = [result for result in results if result.status == "not met"]
    if failed:
        names = ", ".join(f'"{result.rule.name}"' for result in failed)
        lines = "\n  ".join(map(str, failed))
        raise BoundPassed(
            f"{where} breaks {len(failed)} of {len(DATASET_RULES)} rules and is not published{see}:\n  "
            f"{lines}\nIf this is meant, move the bound in [quality], or publish with a warning: "
            f"quality.warn = [{names}]"
        )


def check_rules(
    frame: Path, measured: Sequence[Measure], quality: QualityConfig, folder: Path
) -> list[RuleResult]:
    """Run the checkpoint of a dataset.

    Args:
        frame: What `write_frame` wrote.
        measured: What `measures` found.
        quality: The bounds, and the rules that only warn.
        folder: An empty local folder, for the table of measures.
    """
    shares = folder / "measures.parquet"
    table = pd.DataFrame([asdict(measure) for measure in measured], columns=_MEASURE)
    table.to_parquet(shares)
    with _quiet():
        outcomes = _run(
            {
                "rows": (frame, _row_expectations(frame, quality)),
                "measures": (shares, _share_expectations(measured)),
            },
            set(quality.warn),
        )
    findings: dict[str, list[ExpectationResult]] = defaultdict(list)
    for outcome in outcomes:
        findings[outcome.expectation_config.meta["rule"]].append(_finding(outcome))
    return [
        RuleResult(rule, _status(rule, findings[rule.name], quality), tuple(findings[rule.name]))
        for rule in DATASET_RULES
    ]


def _status(
    rule: DatasetRule, findings: Sequence[ExpectationResult], quality: QualityConfig
) -> Status:
    if not findings:
        return "not judged"
    if all(finding.met for finding in findings):
        return "met"
    return "warning" if rule.name in quality.warn else "not met"


_MEASURE = ["rule", "id", "value", "at_least", "at_most"]
_Expected = tuple[str, str, dict[str, Any]]
"""Rule, type of the expectation, its arguments."""


def _row_expectations(frame: Path, quality: QualityConfig) -> Iterator[_Expected]:
    in_set, between = "expect_column_values_to_be_in_set", "expect_column_values_to_be_between"
    yield "ids", "expect_column_values_to_be_unique", {"column": "id"}
    for column in ("splits_of_sample", "splits_of_reference"):
        yield "split_leakage", between, {"column": column, "min_value": 1, "max_value": 1}
    for split in ("train", "validation"):
        where = {"column": "reserved", "value_set": [""], **_where("split", split)}
        yield "reserved", in_set, where
    yield (
        "licence",
        "expect_column_value_lengths_to_be_between",
        {"column": "licence", "min_value": 1},
    )
    if quality.licences:
        yield "licence", in_set, {"column": "licence", "value_set": list(quality.licences)}
    if _rows(frame) >= quality.min_rows_for_rules:
        for rule, column, bound in (
            ("degenerate", "degenerate", quality.max_degenerate_share),
            ("label_language", "foreign_label", quality.max_foreign_label_share),
        ):
            yield rule, in_set, {"column": column, "value_set": [False], "mostly": 1 - bound}


def _share_expectations(measured: Sequence[Measure]) -> Iterator[_Expected]:
    pair = "expect_column_pair_values_a_to_be_greater_than_b"
    for rule in dict.fromkeys(measure.rule for measure in measured):
        for larger, smaller in (("at_most", "value"), ("value", "at_least")):
            columns = {"column_A": larger, "column_B": smaller, "or_equal": True}
            yield rule, pair, {**columns, **_where("rule", rule)}


def _where(column: str, value: str) -> dict[str, Any]:
    from great_expectations.expectations.row_conditions import Column

    return {"row_condition": Column(column) == value}


def _rows(frame: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(frame).num_rows)


def _run(tables: Mapping[str, tuple[Path, Iterable[_Expected]]], warned: set[str]) -> list[Any]:
    """Results of one checkpoint over several Parquet files."""
    # Read at import; it disables the library's usage reports.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    # The default context leaves a folder of pages in the temporary directory at every run.
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=stores,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        ),
    )
    source = context.data_sources.add_pandas("dataset")
    definitions = []
    for name, (path, expected) in tables.items():
        suite = context.suites.add(
            gx.ExpectationSuite(
                name=name,
                expectations=[
                    ExpectationConfiguration(
                        type=kind,
                        kwargs=kwargs,
                        meta={"rule": rule},
                        severity="warning" if rule in warned else "critical",
                    ).to_domain_obj()
                    for rule, kind, kwargs in expected
                ],
            )
        )
        batch = source.add_parquet_asset(name, path=path).add_batch_definition("all")
        definitions.append(
            context.validation_definitions.add(
                gx.ValidationDefinition(name=name, data=batch, suite=suite)
            )
        )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="dataset",
            validation_definitions=definitions,
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": ["id"],
                "partial_unexpected_count": ROWS_NAMED,
            },
        )
    )
    outcome = checkpoint.run(run_id=RunIdentifier(run_name="dataset", run_time=_EPOCH))
    return [result for run in outcome.run_results.values() for result in run.results]


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed time of every run, so that equal datasets give equal results."""


def _finding(outcome: Any) -> ExpectationResult:
    config, found = outcome.expectation_config, outcome.result
    lines: Sequence[Mapping[str, Any]] = found.get("unexpected_index_list") or []
    values = found.get("partial_unexpected_list") or []
    if outcome.exception_info and "element_count" not in found:
        observed = f"Great Expectations failed: {outcome.exception_info}"
    elif values:
        unexpected = f"{found['unexpected_count']:,} of {found['element_count']:,} are not"
        observed = f"{unexpected}: {', '.join(map(_plain, values[:ROWS_NAMED]))}"
    else:
        observed = f"all of {found['element_count']:,} are"
    return ExpectationResult(
        expectation=config.type,
        expected=_expected(config.kwargs),
        met=bool(outcome.success),
        observed=observed,
        rows=tuple(dict.fromkeys(str(line["id"]) for line in lines))[:ROWS_NAMED],
    )


def _expected(kwargs: Mapping[str, Any]) -> str:
    """An expectation's arguments in words.

    >>> _expected({"column": "licence", "value_set": ["MIT"], "mostly": 0.9})
    "licence one of ['MIT'] in at least 90% of rows"
    """
    if "column_A" in kwargs:
        words = f"{kwargs['column_A']} not below {kwargs['column_B']}"
    else:
        bounds = [
            f"{word} {kwargs[name]}"
            for name, word in _WORDS.items()
            if kwargs.get(name) is not None
        ]
        words = " ".join([kwargs["column"], *(bounds or ["unique"])])
    if (mostly := kwargs.get("mostly", 1)) < 1:
        words += f" in at least {mostly:.0%} of rows"
    if condition := kwargs.get("row_condition"):
        words += f", where {condition['column']['name']} is {condition['parameter']}"
    return words


_WORDS = {"min_value": "at least", "max_value": "at most", "value_set": "one of"}


def _plain(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return " against ".join(map(_plain, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(getattr(value, "item", lambda: value)())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    # The library logs each asset it adds and warns about its own deprecations.
    loggers = [
        logging.getLogger(name) for name in ("great_expectations", "great_expectations.core")
    ]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
