"""However a script saves or shows its figure, the picture is of the figure it meant."""

from __future__ import annotations

import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from sandbox.status import RenderStatus

HEAD = """
import io, os, pathlib, tempfile
import matplotlib
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot([1, 3, 2])
ax.set_title("meant")
"""
OTHER = """
other = plt.figure(figsize=(4, 4))
plt.plot([5, 5])
plt.title("other")
"""

FORMS = {
    "nothing": "",
    "module": "plt.savefig('chart.png')",
    "figure": "fig.savefig('chart.png')",
    "current figure": "plt.gcf().savefig('chart.png')",
    "no suffix": "plt.savefig('chart')",
    "path": "plt.savefig(pathlib.Path('out') / 'chart.png')",
    "new folder": "os.makedirs('out/deep', exist_ok=True); plt.savefig('out/deep/chart.png')",
    "folder by pathlib": "pathlib.Path('a/b').mkdir(parents=True); plt.savefig('a/b/c.svg')",
    "far folder": "plt.savefig('/home/someone/results/chart.png')",
    "several lines": "plt.savefig(\n    'chart.png',\n    format='png',\n)",
    "in an if": "if __name__ == '__main__':\n    plt.savefig('chart.png')",
    "in a function": "def save(f, name):\n    f.savefig(name)\nsave(fig, 'chart.png')",
    "alias": "save = plt.savefig\nsave('chart.png')",
    "from import": "from matplotlib.pyplot import savefig\nsavefig('chart.png')",
    "keywords": "plt.savefig(fname='chart.png', orientation='landscape', metadata={'Author': 'a'})",
    "old keywords": "plt.savefig('c.jpg', quality=95, optimize=True, papertype='a4', frameon=False)",
    "unknown format": "plt.savefig('chart.bmp')",
    "pdf": "plt.savefig('chart.pdf')",
    "svg": "plt.savefig('chart.svg')",
    "eps": "fig.savefig('chart.eps', format='eps')",
    "jpg": "plt.savefig('chart.jpg', pil_kwargs={'quality': 90})",
    "svg read back": "plt.savefig('c.svg')\nassert '<svg' in open('c.svg').read()",
    "pdf read back": "plt.savefig('c.pdf')\nassert open('c.pdf', 'rb').read(4) == b'%PDF'",
    "eps read back": "plt.savefig('c.eps')\nassert open('c.eps').read(2) == '%!'",
    "svg in memory": "b = io.StringIO(); plt.savefig(b, format='svg'); assert '<svg' in b.getvalue()",
    "memory": "b = io.BytesIO(); fig.savefig(b, format='png'); b.seek(0); assert b.read(4)[1:] == b'PNG'",
    "memory read back": (
        "b = io.BytesIO(); plt.savefig(b); b.seek(0)\n"
        "from PIL import Image\nassert Image.open(b).size == (300, 200)"
    ),
    "text in memory": "fig.savefig(io.StringIO(), format='svg')",
    "pixels in memory": (
        "b = io.BytesIO(); fig.savefig(b, format='rgba'); assert len(b.getvalue()) == 300 * 200 * 4"
    ),
    "opened again": (
        "from PIL import Image\nplt.savefig('chart.png')\n"
        "assert Image.open('chart.png').size == (300, 200)\n"
        "assert plt.imread('chart.png').shape[:2] == (200, 300)"
    ),
    "measured and removed": (
        "path = pathlib.Path('out') / 'chart.jpg'; plt.savefig(path)\n"
        "assert os.path.exists(path) and path.is_file() and os.path.getsize(path) > 500\n"
        "path.read_bytes(); os.remove(path); assert not path.exists()"
    ),
    "animation by Pillow": (
        "from matplotlib.animation import FuncAnimation, PillowWriter\n"
        "a = FuncAnimation(fig, lambda i: [ax.set_title('meant' if i == 2 else str(i))], frames=3)\n"
        "a.save('wave.gif', writer=PillowWriter(fps=10)); plt.show()"
    ),
    "animation by ffmpeg": (
        "from matplotlib.animation import ArtistAnimation, FFMpegWriter\n"
        "a = ArtistAnimation(fig, [[ax.title], [ax.title]]); a.save('w.mp4', writer=FFMpegWriter())"
    ),
    "frames by hand": (
        "from matplotlib.animation import PillowWriter\nw = PillowWriter(fps=2)\n"
        "with w.saving(fig, 'wave.gif', 100):\n    w.grab_frame(); w.grab_frame()"
    ),
    "open file": "with open('chart.png', 'wb') as f:\n    fig.savefig(f)",
    "temporary": "with tempfile.NamedTemporaryFile(suffix='.png') as f:\n    fig.savefig(f.name)",
    "print_figure": "fig.canvas.print_figure('chart.png')",
    "print_png": "fig.canvas.print_png('chart.png')",
    "pages": (
        "from matplotlib.backends.backend_pdf import PdfPages\n"
        "with PdfPages('chart.pdf') as pages:\n    pages.savefig(fig)"
    ),
    "pages of the current": (
        "from matplotlib.backends.backend_pdf import PdfPages\n"
        "pages = PdfPages('chart.pdf'); pages.savefig(); pages.close()"
    ),
    "svg canvas": (
        "from matplotlib.backends.backend_svg import FigureCanvasSVG\n"
        "FigureCanvasSVG(fig).print_svg('chart.svg')"
    ),
    "closed after": "plt.savefig('chart.png'); plt.close()",
    "all closed after": "plt.savefig('chart.png'); plt.close('all'); plt.figure(figsize=(9, 9))",
    "drawn on after": "plt.savefig('chart.png'); ax.set_title('later'); ax.plot([9, 9])",
    "shown": "plt.show()",
    "shown and closed": "plt.show(); plt.close('all')",
    "shown without waiting": "plt.show(block=False); plt.pause(30); plt.close()",
    "figure shown": "fig.show()",
    "saved then shown": "plt.savefig('chart.png'); plt.show()",
    "shown then saved": "ax.set_title('early'); plt.show(); ax.set_title('meant'); plt.savefig('c.png')",
    "saved twice": "plt.savefig('a.png', dpi=50); plt.savefig('chart.pdf')",
    "other saved first": OTHER + "other.savefig('a.png'); fig.savefig('b.png')",
    "other shown": OTHER + "fig.savefig('b.png'); plt.figure(other); plt.show()",
    "current of two": OTHER + "plt.figure(fig.number)",
    "backend chosen": "matplotlib.use('TkAgg'); plt.switch_backend('Qt5Agg'); plt.savefig('c.png')",
    "dots in settings": "plt.rcParams['figure.dpi'] = 77; plt.savefig('chart.png')",
    "interactive": "plt.ion(); plt.draw(); plt.savefig('chart.png'); plt.ioff()",
    "exits": "plt.savefig('chart.png'); import sys; sys.exit()",
    "thread left": "import threading; threading.Thread(target=threading.Event().wait).start()",
    "arguments": "import argparse; argparse.ArgumentParser().parse_args(); plt.savefig(__file__)",
    "prints": "print('done'); plt.savefig('chart.png')",
    "without pyplot": (
        "from matplotlib.figure import Figure\nplt.close('all')\n"
        "f = Figure(figsize=(3, 2)); f.subplots().plot([1, 3, 2]); f.axes[0].set_title('meant')\n"
        "f.savefig('chart.png')"
    ),
    "own canvas": (
        "from matplotlib.figure import Figure\n"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg\nplt.close('all')\n"
        "f = Figure(figsize=(3, 2)); c = FigureCanvasAgg(f); f.subplots().plot([1, 3, 2])\n"
        "f.axes[0].set_title('meant'); c.print_figure('chart.png')"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_of_saving(charts: ChartRenderer, form: str) -> None:
    rendered = charts.render(HEAD + FORMS[form], Language.PYTHON)
    assert rendered.status is RenderStatus.OK, rendered.detail
    picture, scene = rendered.drawn()
    titles = [element.text for element in scene.root.walk() if element.role == "title"]
    assert titles == ["meant"]
    assert (picture.width_px, picture.height_px) == (300, 200)
    plain = charts.render(HEAD, Language.PYTHON).drawn()[0]
    assert picture.pixel_hash == plain.pixel_hash


@pytest.mark.parametrize(
    ("looks", "corner", "size"),
    [
        ("dpi=50", (255, 255, 255), (150, 100)),
        ("facecolor='red'", (255, 0, 0), (300, 200)),
        ("transparent=True", (255, 255, 255), (300, 200)),
        ("facecolor=(1, 0, 0, 0.5)", (255, 127, 127), (300, 200)),
        ("bbox_inches=matplotlib.transforms.Bbox([[0, 0], [2, 1]])", (255, 255, 255), (200, 100)),
    ],
)
def test_looks_asked_of_savefig_are_kept(
    charts: ChartRenderer, looks: str, corner: tuple[int, ...], size: tuple[int, int]
) -> None:
    import io

    from PIL import Image

    code = HEAD + "import matplotlib.transforms\nplt.savefig('chart.png', " + looks + ")"
    picture, _ = charts.render(code, Language.PYTHON).drawn()
    assert (picture.width_px, picture.height_px) == size
    with Image.open(io.BytesIO(picture.png)) as image:
        found = image.getpixel((0, 0))
    assert isinstance(found, tuple)
    assert all(abs(one - other) <= 1 for one, other in zip(found, corner, strict=True))


@pytest.mark.parametrize(
    "code",
    [
        "from multiprocessing import Pool\nwith Pool(2) as pool:\n    pool.map(abs, [1])",
        "import multiprocessing\nmultiprocessing.Queue()",
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2) as pool:\n    list(pool.map(abs, [1]))",
    ],
    ids=["pool", "queue", "executor"],
)
def test_processes_are_denied_by_name(charts: ChartRenderer, code: str) -> None:
    rendered = charts.render(HEAD + code, Language.PYTHON)
    assert rendered.status is RenderStatus.DENIED
    assert "multiprocessing" in rendered.detail


def test_characters_that_no_font_has_are_told(charts: ChartRenderer) -> None:
    code = HEAD + "ax.set_xlabel('\\ue123\\ue124 x')"
    render = charts.render(code, Language.PYTHON)
    assert render.status is RenderStatus.OK
    assert render.detail == "2 characters are drawn as boxes: no font has them"
