"""System calls that Python 3.11 has no function for.

Numbers are for Linux on x86-64 and aarch64; other architectures have no table and so no system call filter.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4

# Calls with the same number on every architecture, like all calls added since Linux 5.1.
MOUNT_SETATTR = 442
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446

MACHINE = platform.machine()
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(MACHINE)
_PIVOT_ROOT = (155, 41)
_SECCOMP = (317, 277)
_CAPSET = (126, 91)


def check(result: int, what: str) -> int:
    """Return a result of a C library call, or raise its error.

    Raises:
        OSError: the result is negative; the message starts with `what`.
    """
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _number(pair: tuple[int, int], what: str) -> int:
    if _COLUMN is None:
        raise OSError(f"{what}: no system call numbers for {MACHINE}")
    return pair[_COLUMN]


def raw(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by number; negative results set the C library's errno."""
    words = [
        ctypes.c_long(word) if isinstance(word, int) else ctypes.c_char_p(word)
        for word in arguments
    ]
    return int(libc.syscall(ctypes.c_long(number), *words))


def unshare(flags: int) -> None:
    """Move this process into new namespaces of the kinds in ``flags``."""
    check(libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace of a descriptor."""
    check(libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system or, with MS_BIND, a folder or file."""
    check(
        libc.mount(
            source.encode(),
            target.encode(),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            options.encode() or None,
        ),
        f"mount {target}",
    )


def make_read_only(target: str, *, devices: bool) -> None:
    """Make a mount and all below it read-only, without set-user-id programs.

    Args:
        target: Where it is mounted.
        devices: Whether device nodes below it may be opened.
    """
    attributes = MS_RDONLY | MS_NOSUID | (0 if devices else MS_NODEV)
    request = struct.pack("QQQQ", attributes, 0, 0, 0)
    at_fdcwd, at_recursive = -100, 0x8000
    result = raw(MOUNT_SETATTR, at_fdcwd, target.encode(), at_recursive, request, len(request))
    check(result, f"make {target} read-only")


def pivot_root_here() -> None:
    """Make the working directory the root; the old root becomes unreachable."""
    check(raw(_number(_PIVOT_ROOT, "pivot_root"), b".", b"."), "pivot_root")
    check(libc.umount2(b".", ctypes.c_int(MNT_DETACH)), "umount the old root")
    os.chdir("/")


def prctl(option: int, value: int = 0, third: int = 0) -> None:
    """Set an attribute of this process."""
    check(
        libc.prctl(
            ctypes.c_int(option),
            ctypes.c_ulong(value),
            ctypes.c_ulong(third),
            ctypes.c_ulong(0),
            ctypes.c_ulong(0),
        ),
        f"prctl {option}",
    )


def drop_capabilities() -> None:
    """Give up every capability irrevocably, for this process and all descendants."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # After the last capability of the kernel, or not permitted, and so without any.
    libc.prctl(PR_CAP_AMBIENT, ctypes.c_ulong(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
    version_3 = struct.pack("Ii", 0x20080522, 0)
    check(raw(_number(_CAPSET, "capset"), version_3, bytes(24)), "capset")


def install_filter(instructions: bytes) -> None:
    """Install a seccomp program for this thread, irrevocably.

    Args:
        instructions: Classic BPF, eight bytes an instruction.
    """
    memory = ctypes.create_string_buffer(instructions)
    program = struct.pack("HxxxxxxQ", len(instructions) // 8, ctypes.addressof(memory))
    mode_filter = 1
    check(raw(_number(_SECCOMP, "seccomp"), mode_filter, 0, program), "seccomp")
