"""The taxonomy of discrepancies: three modalities, eleven categories, three severities.

Source: Visual-ERM (arXiv:2603.13224), the annotation prompts of each modality.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Modality(StrEnum):
    """The kind of a picture; also selects the renderer."""

    CHART = "chart"
    TABLE = "table"
    SVG = "svg"


class Language(StrEnum):
    """The language of a program. Tables have two languages, charts and icons one each."""

    PYTHON = "python"
    HTML = "html"
    MARKDOWN = "markdown"
    SVG = "svg"

    @property
    def modality(self) -> Modality:
        return {
            Language.PYTHON: Modality.CHART,
            Language.HTML: Modality.TABLE,
            Language.MARKDOWN: Modality.TABLE,
            Language.SVG: Modality.SVG,
        }[self]

    @property
    def suffix(self) -> str:
        """File suffix, dot included."""
        return {
            Language.PYTHON: ".py",
            Language.HTML: ".html",
            Language.MARKDOWN: ".md",
            Language.SVG: ".svg",
        }[self]

    @classmethod
    def of_suffix(cls, suffix: str) -> Language | None:
        """The language of files with this suffix, or None.

        >>> Language.of_suffix(".htm")
        <Language.HTML: 'html'>
        """
        known = {language.suffix: language for language in cls}
        return {**known, ".htm": cls.HTML, ".markdown": cls.MARKDOWN}.get(suffix.lower())


class ChartCategory(StrEnum):
    """Errors a viewer sees in a redrawn chart."""

    STRUCTURE = "structure_error"
    DATA = "data_error"
    TEXT = "text_error"
    STYLE = "style_error"


class TableCategory(StrEnum):
    """Errors a viewer sees in a redrawn table."""

    LAYOUT = "layout_error"
    TEXT = "text_error"
    NUMERIC = "numeric_error"


class SvgCategory(StrEnum):
    """Errors a viewer sees in a redrawn icon."""

    STRUCTURE = "structure_error"
    SHAPE = "shape_error"
    STYLE = "style_error"
    TEXT_SYMBOL = "text_symbol_error"


Category = ChartCategory | TableCategory | SvgCategory

CATEGORIES: Mapping[Modality, type[ChartCategory] | type[TableCategory] | type[SvgCategory]] = (
    MappingProxyType(
        {
            Modality.CHART: ChartCategory,
            Modality.TABLE: TableCategory,
            Modality.SVG: SvgCategory,
        }
    )
)

Severity = Literal[1, 2, 3]
"""1 barely affects reading; 2 hinders part of it; 3 misleads (structure or key content)."""


def category_names(modality: Modality) -> tuple[str, ...]:
    """Legal category names of a modality, in the paper's order.

    >>> category_names(Modality.TABLE)
    ('layout_error', 'text_error', 'numeric_error')
    """
    return tuple(category.value for category in CATEGORIES[modality])


BENCHMARK_COUNTS: Mapping[Modality, Mapping[str, int]] = MappingProxyType(
    {
        Modality.CHART: {
            "structure_error": 62,
            "data_error": 462,
            "text_error": 231,
            "style_error": 619,
        },
        Modality.TABLE: {"layout_error": 185, "text_error": 884, "numeric_error": 284},
        Modality.SVG: {
            "structure_error": 218,
            "shape_error": 360,
            "style_error": 151,
            "text_symbol_error": 12,
        },
    }
)
"""Human-marked errors per category in VC-RewardBench (arXiv:2603.13224, benchmark statistics)."""
