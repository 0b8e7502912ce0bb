"""Compares two drawn tables: each cause is reported once, in a person's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from annotators.structural.pixels import PixelDifference
from annotators.structural.table import beside
from annotators.structural.table.alignment import best_path, likeness
from annotators.structural.table.findings import Pair, found, layout_error
from annotators.structural.table.grid import Cell, TableGrid
from annotators.structural.table.layout import compare_layout
from annotators.structural.table.looks import compare_looks
from annotators.structural.table.part_looks import MANY, cells_error
from annotators.structural.table.rows_and_columns import WORD
from annotators.structural.table.sizes import compare_sizes, line_spacing, row_heights
from annotators.structural.table.texts import compare_texts
from records.rows import Discrepancy, box_around
from records.taxonomy import TableCategory
from renderers.scene import Element, Scene

MAX_DEPTH = 8
"""Nested tables are compared to this depth; deeper ones count as text."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two tables, each reported once.

    Boxes are in pixels of the candidate, or of the reference if the candidate lacks the part.
    A truncated scene proves nothing: the result is empty.

    Args:
        pixels: Their pixel difference; what changed no pixel is no discrepancy.
    """
    if pixels.identical or reference.truncated or candidate.truncated:
        return []
    errors = _compare_documents(reference.root, candidate.root, pixels)
    before, after = reference.root.style.get("page"), candidate.root.style.get("page")
    if before != after:
        what = f"the page is {after or 'white'} instead of {before or 'white'}"
        box = (0.0, 0.0, float(candidate.width_px), float(candidate.height_px))
        errors.append(layout_error(2, "page", what, box))
    return errors


def _parts(root: Element, role: str) -> list[Element]:
    if root.role == "table":
        return [root] if role == "table" else []
    return root.parts(role)


def _compare_documents(
    reference: Element, candidate: Element, pixels: PixelDifference
) -> list[Discrepancy]:
    first, second = _parts(reference, "table"), _parts(candidate, "table")
    errors: list[Discrepancy] = []
    words = [_words(table) for table in first], [_words(table) for table in second]
    reordered = False
    torn = _torn(words[0], words[1])
    if torn is not None:
        halves = second[torn : torn + 2] if len(second) > len(first) else [second[torn]]
        what = "split in two" if len(second) > len(first) else "joined with the next one"
        place = f"table {torn + 1}" if len(first) > 1 else "table"
        box = box_around([half.box for half in halves])
        errors.append(layout_error(3, place, f"the table is {what}", box))
        pairs = []
        first, second = [], []
    elif len(first) == len(second):
        order = _order(words[0], words[1])
        pairs = list(enumerate(order))
        moved = [index for index, place in pairs if index != place]
        reordered = bool(moved)
        if moved:
            location = f"tables {' and '.join(str(index + 1) for index in moved)}"
            boxes = [second[index].box for index in moved]
            errors.append(layout_error(2, location, "are in another order", box_around(boxes)))
    else:
        pairs = best_path(
            len(first), len(second), lambda a, b: 0.05 + likeness(words[0][a], words[1][b])
        )
    many = len(first) > 1
    blocks = _parts(reference, "block"), _parts(candidate, "block")
    settled: set[int] = set()
    for row, column in pairs:
        place = f"table {row + 1}, " if many else ""
        tables = first[row], second[column]
        errors_of_caption, same = beside.caption_as_text(tables, blocks, place)
        errors_of_note, note, grids = beside.note_as_text(tables, blocks, place)
        errors += errors_of_caption + errors_of_note
        settled |= same | note
        errors += _compare_tables(*tables, grids, pixels, bool(same))
    for number in sorted(set(range(len(first))) - {pair[0] for pair in pairs}):
        errors.append(_whole(first[number], f"table {number + 1}", "the table is missing"))
    for number in sorted(set(range(len(second))) - {pair[1] for pair in pairs}):
        more = "the table is not in the reference"
        errors.append(_whole(second[number], f"table {number + 1}", more))
    left = [[block for block in side if id(block) not in settled] for side in blocks]
    errors += beside.compare_blocks(left[0], left[1], reordered)
    return errors


def _torn(before: Sequence[str], after: Sequence[str]) -> int | None:
    """Index of the table that the other side draws as two tables, if all other tables are equal."""
    few, many = sorted((list(before), list(after)), key=len)
    if len(many) != len(few) + 1:
        return None
    for at in range(len(few)):
        whole = f"{many[at]} {many[at + 1]}"[:2000]
        if [*few[:at], whole, *few[at + 1 :]] == [*many[:at], whole, *many[at + 2 :]]:
            return at if few[at] == whole else None
    return None


SAME_TABLE = 0.9
"""A table elsewhere is the same table if the similarity of its words is at least this."""


def _order(before: Sequence[str], after: Sequence[str]) -> list[int]:
    """Place of each table in the candidate; the order changes only if every table is found."""
    chosen: list[int] = []
    for words in before:
        left = [place for place in range(len(after)) if place not in chosen]
        chosen.append(max(left, key=lambda place: likeness(words, after[place])))
    found_again = all(
        likeness(words, after[place]) >= SAME_TABLE
        for words, place in zip(before, chosen, strict=True)
    )
    return chosen if found_again else list(range(len(after)))


def _words(element: Element) -> str:
    return " ".join(below.text for below in element.walk() if below.text)[:2000]


def _said(element: Element) -> list[str]:
    return WORD.findall(_words(element))


def _whole(element: Element, location: str, description: str) -> Discrepancy:
    return layout_error(3, location, description, element.box)


def _compare_tables(
    reference: Element,
    candidate: Element,
    grids: tuple[TableGrid, TableGrid],
    pixels: PixelDifference,
    caption_known: bool = False,
    depth: int = 0,
) -> list[Discrepancy]:
    place = grids[0].place
    unpacked = _unpacked(reference, candidate, place)
    if unpacked:
        return unpacked
    errors, (before, after), in_row = beside.caption_as_row((reference, candidate), grids, place)
    if turned := _transposed(before, after):
        return [*errors, turned]
    layout = compare_layout(before, after)
    errors += layout.errors
    if not (caption_known or in_row):
        captions = reference.part("caption"), candidate.part("caption")
        errors += beside.compare_captions(*captions, f"{place}caption")
    words = [(_with_words(mine, layout.joined.get(id(two))), two) for mine, two in layout.pairs]
    errors += compare_texts(after, words, pixels)
    stayed = [pair for pair in layout.pairs if id(pair[1]) not in layout.slid]
    errors += compare_looks(after, stayed, layout.spans, pixels)
    for mine, theirs in layout.pairs:
        errors += _compare_contents(after, mine, theirs, pixels, depth)
    errors += _lost_check_boxes(after, layout.pairs)
    spacing = row_heights(before, after, stayed) + line_spacing(after, stayed)
    # Other widths and heights follow from what was found; they count where nothing was.
    return errors + (spacing or ([] if errors else compare_sizes(before, after, stayed)))


def _with_words(cell: Cell, words: str | None) -> Cell:
    """A cell with the words that it should have after its cells were merged or split."""
    if words is None:
        return cell
    return replace(cell, element=msgspec.structs.replace(cell.element, text=words))


def _transposed(before: TableGrid, after: TableGrid) -> Discrepancy | None:
    """One label if the rows of one table are the columns of the other."""
    size = before.height, before.width
    if (after.width, after.height) != size or min(size) < 2:
        return None
    if any(cell.rowspan * cell.colspan > 1 for cell in (*before.cells, *after.cells)):
        return None
    turned = {(cell.column, cell.row): cell.text for cell in before.cells}
    straight = {(cell.row, cell.column): cell.text for cell in before.cells}
    alike, kept = (
        sum(known.get((cell.row, cell.column)) == cell.text for cell in after.cells)
        for known in (turned, straight)
    )
    if alike < MOST_TURNED * len(after.cells) or kept >= alike:
        return None
    return layout_error(
        3, f"{before.place}table", "its rows and columns are exchanged", after.element.box
    )


MOST_TURNED = 0.8
"""Share of the cells from which a table is a transposed one; others may say something else."""


def _unpacked(reference: Element, candidate: Element, place: str) -> list[Discrepancy]:
    """One label where both tables say the same and only one has tables in its cells."""
    inner = [
        [below for below in table.walk() if below.role == "table" and below is not table]
        for table in (reference, candidate)
    ]
    if bool(inner[0]) == bool(inner[1]) or _said(reference) != _said(candidate):
        return []
    if inner[1]:
        what = "a table is in a cell instead of rows, columns or words of its own"
        box = box_around([table.box for table in inner[1]])
        return [layout_error(3, f"{place}table", what, box)]
    grid = TableGrid.of(reference, place)
    home = next(cell for cell in grid.cells if any(cell.element.parts("table")))
    what = "its inner table is written as words"
    if TableGrid.of(candidate).height > grid.height:
        what = "its inner table is written as rows and columns of the outer one"
    return [layout_error(3, grid.name(home), what, candidate.box)]


def _compare_contents(
    grid: TableGrid, mine: Cell, theirs: Cell, pixels: PixelDifference, depth: int
) -> list[Discrepancy]:
    """Compare tables, pictures and check boxes within a cell."""
    bare = not (mine.element.children or theirs.element.children)
    if bare and mine.element.text == theirs.element.text:
        return []
    errors: list[Discrepancy] = []
    first, second = mine.element.parts("table"), theirs.element.parts("table")
    place = f"{grid.name(theirs)}, inner "
    if depth < MAX_DEPTH:
        for one, other in zip(first, second, strict=False):
            inner = (TableGrid.of(one, f"{place}table, "), TableGrid.of(other, f"{place}table, "))
            errors += _compare_tables(one, other, inner, pixels, depth=depth + 1)
    for one in first[len(second) :]:
        errors.append(_whole(one, f"{place}table", "the table is missing"))
    for other in second[len(first) :]:
        errors.append(_whole(other, f"{place}table", "the table is not in the reference"))
    errors += _changed_check_boxes(grid, mine, theirs)
    pictures, shown = mine.pictures, theirs.pictures
    for one, other in zip(pictures, shown, strict=False):
        if one.data != other.data:
            what = "shows another picture"
            errors.append(layout_error(2, grid.name(theirs), what, other.box))
    for one in pictures[len(shown) :]:
        errors.append(layout_error(2, grid.name(theirs), "the picture is missing", one.box))
    for other in shown[len(pictures) :]:
        errors.append(layout_error(2, grid.name(theirs), "a picture has been added", other.box))
    return errors


def _lost_check_boxes(grid: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """Check boxes that came or went: one error a cell, or one for `MANY` cells and more."""
    cells: dict[str, list[Cell]] = {}
    for mine, theirs in pairs:
        if more := len(theirs.check_boxes) - len(mine.check_boxes):
            boxes = "a check box is" if abs(more) == 1 else f"{abs(more)} check boxes are"
            what = f"{boxes} {'missing' if more < 0 else 'not in the reference'}"
            cells.setdefault(what, []).append(theirs)
    errors = []
    for what, alike in cells.items():
        if len(alike) < MANY:
            errors += [layout_error(2, grid.name(cell), what, cell.box) for cell in alike]
            continue
        words = f"{what} in each of {len(alike)} cells"
        errors.append(cells_error(grid, alike, 2, words, "same_words_in_many_cells"))
    return errors


def _changed_check_boxes(grid: TableGrid, mine: Cell, theirs: Cell) -> list[Discrepancy]:
    before, after = mine.check_boxes, theirs.check_boxes
    if len(before) != len(after):
        return []
    errors = []
    for number, (then, now) in enumerate(zip(before, after, strict=True)):
        if then != now:
            what = f"the check box is {_state(now)} instead of {_state(then)}"
            box = theirs.fields[number].box if theirs.fields else theirs.box
            errors.append(found(TableCategory.TEXT, 3, grid.name(theirs), what, box))
    return errors


def _state(checked: bool) -> str:
    return "checked" if checked else "empty"
