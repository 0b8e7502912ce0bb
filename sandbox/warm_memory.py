"""Prepares the memory of a server process so that forks are cheap.

A fork copies one table entry per page, and a child copies each page that it writes to. In Python
even reading an object writes, since it counts references. On the chart server (190 MB, 1,360
mappings), an empty fork took 17 ms: a third each for copying the entries, for removing them, and
for copied pages. See docs/decisions/0007-what-a-fork-costs.md.
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
"""``GLIBC_TUNABLES`` of a server: large arrays are allocated from the heap, in huge pages, instead
of being mapped and unmapped one by one."""

_REUSE = {-3: 2**25, -1: 2**28, -2: 2**22}
"""The same for a running process, by the numbers of `mallopt`: threshold of mapping, of trimming, and pad."""

_kept: list[bytes] = []
"""One small object per reserved arena, so that the arena is not returned to the kernel."""


def reuse_memory() -> None:
    """Keep the memory of arrays that are gone for the next ones; does nothing without glibc."""
    option = getattr(syscalls.libc, "mallopt", None)
    if option is not None:
        for number, value in _REUSE.items():
            option(number, value)


def reserve_small_objects(small_objects_mb: int) -> None:
    """Reserve the memory of small objects in one piece, before anything is loaded.

    Arenas that are allocated one by one lie between libraries, where no two consecutive megabytes
    can become a huge page.
    """
    blocks = [bytes(_BLOCK - 40) for _ in range(small_objects_mb * 2**20 // _BLOCK)]
    _kept.extend({id(block) // _ARENA: block for block in blocks}.values())


def freeze_memory() -> None:
    """Freeze loaded objects, return free memory, and collect the rest into huge pages.

    On kernels before 6.1, or without huge pages, the last step has no effect.
    """
    gc.collect()
    # Memory that is free here would be available to a program beyond its memory limit.
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
    """Wrap a function so that deep calls inside it are fast.

    Python 3.11 stores frames in chunks of 16 KB. Calls that cross the end of a chunk map and unmap
    the next one each time, 500 times in a chart. A frame that needs more gets its own chunk, and
    the rest of that chunk serves all calls below it.
    """

    def call(*arguments: _Given.args, **keywords: _Given.kwargs) -> _Made:
        return function(*arguments, **keywords)

    deep = call.__code__.replace(co_stacksize=_FRAME_WORDS)
    with_room = types.FunctionType(deep, globals(), "roomy", None, call.__closure__)
    return cast("Callable[_Given, _Made]", with_room)
