"""The system call filter, read as the kernel reads it, for both kinds of machine."""

from __future__ import annotations

import errno
import struct

import pytest

from sandbox.seccomp import ALLOWED, program

KILL, ALLOW, ERROR = 0x8000_0000, 0x7FFF_0000, 0x0005_0000
REFUSED, ABSENT = ERROR | errno.EPERM, ERROR | errno.ENOSYS
ARCHITECTURE = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
MACHINES = list(ARCHITECTURE)


def decide(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter says to one call: classic BPF over ``struct seccomp_data``."""
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, architecture or ARCHITECTURE[machine], 0, *words)
    code = [struct.unpack("<HBBI", step) for step in _steps(program(machine))]
    accumulator, at = 0, 0
    for _ in range(len(code)):
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return int(value)
        else:
            holds = {
                0x15: accumulator == value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[operation]
            at += if_true if holds else if_false
    raise AssertionError("the filter runs off its end")


def _steps(code: bytes) -> list[bytes]:
    return [code[start : start + 8] for start in range(0, len(code), 8)]


@pytest.mark.parametrize("machine", MACHINES)
def test_listed_calls_pass_and_no_other_does(machine: str) -> None:
    column = MACHINES.index(machine)
    listed = {pair[column] for pair in ALLOWED.values()} - {None}
    checked = {
        "x86_64": {2, 16, 56, 72, 157, 257, 302, 435, 437},
        "aarch64": {25, 29, 56, 167, 220, 261, 435, 437},
    }[machine]
    assert not listed & checked
    for number in range(450):
        expected = ALLOW if number in listed else REFUSED
        if number not in checked:
            assert decide(machine, number) == expected, number
    assert decide(machine, 450) == decide(machine, 900) == ABSENT


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_by_another_table_kills(machine: str) -> None:
    i386 = 0x4000_0003
    assert decide(machine, 20, architecture=i386) == KILL
    other = ARCHITECTURE["aarch64" if machine == "x86_64" else "x86_64"]
    assert decide(machine, 63, architecture=other) == KILL
    if machine == "x86_64":
        assert decide(machine, 0x4000_0000 + 39) == KILL


NUMBERS = {
    "x86_64": {"clone": 56, "fcntl": 72, "ioctl": 16, "prctl": 157, "openat": 257, "limit": 302},
    "aarch64": {"clone": 220, "fcntl": 25, "ioctl": 29, "prctl": 167, "openat": 56, "limit": 261},
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("clone", (0x003D_0F00,), ALLOW),  # a thread of the C library
        ("clone", (17,), REFUSED),  # fork
        ("clone", (0x4111,), REFUSED),  # vfork
        ("clone", (0x0001_0000 | 0x1000_0000,), REFUSED),  # a thread in a new user namespace
        ("fcntl", (3, 3), ALLOW),
        ("fcntl", (3, 8, 1), REFUSED),  # F_SETOWN
        ("fcntl", (3, 10, 9), REFUSED),  # F_SETSIG
        ("ioctl", (0, 0x5401), ALLOW),  # isatty
        ("ioctl", (0, 0x5412), REFUSED),  # TIOCSTI, keys typed into the caller's terminal
        ("prctl", (15,), ALLOW),
        ("prctl", (4, 1), REFUSED),  # PR_SET_DUMPABLE
        ("openat", (0, 0, 0), ALLOW),
        ("openat", (0, 0, 0o1000), REFUSED),  # emptied by being opened to read
        ("openat", (0, 0, 0o1101), ALLOW),  # open(..., "w"); which file is up to Landlock
        ("limit", (0, 7, 0), ALLOW),
        ("limit", (0, 7, 1), REFUSED),
        ("limit", (0, 7, 1 << 32), REFUSED),
        ("limit", (1, 7, 0), REFUSED),
    ],
)
def test_arguments_decide(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    assert decide(machine, NUMBERS[machine][call], *arguments) == expected


def test_no_table_no_filter() -> None:
    with pytest.raises(OSError, match="riscv64"):
        program("riscv64")
