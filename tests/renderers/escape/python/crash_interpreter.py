"""A read of address nought."""

# ruff: noqa
# verdict: code_crashed

import ctypes

ctypes.string_at(0)
