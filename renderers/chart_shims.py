"""Names that scripts of older libraries still call, each put back as it was.

The chart sources were written for matplotlib 3.8, numpy 1.26 and pandas 1.4. Only what was removed
or renamed is put back, and only where it is gone; nothing that still exists is changed, so a
script for today's libraries draws what it would draw without.
"""

from __future__ import annotations


def install() -> None:
    """Put the names back, for the rest of the process."""
