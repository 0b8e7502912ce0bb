"""Isolation layers of a child: namespaces, a private root, Landlock, a system call filter, limits.

Each layer is used if the machine offers it. Whether the layers suffice is not decided here;
`sandbox.proof` tests it.
"""

# ruff: noqa: PTH102, PTH103, PTH110, PTH118, PTH120
# Reason: paths are built for system calls that take strings.

from __future__ import annotations

import os
import resource
import signal
import stat
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import sandbox.landlock as landlock
import sandbox.seccomp as seccomp
import sandbox.syscalls as syscalls

INSIDE_SCRATCH = "/scratch"
"""Where a child with its own root may write."""
_INSIDE_ID = 1000
_OPEN_FILES = 128
_THREADS = 64
_SCRATCH_FILES = 2000
_SYSTEM = (
    "/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/local/lib",
    "/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "/usr/share/fontconfig",
    "/var/cache/fontconfig", "/usr/share/zoneinfo", "/usr/share/xml", "/etc/ld.so.cache",
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
)  # fmt: skip
LAYERS = ("namespaces", "landlock", "seccomp")


@dataclass(slots=True)
class Wrapping:
    """The isolation layers that this machine provides.

    Attributes:
        details: Layer -> what is used, or why it is not used, as text for a person.
    """

    namespaces: bool = False
    own_users: bool = False
    """True if the process has its own user namespace and is root only there."""
    own_root: bool = False
    landlock: bool = False
    seccomp: bool = False
    details: dict[str, str] = field(default_factory=dict)


def leave_host(without: Iterable[str] = ()) -> Wrapping:
    """Move this process, which must have one thread, into new namespaces.

    The process namespace applies from its next child on. Layers named in `without` are left out.
    """
    wrapping = Wrapping()
    if "namespaces" in without:
        wrapping.details["namespaces"] = "left out on request"
    else:
        _unshare(wrapping)
    abi = landlock.version()
    wrapping.landlock = abi > 0 and "landlock" not in without
    wrapping.details["landlock"] = f"version {abi}" if wrapping.landlock else _why_not(
        "landlock", without, "the kernel (5.13 or later) was built or started without it"
    )  # fmt: skip
    try:
        length = len(seccomp.program()) // 8
        wrapping.seccomp = "seccomp" not in without
        wrapping.details["seccomp"] = f"{len(seccomp.ALLOWED)} calls allowed, {length} steps"
    except OSError as error:
        wrapping.details["seccomp"] = str(error)
    if not wrapping.seccomp:
        wrapping.details["seccomp"] = _why_not("seccomp", without, wrapping.details["seccomp"])
    return wrapping


def _why_not(layer: str, without: Iterable[str], reason: str) -> str:
    return "left out on request" if layer in without else reason


def _unshare(wrapping: Wrapping) -> None:
    others = (
        syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC
        | syscalls.CLONE_NEWUTS
    )  # fmt: skip
    user, group = os.geteuid(), os.getegid()
    try:
        syscalls.unshare(syscalls.CLONE_NEWUSER | others)
        wrapping.own_users = True
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{_INSIDE_ID} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{_INSIDE_ID} {group} 1")
    except OSError as refused:
        if wrapping.own_users or user != 0:
            wrapping.own_users = False
            wrapping.details["namespaces"] = f"no user namespace ({refused})"
            return
        try:
            syscalls.unshare(others)  # Root of the machine needs no user namespace for this.
        except OSError as error:
            reason = f"no user namespace ({refused}), none as root ({error})"
            wrapping.details["namespaces"] = reason
            return
    wrapping.namespaces = True
    kinds = "user, process" if wrapping.own_users else "process"
    wrapping.details["namespaces"] = f"{kinds}, network, ipc, host name"
    syscalls.libc.sethostname(b"sandbox", 7)


def readable_paths(extra: Iterable[Path]) -> list[str]:
    """All paths that a child may read: the interpreter, libraries, fonts, and `extra`; no home folder."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    wanted = {sysconfig.get_path(name) for name in names}
    wanted |= {os.path.join(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)}
    wanted |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    wanted |= {str(Path(path).absolute()) for path in extra}
    wanted |= set(_SYSTEM)
    wanted |= {os.path.realpath(path) for path in wanted}
    return sorted(path for path in wanted if os.path.exists(path))


def enter_own_root(readable: list[str], scratch: str, *, own_proc: bool = False) -> None:
    """Replace the file system by one that contains only `readable`, at the same paths.

    Args:
        readable: From `readable_paths`.
        scratch: An empty directory in which the new root is built; nothing is written to it on the host.
        own_proc: Also give a /proc that shows only the processes of this namespace.

    Raises:
        OSError: the machine does not allow it. Only this process' view of files has changed by then.
    """
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount("none", "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in readable}
    plain = syscalls.MS_NOSUID | syscalls.MS_NODEV
    syscalls.mount("tmpfs", scratch, "tmpfs", plain, "size=1m,mode=755")
    done: list[str] = []
    for path, source in sources.items():
        if not any(path.startswith(f"{root}/") for root in done):
            _show(path, source, scratch)
            done.append(path)
        os.close(source)
    os.mkdir(scratch + INSIDE_SCRATCH)
    if own_proc:
        # The kernel allows this only while the machine's own /proc is still visible.
        os.mkdir(f"{scratch}/proc")
        syscalls.mount("proc", f"{scratch}/proc", "proc", plain | syscalls.MS_NOEXEC)
    os.chdir(scratch)
    syscalls.pivot_root_here()
    read_only = syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY
    syscalls.mount("none", "/", None, read_only | plain)


def _show(path: str, source: int, new_root: str) -> None:
    target = new_root + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    mode = os.fstat(source).st_mode
    if stat.S_ISDIR(mode):
        os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    syscalls.mount(f"/proc/self/fd/{source}", target, None, syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.make_read_only(target, devices=stat.S_ISCHR(mode))


def mount_scratch(target: str, size_mb: int) -> None:
    """Mount an empty in-memory file system with limited size and file count, from which nothing can
    be executed."""
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    options = f"size={size_mb}m,nr_inodes={_SCRATCH_FILES},mode=700"
    syscalls.mount("tmpfs", target, "tmpfs", flags, options)


def next_child_apart(own_processes: int) -> None:
    """Give the next child its own process namespace: when the child ends, all its processes end.

    Args:
        own_processes: Descriptor of this process' own process namespace. Only through it can a
            process leave a namespace that it prepared for its children.
    """
    syscalls.setns(own_processes, syscalls.CLONE_NEWPID)
    syscalls.unshare(syscalls.CLONE_NEWPID)


def confine(
    wrapping: Wrapping, *, readable: list[str], scratch: str, memory_bytes: int, disk_mb: int,
    cpu_s: int,
) -> None:  # fmt: skip
    """Give up all rights that this process does not need, irrevocably.

    Args:
        scratch: The writable directory if the process has its own root, else an empty, read-only one.
        memory_bytes: Limit of the address space, including what the process uses now.
        cpu_s: Limit of CPU time.

    Raises:
        OSError: a layer that the machine offers cannot be applied.
    """
    if wrapping.own_root:
        syscalls.unshare(syscalls.CLONE_NEWNS)
        mount_scratch(scratch, disk_mb)
    os.chdir(scratch)
    _limit(wrapping, memory_bytes, disk_mb, cpu_s)
    syscalls.drop_capabilities()
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    if wrapping.landlock:
        if wrapping.own_root:
            landlock.restrict(["/"], [scratch])
        else:
            landlock.restrict([*readable, scratch], [])
    if wrapping.seccomp:
        syscalls.install_filter(seccomp.program())


def _limit(wrapping: Wrapping, memory_bytes: int, disk_mb: int, cpu_s: int) -> None:
    ceilings = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: disk_mb * 2**20,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    if wrapping.own_users:
        # The limit is counted per user, so it is set only if this user runs no processes outside.
        ceilings[resource.RLIMIT_NPROC] = _THREADS
    for kind, ceiling in ceilings.items():
        hardest = resource.getrlimit(kind)[1]
        if hardest != resource.RLIM_INFINITY:
            ceiling = min(ceiling, hardest)
        resource.setrlimit(kind, (ceiling, ceiling))
