"""Corruptions of charts: a program, and every way they make it wrong. No way: does not apply."""

from __future__ import annotations

import ast
from random import Random

import pytest

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.registry import by_name, corruptions
from records.edits import apply, inverse
from records.taxonomy import ChartCategory, Modality

ALL = corruptions(Modality.CHART)


def ways(name: str, code: str) -> list[str]:
    """Every program the corruption makes of ``code``."""
    corruption = by_name(name, Modality.CHART)
    made = []
    for mutation in corruption.propose(ChartProgram.parse(code), Random(0)):
        wrong = apply(code, mutation.edits)
        ast.parse(wrong)
        assert apply(wrong, inverse(code, mutation.edits)) == code
        assert mutation.location
        assert mutation.description
        made.append(wrong)
    return made


# fmt: off
TABLE: list[tuple[str, str, list[str]]] = [
    # structure
    ("turn_bars_sideways", "a.barh(n, x, left=l, height=.5)\na.bar(n, x)", [
        "a.barh(n, x, left=l, height=.5)\na.barh(n, x)",
        "a.bar(n, x, bottom=l, width=.5)\na.bar(n, x)"]),
    ("turn_bars_sideways", "ax = fig.add_subplot(projection='3d')\nax.bar(x, y, zs=1)", []),
    ("turn_bars_sideways", "ax.bar(n, v)\nax.set_xticks(t)\nax.set_ylim(0, 9)\nax.text(0, 1, 'a')\nb.set_xlim(0, 1)", [
        "ax.barh(n, v)\nax.set_yticks(t)\nax.set_xlim(0, 9)\nax.text(1, 0, 'a')\nb.set_xlim(0, 1)"]),
    ("draw_pie_as_bars", "ax.pie(s)\nax.axis('equal')\nb.axis('equal')", ["ax.bar(range(len(s)), s)\nb.axis('equal')"]),
    ("draw_bars_as_line", "bars = ax.bar(x, y)\nax.bar_label(bars)", []),
    ("draw_bars_as_line", "ax.barh(names, values, color=['r', 'g'])", ["ax.plot(values, names, marker='o')"]),
    ("draw_line_as_points", "line, = ax.plot(y)\nprint(line)", []),
    ("draw_line_as_points", "line, = ax.plot(y, color='r')", ["ax.scatter(range(len(y)), y, color='r')"]),
    ("draw_line_as_bars", "df.plot(kind='line')", []),
    ("draw_points_as_line", "ax.scatter(x, y, c=z, cmap='jet')", ["ax.plot(x, y)"]),
    ("draw_points_as_line", "sns.scatter(x, y)", []),
    ("draw_pie_as_bars", "a, b, c = plt.pie(s, colors=k)", ["plt.bar(range(len(s)), s, color=k)"]),
    ("draw_pie_as_bars", "a, b = plt.pie(s)\na[0].set_alpha(1)", []),
    ("draw_bars_as_pie", "plt.bar(n, [1, -1])", []),
    ("draw_bars_as_pie", "plt.bar(n, [1, 1])\nplt.bar(n, [2, 2])", []),
    ("swap_box_and_violin", "b = ax.boxplot(d, patch_artist=True)\nb['boxes'][0]", []),
    ("swap_box_and_violin", "sns.violinplot(data=d)", ["sns.boxplot(data=d)"]),
    ("swap_map_and_contours", "c = ax.contourf(x, y, z, 9)\nfig.colorbar(c)", ["c = ax.contour(x, y, z, 9)\nfig.colorbar(c)"]),
    ("swap_map_and_contours", "m = ax.imshow(z, cmap='a', aspect=1)\nfig.colorbar(m)", ["m = ax.contourf(z, cmap='a')\nfig.colorbar(m)"]),
    ("change_pandas_kind", "df.plot.barh(ax=ax)", ["df.plot.bar(ax=ax)"]),
    ("unstack_bars", "ax.bar(x, y)", []),
    ("unstack_bars", "df.plot(kind='bar', stacked=True)", ["df.plot(kind='bar')"]),
    ("pile_up_groups", "ax.bar(x, y)", []),
    ("drop_subplot", "fig, ax = plt.subplots()\nax.plot(x)\nplt.show()", []),
    ("drop_subplot", "f, ax = plt.subplots(1, 2)\nplt.tight_layout()\nplt.show()", [
        "f, ax = plt.subplots(1, 2)\nax[0].remove()\nplt.tight_layout()\nplt.show()",
        "f, ax = plt.subplots(1, 2)\nax[1].remove()\nplt.tight_layout()\nplt.show()"]),
    ("drop_subplot", "f, ax = plt.subplots(2, 2)\nax = ax.flatten()\nplt.show()", [
        f"f, ax = plt.subplots(2, 2)\nax = ax.flatten()\nax[{i}].remove()\nplt.show()" for i in range(4)]),
    ("drop_subplot", "def f():\n    f, (a, b) = plt.subplots(2)\nplt.show()", []),
    ("drop_subplot", "plt.subplot(121)\nplt.subplot(122)\nplt.show()", [
        f"plt.subplot(121)\nplt.subplot(122)\nplt.gcf().axes[{i}].remove()\nplt.show()" for i in (0, 1)]),
    ("swap_subplots", "f, ax = plt.subplots(1, 2)\nax[0].plot(a)\nax[1].bar(b, c)\nax[0].set_title('x')", [
        "f, ax = plt.subplots(1, 2)\nax[1].plot(a)\nax[0].bar(b, c)\nax[1].set_title('x')"]),
    ("swap_subplots", "f, ax = plt.subplots(2)\nfor a, v in zip(ax.flat, d):\n    a.plot(v)", [
        "f, ax = plt.subplots(2)\nfor a, v in zip(list(ax.flat)[::-1], d):\n    a.plot(v)"]),
    ("swap_subplots", "a = fig.add_subplot(gs[0, :])\nb = fig.add_subplot(gs[1, 0])", [
        "a = fig.add_subplot(gs[1, 0])\nb = fig.add_subplot(gs[0, :])"]),
    ("transpose_layout", "plt.subplot(2, 1, 1)\nplt.subplot(2, 1, 2)", ["plt.subplot(1, 2, 1)\nplt.subplot(1, 2, 2)"]),
    ("transpose_layout", "f, a = plt.subplots(ncols=3)", ["f, a = plt.subplots(ncols=1, nrows=3)"]),
    ("transpose_layout", "f, a = plt.subplots(2, 3)\na[0, 1].plot(x)", []),
    ("transpose_layout", "f, a = plt.subplots(2, 3)\na[0, 1].plot(x)\nfor b in a.flat:\n    b.grid()", []),
    ("transpose_layout", "f, a = plt.subplots(1, 2, width_ratios=[1, 2])", []),
    ("transpose_layout", "g = GridSpec(1, 2)\na = f.add_subplot(g[0, 0])\nb = f.add_subplot(g[0, 1])", [
        "g = GridSpec(2, 1)\na = f.add_subplot(g[0, 0])\nb = f.add_subplot(g[1, 0])"]),
    ("add_subplot", "f, (a, b) = plt.subplots(1, 2)", []),
    ("add_subplot", "f, a = plt.subplots(1, 2)\nfor i, x in enumerate(a):\n    x.plot(d[i])", []),
    ("unroll_polar_axes", "ax = plt.subplot(polar=True)\nax.set_theta_zero_location('N')", []),
    ("unroll_polar_axes", "f, a = plt.subplots(subplot_kw=dict(polar=True))", ["f, a = plt.subplots()"]),
    ("drop_colour_bar", "c = plt.colorbar(m)\nc.set_label('x')\nplt.show()", [
        "c = plt.colorbar(m)\nc.set_label('x')\nc.remove()\nplt.show()"]),
    # data
    ("shift_decimal_point", "plt.bar(x, [0, 1])", ["plt.bar(x, [0, 10])"]),
    ("shift_decimal_point", "ax.set_ylim([1, 2, 3])", []),
    ("swap_digits", "plt.bar(x, [0.05, 0.12, 33, 7])", ["plt.bar(x, [0.05, 0.21, 33, 7])"]),
    ("flip_sign", "plt.pie([1, 2, 3])", []),
    ("repeat_value", "plt.bar(x, [5, 5, 5])", []),
    ("reverse_values", "plt.plot([1, 2, 1])", []),
    ("sort_values", "plt.plot([1, 2, 3, 4])", []),
    ("round_values", "plt.plot([1, 20, 0.3])", []),
    ("drop_value", "x = [1, 2, 3]\nplt.plot(x, x)", []),
    ("drop_value", "plt.imshow([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]])", []),
    ("drop_series", "ax.plot(a)", []),
    ("drop_series", "for v in d:\n    ax.plot(v)\nax.bar(x, y)", ["for v in d:\n    pass\nax.bar(x, y)", "for v in d:\n    ax.plot(v)\n"]),
    ("drop_series", "b = ax.bar(x, y)\nax.bar_label(b)\nax.plot(z)", ["b = ax.bar(x, y)\nax.bar_label(b)\n"]),
    ("swap_series", "ax.plot(t, a); ax.bar(t, b)", []),
    ("swap_series", "ax.pie(a, labels=n)\nax.pie(b, labels=m)", []),
    ("draw_area_as_line", "ax.fill_between(x, base, base + y, color='r')", ["ax.plot(x, base + y, color='r')"]),
    ("swap_series", "ax.plot(t, a)\nb = 2 * a\nax.plot(t, b)", []),
    ("swap_series", "ax.plot(t, a)\nax.plot(u, b)", []),
    ("swap_series", "ax.bar(x - w, a, w)\nax.bar(x + w, b, w)", ["ax.bar(x - w, b, w)\nax.bar(x + w, a, w)"]),
    ("swap_values", "s = sorted([3, 1, 2])\nplt.plot(s)", []),
    ("flip_sign", "c = plt.cm.tab20c([1, 2, 5, 6])\nplt.pie(x, colors=c)", []),
    ("add_series", "for a in b:\n    ax.plot(x, a)", []),
    ("add_series", "ax.plot([], [], label='a')", []),
    ("make_axis_logarithmic", "ax.plot(x, [1, -2, 3])", []),
    ("make_axis_logarithmic", "y = np.sin(x)\nax.plot(x, y)", []),
    ("make_axis_logarithmic", "ax = plt.subplot(polar=True)\nax.plot(x, y)", []),
    ("draw_points_as_line", "for x, y in [(1, 2), (3, 4)]:\n    ax.scatter(x, y)", []),
    ("draw_points_as_line", "ax.scatter([], [], label='a')", []),
    ("draw_line_as_bars", "ax.plot(days, [0] * len(days))", []),
    ("misspell_legend_entry", "for f in ['dense', 'mixed']:\n    ax.plot(x[k == f], label=f)\nk = ['dense', 'mixed']\nax.legend()", []),
    ("add_series", "ax.plot(x, np.sin(x))", []),
    ("change_limits", "ax.set_xlim(lo, hi)", []),
    ("change_limits", "ax.set_xlim(left=0)", []),
    ("drop_limits", "low, high = ax.set_ylim(0, 1)\nprint(low)", []),
    ("drop_limits", "ax.set(xlim=(0, 1), title='a')", ["ax.set(title='a')"]),
    ("drop_log_scale", "ax.set_yscale('linear')", []),
    ("drop_log_scale", "ax.set_yscale('log')\nax.loglog(x)", ["ax.loglog(x)", "ax.set_yscale('log')\nax.semilogx(x)"]),
    ("make_axis_logarithmic", "ax.pie(x)", []),
    ("make_axis_logarithmic", "ax.bar(x, y)", ["ax.bar(x, y)\nax.set_yscale(\"log\")"]),
    ("make_axis_logarithmic", "plt.semilogy(x)\n", ["plt.semilogy(x)\nplt.xscale(\"log\")\n"]),
    ("invert_axis", "plt.imshow(z)", []),
    ("invert_axis", "ax.plot(y)\nax.set_ylim(0, 1)\n", [
        "ax.plot(y)\nax.set_ylim(0, 1)\nax.invert_xaxis()\n", "ax.plot(y)\nax.set_ylim(0, 1)\nax.invert_yaxis()\n"]),
    ("resize_error_bars", "ax.bar(x, y, yerr=np.std(z))", []),
    ("change_bar_width", "plt.bar(x, y, w)", []),
    ("change_colour_range", "ax.imshow(z, vmin=0)", []),
    ("drop_reference_line", "for v in d:\n    ax.axvline(v)", ["for v in d:\n    pass"]),
    ("change_random_seed", "np.random.seed(0)\nplt.plot([1, 2])", []),
    ("change_point_count", "x = np.linspace(0, 1, 4)", []),
    ("change_formula", "y = math.sin(x)", []),
    ("change_coefficient", "x = [1] * 3\ny = len(x) - 1\nz = d[i + 1]", []),
    # text
    ("drop_tick_labels", "ax.set_yticklabels(['1', '2', '3'], color='gray')", []),
    ("fill_ring", "ax.pie(s, wedgeprops={'width': 0.3, 'ec': 'w'})", ["ax.pie(s, wedgeprops={'width': None, 'ec': 'w'})"]),
    ("fill_ring", "ax.pie(s, wedgeprops={'ec': 'w'})", []),
    ("close_pie", "ax.pie(s, wedgeprops={'width': 0.3})", []),
    ("change_coefficient", "c = cmap(np.arange(3) * 4)", []),
    ("misspell_title", "plt.title('$x^2$')", []),
    ("misspell_title", "plt.title('%d' % n)", []),
    ("misspell_axis_label", "plt.title('Rain')", []),
    ("confuse_characters", "plt.title('xx')", []),
    ("drop_title", "t = ax.set_title('a')\nt.set_color('r')", []),
    ("drop_title", "a.set_title('a'); b.set_title('b')", ["b.set_title('b')", "a.set_title('a'); pass"]),
    ("drop_axis_label", "ax.set(xlabel='a')", ["ax.set()"]),
    ("swap_axis_labels", "a.set_xlabel('x')\nb.set_ylabel('y')", []),
    ("swap_axis_labels", "ax.set(xlabel='a', ylabel=b)", ["ax.set(xlabel=b, ylabel='a')"]),
    ("swap_titles", "plt.title('a')", []),
    ("swap_annotations", "ax.text(0, 1, f'{a}')\nax.text(1, 1, 'b')", []),
    ("drop_unit", "plt.xlabel('(a)')", []),
    ("drop_unit", "plt.xlabel('Time [s] ')", ["plt.xlabel('Time')"]),
    ("drop_word", "plt.title('Rain')", []),
    ("change_case", "plt.title('7')", []),
    ("flatten_math", "plt.title('a')", []),
    ("drop_tick_labels", "ax.set_xticklabels(n)\nax.set_yticks(t)", ["ax.set_yticks(t)"]),
    ("drop_tick_labels", "ax.set_yticks(t, labels=n)", ["ax.set_yticks(t)"]),
    ("rotate_tick_labels", "ax.set_xticks([1, 2])", []),
    ("thin_out_ticks", "t = [1, 2, 3, 4]\nplt.plot(t, t)\nplt.xticks(t)", []),
    ("thin_out_ticks", "ax.set_xticks([1, 2, 3, 4])\nax.set_xticklabels(n)", []),
    ("drop_legend", "leg = ax.legend()\nleg.set_title('a')", []),
    ("drop_legend_entry", "ax.plot(x, label='a')\nax.plot(y, label='b')", []),
    ("move_legend", "ax.legend(**style)", []),
    ("change_legend_columns", "ax.legend()", []),
    ("drop_annotation", "texts = [ax.text(0, 0, t) for t in d]", []),
    ("change_value_format", "plt.title('a.5b')", []),
    ("drop_percent_sign", "ax.set_ylabel('Share %')", []),
    ("drop_value_labels", "a, b, c = ax.pie(s, autopct='%d')", []),
    # style
    ("change_colour", "ax.plot(x, color='none')", []),
    ("swap_colours", "ax.plot(x, color='r')\nax.bar(x, y, color='red')", []),
    ("lose_colour", "ax.plot(x)", []),
    ("change_default_colours", "ax.plot(x, 'r--')", []),
    ("reverse_colour_map", "cmap = plt.cm.jet\nplt.get_cmap('Blues_r')", [
        "cmap = plt.cm.jet\nplt.get_cmap('Blues')", "cmap = plt.cm.jet_r\nplt.get_cmap('Blues_r')"]),
    ("change_line_style", "ax.bar(x, y)", []),
    ("change_marker", "ax.plot(x, 'r--')", []),
    ("drop_markers", "ax.plot(x, y, marker='o', linestyle='None')", []),
    ("add_markers", "ax.plot(x, y, 'o')", []),
    ("change_opacity", "ax.plot(x, alpha=.9, **s)", ["ax.plot(x, alpha=0.35, **s)"]),
    ("change_caps", "ax.bar(x, y)", []),
    ("drop_grid", "ax.grid(False)", []),
    ("add_grid", "ax.plot(x)\nax.grid(False)", ["ax.plot(x)\nax.grid(True)"]),
    ("show_spines", "for s in ['top']:\n    ax.spines[s].set_visible(False)", ["for s in ['top']:\n    pass"]),
    ("hide_spines", "ax.plot(x)\nax.spines['top'].set_color('r')", []),
    ("change_font", "import matplotlib.pyplot as plt\nplt.rcParams.update({'font.family': 'serif'})", [
        "import matplotlib.pyplot as plt\nplt.rcParams.update({'font.family': 'monospace'})"]),
    ("change_figure_size", "f = plt.figure(figsize=size)", []),
    ("change_aspect", "ax.axis([0, 1, 0, 1])", []),
    ("change_view_angle", "ax.plot(x)", []),
    # what would only break, or be another error
    ("flip_sign", "ax.errorbar([1, 2], [3, 4], yerr=[5, 6])", [
        f"ax.errorbar({x}, {y}, yerr=[5, 6])" for x, y in (
            ("[-1, 2]", "[3, 4]"), ("[1, -2]", "[3, 4]"), ("[1, 2]", "[-3, 4]"), ("[1, 2]", "[3, -4]"))]),
    ("flip_sign", "import networkx\nG.add_edges_from([(1, 2), (3, 4)])", []),
    ("share_axes", "f, a = plt.subplots(1, 2)\na[0].set_xticklabels(n)", [
        "f, a = plt.subplots(1, 2, sharey=True)\na[0].set_xticklabels(n)"]),
    ("swap_map_and_contours", "c = ax.contour(z)\nax.clabel(c)", []),
    ("swap_map_and_contours", "ax.imshow([[1, 2, 3]])", []),
    ("draw_bars_as_line", "ax.bar(x, y, color=shades(4))", ["ax.plot(x, y, marker='o')"]),
    ("draw_line_as_points", "ax.plot(x, y, 'ks')\nax.plot([], [], label='a')", []),
    ("draw_line_as_bars", "ax.plot(x, y, marker='o', linestyle='none')", []),
    ("draw_line_as_points", "style = dict(linestyle='none', marker='o')\nax.plot(x, y, **style)", []),
    ("stretch_axis", "index = pd.DataFrame(d)\nindex.plot(x='a')", []),
    ("move_annotation", "ax.annotate('a', (x, y), xytext=(0, 5), textcoords='offset points')", [
        "ax.annotate('a', (x, y), xytext=(18, 5), textcoords='offset points')",
        "ax.annotate('a', (x, y), xytext=(0, 23), textcoords='offset points')"]),
]
# fmt: on


@pytest.mark.parametrize(
    ("name", "code", "made"), TABLE, ids=[f"{row[0]}-{i}" for i, row in enumerate(TABLE)]
)
def test_before_and_after(name: str, code: str, made: list[str]) -> None:
    assert sorted(ways(name, code)) == sorted(made)


def test_the_catalog_is_broad() -> None:
    counts = {
        category: sum(item.category is category for item in ALL) for category in ChartCategory
    }
    assert len(ALL) >= 100
    assert min(counts.values()) >= 20


def test_every_corruption_says_what_one_sees_and_where() -> None:
    for item in ALL:
        words = item.__doc__ or ""
        assert words.splitlines()[0].endswith("."), item.name
        called = "" if item.name == "drop_subplot" else item.name
        for section in ("Example:", f">>> {called}"):
            assert section in words, f"{item.name}: {section}"


REAL = """
import matplotlib.pyplot as plt
import numpy as np

class Figure:
    def __init__(self):
        self.fig, self.axs = plt.subplots(1, 2, figsize=(9, 4))

    def draw(self, data, titles=("Größe [m]", "年 rate")):
        for ax, (name, values), title in zip(self.axs.flat, data.items(), titles):
            ax.bar(
                ["A", "B", "C", "D"],  # names
                values,
                color=PALETTE[name],
                **STYLE,
            )
            ax.set_title(title, fontsize=12); ax.set_ylim(0, 50)

STYLE = dict(edgecolor="black", linewidth=1.5)
PALETTE = {"low": "#1b9e77", "high": "#d95f02"}
DATA = {"low": [10, 25.5, 40, 7], "high": np.array([12, 18, 33, 48])}
Figure().draw(DATA)
plt.tight_layout()
"""


@pytest.mark.parametrize(
    "name",
    [
        "shift_decimal_point", "swap_values", "misspell_title", "change_colour", "swap_colours",
        "change_limits", "change_line_width", "change_text_size", "draw_bars_as_line", "drop_unit",
        "turn_bars_sideways", "lose_colour", "misjudge_value", "rescale_series", "change_figure_size",
    ],
)  # fmt: skip
def test_code_in_classes_loops_and_dictionaries_is_reached(name: str) -> None:
    assert ways(name, REAL)
