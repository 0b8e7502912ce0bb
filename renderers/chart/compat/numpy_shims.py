"""What scripts for NumPy 1 call; see `renderers.chart.compat.shims`."""

# mypy: disable-error-code="method-assign,assignment,misc,import-untyped,attr-defined"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

import ctypes
import functools
import gc
import math
from typing import Any

import numpy as np

from renderers.chart.compat.names import put_back

_NUMPY: dict[str, Any] = {
    "float": float, "int": int, "object": object, "complex": complex, "str": str,
    "unicode": str, "bool8": np.bool_, "float_": np.float64, "complex_": np.complex128,
    "string_": np.bytes_, "unicode_": np.str_, "int0": np.intp, "uint0": np.uintp,
    "NaN": np.nan, "NAN": np.nan, "Inf": np.inf, "PINF": np.inf, "NINF": -np.inf,
    "infty": np.inf, "Infinity": np.inf, "in1d": np.isin, "product": np.prod,
    "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any, "round_": np.round,
    "row_stack": np.vstack, "trapz": np.trapezoid, "mat": np.asmatrix,
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype=dtype),
    "msort": lambda a: np.sort(a, axis=0),
    "asscalar": lambda a: a.item(),
    "math": math, "longfloat": np.longdouble, "cfloat": np.complex128,
}  # fmt: skip


def install() -> None:
    """Put the names back, for the rest of the process."""
    for name, value in _NUMPY.items():
        put_back(np, name, value)
    for name in ("AxisError", "ComplexWarning", "RankWarning", "VisibleDeprecationWarning"):
        kept = getattr(np.exceptions, name, None) or DeprecationWarning
        put_back(np, name, kept)
    put_back(np.random, "random_integers", _random_integers)
    _methods()
    _one_element_is_a_number()


def _random_integers(low: int, high: int | None = None, size: Any = None) -> Any:
    return np.random.randint(1 if high is None else low, (low if high is None else high) + 1, size)


def _methods() -> None:
    """``array.ptp()`` and ``itemset``; Python code can add no method to a built-in type."""
    (methods,) = gc.get_referents(vars(np.ndarray))
    if not isinstance(methods, dict):
        return
    methods.setdefault("ptp", lambda array, *given, **options: np.ptp(array, *given, **options))
    methods.setdefault("itemset", _item_set)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(np.ndarray))


def _item_set(array: Any, *place_and_value: Any) -> None:
    *place, value = place_and_value
    array.flat[place[0] if place else 0] = value


def _one_element_is_a_number() -> None:
    """``float``, ``int``, ``math`` and ``%`` take an array of one element, as before NumPy 2.4.

    Python code cannot add a conversion to an array, so the slots of its type are changed.
    Where the type does not look as expected in memory, nothing is done.
    """
    pointer, at_name, at_size, at_numbers = 8, 24, 32, 96
    nb_int, nb_float = 16, 18
    array = id(np.ndarray)
    name = ctypes.c_char_p.from_address(array + at_name).value
    size = ctypes.c_ssize_t.from_address(array + at_size).value
    if name != b"numpy.ndarray" or size != np.ndarray.__basicsize__:
        return
    numbers = ctypes.c_void_p.from_address(array + at_numbers).value
    if numbers is None:
        return
    for slot, kind in ((nb_int, int), (nb_float, float)):
        conversion = _CONVERSION(functools.partial(_number, kind))
        _KEPT.append(conversion)
        address = ctypes.cast(conversion, ctypes.c_void_p)
        ctypes.c_void_p.from_address(numbers + slot * pointer).value = address.value


_CONVERSION = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)
_KEPT: list[Any] = []
"""The type points at these, so they must live as long as it."""


def _number(kind: type, array: Any) -> Any:
    if array.size == 1:
        try:
            return kind(array.item())
        except (TypeError, ValueError, OverflowError):
            pass
    return array  # Not a number, which Python reports as TypeError; raising here would be lost.
