"""Type that a copied chart sets differently: size, weight, family."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE


_WORDED = (
    "title", "set_title", "suptitle", "xlabel", "ylabel", "set_xlabel", "set_ylabel", "legend",
    "text", "annotate", "set_xticklabels", "set_yticklabels", "xticks", "yticks",
)  # fmt: skip


@corruption(ChartProgram, STYLE)
def change_text_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Words are written far larger or smaller.

    Yields:
        One mutation per literal size of text, and per title or label that gives none.

    Example:
        >>> change_text_size("ax.set_title('Rain', fontsize=14)", seed=0)[0]
        "ax.set_title('Rain', fontsize=21)"
    """
    words = ("fontsize", "labelsize", "titlesize", "title_fontsize", "font.size", "axes.titlesize")
    for number in chart.numbers_given(*words):
        wrong = number.times(rng.choice(("0.6", "1.5", "1.8")))
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "text", f"is {wrong} points high instead of {number.value:f}")
    for call in chart.calls(*_WORDED):
        if chart.takes(call, "fontsize", "size", "fontdict", "prop", "font") and (
            call.args or call.keywords
        ):
            wrong = rng.choice(("6", "16", "20"))
            edit = chart.add_keyword(call, f"fontsize={wrong}")
            yield Mutation((edit,), f"text of {chart.method(call)}", f"is {wrong} points high")


@corruption(ChartProgram, STYLE)
def change_text_weight(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Plain words are bold, or bold words plain.

    Yields:
        One mutation per literal weight, and per title or label that gives none.

    Example:
        >>> change_text_weight("ax.set_title('Rain', fontweight='bold')", seed=0)[0]
        "ax.set_title('Rain', fontweight='normal')"
    """
    for text in chart.words_given("fontweight", "weight"):
        other = "normal" if text.value in ("bold", "heavy", "semibold", "black") else "bold"
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), "text", f"is {other} instead of {text.value}")
    given = ("fontweight", "weight", "fontdict", "font", "fontproperties")
    for call in chart.calls(*_WORDED[:7], "text"):
        if call.args and chart.takes(call, *given):
            edit = chart.add_keyword(call, 'fontweight="bold"')
            yield Mutation((edit,), f"text of {chart.method(call)}", "is bold")


@corruption(ChartProgram, STYLE)
def change_font(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """All words are set in another family of type.

    Yields:
        One mutation per literal family, or one for a script that names none.

    Example:
        >>> change_font("import matplotlib.pyplot as plt\\nplt.plot(x)", seed=0)[0]
        'import matplotlib.pyplot as plt\\nplt.rcParams["font.family"] = "monospace"\\nplt.plot(x)'
    """
    families = ("serif", "monospace")
    named = chart.words_given("fontname", "fontfamily", "family", "font.family")
    for text in named:
        serif = re.search(r"times|(?<!sans-)(?<!sans )serif", text.value, re.IGNORECASE)
        other = rng.choice([family for family in families if not serif or family != "serif"])
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), f"text in {text.value}", f"is set in {other}")
    if named or "font.family" in chart.text:
        return
    for line in chart.all(ast.Import):
        if chart.source(line).endswith("matplotlib.pyplot as plt"):
            other = rng.choice(families)
            edit = chart.after(line, f'plt.rcParams["font.family"] = "{other}"')
            yield Mutation((edit,), "all text", f"is set in {other}")
