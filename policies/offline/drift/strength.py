"""Gentler errors: an edit that goes only part of the way to the value that a corruption writes."""

from __future__ import annotations

import re

from matplotlib.colors import is_color_like, to_hex, to_rgb

from records.edits import Edit

_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)"
_PLAIN = re.compile(rf"(\s*)({_NUMBER})(\s*)")
_QUOTED = re.compile(r"""(["']?)(#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}|[A-Za-z]+)\1""")


def softened(edit: Edit, code: str, share: float) -> Edit:
    """The edit, gone only ``share`` of its way where it writes a number, a color or a transform.

    >>> softened(Edit(4, 6, "40"), "s = 20", 0.25)
    Edit(start=4, end=6, new='25')
    >>> softened(Edit(0, 9, "'#ffffff'"), "'#000000'", 0.5).new
    "'#808080'"
    >>> softened(Edit(5, 5, ' transform="translate(10 -4)"'), "<rect/>", 0.5).new
    ' transform="translate(5 -2)"'
    """
    old = code[edit.start : edit.end]
    if share == 1:
        return edit
    before, after = _PLAIN.fullmatch(old), _PLAIN.fullmatch(edit.new)
    if before and after:
        new = after[1] + _between(before[2], after[2], share) + after[3]
        return Edit(edit.start, edit.end, new)
    here, there = _QUOTED.fullmatch(old), _QUOTED.fullmatch(edit.new)
    if here and there and is_color_like(here[2]) and is_color_like(there[2]):
        pairs = zip(to_rgb(here[2]), to_rgb(there[2]), strict=True)
        mixed = to_hex([a + (b - a) * share for a, b in pairs])
        return Edit(edit.start, edit.end, f"{there[1]}{mixed}{there[1]}")
    if "(" not in old:  # a transform that is there already is partly the program's own
        # Beside a scale or a turn, translations say about which point.
        names = "translate" if not re.search(r"scale|rotate|matrix", edit.new) else "scale|rotate"
        turn = re.compile(rf"({names})\(([^()]*)\)")
        return Edit(edit.start, edit.end, turn.sub(lambda found: _turned(found, share), edit.new))
    return edit


def _between(before: str, after: str, share: float) -> str:
    """A number on the way; whole where the old one is whole and the change leaves room, never the old one."""
    start, end = float(before), float(after)
    value = start + (end - start) * share
    if "." not in before + after or ("." not in before and abs(value - start) >= 1):
        step = 1 if end > start else -1
        return str(round(value) if round(value) != start or start == end else int(start) + step)
    return f"{value:.4g}"


def _turned(found: re.Match[str], share: float) -> str:
    numbers = [float(number) for number in re.findall(_NUMBER, found[2])]
    if found[1] == "scale":
        numbers = [1 + (number - 1) * share for number in numbers]
    else:
        whole = numbers if found[1] == "translate" else numbers[:1]
        numbers = [number * share for number in whole] + numbers[len(whole) :]
    return f"{found[1]}({' '.join(f'{number:.4g}' for number in numbers)})"
