"""From a table program to the document the browser is given; no browser needed."""

from __future__ import annotations

import pytest

from records.errors import RenderError
from records.taxonomy import Language
from renderers.table.document import prepare
from renderers.table.math import mathml, replace_formulas
from sandbox.status import Limits

LIMITS = Limits(code_chars=200_000, nodes=2_000)


def found(text: str) -> list[str]:
    formulas: list[str] = []
    replace_formulas(text, lambda latex, display: formulas.append(latex))
    return formulas


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$5", []),
        ("$5 or $6", []),
        ("US$ 3 to $4", []),
        ("$5/$10", []),
        ("$1,000 (up $200) $300", []),
        ("$ 5, or $ 6", []),
        ("$ in 2019, $ in 2020", []),
        (r"cost \$5 and $x$", ["x"]),
        (r"68.3 $ \pm $ 19.7", [r" \pm "]),
        ("$x^2$", ["x^2"]),
        ("$12.5$", ["12.5"]),
        (r"$\times$10", [r"\times"]),
        (r"$10^{-3}$ mg", ["10^{-3}"]),
        (r"\(a &lt; b\)", ["a &lt; b"]),
        (r"$$\frac{1}{2}$$", [r"\frac{1}{2}"]),
        ("$a$, $b$ and $5", ["a", "b"]),
        ("$p<0.05$ for $5", ["p<0.05"]),
    ],
)
def test_formulas_are_told_from_money(text: str, formulas: list[str]) -> None:
    assert found(text) == formulas


@pytest.mark.parametrize("latex", [r"\left(", r"\nosuchcommand{x}", "x" * 3000])
def test_what_is_no_formula_stays_text(latex: str) -> None:
    assert mathml(latex) is None
    program = f"<table><tr><td>${latex}$</td></tr></table>"
    assert f"${latex}$" in prepare(program, Language.HTML, LIMITS).html


def test_code_and_attributes_keep_their_dollars() -> None:
    program = '<table title="$x^2$"><tr><td><code>$y^2$</code>$z^2$</td></tr></table>'
    page = prepare(program, Language.HTML, LIMITS).html
    assert 'title="$x^2$"' in page
    assert "<code>$y^2$</code>" in page
    assert page.count("<math") == 1


def test_markdown_tables_formulas_and_raw_html() -> None:
    text = "| a | b |\n|---|--:|\n| $x_1$ *i* $y_1$ | <b>2</b> |\n"
    page = prepare(text, Language.MARKDOWN, LIMITS).html
    assert page.count("<math") == 2
    assert "<em>i</em>" in page
    assert "<b>2</b>" in page
    assert 'style="text-align:right"' in page


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("<p>no table</p>", "code_crashed"),
        ("<!-- <table> -->", "code_crashed"),
        ("<script>'<table>'</script>", "code_crashed"),
        ("x" * 200_001, "too_large"),
        ("<table>" + "<tr><td>1" * 1001 + "</table>", "too_large"),
        ("<table><tr>" + "<td colspan=1000>x" * 3 + "</table>", "too_large"),
        ("<table>" + "<tr><td colspan=50 rowspan=65534>x" * 10 + "</table>", "too_large"),
        ("<table>" + "<col span=1000>" * 3 + "<tr><td>x</table>", "too_large"),
        ("<table><tr><td><iframe src=x></iframe></table>", "denied"),
        ("<IFRAME SRCDOC='x'></IFRAME><table></table>", "denied"),
        ("<table><tr><td><object data=x></object></table>", "denied"),
        ("<table><tr><td><embed src=x></table>", "denied"),
        ("<table><tr><td><img src='file:///etc/passwd'></table>", "denied"),
        ("<style>td{background:url(file:///a)}</style><table></table>", "denied"),
        ("<style>@import 'file:///a';</style><table></table>", "denied"),
        ("<meta http-equiv=Refresh content='0;url=http://a'><table></table>", "denied"),
    ],
)
def test_what_is_refused_before_the_browser_sees_it(program: str, reason: str) -> None:
    with pytest.raises(RenderError) as caught:
        prepare(program, Language.HTML, LIMITS)
    assert caught.value.reason == reason
    assert caught.value.detail


def test_words_about_files_load_none() -> None:
    prepare(
        "<style>/* file: a.html */</style><table><tr><td title='file://x'>1</table>",
        Language.HTML, LIMITS,
    )  # fmt: skip


def test_markdown_without_a_table_is_told_what_one_needs() -> None:
    with pytest.raises(RenderError, match=r"a line like \|---\|---\|"):
        prepare("| a | b |\n| 1 | 2 |\n", Language.MARKDOWN, LIMITS)


def test_plain_tables_are_plain_and_others_are_guarded() -> None:
    plain = '<table class="t"><tr><td style="color: red" colspan=2>1<sup>2</sup></td></tr></table>'
    assert prepare(plain, Language.HTML, LIMITS).plain
    for risky in (
        "<img src='http://a/b.png'>",
        "<td style='background:url(http://a)'>",
        "<style>@import 'http://a';</style>",
        "<script>1</script>",
        "<svg></svg>",
        "<form>",
    ):
        document = prepare(f"<table><tr><td>x{risky}</table>", Language.HTML, LIMITS)
        assert not document.plain, risky
        assert "Content-Security-Policy" in document.html


def test_the_authors_characters_reach_the_browser_unchanged() -> None:
    program = "<TABLE><tr><td title=it's>a &amp; b<td>c</TABLE>"
    assert prepare(program, Language.HTML, LIMITS).html.endswith(program)


def test_an_operator_between_operands_is_set_as_one() -> None:
    assert "<mo>&#x000B1;</mo>" in str(mathml(r"68.3 \pm 19.7"))
    assert "<mo>&#x02A7D;</mo>" in str(mathml(r"p \leqslant 0.05"))
    # Alone it has no operands, and the author's own spaces stand around it.
    assert "<mi>&#x000B1;</mi>" in str(mathml(r"\pm"))
