"""Edits of a script: exact characters, valid syntax, everything else as it was."""

from __future__ import annotations

import ast

import pytest

from corruptors.chart.program.script import Script
from records.edits import Edit, apply
from records.errors import CodeParseError


def spliced(code: str, edit: Edit | None) -> str:
    assert edit is not None
    made = apply(code, [edit])
    ast.parse(made)
    return made


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "before", ["", "ü = 'größe 图'  # Überschrift", "s = 'a\x0cb\x0bc\u2028d'", "x = 1\x0c", "\tz"]
)
def test_spans_are_characters_whatever_stands_before(end: str, before: str) -> None:
    code = f"if 1:{end}    {before.strip(chr(9)) or 'pass'}{end}    f('年', größe=[1, 2]) # é{end}"
    script = Script.parse(code)
    call = script.calls("f")[0]
    assert script.source(call) == "f('年', größe=[1, 2])"
    assert script.source(call.keywords[0].value) == "[1, 2]"
    assert script.source(call.args[0]) == "'年'"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("x = (", "line 1"),
        ("def f(:\n", "line 1"),
        ("a\x00b", "null"),
        ("\ufeffx = 1", "U\\+FEFF"),
        ("-" * 100_000 + "1", "Error"),
    ],
)
def test_what_is_no_python_is_a_parse_error(code: str, reason: str) -> None:
    with pytest.raises(CodeParseError, match=reason) as caught:
        Script.parse(code)
    assert caught.value.reason == "not_python"


def test_odd_escapes_in_labels_are_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    Script.parse(r"title('\mathrm{x} \d')")
    assert not list(recwarn)


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("f()", "f(k=1)"),
        ("f(\n)", "f(\nk=1)"),
        ("f(a)", "f(a, k=1)"),
        ("f(a,)", "f(a, k=1)"),
        ("f(a, )", "f(a, k=1 )"),
        (
            "f(\n    a,  # why, so\n    b,  # (because)\n)",
            "f(\n    a,  # why, so\n    b, k=1  # (because)\n)",
        ),
        ("f(\n    a  # last, ) really\n)", "f(\n    a, k=1  # last, ) really\n)"),
        ("f((a), x=(b))", "f((a), x=(b), k=1)"),
        ("f(*a, **{'b': 1})", "f(*a, **{'b': 1}, k=1)"),
        ("f('a)')", "f('a)', k=1)"),
        ("f(')', # )\n ')')", "f(')', # )\n ')', k=1)"),
        ("f(g(a), h(b)\n  )", "f(g(a), h(b), k=1\n  )"),
        ("f(lambda x: (x))", "f(lambda x: (x), k=1)"),
    ],
)
def test_a_keyword_is_added_last(code: str, made: str) -> None:
    script = Script.parse(code)
    assert spliced(code, script.add_keyword(script.calls("f")[0], "k=1")) == made


@pytest.mark.parametrize(
    ("code", "free"),
    [
        ("f(a)", True),
        ("f(k=2)", False),
        ("f(**style)", False),
        ("f(**{'a': 1})", True),
        ("f(**{'k': 1})", False),
        ("f(**{**other})", False),
        ("f(x for x in y)", False),
    ],
)
def test_a_keyword_is_only_added_where_it_fits(code: str, free: bool) -> None:
    script = Script.parse(code)
    assert script.takes(script.calls("f")[0], "k") is free


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("f(a, k=1, b=2)", "f(a, b=2)"),
        ("f(a, k=1)", "f(a)"),
        ("f(k=1)", "f()"),
        ("f(k=1,)", "f()"),
        ("f(\n    a,\n    k=(1),  # so\n    b=2,\n)", "f(\n    a,\n    # so\n    b=2,\n)"),
        ("f(\n    a,\n    k=[1,\n 2]\n)", "f(\n    a\n)"),
        ("f(a, # one\n  k=1)", "f(a, # one\n  )"),
        ("f(a, k=1 # one\n  , b=2)", "f(a, b=2)"),
    ],
)
def test_a_keyword_is_dropped_with_its_comma(code: str, made: str) -> None:
    script = Script.parse(code)
    assert spliced(code, script.drop_keyword(script.calls("f")[0].keywords[0])) == made


@pytest.mark.parametrize(
    ("code", "index", "made"),
    [
        ("[1, 2, 3]", 0, "[2, 3]"),
        ("[1, 2, 3]", 2, "[1, 2]"),
        ("[1, (2), 3]", 1, "[1, 3]"),
        ("[1, ((2)), 3]", 1, "[1, 3]"),
        ("(1, 2, 3)", 2, "(1, 2)"),
        ("((1), 2, (3))", 0, "(2, (3))"),
        ("((1), 2, (3))", 2, "((1), 2)"),
        ("[\n  'a',  # x\n  'b',\n]", 1, "[\n  'a',  # x\n  \n]"),
        ("[1]", 0, "[]"),
    ],
)
def test_an_item_is_dropped_with_its_comma_and_parentheses(
    code: str, index: int, made: str
) -> None:
    script = Script.parse(code)
    whole = next(node for node in script.nodes if isinstance(node, (ast.List, ast.Tuple)))
    assert spliced(code, script.drop_item(whole.elts[index])) == made


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("a()\nf()\nb()\n", "a()\nb()\n"),
        ("a()\nf()", "a()\n"),
        ("a()\nf(1,\n  2)  # so\nb()", "a()\nb()"),
        ("for x in y:\n    f()\n", "for x in y:\n    pass\n"),
        ("for x in y:\n    f()\n    g()\n", "for x in y:\n    g()\n"),
        ("for x in y: f()\n", "for x in y: pass\n"),
        ("f(); g()\n", "g()\n"),
        ("g(); f()\n", "g(); pass\n"),
        ("g(); f();\n", "g(); pass;\n"),
        ("g(); f(); h()\n", "g(); h()\n"),
        ("if a:\n    b()\nelse:\n    f()\n", "if a:\n    b()\nelse:\n    pass\n"),
        ("a()\r\nf()\r\nb()\r\n", "a()\r\nb()\r\n"),
        ("f()\n", ""),
        ("a(); f()  # ; so\nb()", "a(); pass  # ; so\nb()"),
    ],
)
def test_a_statement_is_dropped_and_its_block_stays_whole(code: str, made: str) -> None:
    script = Script.parse(code)
    assert spliced(code, script.drop(script.statement(script.calls("f")[0]))) == made


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("f()\ng()", "f()\nnew()\ng()"),
        ("f()", "f()\nnew()"),
        ("if a:\n    f()  # so\n    g()", "if a:\n    f()  # so\n    new()\n    g()"),
        ("if a: f()\ng()", "if a: f(); new()\ng()"),
        ("f(); g()", "f(); new(); g()"),
        ("g(); f()", "g(); f(); new()"),
        ("\tf = 1", None),
        ("if a:\n\tf(1,\n  2)\n", "if a:\n\tf(1,\n  2)\n\tnew()\n"),
        ("f()\r\ng()\r\n", "f()\r\nnew()\r\ng()\r\n"),
    ],
)
def test_a_statement_is_put_after_another(code: str, made: str | None) -> None:
    if made is None:
        with pytest.raises(CodeParseError):
            Script.parse(code)
        return
    script = Script.parse(code)
    assert spliced(code, script.after(script.statement(script.calls("f")[0]), "new()")) == made


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("f()", "new()\nf()"),
        ("if a:\n    f()", "if a:\n    new()\n    f()"),
        ("if a: f()", "if a: new(); f()"),
        ("g(); f()", "g(); new(); f()"),
    ],
)
def test_a_statement_is_put_before_another(code: str, made: str) -> None:
    script = Script.parse(code)
    assert spliced(code, script.before(script.statement(script.calls("f")[0]), "new()")) == made


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("1_000", "1000"),
        ("-2.50", "-2.50"),
        ("- 3", "-3"),
        ("1e-3", "0.001"),
        (".5", "0.5"),
        ("0x1f", None),
        ("True", None),
        ("2j", None),
        ("+4", None),
        ("'5'", None),
    ],
)
def test_numbers_keep_the_digits_they_are_written_with(literal: str, value: str | None) -> None:
    script = Script.parse(f"x = {literal}")
    statement = script.tree.body[0]
    assert isinstance(statement, ast.Assign)
    number = script.number(statement.value)
    assert (None if number is None else f"{number.value:f}") == value


@pytest.mark.parametrize(
    ("literal", "plain", "constant"),
    [
        ("'Rain (mm)'", ["Rain (mm)"], True),
        ('"""two\nlines"""', ["two\nlines"], True),
        (r"'a\nb'", ["a", "b"], True),
        (r"r'$\alpha$ rate'", [" rate"], True),
        ("f'{x:.1f} % of {y}'", [" % of "], False),
        ("f'{x!r:>{w}} left'", [" left"], False),
        ("'{:.2f} kg'", [" kg"], True),
        ("'%.1f kg'", [" kg"], True),
        ("'a' 'b'", ["a", "b"], False),
        (r"'\N{DEGREE SIGN}C \u00b5m'", ["C ", "m"], True),
    ],
)
def test_only_plain_characters_of_a_string_may_be_retyped(
    literal: str, plain: list[str], constant: bool
) -> None:
    script = Script.parse(f"x = {literal}")
    statement = script.tree.body[0]
    assert isinstance(statement, ast.Assign)
    text = script.string(statement.value)
    assert text is not None
    assert [script.text[start:end] for start, end in text.runs] == plain
    assert text.constant is constant
    assert ast.literal_eval(text.retyped('it\'s "a"\nb\\c')) == 'it\'s "a"\nb\\c'


def test_bytes_are_no_string() -> None:
    script = Script.parse("x = b'abc'")
    assert all(script.string(node) is None for node in script.nodes)


@pytest.mark.parametrize(
    ("code", "unused"),
    [
        ("f()", True),
        ("a = f()", True),
        ("a = f()\nb(a)", False),
        ("a, b = f()", True),
        ("a, b = f()\nc(b)", False),
        ("self.a = f()", False),
        ("a[0] = f()", False),
        ("b(f())", False),
        ("return_ = [f()]", False),
    ],
)
def test_a_result_is_unused_only_where_nobody_can_read_it(code: str, unused: bool) -> None:
    script = Script.parse(code)
    assert script.result_unused(script.calls("f")[0]) is unused
