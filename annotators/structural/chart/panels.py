"""Pairs the axes of two charts and compares their arrangement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, STRUCTURE, STYLE, Finding, Place, both
from annotators.structural.chart.marks import MARKS
from annotators.structural.chart.seen.axis_units import axis_of
from annotators.structural.chart.words import quoted
from annotators.structural.matching import assign, grouped, leftover, paired
from annotators.structural.why import explains
from records.taxonomy import Severity
from renderers.scene import Element, Scene


@dataclass(frozen=True, slots=True)
class PanelGrid:
    """The rows and columns of the main axes of a chart."""

    cells: dict[int, tuple[int, int]]
    """Index of an axes -> row and column, from 0."""

    @property
    def size(self) -> tuple[int, int]:
        rows = {row for row, _ in self.cells.values()}
        columns = {column for _, column in self.cells.values()}
        return len(rows), len(columns)


@dataclass(frozen=True, slots=True)
class PairedAxes:
    """The axes of two charts, and which of them correspond."""

    mine: list[Element]
    theirs: list[Element]
    indices: list[tuple[int, int]]

    @property
    def sides(self) -> list[tuple[Element, Element]]:
        """Axes that correspond, before and after."""
        return [(self.mine[i], self.theirs[j]) for i, j in self.indices]


def paired_axes(reference: Scene, candidate: Scene) -> PairedAxes:
    """Pair the axes of two charts by content and place."""
    mine, theirs = axes_of(reference), axes_of(candidate)
    if len(mine) == len(theirs) == 1:
        return PairedAxes(mine, theirs, [(0, 0)])
    first, second = [_content(part) for part in mine], [_content(part) for part in theirs]
    cost = [
        [_cost(one, two, x, y) for two, y in zip(theirs, second, strict=True)]
        for one, x in zip(mine, first, strict=True)
    ]
    return PairedAxes(mine, theirs, assign(cost, limit=0.95))


def axes_of(scene: Scene) -> list[Element]:
    """All axes of a chart; insets follow the axes that contain them."""
    found: list[Element] = []
    for child in scene.root.children:
        if child.role == "axes":
            found.append(child)
            found += child.parts("axes")
    return found


def grid_of(axes: Sequence[Element]) -> PanelGrid:
    """The rows and columns of axes, by their boxes."""
    main = [i for i, part in enumerate(axes) if part.data.get("kind") == "main" and part.box]

    def ranks(low: int, high: int) -> dict[int, int]:
        order = sorted(main, key=lambda i: axes[i].box[low])  # type: ignore[index]
        found: dict[int, int] = {}
        rank, edge = -1, -1.0
        for i in order:
            box = axes[i].box
            assert box is not None
            middle = (box[low] + box[high]) / 2
            if rank < 0 or box[low] > edge:
                rank, edge = rank + 1, middle
            found[i] = rank
        return found

    rows, columns = ranks(1, 3), ranks(0, 2)
    return PanelGrid({i: (rows[i], columns[i]) for i in main})


def name_of(index: int, axes: Sequence[Element], grid: PanelGrid) -> str:
    """The name of an axes in words."""
    kind = str(axes[index].data.get("kind"))
    if kind == "main":
        if len(grid.cells) < 2:
            return "chart"
        row, column = grid.cells.get(index, (0, 0))
        return f"subplot (row {row + 1}, column {column + 1})"
    return {"twin": "second axis", "inset": "inset", "colorbar": "color bar"}.get(kind, kind)


def _content(axes: Element) -> Counter[str | bytes]:
    words: Counter[str | bytes] = Counter()
    for part in axes.children:
        if part.role in ("title", "axis_label"):
            words[f"{part.role} {part.text}"] += 3
        elif part.role == "text":
            words[f"text {part.text}"] += 1
        elif part.role in MARKS:
            words[msgspec.msgpack.encode((part.role, part.data))] += 2
            words[f"{part.role}"] += 1
            words[f"look {part.style.get('face')} {part.style.get('color')} {part.text}"] += 1
        elif part.role == "axis":
            words[f"ticks {part.data.get('labels')}"] += 1
    return words


def _cost(
    one: Element, two: Element, first: Counter[str | bytes], second: Counter[str | bytes]
) -> float:
    kinds = one.data.get("kind"), two.data.get("kind")
    if kinds[0] != kinds[1] and "colorbar" in kinds:
        return float("inf")
    few, many = sorted((first, second), key=len)
    common = sum(min(count, many[word]) for word, count in few.items() if word in many)
    unlike = 1 - common / max(1, first.total() + second.total() - common)
    far = min(1.0, 0.75 * float(np.abs(one.numbers("position") - two.numbers("position")).sum()))
    return 0.5 * unlike + 0.4 * far + 0.15 * (kinds[0] != kinds[1])


def _same_place(one: Element, two: Element) -> bool:
    gaps = one.numbers("position") - two.numbers("position")
    return bool(len(gaps) and (np.abs(gaps) < 0.1).all())


def arrangement(axes: PairedAxes) -> list[Finding]:
    """Findings on subplots that are missing, extra, exchanged or arranged differently."""
    mine, theirs, pairs = axes.mine, axes.theirs, axes.indices
    grid, other = grid_of(mine), grid_of(theirs)
    found: list[Finding] = []
    gone = leftover(len(mine), [i for i, _ in pairs])
    new = leftover(len(theirs), [j for _, j in pairs])
    for i in list(gone):
        # A color bar that was never filled leaves an empty axes in its place.
        if mine[i].data.get("kind") == "colorbar":
            empty = next((j for j in new if not _content(theirs[j]).keys() & {"line", "bar", "heatmap"}
                          and _same_place(mine[i], theirs[j])), None)  # fmt: skip
            if empty is not None:
                new.remove(empty)
    for indices, every, places, lacking in ((gone, mine, grid, True), (new, theirs, other, False)):
        kinds = [str(axes.data.get("kind")) for axes in every]
        for kind, members in grouped(indices, kinds.__getitem__).items():
            names = []
            for index in members:
                title = every[index].part("title")
                name = name_of(index, every, places)
                names.append(f"{name} {quoted(title.text, 40)}" if title and title.text else name)
            several = len(members) > 1
            word = f"{'are' if several else 'is'} {'missing' if lacking else 'extra'}"
            grade: Severity = 2 if kind == "colorbar" else 3
            boxes = [part.box for index in members for part in every[index].walk() if part.box]
            found.append(
                Finding(f"{kind}_axes", STRUCTURE, grade, Place(tuple(names)), word, boxes)
            )
    if gone or new:
        return found
    moved = [
        (i, j)
        for i, j in pairs
        if i in grid.cells and j in other.cells and grid.cells[i] != other.cells[j]
    ]
    if not moved:
        return found
    boxes = [box for i, j in moved for box in both(mine[i], theirs[j])]
    if {grid.cells[i] for i, _ in moved} == {other.cells[j] for _, j in moved}:
        pair_names = tuple(name_of(i, mine, grid) for i, _ in moved)
        words, place = "are exchanged", Place(pair_names)
        if len(moved) > 2:
            words, place = "are in another order", Place(("subplots",))
    else:
        before, after = grid.size, other.size
        words = f"arranged in {after[0]} x {after[1]} instead of {before[0]} x {before[1]} (rows x columns)"
        place = Place(("subplots",))
        if before == after:
            words = "arranged differently"
    return [*found, Finding("arrangement", STRUCTURE, 3, place, words, boxes)]


def sharing(sides: Sequence[tuple[Element, Element]]) -> tuple[list[Finding], set[str]]:
    """Findings on axes shared by subplots in one chart only, and the directions in which that is
    visible."""
    found: list[Finding] = []
    directions: set[str] = set()
    for direction in "xy":
        group = [
            (one, two) for one, two in sides
            if direction in f"{one.data.get('shared')}{two.data.get('shared')}"
        ]  # fmt: skip
        changed = [
            (one, two) for one, two in group
            if (direction in str(one.data.get("shared"))) != (direction in str(two.data.get("shared")))
            and _frame_differs(one, two, direction)
        ]  # fmt: skip
        if not changed or _seen_alike(group, direction):
            continue
        directions.add(direction)
        lost = direction in str(changed[0][0].data.get("shared"))
        words = "not shared by the subplots" if lost else "shared by the subplots"
        boxes = [box for one, two in changed for box in both(one, two)]
        for axes in (part for pair in changed for part in pair):
            box = axis_of(axes, direction).box
            boxes += [box] if box else []
        found.append(Finding("sharing", STRUCTURE, 2, Place((f"{direction} axes",)), words, boxes))
    return found, directions


def _frame_differs(one: Element, two: Element, direction: str) -> bool:
    """True if limits or tick labels differ, so that sharing is visible."""
    axes = [part.part("axis", axis=direction) for part in (one, two)]
    data = [axis.data for axis in axes if axis is not None]
    return len(data) == 2 and any(
        data[0].get(key) != data[1].get(key) for key in ("low", "high", "labels")
    )


def _seen_alike(group: Sequence[tuple[Element, Element]], direction: str) -> bool:
    """True if a shared axis looks the same as separate ones.

    Sharing is visible if the subplots have equal limits, or if only some have labels.
    """
    seen = []
    for side in (0, 1):
        axes = [pair[side].part("axis", axis=direction) for pair in group]
        labels = [part.column("labels") for part in axes if part is not None]
        ends = np.array(
            [[part.number(key) or 0.0 for key in ("low", "high")] for part in axes if part]
        )
        reach = np.abs(ends[:, 1] - ends[:, 0]).min() if len(ends) else 0.0
        equal = not len(ends) or bool((np.ptp(ends, axis=0) <= EQUAL_ENDS * reach).all())
        seen.append(([any(words) for words in labels], equal))
    return seen[0] == seen[1]


EQUAL_ENDS = 0.015
"""Limits of subplots that differ by less than this share of an axis are read as equal."""


def twins_lost(axes: PairedAxes) -> dict[int, list[Element]]:
    """For each pair of axes, twin axes that exist in one chart only; their marks may now be drawn
    in the pair."""
    found: dict[int, list[Element]] = {}
    sides, gone, new = paired(axes.mine, axes.theirs, axes.indices)
    for number, (one, two) in enumerate(sides):
        lying = [part for part in gone if part.box == one.box]
        lying += [part for part in new if part.box == two.box]
        if lying:
            found[number] = lying
    return found


FOLLOWING = ("limits", "ticks", "tick_labels")


def without_shared(
    axes: Sequence[tuple[Element, Element]], known: Sequence[Explained], found: Sequence[Finding]
) -> list[Finding]:
    """The findings without limits and ticks that follow from data of another axes with a shared axis."""
    result = []
    for finding in found:
        direction = finding.direction if finding.kind in FOLLOWING else ""
        if direction in ("x", "y") and 0 <= finding.axes < len(axes):
            one, two = axes[finding.axes]
            causes = [
                about for pair, about in zip(axes, known, strict=True)
                if about.data and pair[0] is not one and _tied(one, pair[0], direction)
            ]  # fmt: skip
            follows = causes and not _same_ends(one, two, direction)
            if follows and all(axis_of(axes, direction).data.get("auto") for axes in (one, two)):
                explains("shared_axis_follows_data", causes[0].because, finding)
                continue
        result.append(finding)
    return result


def without_echoes(
    axes: Sequence[tuple[Element, Element]], layout: Sequence[Finding], found: Sequence[Finding]
) -> list[Finding]:
    """The findings without what follows from an inset: the frame of what it enlarges, and values that
    it shows once more."""
    lost = [one for one in layout if one.kind == "inset_axes"]
    inside = {at for at, (one, _) in enumerate(axes) if one.data.get("kind") == "inset"}
    limits = [one for one in found if one.kind == "limits" and one.axes in inside]
    around = [one for one in found if one.category is DATA and one.axes not in inside]
    result = []
    for finding in found:
        causes: list[Finding] = []
        if finding.role == "zoom" and finding.category is not STYLE:
            causes = limits
        elif finding.role == "zoom" and finding.kind in ("missing", "extra"):
            causes = lost
        elif finding.category is DATA and finding.axes in inside:
            causes = [
                one for one in around
                if (one.place.names, one.role) == (finding.place.names, finding.role)
            ]  # fmt: skip
        if causes:
            explains("shown_by_an_inset", causes[0], finding)
            causes[0].boxes.extend(finding.boxes)
        else:
            result.append(finding)
    return result


def _tied(one: Element, two: Element, direction: str) -> bool:
    """True if two axes have a common scale: they share an axis or lie on each other."""
    if one.box == two.box and "twin" in (one.data.get("kind"), two.data.get("kind")):
        return True
    return all(direction in str(part.data.get("shared")) for part in (one, two))


def _same_ends(one: Element, two: Element, direction: str) -> bool:
    """True if an axis runs as far in two axes."""
    parts = [axes.part("axis", axis=direction) for axes in (one, two)]
    ends = [(part.data.get("low"), part.data.get("high")) for part in parts if part is not None]
    return len(ends) == 2 and ends[0] == ends[1]
