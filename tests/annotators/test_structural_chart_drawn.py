"""Charts drawn by other calls that look the same have no difference but those that show."""

from __future__ import annotations

import pytest

from annotators.structural.chart.aspects import _colors
from annotators.structural.chart.seen.drawn import _points_by_look
from renderers.scene import Element
from tests.charts_compared import compared

POINTS = "x, y = [1, 2, 3, 4, 5], [3.0, 1.0, 4.0, 1.5, 5.0]\n"

FIELD = "g = np.linspace(-2, 3, {n})\nX, Y = np.meshgrid(g, g)\n"

CELLS = "v = np.array([[17, 79, 4], [36, 53, 5], [28, 34, 90]])\n"

SPOKES = "a, v = np.radians([30, 90, 150, 210]), [3, 5, 2, 4]\nfig, ax = plt.subplots(subplot_kw={'polar': True})\n"

ALIKE = {
    "one call a point": (
        POINTS + "for a, b in zip(x, y): ax.plot(a, b, 'ro', ms=6)",
        POINTS + "ax.scatter(x, y, s=36, c='red')",
    ),
    "colors of one call": (
        POINTS + "ax.scatter(x[:2], y[:2], c='teal')\nax.scatter(x[2:], y[2:], c='orchid')",
        POINTS + "ax.scatter(x, y, c=['teal'] * 2 + ['orchid'] * 3)",
    ),
    "points in another order": (
        POINTS + "ax.scatter(x, y)",
        POINTS + "ax.scatter(x[::-1], [v + 0.001 for v in y[::-1]])",
    ),
    "points on a line": (
        POINTS + "ax.plot(x, y, c='teal')\nax.scatter(x, y, s=36, c='teal')",
        POINTS + "ax.plot(x, y, 'o-', c='teal')",
    ),
    "angles counted from elsewhere": (
        SPOKES + "ax.bar(a, v, 0.3)\nax.set_xticks(a, list('abcd'))",
        SPOKES + "ax.set_theta_offset(np.pi / 2)\nax.set_theta_direction(-1)\n"
        "b = (np.pi / 2 - a) % (2 * np.pi)\nax.bar(b, v, 0.3)\nax.set_xticks(b, list('abcd'))\n"
        "ax.set_rlabel_position(67.5)",
    ),
    "rows from below": (
        CELLS + "ax.imshow(v)\nax.axis('off')",
        CELLS + "ax.pcolormesh(v[::-1])\nax.set_aspect(1)\nax.axis('off')",
    ),
    "other values in the same colors": (
        CELLS + "ax.imshow(v, vmin=0, vmax=100)\nax.axis('off')",
        CELLS + "ax.imshow(v / 10, vmin=0, vmax=10)\nax.axis('off')",
    ),
    "a finer mesh, with a level that does not show": (
        FIELD.format(n=60) + "ax.contour(X, Y, X**2 + Y**2, [1, 3, 6], colors='k')",
        FIELD.format(n=90) + "ax.contour(X, Y, X**2 + Y**2, [1, 3, 6, 40], colors='k')",
    ),
    "arrows from the other end": (
        "ax.annotate('', (0.2, 0.5), (0.8, 0.5), arrowprops={'arrowstyle': '->'})",
        "ax.annotate('', (0.8, 0.5), (0.2, 0.5), arrowprops={'arrowstyle': '<-'})",
    ),
    "tiles in other units": (
        "ax.bar([0, 50], [100, 40], [50, 50], align='edge', color=['tan', 'teal'])\n"
        "ax.bar(50, 60, 50, 40, align='edge', color='pink')\nax.set(xlim=(0, 100), ylim=(0, 100))\nax.axis('off')",
        "for x, y, h, c in ((0, 0, 1, 'tan'), (0.5, 0, 0.4, 'teal'), (0.5, 0.4, 0.6, 'pink')):\n"
        "    ax.add_patch(plt.Rectangle((x, y), 0.5, h, color=c))\nax.axis('off')",
    ),
    "an outline that runs back along itself": (
        "ax.fill([0, 4, 4, 2, 2, 1, 1, 0], [0, 0, 0, 0, 3, 3, 0, 0], 'tan')\nax.set_xlim(0, 4)",
        "ax.fill([1, 2, 2, 1], [0, 0, 3, 3], 'tan')\nax.set_xlim(0, 4)",
    ),
    "lines that do not meet, in another order": (
        "ax.plot([0, 4], [0, 3], c='teal')\nax.plot([0, 4], [1, 4], c='orchid')",
        "ax.set_axisbelow(True)\nax.plot([0, 4], [1, 4], c='orchid')\nax.plot([0, 4], [0, 3], c='teal')",
    ),
    "white outlines on white": (
        "ax.bar([1, 2, 3], [3, 1, 2], 0.5, color='teal', edgecolor='white', lw=0.5)",
        "ax.bar([1, 2, 3], [3, 1, 2], 0.5, color='teal')",
    ),
    "slices in another order": (
        "ax.pie([1, 2, 3], labels=list('abc'), colors=['tan', 'teal', 'pink'])",
        "ax.pie([3, 1, 2], labels=list('cab'), colors=['pink', 'tan', 'teal'], startangle=180)",
    ),
    "a line drawn twice": (
        POINTS + "ax.plot(x, y, 'o-', c='teal', label='a')\nax.plot(x, y, 'o-', c='teal')",
        POINTS + "ax.plot(x, y, 'o-', c='teal', label='a')",
    ),
    "cells of nearly the same colors": (
        CELLS
        + "import matplotlib as m\nax.imshow(v, m.colors.ListedColormap(['#0099ff', '#33cc33']))",
        CELLS
        + "import matplotlib as m\nax.imshow(v, m.colors.ListedColormap(['#0099ff', '#32cd32']))",
    ),
    "a legend of the figure": (
        POINTS + "ax.plot(x, y, label='a')\nax.legend(loc='upper left')",
        POINTS
        + "ax.plot(x, y, label='a')\nfig.canvas.draw()\nb = ax.get_position()\n"
        + "fig.legend(loc='upper left', bbox_to_anchor=(b.x0, b.y1))",
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_charts_that_other_calls_draw_alike_do_not_differ(name: str) -> None:
    found, _ = compared(*ALIKE[name])
    assert [f"{one.location}: {one.description}" for one in found] == []


def test_an_area_without_any_height_is_compared() -> None:
    flat = (
        "ax.fill_between([0, 1, 2, 3], [2, 2, 2, 2], [2, 2, 2, 2], color='teal')\nax.set_ylim(0, 4)"
    )
    found, _ = compared(flat, f"{flat}\nax.set_title('t')")
    assert [one.description for one in found] == ["'t' is extra"]


SEEN = {
    "one point of many calls": (
        POINTS + "for a, b in zip(x, y): ax.plot(a, b, 'ro', ms=6)",
        POINTS + "y[1] = 2.0\nax.scatter(x, y, s=36, c='red')",
        "red points: y value at x = 2 is 2 instead of 1",
    ),
    "one cell of a turned field": (
        CELLS + "ax.imshow(v)\nax.axis('off')",
        CELLS + "v[0, 2] = 60\nax.pcolormesh(v[::-1])\nax.set_aspect(1)\nax.axis('off')",
        "heatmap, row 1, column 3: 4 is drawn as 60",
    ),
    "another level": (
        FIELD.format(n=60) + "ax.contour(X, Y, X**2 + Y**2, [1, 3, 6], colors='k')",
        FIELD.format(n=60) + "ax.contour(X, Y, X**2 + Y**2, [1, 4, 6], colors='k')",
        "contour lines: levels are at other values",
    ),
    "violins with their bars": (
        "ax.violinplot([np.linspace(-k, k, 60) for k in (4, 2)])",
        "ax.violinplot([np.linspace(-k, k, 60) for k in (4, 3)])",
        "violin: values differ, such as from -3 to 3 instead of -2 to 2",
    ),
    "a turned pie with its slices in another order": (
        "ax.pie([1, 2, 3], labels=list('abc'), colors=['tan', 'teal', 'pink'])",
        "ax.pie([3, 1, 2], labels=list('cab'), colors=['pink', 'tan', 'teal'], startangle=220)",
        "pie: slices are turned by 40 degrees",
    ),
    "subplots that stand closer together": (
        "plt.subplots(1, 2, figsize=(5, 4), gridspec_kw={'wspace': 0.8})",
        "plt.subplots(1, 2, figsize=(5, 4), gridspec_kw={'wspace': 0.2})",
        "subplots: less space between the columns",
    ),
    "a title over the middle of the picture": (
        "fig = plt.figure(figsize=(5, 4))\nfig.add_axes([0.16, 0.1, 0.75, 0.75]).set_title('Rain')",
        "fig = plt.figure(figsize=(5, 4))\nfig.add_axes([0.16, 0.1, 0.75, 0.75])\n"
        "fig.suptitle('Rain', y=0.91, fontsize=12)",
        "title: moved to the left",
    ),
    "names on the circle": (
        SPOKES + "ax.bar(a, v, 0.3)\nax.tick_params(axis='x', pad=20)",
        SPOKES + "ax.bar(a, v, 0.3)\nax.tick_params(axis='x', pad=-8)",
        "angular axis tick labels: overlap the circle",
    ),
    "outliers of a box": (
        "ax.boxplot([1, 2, 3, 4, 12], sym='ko')",
        "ax.boxplot([1, 2, 3, 4, 12], sym='k^')",
        "box '1': outliers: marked by upward triangles instead of circles",
    ),
    "outliers beyond the axes": (
        "ax.boxplot([[1, 2, 3, 4, 12], [2, 3, 4, 5, 13]]); ax.set_ylim(0, 15)",
        "ax.boxplot([[1, 2, 3, 4, 32], [2, 3, 4, 5, 33]]); ax.set_ylim(0, 15)",
        "boxes '1' and '2': outliers are not shown",
    ),
    "texts that lost their colors": (
        "[ax.text(0.2 * i, 0.5, c, color=c) for i, c in enumerate(('red', 'green', 'blue'))]",
        "[ax.text(0.2 * i, 0.5, c, color='k') for i, c in enumerate(('red', 'green', 'blue'))]",
        "annotations 'red', 'green' and 'blue': black instead of red, dark green and blue",
    ),
    "lost error bars": (
        "[ax.errorbar([1, 2], [k, 3], yerr=0.5, label=k) for k in (1, 2)]; ax.set_ylim(0, 4)",
        "[ax.plot([1, 2], [k, 3], label=k) for k in (1, 2)]; ax.set_ylim(0, 4)",
        "blue error bars and orange error bars: are missing",
    ),
    "one outlier less": (
        "ax.boxplot([1, 2, 3, 4, 5, 6, 7, 8, 16, 18]); ax.set_ylim(0, 20)",
        "ax.boxplot([1, 2, 3, 4, 5, 6, 7, 8, 16, 28]); ax.set_ylim(0, 20)",
        "box '1': 1 outlier instead of 2",
    ),
    "fewer slices than bars": (
        "ax.bar([1, 2, 3, 4], [1, 2, 3, 4])",
        "ax.pie([1], radius=0.5)",
        "vertical bars: drawn as pie slices instead of vertical bars, 1 instead of 4",
    ),
    "an outlier that moved": (
        "ax.boxplot([1, 2, 3, 4, 12]); ax.set_ylim(0, 20)",
        "ax.boxplot([1, 2, 3, 4, 18]); ax.set_ylim(0, 20)",
        "box '1': an outlier at 18 instead of 12",
    ),
    "many bins of two histograms": (
        "v = np.sin(np.arange(400.)); ax.hist(v, 20, label='A'); ax.hist(v + 3, 20, label='B'); ax.set_ylim(0, 90)",
        "v = np.sin(np.arange(400.)); ax.hist(v, 80, label='A'); ax.hist(v + 3, 80, label='B'); ax.set_ylim(0, 90)",
        "blue histogram and orange histogram: 80 bins instead of 20",
    ),
    "a thin pale outline": (
        "ax.bar([1, 2, 3], [3, 1, 2], color='teal', edgecolor='black', lw=2)",
        "ax.bar([1, 2, 3], [3, 1, 2], color='teal', edgecolor='silver', lw=1)",
        "teal bars 1, 2 and 3: outline is light gray instead of black; thinner: outline width 1 instead of 2",
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_shows_is_told_whatever_drew_it(name: str) -> None:
    before, after, words = SEEN[name]
    found, _ = compared(before, after)
    assert [f"{one.location}: {one.description}" for one in found] == [words]


def test_nobody_sees_where_bars_begin_beyond_the_axes() -> None:
    whole = "ax.bar([1, 2], [53, 81]); ax.set_ylim(20, 90)"
    found, _ = compared(whole, "ax.bar([1, 2], [33, 61], bottom=20); ax.set_ylim(20, 90)")
    assert not found, found
    (found,), _ = compared(whole, "ax.bar([1, 2], [33, 51], bottom=20); ax.set_ylim(20, 90)")
    assert found.description == "81 is drawn as 71"


def test_series_that_the_other_kind_of_chart_lacks_are_missing() -> None:
    points = "[ax.scatter([1, 2], [k, k + 1], label=str(k)) for k in range(4)]"
    lines = "[ax.plot([1, 2], [k, k + 1], label=str(k)) for k in range(3)]"
    found, _ = compared(f"{points}; ax.set_ylim(0, 5)", f"{lines}; ax.set_ylim(0, 5)")
    assert [(one.location, one.severity) for one in found if one.category == "data_error"] == [
        ("points '3'", 2)
    ]


def test_numbers_in_heat_maps_of_other_sizes_are_compared() -> None:
    """A number in a cell was looked up in a map without that cell, which ended the comparison."""
    field = "z = np.linspace(1, 9, {n})[None]; ax.imshow(z); [ax.text(j, i, f'{{v:.2f}}', ha='center') for (i, j), v in np.ndenumerate(z)]"
    found, _ = compared(field.format(n=8), field.format(n=7))
    assert any("heatmap" in one.location for one in found), found


def test_styles_of_several_values_are_compared() -> None:
    """Points whose style is a list, and opacities of a filling and of its outline that change apart."""
    points = Element("markers", style={"face": ["a", "b"]}, data={"x": [1, 2], "y": [1, 2]})
    together = _points_by_look(Element("axes", children=(points, points)), {id(points)}).children
    assert len(together) == 1
    ends = {"edge": ["#ff0000ff", "#ff000080"], "color": ["#00ff00ff", "#00ff0040"]}
    assert _colors(ends) == ({}, {("ff", "40"): ["color"], ("ff", "80"): ["edge"]})
