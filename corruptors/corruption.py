"""A corruption: a named way to be wrong, declared as one generator of mutations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, update_wrapper
from random import Random
from typing import Any, Generic, Protocol, Self, TypeVar

from records.edits import Mutation, apply
from records.taxonomy import CATEGORIES, Category, Modality


class Program(Protocol):
    """A parsed program text that knows the place of each part."""

    @property
    def text(self) -> str:
        """The text exactly as it was parsed; offsets of edits refer to it."""
        ...

    @classmethod
    def parse(cls, text: str) -> Self:
        """The program written in ``text``.

        Raises:
            CodeParseError: the text is not of this language.
        """
        ...


P = TypeVar("P", bound=Program)
Propose = Callable[[P, Random], Iterator[Mutation]]


class Corruption(Generic[P]):
    """Proposes mutations of a program, and names the category a viewer should give them.

    Source: Visual-ERM (arXiv:2603.13224) for the categories and the kinds of errors in each; a
    corruption that comes from elsewhere says so in its own docstring.

    Attributes:
        name: The function's name, a verb phrase.
        category: What a viewer should call the error; labels still come from the pictures.
        modality: What the program draws, by its category.
        program: How the text is parsed.
        propose: The generator itself, ``(program, rng) -> Iterator[Mutation]``.
        image_only: True if it edits the finished figure: the picture shows the error, no code would.
    """

    def __init__(
        self,
        program: type[P],
        category: Category,
        propose: Propose[P],
        image_only: bool = False,
    ) -> None:
        # Name, docstring and doctests stay the function's own: tools find them on the object.
        update_wrapper(self, propose)
        self.name: str = propose.__name__
        self.category = category
        self.modality: Modality = _modality(category)
        self.program = program
        self.propose = propose
        self.image_only = image_only

    def __call__(self, code: str, seed: int) -> tuple[str, Mutation] | None:
        """The corrupted code and its mutation, or None if nothing applies.

        Every mutation that the program allows is equally likely.

        Raises:
            CodeParseError: ``code`` is not of this corruption's language.
        """
        rng = Random(seed)
        mutations = list(self.propose(parsed(self.program, code), rng))
        if not mutations:
            return None
        chosen = rng.choice(mutations)
        return apply(code, chosen.edits), chosen

    def __repr__(self) -> str:
        return f"<{self.modality} corruption {self.name}: {self.category}>"


def corruption(program: type[P], category: Category) -> Callable[[Propose[P]], Corruption[P]]:
    """Declare a corruption: decorate a generator of mutations.

    Example:
        >>> from records.edits import Edit
        >>> from records.taxonomy import ChartCategory
        >>> class Line:
        ...     def __init__(self, text):
        ...         self.text = text
        ...     parse = classmethod(lambda cls, text: cls(text))
        >>> @corruption(Line, ChartCategory.TEXT)
        ... def drop_first_letter(line, rng):
        ...     if line.text:
        ...         yield Mutation((Edit(0, 1, ""),), "start", "the first letter is missing")
        >>> drop_first_letter("title", seed=0)[0], drop_first_letter("", seed=0)
        ('itle', None)
    """
    return lambda propose: Corruption(program, category, propose)


def parsed(program: type[P], text: str) -> P:
    """``program.parse(text)``, cached for the last few texts, since many corruptions parse the same sample.

    Raises:
        CodeParseError: the text is not of the program's language.
    """
    found: P = _parsed(program, text)
    return found


@lru_cache(maxsize=32)
def _parsed(program: Any, text: str) -> Any:
    return program.parse(text)


def _modality(category: Category) -> Modality:
    for modality, categories in CATEGORIES.items():
        if type(category) is categories:
            return modality
    raise TypeError(f"{category!r} is no category of the taxonomy")
