"""Programs that nobody wrote: whatever a corpus holds, the corrupt stage refuses it or works on it.

Bundled programs are cut, doubled, spliced and given odd values; a program that no longer parses is
a `CodeParseError`, and any other exception would end a build. `make fuzz` tries 10,000 inputs that
differ from run to run; the tests try 300 that are always the same.
"""

from __future__ import annotations

import os
import re
import warnings
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from corruptors.compose import attempts
from corruptors.ladders import ladders
from records.errors import CodeParseError
from records.rows import Sample
from records.sections import CorruptionMix
from records.taxonomy import Language, Modality
from sources.bundled import samples

INPUTS = int(os.environ.get("FUZZ_INPUTS", "300"))
MIX = CorruptionMix(
    attempts_per_sample=3,
    identical_share=1.0,
    equivalent_share=1.0,
    unseen_share=1.0,
    degenerate_share=1.0,
    minimal_pair_share=1.0,
)
LONGEST = 6_000
"""Characters of a program that is mutated; longer ones take long and hold no more kinds of code."""
ODD = (
    *("", "0", "-0", "1e999", "nan", "-1", ".5", "99999999999999999999", "0x1F", "1_000", "50%"),
    *("１２３", "٤٥٫٦", "१२.३", "²", "½", "Ⅳ", "\u00a0", "\u200b", "\ufeff", "\0", "𝟘", "é", "未", "\U0001f600"),
    *("<", ">", "&", "&amp;", "&#0;", "&bogus;", "]]>", "<!--", "'", '"', "\\", "|", "||", "\n", "\r\n", "\t"),
    *("$", "$$", "{", "}", "()", "[]", "#", "url(#a)", "none", "inherit", "currentColor", "rgb(1 2 3 / 50%)"),
)  # fmt: skip
NUMBER = re.compile(r"\d+(?:\.\d+)?")
VALUE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


def programs(modality: Modality) -> list[Sample]:
    return [one for one in samples(modality) if len(one.code) <= LONGEST]


def mutated(code: str, other: str, rng: Random, changes: int) -> str:
    """A program after some changes: of a number, a value, a span or a line, or with odd signs."""
    for _ in range(changes):
        start = rng.randint(0, len(code))
        end = min(len(code), start + rng.choice((0, 1, 3, 20, 200)))
        odd = rng.choice(ODD)
        match rng.randrange(8):
            case 0:
                code = code[:start] + code[end:]
            case 1:
                code = code[:end] + code[start:end] + code[end:]
            case 2:
                code = code[:start] + odd + code[end:]
            case 3:
                at = rng.randint(0, len(other))
                code = code[:start] + other[at : at + rng.choice((5, 50, 500))] + code[end:]
            case 4 | 5 as kind:
                pattern, form = (NUMBER, "{}") if kind == 4 else (VALUE, '"{}"')
                found = list(pattern.finditer(code))
                if found:
                    place = rng.choice(found)
                    code = code[: place.start()] + form.format(odd) + code[place.end() :]
            case 6:
                lines = code.splitlines(keepends=True)
                rng.shuffle(lines)
                code = "".join(lines) if rng.random() < 0.1 else code.replace("\n", "\r\n")
            case _:
                code = code[:start] if rng.random() < 0.2 else code + odd
    return code


def survives(code: str, language: Language, seed: int) -> bool:
    """True for a program that parses; what it parses to is corrupted in all ways of a build.

    Raises:
        Exception: anything but a `CodeParseError`.
    """
    sample = Sample.of(
        code, language, source="fuzz", revision="0", licence="MIT", upstream_id=str(seed)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # "\d" in a label is the program's affair
        try:
            for attempt in attempts(sample, MIX, seed):
                assert attempt.code != code or attempt.origin.kind == "identical"
            ladders(sample, seed)
        except CodeParseError:
            return False
    return True


@pytest.mark.parametrize("modality", list(Modality))
def test_no_program_ends_the_corrupt_stage(modality: Modality) -> None:
    known = programs(modality)
    assert len(known) > 10

    @settings(
        max_examples=max(1, INPUTS // len(Modality)),
        deadline=None,
        database=None,
        derandomize="FUZZ_INPUTS" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        some.sampled_from(known),
        some.sampled_from(known),
        some.integers(0, 2**32 - 1),
        some.integers(0, 6),
    )
    def tried(sample: Sample, other: Sample, seed: int, changes: int) -> None:
        code = mutated(sample.code, other.code, Random(seed), changes)
        parsed.append(survives(code, sample.language, seed))

    parsed: list[bool] = []
    tried()
    assert sum(parsed) > len(parsed) / 10  # Most of it must not stop at the parser.


PI = "3.14159265358979323846264338327950288"
FOUND = {
    "1e999 in a path": (
        Language.SVG,
        '<svg viewBox="0 0 9 9"><path d="M0 0h8v1e999z"/><circle r="1e999"/><rect width="9" '
        'height="2" transform="rotate(1e999 5 5)"/><text x="1e999" y="3">A</text></svg>',
    ),
    "values of very different size": (
        Language.PYTHON,
        "import matplotlib.pyplot as plt\nplt.bar([1, 2, 3], [1e-12, 2.5, 1e20])\n",
    ),
    "a value that is infinite": (
        Language.PYTHON,
        "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [1e999, 13.4, 13.7])\n",
    ),
    "more digits than a decimal holds": (
        Language.HTML,
        f"<table><tr><td>a<td>b<tr><td>{PI}<td>9{PI}<tr><td>2<td>3</table>",
    ),
    "rows in rows": (
        Language.HTML,
        "<table><tr><td>a</td></tr><tr><td>1</td><thead><td>b</td><tr><td>1</td></tr><td>c</td>"
        "</thead></tr><tr><td>3</td></tr><tr><td>4</td></tr></table>",
    ),
    "digits of other scripts": (
        Language.HTML,
        "<table><tr><td>金额<td>１２３<tr><td>٤٥٫٦<td>१२.३४<tr><td>x²<td>½<tr><td>1２3<td>Ⅳ</table>",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_ended_a_build_once_is_corrupted_like_any_other(name: str) -> None:
    language, code = FOUND[name]
    assert all(survives(code, language, seed) for seed in range(40))
