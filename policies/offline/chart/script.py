"""The plotting script of a chart that was read, as a person would write it down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.offline.chart.legend import Legend
from policies.offline.chart.pies import Pie
from policies.offline.chart.scales import Scale, number
from policies.offline.chart.shapes import Bars, Curve, Dots, FilledArea, Mark, hex_of
from policies.offline.chart.view import SIDES, RecognizedChart, View

DPI = 100
"""Of a figure that says nothing else."""
_TEXT_SHARE = 0.6
"""Points of a font over pixels of the box that the optical reader puts around its line."""
_USUAL_PT = {"tick": 10, "label": 10, "title": 12, "note": 10}


@dataclass(frozen=True)
class ScriptStyle:
    """How much of what was read is written."""

    digits: int
    layout: str
    notes: bool
    looks: bool


def script_of(chart: RecognizedChart, style: ScriptStyle) -> str:
    """A program that stands alone and draws the chart.

    Raises:
        ValueError: the chart has neither panel nor pie.
    """
    if not chart.views and not chart.pies:
        raise ValueError("neither panel nor pie")
    return "\n".join(_Writer(chart, style).lines()) + "\n"


class _Writer:
    def __init__(self, chart: RecognizedChart, style: ScriptStyle) -> None:
        self.chart = chart
        self.style = style

    def lines(self) -> list[str]:
        chart = self.chart
        lines = ["import matplotlib.pyplot as plt", ""]
        size = f"({chart.width_px / DPI:g}, {chart.height_px / DPI:g})"
        boxes = [(v.panel.left, v.panel.top, v.panel.right, v.panel.bottom) for v in chart.views]
        boxes += [
            (
                int(p.x - 1.25 * p.radius),
                int(p.y - 1.25 * p.radius),
                int(p.x + 1.25 * p.radius),
                int(p.y + 1.25 * p.radius),
            )
            for p in chart.pies
        ]
        names = ["ax"] if len(boxes) == 1 else [f"ax{at}" for at in range(1, len(boxes) + 1)]
        if self.style.layout == "measured":
            lines.append(f"fig = plt.figure(figsize={size})")
            lines += [
                f"{name} = fig.add_axes({self._share(box)})"
                for name, box in zip(names, boxes, strict=True)
            ]
        else:
            lines += self._even(names, boxes, size)
        if self.style.looks and np.abs(chart.paper - 255).max() > 8:
            lines.append(f"fig.patch.set_facecolor({hex_of(chart.paper)!r})")
        for name, view in zip(names, chart.views, strict=False):
            lines += ["", *self._panel(name, view)]
        for name, pie in zip(names[len(chart.views) :], chart.pies, strict=True):
            lines += ["", *self._pie(name, pie)]
        if chart.title:
            lines.append(
                f"fig.suptitle({chart.title.text!r}{self._font('title', chart.title.height)})"
            )
        if self.style.layout == "even":
            lines.append("fig.tight_layout()")
        lines.append("plt.show()")
        return lines

    def _share(self, box: Sequence[int]) -> list[float]:
        left, top, right, bottom = box
        width, height = self.chart.width_px, self.chart.height_px
        return [
            round(left / width, 3),
            round(1 - bottom / height, 3),
            round((right - left) / width, 3),
            round((bottom - top) / height, 3),
        ]

    def _even(self, names: Sequence[str], boxes: Sequence[Sequence[int]], size: str) -> list[str]:
        """Panels in even rows and columns, in the order in which they were read."""
        rows: list[float] = []
        for box in boxes:
            middle = (box[1] + box[3]) / 2
            if not any(abs(middle - row) < 0.15 * self.chart.height_px for row in rows):
                rows.append(middle)
        columns = math.ceil(len(boxes) / len(rows))
        target = names[0] if len(names) == 1 else "axes"
        lines = [
            f"fig, {target} = plt.subplots({len(rows)}, {columns}, figsize={size})"
            if len(names) > 1
            else f"fig, {target} = plt.subplots(figsize={size})"
        ]
        if len(names) > 1:
            lines.append(f"{', '.join(names)}, *more = axes.flat")
            if len(rows) * columns > len(names):
                lines.append("for ax in more:\n    ax.remove()")
        return lines

    def _panel(self, ax: str, view: View) -> list[str]:
        lines = []
        names = self._names(view)
        for mark, name in zip(view.marks, names, strict=True):
            lines += self._mark(ax, mark, view, f", label={name!r}" if name else "")
        lines += self._axis(ax, "x", view.x, view.panel.left, view.panel.right, view)
        lines += self._axis(ax, "y", view.y, view.panel.bottom, view.panel.top, view)
        for word, call, role in (
            (view.title, "set_title", "title"),
            (view.x_label, "set_xlabel", "label"),
            (view.y_label, "set_ylabel", "label"),
        ):
            if word is not None and word.text:
                lines.append(f"{ax}.{call}({word.text!r}{self._font(role, word.height)})")
        if self.style.looks:
            lines += self._looks(ax, view)
        if self.style.notes:
            for word in view.notes:
                x = (word.x - view.panel.left) / view.panel.width
                y = (view.panel.bottom - word.y) / view.panel.height
                lines.append(
                    f"{ax}.text({x:.3f}, {y:.3f}, {word.text!r}, transform={ax}.transAxes, "
                    f"ha='center', va='center'{self._font('note', word.height)}"
                    + (", rotation=90)" if word.upright else ")")
                )
        if view.legend and any(names):
            lines.append(self._legend(ax, view, view.legend))
        return lines

    def _names(self, view: View) -> list[str]:
        """The legend's words for each mark, by the nearest color; each word once."""
        names = [""] * len(view.marks)
        entries = list(view.legend.entries) if view.legend else []
        pairs = sorted(
            (float(np.abs(_rgb(mark.color) - np.array(entry.color)).max()), at, index)
            for at, mark in enumerate(view.marks)
            for index, entry in enumerate(entries)
        )
        taken: set[int] = set()
        for apart, at, index in pairs:
            if apart < 70 and not names[at] and index not in taken:
                names[at] = entries[index].word.text
                taken.add(index)
        return names

    def _mark(self, ax: str, mark: Mark, view: View, label: str) -> list[str]:
        x, y = view.x, view.y
        color = repr(mark.color)
        match mark:
            case Bars():
                return [self._bars(ax, mark, view, label)]
            case Dots():
                xs, ys = self._xy(mark.points, view)
                area = max(round((mark.size_px * 72 / DPI) ** 2), 4)
                return [f"{ax}.scatter({xs}, {ys}, s={area}, color={color}{label})"]
            case FilledArea():
                xs, ups = self._xy(mark.upper, view)
                lows = [self._number(y.value(point[1]), y) for point in mark.lower]
                return [f"{ax}.fill_between({xs}, {_list(lows)}, {ups}, color={color}{label})"]
            case Curve():
                xs, ys = self._xy(mark.points, view)
                width = f", linewidth={round(max(mark.width_px * 72 / DPI, 0.5), 1)}"
                dashes = f", linestyle={mark.dashes!r}" if mark.dashes != "-" else ""
                knots = ""
                if mark.marker_px:
                    knots = f", marker='o', markersize={round(mark.marker_px * 72 / DPI, 1)}"
                extra = (width if self.style.looks else "") + dashes + knots
                return [f"{ax}.plot({xs}, {ys}, color={color}{extra}{label})"]
        raise AssertionError(mark, x)

    def _bars(self, ax: str, mark: Bars, view: View, label: str) -> str:
        along, up = (view.x, view.y) if mark.upright else (view.y, view.x)
        boxes = sorted(mark.boxes) if mark.upright else sorted(mark.boxes, key=lambda b: -b[1])
        middles, lengths, starts, widths = [], [], [], []
        for left, top, right, bottom in boxes:
            near, far = (left, right) if mark.upright else (bottom, top)
            low, high = (bottom, top) if mark.upright else (left, right)
            if along.log:
                middle = math.sqrt(along.value(near) * along.value(far))
            else:
                middle = (along.value(near) + along.value(far)) / 2
            base, tip = up.value(low), up.value(high)
            if not up.log and abs(base) < abs(up.slope) * 3.5:
                base = 0.0
            middles.append(self._number(middle, along))
            starts.append(self._number(base, up))
            lengths.append(self._number(tip - base, up))
            widths.append(abs(along.value(far) - along.value(near)))
        wide = self._number(float(np.median(widths)), along)
        base_name = ("bottom" if mark.upright else "left") if any(starts) else ""
        base_text = f", {base_name}={_list(starts)}" if base_name else ""
        call, size = ("bar", "width") if mark.upright else ("barh", "height")
        edge = ""
        return (
            f"{ax}.{call}({_list(middles)}, {_list(lengths)}, {size}={wide}{base_text}, "
            f"color={mark.color!r}{edge}{label})"
        )

    def _axis(
        self, ax: str, name: str, scale: Scale, low_px: int, high_px: int, view: View
    ) -> list[str]:
        lines = []
        if scale.log:
            lines.append(f"{ax}.set_{name}scale('log')")
        low, high = scale.value(low_px), scale.value(high_px)
        size = self._font("tick", view.tick_px, "fontsize")
        if scale.named:
            places = [round(scale.value(place), 2) for place, _ in scale.ticks]
            words = [text for _, text in scale.ticks]
            lines.append(f"{ax}.set_{name}ticks({_list(places)}, {words!r}{size})")
        elif scale.read:
            values = [number(text) for _, text in scale.ticks]
            written = [text for _, text in scale.ticks]
            plain = all(value is not None for value in values) and not any(
                character in text for text in written for character in "%$€£°,"
            )
            places = [self._tick(place, text, scale) for place, text in scale.ticks]
            if not plain and not scale.log:
                lines.append(f"{ax}.set_{name}ticks({_list(places)}, {written!r}{size})")
            elif not scale.log:
                lines.append(f"{ax}.set_{name}ticks({_list(sorted(places))})")
        else:
            lines.append(f"{ax}.set_{name}ticks([])")
        lines.append(f"{ax}.set_{name}lim({self._number(low, scale)}, {self._number(high, scale)})")
        if self.style.looks and scale.read and size:
            lines.append(f"{ax}.tick_params(axis={name!r}, labelsize={size.rpartition('=')[2]})")
        return lines

    def _looks(self, ax: str, view: View) -> list[str]:
        lines = []
        inside = view.inside
        if np.abs(inside.ground - 255).max() > 8:
            lines.append(f"{ax}.set_facecolor({hex_of(inside.ground)!r})")
        if inside.grid_x or inside.grid_y:
            axis = "both" if inside.grid_x and inside.grid_y else "x" if inside.grid_x else "y"
            lines.append(f"{ax}.grid(axis={axis!r}, color='#dddddd')\n{ax}.set_axisbelow(True)")
        missing = [side for side in SIDES if side not in view.spines]
        if missing:
            lines.append(f"{ax}.spines[{missing!r}].set_visible(False)")
        if _is_light(self.chart.ink):
            lines.append(f"{ax}.tick_params(colors={self.chart.ink!r})")
            lines.append(
                f"plt.setp([{ax}.title, {ax}.xaxis.label, {ax}.yaxis.label], color={self.chart.ink!r})"
            )
        return lines

    def _legend(self, ax: str, view: View, legend: Legend) -> str:
        left, top, right, bottom = legend.box
        panel = view.panel
        x = ((left + right) / 2 - panel.left) / panel.width
        y = (panel.bottom - (top + bottom) / 2) / panel.height
        extra = f", title={legend.title.text!r}" if legend.title else ""
        if legend.columns > 1:
            extra += f", ncols={legend.columns}"
        extra += self._font("note", legend.entries[0].word.height)
        if 0 < x < 1 and 0 < y < 1:
            up = "upper" if y > 0.62 else "lower" if y < 0.38 else "center"
            side = "right" if x > 0.62 else "left" if x < 0.38 else "center"
            place = up if up == side else f"{up} {side}"
            return f"{ax}.legend(loc={place!r}{extra})"
        return f"{ax}.legend(loc='center', bbox_to_anchor=({x:.2f}, {y:.2f}){extra})"

    def _pie(self, ax: str, pie: Pie) -> list[str]:
        shares = [round(100 * share, 1) for share in pie.shares]
        extra = f", startangle={round(pie.start_deg)}"
        if any(pie.labels):
            extra += f", labels={list(pie.labels)!r}"
        if pie.decimals is not None:
            extra += f", autopct='%.{pie.decimals}f%%'"
        if pie.hole > 0:
            extra += f", wedgeprops={{'width': {1 - pie.hole:.1f}}}"
        lines = [f"{ax}.pie({shares}, colors={list(pie.colors)!r}{extra})"]
        if pie.title:
            lines.append(
                f"{ax}.set_title({pie.title.text!r}{self._font('title', pie.title.height)})"
            )
        return lines

    def _xy(self, points: Sequence[tuple[float, float]], view: View) -> tuple[str, str]:
        xs = [self._number(view.x.value(point[0]), view.x) for point in points]
        ys = [self._number(view.y.value(point[1]), view.y) for point in points]
        return _list(xs), _list(ys)

    def _number(self, value: float, scale: Scale) -> float:
        """As many digits as were asked for, or as a pixel is worth."""
        if scale.log:
            return float(f"{value:.{self.style.digits}g}")
        if scale.slope == 0 or not math.isfinite(value):
            return 0.0
        # Digits are counted at the scale's size: 1999.97 is near 2000 on an axis of years.
        decimals = self.style.digits - 1 - math.floor(math.log10(abs(scale.slope) * 250))
        # Not "-0", which no person writes.
        return (round(value, decimals) if decimals > 0 else float(round(value))) + 0.0

    def _tick(self, place: float, text: str, scale: Scale) -> float:
        """The tick's own number where it agrees with its place, else what the place says."""
        there, written = scale.value(place), number(text)
        if written is not None and abs(written - there) < 5 * abs(scale.slope):
            return written
        return self._number(there, scale)

    def _font(self, role: str, height_px: float, key: str = "fontsize") -> str:
        """A font's size, where it is clearly another than the usual one."""
        if not self.style.looks or not height_px:
            return ""
        size = round(height_px * _TEXT_SHARE * 2) / 2
        return f", {key}={size:g}" if abs(size - _USUAL_PT[role]) >= 1.5 else ""


def _rgb(color: str) -> np.ndarray:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)], float)


def _is_light(color: str) -> bool:
    return bool(_rgb(color).mean() > 140)


def _list(values: Sequence[float]) -> str:
    return (
        "[" + ", ".join(f"{value:g}" if abs(value) < 1e5 else str(value) for value in values) + "]"
    )
