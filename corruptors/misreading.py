"""How words and digits are misread: slips of a writer, look-alikes of a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from types import MappingProxyType
from unicodedata import decimal

Slip = tuple[int, int, str]
"""Replace ``word[start:end]`` by other characters."""


def misspelling(word: str, rng: Random) -> Slip | None:
    """One slip in a word: letters swapped, dropped, doubled or mistaken.

    None if the word has fewer than three letters (two in scripts without spaces).

    Example:
        >>> start, end, new = misspelling("Habitat", Random(0))
        >>> "Habitat"[:start] + new + "Habitat"[end:]
        'Habittat'
    """
    letters = [at for at, letter in enumerate(word) if letter.isalpha()]
    if len(letters) < (2 if any(map(_wide, word)) else 3):
        return None
    inner = letters[1:] if len(letters) > 3 else letters
    swaps = [
        at
        for at in inner
        if at + 1 < len(word) and word[at + 1].isalpha() and word[at] != word[at + 1]
    ]
    kinds = ["drop", "mistake", *(["swap"] if swaps else [])]
    if not any(map(_wide, word)):
        kinds.append("double")
    kind = rng.choice(kinds)
    at = rng.choice(swaps if kind == "swap" else inner)
    match kind:
        case "swap":
            return at, at + 2, word[at + 1] + word[at]
        case "drop":
            return at, at + 1, ""
        case "double":
            return at, at + 1, word[at] * 2
        case _:
            return at, at + 1, _mistaken(word[at], rng)


def look_alikes(word: str) -> Iterator[Slip]:
    """Every place where a reader may take one shape for another: ``rn`` for ``m``, ``l`` for ``1``.

    Example:
        >>> ["Form 1"[:start] + new + "Form 1"[end:] for start, end, new in look_alikes("Form 1")]
        ['Forrn 1', 'Form l']
    """
    for at in range(len(word)):
        for shape in (word[at : at + 2], word[at]):
            if shape in _LOOK_ALIKES:
                yield at, at + len(shape), _LOOK_ALIKES[shape]
                break


def wrong_digit(digit: str, rng: Random) -> str:
    """Another digit of the same script, a similar shape two times out of three.

    Only Western shapes (full-width ones too) have known look-alikes; elsewhere any other digit.

    >>> wrong_digit("8", Random(1)), wrong_digit("８", Random(1)), wrong_digit("٨", Random(1))
    ('3', '３', '٣')
    """
    value = decimal(digit)
    if digit in _WESTERN and rng.random() < 2 / 3:
        wrong = rng.choice(_SIMILAR_DIGITS[value])
    else:
        wrong = rng.choice([other for other in "123456789" if other != str(value)])
    return in_digits_of(digit, wrong)


def in_digits_of(sample: str, text: str) -> str:
    """A text with its digits written in the script of another text's first digit.

    >>> in_digits_of("１２.５", "12.6"), in_digits_of("12.5", "12.6")
    ('１２.６', '12.6')
    """
    first = next((sign for sign in sample if sign.isdecimal()), "0")
    zero = ord(first) - decimal(first)
    return "".join(chr(zero + decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _mistaken(letter: str, rng: Random) -> str:
    if _wide(letter):
        others = [one for one in "大中田上王土" if one != letter]
        return _LOOK_ALIKES.get(letter) or rng.choice(others)
    row = next((keys for keys in _KEYBOARD if letter.lower() in keys), "")
    if not row:
        return rng.choice("aeo")
    at = row.index(letter.lower())
    wrong = rng.choice([row[near] for near in (at - 1, at + 1) if 0 <= near < len(row)])
    return wrong.upper() if letter.isupper() else wrong


def _wide(letter: str) -> bool:
    """True for scripts written without spaces."""
    return "\u2e80" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" or letter >= "\uf900"


_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SIMILAR_DIGITS = ("68", "74", "73", "85", "91", "63", "850", "12", "3069", "487")
"""Digits that look like 0, 1, 2 and so on."""
_WESTERN = frozenset("0123456789０１２３４５６７８９")

_LATIN_PAIRS = (
    "rn-m m-rn cl-d d-cl vv-w w-vv ri-n h-b 0-O O-0 1-l l-1 I-l i-l 5-S S-5 8-B B-8 2-Z Z-2 6-G G-6 "
    "e-c c-e µ-u μ-u é-e è-e ê-e ö-o ó-o ü-u ä-a á-a à-a ç-c ñ-n ß-B α-a β-ß ν-v ρ-p"
)
_HAN_PAIRS = (
    "未末 土士 己已 大太 日曰 人入 千干 天夫 王玉 午牛 目自 田由 木本 合台 间问 第弟 组姐 数敷 度席 "
    "高亮 量童 长卡 其共 月用 平乎 均钧 比此 计讣 万方 元无 率卒 项顷 名各 面而 区巨 花化 料科 小少 "
    "力刀 白百 外处 内肉 体休 今令 为办 同周 公分 时肘 价份 收牧 级圾 治冶 测侧 准淮 换挽 特持 位住 "
    "师帅 几儿 厂广 失矢 折析 密蜜 候侯 拔拨 全金 开井 化北 生主 水永 贝见 风凤 农衣"
)
_LOOK_ALIKES: Mapping[str, str] = MappingProxyType(
    {
        **{pair[1]: pair[0] for pair in _HAN_PAIRS.split()},
        **{pair[0]: pair[1] for pair in _HAN_PAIRS.split()},
        **dict(pair.split("-") for pair in _LATIN_PAIRS.split()),
    }
)
