"""Compares the cells of heatmaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, Finding
from annotators.structural.chart.marks import Mark, MarkChange, Numbers
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.same_shape import cells_alike
from annotators.structural.chart.words import figure, figures
from annotators.structural.matching import permuted
from records.rows import Box
from records.taxonomy import Severity

MOST = "most cells"


def cell_findings(pair: PanelPair, change: MarkChange) -> list[Finding]:
    """Findings on cells with other values, color limits or cell counts."""
    rows = _rows_in_other_order(pair, change)
    unequal = ~cells_alike(*change.sides)
    for _, cells in rows:
        unequal[cells] = False
    found = [finding for finding, _ in rows]
    if not rows or unequal.any():
        found += _single_cells(pair, change, unequal) or [_cells(pair, change, unequal)]
    if found[0].kind in ("value", "values", "exchanged") and not _follows(change):
        # If most cells differ, a changed color range looks the same as changed values.
        found += [] if found[0].same == MOST else _limits(pair, change)
    return found


FEW_ROWS = 2
"""Up to so many rows in another order are reported one by one."""


def _rows_in_other_order(
    pair: PanelPair, change: MarkChange
) -> list[tuple[Finding, NDArray[np.intp]]]:
    """A finding on each row or column whose values changed places in it, with the indices of its wrong
    cells; none if that happened all over."""
    one, two = change.before, change.after
    size = int(two.value("rows")), int(two.value("columns"))
    before, after = one.column("values"), two.column("values")
    if len(before) != len(after) or len(after) != size[0] * size[1]:
        return []
    unequal = ~cells_alike(one, two)
    cells = np.arange(len(after)).reshape(size)
    found = []
    for at, name in enumerate(("row", "column")):
        for line in cells if name == "row" else cells.T:
            wrong = line[unequal[line]]
            if len(wrong) <= APART or not permuted(before[wrong].tolist(), after[wrong].tolist()):
                continue
            place = pair.at(f"heatmap, {name} {_seen(pair, int(line[0]), size)[at] + 1}")
            grade = max(_grade(before, after, int(cell)) for cell in wrong)
            boxes = [_cell(pair, two, int(cell), size) for cell in wrong]
            words = "its values are in another order"
            found.append((Finding("exchanged", DATA, grade, place, words, boxes), wrong))
    return found if len(found) <= FEW_ROWS else []


def _single_cells(pair: PanelPair, change: MarkChange, wrong: NDArray[np.bool_]) -> list[Finding]:
    """A finding on each cell with another value, if these are few and did not change places."""
    one, two = change.before, change.after
    size = _common_size(change)
    before, after = one.column("values"), two.column("values")
    if size is None:
        return []
    unequal = np.flatnonzero(wrong).tolist()
    ends = {mark.value(end) for mark in (one, two) for end in ("low", "high")}
    unequal.sort(key=lambda cell: not {before[cell], after[cell]} & ends)  # the color bar is theirs
    if len(unequal) > APART or permuted(before[unequal].tolist(), after[unequal].tolist()):
        return []
    return [
        Finding(
            "value", DATA, _grade(before, after, cell), pair.at(f"heatmap, {_place(pair, cell, size)}"),
            _drawn_as(float(before[cell]), float(after[cell])),
            [_cell(pair, two, cell, size)],
        )
        for cell in unequal
    ]  # fmt: skip


def _drawn_as(before: float, after: float) -> str:
    """What a cell shows instead of its value, in words; a cell without a value is blank."""
    if np.isnan(after):
        return f"is blank instead of {figure(before)}"
    if np.isnan(before):
        return f"shows {figure(after)} instead of being blank"
    return "{} is drawn as {}".format(*figures(before, after))


def cell_boxes(pair: PanelPair, change: MarkChange) -> list[Box]:
    """Boxes of the cells with other values; empty if cells of the two heatmaps do not correspond."""
    one, two = change.before, change.after
    size = _common_size(change)
    if size is None:
        return []
    return [_cell(pair, two, int(cell), size) for cell in np.flatnonzero(~cells_alike(one, two))]


def _sizes(change: MarkChange) -> list[tuple[int, int]]:
    """Rows and columns of both heatmaps."""
    return [(int(mark.value("rows")), int(mark.value("columns"))) for mark in change.sides]


def _common_size(change: MarkChange) -> tuple[int, int] | None:
    """Rows and columns of two heatmaps whose cells correspond; None if they do not."""
    size, other = _sizes(change)
    return size if size == other and len(change.before.column("values")) == np.prod(size) else None


def _grade(before: Numbers, after: Numbers, cell: int) -> Severity:
    """Severity of one wrong cell."""
    if np.isnan([before[cell], after[cell]]).any():
        return severity.of_missing_share(1, len(before))
    reach = float(np.nanmax(before) - np.nanmin(before)) or None
    return severity.of_relative_change(before[cell], after[cell], reach)


def _place(pair: PanelPair, cell: int, size: tuple[int, int]) -> str:
    row, column = _seen(pair, cell, size)
    return f"row {row + 1}, column {column + 1}"


def _follows(change: MarkChange) -> bool:
    """True if the candidate's color limits are its least and greatest value, chosen automatically."""
    values = change.after.column("values")
    if not np.isfinite(values).any():
        return True
    ends = float(np.nanmin(values)), float(np.nanmax(values))
    return bool(np.allclose(ends, (change.after.value("low"), change.after.value("high"))))


def _limits(pair: PanelPair, change: MarkChange) -> list[Finding]:
    limits = [(mark.value("low"), mark.value("high")) for mark in change.sides]
    if limits[0] == limits[1] or not np.isfinite(limits).all():
        return []
    words = (f"colors run from {figure(limits[1][0])} to {figure(limits[1][1])} instead of"
             f" {figure(limits[0][0])} to {figure(limits[0][1])}")  # fmt: skip
    boxes = change.boxes
    grade = severity.of_limit_change(*limits)
    return [Finding("color_limits", DATA, grade, pair.at("heatmap"), words, boxes)]


def _cells(pair: PanelPair, change: MarkChange, unequal: NDArray[np.bool_]) -> Finding:
    one, two = change.before, change.after
    boxes = change.boxes
    first, second = one.element.data, two.element.data
    size = _sizes(change)
    if size[0] != size[1]:
        words = f"{size[1][0]} x {size[1][1]} cells instead of {size[0][0]} x {size[0][1]}"
        return Finding("cells", DATA, 3, pair.at("heatmap"), words, boxes)
    before, after = one.column("values"), two.column("values")
    if unequal.any():
        count = int(unequal.sum())
        place = _place(pair, int(np.flatnonzero(unequal)[0]), size[0])
        boxes = [_cell(pair, two, int(cell), size[0]) for cell in np.flatnonzero(unequal)]
        if count == 2 and permuted(before[unequal].tolist(), after[unequal].tolist()):
            words = f"the values of two cells are exchanged ({place})"
            return Finding("exchanged", DATA, 2, pair.at("heatmap"), words, boxes)
        worst = max(_grade(before, after, int(cell)) for cell in np.flatnonzero(unequal))
        for side, words in ((after, "are blank"), (before, "are no longer blank")):
            if np.isnan(side[unequal]).all():
                said = f"{count} of {len(before)} cells {words}"
                share = severity.of_missing_share(count, len(before))
                return Finding("values", DATA, share, pair.at("heatmap"), said, boxes)
        most: Severity = 2 if worst == 1 else 3
        grade = max(worst, min(severity.of_missing_share(count, len(before)), most))
        if 2 * count > len(before):
            shown = [(mark.column("values") - mark.value("low")) / (mark.value("high") - mark.value("low") or 1.0)
                     for mark in (one, two)]  # fmt: skip
            gaps = (shown[1] - shown[0])[unequal]
            # Colors are seen, not shares of cells: many slight ones mislead nobody about a value.
            grade = severity.grade(float(np.nanmedian(np.abs(gaps))), medium=0.1, severe=0.3)
            up = float((gaps > 0).mean())
            trend = "higher" if up > 0.6 else "lower" if up < 0.4 else "other"
            words = f"most cells show {trend} values, in other colors"
            return Finding("values", DATA, grade, pair.at("heatmap"), words, boxes, same=MOST)
        words = f"{count} of {len(before)} cells differ"
        return Finding("values", DATA, grade, pair.at("heatmap"), words, boxes)
    if first.get("hash") != second.get("hash"):
        return Finding("values", DATA, 2, pair.at("heatmap"), "values of cells differ", boxes)
    if limits := _limits(pair, change):
        return limits[0]
    if first.get("norm") != second.get("norm"):
        words = "colors run on another scale"
        return Finding("color_limits", DATA, 2, pair.at("heatmap"), words, boxes)
    return Finding("moved", DATA, 2, pair.at("heatmap"), "cells are in another place", boxes)


def _seen(pair: PanelPair, index: int, size: tuple[int, int]) -> tuple[int, int]:
    """Row and column of a cell from the top left; in the data the first row is the lowest."""
    row, column = divmod(index, size[1])
    x_scale, y_scale, _ = pair.candidate_scales
    if y_scale.low <= y_scale.high:
        row = size[0] - 1 - row
    if x_scale.low > x_scale.high:
        column = size[1] - 1 - column
    return row, column


def _cell(pair: PanelPair, mark: Mark, index: int, size: tuple[int, int]) -> Box:
    """The box of one heatmap cell in pixels."""
    left, top, right, bottom = mark.element.box or (0.0, 0.0, 0.0, 0.0)
    row, column = _seen(pair, index, size)
    height, width = (bottom - top) / size[0], (right - left) / size[1]
    return (
        left + column * width, top + row * height,
        left + (column + 1) * width, top + (row + 1) * height,
    )  # fmt: skip
