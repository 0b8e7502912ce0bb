"""Everyday color names, one list for charts, tables and icons."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from annotators.structural.severity import ciede2000, lab, rgb

NAMED = {
    "black": "#000000", "dark gray": "#4d4d4d", "gray": "#808080", "light gray": "#cfcfcf",
    "very light gray": "#ebebeb", "white": "#ffffff", "red": "#ff0000 #e02020", "dark red": "#8b0000", "maroon": "#800000", "salmon": "#fa8072", "coral": "#ff7f50",
    "pink": "#ffb6c1", "pale pink": "#fbe6ea", "magenta": "#ff00ff", "purple": "#800080 #4b0082",
    "violet": "#9467bd", "light violet": "#d8a5e8", "lavender": "#c5c0e8", "orange": "#ff7f0e #ffa500 #ff5500",
    "dark orange": "#d2691e", "light orange": "#ffbb78", "gold": "#ffd700", "yellow": "#ffff00 #f8e020 #fcd116",
    "pale yellow": "#fbf8dc", "beige": "#f5e6c8", "tan": "#d2b48c", "brown": "#8c564b #a07038 #804a20",
    "dark brown": "#5a3420", "olive": "#808000", "lime": "#9acd32", "green": "#2ca02c",
    "bright green": "#00ff00", "dark green": "#006400", "light green": "#90ee90",
    "pale green": "#e6f4e6", "teal": "#008080", "turquoise": "#40e0d0", "cyan": "#00ffff",
    "light blue": "#add8e6", "sky blue": "#87bfee", "pale blue": "#e0ebf8",
    "steel blue": "#4682b4", "blue": "#1f77b4 #2050e0 #2684ff #0000ff", "slate blue": "#6a5acd",
    "dark blue": "#1a2a6c", "navy": "#000080",
}  # fmt: skip
"""Color names that people agree on, each with example colors; any other color gets the nearest
name."""
_ALL = [(name, color) for name, colors in NAMED.items() for color in colors.split()]
_LABS = np.array([lab(rgb(color)) for _, color in _ALL]).T

CLEARLY = 4.0
"""Least difference in CIELAB units for calling a color darker or paler than another of the same
name."""


@lru_cache(maxsize=8192)
def color_name(color: str) -> str:
    """The everyday name of ``#rrggbb`` or ``#rrggbbaa`` as seen over white; "none" if empty.

    >>> color_name("#ff0000ff"), color_name("#00000080"), color_name("")
    ('red', 'gray', 'none')
    """
    if not color:
        return "none"
    seen = "#" + "".join(f"{round(channel):02x}" for channel in rgb(color))
    distances = ciede2000(lab(rgb(seen)), _LABS, np)
    return _ALL[int(np.round(distances, 4).argmin())][0]


def a_color(name: str) -> str:
    """The name of a color with its article.

    >>> a_color("orange"), a_color("blue")
    ('an orange', 'a blue')
    """
    return f"{'an' if name[:1] in 'aeio' else 'a'} {name}"


def color_change(before: str, after: str) -> tuple[str, str]:
    """Words for two colors that distinguish them: first the candidate's color, then the
    reference's.

    >>> color_change("#1f77b4", "#ff7f0e"), color_change("#2ca02c", "#258a25")
    (('orange', 'blue'), ('a darker green', 'green'))
    """
    was, now = color_name(before), color_name(after)
    if was != now or not before or not after:
        return now, was
    (light, *hue), (other, *others) = lab(rgb(before)), lab(rgb(after))
    chroma, changed = ((a * a + b * b) ** 0.5 for a, b in (hue, others))
    if now == "black":
        return ("very dark gray", was) if other > light else (now, "very dark gray")
    if now == "white":
        return ("off-white", was) if other < light else (now, "off-white")
    now = now.rpartition(" ")[2]
    lighter = other - light
    # Less chroma with less light is darker: what is paler is no darker.
    if abs(lighter) >= CLEARLY and (
        abs(lighter) >= abs(changed - chroma) / 2 or lighter < 0 > changed - chroma
    ):
        return f"a {'lighter' if lighter > 0 else 'darker'} {now}", was
    if abs(changed - chroma) >= CLEARLY:
        return f"a {'stronger' if changed > chroma else 'paler'} {now}", was
    return f"another shade of {now}", was


def over(top: str, bottom: str) -> str:
    """The color of a color (``#rrggbbaa``) that lies over another one.

    >>> over("#ff000080", "#0000ff80"), over("", "#00ff00ff")
    ('#aa0055c0', '#00ff00ff')
    """
    if len(top) < 9 or len(bottom) < 9:
        return top or bottom
    first, second = (
        np.array([int(c[i : i + 2], 16) for i in (1, 3, 5, 7)]) / 255 for c in (top, bottom)
    )
    alpha = first[3] + second[3] * (1 - first[3])
    mixed = (first[:3] * first[3] + second[:3] * second[3] * (1 - first[3])) / max(alpha, 1e-9)
    return "#" + "".join(f"{round(255 * v):02x}" for v in (*mixed, alpha))
