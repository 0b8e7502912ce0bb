"""Markup is read as a browser reads it, and every span is exact."""

import pytest

from corruptors.markup.elements import MarkupProgram
from corruptors.markup.reader import MAX_DEPTH, read_markup
from records.edits import apply
from records.errors import CodeParseError


def outline(text: str, *, html: bool = True) -> list[tuple[str, str]]:
    """Name and content of each element."""
    elements, _ = read_markup(text, html=html)
    return [(one.name, text[one.inner_start : one.inner_end]) for one in elements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<td>a<td>b", [("td", "a"), ("td", "b")]),
        ("<TR><TD>a</TR><tr>", [("tr", "<TD>a"), ("td", "a"), ("tr", "")]),
        ("<p>a<p>b<div>c</div>", [("p", "a"), ("p", "b"), ("div", "c")]),
        ("<ul><li>a<li>b</ul>", [("ul", "<li>a<li>b"), ("li", "a"), ("li", "b")]),
        ("a<br>b<img src=x>", [("br", ""), ("img", "")]),
        ("<!-- <td> --><b>x</b>", [("b", "x")]),
        ("<style>td>a{}</style><i>y</i>", [("style", "td>a{}"), ("i", "y")]),
        ("1 < 2 <b>c</b>", [("b", "c")]),
        ("<td>a</div>b</td>", [("td", "a</div>b")]),
        ('<td title="a > b">c</td>', [("td", "c")]),
        ("<td>cut off <a href=", [("td", "cut off <a href=")]),
    ],
)
def test_tag_soup_is_read_as_browsers_do(text: str, expected: list[tuple[str, str]]) -> None:
    assert outline(text) == expected


def test_a_cell_of_a_nested_table_ends_with_it() -> None:
    text = "<table><tr><td>a<table><tr><td>b</table>c<td>d</table>"
    cells = [content for name, content in outline(text) if name == "td"]
    assert cells == ["a<table><tr><td>b</table>c", "b", "d"]


def test_xml_keeps_case_and_closes_only_what_is_closed() -> None:
    text = "<svg><linearGradient/><g><p>a<p>b</p></p></g><![CDATA[<x>]]></svg>"
    names = [name for name, _ in outline(text, html=False)]
    assert names == ["svg", "linearGradient", "g", "p", "p"]


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("<td a=\"1\" b='2' c=3 d>", {"a": "1", "b": "2", "c": "3", "d": ""}),
        ("<td A = '1'\n\tB=2/>", {"a": "1", "b": "2/"}),
        ("<td/colspan=2>", {"colspan": "2"}),
        ('<td a="1"b="2">', {"a": "1", "b": "2"}),
        ("<td a=1 a=2>", {"a": "1"}),
        ('<td "a=1>', {'"a': "1"}),
    ],
)
def test_attributes_are_found_with_their_spans(tag: str, attributes: dict[str, str]) -> None:
    elements, _ = read_markup(tag, html=True)
    found = elements[0].attributes
    assert {name: one.value for name, one in found.items()} == attributes
    for one in found.values():
        assert tag[one.value_start : one.value_end] == one.value


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        ('<td a="1">', "2", '<td a="2">'),
        ("<td a=1>", "2", "<td a=2>"),
        ("<td a=1>", "b c", '<td a="b c">'),
        ("<td a>", "2", '<td a="2">'),
        ('<td a="">', "2", '<td a="2">'),
    ],
)
def test_an_attribute_is_replaced_within_its_quotes(tag: str, value: str, expected: str) -> None:
    attribute = read_markup(tag, html=True)[0][0].attributes["a"]
    assert apply(tag, [attribute.replaced(value)]) == expected


def test_an_attribute_is_removed_with_its_space() -> None:
    tag = '<td a="1"  b=2 c>'
    attributes = read_markup(tag, html=True)[0][0].attributes
    assert apply(tag, [attributes["b"].removed()]) == '<td a="1" c>'


def test_text_runs_lie_between_tags() -> None:
    text = "<p>a &lt; b<b>c</b><!-- d -->e"
    _, runs = read_markup(text, html=True)
    assert [text[run.start : run.end] for run in runs] == ["a &lt; b", "c", "e"]


def test_ancestors_descendants_and_children() -> None:
    text = "<a><b><c/></b><d/></a>"
    program = MarkupProgram(text, *read_markup(text, html=False))
    a, b, c, d = program.elements
    assert list(program.ancestors(c)) == [b, a]
    assert list(program.descendants(a)) == [b, c, d]
    assert program.children(a) == (b, d)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<b>" * (MAX_DEPTH + 1), "too_deep"),
        ("<br>" * 50_001, "too_many_elements"),
        ("x" * 1_000_001, "too_long"),
    ],
)
def test_what_no_picture_needs_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CodeParseError) as caught:
        read_markup(text, html=True)
    assert caught.value.reason == reason


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["<a " * 300_000, "<a " + '"' * 900_000, "<" * 900_000])
def test_a_text_made_to_be_slow_is_read_in_one_pass(text: str) -> None:
    assert read_markup(text, html=True)[0] == ()
