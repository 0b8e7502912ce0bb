"""One error at growing magnitude: what must never be graded lower the larger it gets.

A ladder is a family of programs that differ from the sample in one kind of error only, the smallest
first. The audit renders the rungs and asks that no rung is graded below the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from random import Random

from matplotlib.colors import to_rgb

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import parsed
from corruptors.misreading import in_digits_of
from corruptors.svg.program.colors import Color, hex_of, toward
from corruptors.svg.program.svg_program import SvgProgram
from corruptors.table.program.table_program import TableProgram
from records.edits import Edit, apply
from records.rows import Sample
from records.taxonomy import Modality

TITLES = ("title", "figure title", "x-axis label", "y-axis label")


@dataclass(frozen=True, slots=True)
class Ladder:
    """Programs with one kind of error, the smallest first."""

    kind: str
    codes: tuple[str, ...]


def ladders(sample: Sample, seed: int) -> list[Ladder]:
    """Every ladder that the sample's program has a place for; the places are drawn by seed.

    Raises:
        CodeParseError: the sample's code is not of its language.

    >>> code = "<table><tr><td>250</td></tr></table>"
    >>> from records.taxonomy import Language
    >>> sample = Sample.of(code, Language.HTML, source="a", revision="1", licence="", upstream_id="a")
    >>> [one.kind for one in ladders(sample, 0)], ladders(sample, 0)[0].codes[2]
    (['number'], '<table><tr><td>500</td></tr></table>')
    """
    rng = Random(seed)
    match sample.modality:
        case Modality.CHART:
            found = _chart(parsed(ChartProgram, sample.code), rng)
        case Modality.TABLE:
            found = _table(parsed(TableProgram, sample.code), rng)
        case Modality.SVG:
            found = _svg(parsed(SvgProgram, sample.code), rng)
    result = []
    for kind, rungs in found:
        codes = tuple(dict.fromkeys(apply(sample.code, edits) for edits in rungs))
        if len(codes) > 1:
            result.append(Ladder(kind, codes))
    return result


Rungs = list[tuple[Edit, ...]]


def _chart(chart: ChartProgram, rng: Random) -> Iterator[tuple[str, Rungs]]:
    series = [one for one in chart.series if any(number.value for number in one.numbers)]
    if series:
        number = rng.choice([number for number in rng.choice(series).numbers if number.value])
        wrong = [number.value * Decimal(share) for share in ("0.97", "0.8", "0.4", "0.05")]
        yield "value", [(chart.replace(number.node, f"{value:f}"),) for value in wrong]
    labels = [label.text for label in chart.labels_of(*TITLES) if len(label.text.value) > 7]
    if labels:
        label = rng.choice(labels)
        yield "words", [(chart.replace(label.node, repr(text)),) for text in _misread(label.value)]
    if chart.colors:
        color = rng.choice(chart.colors)
        shades = _away(to_rgb(color.hex))
        yield "colour", [(chart.replace(color.text.node, repr(shade)),) for shade in shades]
    widths = [number for number in chart.numbers_given("linewidth", "lw") if number.value]
    if widths:
        width = rng.choice(widths)
        times = [width.value * Decimal(factor) for factor in ("1.3", "2", "4", "8")]
        yield "line width", [(chart.replace(width.node, f"{value:f}"),) for value in times]


def _table(table: TableProgram, rng: Random) -> Iterator[tuple[str, Rungs]]:
    numbers = [
        number
        for number in table.all_numbers()
        if number.text.isdecimal() and int(number.text) >= 100
    ]
    if numbers:
        number = rng.choice(numbers)
        value = int(number.text)
        wrong = (value + value // 100, value + value // 3, value * 2, value * 20)
        texts = [in_digits_of(number.text, str(one)) for one in wrong]
        yield "number", [(Edit(number.start, number.end, text),) for text in texts]
    words = [
        word
        for word in table.all_words()
        if len(word.text) > 7 and table.words_of(word.cell) == word.text
    ]
    if words:
        word = rng.choice(words)
        yield "words", [(Edit(word.start, word.end, text),) for text in _misread(word.text)]
    body = [row for one in table.tables[:1] for row in one.rows[1:]]
    lines = [table.line(row) for row in reversed(body)]
    apart = all(later[0] >= row[1] for later, row in pairwise(lines))  # Lost tags nest rows.
    if len(body) >= 4 and apart:
        counts = sorted({1, 2, len(body) // 2 + 1, len(body) - 1})
        gone = [tuple(Edit(*span, "") for span in lines[:count]) for count in counts]
        yield "missing rows", gone
    elements = [element for element in table.named("td", "th") if element.inner_start < element.end]
    if table.is_html and elements:
        order = rng.sample(elements, len(elements))
        bold = [table.styled(one, "font-weight", "bolder") for one in order]
        counts = sorted({1, len(order) // 3 + 1, len(order)})
        yield "bold", [tuple(bold[:count]) for count in counts]


def _svg(svg: SvgProgram, rng: Random) -> Iterator[tuple[str, Rungs]]:
    filled = [
        (shape, color)
        for shape in svg.shapes
        if svg.painted(shape, "fill") and (color := svg.color(shape, "fill")) is not None
    ]
    if filled:
        element, color = rng.choice(filled)
        yield "colour", [(svg.set(element, "fill", shade),) for shade in _away(color)]
    shapes = [shape for shape in svg.shapes if svg.bounds(shape)]
    if shapes:
        shape = rng.choice(shapes)
        left, top, width, height = svg.bounds(shape) or (0.0, 0.0, 0.0, 0.0)
        x, y = left + width / 2, top + height / 2
        off = [svg.units(shape, share) for share in (0.02, 0.08, 0.2, 0.35)]
        yield "moved", [(svg.moved(shape, f"translate({one:.4f} 0)"),) for one in off]
        there, back = f"translate({x:.4f} {y:.4f})", f"translate({-x:.4f} {-y:.4f})"
        scales = [f"{there} scale({factor}) {back}" for factor in (0.9, 0.7, 0.4, 0.15)]
        yield "shrunk", [(svg.moved(shape, scale),) for scale in scales]
        order = rng.sample(shapes, len(shapes))
        apart = [one for one in order if not any(other in order for other in svg.descendants(one))]
        counts = sorted({n for n in (1, 2, 4, len(apart) - 1) if 0 < n < len(apart)})
        yield "missing shapes", [tuple(s.removed() for s in apart[:n]) for n in counts]
    stroked = [shape for shape in svg.shapes if svg.painted(shape, "stroke")]
    if stroked:
        element = rng.choice(stroked)
        stroke = svg.number(element, "stroke-width") or 1.0
        widths = [f"{stroke * factor:.4g}" for factor in (1.4, 2, 4)]
        yield "line width", [(svg.set(element, "stroke-width", width),) for width in widths]


def _misread(text: str) -> list[str]:
    """Ever less of a text: two letters exchanged, its second half lost, another text."""
    middle = len(text) // 2
    swapped = text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]
    return [swapped, text[:middle], "~" * len(text)] if swapped != text else []


def _away(color: Color) -> list[str]:
    """Colors ever further away: toward black or white, whichever is further."""
    aim = 0.0 if sum(color) > 1.5 else 1.0
    return [hex_of(toward(color, aim, share)) for share in (0.08, 0.3, 0.6, 0.95)]
