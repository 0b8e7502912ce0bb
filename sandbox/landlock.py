"""Landlock rules: the process keeps access to a few named paths and loses all other files.

It works without privileges and inside containers, on Linux 5.13 and later. Source: the kernel's
``Documentation/userspace-api/landlock.rst``.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from sandbox import syscalls

_EXECUTE = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
READ = _READ_FILE | _READ_DIR
WRITE = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE


def version() -> int:
    """The kernel's Landlock version; 0 if it has none."""
    ask_version = 1
    return max(0, syscalls.raw(syscalls.LANDLOCK_CREATE_RULESET, None, 0, ask_version))


def restrict(
    readable: Iterable[str], writable: Iterable[str], executable: Iterable[str] = ()
) -> None:
    """Restrict this process to these paths and everything below them; only ``executable`` can be executed.

    ``/dev/null`` stays readable and writable.

    TCP, abstract unix sockets and signals to other processes are denied, too, if the kernel supports it.
    The process must have set no_new_privs. Paths that do not exist are ignored.

    Raises:
        OSError: the kernel refuses.
    """
    abi = version()
    handled = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        if abi >= since:
            handled |= 1 << bit
    tcp = 0b11 if abi >= 4 else 0
    scopes = 0b11 if abi >= 6 else 0
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    request = struct.pack("QQQ", handled, tcp, scopes)
    rules = syscalls.check(
        syscalls.raw(syscalls.LANDLOCK_CREATE_RULESET, request, size, 0), "landlock"
    )
    try:
        for rights, paths in (
            (READ, readable),
            (WRITE, writable),
            (READ | _EXECUTE, executable),
        ):
            for path in paths:
                _allow(rules, path, rights & handled)
        # Libraries open it to discard output.
        _allow(rules, "/dev/null", (READ | _WRITE_FILE | _TRUNCATE) & handled)
        syscalls.check(syscalls.raw(syscalls.LANDLOCK_RESTRICT_SELF, rules, 0), "landlock")
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        below = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # Fewer rights than possible are granted, which is safe.
    try:
        if not stat.S_ISDIR(os.fstat(below).st_mode):
            rights &= _OF_FILES
        path_beneath = 1
        rule = struct.pack("=Qi", rights, below)
        syscalls.check(
            syscalls.raw(syscalls.LANDLOCK_ADD_RULE, rules, path_beneath, rule, 0),
            f"landlock {path}",
        )
    finally:
        os.close(below)
