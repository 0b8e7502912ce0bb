"""Words that a copied chart gets wrong, wherever they stand: typos, look-alikes, lost units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartLabel, ChartProgram, ScriptText
from corruptors.corruption import corruption
from corruptors.misreading import look_alikes, misspelling, wrong_digit
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

TEXT = ChartCategory.TEXT


def _misspelled(chart: ChartProgram, text: ScriptText, rng: Random) -> tuple[Edit, str, str] | None:
    """An edit that misspells one word, the word, and how it now reads."""
    words = [
        (start + match.start(), match[0])
        for start, end in text.runs
        for match in re.finditer(r"[^\W\d_]{2,}", chart.text[start:end])
    ]
    rng.shuffle(words)
    for at, word in sorted(words, key=lambda found: len(found[1]) < 4):
        slip = misspelling(word, rng)
        if slip is not None:
            start, end, new = slip
            edit = Edit(at + start, at + end, new)
            return edit, word, word[:start] + new + word[end:]
    return None


def _misspell(chart: ChartProgram, labels: list[ChartLabel], rng: Random) -> Iterator[Mutation]:
    for label in labels:
        typo = _misspelled(chart, label.text, rng)
        if typo is not None:
            edit, word, wrong = typo
            yield Mutation((edit,), label.location, f"{word!r} is misspelt as {wrong!r}")


def _retype(chart: ChartProgram, label: ChartLabel, value: str, description: str) -> Mutation:
    edit = chart.replace(label.text.node, label.text.retyped(value))
    return Mutation((edit,), label.location, description)


@corruption(ChartProgram, TEXT)
def misspell_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A word of a title is misspelled.

    Example:
        >>> misspell_title("plt.title('Rainfall in May')", seed=1)[0]
        "plt.title('Rianfall in May')"
    """
    yield from _misspell(chart, chart.labels_of("title"), rng)


@corruption(ChartProgram, TEXT)
def misspell_axis_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A word of an axis label is misspelled.

    Example:
        >>> misspell_axis_label("ax.set_ylabel('Accuracy (%)')", seed=1)[0]
        "ax.set_ylabel('Accurscy (%)')"
    """
    yield from _misspell(chart, chart.labels_of("axis label", "bar label"), rng)


@corruption(ChartProgram, TEXT)
def misspell_tick_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A category under an axis, or the name of a slice, is misspelled.

    Example:
        >>> misspell_tick_label("plt.bar(['North', 'South'], [1, 2])", seed=3)[0]
        "plt.bar(['Notth', 'South'], [1, 2])"
    """
    labels = chart.labels_of("tick label", "category", "slice label", "node label", "tile label")
    yield from _misspell(chart, labels, rng)


@corruption(ChartProgram, TEXT)
def misspell_legend_entry(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A name in the legend is misspelled.

    Example:
        >>> misspell_legend_entry("ax.plot(x, y, label='baseline'); ax.legend()", seed=0)[0]
        "ax.plot(x, y, label='baselinee'); ax.legend()"
    """
    yield from _misspell(chart, chart.labels_of("legend entry", "legend title"), rng)


@corruption(ChartProgram, TEXT)
def misspell_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A word written into the chart is misspelled.

    Example:
        >>> misspell_annotation("ax.annotate('peak load', (3, 4))", seed=0)[0]
        "ax.annotate('peeak load', (3, 4))"
    """
    yield from _misspell(chart, chart.labels_of("annotation"), rng)


@corruption(ChartProgram, TEXT)
def confuse_characters(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One character is taken for its look-alike, as optical character recognition does.

    Example:
        >>> confuse_characters("ax.set_title('Level 5')", seed=0)[0]
        "ax.set_title('Level S')"
    """
    for label in chart.labels:
        places = [
            Edit(start + at, start + end_at, new)
            for start, end in label.text.runs
            for at, end_at, new in look_alikes(chart.text[start:end])
        ]
        if places:
            edit = rng.choice(places)
            seen = chart.text[edit.start : edit.end]
            yield Mutation((edit,), label.location, f"{seen!r} is read as {edit.new!r}")


@corruption(ChartProgram, TEXT)
def drop_unit(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A label has lost its unit, or whatever stood in brackets at its end.

    Example:
        >>> drop_unit("plt.ylabel('Latency (ms)')", seed=0)[0]
        "plt.ylabel('Latency')"
    """
    for label in chart.labels:
        match = re.search(r"\s*[(\[][^()\[\]]{1,24}[)\]]\s*$", label.text.value)
        if label.text.constant and match and match.start():
            short = label.text.value[: match.start()]
            yield _retype(chart, label, short, f"the unit {match[0].strip()!r} is missing")


@corruption(ChartProgram, TEXT)
def drop_word(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One word of a label is left out.

    Yields:
        One mutation per label of two words or more.

    Example:
        >>> drop_word("plt.title('Mean squared error')", seed=0)[0]
        "plt.title('Mean error')"
    """
    for label in chart.labels:
        words = [word for word in re.split(r"(\s+)", label.text.value) if word]
        places = [index for index in range(0, len(words), 2) if re.search(r"\w{2}", words[index])]
        if label.text.constant and len(words) >= 3 and places and "$" not in label.text.value:
            place = rng.choice(places)
            rest = words[: place - 1] + words[place + 1 :] if place else words[2:]
            yield _retype(chart, label, "".join(rest), f"the word {words[place]!r} is missing")


@corruption(ChartProgram, TEXT)
def truncate_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A long title or label breaks off in the middle.

    Yields:
        One mutation per label of sixteen characters and three words or more.

    Example:
        >>> truncate_label("plt.title('Share of renewable energy by region')", seed=0)[0]
        "plt.title('Share of renewable energy')"
    """
    for label in chart.labels:
        words = label.text.value.split(" ")
        long = len(label.text.value) >= 16 and len(words) >= 3
        if label.text.constant and long and "$" not in label.text.value:
            kept = " ".join(words[: rng.randint(1, len(words) - 2)])
            yield _retype(chart, label, kept, f"breaks off after {kept!r}")


@corruption(ChartProgram, TEXT)
def change_case(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A label is written in other letter case.

    Example:
        >>> change_case("plt.xlabel('Training steps')", seed=1)[0]
        "plt.xlabel('training steps')"
    """
    for label in chart.labels:
        value = label.text.value
        others = [
            other for other in (value.lower(), value.upper(), value.title()) if other != value
        ]
        if label.text.constant and others and not re.search(r"[$\\{%]", value):
            wrong = rng.choice(others)
            yield _retype(chart, label, wrong, f"is written {wrong!r}")


@corruption(ChartProgram, TEXT)
def misread_number_in_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A number in a title, label or annotation is another one.

    Example:
        >>> misread_number_in_label("plt.title('Exports in 2021')", seed=0)[0]
        "plt.title('Exports in 2028')"
    """
    for label in chart.labels:
        digits = [
            start + match.start()
            for start, end in label.text.runs
            for match in re.finditer(r"[0-9]", chart.text[start:end])
        ]
        if digits:
            at = rng.choice(digits)
            seen = chart.text[at]
            edit = Edit(at, at + 1, wrong_digit(seen, rng))
            yield Mutation((edit,), label.location, f"digit {seen} reads {edit.new}")


@corruption(ChartProgram, TEXT)
def flatten_math(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A formula in a label is written as plain characters: no superscript, no Greek.

    Example:
        >>> flatten_math("ax.set_ylabel(r'$CO_2$ per capita')", seed=0)[0]
        "ax.set_ylabel('CO2 per capita')"
    """
    for label in chart.labels:
        value = label.text.value
        flat = re.sub(
            r"\$([^$]*)\$", lambda match: re.sub(r"[\\^_{}]|\\mathrm", "", match[1]), value
        )
        if label.text.constant and flat != value and flat.strip():
            yield _retype(chart, label, flat, f"the formula is written {flat!r}")
