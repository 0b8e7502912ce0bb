"""What differs between two drawn tables, each cause named once, in a person's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from annotators.structural.pixels import PixelDifference
from annotators.structural.table.alignment import best_path, likeness
from annotators.structural.table.findings import Pair, found
from annotators.structural.table.grid import Cell, TableGrid, shorten, union
from annotators.structural.table.layout import compare_layout
from annotators.structural.table.looks import compare_looks
from annotators.structural.table.words import is_numeric, rewording
from records.rows import Discrepancy
from records.taxonomy import TableCategory
from renderers.scene import Element, Scene

MAX_DEPTH = 8
"""Tables within tables that are compared; what lies deeper counts as text."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two tables, each named once.

    Boxes are in pixels of the candidate; of the reference where the thing is missing there.
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
    if len(first) == len(second):
        pairs = [(index, index) for index in range(len(first))]
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


def _words(element: Element) -> str:
    return " ".join(below.text for below in element.walk() if below.text)[:2000]


def _whole(element: Element, location: str, description: str) -> Discrepancy:
    return found(TableCategory.LAYOUT, 3, location, description, element.box)


def _compare_blocks(
    reference: Sequence[Element], candidate: Sequence[Element]
) -> list[Discrepancy]:
    """Text outside of the tables."""
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
    errors += compare_looks(after, layout.pairs, pixels)
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
    if changed:
        what = "; ".join(
            f"{kind} is {second.style.get(kind)} instead of {first.style.get(kind)}"
            for kind in changed
        )
        return [found(TableCategory.LAYOUT, 1, location, what, second.box)]
    return []


def _compare_texts(
    grid: TableGrid, pairs: Sequence[Pair], pixels: PixelDifference
) -> list[Discrepancy]:
    """Cells that say something else; two that exchanged their words are one error."""
    changed = [
        (mine, theirs)
        for mine, theirs in pairs
        if mine.text != theirs.text and _seen(mine, theirs, pixels)
    ]
    waiting: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    exchanged: set[int] = set()
    errors = []
    for mine, theirs in changed:
        partners = waiting.get((theirs.text, mine.text))
        if partners and mine.text and theirs.text:
            other = partners.pop()
            exchanged |= {id(theirs), id(other[1])}
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
        else:
            waiting[mine.text, theirs.text].append((mine, theirs))
    for mine, theirs in changed:
        if id(theirs) in exchanged:
            continue
        change = rewording(mine.text, theirs.text)
        errors.append(
            found(
                change.category, change.severity, grid.name(theirs), change.description, theirs.box
            )
        )
    return errors


def _seen(mine: Cell, theirs: Cell, pixels: PixelDifference) -> bool:
    return any(pixels.inside(box, 1) for box in (mine.box, theirs.box) if box is not None)


def _compare_contents(
    grid: TableGrid, mine: Cell, theirs: Cell, pixels: PixelDifference, depth: int
) -> list[Discrepancy]:
    """Tables and pictures within a cell."""
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
        if one.data != other.data:
            errors.append(
                found(
                    TableCategory.LAYOUT, 2, grid.name(theirs), "shows another picture", other.box
                )
            )
    for one in pictures[len(shown) :]:
        errors.append(
            found(TableCategory.LAYOUT, 2, grid.name(theirs), "the picture is missing", one.box)
        )
    for other in shown[len(pictures) :]:
        errors.append(
            found(TableCategory.LAYOUT, 2, grid.name(theirs), "a picture has been added", other.box)
        )
    return errors


def _compare_sizes(before: TableGrid, after: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """Widths, heights and line spacing, where nothing else explains the picture."""
    errors = _line_spacing(after, pairs)
    if errors:
        return errors
    for column in range(min(before.width, after.width)):
        old, new = before.column_box(column), after.column_box(column)
        if old and new and abs((new[2] - new[0]) - (old[2] - old[0])) >= 1.5:
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
        if old and new and abs((new[3] - new[1]) - (old[3] - old[1])) >= 1.5:
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


def _line_spacing(grid: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    errors = []
    for mine, theirs in pairs:
        old, new = _text_height(mine), _text_height(theirs)
        if mine.text == theirs.text and abs(old - new) >= 1.5:
            words = "closer together" if new < old else "further apart"
            what = f"the lines of '{shorten(mine.text)}' stand {words}"
            errors.append(found(TableCategory.LAYOUT, 1, grid.name(theirs), what, theirs.box))
    return errors


def _text_height(cell: Cell) -> float:
    size = cell.element.data.get("text_px")
    height = size[1] if isinstance(size, list) and len(size) == 2 else 0.0
    return float(height) if isinstance(height, int | float) else 0.0
