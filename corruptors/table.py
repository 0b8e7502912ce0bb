"""Errors a model makes when it copies a table as HTML or Markdown: the whole catalogue.

A corruption written in any of these modules is in the catalogue by being there.
"""

from __future__ import annotations

from typing import Any

from corruptors import (
    table_columns,
    table_digits,
    table_looks,
    table_rows,
    table_signs,
    table_spans,
    table_symbols,
    table_text,
)
from corruptors.corruption import Corruption

ALL: tuple[Corruption[Any], ...] = tuple(
    value
    for module in (
        table_rows,
        table_columns,
        table_spans,
        table_looks,
        table_text,
        table_symbols,
        table_digits,
        table_signs,
    )
    for value in vars(module).values()
    if isinstance(value, Corruption)
)
