"""Words for fonts, one list for charts and tables."""

from __future__ import annotations

import re


def typeface(family: str) -> str:
    """What a viewer calls the letters of a font.

    >>> typeface("DejaVu Serif"), typeface("Liberation Sans"), typeface("Courier New")
    ('serif', 'sans-serif', 'typewriter')
    """
    if re.search(r"Mono|Courier|Consol|Typewriter", family):
        return "typewriter"
    serifs = re.search(
        r"(?<!Sans )Serif|Times|Georgia|Garamond|Palatino|STIX|Roman|Book|Century|^cm", family
    )
    return "serif" if serifs else "sans-serif"
