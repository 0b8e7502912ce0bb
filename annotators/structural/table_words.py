"""What changed in a text: a number or words, said with before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from annotators.structural.severity import of_text_change
from annotators.structural.table_grid import shorten
from annotators.structural.table_severity import of_number
from records.taxonomy import Severity, TableCategory

_NUMBER = re.compile(
    r"[+\-−–±]?\s?(?:\d[\d,.'’ \u00a0\u2009\u202f]*\d|\d)"
    r"(?:\s?[eE][+\-−]?\d+|\s?[×x·\*]\s?10\s?\^\{[^{}]*\})?(?:\s?[%‰％])?"
)
_TOKEN = re.compile(
    r"(?P<number>[+\-−–±∓]?\s?\.?\d+(?:[.,'’\u00a0\u2009\u202f ]\d+)*(?:[eE][+\-−]?\d+)?(?:\s?[%‰％])?)"
    r"|(?P<script>[\^_]\{[^{}]*\})"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mark>\S)"
)
_SIGNS = "+-−–±∓%‰％.,"


@dataclass(frozen=True, slots=True)
class Rewording:
    """What changed in one text."""

    category: TableCategory
    severity: Severity
    description: str


def plain(text: str) -> str:
    """A text without the marks of superscripts and subscripts, and without line breaks."""
    return " ".join(re.sub(r"[\^_]\{([^{}]*)\}", r"\1", text).split())


def is_numeric(text: str) -> bool:
    """True for a text of more digits than letters.

    >>> is_numeric("12.5 %"), is_numeric("3 (2.1)"), is_numeric("95% CI")
    (True, True, False)
    """
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    return digits > letters


def category_of(text: str) -> TableCategory:
    """The category of an error in all of a text."""
    return TableCategory.NUMERIC if is_numeric(text) else TableCategory.TEXT


def value_of(text: str) -> float | None:
    """The number a token says, its thousands separators left out; None where it says none.

    >>> value_of("1,234.5"), value_of("−3"), value_of("12,5"), value_of("40 %")
    (1234.5, -3.0, 12.5, 40.0)
    """
    word = re.sub(r"[\s\u00a0\u2009\u202f'’%‰％±]", "", text).replace("−", "-").replace("–", "-")
    scaled = re.fullmatch(r"(.*?)[×x·*]10\^\{?([+-]?\d+)\}?", word)
    if scaled:
        word = f"{scaled[1]}e{scaled[2]}"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?(e[+-]?\d+)?", word):
        word = word.replace(",", "")
    elif re.fullmatch(r"[+-]?\d{1,3}(\.\d{3}){2,}", word):
        word = word.replace(".", "")
    elif word.count(",") == 1 and "." not in word:
        word = word.replace(",", ".")
    try:
        return float(word)
    except ValueError:
        return None


def rewording(before: str, after: str) -> Rewording:
    """What changed between two unlike texts."""
    said = f"'{shorten(before, 60)}' reads '{shorten(after, 60)}'"
    if not after:
        category = category_of(before)
        return Rewording(category, 3, f"'{shorten(before, 60)}' is missing")
    if not before:
        return Rewording(category_of(after), 2, f"reads '{shorten(after, 60)}' instead of nothing")
    if " ".join(before.split()) == " ".join(after.split()):
        return Rewording(
            TableCategory.LAYOUT, 1, f"the lines of '{shorten(before)}' break elsewhere"
        )
    if plain(before) == plain(after):
        return Rewording(
            TableCategory.TEXT,
            of_text_change(before, after) if _power(before) != _power(after) else 1,
            f"{said}: superscript or subscript is lost or added",
        )
    numbers, words = _changes(before, after)
    if numbers and not words:
        old, new = numbers[0]
        first, second = value_of(old), value_of(new)
        # A lost % sign leaves the digits and still changes what is meant.
        same = first is not None and first == second and ("%" in old) == ("%" in new)
        worst: Severity = max(of_number(value_of(a), value_of(b)) for a, b in numbers)
        if same and len(numbers) == 1:
            lone_sign = ("±" in old) != ("±" in new)
            worst = 2 if lone_sign else 1
        elif first is not None and first == second:
            worst = 2
        return Rewording(TableCategory.NUMERIC, worst, said)
    return Rewording(TableCategory.TEXT, of_text_change(plain(before), plain(after)), said)


def _power(text: str) -> bool:
    return bool(re.search(r"\d\s?\^\{", text))


def _changes(before: str, after: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Changed numbers, and changed words, as pairs of before and after."""
    first = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(before)]
    second = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(after)]
    old, new = [word for _, word in first], [word for _, word in second]
    numbers: list[tuple[str, str]] = []
    words: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = first[a:b], second[c:d]
        kinds = {_kind(kind, word) for kind, word in gone + come}
        pair = (" ".join(word for _, word in gone), " ".join(word for _, word in come))
        (numbers if kinds == {"number"} else words).append(pair)
    return numbers, words


def _kind(kind: str, word: str) -> str:
    if kind == "number":
        return "number"
    if kind == "script":
        return "number" if re.search(r"\d", word) else "word"
    return "number" if kind == "mark" and word in _SIGNS else "word"
