"""Before and after of every table corruption; an empty list means that it does not apply."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from corruptors.corruption import Corruption
from corruptors.registry import corruptions
from corruptors.table.program.table_program import TableProgram
from records.edits import apply, inverse
from records.taxonomy import Modality, TableCategory

CORRUPTIONS = {corruption.name: corruption for corruption in corruptions(Modality.TABLE)}
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def results(name: str, code: str) -> list[str]:
    """The code after each mutation that is proposed."""
    program = TableProgram.parse(code)
    proposed = CORRUPTIONS[name].propose(program, Random(0))
    return [apply(code, mutation.edits) for mutation in proposed]


def html(*rows: str) -> str:
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("drop_row", html("<td>a", "<td>b"), []),
        (
            "drop_row",
            html("<td>a", "<td>b", "<td>c"),
            [html("<td>b", "<td>c"), html("<td>a", "<td>c"), html("<td>a", "<td>b")],
        ),
        (
            "drop_row",
            html("<td rowspan=3>a<td>b", "<td>c", "<td>d"),
            [html("<td rowspan=2>a<td>b", "<td>d"), html("<td rowspan=2>a<td>b", "<td>c")],
        ),
        ("double_row", "|a|\n|-|\n|1|", ["|a|\n|-|\n|1|\n|1|"]),
        ("swap_rows", html("<td>a", "<td>a"), []),
        ("swap_rows", html("<td rowspan=2>a<td>b", "<td>c"), []),
        ("swap_rows", html("<th>h", "<td>a", "<td>b"), [html("<th>h", "<td>b", "<td>a")]),
        ("move_row", html("<td>a", "<td>b"), []),
        ("truncate_rows", "|a|\n|-|\n|1|\n|2|\n", []),
        ("slide_row_left", "|a|b|\n|-|-|\n|1|2|", ["|a|b|\n|-|-|\n|2|"]),
        ("slide_row_right", "|a|b|\n|-|-|\n|1|2|", ["|a|b|\n|-|-|\n|  |1|2|"]),
        ("slide_row_right", "|a|\n|-|\n|1|", []),
        ("drop_column", "|a|b|\n|-|-|", []),
        (
            "drop_column",
            html("<th colspan=2>a<th>b", "<td>1<td>2<td>3"),
            [
                html("<th>a<th>b", "<td>2<td>3"),
                html("<th>a<th>b", "<td>1<td>3"),
                html("<th colspan=2>a", "<td>1<td>2"),
            ],
        ),
        (
            "swap_columns",
            html("<td colspan=2>a", "<td>1<td>2", "<td>3<td>4"),
            [html("<td colspan=2>a", "<td>2<td>1", "<td>4<td>3")],
        ),
        ("swap_columns", html("<td colspan=2>a", "<td>1<td>2"), []),
        ("swap_columns", html("<td colspan=2>a<td>b", "<td>1<td colspan=2>2"), []),
        ("merge_cells", html("<td>a", "<td>b"), []),
        ("merge_cells", "|a|b|\n|-|-|", []),
        ("merge_cells", html("<td>a<td colspan=2>b"), [html('<td colspan="3">a b')]),
        ("merge_cells_down", html("<td>a", "<td>b"), []),
        ("split_column_span", html("<td>a"), []),
        (
            "split_column_span",
            html("<th colspan=3 rowspan=1>a"),
            [html("<th rowspan=1>a<th></th><th></th>")],
        ),
        ("drop_row_span", html("<td rowspan=9>a"), []),
        ("grow_column_span", html("<td>a<td>b"), [html('<td colspan="2">a<td>b')]),
        ("grow_row_span", html("<td>a", "<td>b"), [html('<td rowspan="2">a', "<td>b")]),
        ("drop_header_level", html("<th>a", "<td>1"), []),
        (
            "drop_header_level",
            html("<th rowspan=2>a<th>b", "<th>c", "<td>1<td>2"),
            [html("<th>a<th>b", "<td>1<td>2")],
        ),
        ("demote_header", html("<td>a"), []),
        ("demote_header", "|a|\n|:-|\n|1|", ["| |\n|:-|\n|a|\n|1|"]),
        (
            "demote_header",
            "<table><thead><tr><td><b>a</b><tbody><tr><td><b>c</b></table>",
            ["<table><thead><tr><td>a<tbody><tr><td><b>c</b></table>"],
        ),
        ("promote_row", html("<th>a"), []),
        ("change_alignment", html("<td>a", "<td>b"), []),
        ("drop_caption", "<table><caption> </caption><tr><td>a</table>", []),
        ("drop_line_break", html("<td>a<br>"), []),
        ("break_line", html("<td>ab"), []),
        ("drop_emphasis", html("<th><b>a</b>"), []),
        ("drop_emphasis", html("<th><i>a</i>"), [html("<th>a")]),
        (
            "drop_emphasis",
            "|a|\n|-|\n|2*3*4 **b**|",
            ["|a|\n|-|\n|234 **b**|", "|a|\n|-|\n|2*3*4 b|"],
        ),
        ("misspell_word", html("<td>12<td>a<td>&nbsp;"), []),
        ("confuse_letters", html("<td>10"), []),
        ("change_case", html("<td>数值"), []),
        ("drop_word", html("<td>one"), []),
        ("drop_word", "|one two|\n|-|", ["|two|\n|-|", "|one|\n|-|"]),
        ("drop_word", html("<td>R&amp;D team"), [html("<td>R&amp;D")]),
        ("double_word", html("<td>7"), []),
        ("swap_words", html("<td>one one"), []),
        ("drop_space", html("<td>one  two"), []),
        ("truncate_text", html("<td>short"), []),
        ("drop_text", html("<td>12 mg<td>3 km"), []),
        ("drop_text", html("<td>A1"), [html("<td>")]),
        ("drop_text", "|a|\n|-|", ["| |\n|-|"]),
        ("repeat_text", html("<td>a<td>a"), []),
        ("swap_texts", html("<td>a", "<td>b"), [html("<td>b", "<td>a")]),
        ("swap_texts", html("<td>a<td>1"), []),
        ("flatten_script", html("<td>H<sub>2</sub>O"), [html("<td>H2O")]),
        ("flatten_script", html("<td>m²"), [html("<td>m2")]),
        ("flatten_script", html("<td>m2"), []),
        ("change_unit", html("<td>go home"), []),
        ("change_unit", html("<td>5 GHzx"), []),
        ("drop_punctuation", html("<td>3-4"), []),
        ("drop_punctuation", html("<td>a-b"), [html("<td>ab")]),
        ("change_formula_symbol", html("<td>x ≤ y"), [html("<td>x ≥ y")]),
        ("change_formula_symbol", html("<td>x ≤ 3"), []),
        ("change_formula_symbol", html(r"<td>$\betas$"), []),
        ("change_digit", html("<td>H2O"), []),
        ("swap_digits", html("<td>11 10"), []),
        ("drop_digit", html("<td>7"), []),
        ("drop_digit", html("<td>.5"), []),
        ("double_digit", html("<td>7"), []),
        ("shift_decimal_point", html("<td>0.0<td>7"), []),
        ("drop_decimal_point", html("<td>1.25"), [html("<td>125")]),
        ("round_number", html("<td>0.995"), [html("<td>1.00")]),
        ("round_number", html("<td>12"), []),
        ("drop_number", html("<td>n = 12<td>3 more cases"), []),
        ("drop_number", html("<td>5 km"), [html("<td>")]),
        ("swap_numbers", html("<td>1<td>1"), []),
        ("repeat_number", html("<td>1<td>2"), [html("<td>1<td>1")]),
        ("drop_sign", html("<td>3-5<td>IL-6"), []),
        ("drop_sign", html("<td>(1,234)"), [html("<td>1,234")]),
        ("drop_sign", "|a|\n|-|\n|−0.5|", ["|a|\n|-|\n|0.5|"]),
        ("add_sign", html("<td>-3<td>n = 4"), []),
        ("drop_thousands_separator", html("<td>1234<td>1,23"), []),
        ("confuse_separator", html("<td>7"), []),
        ("confuse_separator", html("<td>3.5"), [html("<td>3,5")]),
        ("drop_percent", html("<td>5"), []),
        ("change_exponent", html("<td>10<sup>a</sup>"), []),
        ("drop_plus_minus", html("<td>3 + 1"), []),
        ("drop_range_end", html("<td>3 and 5"), []),
        ("drop_range_end", html("<td>105~126"), [html("<td>105")]),
        ("change_bound", html("<td>0.05"), []),
    ],
)
def test_before_and_after(name: str, before: str, after: list[str]) -> None:
    assert results(name, before) == after


@pytest.mark.parametrize("zero", "０٠۰०๐", ids=["full-width", "Arabic", "Persian", "Hindi", "Thai"])
def test_digits_of_any_script_go_wrong_in_their_own_script(zero: str) -> None:
    """A table in another script neither ends a build nor gets Western digits into its numbers."""

    def written(number: str) -> str:
        return "".join(chr(ord(zero) + int(one)) if one.isdigit() else one for one in number)

    code = f"<table><tr><td>金额<td>{written('123')}<tr><td>{written('45.67')}<td>x</table>"
    applied = check_contract(code, seeds=tuple(range(6)))
    assert {"change_digit", "swap_digits", "shift_decimal_point", "round_number"} <= set(applied)
    for name in ("change_digit", "swap_digits", "shift_decimal_point", "round_number"):
        changed = results(name, code)
        assert changed
        assert not any(re.search("[0-9]", one) for one in changed), changed
    assert results("round_number", code) == [code.replace(written("45.67"), written("45.7"))]


def test_the_catalog_covers_every_category() -> None:
    names = [corruption.name for corruption in corruptions(Modality.TABLE)]
    assert len(set(names)) == len(names) >= 20
    assert {corruption.category for corruption in corruptions(Modality.TABLE)} == set(TableCategory)


HTML_TABLE = """<table>
<caption>Yields of <i>Zea mays</i></caption>
<thead>
<tr><th rowspan="2">Site</th><th colspan='2'>Yield (kg)</th><th rowspan=2>Note</th></tr>
<tr><th>2019</th><th>2020</th></tr></thead>
<tbody>
<tr><td>North field</td><td>1,234.5</td><td>&minus;12.0 &plusmn; 0.4</td><td>p &lt; 0.05</td></tr>
<tr><td><b>South</b> field</td><td>987</td><td>10<sup>-3</sup></td><td>12% of α</td></tr>
<tr><td>Café<br>East (n = 12)</td><td>-45</td><td>3–5 mg</td><td>see $\\beta_{2}$</td></tr>
<tr><td>高度</td><td>1e5</td><td>0.25</td><td>Total rise</td></tr>
</tbody></table>
"""
MARKDOWN_TABLE = """Before.

| Site | Yield (kg) | Note |
|:-----|-----------:|------|
| North field | 1,234.5 | −12.0 ± 0.4 |
| **South** field | 987 | 12% of α |
| East | (45) | $x^{2} \\leq 10^{-3}$ |
| West side | 3–5 mg | &lt; 0.05 |

After.
"""


@pytest.mark.parametrize("code", [HTML_TABLE, MARKDOWN_TABLE], ids=["html", "markdown"])
def test_every_mutation_of_a_rich_table_keeps_the_contract(code: str) -> None:
    applied = check_contract(code, seeds=(1, 2))
    assert len(applied) >= (50 if code is HTML_TABLE else 40)


def check_contract(code: str, seeds: tuple[int, ...]) -> list[str]:
    """Each corruption parses, changes, repeats, undoes and says where; the names that apply."""
    applied = []
    for corruption in corruptions(Modality.TABLE):
        for seed in seeds:
            result = corruption(code, seed)
            assert result == corruption(code, seed), corruption
            if result is None:
                break
            changed, mutation = result
            assert changed != code, corruption
            assert mutation.location and mutation.description, corruption
            assert apply(changed, inverse(code, mutation.edits)) == code, corruption
            TableProgram.parse(changed)
        else:
            applied.append(corruption.name)
    return applied


@pytest.mark.parametrize("corruption", corruptions(Modality.TABLE), ids=lambda one: one.name)
def test_a_docstring_shows_what_one_sees(corruption: Corruption[Any]) -> None:
    text = corruption.__doc__ or ""
    for part in ("Example:", f">>> {corruption.name}("):
        assert part in text


def real_tables() -> list[tuple[str, str]]:
    found = [
        (path.name, path.read_text(encoding="utf-8"))
        for path in sorted((SHARED / "tables" / "html").glob("*.html"))
    ]
    pages = SHARED / "omnidocbench" / "OmniDocBench.json"
    if pages.exists():
        found += [
            (f"omnidocbench {number}", block["html"])
            for number, page in enumerate(json.loads(pages.read_text(encoding="utf-8")))
            for block in page["layout_dets"]
            if block.get("category_type") == "table" and block.get("html")
        ]
    return found


@pytest.mark.shared
def test_real_tables_can_go_wrong_in_many_ways() -> None:
    tables = real_tables()
    if not tables:
        pytest.skip("the real samples are not beside this checkout")
    for name, code in tables[::3]:
        applied = check_contract(code, seeds=(1,))
        assert len(applied) >= 12, name
        assert re.search("row|column|cell|text|word", " ".join(applied))
