"""Texts and reused symbols of an icon that come out wrong: ``text_symbol_error``, or
``structure_error`` where a symbol is missing or moved like any other group of shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement
from corruptors.misreading import look_alikes, misspelling, wrong_digit
from corruptors.svg.program.path_data import plain
from corruptors.svg.program.svg_program import SvgProgram, target
from records.edits import Edit, Mutation
from records.taxonomy import SvgCategory


def _texts(svg: SvgProgram) -> Iterator[MarkupElement]:
    return (shape for shape in svg.shapes if shape.name == "text")


def _words(svg: SvgProgram) -> Iterator[tuple[MarkupElement, int, str]]:
    """Words of all texts, each with where it starts; character references are left out."""
    for text in _texts(svg):
        for run in svg.runs_in(text.inner_start, text.inner_end):
            for found in re.finditer(r"[^\s&;<>]+", svg.text[run.start : run.end]):
                at = run.start + found.start()
                if svg.text[at - 1] != "&" and svg.text[at + len(found[0])] != ";":
                    yield text, at, found[0]


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def misspell_text(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A word of a text has a slip: letters swapped, dropped, doubled or mistaken.

    Yields:
        One mutation per word of three letters or more.

    Example:
        >>> misspell_text("<svg><text>Label</text></svg>", seed=0)[0]
        '<svg><text>Labell</text></svg>'
    """
    for text, at, word in _words(svg):
        slip = misspelling(word, rng)
        if slip is not None:
            start, end, new = slip
            wrong = word[:start] + new + word[end:]
            yield svg.error(text, f"{word!r} reads {wrong!r}", Edit(at + start, at + end, new))


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def confuse_characters(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A letter or digit of a text is read as one that looks like it.

    Yields:
        One mutation per such character, and one per digit for a wrong digit.

    Example:
        >>> confuse_characters("<svg><text>BX</text></svg>", seed=0)[0]
        '<svg><text>8X</text></svg>'
    """
    for text, at, word in _words(svg):
        slips = list(look_alikes(word))
        slips += [
            (place, place + 1, wrong_digit(sign, rng))
            for place, sign in enumerate(word)
            if sign in "0123456789"
        ]
        for start, end, new in slips:
            wrong = word[:start] + new + word[end:]
            if wrong != word:
                yield svg.error(text, f"{word!r} reads {wrong!r}", Edit(at + start, at + end, new))


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def drop_text_element(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A text is missing.

    Yields:
        One mutation per text, where something else is drawn.

    Example:
        >>> drop_text_element('<svg><circle r="9"/><text>A</text></svg>', seed=0)[0]
        '<svg><circle r="9"/></svg>'
    """
    if len(svg.shapes) > 1:
        for text in _texts(svg):
            yield svg.error(text, "the text is missing", text.removed())


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def change_text_case(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A word of a text has the wrong capitals.

    Yields:
        One mutation per word whose letters come in two cases.

    Example:
        >>> change_text_case("<svg><text>ok</text></svg>", seed=0)[0]
        '<svg><text>Ok</text></svg>'
    """
    for text, at, word in _words(svg):
        forms = (word.upper(), word.lower(), word.capitalize())
        wrong = [form for form in forms if form != word and len(form) == len(word)]
        if wrong:
            new = rng.choice(wrong)
            yield svg.error(text, f"{word!r} reads {new!r}", Edit(at, at + len(word), new))


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def change_font_size(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A text is too large or too small.

    Example:
        >>> change_font_size('<svg><text font-size="10px">A</text></svg>', seed=0)[0]
        '<svg><text font-size="15px">A</text></svg>'
    """
    for text in _texts(svg):
        written = svg.value(text, "font-size")
        found = re.match(r"([\d.]+)\s*([a-z%]*)", written)
        if found is not None and float(found[1]) > 0:
            factor = rng.choice((0.6, 0.75, 1.3, 1.5))
            wrong = plain(float(found[1]) * factor) + found[2]
            size = "large" if factor > 1 else "small"
            words = f"the text is too {size}: {wrong} instead of {written}"
            yield svg.restyled(text, words, "font-size", wrong)


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def change_text_anchor(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A text starts, ends or is centered where it should not be.

    Example:
        >>> change_text_anchor('<svg><text text-anchor="end">A</text></svg>', seed=0)[0]
        '<svg><text text-anchor="middle">A</text></svg>'
    """
    for text in _texts(svg):
        now = svg.value(text, "text-anchor")
        wrong = rng.choice([one for one in ("start", "middle", "end") if one != now])
        words = f"the text is anchored at its {wrong} instead of its {now}"
        yield svg.restyled(text, words, "text-anchor", wrong)


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def change_font_weight(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A text is bold that should not be, or the other way round.

    Example:
        >>> change_font_weight("<svg><text>A</text></svg>", seed=0)[0]
        '<svg><text font-weight="bold">A</text></svg>'
    """
    for text in _texts(svg):
        bold = svg.value(text, "font-weight") in ("bold", "bolder", "600", "700", "800", "900")
        wrong = "normal" if bold else "bold"
        yield svg.error(text, f"the text is {wrong}", svg.set(text, "font-weight", wrong))


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def move_text(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A text stands beside its place.

    Yields:
        One mutation per text; direction and distance (8 to 20 % of the picture) are drawn.

    Example:
        >>> move_text('<svg><text y="9">A</text></svg>', seed=0)[0]
        '<svg><text y="17">A</text></svg>'
    """
    for text in _texts(svg):
        name = rng.choice(("x", "y"))
        step = svg.units(text, rng.choice((-0.2, -0.12, -0.08, 0.08, 0.12, 0.2)))
        yield svg.error(text, "the text has moved", svg.shifted(text, name, step))


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def drop_symbol(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A reused symbol is missing in one of its places.

    Example:
        >>> drop_symbol('<svg><circle id="a" r="9"/><use href="#a" x="20"/></svg>', seed=0)[0]
        '<svg><circle id="a" r="9"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name == "use" and len(svg.shapes) > 1:
            yield svg.error(shape, "the symbol is missing", shape.removed())


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def replace_symbol(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A reused symbol is another one.

    Yields:
        One mutation per ``use``, where another one shows something else; which is drawn.

    Example:
        >>> picture = '<svg><defs><circle id="a" r="9"/><path id="b" d="M0 0h9"/></defs>'
        >>> replace_symbol(picture + '<use href="#a"/><use href="#b"/></svg>', seed=0)[0][-36:]
        'se href="#b"/><use href="#b"/></svg>'
    """
    uses = [shape for shape in svg.shapes if shape.name == "use"]
    targets = {target(use) for use in uses}
    for use in uses:
        around = {above.attribute("id") for above in svg.ancestors(use)}
        others = sorted(targets - {target(use)} - around)
        if others:
            wrong = rng.choice(others)
            # A symbol that shows itself, at any depth, shows nothing.
            if any(target(one) in around for one in _uses_below(svg, wrong)):
                continue
            link = use.attributes.get("href") or use.attributes["xlink:href"]
            yield svg.error(use, f"shows {wrong}, not {target(use)}", link.replaced(f"#{wrong}"))


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def move_symbol(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A reused symbol of several shapes stands beside its place.

    Yields:
        One mutation per ``use`` that shows; direction and distance are drawn.

    Example:
        >>> sign = '<g id="a"><circle r="9"/><path d="M0 0h9"/></g>'
        >>> move_symbol(f'<svg>{sign}<use href="#a"/></svg>', seed=0)[0][-29:]
        '<use y="15" href="#a"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name == "use" and len(svg.children(svg.identified[target(shape)])) > 1:
            name = rng.choice(("x", "y"))
            step = svg.units(shape, rng.choice((-0.15, -0.1, 0.1, 0.15)))
            yield svg.error(shape, "the symbol has moved", svg.shifted(shape, name, step))


def _uses_below(svg: SvgProgram, name: str) -> Iterator[MarkupElement]:
    element = svg.identified[name]
    return (one for one in (element, *svg.descendants(element)) if one.name == "use")
