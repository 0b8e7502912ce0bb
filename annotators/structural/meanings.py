"""Grades words that mean something else after a change, however many letters they share.

``not significant`` and ``significant`` differ by four letters of fifteen and say the opposite, ``Group A`` and
``Group B`` by one. The tables hold English and Chinese, the languages of the sources (OmniDocBench).
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from rapidfuzz.distance import DamerauLevenshtein

from records.taxonomy import Severity


def of_meaning(before: str, after: str) -> Severity:
    """Severity of the words of a text that were exchanged, lost or added: the opposite 3, another word,
    another member of a series or a whole phrase 2, else 1.

    >>> of_meaning("not significant", "significant"), of_meaning("Male patients", "Female patients")
    (3, 3)
    >>> of_meaning("Group A", "Group B"), of_meaning("Jan", "Jun"), of_meaning("Rate", "Ratio")
    (2, 2, 2)
    >>> of_meaning("Revenue", "Reveune"), of_meaning("未通过", "通过"), of_meaning("↑ 5%", "↓ 5%")
    (1, 3, 3)
    """
    old, new = (_WORD.findall(_NOON.sub(r"\1m", text.casefold())) for text in (before, after))
    worst: Severity = 1
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        lost, added = old[a:b], new[c:d]
        if tag == "equal":
            continue
        if len(lost) == len(added):
            worst = max(worst, *map(_of_words, lost, added))
        elif max(len(lost), len(added)) <= A_FEW and _negated(lost) != _negated(added):
            return 3
        elif max(len(lost), len(added)) >= A_FEW and not (lost and added):
            worst = max(worst, 2)
    return worst


def _of_words(first: str, second: str) -> Severity:
    """Severity of one word instead of another."""
    if first == second:
        return 1
    for one, two in ((first, second), (second, first)):
        for stem, opposite in OPPOSITES:
            if one.startswith(stem) and two == opposite + one[len(stem) :]:
                return 3
    if any(first in series and second in series for series in SERIES):
        return 2
    if min(len(first), len(second)) < A_WORD:
        return 1
    letters = DamerauLevenshtein.distance(first, second)
    return 2 if letters >= 2 and letters / max(len(first), len(second)) >= ANOTHER_WORD else 1


def _negated(words: list[str]) -> bool:
    return not NEGATIONS.isdisjoint(words)


_WORD = re.compile(r"[\u4e00-\u9fff<>≤≥+↑↓←→▲▼△▽◀▶-]|[^\W\d_\u4e00-\u9fff]+")
"""A word; in Chinese, a character; a sign of comparison or charge."""

_NOON = re.compile(r"\b([ap])\.\s?m\b")

A_FEW = 3
"""A negation that comes or goes with at most so many words turns what is left of the text around; so many
words that come or go are a phrase."""

A_WORD, ANOTHER_WORD = 4, 0.3
"""Of words of at least so many letters, a share of wrong letters that makes another word; less, or one
letter, is a misspelling."""

_NEGATIONS = """
    no not non never without none nor neither cannot excluding except 不 未 无 非 没 否
"""
NEGATIONS = frozenset(_NEGATIONS.split())

_OPPOSITES = """
    /un /in /im /ir /non /dis /fe /wo
    hyper/hypo pre/post over/under in/out in/ex im/ex up/down on/off yes/no true/false with/without
    increas/decreas rise/fall rising/falling rose/fell high/low great/less more/less more/fewer larg/small
    big/small long/short major/minor max/min maximum/minimum upper/lower left/right top/bottom front/back
    north/south east/west before/after above/below first/last early/late old/new older/younger
    posit/negat plus/minus gain/loss profit/loss income/loss income/expense asset/liability debit/credit
    buy/sell win/los open/close start/end pass/fail present/absent alive/dead day/night summer/winter
    acute/chronic warm/cold hot/cold wet/dry male/female men/women man/woman boy/girl mean/median
    urban/rural actual/estimated actual/forecast am/pm
    +/- </> ≤/≥ </≥ >/≤ ↑/↓ ←/→ ▲/▼ △/▽ ◀/▶
    有/无 男/女 增/减 加/减 升/降 高/低 上/下 大/小 多/少 左/右 前/后 内/外 东/西 南/北 正/负 买/卖 进/出 入/出
    收/支 是/否 真/假 开/关 始/末 新/旧 盈/亏
"""
OPPOSITES = [pair.split("/") for pair in _OPPOSITES.split()]
"""Beginnings of words that say the opposite of each other where the rest is the same."""

_SERIES = """
    january february march april may june july august september october november december
    jan feb mar apr may jun jul aug sep sept oct nov dec
    monday tuesday wednesday thursday friday saturday sunday
    mon tue tues wed thu thur thurs fri sat sun
    first second third fourth fifth sixth seventh eighth ninth tenth
    one two three four five six seven eight nine ten
    i ii iii iv v vi vii viii ix x xi xii
    a b c d e f g h i j k l m n o p q r s t u v w x y z
    α β γ δ ε ζ η θ κ λ μ ν ξ π ρ σ τ φ χ ψ ω
    一 二 三 四 五 六 七 八 九 十
    甲 乙 丙 丁
"""
SERIES = [frozenset(line.split()) for line in _SERIES.strip().splitlines()]
"""Words of which a reader cannot see that another one of the same series was meant."""
