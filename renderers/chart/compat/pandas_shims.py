"""What scripts for pandas 1 call; see `renderers.chart.compat.shims`."""

# mypy: disable-error-code="method-assign,assignment,misc,import-untyped,attr-defined"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
from pandas.api.typing import DataFrameGroupBy
from pandas.core.resample import TimeGrouper

from renderers.chart.compat.names import put_back, replace

_NO_NUMBERS = {"string", "datetime64", "datetime", "date", "period", "categorical", "mixed"}
_FREQUENCIES = {
    "M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS", "BM": "BME", "BQ": "BQE",
    "BA": "BYE", "BY": "BYE", "SM": "SME", "CBM": "CBME", "H": "h", "BH": "bh", "T": "min",
    "S": "s", "L": "ms", "U": "us", "N": "ns",
}  # fmt: skip


def install() -> None:
    """Put the names back, for the rest of the process."""
    frame, series = pd.DataFrame, pd.Series
    put_back(frame, "applymap", frame.map)
    for kind in (frame, series):
        put_back(kind, "append", _append)
        put_back(kind, "iteritems", kind.items)
        kind.fillna = _fill_method(kind.fillna)
        kind.resample = _old_frequency(kind.resample)
        kind.asfreq = _old_frequency(kind.asfreq)
    pd.date_range = _old_frequency(pd.date_range)
    TimeGrouper.__init__ = _old_frequency(TimeGrouper.__init__)
    for name in ("to_datetime", "to_numeric", "to_timedelta"):
        replace(pd, name, _ignoring_errors)
    put_back(pd, "datetime", datetime.datetime)
    put_back(frame, "mad", _mad)
    put_back(series, "mad", _mad)
    series.__getitem__ = _by_place_too(series.__getitem__)
    for name in ("corr", "cov", "mean", "median", "std", "var"):
        setattr(frame, name, _numbers_only(getattr(frame, name)))
        if hasattr(DataFrameGroupBy, name):
            setattr(DataFrameGroupBy, name, _numbers_only(getattr(DataFrameGroupBy, name)))


def _ignoring_errors(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def convert(given: Any, *arguments: Any, **options: Any) -> Any:
        if options.get("errors") != "ignore":
            return real(given, *arguments, **options)
        try:
            return real(given, *arguments, **{**options, "errors": "raise"})
        except (TypeError, ValueError):
            return given

    return convert


def _mad(self: Any) -> Any:
    return (self - self.mean()).abs().mean()


def _by_place_too(real: Callable[..., Any]) -> Callable[..., Any]:
    """A number that no label is means a place, where labels are no numbers."""

    @functools.wraps(real)
    def item(self: Any, key: Any) -> Any:
        try:
            return real(self, key)
        except KeyError:
            if type(key) is not int or self.index.inferred_type not in _NO_NUMBERS:
                raise
            return self.iloc[key]

    return item


def _numbers_only(real: Callable[..., Any]) -> Callable[..., Any]:
    """Columns that are no numbers are left out, where they are an error now."""

    @functools.wraps(real)
    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return real(self, *arguments, **options)
        except (TypeError, ValueError):
            if "numeric_only" in options:
                raise
            return real(self, *arguments, numeric_only=True, **options)

    return method


def _append(self: Any, other: Any, ignore_index: bool = False, **_: Any) -> Any:
    if isinstance(self, pd.DataFrame):
        if isinstance(other, dict):
            other = pd.DataFrame([other])
        elif isinstance(other, pd.Series):
            other = other.to_frame().T
    others = other if isinstance(other, (list, tuple)) else [other]
    return pd.concat([self, *others], ignore_index=ignore_index)


def _fill_method(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def fillna(self: Any, *arguments: Any, method: str | None = None, **options: Any) -> Any:
        if method is None:
            return real(self, *arguments, **options)
        return self.ffill() if method in ("ffill", "pad") else self.bfill()

    return fillna


def _old_frequency(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def taking_old_names(*arguments: Any, **options: Any) -> Any:
        try:
            return real(*arguments, **options)
        except ValueError as error:
            if "frequency" not in str(error) and "offset" not in str(error):
                raise
            renamed = [_renamed(argument) for argument in arguments]
            return real(*renamed, **{name: _renamed(value) for name, value in options.items()})

    return taking_old_names


def _renamed(value: Any) -> Any:
    """``3H`` -> ``3h``, ``A-DEC`` -> ``YE-DEC``; all else as it is."""
    if not isinstance(value, str):
        return value
    parts = re.fullmatch(r"(-?\d*)([A-Z]+)(-[A-Z]{3})?", value)
    if parts is None or parts[2] not in _FREQUENCIES:
        return value
    return f"{parts[1]}{_FREQUENCIES[parts[2]]}{parts[3] or ''}"
