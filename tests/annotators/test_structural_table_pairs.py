"""One change of a table is one error: what it is called and how bad it is."""

from __future__ import annotations

import pytest

from annotators.structural import compare
from records.rows import Discrepancy
from records.taxonomy import Language
from renderers.table.renderer import TableRenderer

pytestmark = pytest.mark.chromium

ROWS = "".join(
    f"<tr><td>{name}</td><td>{n}</td></tr>" for name, n in zip("abcdef", range(31, 37), strict=True)
)
SLID = "".join(
    f"<tr><td>{name}</td><td>{n}</td></tr>"
    for name, n in zip("abcdef", ["", *range(31, 36)], strict=True)
)
YES = (
    "<table>"
    + "".join(f"<tr><td>{n}</td><td>yes<sup>{{mark}}</sup></td></tr>" for n in "abcdef")
    + "</table>"
)


def found(tables: TableRenderer, before: str, after: str) -> tuple[Discrepancy, ...]:
    drawn = (tables.render(code, Language.HTML).drawn() for code in (before, after))
    return compare(*drawn).discrepancies


PAIRS = [
    # what is drawn, what should be, category, severity, words of location, words of description
    (
        '<table dir="rtl"><tr align="left"><td>Ducks</td><td>Geese</td></tr></table>',
        '<table><tr align="left"><td>Ducks</td><td>Geese</td></tr></table>',
        "text_error",
        2,
        "row 1",
        "have changed places",
    ),
    (
        "<table><caption>Ducks</caption><tr><td>1</td></tr></table>",
        '<table><caption style="caption-side:bottom">Ducks</caption><tr><td>1</td></tr></table>',
        "layout_error",
        2,
        "caption",
        "is below the table",
    ),
    (
        "<table><tr><td>Assets</td><td>1</td></tr><tr><td>&nbsp;&nbsp;&nbsp;Cash</td><td>2</td></tr></table>",
        "<table><tr><td>Assets</td><td>1</td></tr><tr><td>Cash</td><td>2</td></tr></table>",
        "layout_error",
        1,
        "row 2",
        "is indented less",
    ),
    (
        f"<table>{ROWS}</table>",
        f"<table>{SLID}</table>",
        "layout_error",
        3,
        "column 2",
        "shifted down by one row",
    ),
    (
        YES.format(mark="+"),
        YES.format(mark="x"),
        "text_error",
        1,
        "column 2",
        "and likewise in 5 more cells",
    ),
    (
        '<table><tr><td><input type="checkbox" checked> yes</td></tr></table>',
        '<table><tr><td><input type="checkbox"> yes</td></tr></table>',
        "text_error",
        3,
        "row 1",
        "the check box is empty instead of checked",
    ),
    (
        '<table><col><col style="background:#cfe8ff"><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>',
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        "layout_error",
        2,
        "column 2",
        "the pale blue background is missing",
    ),
    (
        "<table><tr><td>3 million</td></tr></table>",
        "<table><tr><td>3 billion</td></tr></table>",
        "text_error",
        3,
        "row 1",
        "reads '3 billion'",
    ),
    (
        "<table><tr><td>REVENUE</td></tr></table>",
        "<table><tr><td>Revenue</td></tr></table>",
        "text_error",
        1,
        "row 1",
        "reads 'Revenue'",
    ),
    (
        "<table><tr><td>10×20 cm</td></tr></table>",
        "<table><tr><td>10×80 cm</td></tr></table>",
        "numeric_error",
        3,
        "row 1",
        "reads '10×80 cm'",
    ),
    (
        "<table><tr><td>a</td><td>b</td></tr></table><table><tr><td>c</td><td>d</td></tr></table>",
        "<table><tr><td>c</td><td>d</td></tr></table><table><tr><td>a</td><td>b</td></tr></table>",
        "layout_error",
        2,
        "tables 1 and 2",
        "another order",
    ),
    (
        "<table><thead><tr><th>A</th></tr></thead><tr><td>1</td></tr><thead><tr><th>B</th></tr></thead><tr><td>2</td></tr></table>",
        "<table><thead><tr><th>A</th></tr></thead><thead><tr><th>B</th></tr></thead><tr><td>1</td></tr><tr><td>2</td></tr></table>",
        "layout_error",
        2,
        "row",
        "have changed places",
    ),
    (
        "<table><tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr></table>",
        '<table><tr style="opacity:0.3"><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr></table>',
        "layout_error",
        1,
        "row 1",
        "30 % opacity",
    ),
    (
        "<table><caption>Ducks</caption><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
        "<table><tr><td colspan=2>Ducks</td></tr><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
        "layout_error",
        2,
        "caption",
        "is a row of the table",
    ),
    (
        "<table><caption>Ducks</caption><tr><td>many long words</td></tr></table>",
        "<p>Ducks</p><table><tr><td>many long words</td></tr></table>",
        "layout_error",
        1,
        "caption",
        "aligned left instead of centered",
    ),
    (
        "<table><tr><td>a</td><td><table><tr><td>p</td><td>1</td></tr></table></td></tr></table>",
        "<table><tr><td>a</td><td>p 1</td></tr></table>",
        "layout_error",
        3,
        "row 1, column 2",
        "its inner table is written as words",
    ),
    (
        "<table><tr><td>☑ yes</td></tr></table>",
        "<table><tr><td>☐ yes</td></tr></table>",
        "text_error",
        3,
        "row 1",
        "the check box is empty instead of checked",
    ),
    (
        "<table><tr><th>n</th><th>A</th><th>B</th></tr><tr><td>x</td><td>1</td><td>6</td></tr><tr><td>y</td><td>2</td><td>7</td></tr></table>",
        "<table><tr><th>n</th><th>A</th><th>B</th></tr><tr><td>x</td><td>6</td><td>1</td></tr><tr><td>y</td><td>7</td><td>2</td></tr></table>",
        "layout_error",
        2,
        "column 2 'A' and column 3 'B'",
        "their values have changed places",
    ),
    (
        "<table><tr><td>１，２３４</td></tr></table>",
        "<table><tr><td>1,234</td></tr></table>",
        "text_error",
        1,
        "row 1",
        "reads '1,234'",
    ),
    (
        "<table><tr><td rowspan=2>a</td><td>1</td></tr><tr><td>2</td></tr><tr><td rowspan=2>b</td><td>3</td></tr><tr><td>4</td></tr></table>",
        "<table><tr><td rowspan=3>a</td><td>1</td></tr><tr><td>2</td></tr><tr><td rowspan=2>b</td><td>3</td></tr><tr><td>4</td></tr></table>",
        "layout_error",
        3,
        "row 1",
        "the cells after it have shifted",
    ),
    (
        "<table><tr><td>9 – 11</td><td>50 – 60</td></tr></table>",
        "<table><tr><td>9-11</td><td>50-60</td></tr></table>",
        "text_error",
        1,
        "whole table",
        "'9 – 11' reads '9-11', and likewise in 1 more cell",
    ),
    (
        "<table><tr><td>1 to 2</td><td>3 to 4</td></tr><tr><td>5 to 7</td><td>x</td></tr></table>",
        "<table><tr><td>1 - 2</td><td>3 - 4</td></tr><tr><td>5 - 7</td><td>x</td></tr></table>",
        "text_error",
        1,
        "whole table",
        "'1 to 2' reads '1 - 2', and likewise in 2 more cells",
    ),
    (
        "<table><tr><td>0,5</td><td>1,5</td></tr><tr><td>2,5</td><td>x</td></tr></table>",
        "<table><tr><td>0.5</td><td>1.5</td></tr><tr><td>2.5</td><td>x</td></tr></table>",
        "numeric_error",
        1,
        "whole table",
        "'0,5' reads '0.5', and likewise in 2 more cells",
    ),
    (
        "<table><tr><td><p>a</p></td></tr><tr><td><p>b</p></td></tr><tr><td><p>c</p> </td></tr></table>",
        "<table><tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr></table>",
        "layout_error",
        1,
        "rows",
        "are lower: the cells have less room above and below their words",
    ),
    (
        "<table><tr><th rowspan=2>A</th><th colspan=2>Mass ± SD</th></tr><tr><th>old</th><th>new</th></tr>"
        "<tr><td>a</td><td>1</td><td>2</td></tr><tr><td>b</td><td>3</td><td>4</td></tr></table>",
        "<table><tr><th>A</th><th>old (Mass ± SD)</th><th>new (Mass ± SD)</th></tr>"
        "<tr><td>a</td><td>1</td><td>2</td></tr><tr><td>b</td><td>3</td><td>4</td></tr></table>",
        "layout_error",
        2,
        "rows 1 and 2",
        "'A | Mass ± SD' and 'old | new' are joined to one row",
    ),
    (
        "<table><tr><td>Cost, high</td><td>Time, low</td></tr><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
        "<table><tr><td>Cost</td><td>Time</td></tr><tr><td>high</td><td>low</td></tr><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
        "layout_error",
        2,
        "row 1",
        "'Cost, high | Time, low' is split into two rows",
    ),
    (
        "<table><tr><td colspan=2>Cost and time</td></tr><tr><td>1</td><td>2</td></tr></table>",
        "<table><tr><td>Cost</td><td>and time</td></tr><tr><td>1</td><td>2</td></tr></table>",
        "layout_error",
        2,
        "row 1",
        "'Cost and time' is split into 2 cells",
    ),
    (
        "<table><tr><td>1</td><td>2</td><td>3</td></tr><tr><td>4</td><td>5</td><td>6</td></tr></table>",
        "<table><tr><td><b>1</b></td><td>2</td><td><b>3</b></td></tr><tr><td>4</td><td>5</td><td>6</td></tr></table>",
        "layout_error",
        1,
        "row 1",
        "is bold instead of regular",
    ),
    (
        "<table><tr><td>A list:<br>• A</td></tr><tr><td>1</td></tr></table>",
        "<table><tr><td>A list: A</td></tr><tr><td>1</td></tr></table>",
        "text_error",
        1,
        "row 1",
        "reads 'A list: A', with its lines joined",
    ),
    (
        "<table><tr><td>Ducks:<ul style='margin:0'><li>teal</li><li>pintail</li></ul></td></tr><tr><td>Geese</td></tr><tr><td>Swans</td></tr></table>",
        "<table><tr><td>Ducks:<br>• teal<br>• pintail</td></tr><tr><td>Geese</td></tr><tr><td>Swans</td></tr></table>",
        "layout_error",
        1,
        "row 1",
        "lines 2 to 3 are indented less",
    ),
    (
        "<table><tr><td><i>a</i></td></tr><tr><td><i>b</i></td></tr><tr><td><i>c</i> 1</td></tr><tr><td>5</td></tr></table>",
        "<table><tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c 1</td></tr><tr><td>5</td></tr></table>",
        "layout_error",
        2,
        "column 1",
        "is upright instead of italic",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "category", "severity", "location", "description"), PAIRS
)
def test_a_pair_has_one_error(
    tables: TableRenderer,
    before: str,
    after: str,
    category: str,
    severity: int,
    location: str,
    description: str,
) -> None:
    [error] = found(tables, before, after)
    assert (error.category, error.severity) == (category, severity)
    assert location in error.location
    assert description in error.description


EQUAL = [
    ("<td>m<sup>2</sup></td>", "<td>$m^2$</td>"),
    ("<td>5.1 ± 0.3</td>", r"<td>$5.1 \pm 0.3$</td>"),
    ("<td>10 × 20</td>", r"<td>$10 \times 20$</td>"),
    ("<td>25°C</td>", r"<td>$25^{\circ}$C</td>"),
    ("<td>and so on...</td>", "<td>and so on…</td>"),
    ("<td>12†</td>", r"<td>$12^{\dagger}$</td>"),
    ('<td colspan="2">a</td>', '<td class="" colspan="2">a</td>'),
]


@pytest.mark.parametrize(("before", "after"), EQUAL)
def test_words_are_equal_whatever_wrote_them(
    tables: TableRenderer, before: str, after: str
) -> None:
    rows = "<tr>{}</tr><tr><td>x</td><td>y</td></tr>"
    pair = (f"<table>{rows.format(text)}</table>" for text in (before, after))
    errors = found(tables, *pair)
    assert [error for error in errors if error.category != "layout_error"] == []
