"""Types of command line arguments that `argparse` lacks."""

from __future__ import annotations

import argparse


def count(text: str) -> int:
    """A whole number from 0.

    Raises:
        ArgumentTypeError: it is none; argparse then ends the command with this message.

    >>> count("7")
    7
    """
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)
