"""The list of system calls that a rendering program may make; all others are refused.

A refused call fails with EPERM, which Python turns into PermissionError, so that the status is
typed. Calls through another table (32-bit, x32) kill the process.
"""

from __future__ import annotations

import errno
import struct
from functools import cache

from sandbox.syscalls import MACHINE

# Name -> number on (x86-64, aarch64); None if the architecture has no such call.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # reading, writing and looking at what is open
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62),
    "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65), "writev": (20, 66),
    "preadv": (295, 69), "pwritev": (296, 70), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59), "flock": (73, 32),
    "fsync": (74, 82), "fdatasync": (75, 83), "ftruncate": (77, 46), "fallocate": (285, 47),
    "fadvise64": (221, 223), "copy_file_range": (326, 285), "sendfile": (40, 71),
    "select": (23, None), "pselect6": (270, 72), "poll": (7, None), "ppoll": (271, 73),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None),
    "epoll_pwait": (281, 22), "eventfd2": (290, 19), "close_range": (436, 436),
    # file names; other layers decide which files are visible
    "stat": (4, None), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291),
    "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "getdents": (78, None), "getdents64": (217, 61),
    "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17), "chdir": (80, 49),
    "fchdir": (81, 50), "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None),
    "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "umask": (95, 166),
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "mremap": (25, 216), "msync": (26, 227), "mincore": (27, 232), "madvise": (28, 233),
    # threads of this process, and signals to itself by the kernel
    "futex": (202, 98), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120), "set_tid_address": (218, 96),
    "set_robust_list": (273, 99), "get_robust_list": (274, 100), "rseq": (334, 293),
    "membarrier": (324, 283), "getcpu": (309, 168), "arch_prctl": (158, None),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "pause": (34, None), "restart_syscall": (219, 128),
    "alarm": (37, None), "setitimer": (38, 103), "getitimer": (36, 102),
    "exit": (60, 93), "exit_group": (231, 94),
    # identity and time
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getpgrp": (111, None),
    "getpgid": (121, 155), "getsid": (124, 156), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getgroups": (115, 158),
    "getresuid": (118, 148), "getresgid": (120, 150), "uname": (63, 160), "sysinfo": (99, 179),
    "times": (100, 153), "getrusage": (98, 165), "getrlimit": (97, 163),
    "gettimeofday": (96, 169), "time": (201, None), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "getrandom": (318, 278),
}  # fmt: skip

# First argument word checked -> values it may have.
_ONE_OF: dict[str, tuple[tuple[int | None, int | None], int, tuple[int, ...]]] = {
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_DUPFD_CLOEXEC,
    # F_GETPIPE_SZ. Not F_SETOWN and F_SETSIG: together they send any signal to another process.
    "fcntl": ((72, 25), 1, (0, 1, 2, 3, 4, 5, 6, 7, 1030, 1032)),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    "ioctl": ((16, 29), 1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    # PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME
    "prctl": ((157, 167), 0, (3, 15, 16)),
}
_OPENAT, _OPEN, _CLONE, _PRLIMIT = (257, 56), (2, None), (56, 220), (302, 261)
# These fail as absent, not as forbidden, so that the C library falls back to an older call.
_ABSENT: tuple[tuple[int | None, int | None], ...] = ((435, 435), (437, 437))  # clone3, openat2
_FIRST_UNKNOWN = 450

_ARCHITECTURE = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_KILL, _ALLOW, _ERROR = 0x8000_0000, 0x7FFF_0000, 0x0005_0000
_LOAD, _RETURN, _EQUAL, _AT_LEAST, _ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


_PERMIT = _step(_RETURN, _ALLOW)
_REFUSE = _step(_RETURN, _ERROR | errno.EPERM)


def _argument(index: int, *, high: bool = False) -> bytes:
    return _step(_LOAD, _ARGUMENTS_AT + 8 * index + (4 if high else 0))


def _on(number: int, body: bytes) -> bytes:
    """Instructions that run ``body``, which must return, if the call has this number."""
    return _step(_EQUAL, number, 0, len(body) // 8) + body


def _one_of(index: int, values: tuple[int, ...]) -> bytes:
    tests = b"".join(_step(_EQUAL, value, 0, 1) + _PERMIT for value in values)
    return _argument(index) + tests + _REFUSE


def _open_flags(index: int) -> bytes:
    """Refuse opening for reading with truncation, which Landlock allows before its third version."""
    access_mode, truncate = 0o3, 0o1000
    return (
        _argument(index)
        + _step(_ANY_BIT, truncate, 0, 2)
        + _step(_ANY_BIT, access_mode, 1, 0)
        + _REFUSE
        + _PERMIT
    )


def _thread_only() -> bytes:
    """Allow a new thread, and refuse a new process or namespace."""
    clone_thread, new_namespaces = 0x0001_0000, 0x7E02_0080
    return (
        _argument(0)
        + _step(_ANY_BIT, new_namespaces, 2, 0)
        + _step(_ANY_BIT, clone_thread, 0, 1)
        + _PERMIT
        + _REFUSE
    )


def _reading_limits() -> bytes:
    """Allow reading the limits of this process (a null third argument), and refuse setting them."""
    return b"".join(
        (
            _argument(0) + _step(_EQUAL, 0, 1, 0) + _REFUSE,
            _argument(2) + _step(_EQUAL, 0, 1, 0) + _REFUSE,
            _argument(2, high=True) + _step(_EQUAL, 0, 1, 0) + _REFUSE,
            _PERMIT,
        )
    )


@cache
def program(machine: str = MACHINE) -> bytes:
    """The filter as classic BPF, eight bytes an instruction.

    Raises:
        OSError: the system call numbers of this architecture are not known.
    """
    if machine not in _ARCHITECTURE:
        raise OSError(f"seccomp: no system call numbers for {machine}")
    column = 0 if machine == "x86_64" else 1
    parts = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, _ARCHITECTURE[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
    ]
    if machine == "x86_64":
        x32_bit = 0x4000_0000
        parts += [_step(_AT_LEAST, x32_bit, 0, 1), _step(_RETURN, _KILL)]
    for pair in ALLOWED.values():
        if (number := pair[column]) is not None:
            parts.append(_on(number, _PERMIT))
    checked: list[tuple[tuple[int | None, int | None], bytes]] = [
        *((pair, _one_of(index, values)) for pair, index, values in _ONE_OF.values()),
        (_OPENAT, _open_flags(2)),
        (_OPEN, _open_flags(1)),
        (_CLONE, _thread_only()),
        (_PRLIMIT, _reading_limits()),
        *((pair, _step(_RETURN, _ERROR | errno.ENOSYS)) for pair in _ABSENT),
    ]
    for pair, body in checked:
        if (number := pair[column]) is not None:
            parts.append(_on(number, body))
    parts += [
        _step(_AT_LEAST, _FIRST_UNKNOWN, 0, 1),
        _step(_RETURN, _ERROR | errno.ENOSYS),
        _REFUSE,
    ]
    return b"".join(parts)
