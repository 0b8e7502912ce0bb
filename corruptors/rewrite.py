"""Other code for the same picture: negatives that a comparison of code would get wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import update_wrapper
from random import Random
from typing import Any, Generic

from corruptors.corruption import P, Propose, parsed
from records.edits import Edit, Mutation, apply, overlap


class Rewrite(Generic[P]):
    """Proposes changes of the text that keep the picture equal, pixel for pixel.

    Attributes:
        name: The function's name, a verb phrase.
        program: How the text is parsed.
        propose: The generator, ``(program, rng) -> Iterator[Mutation]``; one mutation per place.
    """

    def __init__(self, program: type[P], propose: Propose[P]) -> None:
        update_wrapper(self, propose)
        self.name: str = propose.__name__
        self.program = program
        self.propose = propose

    def __call__(self, code: str, seed: int) -> tuple[str, tuple[Mutation, ...]] | None:
        """The rewritten code and what was changed in it, or None if nothing applies.

        A random half of the places is rewritten, at least one, none that overlap.

        Raises:
            CodeParseError: ``code`` is not of this rewrite's language.
        """
        rng = Random(seed)
        mutations = list(self.propose(parsed(self.program, code), rng))
        rng.shuffle(mutations)
        chosen: list[Mutation] = []
        edits: list[Edit] = []
        for mutation in mutations:
            if (not chosen or rng.random() < 0.5) and not overlap(edits, mutation.edits):
                chosen.append(mutation)
                edits += mutation.edits
        if not chosen:
            return None
        return apply(code, edits), tuple(chosen)

    def __repr__(self) -> str:
        return f"<rewrite {self.name}>"


def rewrite(program: type[P]) -> Callable[[Propose[P]], Rewrite[P]]:
    """Declare a rewrite: decorate a generator of mutations that change no pixel.

    Example:
        >>> class Line:
        ...     def __init__(self, text):
        ...         self.text = text
        ...     parse = classmethod(lambda cls, text: cls(text))
        >>> @rewrite(Line)
        ... def add_comment(line, rng):
        ...     end = len(line.text)
        ...     yield Mutation((Edit(end, end, "  # as before"),), "end", "a comment")
        >>> add_comment("plt.show()", seed=0)[0]
        'plt.show()  # as before'
    """
    return lambda propose: Rewrite(program, propose)


def rewritten(
    code: str, rewrites: Sequence[Rewrite[Any]], rng: Random, most: int = 4
) -> Iterator[tuple[str, str, int]]:
    """Ever other code for the same picture: several rewrites one after the other.

    Yields:
        The code, the names of its rewrites joined by ``+``, and the seed of the choice; at most
        eight, and none where no rewrite applies.

    Raises:
        CodeParseError: ``code`` is not of the rewrites' language.
    """
    for _ in range(8):
        seed = rng.getrandbits(32)
        choice = Random(seed)
        order = choice.sample(list(rewrites), len(rewrites))
        wanted = choice.randint(1, most)
        now, names = code, list[str]()
        for candidate in order:
            if len(names) == wanted:
                break
            result = candidate(now, choice.getrandbits(32))
            if result is not None and result[0] != now:
                now = result[0]
                names.append(candidate.name)
        if names and now != code:
            yield now, "+".join(names), seed
