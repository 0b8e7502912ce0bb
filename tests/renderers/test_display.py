"""Display lists: drawn again they are matplotlib's own picture, and only sound ones are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import msgspec
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from numpy.typing import NDArray

from records.taxonomy import Language
from renderers.chart import fonts as chart_fonts
from renderers.chart.record import Recorder, Unrecordable
from renderers.chart.renderer import ChartRenderer
from renderers.chart.replay import Fonts, replay
from renderers.display import DisplayError, DisplayList, Image, Placed, Shape, Span, Text, decode
from sandbox.status import RenderStatus

FILES: dict[str, str] = {}
"""Font files as the renderer sees them; see `_fonts`."""
PIXELS = 1_000_000
DRAWN = {
    "lines and markers": "ax.plot([1, 3, 2], 'o--', label='a'); ax.plot([2, 1, 3], 's:'); ax.legend()",
    "gaps and infinities": "ax.plot([1, np.nan, 2, np.inf, 3, 4], 'o-')",
    "bars and hatches": "ax.bar('abc', [1, 2, 3], hatch=['/', 'xx', 'O.'], edgecolor='red')",
    "mathematics": r"ax.set_title(r'$\frac{\alpha^2}{\sqrt{x_i}} \leq \int_0^1 \mathrm{d}t$')",
    "turned texts": "[ax.text(.5, .5, 'Voilà', rotation=angle) for angle in (0, 33, 90, 200)]",
    "text that is not smooth": "ax.text(.5, .5, 'rough', antialiased=False)",
    "hinting": "plt.rcParams['text.hinting'] = 'none'; ax.text(.5, .5, 'hinted', fontsize=7)",
    "an image": "ax.imshow(np.arange(12).reshape(3, 4), interpolation='bilinear', alpha=.7)",
    "an image in the figure": "fig.figimage(np.arange(900).reshape(30, 30) / 900, 20, 30)",
    "a mesh": "ax.pcolormesh(np.arange(12).reshape(3, 4), edgecolor='white', lw=.3)",
    "a smooth mesh": "ax.pcolormesh(np.arange(12).reshape(3, 4), shading='gouraud')",
    "contours": "ax.contourf(np.outer(np.arange(9), np.arange(9))); ax.contour(np.eye(9))",
    "points of many sizes": (
        "x = np.arange(30); ax.scatter(x, x % 7, s=x * 9, c=x, alpha=.5, marker='*', hatch='//')"
    ),
    "clipped by a shape": "ax.imshow(np.eye(9)).set_clip_path(plt.Circle((4, 4), 3, transform=ax.transData))",
    "round axes": "ax.remove(); fig.add_subplot(projection='polar').plot([1, 2, 3], [1, 2, 3])",
    "space": "ax.remove(); fig.add_subplot(projection='3d').plot_surface(*np.mgrid[:3, :3], np.eye(3))",
    "a wobble": "plt.rcParams['path.sketch'] = (2, 60, 3); ax.plot([1, 3, 2]); ax.bar([0, 1], [1, 2])",
    "effects": (
        "from matplotlib import patheffects as pe\n"
        "ax.text(.5, .5, 'glow', path_effects=[pe.withStroke(linewidth=4, foreground='y')])\n"
        "ax.plot([0, 1], lw=5, path_effects=[pe.SimpleLineShadow(), pe.Normal()])"
    ),
    "a filter": (
        "line, = ax.plot([1, 3, 2], lw=5)\n"
        "line.set_agg_filter(lambda image, dpi: (image[::-1] * .5, 3, 3))"
    ),
    "rasterized": "ax.plot([1, 3, 2], rasterized=True)",
    "bars of no known height": "ax.bar([0, 1, 2], [1, np.nan, 3]); ax.barh(['a', 'b'], [np.nan, 2])",
    "a long line": "plt.rcParams['agg.path.chunksize'] = 200; ax.plot(np.sin(np.arange(3000)))",
    "every vertex": "plt.rcParams['path.simplify'] = False; ax.plot(np.sin(np.arange(3000) ** 2))",
    "on whole pixels or not": "ax.axvline(.33, snap=False); ax.axhline(.33, snap=True)",
    "far outside": "ax.plot([0, 1e12], [0, 1e15]); ax.fill([0, 1e9, 5], [0, 1e9, -1e9]); ax.set(xlim=(0, 1), ylim=(0, 1))",
    "dates in nanoseconds": "ax.plot(np.arange(5) + 1.7e18, np.arange(5))",
    "see-through": "fig.patch.set_alpha(0); ax.patch.set_alpha(.4); ax.plot([1, 2])",
    "arrows": "ax.annotate('here', (.2, .2), (.7, .7), arrowprops=dict(arrowstyle='fancy'), bbox=dict(boxstyle='round'))",
    "many letters": "ax.text(0, .5, 'ﬁ ﬂ ½ ² Ω 中文 العربية', fontfamily=['DejaVu Sans'])",
}


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> Iterator[None]:
    """This process sees the renderer's fonts for as long as these tests last."""
    manager: Any = font_manager.fontManager
    before = manager.ttflist
    # The list that is kept between runs may be that of another matplotlib.
    manager.ttflist = font_manager.FontManager().ttflist
    chart_fonts.use_pinned_fonts()
    FILES.update(chart_fonts.files())
    yield
    manager.ttflist = before
    manager._findfont_cached.cache_clear()


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    with plt.rc_context():
        yield
    plt.close("all")


def both(code: str) -> tuple[NDArray[np.uint8], DisplayList]:
    """matplotlib's own picture of code that draws on ``fig`` and ``ax``, and its display list."""
    fig: Figure = plt.figure(figsize=(3, 2), dpi=100)
    canvas = FigureCanvasAgg(fig)
    exec(code, {"plt": plt, "np": np, "fig": fig, "ax": fig.add_subplot()})
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba()).copy()
    width, height = canvas.get_width_height(physical=True)
    recorder = Recorder(width, height, fig.dpi, FILES)
    fig.draw(recorder)
    return picture, recorder.shown()


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
@pytest.mark.parametrize("code", DRAWN.values(), ids=DRAWN)
def test_a_list_drawn_again_is_the_same_picture(code: str) -> None:
    picture, shown = both(code)
    read = decode(shown.encode(), pixels=PIXELS, fonts=FILES)
    assert read == shown
    assert (replay(read, Fonts(FILES)) == picture).all()


def test_the_test_above_can_fail() -> None:
    picture, shown = both("ax.plot([1, 3, 2])")
    without = msgspec.structs.replace(shown, items=shown.items[:-1])
    assert (replay(without, Fonts(FILES)) != picture).any()


def test_fonts_are_known_by_either_path_of_a_linked_environment() -> None:
    """In the sandbox an environment behind a link has no link, so a font's path differs there."""
    linked = {name: f"/elsewhere/{name}" for name in FILES}
    figure: Figure = plt.figure()
    figure.text(0.5, 0.5, "bold", fontweight="bold")
    recorder = Recorder(300, 200, figure.dpi, linked)
    figure.draw(recorder)
    assert [name for name, _ in recorder.shown().fonts] == ["DejaVuSans-Bold.ttf"]
    with pytest.raises(Unrecordable, match="none that charts may use"):
        figure.draw(Recorder(300, 200, figure.dpi, {}))


def laid_out(code: str, quiet: Any) -> tuple[Any, DisplayList]:
    """The box around all that is drawn, and the display list, as `savefig` with a tight box makes them.

    Args:
        code: Draws on ``fig`` and ``ax``.
        quiet: Method of a renderer: the block in which it paints nothing.
    """
    with plt.rc_context():
        fig: Figure = plt.figure(figsize=(3, 2), dpi=100)
        FigureCanvasAgg(fig)
        exec(code, {"plt": plt, "np": np, "fig": fig, "ax": fig.add_subplot()})
        first, second = (Recorder(300, 200, fig.dpi, FILES) for _ in range(2))
        with quiet(first):
            fig.draw(first)
        box = fig.get_tightbbox(first)
        fig.draw(second)
        return box.bounds, second.shown()


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
@pytest.mark.parametrize("code", DRAWN.values(), ids=DRAWN)
def test_the_layout_is_that_of_matplotlibs_own_drawing(code: str) -> None:
    plain: Any = RendererBase
    assert laid_out(code, Recorder._draw_disabled) == laid_out(code, plain._draw_disabled)


def test_a_drawing_for_the_layout_leaves_out_what_only_paints() -> None:
    drawn: list[str] = []

    class Placed(Line2D):
        def draw(self, renderer: Any) -> None:
            drawn.append("a line that finds its place")
            super().draw(renderer)

    class Noted(MarkerStyle):
        def __bool__(self) -> bool:
            drawn.append("a plain line")
            return False

    fig = plt.figure(figsize=(3, 2), dpi=100)
    plain = fig.add_artist(Line2D([0, 1], [0, 1]))
    plain._marker = Noted("o")
    fig.add_artist(Placed([0, 1], [1, 0]))
    recorder = Recorder(300, 200, fig.dpi, FILES)
    with recorder._draw_disabled():
        fig.draw(recorder)
    assert drawn == ["a line that finds its place"]
    fig.draw(recorder)
    assert "a plain line" in drawn and len(recorder.shown().items) >= 2


def test_a_font_of_elsewhere_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("fonts") / "DejaVuSans.ttf"
    copy.write_bytes(Path(FILES["DejaVuSans.ttf"]).read_bytes())
    with pytest.raises(Unrecordable, match=r"the font 'DejaVuSans\.ttf'"):
        both(f"ax.set_title('x', font=__import__('pathlib').Path({str(copy)!r}))")


def test_a_script_may_look_at_its_own_picture(charts: ChartRenderer) -> None:
    """Saved into memory, drawn by hand before and after saving, read from the canvas."""
    code = """
import io
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot([1, 3, 2])
fig.canvas.draw()
drawn = np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()
memory = io.BytesIO()
fig.savefig(memory, format="png", dpi=100)
saved = np.asarray(Image.open(memory).convert("RGB"))
held = np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()
background = fig.canvas.copy_from_bbox(ax.bbox) if fig.canvas.draw() is None else None
fig.canvas.restore_region(background)
again = np.asarray(fig.canvas.buffer_rgba())[..., :3]
assert (drawn == saved).all() and (drawn == held).all() and (drawn == again).all()
plt.figimage(drawn)
plt.savefig("chart.png", dpi=100)
"""
    rendered = charts.render(code, Language.PYTHON)
    assert rendered.status is RenderStatus.OK, rendered.detail


def forged() -> dict[str, DisplayList]:
    _, shown = both("ax.plot(np.sin(np.arange(400))); ax.imshow(np.eye(3)); ax.set_title('a')")
    change = msgspec.structs.replace
    (line,) = [item for item in shown.items if isinstance(item, Shape) and item.fill is None][:1]
    (image,) = [item for item in shown.items if isinstance(item, Image)]
    text = [item for item in shown.items if isinstance(item, Text)][-1]
    path, style, glyph = shown.paths[0], shown.styles[0], text.glyphs[0]

    def with_item(item: Shape | Image | Text) -> DisplayList:
        return change(shown, items=(item,))

    return {
        "another version": change(shown, version=99),
        "a font of the machine": change(shown, fonts=(("/etc/passwd", 0),)),
        "a style that is not there": with_item(change(line, style=len(shown.styles))),
        "a path that is not there": with_item(change(line, path=Placed(10**6, line.path.matrix))),
        "numbers that are not there": change(shown, paths=(change(path, vertices=Span(0, 10**9)),)),
        "half a vertex": change(shown, paths=(change(path, vertices=Span(0, 3)),)),
        "codes that are none": change(shown, paths=(change(path, codes=b"\1\77\2\2\117"),)),
        "half a number": change(shown, numbers=shown.numbers[:-1]),
        "a number too large": change(shown, numbers=np.full(len(shown.pool()), 1e31).tobytes()),
        "an endless number": change(shown, numbers=np.full(len(shown.pool()), np.inf).tobytes()),
        "a matrix of no numbers": with_item(
            change(line, path=Placed(0, (np.nan, 0.0, 0.0, 1.0, 0.0, 0.0)))
        ),
        "a line as wide as a town": change(shown, styles=(change(style, width_px=1e9),)),
        "more than opaque": change(shown, styles=(change(style, alpha=2.0),)),
        "a hatch like a book": change(shown, styles=(change(style, hatch="/" * 1000),)),
        "a clip that is not there": change(
            shown, styles=(change(style, clip_path=Placed(10**6, line.path.matrix)),)
        ),
        "an image of fewer bytes": with_item(change(image, rgba=image.rgba[4:])),
        "an image in another town": with_item(change(image, x=1e12)),
        "letters like houses": with_item(change(text, glyphs=(change(glyph, size_pt=1e6),))),
        "a letter of no font": with_item(change(text, glyphs=(change(glyph, font=99),))),
        "a wide canvas": change(shown, width_px=60_000, height_px=60_000),
        "no canvas": change(shown, width_px=0),
        "few dots": change(shown, dpi=1e-9),
        "paths drawn over and over": change(
            shown,
            paths=(change(path, vertices=Span(0, 2 * (len(shown.pool()) // 2)), codes=None),),
            styles=(change(style, clip_path=None),),
            items=(change(line, style=0, path=Placed(0, line.path.matrix)),) * 90_000,
        ),
    }


def test_forged_lists_are_refused_with_their_reason() -> None:
    lists = forged()
    for name, shown in lists.items():
        try:
            decode(shown.encode(), pixels=PIXELS, fonts=FILES)
        except DisplayError as refusal:
            assert str(refusal)
        else:
            pytest.fail(f"{name} is read")
    assert len(lists) >= 20
