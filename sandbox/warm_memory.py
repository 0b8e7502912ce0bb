"""Memory layout of a server process that makes forking it cheap.

A fork copies one entry for each page, and a child then copies each page that it writes to; in
Python even reading writes, since it counts references. Measured on the chart server (190 MB, 1,360
mappings), of 17 ms that a fork that does nothing took, a third each went to copying the entries,
to clearing them away and to copied pages. See docs/decisions/0007-what-a-fork-costs.md.
"""

from __future__ import annotations

import ctypes
import gc
import types
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from sandbox import syscalls

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

_HUGE = 2**21
_COLLAPSE = 25
_ARENA = 2**20
_BLOCK = 512
"""The largest object that Python keeps in its arenas."""
_FRAME_WORDS = 140_000

MALLOC = ":".join(
    (
        "glibc.malloc.hugetlb=1",
        "glibc.malloc.mmap_threshold=67108864",
        "glibc.malloc.trim_threshold=268435456",
        "glibc.malloc.top_pad=4194304",
    )
)
"""``GLIBC_TUNABLES`` of a server: large arrays come from the heap, in huge pages, and go back to
it, instead of each being mapped page by page and unmapped again."""

_kept: list[bytes] = []
"""One small object in each arena laid out; without it the arena would go back to the kernel."""


def reserve_small_objects(small_objects_mb: int) -> None:
    """Take the memory of small objects in one piece, before anything is loaded.

    Arenas asked for one by one come to lie between the libraries of that moment, where no two
    megabytes in a row can become a huge page.
    """
    blocks = [bytes(_BLOCK - 40) for _ in range(small_objects_mb * 2**20 // _BLOCK)]
    _kept.extend({id(block) // _ARENA: block for block in blocks}.values())


def freeze_memory() -> None:
    """Freeze what is loaded, give back what is free, and gather the rest into huge pages.

    Best effort: kernels before 6.1, or without huge pages, leave things as they are.
    """
    gc.collect()
    # What is free here would also count as free for a program, on top of its memory limit.
    trim = getattr(syscalls.libc, "malloc_trim", None)
    if trim is not None:
        trim(0)
    gc.freeze()
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split()
        if fields[1] != "rw-p" or (len(fields) > 5 and fields[5] != "[heap]"):
            continue
        start, end = (int(address, 16) for address in fields[0].split("-"))
        for address in range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
            syscalls.libc.madvise(
                ctypes.c_void_p(address), ctypes.c_size_t(_HUGE), ctypes.c_int(_COLLAPSE)
            )


def with_deep_stack(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """The same function, called with room for deep calls.

    Python 3.11 keeps its frames in pieces of 16 KB. Calls that go back and forth over the end of
    one map and unmap the next each time, 500 times in a chart. A frame that asks for more gets a
    piece of its own, whose rest serves every call below it.
    """

    def call(*arguments: _Given.args, **keywords: _Given.kwargs) -> _Made:
        return function(*arguments, **keywords)

    deep = call.__code__.replace(co_stacksize=_FRAME_WORDS)
    with_room = types.FunctionType(deep, globals(), "roomy", None, call.__closure__)
    return cast("Callable[_Given, _Made]", with_room)
