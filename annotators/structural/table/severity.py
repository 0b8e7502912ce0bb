"""How bad a difference between two tables is; every function is monotone in its magnitude.

| difference | 1 | 2 | 3 |
|---|---|---|---|
| number | same value, written differently | up to half off, or a lost unit of scale (%) | more than half off, other sign, gone |
| words | a slip | a third of the text | nearly all of it, gone |
| row, column | | one of many | half of them or more |
| order of rows, columns | | two | a third of them or more |
| merged, split, slid cells | empty ones | up to three cells with words | more |
| look | weight, slant, color, alignment of a part; a shade of lines | of half the table or more | |
"""

from __future__ import annotations

from annotators.structural.severity import (
    color_distance,
    grade,
    of_missing_share,
    of_relative_change,
)
from records.taxonomy import Severity


def of_number(before: float | None, after: float | None) -> Severity:
    """A number that reads differently; None if it cannot be read as one.

    >>> of_number(12.5, 125.0), of_number(12.5, 12.6), of_number(5.0, -5.0), of_number(3.0, None)
    (3, 2, 3, 3)
    """
    if before is None or after is None or before * after < 0:
        return 3
    return max(2, of_relative_change(before, after))


def of_lines(count: int, of: int) -> Severity:
    """Rows or columns missing or extra."""
    return of_missing_share(count, of)


def of_order(count: int, of: int) -> Severity:
    """Rows or columns out of place.

    >>> of_order(2, 12), of_order(4, 5)
    (2, 3)
    """
    return 3 if count > 2 and count / max(of, 1) >= 1 / 3 else 2


def of_cells(count: int) -> Severity:
    """Cells with words that are merged, split, missing, extra or slid, with all that slid with them.

    >>> of_cells(0), of_cells(2), of_cells(6)
    (1, 2, 3)
    """
    return 3 if count > 3 else 2 if count else 1


def of_look(count: int, of: int) -> Severity:
    """Cells that look different and say the same.

    >>> of_look(3, 40), of_look(30, 40)
    (1, 2)
    """
    return grade(count / max(of, 1), medium=0.5)


def of_line_color(before: str, after: str) -> Severity:
    """Lines of another color: one pixel wide, they take about twice the difference that an area takes.

    >>> of_line_color("#333333", "#000000"), of_line_color("#333333", "#cc0000")
    (1, 2)
    """
    return grade(color_distance(before, after), medium=24.0)
