"""Words of a table that come out wrong: ``text_error``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.misreading import look_alikes, misspelling
from corruptors.table.program.table_program import CellText, SourceCell, TableProgram
from corruptors.table.program.whole_cells import emptied, neighbors, repeated, swapped
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


def _lettered(program: TableProgram, cell: SourceCell) -> bool:
    """True for a cell of words; a unit after a number does not make it one."""
    return any(map(str.isalpha, program.words_of(cell))) and not program.is_number(cell)


def _reworded(program: TableProgram, word: CellText, start: int, end: int, new: str) -> Mutation:
    """``word[start:end]`` replaced, described by the word before and after."""
    wrong = word.text[:start] + new + word.text[end:]
    edit = Edit(word.start + start, word.start + end, new)
    return program.error(word.cell, f"{word.text!r} reads {wrong!r}", edit)


@corruption(TableProgram, TableCategory.TEXT)
def misspell_word(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A word has a slip: letters swapped, dropped, doubled or mistaken.

    Yields:
        One mutation per word of three letters or more (two in Chinese, Japanese, Korean).

    Example:
        >>> misspell_word("<table><tr><td>Habitat</table>", seed=0)[0]
        '<table><tr><td>Habittat</table>'
    """
    for word in program.all_words():
        slip = misspelling(word.text, rng)
        if slip is not None:
            yield _reworded(program, word, *slip)


@corruption(TableProgram, TableCategory.TEXT)
def confuse_letters(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A letter is read as one that looks like it: ``rn`` for ``m``, ``l`` for ``I``, 末 for 未.

    Yields:
        One mutation per word with such a letter; the place is drawn.

    Example:
        >>> confuse_letters("<table><tr><td>Iron</table>", seed=0)[0]
        '<table><tr><td>lron</table>'
    """
    for word in filter(_lettered_word, program.all_words()):
        slips = [
            slip
            for slip in look_alikes(word.text)
            if not word.text[slip[0]].isdigit()  # a wrong digit is a numeric error
        ]
        if slips:
            yield _reworded(program, word, *rng.choice(slips))


@corruption(TableProgram, TableCategory.TEXT)
def change_case(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A word has the wrong capitals: none, one, or all.

    Yields:
        One mutation per word whose letters come in two cases.

    Example:
        >>> change_case("<table><tr><td>pH</table>", seed=1)[0]
        '<table><tr><td>ph</table>'
    """
    for word in program.all_words():
        forms = (word.text.lower(), word.text.upper(), word.text.capitalize())
        wrong = [form for form in forms if form != word.text and len(form) == len(word.text)]
        if wrong:
            yield _reworded(program, word, 0, len(word.text), rng.choice(wrong))


@corruption(TableProgram, TableCategory.TEXT)
def drop_word(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One word of several in a cell is missing.

    Yields:
        One mutation per word with a space on one side and an end or a space on the other.

    Example:
        >>> drop_word("<table><tr><td>Wood Duck</table>", seed=1)[0]
        '<table><tr><td>Duck</table>'
    """
    for word in program.all_words():
        before = program.text[word.start - 1 : word.start]
        after = program.text[word.end : word.end + 1]
        if after == " " and (before.isspace() or word.start == word.cell.inner_start):
            span = word.start, word.end + 1
        elif before == " " and word.end == word.cell.inner_end:
            span = word.start - 1, word.end
        else:
            continue
        yield program.error(word.cell, f"{word.text!r} is missing", Edit(*span, ""))


@corruption(TableProgram, TableCategory.TEXT)
def double_word(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A word stands in its cell twice.

    Yields:
        One mutation per word of two letters or more.

    Example:
        >>> double_word("<table><tr><td>Wood</table>", seed=0)[0]
        '<table><tr><td>Wood Wood</table>'
    """
    for word in filter(_lettered_word, program.all_words()):
        if len(word.text) > 1:
            edit = Edit(word.end, word.end, f" {word.text}")
            yield program.error(word.cell, f"{word.text!r} stands there twice", edit)


@corruption(TableProgram, TableCategory.TEXT)
def swap_words(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring words of a cell have changed places.

    Yields:
        One mutation per pair of different words with one space between them.

    Example:
        >>> swap_words("<table><tr><td>Wood Duck</table>", seed=0)[0]
        '<table><tr><td>Duck Wood</table>'
    """
    for left, right in _word_pairs(program):
        if left.text != right.text:
            words = f"'{left.text} {right.text}' reads '{right.text} {left.text}'"
            edit = Edit(left.start, right.end, f"{right.text} {left.text}")
            yield program.error(left.cell, words, edit)


@corruption(TableProgram, TableCategory.TEXT)
def drop_space(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two words of a cell run together.

    Yields:
        One mutation per single space between two words.

    Example:
        >>> drop_space("<table><tr><td>Wood Duck</table>", seed=0)[0]
        '<table><tr><td>WoodDuck</table>'
    """
    for left, right in _word_pairs(program):
        words = f"'{left.text} {right.text}' reads '{left.text}{right.text}'"
        yield program.error(left.cell, words, Edit(left.end, right.start, ""))


@corruption(TableProgram, TableCategory.TEXT)
def truncate_text(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The text of a cell stops short.

    Yields:
        One mutation per run of text of eight characters or more; a third to two thirds is left.

    Example:
        >>> truncate_text("<table><tr><td>Wood Duck</table>", seed=0)[0]
        '<table><tr><td>Wood D</table>'
    """
    for cell in program.cells():
        if program.is_number(cell):
            continue
        for start, piece in program.pieces(cell):
            text = piece.rstrip()
            if len(text.strip()) < 8 or not any(map(str.isalpha, text)):
                continue
            cut = rng.randint(len(text) // 3, 2 * len(text) // 3)
            # A character reference or formula is kept or cut as a whole.
            while cut and (text[cut - 1] == "\0" or text[cut - 1].isspace()):
                cut -= 1
            if cut and text[cut] != "\0" and any(map(str.isalpha, text[cut:])):
                left = program.text[start : start + cut].strip()
                edit = Edit(start + cut, start + len(text), "")
                yield program.error(cell, f"the text stops after {left!r}", edit)


@corruption(TableProgram, TableCategory.TEXT)
def drop_text(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell of words has come out empty.

    Example:
        >>> drop_text("<table><tr><td>Wood</td></tr></table>", seed=0)[0]
        '<table><tr><td></td></tr></table>'
    """
    for cell in program.cells():
        if _lettered(program, cell):
            yield emptied(program, cell, repr)


@corruption(TableProgram, TableCategory.TEXT)
def repeat_text(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell shows the words of the cell above or to the left of it.

    Yields:
        One mutation per two neighboring cells with different words.

    Example:
        >>> repeat_text("<table><tr><td>Wood<td>Duck</table>", seed=0)[0]
        '<table><tr><td>Wood<td>Wood</table>'
    """
    for cell, other in _word_neighbors(program):
        yield repeated(program, cell, other, repr)


@corruption(TableProgram, TableCategory.TEXT)
def swap_texts(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring cells have exchanged their words.

    Yields:
        One mutation per two neighboring cells with different words.

    Example:
        >>> swap_texts("<table><tr><td>Wood<td>Duck</table>", seed=0)[0]
        '<table><tr><td>Duck<td>Wood</table>'
    """
    for cell, other in _word_neighbors(program):
        yield swapped(program, cell, other, repr)


def _word_pairs(program: TableProgram) -> Iterator[tuple[CellText, CellText]]:
    """Words of one cell with one space between them."""
    for cell in program.cells():
        for left, right in pairwise(program.words(cell)):
            if program.text[left.end : right.start] == " ":
                yield left, right


def _lettered_word(word: CellText) -> bool:
    """True for a word of more letters than digits: 7.6B is a number, and so is 6061-T6."""
    return 2 * sum(map(str.isalpha, word.text)) > sum(map(str.isalnum, word.text))


def _word_neighbors(program: TableProgram) -> Iterator[tuple[SourceCell, SourceCell]]:
    """Cells of words and the ones to their right or below them that say something else."""
    for cell, other in neighbors(program, lambda cell: _lettered(program, cell)):
        nested = program.is_html and any(
            "<table" in program.content(one).lower() for one in (cell, other)
        )
        # Where only digits tell them apart, a viewer sees wrong numbers.
        unlike = _letters(program.words_of(cell)) != _letters(program.words_of(other))
        if unlike and not nested:
            yield cell, other


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))
