"""Kinds of charts that are made of several marks: one error of them is one label, in a viewer's words."""

from __future__ import annotations

import pytest
from charts_compared import compared

NAMES, PLACES = "n = ['A', 'B', 'C', 'D']; v = [6, 3, 8, 5]; ", "x = np.linspace(0, 9, 60); "
STEMS = (
    f"{NAMES}ax.hlines(n, 0, v, color='gray'); ax.plot(v, n, 'o', color='red'); ax.set_xlim(0, 10)"
)
LINKS = f"{NAMES}u = [2, 1, 4, 3]; ax.hlines(n, u, v, color='gray'); ax.plot(u, n, 'bo', label='then'); ax.plot(v, n, 'ro', label='now'); ax.set_xlim(0, 10)"
CANDLES = "o = [3, 4, 6, 5]; c = [4, 6, 5, 7]; [ax.plot([i, i], [min(a, b) - 1, max(a, b) + 1], color='k') for i, (a, b) in enumerate(zip(o, c))]; [ax.bar(i, abs(b - a), bottom=min(a, b), width=0.6, color='teal') for i, (a, b) in enumerate(zip(o, c))]; ax.set(xlim=(-1, 4), ylim=(0, 9))"
TALL = "ax.remove(); ax = fig.add_subplot(projection='3d'); x, y = np.meshgrid(range(3), range(2)); z = np.array([[3, 5, 2], [4, 7, 1]]); "
BARS_3D = f"{TALL}ax.bar3d(x.ravel(), y.ravel(), 0, 0.5, 0.5, z.ravel(), color='skyblue')"
HEIGHTS = f"{TALL}s = ax.plot_surface(x, y, z, cmap='viridis'); fig.colorbar(s, label='height')"
LEVELS = "[[ax.add_patch(__import__('matplotlib').patches.Rectangle((i - w / 2, b + {up} * i), w, 1, fc='gold', ec='k')) for w, b in zip((0.2, 0.5, 0.8, 0.5, 0.2), range(5))] for i in (0, 1, 2)]; ax.set(xlim=(-1, 3), ylim=(-1, 12), xticks=[0, 1, 2], xticklabels=['A', 'B', 'C'])"
INSET = f"{PLACES}ax.plot(x, np.sin(x)); inner = ax.inset_axes([0.6, 0.6, 0.35, 0.35]); inner.plot(x, np.sin(x)); inner.set(xlim=(2, 4), ylim=(-1, 1)); ax.indicate_inset_zoom(inner); ax.set_ylim(-1.5, 4)"
VIOLINS = "ax.violinplot([[1, 2, 3, 4], [2, 3, 3, 5], [1, 4, 4, 6]][:{many}]); ax.set_xticks([1, 2, 3][:{many}], ['A', 'B', 'C'][:{many}])"
FIELD = (
    "g = np.arange(3.0); x, y = np.meshgrid(g, g); q = ax.quiver(x, y, {u}, y + 1, color='navy')"
)
ARROWS = FIELD.format(u="x + 1")
LOGS = "f = np.logspace(0, 3, 40); ax.loglog(f, 1 / f, '{one}', color='blue', label='a'); ax.loglog(f, 9 / f, '{two}', color='red', label='b'); ax.legend()"

CLOUD = (
    "r = np.random.RandomState(1); u, v = r.normal(size=(2, 900)); h = ax.{drawn}; fig.colorbar(h)"
)
HEXAGONS = CLOUD.format(drawn="hexbin(u, v, gridsize={grid}, cmap='viridis')")
BAND = f"{PLACES}ax.plot(x[::6], np.sqrt(x[::6]), 'ko-'); ax.fill_between(x[::6], np.sqrt(x[::6]) - 1, np.sqrt(x[::6]) + 1, color='gold')"
STACK = "y = np.arange(5.0); ax.stackplot(y, {areas}); ax.set_ylim(0, 20)"
FLOWS = "[ax.fill([0, 6, 6, 0], [a, b, b + h, a + 2], color=c) for a, b, h, c in [(0, 0, 2, 'red'), (3, {one}, 2, 'teal'), (6, {two}, {high}, 'gold')]]; ax.set(ylim=(-1, 12), xlim=(-1, 7)); ax.set_axis_off()"
FILLED = f"{PLACES}[(ax.plot(x, y + np.sin(x), 'k'), {{fill}}) for y in (0, 3)]; ax.set_ylim(-2, 5)"
CELLS = "ax.imshow(np.arange(12).reshape(3, 4), cmap='{cmap}')"

STEPS = "ax.{draw}([0, 2, 5, 9], [1, 3, 2, 4]{how})"
PILED = "n = ['A', 'B', 'C']; a, b = np.array([4, 6, 5]), np.array([3, 2, 4]); [ax.bar(n, h, bottom=f, color=c, label=l) for h, f, c, l in {piles}]; ax.set_ylim(0, 12); [ax.text(i, t + 0.2, str(t), ha='center') for i, t in enumerate({tops})]"
BOTH_PILES = PILED.format(piles="[(a, 0, 'teal', 'low'), (b, a, 'gold', 'high')]", tops="a + b")
THREE = "n = ['A', 'B', 'C']; [ax.bar(n, [h, h + 1, h], bottom=f, color=c) for h, f, c in [(4, 0, '{one}'), (3, np.array([4, 5, 4]), '{two}'){third}]]; ax.set_ylim(0, 12)"
WEEKS = "import datetime; ax.plot([datetime.date({year}, 1, 1) + datetime.timedelta(days=d) for d in range(0, 364, 7)], range(52))"
LONG = "fig, ax = plt.subplots(figsize=(5, 4)); fig.subplots_adjust(left={left}); ax.barh(['A long name of a category', 'B'], [3, 5])"
WAVES = f"{PLACES}ax.plot(x[::{{every}}], np.sin(3 * x[::{{every}}])); ax.set(xlim=(0, 9), ylim=(-1.2, 1.2))"


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (STEMS, STEMS.replace("ax.hlines(n, 0, v, color='gray'); ax.plot(v, n, 'o', color='red')", "ax.barh(n, v)"),
         [("stems", "drawn as horizontal bars instead of stems")]),
        (STEMS, STEMS.replace("ax.hlines(n, 0, v, color='gray'); ", "ax.set_yticks(range(4), n); "), [("gray stems", "are missing")]),
        (STEMS, STEMS.replace("[6, 3, 8", "[6, 7, 8"), [("red points", "x value is 7 instead of 3")]),
        (LINKS, LINKS.replace("ax.hlines(n, u, v, color='gray'); ", ""), [("gray connecting lines", "are missing")]),
        (LINKS, LINKS.replace("v = [6, 3, 8", "v = [6, 3, 6"), [("red points", "x value is 6 instead of 8")]),
        (CANDLES, CANDLES.partition("[ax.plot")[0] + "ax.plot(range(4), c); ax.set(xlim=(-1, 4), ylim=(0, 9))",
         [("vertical bars", "drawn as lines instead of vertical bars")]),
        (CANDLES, CANDLES.replace("[ax.plot", "0 and [ax.plot"), [("black wicks", "are missing")]),
        (BARS_3D, BARS_3D.replace("[4, 7", "[4, 2"), [("3D bars", "one is 2 high instead of 7")]),
        (BARS_3D, BARS_3D.replace("[4, 7", "[6, 2"), [("3D bars", "2 of 6 bars are of other heights")]),
        (BARS_3D, BARS_3D.replace("skyblue", "salmon"), [("3D bars", "salmon instead of sky blue")]),
        (BARS_3D, f"{TALL}ax.plot_surface(x, y, z, color='skyblue')", [("3D bars", "drawn as a surface instead of 3D bars")]),
        (BARS_3D, f"{TALL}ax.remove(); ax = fig.add_subplot(); ax.bar(range(6), z.ravel(), color='skyblue')",
         [("axes", "flat instead of three-dimensional")]),
        (HEIGHTS, HEIGHTS.replace("viridis", "plasma").replace("'height'", "'depth'"),
         [("y axis label, color bar", "reads 'depth' instead of 'height'"), ("surface", "color map plasma instead of viridis")]),
        (LEVELS.format(up=1), LEVELS.format(up=2), [("box 'C'", "lower quartile 6 instead of 4"), ("box 'B'", "lower quartile 4 instead of 3")]),
        (LEVELS.format(up=1), LEVELS.format(up=1).replace("zip((0.2, 0.5, 0.8, 0.5, 0.2), range(5))", "((0.8, 2), (0.2, 0), (0.5, 3), (0.2, 4), (0.5, 1))"), []),
        (INSET, INSET.replace("(2, 4)", "(5, 7)"), [("x axis limits, inset", "from 5 to 7 instead of 2 to 4")]),
        (INSET, INSET.partition("inner")[0] + "ax.set_ylim(-1.5, 4)", [("inset", "is missing")]),
        (INSET, INSET.replace("np.sin(x)", "np.sin(x - 1)"), [("blue line, chart", "runs further right, by 1")]),
        (VIOLINS.format(many=3), VIOLINS.format(many=2), [("x axis", "category 'C' is missing")]),
        (VIOLINS.format(many=3), VIOLINS.format(many=3).replace("3, 3, 5", "2, 3, 5"),
         [("violin 'B'", "has another outline, by up to 1.5 % of the axis")]),
        (ARROWS, FIELD.format(u="-x - 1").replace("y + 1", "-y - 1"), [("navy arrow field", "arrows point the opposite way")]),
        (ARROWS, ARROWS.replace("quiver(x, y, x + 1, y + 1", "streamplot(x, y, x + 1, y + 1"),
         [("navy arrow field", "drawn as stream lines instead of arrows")]),
        (LOGS.format(one="-", two="--"), LOGS.format(one="--", two="-"), [("lines 'a' and 'b'", "their line styles are exchanged")]),
        (HEXAGONS.format(grid=12), HEXAGONS.format(grid=9), [("hexagons", "105 hexagons instead of 163")]),
        (HEXAGONS.format(grid=12), CLOUD.format(drawn="scatter(u, v, c=v)"),
         [("hexagons", "drawn as scattered points instead of hexagons")]),
        (BAND, BAND.replace("fill_between(x[::6], np.sqrt(x[::6]) - 1, np.sqrt(x[::6]) + 1", "errorbar(x[::6], np.sqrt(x[::6]), 1, fmt='none'"),
         [("gold area", "drawn as error bars instead of a band")]),
        (STACK.format(areas="y + 1, y / 2 + 1, 5 - y"), STACK.format(areas="y + 1, 5 - y, colors=['C0', 'C2']"),
         [("orange area", "is missing")]),
        (FLOWS.format(one=4, two=7, high=2), FLOWS.format(one=9, two=3, high=3),
         [("gold area", "has another outline, by up to 31 % of the axis"), ("teal area", "has another outline, by up to 38 % of the axis")]),
        (FILLED.format(fill="ax.fill_between(x, y - 1, y + np.sin(x), color='gold')"), FILLED.format(fill="0"),
         [("black lines 1 and 2", "are not filled")]),
        (CELLS.format(cmap="coolwarm"), CELLS.format(cmap="coolwarm_r"), [("heatmap", "its colors run the other way round")]),
        (STEPS.format(draw="step", how=", where='post'"), STEPS.format(draw="plot", how=""),
         [("blue line", "runs in slanted lines instead of in steps")]),
        (STEPS.format(draw="step", how=", where='post'"), STEPS.format(draw="step", how=", where='pre'"), [("blue line", "steps rise elsewhere")]),
        (BOTH_PILES, PILED.format(piles="[(a, 0, 'teal', 'low')]", tops="a"), [("gold bars", "are missing")]),
        (THREE.format(one="teal", two="gold", third=", (1, np.array([7, 9, 7]), 'red')"), THREE.format(one="gold", two="teal", third=""),
         [("red bars", "are missing"), ("bars", "their colors are exchanged")]),
        (WEEKS.format(year=2022), WEEKS.format(year=2021), [("x axis limits", "from 2020-12-14 to 2022-01-10 instead of 2021-12-14 to 2023-01-10")]),
        (LONG.format(left=0.5), LONG.format(left=0.1), [("y axis tick labels", "are cut off by the left edge of the picture")]),
        (WAVES.format(every=1), WAVES.format(every=4), [("blue line", "has fewer corners")]),
    ],
)  # fmt: skip
def test_one_error_is_one_label(before: str, after: str, wanted: list[tuple[str, str]]) -> None:
    found, _ = compared(before, after)
    assert [(one.location, one.description) for one in found] == wanted


def test_a_lost_name_is_told_once_where_the_kind_of_chart_changed() -> None:
    """Some names belong to arrows, the others to nothing; all are lost with the arrows."""
    vectors = """
fig, ax = plt.subplots(figsize=(5.5, 4.8))
names = ["bar", "line", "pie", "axis", "legend", "tick"]
x, y = [1.6, 1.7, 1.2, -1.5, -0.5, -1.7], [0.5, -0.4, 1.3, 0.8, -1.4, -0.2]
for across, up, color in (([0.8, 1.0, 0.5, -0.6, -0.2, -0.9], [0.6, 0.1, 0.9, 0.5, -0.7, 0.1], "#adb5bd"), (x, y, "#1864ab")):
    ax.quiver([0] * 6, [0] * 6, across, up, angles="xy", scale_units="xy", scale=1, width=0.008, color=color)
for name, across, up in zip(names, x, y):
    ax.text(across * 1.1, up * 1.12, name, fontsize=11, ha="center", va="center")
ax.axhline(0, color="black", lw=0.6); ax.axvline(0, color="black", lw=0.6)
ax.set(xlim=(-2.2, 2.2), ylim=(-1.9, 1.9), xlabel="PC 1", ylabel="PC 2"); plt.tight_layout()
"""
    found, _ = compared(vectors, "fig, ax = plt.subplots(); ax.bar([0], [1])")
    assert [one.location for one in found if "annotation" in one.location] == ["annotations"]
