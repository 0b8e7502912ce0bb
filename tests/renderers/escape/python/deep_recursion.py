"""A stack without bottom."""

# ruff: noqa
# verdict: code_crashed timeout out_of_memory

import sys

sys.setrecursionlimit(2**31 - 1)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


Deep().down
