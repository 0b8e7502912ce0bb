"""Describes what changed in a text: numbers or words, with before and after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from unicodedata import east_asian_width, normalize

from annotators.structural.meanings import of_meaning
from annotators.structural.severity import alike, of_text_change
from annotators.structural.table.grid import shorten
from annotators.structural.table.severity import of_number
from records.quantities import is_quantity
from records.taxonomy import Severity, TableCategory

_TOKEN = re.compile(
    r"(?P<name>[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff]+(?:[-‐–]?\d+[A-Za-z]*)+)"
    r"|(?P<number>[+\-−–±∓]?\s?\.?\d+(?:[.,'’]\d+|[\u00a0\u2009\u202f]\d{3}(?!\d))*(?:[eE][+\-−]?\d+)?(?:\s?[%‰％])?)"
    r"|(?P<script>[\^_]\{[^{}]*\})"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mark>\S)"
)
"""A name is a word with digits (``H2O``, ``IL-6``): its digits are no number."""

_NUMBER = re.compile(r"[+\-−–]?\d+(?:[.,]\d+)*")

_SIGNS = frozenset("+-−–±∓%‰％≥≤<>≈~∼～=$€£¥")
"""Signs that belong to the number beside them."""

_BETWEEN = frozenset(("to", "and", "or", "bis"))
"""Words that join two numbers: in a changed run of numbers and such words, the numbers changed."""

_Token = tuple[str, str, int, int]
"""Kind, text, start and end."""


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
    """True for a text with more digits than letters, or for a number with its unit.

    >>> is_numeric("12.5 %"), is_numeric("3 (2.1)"), is_numeric("8 mg"), is_numeric("95% CI")
    (True, True, True, False)
    """
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    return digits > letters or is_quantity(plain(text))


def category_of(text: str) -> TableCategory:
    """The category of an error that affects a whole text."""
    return TableCategory.NUMERIC if is_numeric(text) else TableCategory.TEXT


def value_of(text: str) -> float | None:
    """The number of a token, without thousands separators; None if it is no number.

    >>> value_of("1,234.5"), value_of("1.234,5"), value_of("−3"), value_of("12,5"), value_of("40 %")
    (1234.5, 1234.5, -3.0, 12.5, 40.0)
    """
    word = re.sub(r"[\s\u00a0\u2009\u202f'’%‰％±]", "", text).replace("−", "-").replace("–", "-")
    scaled = re.fullmatch(r"(.*?)[×x·*]10\^\{?([+-]?\d+)\}?", word)
    if scaled:
        word = f"{scaled[1]}e{scaled[2]}"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?(e[+-]?\d+)?", word):
        word = word.replace(",", "")
    elif re.fullmatch(r"[+-]?\d{1,3}((\.\d{3}){2,}|(\.\d{3})+,\d+)", word):
        word = word.replace(".", "").replace(",", ".")
    elif word.count(",") == 1 and "." not in word:
        word = word.replace(",", ".")
    try:
        return float(word)
    except ValueError:
        return None


_LIST_MARK = re.compile(r"(?m)^\s*(?:[•◦▪‣–-]|\(?[0-9a-zA-Z]{1,3}[.)])\s+")
"""The mark before an item of a list, at the start of a line."""


def rewording(before: str, after: str) -> Rewording:
    """Describe the change between two different texts.

    >>> rewording("12.5 mg", "125 mg").category, rewording("12.5 mg", "12.5 g").category
    (<TableCategory.NUMERIC: 'numeric_error'>, <TableCategory.TEXT: 'text_error'>)
    """
    if not after:
        grade = of_text_change(before, "")
        return Rewording(category_of(before), grade, f"'{shorten(before, 60)}' is missing")
    if not before:
        return Rewording(category_of(after), 2, f"reads '{shorten(after, 60)}' instead of nothing")
    old, new = excerpts(before, after)
    if " ".join(before.split()) == " ".join(after.split()):
        return Rewording(TableCategory.LAYOUT, 1, f"'{old}' has other line breaks")
    description = _lost_or_added(before, after) or f"'{old}' reads '{new}'"
    if _LIST_MARK.search(before) and _LIST_MARK.sub("", before) == _LIST_MARK.sub("", after):
        kinds = tuple("numbers" if re.match(r"\s*\w", text) else "dots" for text in (after, before))
        what = f"the list is marked with {kinds[0]} instead of {kinds[1]}"
        if kinds[0] != kinds[1]:
            return Rewording(TableCategory.LAYOUT, 1, what)
    if _of_usual_width(before) == _of_usual_width(after):
        return Rewording(TableCategory.TEXT, 1, description)
    if before.casefold() == after.casefold():
        return Rewording(TableCategory.TEXT, of_text_change(before, after), description)
    if _usual_signs(before) == _usual_signs(after):
        return Rewording(TableCategory.TEXT, 1, description)  # 3 to 5 and 3 - 5 are the same range
    if is_numeric(before) and _power(before) != _power(after):
        return Rewording(TableCategory.NUMERIC, 3, description)  # 10^{5} and 105 are other numbers
    if plain(before) == plain(after):
        worst = of_text_change(before, after) if _power(before) != _power(after) else 1
        description += ": a superscript or subscript is lost or added"
        return Rewording(TableCategory.TEXT, worst, description)
    if is_numeric(before) and _booked(before) == _booked(after):
        return Rewording(TableCategory.NUMERIC, 1, description)  # (7.3) is how books write -7.3
    if is_numeric(before) and alike(before) == alike(after):
        return Rewording(TableCategory.NUMERIC, 1, description)  # O for 0 is hardly seen
    if is_numeric(before) and _bare(before) == _bare(after):
        return Rewording(TableCategory.NUMERIC, 3, description)
    if not is_numeric(before) and _cited(before) == _cited(after):
        return Rewording(TableCategory.TEXT, 1, description)  # the words are the same
    change = _changes(before, after)
    numeric = change.numbers and (not change.letters or is_numeric(before))
    if numeric or (change.signs and not change.letters):
        meant = of_meaning(before, after) if change.signs else 1  # p < 0.05 and p > 0.05
        worst = max(meant, _number_severity(change.numbers))
        return Rewording(TableCategory.NUMERIC, worst, description)
    kept, lines = set(after.split()), filter(None, map(str.split, before.split("\n")))
    if "\n" in before and "\n" not in after and not any(map(kept.isdisjoint, lines)):
        description += ", with its lines joined"
    return Rewording(TableCategory.TEXT, of_text_change(plain(before), plain(after)), description)


def _lost_or_added(before: str, after: str) -> str:
    """Names the words that one of two texts has at one place and the other has not; empty if less than
    `A_PHRASE` of them, or if anything else differs.

    >>> _lost_or_added("calls; a stock of 6 weeks; login", "calls; login")
    "'a stock of 6 weeks' is missing from the text"
    """
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    match [one for one in matcher.get_opcodes() if one[0] != "equal"]:
        case [("delete", start, end, _, _)] if new and end - start >= A_PHRASE:
            return f"'{_phrase(old[start:end])}' is missing from the text"
        case [("insert", _, _, start, end)] if old and end - start >= A_PHRASE:
            return f"'{_phrase(new[start:end])}' is added to the text"
    return ""


def _phrase(words: Sequence[str]) -> str:
    return shorten(" ".join(words).strip(" •;,"), 60)


A_PHRASE = 2
"""At least so many words in a row, lost or added, are named alone."""


def _usual_signs(text: str) -> str:
    """A text whose ranges of numbers, tolerances and products are all written in one way.

    >>> _usual_signs("31.5 to 47.1"), _usual_signs("31.5 – 47.1"), _usual_signs("31.5, -47.1")
    ('31.5-47.1', '31.5-47.1', '31.5, -47.1')
    >>> _usual_signs("3.2 x 10^{9}"), _usual_signs("76.1 +/- 0.2"), _usual_signs("1½")
    ('3.2×10^{9}', '76.1±0.2', '1 1/2')
    """
    text = _FRACTION.sub(_spelled_out, text)
    text = re.sub(r"\s*(?:±|\+\s?/?\s?[-−–])\s*(?=\d)", "±", text)
    text = re.sub(r"(?<=\d)\s*[x×✕∗*·⋅]\s*(?=\d)", "×", text)
    return re.sub(r"(?<=\d)\s*(?:to|through|[-‐‑‒–—−~～〜∼])\s*(?=\d)", "-", text)


_FRACTION = re.compile(r"(\d?)\s*([¼½¾⅐-⅞])")


def _spelled_out(found: re.Match[str]) -> str:
    return f"{found[1]} {normalize('NFKC', found[2])}".strip().replace("\N{FRACTION SLASH}", "/")


def _cited(text: str) -> str:
    """A text without the numbers of its citations.

    >>> _cited("Mask R-CNN [12, 40]"), _cited("0.5 [0.2, 0.7]")
    ('Mask R-CNN', '0.5 [0.2, 0.7]')
    """
    return _CITATION.sub("", text).strip()


_CITATION = re.compile(r"\s*\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]")


def substitution(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """What was written for what, without the parts that both texts share; empty if a digit changed that is
    no number of a citation.

    >>> substitution("1,234,567 kg", "1.234.567 kg"), substitution("12 %", "12"), substitution("5", "6")
    (((',', '.'), (',', '.')), ((' %', ''),), ())
    """
    if not is_numeric(before):
        before, after = (_CITATION.sub(" []", text) for text in (before, after))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changed = tuple(
        (before[a:b], after[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"
    )
    digits = any(character.isdigit() for pair in changed for side in pair for character in side)
    return () if digits else changed


def _of_usual_width(text: str) -> str:
    """A text with its full-width and half-width characters as ordinary ones.

    >>> _of_usual_width("１，２３４￥")
    '1,234¥'
    """
    return "".join(
        normalize("NFKC", sign) if east_asian_width(sign) in "FH" else sign for sign in text
    )


def spacing_only(before: str, after: str) -> bool:
    """True if two texts differ only in spaces beside signs and brackets, or in the kind of dash.

    >>> spacing_only("(± 2)", "(±2)"), spacing_only("9 – 11", "9-11"), spacing_only("9 – 11", "-11")
    (True, True, False)
    """
    first, second = (" ".join(text.split()) for text in (before, after))
    return first != second and _close(first) == _close(second)


_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def _close(text: str) -> str:
    return re.sub(r"\s*([^\w\s]|(?<=\S)(?=[(\[]))\s*", r"\1", text.translate(_DASHES))


def same_look(before: str, after: str) -> bool:
    """True if two texts look the same: an ellipsis is three periods."""
    return before == after or before.replace("…", "...") == after.replace("…", "...")


def excerpts(before: str, after: str, chars: int = 60) -> tuple[str, str]:
    """Both texts in one line each, cut to the part where they differ.

    >>> excerpts("a" * 80 + "x", "a" * 80 + "y", 9)
    ('…aaaaaaax', '…aaaaaaay')
    """
    old, new = " ".join(before.split()), " ".join(after.split())
    if max(len(old), len(new)) <= chars:
        return old, new
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    start = max(0, min(same - chars // 2, max(len(old), len(new)) - chars + 1))
    lead = "…" if start else ""
    left = chars - len(lead)
    return lead + shorten(old[start:], left), lead + shorten(new[start:], left)


def _number_severity(numbers: Sequence[tuple[str, str]]) -> Severity:
    if not numbers:
        return 2
    worst: Severity = 1
    for old, new in numbers:
        first, second = value_of(old), value_of(new)
        if first is not None and first == second:
            # A lost % or ± keeps the digits and still changes the meaning.
            meant = any((sign in old) != (sign in new) for sign in "%‰±")
            worst = max(worst, 2 if meant else 1)
        else:
            worst = max(worst, of_number(first, second))
    return worst


def _bare(text: str) -> str:
    """A number without the brackets around it."""
    return re.sub(r"^\((.*)\)$", r"\1", text.strip())


def _booked(text: str) -> str:
    """A negative number as books write it: in brackets."""
    return re.sub(r"^[-−–]\s?(\d[\d.,\s]*[%‰]?)$", r"(\1)", text.strip())


def _power(text: str) -> bool:
    return bool(re.search(r"\d\s?\^\{[+\-−–]?\d", text))


@dataclass(frozen=True, slots=True)
class _Change:
    numbers: tuple[tuple[str, str], ...]
    """Each run of changed tokens that has a number in it, before and after."""
    letters: bool
    """True if words or names changed."""
    signs: bool
    """True if a sign beside a number changed."""


def _tokens(text: str) -> list[_Token]:
    return [
        (found.lastgroup or "", found[0].strip(), found.start(), found.end())
        for found in _TOKEN.finditer(text)
    ]


def _changes(before: str, after: str) -> _Change:
    first, second = _tokens(before), _tokens(after)
    numbers: list[tuple[str, str]] = []
    letters = signs = False
    matcher = SequenceMatcher(None, [t[1] for t in first], [t[1] for t in second], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        run = first[a:b] + second[c:d]
        kinds = {_kind(token) for token in run}
        if "number" in kinds:
            kinds = {_kind(token) for token in run if token[1] not in _BETWEEN}
        letters = letters or "letters" in kinds
        if "number" in kinds:
            spans = _span(before, first[a:b]), _span(after, second[c:d])
            same = "letters" in kinds and _NUMBER.findall(spans[0]) == _NUMBER.findall(spans[1])
            numbers += [] if same else [spans]  # 2021 is the number of FY2021, too.
        signs = signs or _sign_beside_number(first, a, b) or _sign_beside_number(second, c, d)
    return _Change(tuple(numbers), letters, signs)


def _span(text: str, tokens: Sequence[_Token]) -> str:
    return text[tokens[0][2] : tokens[-1][3]] if tokens else ""


def _kind(token: _Token) -> str:
    kind, text = token[0], token[1]
    if kind == "number" or (kind == "script" and re.search(r"\d", text)):
        return "number"
    return "mark" if kind == "mark" else "letters"


def _sign_beside_number(tokens: Sequence[_Token], start: int, end: int) -> bool:
    """True if a sign between these tokens stands right beside a number."""
    signs = [at for at in range(start, end) if tokens[at][1] in _SIGNS]
    beside = (tokens[max(at - 1, 0) : at + 2] for at in signs)
    return any(token[0] == "number" for near in beside for token in near)
