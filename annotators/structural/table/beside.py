"""Captions, and text that stands outside of the tables."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural.table.alignment import best_path, likeness
from annotators.structural.table.findings import found, layout_error
from annotators.structural.table.grid import TableGrid, shorten
from annotators.structural.table.part_looks import say
from annotators.structural.table.words import rewording
from records.rows import Box, Discrepancy
from records.taxonomy import TableCategory
from renderers.scene import Element

BESIDE = "text beside the table"

_LOOKS = ("align", "bold", "italic", "color", "size_px", "background")


def compare_captions(
    first: Element | None, second: Element | None, location: str
) -> list[Discrepancy]:
    """What differs between the captions of two tables; None is no caption."""
    if first is None or second is None:
        return _come_or_gone(TableCategory.LAYOUT, location, first, second)
    errors = []
    if first.text != second.text:
        change = rewording(first.text, second.text)
        words = change.category, change.severity, location, change.description
        errors.append(found(*words, second.box))
    if first.data.get("side") != second.data.get("side"):
        sides = str(first.data.get("side")), str(second.data.get("side"))
        errors.append(_other_side(location, sides, second.box))
    changed = [kind for kind in _LOOKS if first.style.get(kind) != second.style.get(kind)]
    if changed:
        looks = [(kind, first.style.get(kind), second.style.get(kind)) for kind in changed]
        errors.append(layout_error(1, location, "; ".join(map(say, looks)), second.box))
    return errors


def _come_or_gone(
    category: TableCategory, location: str, first: Element | None, second: Element | None
) -> list[Discrepancy]:
    """One label for a text that only one side has; none where neither has it."""
    one = first or second
    if one is None:
        return []
    what = "is missing" if second is None else "is not in the reference"
    return [found(category, 2, location, f"'{shorten(one.text, 60)}' {what}", one.box)]


def _other_side(location: str, sides: tuple[str, str], box: Box | None) -> Discrepancy:
    what = f"is {sides[1]} the table instead of {sides[0]} it"
    return layout_error(2, location, what, box)


def caption_as_text(
    tables: tuple[Element, Element], blocks: tuple[Sequence[Element], Sequence[Element]], place: str
) -> tuple[list[Discrepancy], set[int]]:
    """A caption on one side that is text beside the table on the other.

    Args:
        blocks: Text outside of the tables, of both sides.

    Returns:
        What of it shows, and the ids of both elements: they correspond.
    """
    captions = tables[0].part("caption"), tables[1].part("caption")
    for mine, other in ((0, 1), (1, 0)):
        caption = captions[mine]
        if caption is None or captions[other] is not None:
            continue
        block = next((block for block in blocks[other] if block.text == caption.text), None)
        if block is None:
            return [], set()
        table_box = tables[other].box
        below = bool(block.box and table_box and block.box[1] > table_box[1])
        sides = str(caption.data.get("side")), "below" if below else "above"
        aligned = caption.style.get("align"), block.style.get("align")
        if mine:  # the candidate's is the caption
            sides, aligned = sides[::-1], aligned[::-1]
        box = caption.box if mine else block.box
        errors = []
        if sides[0] != sides[1]:
            errors.append(_other_side(f"{place}caption", sides, box))
        elif aligned[0] != aligned[1]:
            what = say(("align", *aligned))
            errors.append(layout_error(1, f"{place}caption", what, box))
        return errors, {id(caption), id(block)}
    return [], set()


def caption_as_row(
    tables: tuple[Element, Element], grids: tuple[TableGrid, TableGrid], place: str
) -> tuple[list[Discrepancy], tuple[TableGrid, TableGrid], bool]:
    """A caption on one side that is the first or the last row on the other.

    Returns:
        The label, the grids of both tables without that row, and True if there is such a row.
    """
    for mine, other in ((0, 1), (1, 0)):
        caption, grid = tables[mine].part("caption"), grids[other]
        if caption is None or tables[other].part("caption") is not None or not grid.height:
            continue
        for row in {0, grid.height - 1}:
            words = [cell for cell in grid.rows[row] if cell.text]
            if [cell.text for cell in words] != [caption.text]:
                continue
            without = TableGrid.of(tables[other], place, skip=row)
            what = "is a row of the table" if other else "is beside the table instead of in a row"
            box = words[0].box if other else caption.box
            error = layout_error(2, f"{place}caption", what, box)
            return [error], (grids[0], without) if other else (without, grids[1]), True
    return [], grids, False


def note_as_text(
    tables: tuple[Element, Element], blocks: tuple[Sequence[Element], Sequence[Element]], place: str
) -> tuple[list[Discrepancy], set[int], tuple[TableGrid, TableGrid]]:
    """A note that is the last row of the table on one side and text beside it on the other.

    Args:
        blocks: Text outside of the tables, of both sides.

    Returns:
        The label, the id of the text beside the table, and the grids of both tables without that row.
    """
    grids = TableGrid.of(tables[0], place), TableGrid.of(tables[1], place)
    for mine, other in ((0, 1), (1, 0)):
        last = grids[mine].height - 1
        words = [cell for cell in grids[mine].rows[last] if cell.text] if last > 0 else []
        block = next(
            (one for one in blocks[other] if len(words) == 1 and one.text == words[0].text), None
        )
        if block is None:
            continue
        without = TableGrid.of(tables[mine], place, skip=last)
        where = (
            "the last row of the table instead of beside it"
            if mine
            else "beside the table instead of in its last row"
        )
        box = words[0].box if mine else block.box
        error = layout_error(2, f"{place}note", f"'{shorten(block.text, 60)}' is {where}", box)
        return [error], {id(block)}, (grids[0], without) if mine else (without, grids[1])
    return [], set(), grids


def compare_blocks(
    reference: Sequence[Element], candidate: Sequence[Element], reordered: bool
) -> list[Discrepancy]:
    """Text outside of the tables.

    Args:
        reference: The reference's texts, in the order in which they are read.
        reordered: True if the tables come in another order: what stands beside them goes along.
    """
    old, new = [block.text for block in reference], [block.text for block in candidate]
    pairs = best_path(len(old), len(new), lambda a, b: likeness(old[a], new[b]) - 0.2)
    lost = sorted(set(range(len(reference))) - {pair[0] for pair in pairs})
    come = sorted(set(range(len(candidate))) - {pair[1] for pair in pairs})
    errors = []
    for number in list(lost):
        same = [other for other in come if new[other] == old[number]]
        if not same:
            continue
        lost.remove(number)
        come.remove(same[0])
        if not reordered:
            what = f"'{shorten(old[number], 60)}' is in another place"
            errors.append(layout_error(2, BESIDE, what, candidate[same[0]].box))
    for row, column in pairs:
        if old[row] != new[column]:
            change = rewording(old[row], new[column])
            box = candidate[column].box
            errors.append(found(change.category, change.severity, BESIDE, change.description, box))
    for number in lost:
        errors += _come_or_gone(TableCategory.TEXT, BESIDE, reference[number], None)
    for number in come:
        errors += _come_or_gone(TableCategory.TEXT, BESIDE, None, candidate[number])
    return errors
