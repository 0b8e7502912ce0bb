"""Pairs the rows, columns and cells of two tables by their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from annotators.structural.matching import assign
from annotators.structural.table.grid import Cell, TableGrid
from records.edits import common_ends

MOVED = 0.75
"""A row elsewhere is the same row if the similarity is at least this."""

PAIRED = 0.24
"""Rows at about the same place are the same row if their similarity is at least this."""

EQUAL = 1.0
"""Bonus for equal rows: one equal row and a moved one are better than two rewritten rows."""


@dataclass(frozen=True, slots=True)
class RowAlignment:
    """Corresponding rows, in the candidate's order, and the remaining rows."""

    pairs: tuple[tuple[int, int], ...]
    moved: tuple[tuple[int, int], ...]
    """Pairs out of order; also in `pairs`."""
    missing: tuple[int, ...]
    extra: tuple[int, ...]


@lru_cache(maxsize=65536)
def _pairs_of_letters(text: str) -> Counter[str]:
    padded = f" {text} "
    return Counter(padded[index : index + 2] for index in range(len(padded) - 1))


@lru_cache(maxsize=65536)
def likeness(first: str, second: str) -> float:
    """Similarity of two texts: 0 without a common pair of letters, 1 if equal (Dice over letter pairs).

    >>> likeness("12.5", "12.5"), likeness("a", "")
    (1.0, 0.0)
    """
    if first == second:
        return 1.0
    if not first or not second:
        return 0.0
    left, right = _pairs_of_letters(first), _pairs_of_letters(second)
    common = sum((left & right).values())
    share = 2 * common / (left.total() + right.total())
    # Numbers that share digits are not more similar than other numbers.
    return share / 2 if first[-1:].isdigit() and second[-1:].isdigit() else share


def row_likeness(first: Sequence[str], second: Sequence[str]) -> float:
    """Similarity of two rows, cell by cell or with some cells lost, added or moved."""
    if tuple(first) == tuple(second):
        return 1.0
    if not first or not second:
        return 0.0
    most = max(len(first), len(second))
    words = [text for text in first if text], [text for text in second if text]
    if filled := max(map(len, words)):
        shared = 0.95 * (Counter(words[0]) & Counter(words[1])).total() / filled
    else:
        shared = min(len(first), len(second)) / most
    weights = [1.0 if a or b else 0.3 for a, b in zip(first, second, strict=False)]
    weights[0] *= 1.5  # the name of the row
    weights += [1.0] * (most - len(weights))
    weighed = zip(weights, first, second, strict=False)
    by_place = sum(weight * likeness(a, b) for weight, a, b in weighed) / sum(weights)
    return max(shared, by_place)


def best_path(rows: int, columns: int, score: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """The order-preserving pairing with the greatest total score; pairs with a score of 0 or less
    are not made."""
    total = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    scores = [[score(row, column) for column in range(columns)] for row in range(rows)]
    for row in range(rows):
        above, here, gains = total[row], total[row + 1], scores[row]
        for column in range(columns):
            best = above[column + 1]
            if here[column] > best:
                best = here[column]
            gain = gains[column]
            if gain > 0 and above[column] + gain > best:
                best = above[column] + gain
            here[column + 1] = best
    pairs = []
    row, column = rows, columns
    while row and column:
        gain = scores[row - 1][column - 1]
        here_total = total[row][column]
        # Among equal pairings the one with the first rows and columns: a repeated row is then extra.
        if abs(here_total - total[row][column - 1]) < 1e-9:
            column -= 1
        elif gain > 0 and abs(here_total - total[row - 1][column - 1] - gain) < 1e-9:
            pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
        else:
            row -= 1
    return pairs[::-1]


MAX_COMPARED = 40_000
"""With more row pairs than this, only equal rows are searched outside the diagonal."""


def align_rows(reference: TableGrid, candidate: TableGrid) -> RowAlignment:
    """Pair the rows of two tables."""
    first = [tuple(cell.text for cell in row) for row in reference.rows]
    second = [tuple(cell.text for cell in row) for row in candidate.rows]
    if _slid(first, second):
        return RowAlignment(tuple((row, row) for row in range(len(first))), (), (), ())
    start, end = common_ends(first, second)
    middle, other = first[start : len(first) - end], second[start : len(second) - end]
    known: dict[tuple[int, int], float] = {}
    bounded = len(middle) * len(other) > MAX_COMPARED

    def alike(row: int, column: int) -> float:
        if bounded and abs(row - column) > 20:
            return float(middle[row] == other[column])
        if (row, column) not in known:
            known[row, column] = row_likeness(middle[row], other[column])
        return known[row, column]

    def score(row: int, column: int) -> float:
        value = alike(row, column) - PAIRED
        if middle[row] == other[column]:
            value += EQUAL * min(1.0, len("".join(middle[row])) / 4)
        # Among equally good pairings, the one in which most rows keep their place.
        return value + 0.01 if row == column and value > 0 else value

    pairs = best_path(len(middle), len(other), score)
    left, right = _unpaired(range(len(middle)), range(len(other)), pairs)
    moved = assign([[1 - alike(row, column) for column in right] for row in left], 1 - MOVED)
    moves = [(left[row], right[column]) for row, column in moved if any(middle[left[row]])]
    left, right = _unpaired(left, right, moves)
    pairs = _uncrossed(pairs, left, right, alike)
    left, right = _unpaired(left, right, pairs)
    pairs += _in_gaps(pairs, left, right, alike)
    left, right = _unpaired(left, right, pairs)
    shift = len(first) - end, len(second) - end
    together = [
        *((row, row) for row in range(start)),
        *((row + start, column + start) for row, column in pairs + moves),
        *((shift[0] + row, shift[1] + row) for row in range(end)),
    ]
    return RowAlignment(
        tuple(sorted(together, key=lambda pair: pair[1])),
        tuple((row + start, column + start) for row, column in moves),
        tuple(row + start for row in left),
        tuple(row + start for row in right),
    )


def _slid(first: Sequence[tuple[str, ...]], second: Sequence[tuple[str, ...]]) -> bool:
    """True if all rows have the names that they had, and each column the values that it had, in some of
    them a row lower or higher.

    >>> _slid([("a", "1"), ("b", "2"), ("c", "3")], [("a", ""), ("b", "1"), ("c", "2")])
    True
    """
    if len({*map(len, (*first, *second))}) != 1 or len(first) != len(second):
        return False
    columns = [
        (list(one), list(two))
        for one, two in zip(zip(*first, strict=True), zip(*second, strict=True), strict=True)
    ]
    names = columns[0][0]
    if names != columns[0][1] or len({*names}) < len(names):
        return False
    moved = [(one, two) for one, two in columns if one != two]
    return bool(moved) and all(
        any(_kept_below_a_gap(*sides) for sides in ((one, two), (one[::-1], two[::-1])))
        for one, two in moved
    )


def _kept_below_a_gap(one: list[str], two: list[str]) -> bool:
    """True if a column is the other one with an empty cell put in, and its last value lost."""
    at = next(row for row, (a, b) in enumerate(zip(one, two, strict=True)) if a != b)
    return not two[at] and one[at:-1] == two[at + 1 :]


def _unpaired(
    left: Iterable[int], right: Iterable[int], pairs: Sequence[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    """The rows of both sides that stand in no pair."""
    known, other = {row for row, _ in pairs}, {row for _, row in pairs}
    return [row for row in left if row not in known], [row for row in right if row not in other]


def _uncrossed(
    pairs: Sequence[tuple[int, int]],
    left: Sequence[int],
    right: Sequence[int],
    alike: Callable[[int, int], float],
) -> list[tuple[int, int]]:
    """Pair two rows that exchanged a cell as rewritten rows, instead of one lost and one added."""
    result = set(pairs)
    for row, column in pairs:
        for step in (1, -1):
            lost, come = row + step, column - step
            if lost not in left or come not in right:
                continue
            straight = alike(row, come) + alike(lost, column)
            if straight + 0.1 >= alike(row, column) < 1:
                result -= {(row, column)}
                result |= {(row, come), (lost, column)}
                break
    return sorted(result)


def _in_gaps(
    pairs: Sequence[tuple[int, int]],
    left: Sequence[int],
    right: Sequence[int],
    alike: Callable[[int, int], float],
) -> list[tuple[int, int]]:
    """Pair rows between the same neighbors as rewritten rows."""
    bounds = [(-1, -1), *sorted(pairs), (10**9, 10**9)]
    found: list[tuple[int, int]] = []
    for (row, column), (next_row, next_column) in pairwise(bounds):
        rows = [index for index in left if row < index < next_row]
        columns = [index for index in right if column < index < next_column]
        if len(rows) == len(columns):
            found += zip(rows, columns, strict=True)
        elif rows and columns:
            found += _closest(rows, columns, alike)
    return found


def _closest(
    rows: Sequence[int], columns: Sequence[int], alike: Callable[[int, int], float]
) -> list[tuple[int, int]]:
    inner = best_path(len(rows), len(columns), lambda a, b: alike(rows[a], columns[b]) + 0.01)
    return [(rows[a], columns[b]) for a, b in inner]


def align_columns(
    reference: TableGrid, candidate: TableGrid, rows: Sequence[tuple[int, int]]
) -> dict[int, int]:
    """Pair the columns by the texts of cells that cover one column only."""
    width, other = reference.width, candidate.width
    seen = [[0.0] * other for _ in range(width)]
    informed = [0] * width
    for row, opposite in rows:
        mine = [_alone(reference, row, column) for column in range(width)]
        theirs = [_alone(candidate, opposite, column) for column in range(other)]
        for column, text in enumerate(mine):
            if not text:
                continue
            informed[column] += 1
            for against, shown in enumerate(theirs):
                if shown == text:
                    seen[column][against] += 1
    share = [
        [count / informed[column] if informed[column] else 0.0 for count in counts]
        for column, counts in enumerate(seen)
    ]
    if width != other:
        # Columns without a text of their own keep to the diagonal.
        drift = other - width

        def score(a: int, b: int) -> float:
            if not share[a][b] and abs(b - a) > abs(drift):
                return -1.0
            return share[a][b] + (0.05 if b == a else 0.02 if b - a == drift else 0.0)

        return dict(best_path(width, other, score))
    strange = [at for at in range(width) if informed[at] and share[at][at] < 0.5]
    moves = {
        strange[a]: strange[b]
        for a, b in assign([[1 - share[a][b] for b in strange] for a in strange], 0.4)
        if share[strange[a]][strange[b]] > share[strange[a]][strange[a]]
        and sum(seen[strange[a]]) >= 2
    }
    # Only complete cycles are exchanges of columns.
    result = {column: column for column in range(width)}
    for column in list(moves):
        cycle, at = [column], moves.get(column)
        while at is not None and at != column and len(cycle) <= width:
            cycle.append(at)
            at = moves.get(at)
        if at == column:
            result[column] = moves[column]
    return result


def _alone(grid: TableGrid, row: int, column: int) -> str:
    cell = grid.at(row, column)
    return cell.text if cell is not None and cell.colspan == 1 and cell.row == row else ""


def start_of(cell: Cell, columns: dict[int, int]) -> int | None:
    """The candidate's column where a cell of the reference should start."""
    covered = range(cell.column, cell.column + cell.colspan)
    return min((columns[column] for column in covered if column in columns), default=None)


def align_cells(
    reference: Sequence[Cell], candidate: Sequence[Cell], columns: dict[int, int]
) -> list[tuple[int, int]]:
    """Pair the cells of a row, first by text, then by place."""

    def score(index: int, other: int) -> float:
        mine, theirs = reference[index], candidate[other]
        if mine.text == theirs.text:
            value = 1.0 if mine.text else 0.5
        elif mine.text and theirs.text:
            value = 0.05 + 0.6 * likeness(mine.text, theirs.text)
        else:
            value = 0.02
        if start_of(mine, columns) == theirs.column:
            value += 0.25
        if (mine.colspan, mine.rowspan) == (theirs.colspan, theirs.rowspan):
            value += 0.1
        return value

    if [cell.text for cell in reference] == [cell.text for cell in candidate]:
        return [(index, index) for index in range(len(reference))]
    return best_path(len(reference), len(candidate), score)
