"""Markup as characters: elements, attributes and text of HTML and SVG, each with its exact span.

Nothing is ever written back from a tree: corruptions splice the original characters, so letter
case, white space, comments and quotes survive outside the edit. `corruptors.markup.reader` finds
the spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Protocol, TypeVar

from records.edits import Edit, Mutation

T = TypeVar("T")


class Span(Protocol):
    """Anything that knows its place in the text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a start tag, value as written (entities and all)."""

    name: str
    value: str
    start: int
    """First character of the white space before the name: deleting start..end leaves no gap."""
    end: int
    value_start: int
    value_end: int
    quote: str
    """``"``, ``'`` or nothing."""

    def replaced(self, value: str) -> Edit:
        """The edit that writes another value, in the quotes that are there or in new ones."""
        if not self.quote and (self.value_start == self.value_end or _NEEDS_QUOTES.search(value)):
            equals = "" if self.value_end > self.value_start else "="
            return Edit(self.value_start, self.value_end, f'{equals}"{value}"')
        return Edit(self.value_start, self.value_end, value)

    def removed(self) -> Edit:
        return Edit(self.start, self.end, "")


@dataclass(frozen=True, slots=True)
class MarkupElement:
    """One element: ``text[start:end]`` from ``<`` of its start tag to the end of its end tag."""

    index: int
    name: str
    """Lower case in HTML, as written in SVG."""
    start: int
    name_end: int
    """Just after the name in the start tag: where an attribute can be inserted."""
    inner_start: int
    inner_end: int
    """The content; empty for a void or self-closed element, or up to where it is implied closed."""
    end: int
    parent: int
    """Index of the parent element, -1 at the top."""
    attributes: Mapping[str, Attribute]

    def attribute(self, name: str, default: str = "") -> str:
        """Value of an attribute as written, or ``default``."""
        found = self.attributes.get(name)
        return default if found is None else found.value

    def inserted(self, name: str, value: str) -> Edit:
        """The edit that adds an attribute right after the element's name."""
        return Edit(self.name_end, self.name_end, f' {name}="{value}"')

    def written(self, name: str, value: str) -> Edit:
        """The edit that gives an attribute this value, whether or not it is there yet."""
        found = self.attributes.get(name)
        return self.inserted(name, value) if found is None else found.replaced(value)

    def removed(self) -> Edit:
        return Edit(self.start, self.end, "")

    def replaced(self, text: str) -> Edit:
        """The edit that puts other text in the element's place, tags included."""
        return Edit(self.start, self.end, text)

    def before(self, text: str) -> Edit:
        return Edit(self.start, self.start, text)

    def after(self, text: str) -> Edit:
        return Edit(self.end, self.end, text)

    def renamed(self, name: str) -> tuple[Edit, ...]:
        """The edits that give an element another name, in its end tag too if it has one."""
        start = Edit(self.start + 1, self.name_end, name)
        if self.end == self.inner_end:
            return (start,)
        return start, Edit(self.inner_end, self.end, f"</{name}>")

    def rewritten(self, words: str, *edits: Edit) -> Mutation:
        """What a rewrite has changed here, with the place as a log names it."""
        return Mutation(edits, f"<{self.name}> at character {self.start}", words)


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters between two tags."""

    start: int
    end: int
    parent: int
    """Index of the element that holds it, -1 at the top."""


@dataclass(frozen=True)
class MarkupProgram:
    """HTML or SVG text with its elements in document order and the text runs between tags."""

    text: str
    elements: tuple[MarkupElement, ...]
    runs: tuple[TextRun, ...]

    def source(self, element: MarkupElement) -> str:
        """The characters of an element, tags included."""
        return self.text[element.start : element.end]

    def inner(self, element: MarkupElement) -> str:
        """The characters between an element's tags."""
        return self.text[element.inner_start : element.inner_end]

    def exchanged(self, one: Span, other: Span) -> tuple[Edit, Edit]:
        """The edits that put each of two things in the other's place."""
        return (
            Edit(one.start, one.end, self.text[other.start : other.end]),
            Edit(other.start, other.end, self.text[one.start : one.end]),
        )

    def named(self, *names: str) -> Iterator[MarkupElement]:
        """Elements of any of these names, in document order."""
        return (element for element in self.elements if element.name in names)

    def children(self, element: MarkupElement) -> tuple[MarkupElement, ...]:
        """Direct children, in document order."""
        return self._children.get(element.index, ())

    def ancestors(self, element: MarkupElement) -> Iterator[MarkupElement]:
        """Parent, grandparent and so on."""
        while element.parent >= 0:
            element = self.elements[element.parent]
            yield element

    def descendants(self, element: MarkupElement) -> Iterator[MarkupElement]:
        """All elements below, in document order."""
        for other in self.elements[element.index + 1 :]:
            if other.start >= element.end:
                return
            yield other

    def unwrapped(self, element: MarkupElement) -> Iterator[Edit]:
        """The edits that leave an element's content without its tags."""
        yield Edit(element.start, element.inner_start, "")
        if element.end > element.inner_end:
            yield Edit(element.inner_end, element.end, "")

    def runs_in(self, start: int, end: int) -> Iterator[TextRun]:
        """Text runs within ``text[start:end]``."""
        return (run for run in self.runs if start <= run.start and run.end <= end)

    @cached_property
    def _children(self) -> dict[int, tuple[MarkupElement, ...]]:
        below: dict[int, list[MarkupElement]] = {}
        for element in self.elements:
            below.setdefault(element.parent, []).append(element)
        return {index: tuple(elements) for index, elements in below.items()}


def some(items: Sequence[T], rng: Random, most: int = 8) -> list[T]:
    """A few of many places, in their order: a path of a thousand points is not tried whole."""
    if len(items) <= most:
        return list(items)
    return [items[at] for at in sorted(rng.sample(range(len(items)), most))]


def quoted(value: str) -> str:
    """``value`` for an attribute in double quotes.

    >>> quoted('a "b"')
    'a &quot;b&quot;'
    """
    return value.replace('"', "&quot;")


_NEEDS_QUOTES = re.compile(r"""[\s"'=<>`]|^$""")
