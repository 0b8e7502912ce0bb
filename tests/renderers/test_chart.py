"""Charts keep the render contract: same code, same pixels, and those of matplotlib itself."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from records.errors import RenderError
from records.taxonomy import Language, Modality
from renderers.chart.message import Unreadable, pack_drawn, unpack_drawn
from renderers.chart.renderer import ChartRenderer
from renderers.contract import pixel_hash
from renderers.display import DISPLAY_VERSION, DisplayList
from renderers.registry import open_renderer
from renderers.scene import Element, Scene
from sandbox.status import Limits, RenderStatus

PLAIN = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(5, 4))
ax.plot([1, 2, 3], [1, 4, 9], "o--", label="squares")
ax.set_title("Squares", fontsize=14)
ax.legend()
plt.savefig("chart.png")
"""


def test_lane_opens_it() -> None:
    assert isinstance(open_renderer(Modality.CHART), ChartRenderer)


def test_a_chart_is_a_lossless_picture_and_a_scene(charts: ChartRenderer) -> None:
    picture, scene = charts.render(PLAIN, Language.PYTHON).drawn()
    with Image.open(io.BytesIO(picture.png)) as image:
        assert (image.mode, image.size) == ("RGB", (500, 400))
        assert pixel_hash(image.tobytes(), *image.size) == picture.pixel_hash
    assert (picture.width_px, picture.height_px) == (scene.width_px, scene.height_px) == (500, 400)
    texts = {element.text for element in scene.root.walk()}
    assert {"Squares", "squares"} <= texts


def test_same_code_same_pixels_in_any_process(charts: ChartRenderer) -> None:
    hashes = {charts.render(PLAIN, Language.PYTHON).drawn()[0].pixel_hash for _ in range(3)}
    with ChartRenderer(Limits(timeout_s=60)) as other:
        hashes.add(other.render(PLAIN, Language.PYTHON).drawn()[0].pixel_hash)
        assert other.contract == charts.contract
    assert len(hashes) == 1


UNSEEDED = """
import datetime, os, random, time, uuid
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
values = [
    random.random(), random.Random().random(), random.SystemRandom().random(),
    np.random.rand(), np.random.default_rng().random(), np.random.default_rng().random(),
    np.random.RandomState().rand(), time.time(), datetime.datetime.now().timestamp(),
    uuid.uuid4().int % 97, os.urandom(1)[0], hash("text") % 97, pd.Timestamp.now().second,
    pd.Series(range(99)).sample(1).iloc[0],
]
random.seed(); np.random.seed()
values += [random.random(), np.random.rand(), *{"b", "a", "c"}]
assert len(set(values)) >= len(values) - 3
plt.text(0, 0.5, "\\n".join(map(str, values)))
plt.title(f"{datetime.date.today()} {datetime.datetime.now():%H:%M}")
"""


def test_chance_and_time_stand_still(charts: ChartRenderer) -> None:
    first, second = (charts.render(UNSEEDED, Language.PYTHON) for _ in range(2))
    picture, scene = first.drawn()
    assert picture.pixel_hash == second.drawn()[0].pixel_hash
    assert "2024-01-01 00:00" in {element.text for element in scene.root.walk()}


def test_dates_stay_dates(charts: ChartRenderer) -> None:
    code = """
import datetime
from datetime import date, datetime as moment, timedelta
import matplotlib.pyplot as plt
import pandas as pd
day = moment(2020, 1, 1)
assert isinstance(day, moment) and isinstance(day, date) and isinstance(day, datetime.datetime)
assert not isinstance(date(2020, 1, 1), moment) and issubclass(moment, date)
assert moment.strptime("2020-01-02", "%Y-%m-%d") - day == timedelta(days=1)
assert pd.Timestamp(day) == day and moment.max > day
plt.plot([day + timedelta(days=n) for n in range(3)], [1, 2, 3])
"""
    rendered = charts.render(code, Language.PYTHON)
    assert rendered.status is RenderStatus.OK, rendered.detail


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("1 / 0", RenderStatus.CODE_CRASHED, "chart.py:1: 1 / 0\nZeroDivisionError"),
        ("import nowhere", RenderStatus.CODE_CRASHED, "nowhere"),
        ("def f(:", RenderStatus.CODE_CRASHED, "SyntaxError"),
        ("x = '\ud800'", RenderStatus.CODE_CRASHED, "surrogates"),
        ("raise ValueError('half \\ud83d')", RenderStatus.CODE_CRASHED, "ValueError: half \\ud83d"),
        ("x = '\0'", RenderStatus.CODE_CRASHED, "null bytes"),
        ("open('data.csv')", RenderStatus.CODE_CRASHED, "data.csv"),
        ("import sys; sys.exit(3)", RenderStatus.CODE_CRASHED, "exits with 3"),
        (
            "import sys\nsys.exit(3)",
            RenderStatus.CODE_CRASHED,
            "chart.py:2: sys.exit(3)\nexits with 3",
        ),
        ("n = int(input())", RenderStatus.CODE_CRASHED, "write the values into the script"),
        ("open('/etc/hosts')", RenderStatus.DENIED, "write the data into it"),
        ("print('no figure')", RenderStatus.CODE_CRASHED, "without a figure"),
        ("import matplotlib.pyplot as plt; plt.figure()", RenderStatus.BLANK, "#ffffff"),
        ("open('/etc/hostname')", RenderStatus.DENIED, "/etc/hostname"),
        ("raise MemoryError", RenderStatus.OUT_OF_MEMORY, "MemoryError"),
        ("x = 1\n" * 400_000, RenderStatus.TOO_LARGE, "characters"),
        (
            "import matplotlib.pyplot as plt; plt.plot([1]); plt.title('$\\\\frac{1$')",
            RenderStatus.CODE_CRASHED,
            "frac",
        ),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_failures_are_typed_and_told(
    charts: ChartRenderer, code: str, status: RenderStatus, told: str
) -> None:
    rendered = charts.render(code, Language.PYTHON)
    assert rendered.status is status, rendered.detail
    assert told in rendered.detail
    assert rendered.detail.encode()
    assert rendered.picture is None and rendered.scene is None
    assert rendered.contract == charts.contract.hash
    with pytest.raises(RenderError, match=status.value):
        rendered.drawn()


def test_endless_loop_is_a_timeout() -> None:
    with ChartRenderer(Limits(timeout_s=1)) as hurried:
        rendered = hurried.render("while True: pass", Language.PYTHON)
    assert (rendered.status, rendered.detail) == (RenderStatus.TIMEOUT, "not done after 1 s")


def test_other_languages_are_refused(charts: ChartRenderer) -> None:
    with pytest.raises(ValueError, match="svg"):
        charts.render("<svg/>", Language.SVG)


def test_contract_says_what_decides_the_looks(charts: ChartRenderer) -> None:
    settings = charts.contract.settings
    assert {"matplotlib", "freetype", "numpy", "fonts", "dpi", "bbox", "encoder"} <= set(settings)
    fonts = settings["fonts"]
    assert isinstance(fonts, tuple) and any(font.startswith("DejaVu Sans ") for font in fonts)
    assert os.sep not in " ".join(fonts)
    outside = ChartRenderer(Limits(timeout_s=60))
    assert outside.contract == charts.contract
    assert outside.server.launcher_pid is outside.painter.launcher_pid is None


FAITHFUL = {
    "whole figure": ("", ""),
    "tight": ("", "bbox_inches='tight'"),
    "tight and padded": ("", "bbox_inches='tight', pad_inches=0.4"),
    "part": ("", "bbox_inches=Bbox([[1, 1], [4, 3]])"),
    "dots": ("", "dpi=173"),
    "dots of the figure": ("fig.set_dpi(80)", ""),
    "face": ("fig.set_facecolor('lightgrey')", "facecolor='ivory'"),
    "face of the figure": ("fig.set_facecolor('lightgrey')", "bbox_inches='tight'"),
    "constrained": ("fig.set_layout_engine('constrained')", "bbox_inches='tight'"),
    "equal aspect": ("ax.set_aspect('equal')", "bbox_inches='tight'"),
    "settings": ("plt.rcParams['savefig.bbox'] = 'tight'; plt.rcParams['savefig.dpi'] = 90", ""),
    "style": ("plt.style.use('ggplot')", "bbox_inches='tight'"),
}


def test_pixels_are_those_that_matplotlib_would_save(charts: ChartRenderer, tmp_path: Path) -> None:
    body = (
        "import matplotlib.pyplot as plt\n"
        "from matplotlib.transforms import Bbox\n"
        "{before_figure}\n"
        "fig, ax = plt.subplots(figsize=(5, 4))\n"
        "ax.plot([1, 2, 3], [1, 4, 9], label='squares')\n"
        "ax.set_title('Squares, above the figure', y=1.2)\n"
        "ax.legend(loc='upper left', bbox_to_anchor=(1.02, 1))\n"
        "{setting}\n"
        "plt.savefig({where}{looks})\n"
        "plt.close('all'); plt.rcdefaults()\n"
    )

    def script(setting: str, looks: str, where: str) -> str:
        first = setting if "style" in setting else ""
        return body.format(
            before_figure=first,
            setting="" if first else setting,
            where=repr(where),
            looks=f", {looks}" if looks else "",
        )

    together = [
        script(*case, str(tmp_path / f"{number}.png"))
        for number, case in enumerate(FAITHFUL.values())
    ]
    runner = tmp_path / "all.py"
    runner.write_text("\n".join(together))
    environment = {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, str(runner)], check=True, env=environment, timeout=300)
    wrong = []
    for number, (name, case) in enumerate(FAITHFUL.items()):
        with Image.open(tmp_path / f"{number}.png") as image:
            theirs = np.asarray(image.convert("RGB"))
        picture, scene = charts.render(script(*case, "chart.png"), Language.PYTHON).drawn()
        with Image.open(io.BytesIO(picture.png)) as image:
            ours = np.asarray(image)
        if ours.shape != theirs.shape or (ours != theirs).any():
            wrong.append((name, ours.shape, theirs.shape))
        assert (scene.width_px, scene.height_px) == (picture.width_px, picture.height_px)
    assert wrong == []


def test_boxes_lie_where_the_pixels_are(charts: ChartRenderer) -> None:
    code = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(5, 4))
ax.axis("off")
ax.text(0.5, 0.5, "WORD", fontsize=30, color="red")
fig.text(0.9, 1.1, "outside", color="blue")
plt.savefig("chart.png", bbox_inches="tight")
"""
    picture, scene = charts.render(code, Language.PYTHON).drawn()
    with Image.open(io.BytesIO(picture.png)) as image:
        pixels = np.asarray(image).astype(int)
    for word, color in (("WORD", 0), ("outside", 2)):
        (element,) = [element for element in scene.root.walk() if element.text == word]
        assert element.box is not None
        rows, columns = np.nonzero(pixels[..., color] > pixels[..., 1] + 60)
        seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        left, top, right, bottom = element.box
        assert left - 2 <= seen[0] and seen[2] <= right + 2
        assert top - 2 <= seen[1] and seen[3] <= bottom + 2


def test_too_many_dots_are_fewer_and_too_many_inches_are_refused() -> None:
    code = (
        "import matplotlib.pyplot as plt\nplt.figure(figsize=({0}, {0}), dpi={1})\nplt.plot([1, 2])"
    )
    with ChartRenderer(Limits(timeout_s=60, pixels=1_000_000)) as bounded:
        picture, _ = bounded.render(code.format(5, 600), Language.PYTHON).drawn()
        assert 900_000 < picture.width_px * picture.height_px <= 1_000_000
        refused = bounded.render(code.format(11, 600), Language.PYTHON)
    assert refused.status is RenderStatus.TOO_LARGE
    assert "1000000" in refused.detail


@pytest.mark.parametrize("family", ["Arial", "Times New Roman", "Courier New"])
def test_common_fonts_have_a_stand_in(charts: ChartRenderer, family: str) -> None:
    code = f"""
import matplotlib.pyplot as plt
from matplotlib import font_manager
plt.rcParams["font.family"] = "{family}"
plt.title(font_manager.findfont("{family}").rsplit("/", 1)[-1])
plt.plot([1, 2])
"""
    fonts = charts.contract.settings["fonts"]
    assert isinstance(fonts, tuple)
    if not any(font.startswith("Liberation") for font in fonts):
        pytest.skip("Liberation is not installed")
    _, scene = charts.render(code, Language.PYTHON).drawn()
    (title,) = [element.text for element in scene.root.walk() if element.role == "title"]
    assert title.startswith("Liberation")


LIST = DisplayList(DISPLAY_VERSION, 3, 2, 100.0, b"", (), (), (), ())
SCENE = Scene(Modality.CHART, 3, 2, Element("figure"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        b"\0" * 8,
        pack_drawn(LIST, SCENE)[:-1],
        pack_drawn(LIST, SCENE) + b" ",
        pack_drawn(LIST, Scene(Modality.SVG, 3, 2, Element("figure"))),
        pack_drawn(LIST, Scene(Modality.CHART, 3, 4, Element("figure"))),
        pack_drawn(msgspec.structs.replace(LIST, height_px=4), SCENE),
        b"\xff" * 12,
    ],
)
def test_forged_messages_are_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        unpack_drawn(data, pixels=9, fonts=())


def test_messages_travel_whole() -> None:
    listed, shown, scene = unpack_drawn(pack_drawn(LIST, SCENE), pixels=6, fonts=())
    assert (shown, scene) == (LIST, SCENE)
    assert listed == LIST.encode()


FRAMED = """
import matplotlib.pyplot as plt
fig = plt.figure(figsize=(4, 3))
words = fig.text(0.5, 0.5, "$x^2$ of words\\nand more", bbox={"facecolor": "white"})
"""
CHANGES = (
    "words.set_text('other')", "words.set_fontsize(20)", "words.set_rotation(30)",
    "words.set_rotation_mode('anchor'); words.set_rotation(30)", "words.set_ha('right')",
    "words.set_va('top')", "words.set_multialignment('right')", "words.set_linespacing(3)",
    "words.set_parse_math(False)", "words.set_fontweight('bold')",
    "plt.rcParams['font.sans-serif'] = ['Liberation Serif']",
    "words.set_math_fontfamily('stix')",
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_text_that_changes_is_laid_out_anew(charts: ChartRenderer, change: str) -> None:
    # A box around the words shows how they are laid out.
    laid_out = "words.get_window_extent(fig.canvas.get_renderer())\n"
    save = "\nplt.savefig('chart.png')"
    first, again, as_it_was = (
        charts.render(FRAMED + before + after + save).drawn()[0].pixel_hash
        for before, after in (("", change), (laid_out, change), (laid_out, ""))
    )
    assert first == again != as_it_was


TICKED = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(4, 3))
ax.plot([1, 2, 3], [1, 40, 9])
ax.set(title="Title", ylabel="height")
"""


@pytest.mark.parametrize(
    "change",
    [
        "ax.set_ylim(0, 40000)",
        "ax.set_yticks([5, 25], ['five', 'twenty-five'])",
        "ax.yaxis.set_major_formatter('{x:.4f} m')",
        "ax.tick_params('y', labelsize=20, rotation=60)",
        "ax.set_position((0.4, 0.2, 0.5, 0.5))",
    ],
)
def test_ticks_that_change_are_placed_anew(charts: ChartRenderer, change: str) -> None:
    # The label stands beside the ticks' labels, whose boxes were measured before they changed.
    measured = "ax.get_tightbbox(fig.canvas.get_renderer())\nfig.canvas.draw()\n"
    save = "\nplt.savefig('chart.png')"
    first, again, as_it_was = (
        charts.render(TICKED + before + after + save).drawn()[0].pixel_hash
        for before, after in (("", change), (measured, change), (measured, ""))
    )
    assert first == again != as_it_was
