"""Attempts that try nothing: an empty chart, one cell, a dot, the rows of a table in another order.

A reward model that never saw them says of an empty chart whatever chance says; a policy finds that out. Such
attempts replace the whole program by one edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

from records.edits import Edit
from records.rows import Attempt, Corrupted, InjectedError, Sample
from records.taxonomy import ChartCategory, Language, Modality, SvgCategory, TableCategory

_CATEGORY = {
    Modality.CHART: ChartCategory.STRUCTURE.value,
    Modality.TABLE: TableCategory.LAYOUT.value,
    Modality.SVG: SvgCategory.STRUCTURE.value,
}


def _plot(*lines: str) -> str:
    return "\n".join(("import matplotlib.pyplot as plt", *lines, "plt.savefig('chart.png')", ""))


def _icon(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{inside}</svg>'


def _rows(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<td>{text}</td>" for text in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _lines(*rows: tuple[str, ...]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join((head, "|" + "---|" * len(rows[0]), *body, ""))


FIXED: dict[Language, dict[str, str]] = {
    Language.PYTHON: {
        "empty_axes": _plot("plt.subplots()"),
        "one_word": _plot("plt.figure().text(0.5, 0.5, 'chart')"),
        "one_bar": _plot("plt.bar([0], [1])"),
        "one_line": _plot("plt.plot([0, 1, 2], [0, 1, 2])"),
        "two_slices": _plot("plt.pie([1, 2])"),
    },
    Language.HTML: {
        "one_cell": _rows(("x",)),
        "one_row": _rows(("a", "b", "c")),
        "empty_cells": _rows(*[("&nbsp;",) * 4] * 4),
    },
    Language.MARKDOWN: {
        "one_cell": _lines(("x",)),
        "one_row": _lines(("a", "b", "c")),
        "empty_cells": _lines(*[(" ",) * 4] * 4),
    },
    Language.SVG: {
        "dot": _icon('<circle cx="12" cy="12" r="1"/>'),
        "square": _icon('<rect x="1" y="1" width="22" height="22"/>'),
        "disc": _icon('<circle cx="12" cy="12" r="9"/>'),
        "ring": _icon('<circle cx="12" cy="12" r="9" fill="none" stroke="#000" stroke-width="2"/>'),
    },
}
"""Programs that are the same whatever the reference is."""


def programs(sample: Sample, rng: Random) -> Iterator[tuple[str, str]]:
    """Name and program of every degenerate attempt at a sample.

    >>> sample = Sample.of("| a |\\n|---|\\n| 1 |\\n| 2 |\\n", Language.MARKDOWN, source="docs", revision="1",
    ...     licence="MIT", upstream_id="1")
    >>> [name for name, _ in programs(sample, Random(0))]
    ['one_cell', 'one_row', 'empty_cells', 'shuffled_rows']
    """
    yield from FIXED[sample.language].items()
    shuffle = _SHUFFLED.get(sample.language)
    shuffled = shuffle(sample.code, rng) if shuffle else None
    if shuffled is not None and shuffled != sample.code:
        yield "shuffled_rows", shuffled


def attempt(sample: Sample, seed: int) -> Attempt | None:
    """One degenerate attempt, chosen by ``seed``; None if the sample itself is degenerate."""
    rng = Random(seed)
    found = [(name, code) for name, code in programs(sample, rng) if code != sample.code]
    if not found:
        return None
    name, code = rng.choice(found)
    origin = Corrupted(
        degenerate=True,
        errors=(
            InjectedError(
                name=name,
                category=_CATEGORY[sample.modality],
                location="whole picture",
                description=f"shows nothing of the reference ({name.replace('_', ' ')})",
            ),
        ),
        seed=seed,
        edits=(Edit(0, len(sample.code), code),),
    )
    return Attempt.of(sample, code, origin)


_ROW = re.compile(r"<tr\b.*?</tr\s*>", re.IGNORECASE | re.DOTALL)


def _shuffled_html(code: str, rng: Random) -> str | None:
    found = list(_ROW.finditer(code))
    nested = code.lower().count("<table") != 1 or "rowspan" in code.lower()
    if nested or len(found) < 3:
        return None
    order = [match[0] for match in found]
    rng.shuffle(order)
    parts, at = [], 0
    for match, row in zip(found, order, strict=True):
        parts += [code[at : match.start()], row]
        at = match.end()
    return "".join((*parts, code[at:]))


def _shuffled_markdown(code: str, rng: Random) -> str | None:
    lines = code.splitlines(keepends=True)
    body = [at for at, line in enumerate(lines) if line.lstrip().startswith("|")][2:]
    if len(body) < 2:
        return None
    order = [lines[at].rstrip("\n") + "\n" for at in body]
    before = list(order)
    while order == before and len(set(before)) > 1:
        rng.shuffle(order)
    for at, line in zip(body, order, strict=True):
        lines[at] = line
    return "".join(lines)


_SHUFFLED: dict[Language, Callable[[str, Random], str | None]] = {
    Language.HTML: _shuffled_html,
    Language.MARKDOWN: _shuffled_markdown,
}
