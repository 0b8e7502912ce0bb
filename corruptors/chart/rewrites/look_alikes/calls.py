"""Charts by other calls that paint the same marks a hair differently, or at another resolution."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.rewrites.as_policies.calls import literal_words
from corruptors.chart.rewrites.as_policies.libraries import drawn_by, statements_of, words_of
from corruptors.chart.rewrites.calls import line_of
from corruptors.rewrite import rewrite
from records.edits import Edit, Mutation


@rewrite(ChartProgram)
def draw_bars_by_seaborn(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars of one color over words are drawn by seaborn; numbers would be words to it.

    Example:
        >>> draw_bars_by_seaborn("ax.bar(['a', 'b'], y)", seed=0)[0]
        "import seaborn as sns; sns.barplot(x=['a', 'b'], y=y, ax=ax, saturation=1, errorbar=None)"
    """
    for call, axes in statements_of(chart, "bar"):
        if all(map(literal_words, chart.resolve(call.args[0]))):
            known = {"alpha", "color", "width"}
            drawn = "import seaborn as sns; sns.barplot(x={x}, y={y}, ax={axes}, saturation=1, errorbar=None{words})"
            yield from drawn_by(chart, call, axes, known, drawn, "drawn by seaborn")


@rewrite(ChartProgram)
def draw_bars_as_broken_barh(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Level bars at numbers are drawn by ``broken_barh``.

    Example:
        >>> draw_bars_as_broken_barh("ax.barh(y, w, color='red')", seed=0)[0]
        "[ax.broken_barh([(0, wide_)], (at_ - 0.4, 0.8), color='red').sticky_edges.x.append(0) for at_, wide_ in zip(y, w)]"
    """
    for call, axes in statements_of(chart, "barh"):
        words = words_of(chart, call, {"alpha", "color"})
        one_color = all(isinstance(word.value, ast.Constant) for word in call.keywords)
        if words is None or not one_color or len(call.args) != 2:
            continue
        at, wide = map(chart.source, call.args)
        bar = f"{axes}.broken_barh([(0, wide_)], (at_ - 0.4, 0.8){words})"
        drawn = f"[{bar}.sticky_edges.x.append(0) for at_, wide_ in zip({at}, {wide})]"
        yield Mutation((chart.replace(call, drawn),), line_of(call), "broken bars")


@rewrite(ChartProgram)
def draw_mesh_as_image(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A mesh of cells is drawn as an image.

    Example:
        >>> draw_mesh_as_image("ax.pcolormesh(z, cmap='jet')", seed=0)[0]
        "ax.imshow(z, origin='lower', aspect='auto', extent=(0, len(z[0]), 0, len(z)), cmap='jet')"
    """
    for call in chart.calls("pcolormesh", "pcolor"):
        words = words_of(chart, call, {"alpha", "cmap", "norm", "vmax", "vmin"})
        if words is None or len(call.args) != 1:
            continue
        cells = chart.source(call.args[0])
        extent = f"extent=(0, len({cells}[0]), 0, len({cells}))"
        drawn = f"imshow({cells}, origin='lower', aspect='auto', {extent}{words})"
        edit = chart.replace(call, f"{chart.receiver(call)}.{drawn}")
        yield Mutation((edit,), line_of(call), "an image for a mesh")


@rewrite(ChartProgram)
def draw_image_as_mesh(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An image of cells is drawn as a mesh.

    Example:
        >>> draw_image_as_mesh("im = ax.imshow(z)", seed=0)[0]
        "im = ax.pcolormesh([i - 0.5 for i in range(len(z[0]) + 1)], [i - 0.5 for i in range(len(z) + 1)], z); ax.set_aspect('equal'); ax.invert_yaxis()"
    """
    for call in chart.calls("imshow"):
        receiver, statement = chart.receiver(call), chart.statement(call)
        words = words_of(chart, call, {"alpha", "cmap", "norm", "vmax", "vmin", "aspect"})
        alone = isinstance(statement, ast.Expr | ast.Assign) and statement.value is call
        if words is None or not alone or not receiver or len(call.args) != 1:
            continue
        axes = chart.axes_of(receiver)
        cells = chart.source(call.args[0])
        edges = ", ".join(
            f"[i - 0.5 for i in range(len({one}) + 1)]" for one in (f"{cells}[0]", cells)
        )
        aspect = chart.keyword(call, "aspect")
        kept = "".join(f", {chart.source(word)}" for word in call.keywords if word is not aspect)
        shape = chart.source(aspect.value) if aspect else "'equal'"
        drawn = f"{receiver}.pcolormesh({edges}, {cells}{kept})"
        _, end = chart.span(statement)
        framed = f"; {axes}.set_aspect({shape}); {axes}.invert_yaxis()"
        edits = (chart.replace(call, drawn), Edit(end, end, framed))
        yield Mutation(edits, line_of(call), "a mesh for an image")


@rewrite(ChartProgram)
def save_at_other_dpi(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The picture is saved with more pixels.

    Example:
        >>> save_at_other_dpi("plt.savefig('a.png')", seed=0)[0]
        "plt.savefig('a.png', dpi=150)"
    """
    dpi = rng.choice((130, 150, 200))
    for call in chart.calls("savefig"):
        given = chart.keyword(call, "dpi")
        _, end = chart.span(call)
        edit = Edit(end - 1, end - 1, f", dpi={dpi}")
        if given is not None:
            edit = chart.replace(given.value, str(dpi))
        yield Mutation((edit,), line_of(call), f"{dpi} dots an inch")


_IN_TEX = {"±": r"$\pm$", "×": r"$\times$", "≤": r"$\leq$", "≥": r"$\geq$", "Δ": r"$\Delta$", "°": r"$^\circ$", "²": "$^2$", "³": "$^3$"}  # fmt: skip


@rewrite(ChartProgram)
def write_signs_in_tex(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Signs of a label are written as formulas.

    Example:
        >>> write_signs_in_tex("ax.set_title('area in m²')", seed=0)[0]
        "ax.set_title(r'area in m$^2$')"
    """
    for label in chart.labels:
        text = label.text
        source = chart.source(text.node)
        signs = re.compile("|".join(_IN_TEX))
        if text.constant and source[:1] in "'\"" and not re.search(r"[$\\]", source):
            made = signs.sub(lambda sign: _IN_TEX[sign[0]], source)
            if made != source:
                edit = chart.replace(text.node, f"r{made}")
                yield Mutation((edit,), line_of(text.node), "signs as formulas")
