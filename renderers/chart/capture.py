"""Captures the figure of a script: saving or showing it makes a display list in memory.

A script writes no files. The figure is the last one saved, with the options of that ``savefig``
call; else the last one shown; else the current one.
"""

# mypy: disable-error-code="method-assign,assignment,attr-defined,arg-type"
# Reason: this module replaces parts of matplotlib, which types forbid.

from __future__ import annotations

import gc
import io
import os
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib.backend_bases import FigureCanvasBase, register_backend
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase

from renderers.chart.record import Recorder, Unrecordable
from renderers.chart.replay import Fonts, on_white, replay
from renderers.chart.saved_files import SavedFiles
from renderers.display import DisplayList
from renderers.scene import Scene
from sandbox.status import RenderStatus
from sandbox.verdict import Refused

Extract = Callable[..., Scene]
FLOOR_DPI = 100.0
"""A picture that is too large is drawn at fewer dots per inch, but not fewer than this."""
_FORMAT = "vermillion"
_LOOKS = ("facecolor", "edgecolor", "bbox_inches", "pad_inches", "bbox_extra_artists")
_RASTER = {
    "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "tif": "TIFF", "tiff": "TIFF", "webp": "WEBP",
    "gif": "GIF", "pdf": "PDF", "eps": "EPS", "ps": "EPS",
}  # fmt: skip
"""Formats that Pillow writes; vector files contain the picture as pixels."""
_BARE = ("rgba", "raw")
"""Formats that consist of four bytes per pixel and nothing else."""
_PRINTERS = ("png", "jpg", "jpeg", "tif", "tiff", "webp", "gif", "avif", "raw", "rgba", "pdf", "svg", "svgz", "ps", "eps")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CapturedFigure:
    """The display list of a figure, and the scene that the script claims."""

    shown: DisplayList
    scene: Scene


class Capture:
    """Replaces all functions that save or show figures, once installed."""

    def __init__(self, extract: Extract) -> None:
        self.extract = extract
        self.pixels = 0
        self.fonts: Mapping[str, str] = {}
        self.files = SavedFiles()
        self._print_figure = FigureCanvasBase.print_figure
        self._saved: CapturedFigure | None = None
        self._shown: CapturedFigure | None = None
        self._refused: Refused | None = None

    def install(self) -> None:
        """Replace matplotlib's save and show functions for the rest of the process."""
        from matplotlib.backends import backend_pdf, backend_ps, backend_svg

        pyplot.switch_backend("Agg")
        register_backend(_FORMAT, FigureCanvasAgg, "picture and scene in memory")
        capture = self

        def print_figure(
            canvas: FigureCanvasBase,
            filename: Any = None,
            dpi: Any = None,
            facecolor: Any = None,
            edgecolor: Any = None,
            orientation: str = "portrait",
            *,
            format: str | None = None,  # noqa: A002 - matplotlib's own name
            **keywords: Any,
        ) -> None:
            looks = {"facecolor": facecolor, "edgecolor": edgecolor, **keywords}
            capture._save(canvas.figure, filename, format, dpi, looks)

        FigureCanvasBase.print_figure = print_figure
        canvases = (
            FigureCanvasAgg,
            backend_pdf.FigureCanvasPdf,
            backend_svg.FigureCanvasSVG,
            backend_ps.FigureCanvasPS,
        )
        for canvas_class in canvases:
            for suffix in _PRINTERS:
                if hasattr(canvas_class, f"print_{suffix}"):
                    setattr(canvas_class, f"print_{suffix}", _printer(self, suffix))
        FigureCanvasAgg.print_vermillion = lambda canvas, sink, **_: self._draw(canvas, sink)
        plain_draw = FigureCanvasAgg.draw

        def draw(canvas: FigureCanvasAgg) -> None:
            """A script that draws by itself may read pixels, so it gets a renderer with pixels."""
            if isinstance(getattr(canvas, "renderer", None), Recorder):
                canvas._lastKey = None
            plain_draw(canvas)

        FigureCanvasAgg.draw = draw
        # After every savefig, pyplot requests another drawing for a window that does not exist.
        FigureCanvasAgg.draw_idle = lambda canvas, *_, **__: None
        os.mkdir = _folder(os.mkdir)
        pyplot.show = self._show
        FigureBase.show = Figure.show = lambda figure, *_, **__: self._show(figure)
        pyplot.switch_backend = lambda *_, **__: None
        matplotlib.use = lambda *_, **__: None
        self._install_animations()
        self.files.install()

    def _install_animations(self) -> None:
        """Make saving an animation capture its last frame."""
        from matplotlib.animation import Animation, PillowWriter

        capture = self

        def save(
            animation: Animation, filename: Any, writer: Any = None, *_: Any, **keywords: Any
        ) -> None:
            others = keywords.get("extra_anim") or ()
            every = [animation, *(one for one in others if one._fig is animation._fig)]
            for one in every:
                one._draw_was_started = True  # Else matplotlib warns that it was never shown.
                one._init_draw()
                for frame in one.new_saved_frame_seq():
                    one._draw_next_frame(frame, blit=False)
            capture._save(animation._fig, filename, None, keywords.get("dpi"), {})

        def as_text(animation: Animation, *_: Any, **__: Any) -> str:
            save(animation, None)
            return ""

        Animation.save = save
        Animation.to_jshtml = Animation.to_html5_video = as_text
        PillowWriter.finish = lambda *_: None

    def begin(self, pixels: int) -> None:
        """Forget saved and shown figures; `pixels` is the size limit of pictures from now on."""
        self.pixels = pixels
        self._saved = self._shown = self._refused = None
        self.files.clear()

    def drawn(self) -> CapturedFigure:
        """The captured figure of a script that has ended.

        Raises:
            Refused: there is no figure, or it cannot be drawn.
        """
        if self._refused is not None:
            raise self._refused
        if self._saved is None and self._shown is None and pyplot.get_fignums():
            self._shown = self._picture(pyplot.gcf(), None, {})
        drawn = self._saved or self._shown
        if drawn is None:
            detail = "the script ends without a figure"
            if any(isinstance(thing, Figure) for thing in gc.get_objects()):
                detail += " that anyone would see: one was closed, or made without pyplot, and never saved"
            raise Refused(RenderStatus.CODE_CRASHED, detail)
        return drawn

    def _save(
        self, figure: Figure, where: Any, format_: str | None, dpi: Any, looks: dict[str, Any]
    ) -> None:
        drawn = self._saved = self._picture(figure, dpi, looks)
        if isinstance(where, io.IOBase):
            # Scripts that save into memory read it back, so it must contain a picture.
            content = self._file_of(drawn, (format_ or "png").lower())
            where.write(content.decode("latin-1") if isinstance(where, io.TextIOBase) else content)
        elif isinstance(where, (str, bytes, os.PathLike)):
            suffix = Path(os.fsdecode(where)).suffix
            path = where if suffix else os.fsdecode(where) + "." + (format_ or "png")
            kind = (format_ or suffix.removeprefix(".") or "png").lower()
            self.files.keep(path, lambda: self._file_of(drawn, kind))

    def _show(self, figure: Any = None, *_: Any, **__: Any) -> None:
        if self._saved is None and (isinstance(figure, Figure) or pyplot.get_fignums()):
            shown = figure if isinstance(figure, Figure) else pyplot.gcf()
            self._shown = self._picture(shown, "figure", {"bbox_inches": None})

    def _picture(self, figure: Figure, dpi: Any, looks: dict[str, Any]) -> CapturedFigure:
        """The captured figure as `savefig` would write it."""
        asked = matplotlib.rcParams["savefig.dpi"] if dpi is None else dpi
        if asked == "figure":
            asked = getattr(figure, "_original_dpi", figure.dpi)
        dots = float(asked)
        known = {name: looks[name] for name in _LOOKS if looks.get(name) is not None}
        root = figure.get_figure(root=True) or figure
        while True:
            width, height = (side * dots for side in root.get_size_inches())
            try:
                self._bound(width, height)
                sink: list[CapturedFigure] = []
                self._print_figure(root.canvas, sink, dpi=dots, format=_FORMAT, **known)
                return sink[0]
            except _TooLarge as large:
                less = dots * 0.98 * (self.pixels / large.pixels) ** 0.5
                if not FLOOR_DPI <= less < dots:
                    self._refused = Refused(RenderStatus.TOO_LARGE, str(large))
                    raise self._refused from None
                dots = less

    def _draw(self, canvas: FigureCanvasAgg, sink: Any) -> None:
        """Called by matplotlib instead of writing a file; the figure has the options of the file."""
        self._bound(*canvas.figure.bbox.size)
        width_px, height_px = canvas.get_width_height(physical=True)
        recorder = Recorder(width_px, height_px, canvas.figure.dpi, self.fonts)
        # The canvas finds its renderer by this key and uses it for text layout.
        canvas.renderer = recorder
        canvas._lastKey = (width_px, height_px, canvas.figure.dpi)
        try:
            canvas.figure.draw(recorder)
            shown = recorder.shown()
        except Unrecordable as error:
            self._refused = Refused(
                RenderStatus.UNREADABLE_OUTPUT, f"the figure cannot be drawn from a list: {error}"
            )
            raise self._refused from error
        try:
            scene = self.extract(canvas.figure, width_px=width_px, height_px=height_px)
        except MemoryError:
            raise
        except Exception as error:
            self._refused = Refused(
                RenderStatus.UNREADABLE_OUTPUT,
                f"the figure cannot be read: {type(error).__name__}: {error}"[:500],
            )
            raise self._refused from error
        sink.append(CapturedFigure(shown, scene))

    def _file_of(self, drawn: CapturedFigure, format_: str) -> bytes:
        """The content of a saved file; empty for unsupported formats."""
        if format_ == "svg":
            return _svg_of(drawn.shown.width_px, drawn.shown.height_px, self._file_of(drawn, "png"))
        if format_ not in _RASTER and format_ not in _BARE:
            return b""
        from PIL import Image

        size = (drawn.shown.width_px, drawn.shown.height_px)
        rgb = on_white(replay(drawn.shown, Fonts(self.fonts)))
        image = Image.frombytes("RGB", size, rgb)
        if format_ in _BARE:
            return image.convert("RGBA").tobytes()
        with io.BytesIO() as memory:
            image.save(memory, _RASTER[format_])
            return memory.getvalue()

    def _bound(self, width: float, height: float) -> None:
        if not (width >= 1 and height >= 1 and width * height <= self.pixels):
            raise _TooLarge(width, height, self.pixels)


class _TooLarge(BaseException):
    """A picture exceeds the size limit; not an Exception, since a script would catch it."""

    def __init__(self, width: float, height: float, bound: int) -> None:
        super().__init__(f"{width:.0f} x {height:.0f} px; the bound is {bound} pixels")
        self.pixels = max(width * height, 1.0)


def _svg_of(width_px: int, height_px: int, png: bytes) -> bytes:
    """An SVG file that shows a picture."""
    link = f"data:image/png;base64,{b64encode(png).decode()}"
    size = f'width="{width_px}" height="{height_px}"'
    image = f'<image {size} href="{link}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{image}</svg>'.encode()


def _printer(capture: Capture, suffix: str) -> Callable[..., None]:
    def print_file(canvas: FigureCanvasBase, where: Any = None, *_: Any, **__: Any) -> None:
        looks = {"facecolor": "auto", "edgecolor": "auto"}
        capture._save(canvas.figure, where, suffix, canvas.figure.dpi, looks)

    return print_file


def _folder(real: Callable[..., None]) -> Callable[..., None]:
    """Ignore failing `mkdir` calls: scripts make a folder for the picture, which is not needed here."""

    def mkdir(path: Any, *arguments: Any, **keywords: Any) -> None:
        try:
            real(path, *arguments, **keywords)
        except PermissionError:
            if not Path(os.fsdecode(path)).absolute().is_relative_to(Path.cwd()):
                raise

    return mkdir
