"""Words that a copied chart gets wrong: titles, labels, ticks, legend entries, annotations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.misreading import look_alikes, misspelling, wrong_digit
from corruptors.program import ChartProgram, Label, Text
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

TEXT = ChartCategory.TEXT

_TITLE_CALLS = ("title", "set_title", "suptitle")
_CORNERS = (
    "upper left",
    "upper right",
    "lower left",
    "lower right",
    "center right",
    "upper center",
)


def _misspelt(chart: ChartProgram, text: Text, rng: Random) -> tuple[Edit, str, str] | None:
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


def _misspell(chart: ChartProgram, labels: list[Label], rng: Random) -> Iterator[Mutation]:
    for label in labels:
        typo = _misspelt(chart, label.text, rng)
        if typo is not None:
            edit, word, wrong = typo
            yield Mutation((edit,), label.location, f"{word!r} is misspelt as {wrong!r}")


def _retype(chart: ChartProgram, label: Label, value: str, description: str) -> Mutation:
    edit = chart.replace(label.text.node, label.text.retyped(value))
    return Mutation((edit,), label.location, description)


def _drop_calls(chart: ChartProgram, names: tuple[str, ...], what: str) -> Iterator[Mutation]:
    for call in chart.calls(*names):
        statement = chart.statement(call)
        if chart.parent(call) is statement and chart.can_drop(statement):
            shown = next(
                (label.text.value for label in chart.labels if _inside(chart, label, call)), ""
            )
            location = f"{what} {shown!r}" if shown else what
            yield Mutation((chart.drop(statement),), location, f"the {what} is missing")


def _inside(chart: ChartProgram, label: Label, call: ast.Call) -> bool:
    return any(label.text.node in chart.leaves(argument) for argument in call.args[:3])


@corruption(ChartProgram, TEXT)
def misspell_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A word of a title is misspelt.

    Yields:
        One mutation per title.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect titles, typos.

    Example:
        >>> misspell_title("plt.title('Rainfall in May')", seed=1)[0]
        "plt.title('Rianfall in May')"
    """
    yield from _misspell(chart, chart.labels_of("title"), rng)


@corruption(ChartProgram, TEXT)
def misspell_axis_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A word of an axis label is misspelt.

    Yields:
        One mutation per label of an axis or colour bar.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect labels, typos.

    Example:
        >>> misspell_axis_label("ax.set_ylabel('Accuracy (%)')", seed=1)[0]
        "ax.set_ylabel('Accurscy (%)')"
    """
    yield from _misspell(chart, chart.labels_of("axis label", "bar label"), rng)


@corruption(ChartProgram, TEXT)
def misspell_tick_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A category under an axis, or the name of a slice, is misspelt.

    Yields:
        One mutation per such label.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect ticks, typos.

    Example:
        >>> misspell_tick_label("plt.bar(['North', 'South'], [1, 2])", seed=3)[0]
        "plt.bar(['Notth', 'South'], [1, 2])"
    """
    labels = chart.labels_of("tick label", "category", "slice label", "node label", "tile label")
    yield from _misspell(chart, labels, rng)


@corruption(ChartProgram, TEXT)
def misspell_legend_entry(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A name in the legend is misspelt.

    Yields:
        One mutation per legend entry or legend title.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect legend entries.

    Example:
        >>> misspell_legend_entry("ax.plot(x, y, label='baseline'); ax.legend()", seed=0)[0]
        "ax.plot(x, y, label='baselinee'); ax.legend()"
    """
    yield from _misspell(chart, chart.labels_of("legend entry", "legend title"), rng)


@corruption(ChartProgram, TEXT)
def misspell_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A word written into the chart is misspelt.

    Yields:
        One mutation per annotation.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect annotations.

    Example:
        >>> misspell_annotation("ax.annotate('peak load', (3, 4))", seed=0)[0]
        "ax.annotate('peeak load', (3, 4))"
    """
    yield from _misspell(chart, chart.labels_of("annotation"), rng)


@corruption(ChartProgram, TEXT)
def confuse_characters(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One character is taken for its look-alike, as optical character recognition does.

    Yields:
        One mutation per label in which a confusable character stands.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: typos.

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
def drop_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title is missing.

    Yields:
        One mutation per statement that sets a title, and per ``title=`` of a drawing call.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing titles.

    Example:
        >>> drop_title("ax.plot(x)\\nax.set_title('Rain')\\nplt.show()", seed=0)[0]
        'ax.plot(x)\\nplt.show()'
    """
    yield from _drop_calls(chart, _TITLE_CALLS, "title")
    yield from _drop_words(chart, ("title",), "title")


def _drop_words(chart: ChartProgram, words: tuple[str, ...], what: str) -> Iterator[Mutation]:
    for call in chart.calls("set", "plot", "bar", "barh", "hist", "line"):
        word = chart.keyword(call, *words)
        if word is not None and word.arg is not None:
            yield Mutation((chart.drop_keyword(word),), what, f"the {what} is missing")


@corruption(ChartProgram, TEXT)
def drop_axis_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis has lost its label.

    Yields:
        One mutation per statement that labels an axis, and per ``xlabel=`` and the like.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing labels.

    Example:
        >>> drop_axis_label("ax.set(xlabel='t', ylim=(0, 1))", seed=0)[0]
        'ax.set(ylim=(0, 1))'
    """
    for axis in "xyz":
        yield from _drop_calls(chart, (f"{axis}label", f"set_{axis}label"), f"{axis}-axis label")
        yield from _drop_words(chart, (f"{axis}label",), f"{axis}-axis label")
    yield from _drop_calls(chart, ("supxlabel", "supylabel"), "axis label")


@corruption(ChartProgram, TEXT)
def swap_axis_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The labels of the two axes have changed places.

    Yields:
        One mutation per pair of calls on the same axes, or of keywords in one call.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced labels.

    Example:
        >>> swap_axis_labels("ax.set_xlabel('time'); ax.set_ylabel('load')", seed=0)[0]
        "ax.set_xlabel('load'); ax.set_ylabel('time')"
    """
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for across in chart.calls("xlabel", "set_xlabel"):
        for up in chart.calls("ylabel", "set_ylabel"):
            same = chart.receiver(across) == chart.receiver(up)
            if same and across.args and up.args:
                pairs.append((across.args[0], up.args[0]))
    for call in chart.calls("set", "plot", "bar", "barh", "hist"):
        xlabel, ylabel = chart.keyword(call, "xlabel"), chart.keyword(call, "ylabel")
        if xlabel and ylabel:
            pairs.append((xlabel.value, ylabel.value))
    for first, second in pairs:
        left, right = chart.source(first), chart.source(second)
        if left != right:
            edits = (chart.replace(first, right), chart.replace(second, left))
            yield Mutation(edits, "axis labels", f"{left} and {right} have changed axes")


def _swap(
    chart: ChartProgram, labels: list[Label], rng: Random, what: str, together: bool
) -> Iterator[Mutation]:
    """Swap each label with another one, of the same list where ``together``."""
    for label in labels:
        others = [
            other
            for other in labels
            if other.text.value != label.text.value
            and (not together or chart.parent(other.text.node) is chart.parent(label.text.node))
        ]
        if others:
            other = rng.choice(others)
            edits = (
                chart.replace(label.text.node, chart.source(other.text.node)),
                chart.replace(other.text.node, chart.source(label.text.node)),
            )
            words = f"{label.text.value!r} and {other.text.value!r}"
            yield Mutation(edits, f"{what} {words}", f"{words} have changed places")


@corruption(ChartProgram, TEXT)
def swap_titles(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The titles of two panels have changed places.

    Yields:
        One mutation per title that has another to change with.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced titles.

    Example:
        >>> swap_titles("a.set_title('Train'); b.set_title('Test')", seed=0)[0]
        "a.set_title('Test'); b.set_title('Train')"
    """
    titles = [label for label in chart.labels if label.role == "title"]
    yield from _swap(chart, titles, rng, "titles", together=False)


@corruption(ChartProgram, TEXT)
def swap_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two categories under an axis have changed places, while their values stay.

    Yields:
        One mutation per tick label that has a neighbour in the same list.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced ticks.

    Example:
        >>> swap_tick_labels("ax.set_xticklabels(['low', 'high'])", seed=0)[0]
        "ax.set_xticklabels(['high', 'low'])"
    """
    labels = chart.labels_of("tick label", "category", "slice label", "node label", "tile label")
    yield from _swap(chart, labels, rng, "tick labels", together=True)


@corruption(ChartProgram, TEXT)
def swap_legend_entries(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two names in the legend have changed places.

    Yields:
        One mutation per legend entry that has another to change with.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect legend entries.

    Example:
        >>> swap_legend_entries("plt.plot(a, label='A'); plt.plot(b, label='B')", seed=0)[0]
        "plt.plot(a, label='B'); plt.plot(b, label='A')"
    """
    yield from _swap(chart, chart.labels_of("legend entry"), rng, "legend entries", together=False)


@corruption(ChartProgram, TEXT)
def swap_annotations(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two annotations have changed places.

    Yields:
        One mutation per annotation that has another to change with.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced annotations.

    Example:
        >>> swap_annotations("ax.text(1, 2, 'peak'); ax.text(3, 1, 'dip')", seed=0)[0]
        "ax.text(1, 2, 'dip'); ax.text(3, 1, 'peak')"
    """
    yield from _swap(chart, chart.labels_of("annotation"), rng, "annotations", together=False)


@corruption(ChartProgram, TEXT)
def drop_unit(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A label has lost its unit, or whatever stood in brackets at its end.

    Yields:
        One mutation per label that ends in brackets.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect labels.

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

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect labels.

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

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect titles.

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

    Yields:
        One mutation per label that has another case to be in.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect labels.

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

    Yields:
        One mutation per label with a digit.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect labels.

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
            wrong = wrong_digit(seen, rng)
            yield Mutation(
                (Edit(at, at + 1, wrong),), label.location, f"digit {seen} reads {wrong}"
            )


@corruption(ChartProgram, TEXT)
def flatten_math(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A formula in a label is written as plain characters: no superscript, no Greek.

    Yields:
        One mutation per label with ``$...$``.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect labels.

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


@corruption(ChartProgram, TEXT)
def drop_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Names under an axis give way to plain numbers.

    Yields:
        One mutation per call that names ticks.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing ticks.

    Example:
        >>> drop_tick_labels("plt.xticks([0, 1], ['a', 'b'], rotation=90)", seed=0)[0]
        'plt.xticks([0, 1], rotation=90)'
    """
    for axis in "xy":
        what = f"{axis} tick labels"
        for call in chart.calls(f"set_{axis}ticklabels"):
            statement = chart.statement(call)
            if chart.can_drop(statement) and chart.parent(call) is statement:
                yield Mutation((chart.drop(statement),), what, "plain numbers stand for the names")
        for call in chart.calls(f"{axis}ticks", f"set_{axis}ticks"):
            names = chart.keyword(call, "labels")
            if names is not None:
                edit = chart.drop_keyword(names)
                yield Mutation((edit,), what, "plain numbers stand for the names")
            elif len(call.args) > 1:
                edit = chart.drop_item(call.args[1])
                yield Mutation((edit,), what, "plain numbers stand for the names")


@corruption(ChartProgram, TEXT)
def hide_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The numbers or names along one axis are missing.

    Yields:
        One mutation per axis of each axes that something is drawn on.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing ticks.

    Example:
        >>> hide_tick_labels("ax.plot(x)\\nax.grid()", seed=0)[0]
        'ax.plot(x)\\nax.tick_params(axis="y", labelleft=False)\\nax.grid()'
    """
    for receiver, statement in chart.axes():
        for axis, words in (("x", "labelbottom=False"), ("y", "labelleft=False")):
            edit = chart.after(statement, f'{receiver}.tick_params(axis="{axis}", {words})')
            yield Mutation((edit,), f"{axis} tick labels", f"the {axis} axis has no tick labels")


@corruption(ChartProgram, TEXT)
def rotate_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Tick labels stand at another angle.

    Yields:
        One mutation per angle given for tick labels, and one per call that names ticks without one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced ticks.

    Example:
        >>> rotate_tick_labels("plt.xticks(rotation=45)", seed=0)[0]
        'plt.xticks(rotation=30)'
    """
    names = ("xticks", "yticks", "set_xticklabels", "set_yticklabels", "set_xticks", "tick_params")
    for call in chart.calls(*names):
        word = chart.keyword(call, "rotation", "labelrotation")
        if word is not None:
            number = chart.number(word.value)
            here = int(number.value) % 360 if number else None
            angle = rng.choice([angle for angle in (0, 30, 45, 90) if angle != here])
            edit = chart.replace(word.value, str(angle))
        else:
            bare = chart.method(call) in ("set_xticks", "set_yticks") and len(call.args) < 2
            added = (
                None
                if bare
                else chart.set_keyword(
                    call, "rotation", angle_text := str(rng.choice((30, 45, 90)))
                )
            )
            if added is None:
                continue
            edit, angle = added, int(angle_text)
        yield Mutation((edit,), "tick labels", f"are turned by {angle} degrees")


@corruption(ChartProgram, TEXT)
def thin_out_ticks(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Every second tick of an axis is missing, with its number.

    Yields:
        One mutation per literal list of four ticks or more that no list of names goes with.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing ticks.

    Example:
        >>> thin_out_ticks("ax.set_yticks([0, 10, 20, 30])", seed=0)[0]
        'ax.set_yticks([0, 20])'
    """
    for axis in "xy":
        if chart.calls(f"set_{axis}ticklabels"):
            continue
        for call in chart.calls(f"{axis}ticks", f"set_{axis}ticks"):
            if len(call.args) == 1 and not chart.keyword(call, "labels"):
                for ticks in chart.sequences(call.args[0]):
                    if len(ticks.elts) >= 4:
                        edit = chart.replace(
                            ticks, f"[{', '.join(map(chart.source, ticks.elts[::2]))}]"
                        )
                        yield Mutation((edit,), f"{axis} ticks", "every second tick is missing")


@corruption(ChartProgram, TEXT)
def drop_legend(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend is missing.

    Yields:
        One mutation per legend.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing legend entries.

    Example:
        >>> drop_legend("if True:\\n    plt.legend(loc='best')", seed=0)[0]
        'if True:\\n    pass'
    """
    yield from _drop_calls(chart, ("legend",), "legend")


@corruption(ChartProgram, TEXT)
def drop_legend_entry(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One series is missing from the legend.

    Yields:
        One mutation per ``label=`` of a series, where at least two series have one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing legend entries.

    Example:
        >>> drop_legend_entry("ax.plot(a, label='A')\\nax.plot(b, label='B')\\nax.legend()", seed=0)[0]
        "ax.plot(a, label='A')\\nax.plot(b)\\nax.legend()"
    """
    if not chart.calls("legend"):
        return
    words = [word for call in chart.drawings if (word := chart.keyword(call, "label"))]
    for word in words:
        if len(words) > 1:
            name = chart.source(word.value)
            yield Mutation(
                (chart.drop_keyword(word),), f"legend entry {name}", f"{name} is missing"
            )


@corruption(ChartProgram, TEXT)
def move_legend(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend stands in another corner.

    Yields:
        One mutation per legend.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced legend entries.

    Example:
        >>> move_legend("ax.legend(loc='upper right')", seed=0)[0]
        'ax.legend(loc="center right")'
    """
    for call in chart.calls("legend"):
        given = chart.argument(call, None, "loc")
        here = {text.value for end in chart.leaves(given) if (text := chart.string(end))}
        corner = rng.choice([corner for corner in _CORNERS if corner not in here])
        edit = chart.set_keyword(call, "loc", f'"{corner}"')
        if edit is not None:
            yield Mutation((edit,), "legend", f"stands at the {corner}")


@corruption(ChartProgram, TEXT)
def change_legend_columns(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The entries of the legend are arranged in another number of columns.

    Yields:
        One mutation per legend that states its columns, or that has none and two entries.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced legend entries.

    Example:
        >>> change_legend_columns("ax.legend(ncol=3)", seed=0)[0]
        'ax.legend(ncol=1)'
    """
    for call in chart.calls("legend"):
        word = chart.keyword(call, "ncol", "ncols")
        if word is not None:
            number = chart.number(word.value)
            count = 2 if number and number.value == 1 else 1
            edit: Edit | None = chart.replace(word.value, str(count))
        elif len(chart.labels_of("legend entry")) > 1:
            count = 2
            edit = chart.set_keyword(call, "ncol", "2")
        else:
            continue
        if edit is not None:
            yield Mutation((edit,), "legend", f"has {count} column{'s' * (count > 1)}")


@corruption(ChartProgram, TEXT)
def drop_legend_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend has lost its heading.

    Yields:
        One mutation per ``title=`` of a legend.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing titles.

    Example:
        >>> drop_legend_title("ax.legend(title='Model', ncol=2)", seed=0)[0]
        'ax.legend(ncol=2)'
    """
    for call in chart.calls("legend"):
        word = chart.keyword(call, "title")
        if word is not None:
            yield Mutation((chart.drop_keyword(word),), "legend title", "the heading is missing")


@corruption(ChartProgram, TEXT)
def drop_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Words written into the chart are missing; of a loop, all of them.

    Yields:
        One mutation per statement that writes into the chart.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing annotations.

    Example:
        >>> drop_annotation("ax.plot(y)\\nax.annotate('peak', (3, 4))\\n", seed=0)[0]
        'ax.plot(y)\\n'
    """
    yield from _drop_calls(
        chart, ("annotate", "text", "figtext", "bar_label", "clabel"), "annotation"
    )


@corruption(ChartProgram, TEXT)
def move_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An annotation stands somewhere else.

    Yields:
        One mutation per literal coordinate of an annotation, and per literal alignment.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced annotations.

    Example:
        >>> move_annotation("ax.text(2, 8, 'peak')", seed=0)[0]
        "ax.text(2.8, 8, 'peak')"
    """
    for call in chart.calls("text", "annotate", "figtext"):
        places = [*call.args[:2]] if chart.method(call) != "annotate" else []
        moved = chart.argument(call, None, "xytext") or chart.argument(call, 1, "xy")
        if chart.method(call) == "annotate" and moved is not None:
            places = [node for pair in chart.sequences(moved) for node in pair.elts]
        for place in places:
            number = chart.number(place)
            if number is not None:
                factor = rng.choice(("0.6", "1.4"))
                wrong = f"{number.value * type(number.value)(factor):f}" if number.value else "0.3"
                yield Mutation((chart.replace(place, wrong),), "annotation", "stands elsewhere")
        for words, choices in (
            (("ha", "horizontalalignment"), ("left", "right", "center")),
            (("va", "verticalalignment"), ("top", "bottom")),
        ):
            word = chart.keyword(call, *words)
            text = chart.string(word.value) if word else None
            if word and text and text.constant:
                side = rng.choice([choice for choice in choices if choice != text.value])
                edit = chart.replace(word.value, f'"{side}"')
                yield Mutation((edit,), "annotation", f"is aligned {side}, not {text.value}")


@corruption(ChartProgram, TEXT)
def change_value_format(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Numbers written into the chart have another count of decimals.

    Yields:
        One mutation per format with decimals, such as ``{:.1f}``, ``%.2f`` or ``autopct``.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect annotations.

    Example:
        >>> change_value_format("plt.pie(s, autopct='%1.1f%%')", seed=0)[0]
        "plt.pie(s, autopct='%1.2f%%')"
    """
    for node in chart.nodes:
        if not isinstance(node, (ast.Constant, ast.JoinedStr)) or chart.string(node) is None:
            continue
        if isinstance(chart.parent(node), (ast.JoinedStr, ast.FormattedValue)):
            continue
        start, end = chart.span(node)
        for match in re.finditer(r"(?<=\.)(\d)(?=[f%])", chart.text[start:end]):
            other = rng.choice([count for count in ("0", "1", "2", "3") if count != match[1]])
            edit = Edit(start + match.start(), start + match.end(), other)
            yield Mutation((edit,), "value labels", f"have {other} decimals instead of {match[1]}")


@corruption(ChartProgram, TEXT)
def drop_percent_sign(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Numbers written into the chart have lost their percent sign.

    Yields:
        One mutation per f-string or ``autopct`` that ends in a percent sign.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: incorrect annotations.

    Example:
        >>> drop_percent_sign("ax.text(1, 2, f'{share:.0f}%')", seed=0)[0]
        "ax.text(1, 2, f'{share:.0f}')"
    """
    for node in chart.nodes:
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and chart.string(node) is not None:
            source = chart.source(node)
            match = re.search(r"(?<=[fd}])(%%|%)(?=[\"']+$)", source)
            if match and not isinstance(chart.parent(node), (ast.JoinedStr, ast.FormattedValue)):
                start = chart.span(node)[0]
                edit = Edit(start + match.start(), start + match.end(), "")
                yield Mutation((edit,), "value labels", "have no percent sign")


@corruption(ChartProgram, TEXT)
def drop_value_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The numbers on slices or cells are missing.

    Yields:
        One mutation per ``autopct`` of a pie whose texts nobody reads, and per ``annot=True``.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: missing annotations.

    Example:
        >>> drop_value_labels("sns.heatmap(table, annot=True, cmap='Blues')", seed=0)[0]
        "sns.heatmap(table, cmap='Blues')"
    """
    for call in chart.calls("pie", "heatmap"):
        word = chart.keyword(call, "autopct", "annot")
        if word is not None and isinstance(chart.parent(call), ast.Expr):
            yield Mutation((chart.drop_keyword(word),), "value labels", "the numbers are missing")


@corruption(ChartProgram, TEXT)
def move_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title stands at the left or right edge instead of above the middle.

    Yields:
        One mutation per title of axes.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``text_error``: misplaced titles.

    Example:
        >>> move_title("ax.set_title('Rain', fontsize=9)", seed=0)[0]
        'ax.set_title(\\'Rain\\', fontsize=9, loc="right")'
    """
    for call in chart.calls("title", "set_title"):
        if call.args and chart.keyword(call, "loc") is None and chart.keyword(call, "x") is None:
            side = rng.choice(("left", "right"))
            edit = chart.set_keyword(call, "loc", f'"{side}"')
            if edit is not None:
                yield Mutation((edit,), "title", f"stands at the {side}")
