"""Rewrites of charts: other code, the same pixels."""

from __future__ import annotations

import ast
from random import Random

import pytest

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.rewrites.statements import rename_variables
from corruptors.registry import rewrites
from records.edits import apply
from records.errors import SandboxUnavailable
from records.taxonomy import Language, Modality
from renderers.registry import open_renderer
from sources.bundled import samples


def ways(name: str, code: str) -> list[str]:
    """The program after each single mutation of a rewrite."""
    [rewrite] = [one for one in rewrites(Modality.CHART) if one.name == name]
    made = []
    for mutation in rewrite.propose(ChartProgram.parse(code), Random(0)):
        new = apply(code, mutation.edits)
        ast.parse(new)
        made.append(new)
    return made


# fmt: off
TABLE: list[tuple[str, str, list[str]]] = [
    ("swap_quotes", "f('it\\'s')", []),
    ("swap_quotes", "f(\"it's\")", []),
    ("swap_quotes", "f(r'\\d')", []),
    ("swap_quotes", "f('a' 'b')", []),
    ("swap_quotes", "f(f'{a}')", []),
    ("swap_quotes", "f('''a''')", []),
    ("swap_quotes", "f('a')", ['f("a")']),
    ("spell_out_colours", "ax.plot(x, color='C0')", []),
    ("spell_out_colours", "ax.plot(x, color='g')", []),  # 0, 0.5, 0: no eight bits
    ("spell_out_colours", "ax.plot(x, color='r')", ["ax.plot(x, color='#ff0000')"]),
    ("spell_out_colours", "n = ['red']\nax.bar(n, y, color=n)", []),
    ("spell_out_colours", "c = 'red'\nif c == 'red':\n    ax.plot(x, color=c)", []),
    ("spell_out_line_styles", "ax.plot(x, ls=':')", ["ax.plot(x, ls='dotted')"]),
    ("spell_out_line_styles", "ax.plot(x, ls='none')", []),
    ("spell_out_keywords", "ax.plot(x, lw=2, linewidth=3)", []),
    ("spell_out_keywords", "ax.text(0, 0, s, size=9)", ["ax.text(0, 0, s, fontsize=9)"]),
    ("spell_out_keywords", "df.plot(kind='bar', lw=2)", []),
    ("reorder_keywords", "ax.bar(x, y, color=f(), label=g())", []),
    ("reorder_keywords", "ax.bar(x, y, color='r', edgecolor='k')", []),
    ("reorder_keywords", "ax.set(xlim=(0, 1), xticks=[0])", []),
    ("reorder_keywords", "dict(a=1, b=2)", []),
    ("call_axes", "ax.title('a')", []),
    ("call_axes", "plt.legend()", ["plt.gca().legend()"]),
    ("call_axes", "low, high = plt.xlim()", []),
    ("set_by_keyword", "ax.set_title('a', loc='left')", []),
    ("set_by_keyword", "t = ax.set_title('a')", []),
    ("write_tuples", "ax.set_xticks([0])", []),
    ("write_tuples", "ax.set_xticks([a, b])", []),
    ("respell_numbers", "f'{x:.2f}'; y = 3", []),
    ("respell_numbers", "y = 1e-3", []),
    ("rename_variables", "import numpy as np\ndef f(a): return a\nf(a=1)", []),
    ("rename_variables", "x = 1\nprint(f'{x}')", []),
    ("rename_variables", "x = 1\nlocals()['x']", []),
    ("rename_variables", "x = 1\nf(x=x)", []),
    ("rename_variables", "class A:\n    x = 1\nA.x", []),
    ("name_literals", "plt.title(f'{a}')", []),
    ("name_literals", "for i in x:\n    plt.xlabel('a')", ["for i in x:\n    x_axis_label_text = 'a'\n    plt.xlabel(x_axis_label_text)"]),
    ("reorder_statements", "a = [1]\nb = a", []),
    ("reorder_statements", "a = [1]\nb = {'k': 2}", ["b = {'k': 2}\na = [1]"]),
    ("reorder_statements", "a = 1\na = 2", []),
    ("reorder_statements", "plt.title('a')\nplt.title('b')", []),
    ("reorder_statements", "plt.title(f())\nplt.xlabel(g())", []),
    ("add_comments", "plt.show(); x = 1", ["plt.show(); x = 1  # any"]),
    ("add_comments", "s = '''a\nb'''  # c", []),
    ("drop_comments", "s = '# no remark'", []),
    ("drop_comments", "if a:\n    # why\n    b()", ["if a:\n    b()"]),
]
# fmt: on


@pytest.mark.parametrize(
    ("name", "code", "made"), TABLE, ids=[f"{row[0]}-{i}" for i, row in enumerate(TABLE)]
)
def test_before_and_after(name: str, code: str, made: list[str]) -> None:
    found = ways(name, code)
    if name == "add_comments":
        assert [new.split("  # ")[0] for new in found] == [new.split("  # ")[0] for new in made]
    else:
        assert found == made


def test_all_variables_are_renamed_at_once_without_clashing() -> None:
    code = "x = [1]\nx_here = [2]\nfor y in x:\n    z = y + x_here[0]\nprint(x, z)"
    for seed in range(20):
        result = rename_variables(code, seed)
        assert result is not None
        space: dict[str, object] = {}
        exec(result[0].replace("print(x", "out = (x").replace("print(", "out = ("), space)
        assert space["out"] == ([1], 3)


@pytest.mark.slow
def test_every_rewrite_together_draws_the_same_pixels() -> None:
    try:
        renderer = open_renderer(Modality.CHART)
        with renderer:
            for sample in samples(Modality.CHART)[::24]:
                code = sample.code
                for rewrite in rewrites(Modality.CHART):
                    result = rewrite(code, 3)
                    code = result[0] if result else code
                reference = renderer.render(sample.code, Language.PYTHON)
                candidate = renderer.render(code, Language.PYTHON)
                assert code != sample.code
                assert candidate.picture is not None, f"{sample.upstream_id}: {candidate.detail}"
                assert reference.picture is not None
                assert candidate.picture.pixel_hash == reference.picture.pixel_hash, (
                    sample.upstream_id
                )
    except SandboxUnavailable as reason:
        pytest.skip(f"charts cannot be drawn here: {reason}")
