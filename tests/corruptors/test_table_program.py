"""Rows, cells, numbers and words of HTML and Markdown tables."""

import pytest

from corruptors.table.program.table_program import FORMULA, TableProgram
from records.edits import apply
from records.errors import CodeParseError


def cells(text: str) -> list[list[tuple[int, str]]]:
    """Column and words of each cell, by rows of the first table."""
    program = TableProgram.parse(text)
    return [
        [(cell.column, program.words_of(cell)) for cell in row.cells]
        for row in program.tables[0].rows
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<table><tr><td>a<td>b<tr><td>c</table>", [[(0, "a"), (1, "b")], [(0, "c")]]),
        ("<table><td>a<td>b</table>", [[(0, "a"), (1, "b")]]),
        (
            "<table><tr><td rowspan=2>a<td>b<tr><td>c</table>",
            [[(0, "a"), (1, "b")], [(1, "c")]],
        ),
        ("<table><tr><td colspan='2'>a<td>b</table>", [[(0, "a"), (2, "b")]]),
        ("<TABLE><TR><TH>a &amp; b</TABLE>", [[(0, "a & b")]]),
        ("|a|b|\n|-|-|\n|1\\|2|3|", [[(0, "a"), (1, "b")], [(0, "1|2"), (1, "3")]]),
        ("a | b\n--|--\n1 | 2\n\n3 | 4", [[(0, "a"), (1, "b")], [(0, "1"), (1, "2")]]),
        ("|a|\r\n|-|\r\n|1|\r\n", [[(0, "a")], [(0, "1")]]),
        ("|a|b|\n|-|-|\n|1|2|3|\n|4|", [[(0, "a"), (1, "b")], [(0, "1"), (1, "2")], [(0, "4")]]),
        ("```\n|x|\n|-|\n```\n|a|\n|-|", [[(0, "a")]]),
        ("|a|\n|-|\n# b | c", [[(0, "a")]]),
        ("|**a** <b>b</b>|\n|-|", [[(0, "a b")]]),
    ],
)
def test_cells_stand_in_the_span_grid(text: str, expected: list[list[tuple[int, str]]]) -> None:
    assert cells(text) == expected


def test_a_span_ends_with_its_group_of_rows() -> None:
    table = TableProgram.parse(
        "<table><thead><tr><th rowspan=9>a</thead><tr><td rowspan=0>b<tr><td>c</table>"
    ).tables[0]
    assert [cell.rowspan for cell in table.cells] == [1, 2, 1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("just words | and a pipe", "no_table"),
        ("<p>no table</p>", "no_table"),
        ("<table></table>", "no_table"),
        ("<table>" + "<tr><td colspan=1000 rowspan=9999>" * 300 + "</table>", "grid_too_large"),
    ],
)
def test_what_is_no_table_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CodeParseError) as caught:
        TableProgram.parse(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("12.5", ["12.5"]),
        ("1,234,567.8 kg", ["1,234,567.8"]),
        ("H2O IL-6 v1.2", []),
        ("−3 to 5%", ["3", "5"]),
        ("&#39;7&#39;", ["7"]),
        (r"$x_{2} = 3.1 \pm 0.2$", ["2", "3.1", "0.2"]),
        ("10<sup>-3</sup>", ["10", "3"]),
        ("约30人", ["30"]),
        (".05", [".05"]),
        (r"$\hspace{2mm} 7$", ["7"]),
    ],
)
def test_numbers_are_those_a_reader_would_check(content: str, expected: list[str]) -> None:
    program = TableProgram.parse(f"<table><tr><td>{content}</table>")
    assert [number.text for number in program.all_numbers()] == expected


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x^2$ and $5", ["$x^2$"]),
        ("from $5 to $10", []),
        ("US$ 3 and US$ 4", []),
        (r"68.3 $ \pm $ 19.7", [r"$ \pm $"]),
        (r"\(a+b\) $$c$$", [r"\(a+b\)", "$$c$$"]),
    ],
)
def test_money_is_no_formula(text: str, formulas: list[str]) -> None:
    assert [found[0] for found in FORMULA.finditer(text)] == formulas


def test_words_leave_out_references_formulas_and_markup() -> None:
    program = TableProgram.parse("|R&amp;D *net* $x^2$ `code`|\n|-|")
    cell = program.tables[0].rows[0].cells[0]
    assert [word.text for word in program.words(cell)] == ["R", "D", "net", "code"]


def test_a_style_is_given_without_losing_the_others() -> None:
    text = '<table><tr><td style="color:red; text-align:left">a</table>'
    program = TableProgram.parse(text)
    element = program.tables[0].rows[0].cells[0].element
    assert element is not None
    edit = program.styled(element, "text-align", "right")
    assert 'style="color:red; text-align: right"' in apply(text, [edit])
