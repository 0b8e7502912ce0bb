"""What a shard and a finished dataset are expected to be, checked by Great Expectations.

Gates judge a row; this judges the whole: that ids are unique, that no category or corruption
takes over, that no sample straddles splits, that not too much was lost. Great Expectations is
imported when it is needed, since that takes seconds.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from quality.dataset.schema import SPLITS
from quality.expect.expectations import Bounds, Shares, row_expectations, share_expectations
from quality.expect.frame import FRAME_COLUMNS, frame_of
from quality.expect.pages import settle
from records.config import CorruptionMix, QualityConfig
from records.errors import BoundPassed
from records.shards import read_rows

ROWS_NAMED = 5
"""Rows that a failure names."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met."""

    expectation: str
    """In Great Expectations' words: expect_column_values_to_be_unique."""
    column: str
    observed: str
    """The unexpected values, and how many."""
    bound: str
    """What was expected."""
    rows: tuple[str, ...] = ()
    """Ids of the first rows at fault."""

    def __str__(self) -> str:
        named = f"; rows {', '.join(self.rows)}" if self.rows else ""
        return (
            f"{self.expectation} of {self.column}: saw {self.observed}, bound {self.bound}{named}"
        )


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Whether a frame is as expected."""

    success: bool
    failures: tuple[Failure, ...]
    expectations: int
    """How many were checked."""

    def require(self, where: str) -> SuiteResult:
        """The result itself, if all is as expected.

        Raises:
            BoundPassed: naming expectation, column, observed value, bound and rows.
        """
        if not self.success:
            failures = "\n  ".join(str(failure) for failure in self.failures)
            raise BoundPassed(
                f"{where} fails {len(self.failures)} of {self.expectations} expectations:\n  "
                f"{failures}\nLook at these rows; bounds are moved in the [quality] section."
            )
        return self


def validate(
    frames: pd.DataFrame | Iterable[pd.DataFrame],
    bounds: Bounds | None = None,
    rejects: Mapping[str, Mapping[str, int]] | None = None,
    data_docs: str | Path | None = None,
) -> SuiteResult:
    """Check frames of rows (`quality.expect.frame.frame_of`) and the shares that follow from all of them.

    Args:
        frames: One line a row; of several frames one is held at a time.
        bounds: What is still normal.
        rejects: Lost rows by stage and reason, for the bound on unexplained changes.
        data_docs: Folder for Great Expectations' pages; None writes none.
    """
    bounds = bounds or Bounds()
    count = Shares()
    outcomes: list[tuple[Any, str]] = []
    with _quiet():
        checks = _Checks(data_docs)
        run_rows = checks.define("rows", row_expectations(bounds), "id")
        run_shares = checks.define("shares", share_expectations(), "share_of")
        for frame in [frames] if isinstance(frames, pd.DataFrame) else frames:
            outcomes += run_rows(frame)
            count.add(frame)
        outcomes += run_shares(count.lines(bounds, rejects or {}))
        checks.write_pages()
    failures = tuple(_failure(result, index) for result, index in outcomes if not result.success)
    return SuiteResult(not failures, failures, len(outcomes))


class _Checks:
    """A context of Great Expectations that lives in memory and leaves nothing but its pages."""

    def __init__(self, data_docs: str | Path | None) -> None:
        # Read on import: without it the library calls home.
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        # The default context leaves a folder of pages in the temporary directory at every run.
        stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        self._context = gx.get_context(
            mode="ephemeral",
            project_config=DataContextConfig(
                store_backend_defaults=stores,
                progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            ),
        )
        self._source = self._context.data_sources.add_pandas("dataset")
        self._folder = None if data_docs is None else Path(data_docs)
        if self._folder is not None:
            self._context.add_data_docs_site("dataset", _site(self._folder))

    def define(
        self, name: str, expectations: Sequence[Any], index: str
    ) -> Callable[[pd.DataFrame], list[tuple[Any, str]]]:
        """A function that checks a frame; its results come with the column that names lines."""
        import great_expectations as gx
        from great_expectations.core.run_identifier import RunIdentifier

        batch = self._source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        suite = self._context.suites.add(
            gx.ExpectationSuite(name=name, expectations=list(expectations))
        )
        definition = self._context.validation_definitions.add(
            gx.ValidationDefinition(name=name, data=batch, suite=suite)
        )
        runs = itertools.count(1)

        def run(frame: pd.DataFrame) -> list[tuple[Any, str]]:
            outcome = definition.run(
                batch_parameters={"dataframe": frame},
                result_format={
                    "result_format": "COMPLETE",
                    "unexpected_index_column_names": [index],
                    "partial_unexpected_count": ROWS_NAMED,
                },
                run_id=RunIdentifier(run_name=f"{name}-{next(runs)}", run_time=_EPOCH),
            )
            return [(result, index) for result in outcome.results]

        return run

    def write_pages(self) -> None:
        if self._folder is not None:
            self._context.build_data_docs(site_names=["dataset"])
            settle(self._folder)


def check_frame(
    urls: Sequence[str], quality: QualityConfig, mix: CorruptionMix | None = None
) -> SuiteResult:
    """Check the rows of shards that are not split yet.

    Raises:
        BoundPassed: they are not as expected.
    """
    rows = (row for url in urls for row in read_rows(url, FRAME_COLUMNS))
    frame = frame_of(rows)
    if frame.empty:
        return SuiteResult(True, (), 0)
    return validate(frame, Bounds.of(quality, mix, ("", *SPLITS))).require(", ".join(urls))


def _failure(result: Any, index: str) -> Failure:
    config, found = result.expectation_config, result.result
    kwargs = config.kwargs
    column = kwargs.get("column") or " and ".join(
        kwargs[name] for name in ("column_A", "column_B") if name in kwargs
    )
    bound = ", ".join(
        f"{word} {kwargs[name]}"
        for name, word in _WORDS.items()
        if kwargs.get(name) is not None and name in kwargs
    )
    if condition := kwargs.get("row_condition"):
        bound += f", where {_said(condition)}"
    lines: Sequence[Mapping[str, Any]] = found.get("unexpected_index_list") or []
    values = found.get("partial_unexpected_list") or []
    if values:
        observed = (
            f"{found['unexpected_count']} unexpected of {found['element_count']}: "
            + ", ".join(_plain(value) for value in values[:ROWS_NAMED])
        )
    elif exception := (result.exception_info or {}).get("exception_message"):
        observed = str(exception)
    else:
        observed = _plain(found.get("observed_value"))
    return Failure(
        expectation=config.type,
        column=column or "table",
        observed=observed,
        bound=bound
        or _PAIRS.get(config.type, config.type.removeprefix("expect_").replace("_", " ")),
        rows=tuple(str(line[index]) for line in lines[:ROWS_NAMED]),
    )


_WORDS = {"min_value": "at least", "max_value": "at most", "value_set": "one of", "regex": "like"}
_PAIRS = {
    "expect_column_pair_values_to_be_equal": "the two are equal",
    "expect_column_pair_values_a_to_be_greater_than_b": "the first is at least the second",
    "expect_column_values_to_be_unique": "no value twice",
    "expect_column_values_to_not_be_null": "a value in every row",
}


def _said(condition: Mapping[str, Any]) -> str:
    """A row condition in words: origin == corrupted or origin == sampled."""
    if condition.get("type") in ("or", "and"):
        return f" {condition['type']} ".join(_said(part) for part in condition["conditions"])
    return f"{condition['column']['name']} {condition['operator']} {condition['parameter']}"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return " against ".join(_plain(item) for item in value)
    return (
        f"{value:.4g}"
        if isinstance(value, float)
        else repr(getattr(value, "item", lambda: value)())
    )


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of every run: pages of the same dataset are to be the same."""


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder.absolute()),
        },
    }


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
