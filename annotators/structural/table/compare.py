"""Compares two drawn tables: each cause is reported once, in a person's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from annotators.structural.pixels import PixelDifference
from annotators.structural.table import severity as table_severity
from annotators.structural.table.alignment import best_path, likeness
from annotators.structural.table.findings import Pair, found, record_cells
from annotators.structural.table.grid import Cell, TableGrid, shorten, union
from annotators.structural.table.layout import compare_layout
from annotators.structural.table.looks import compare_looks, say, where
from annotators.structural.table.words import is_numeric, rewording, spacing_only
from annotators.structural.visibility import size_noticed
from annotators.structural.why import unsaid
from records.rows import Discrepancy
from records.taxonomy import TableCategory
from renderers.scene import Element, Scene

MAX_DEPTH = 8
"""Nested tables are compared to this depth; deeper ones count as text."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two tables, each reported once.

    Boxes are in pixels of the candidate, or of the reference if the candidate lacks the part.
    A truncated scene proves nothing: the result is empty.

    Args:
        reference: What the reference draws.
        candidate: What the candidate draws.
        pixels: Their pixel difference; what changed no pixel is no discrepancy.
    """
    if pixels.identical or reference.truncated or candidate.truncated:
        return []
    errors = _compare_documents(reference.root, candidate.root, pixels)
    before, after = reference.root.style.get("page"), candidate.root.style.get("page")
    if before != after:
        errors.append(
            found(
                TableCategory.LAYOUT,
                2,
                "page",
                f"the page is {after or 'white'} instead of {before or 'white'}",
                (0.0, 0.0, float(candidate.width_px), float(candidate.height_px)),
            )
        )
    return errors


def _parts(root: Element, role: str) -> list[Element]:
    if root.role == "table":
        return [root] if role == "table" else []
    return [child for child in root.children if child.role == role]


def _compare_documents(
    reference: Element, candidate: Element, pixels: PixelDifference
) -> list[Discrepancy]:
    first, second = _parts(reference, "table"), _parts(candidate, "table")
    errors: list[Discrepancy] = []
    words = [_words(table) for table in first], [_words(table) for table in second]
    torn = _torn(words[0], words[1])
    if torn is not None:
        halves = second[torn : torn + 2] if len(second) > len(first) else [second[torn]]
        what = "split in two" if len(second) > len(first) else "joined with the next one"
        place = f"table {torn + 1}" if len(first) > 1 else "table"
        box = union([half.box for half in halves])
        errors.append(found(TableCategory.LAYOUT, 3, place, f"the table is {what}", box))
        pairs = []
        first, second = [], []
    elif len(first) == len(second):
        order = _order(words[0], words[1])
        pairs = list(enumerate(order))
        moved = [index for index, place in pairs if index != place]
        if moved:
            location = f"tables {' and '.join(str(index + 1) for index in moved)}"
            boxes = [second[index].box for index in moved]
            errors.append(
                found(TableCategory.LAYOUT, 2, location, "come in another order", union(boxes))
            )
    else:
        pairs = best_path(
            len(first), len(second), lambda a, b: 0.05 + likeness(words[0][a], words[1][b])
        )
    many = len(first) > 1
    for row, column in pairs:
        place = f"table {row + 1}, " if many else ""
        errors += _compare_tables(first[row], second[column], place, pixels, 0)
    for number in sorted(set(range(len(first))) - {pair[0] for pair in pairs}):
        errors.append(_whole(first[number], f"table {number + 1}", "the table is missing"))
    for number in sorted(set(range(len(second))) - {pair[1] for pair in pairs}):
        errors.append(
            _whole(second[number], f"table {number + 1}", "the table is not in the reference")
        )
    errors += _compare_blocks(_parts(reference, "block"), _parts(candidate, "block"))
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


def _whole(element: Element, location: str, description: str) -> Discrepancy:
    return found(TableCategory.LAYOUT, 3, location, description, element.box)


def _compare_blocks(
    reference: Sequence[Element], candidate: Sequence[Element]
) -> list[Discrepancy]:
    """Compare text outside the tables."""
    pairs = best_path(
        len(reference),
        len(candidate),
        lambda a, b: likeness(reference[a].text, candidate[b].text) - 0.2,
    )
    errors = []
    for row, column in pairs:
        before, after = reference[row].text, candidate[column].text
        if before != after:
            change = rewording(before, after)
            errors.append(
                found(
                    change.category,
                    change.severity,
                    "text beside the table",
                    change.description,
                    candidate[column].box,
                )
            )
    lost = set(range(len(reference))) - {pair[0] for pair in pairs}
    come = set(range(len(candidate))) - {pair[1] for pair in pairs}
    for number in sorted(lost):
        text = shorten(reference[number].text, 60)
        errors.append(
            found(
                TableCategory.TEXT,
                2,
                "text beside the table",
                f"'{text}' is missing",
                reference[number].box,
            )
        )
    for number in sorted(come):
        text = shorten(candidate[number].text, 60)
        errors.append(
            found(
                TableCategory.TEXT,
                2,
                "text beside the table",
                f"'{text}' is not in the reference",
                candidate[number].box,
            )
        )
    return errors


def _compare_tables(
    reference: Element, candidate: Element, place: str, pixels: PixelDifference, depth: int
) -> list[Discrepancy]:
    before, after = TableGrid.of(reference, place), TableGrid.of(candidate, place)
    layout = compare_layout(before, after)
    errors = list(layout.errors)
    errors += _compare_captions(reference, candidate, place)
    errors += _compare_texts(after, layout.pairs, pixels)
    stayed = [pair for pair in layout.pairs if id(pair[1]) not in layout.slid]
    errors += compare_looks(after, stayed, pixels)
    for mine, theirs in layout.pairs:
        errors += _compare_contents(after, mine, theirs, pixels, depth)
    if not errors:
        errors += _compare_sizes(before, after, layout.pairs)
    return errors


def _compare_captions(reference: Element, candidate: Element, place: str) -> list[Discrepancy]:
    first = next((child for child in reference.children if child.role == "caption"), None)
    second = next((child for child in candidate.children if child.role == "caption"), None)
    location = f"{place}caption"
    if first is None and second is None:
        return []
    if first is not None and second is None:
        text = f"'{shorten(first.text, 60)}' is missing"
        return [found(TableCategory.LAYOUT, 2, location, text, first.box)]
    if second is not None and first is None:
        text = f"'{shorten(second.text, 60)}' is not in the reference"
        return [found(TableCategory.LAYOUT, 2, location, text, second.box)]
    assert first is not None and second is not None
    if first.text != second.text:
        change = rewording(first.text, second.text)
        return [found(change.category, change.severity, location, change.description, second.box)]
    changed = [
        kind
        for kind in ("align", "bold", "italic", "colour", "size_px", "background")
        if first.style.get(kind) != second.style.get(kind)
    ]
    errors = []
    if first.data.get("side") != second.data.get("side"):
        what = f"stands {second.data.get('side')} the table instead of {first.data.get('side')} it"
        errors.append(found(TableCategory.LAYOUT, 2, location, what, second.box))
    if changed:
        what = "; ".join(
            say((kind, first.style.get(kind), second.style.get(kind))) for kind in changed
        )
        errors.append(found(TableCategory.LAYOUT, 1, location, what, second.box))
    return errors


def _compare_texts(
    grid: TableGrid, pairs: Sequence[Pair], pixels: PixelDifference
) -> list[Discrepancy]:
    """Report cells with other words.

    Words exchanged by two cells, a column whose values shifted, and a change shared by many cells
    are one error each.
    """
    changed = [
        (mine, theirs)
        for mine, theirs in pairs
        if mine.text != theirs.text and _seen(mine, theirs, pixels)
    ]
    errors, changed = _slid_columns(grid, changed)
    exchanged, changed = _exchanged(grid, changed)
    errors += exchanged
    spaced = [pair for pair in changed if spacing_only(pair[0].text, pair[1].text)]
    alike: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for mine, theirs in changed:
        key = ("", " ") if (mine, theirs) in spaced else (mine.text, theirs.text)
        alike[key].append((mine, theirs))
    for group in alike.values():
        mine, theirs = group[0]
        change = rewording(mine.text, theirs.text)
        description = change.description
        if len(group) > 1:
            description += (
                f", and likewise in {len(group) - 1} more {'cells' if len(group) > 2 else 'cell'}"
            )
        cells = [other for _, other in group]
        errors.append(
            found(
                TableCategory.TEXT if group[0] in spaced else change.category,
                1 if group[0] in spaced else change.severity,
                where(grid, cells),
                description,
                union([cell.box for cell in cells]),
            )
        )
        if len(group) > 1:
            record_cells("same_words_in_many_cells", errors[-1], grid, cells)
    return errors


SLID = 3
"""A column has shifted if at least this many consecutive values equal their upper neighbors."""


def _slid_columns(grid: TableGrid, changed: Sequence[Pair]) -> tuple[list[Discrepancy], list[Pair]]:
    """Errors of columns whose values shifted by one row, and the remaining changes."""
    errors: list[Discrepancy] = []
    slid: set[int] = set()
    for column in sorted({theirs.column for _, theirs in changed}):
        here = sorted(
            ((m, t) for m, t in changed if t.column == column), key=lambda pair: pair[1].row
        )
        before = {mine.row: mine.text for mine, _ in here if mine.text}
        for step, way in ((1, "down"), (-1, "up")):
            moved = [
                pair
                for pair in here
                if pair[1].text and before.get(pair[1].row - step) == pair[1].text
            ]
            if len(moved) < SLID or len(moved) < 0.6 * len(here):
                continue
            slid |= {id(theirs) for _, theirs in here}
            errors.append(
                found(
                    TableCategory.LAYOUT,
                    table_severity.of_cells(len(here)),
                    grid.column_name(column),
                    f"the values have slid {way} by one row",
                    union([theirs.box for _, theirs in here]),
                )
            )
            record_cells("column_slid", errors[-1], grid, [theirs for _, theirs in here])
            break
    return errors, [pair for pair in changed if id(pair[1]) not in slid]


def _exchanged(grid: TableGrid, changed: Sequence[Pair]) -> tuple[list[Discrepancy], list[Pair]]:
    """Errors of cells that exchanged their words, and the remaining changes."""
    waiting: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    done: set[int] = set()
    errors = []
    for mine, theirs in changed:
        partners = waiting.get((theirs.text, mine.text))
        if not (partners and mine.text and theirs.text):
            waiting[mine.text, theirs.text].append((mine, theirs))
            continue
        other = partners.pop()
        done |= {id(theirs), id(other[1])}
        both = is_numeric(mine.text) and is_numeric(theirs.text)
        errors.append(
            found(
                TableCategory.NUMERIC if both else TableCategory.TEXT,
                3 if both else 2,
                f"{grid.name(other[1])} and {grid.name(theirs)}",
                f"'{shorten(other[0].text)}' and '{shorten(mine.text)}' have changed places",
                union([theirs.box, other[1].box]),
            )
        )
        record_cells("exchanged", errors[-1], grid, [other[1], theirs])
    return errors, [pair for pair in changed if id(pair[1]) not in done]


def _seen(mine: Cell, theirs: Cell, pixels: PixelDifference) -> bool:
    seen = any(pixels.inside(box, 1) for box in (mine.box, theirs.box) if box is not None)
    if not seen:
        unsaid(
            f"'{shorten(theirs.text)}' instead of '{shorten(mine.text)}'",
            "no pixel changed in its cell",
        )
    return seen


def _compare_contents(
    grid: TableGrid, mine: Cell, theirs: Cell, pixels: PixelDifference, depth: int
) -> list[Discrepancy]:
    """Compare tables and pictures within a cell."""
    errors: list[Discrepancy] = []
    first, second = mine.children("table"), theirs.children("table")
    place = f"{grid.name(theirs)}, inner "
    if depth < MAX_DEPTH:
        for one, other in zip(first, second, strict=False):
            errors += _compare_tables(one, other, f"{place}table, ", pixels, depth + 1)
    for one in first[len(second) :]:
        errors.append(_whole(one, f"{place}table", "the table is missing"))
    for other in second[len(first) :]:
        errors.append(_whole(other, f"{place}table", "the table is not in the reference"))
    pictures, shown = mine.children("image"), theirs.children("image")
    for one, other in zip(pictures, shown, strict=False):
        if one.data == other.data:
            continue
        if one.data.get("what") == other.data.get("what") == "check box":
            now, then = (_checked(image) for image in (other, one))
            what = f"the check box is {now} instead of {then}"
            errors.append(found(TableCategory.TEXT, 3, grid.name(theirs), what, other.box))
        else:
            what = "shows another picture"
            errors.append(found(TableCategory.LAYOUT, 2, grid.name(theirs), what, other.box))
    for one in pictures[len(shown) :]:
        errors.append(
            found(TableCategory.LAYOUT, 2, grid.name(theirs), "the picture is missing", one.box)
        )
    for other in shown[len(pictures) :]:
        errors.append(
            found(TableCategory.LAYOUT, 2, grid.name(theirs), "a picture has been added", other.box)
        )
    return errors


def _checked(image: Element) -> str:
    return "checked" if image.data.get("checked") else "empty"


def _compare_sizes(before: TableGrid, after: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """Compare widths, heights and line spacing; called if nothing else explains the changed pixels."""
    errors = _line_spacing(after, pairs)
    if errors:
        return errors
    for column in range(min(before.width, after.width)):
        old, new = before.column_box(column), after.column_box(column)
        if old and new and _resized(old[2] - old[0], new[2] - new[0]):
            errors.append(
                found(
                    TableCategory.LAYOUT,
                    1,
                    after.column_name(column),
                    f"is {new[2] - new[0]:.0f} px wide instead of {old[2] - old[0]:.0f} px",
                    new,
                )
            )
    for row in range(min(before.height, after.height)):
        old, new = before.row_box(row), after.row_box(row)
        if old and new and _resized(old[3] - old[1], new[3] - new[1]):
            errors.append(
                found(
                    TableCategory.LAYOUT,
                    1,
                    after.row_name(row),
                    f"is {new[3] - new[1]:.0f} px high instead of {old[3] - old[1]:.0f} px",
                    new,
                )
            )
    return errors


RESIZED_PX = 5.0
"""Least reported growth of a row or column, in pixels: a superscript alone makes a row 4 px higher."""


def _resized(before: float, after: float) -> bool:
    return abs(after - before) >= RESIZED_PX and size_noticed(before, after)


TWO_LINES_PX = 28.0
"""A text of at least this height in pixels has several lines, with visible line spacing."""


def _line_spacing(grid: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    errors = []
    for mine, theirs in pairs:
        old, new = _text_height(mine), _text_height(theirs)
        if mine.text == theirs.text and abs(old - new) >= 1.5 and max(old, new) >= TWO_LINES_PX:
            words = "closer together" if new < old else "further apart"
            what = f"the lines of '{shorten(mine.text)}' stand {words}"
            errors.append(found(TableCategory.LAYOUT, 1, grid.name(theirs), what, theirs.box))
    return errors


def _text_height(cell: Cell) -> float:
    size = cell.element.data.get("text_px")
    height = size[1] if isinstance(size, list) and len(size) == 2 else 0.0
    return float(height) if isinstance(height, int | float) else 0.0
