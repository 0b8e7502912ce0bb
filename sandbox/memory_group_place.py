"""Finds where this machine lets a process create a memory control group, or the reason why it cannot.

Control groups are a tree that somebody owns: root, a container's runtime, systemd. Groups are made
only in a part that its owner has handed over ("delegated"): by file permissions to an ordinary
user, by a namespace to a container, by a mark to a service of systemd. In version 2 a group with
limits on groups below it holds no process itself, so the place is then above the process' own
group, among those that were handed over with it.

Source: the kernel's ``cgroup-v2.rst`` ("Delegation", "No Internal Process Constraint"), systemd's
``CGROUP_DELEGATION.md``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

V1, V2 = 1, 2
_FIRST_NAMESPACE = 0xEFFFFFFB
"""Inode of the machine's own control group namespace (the kernel's PROC_CGROUP_INIT_INO)."""
_MARKS = ("user.delegate", "trusted.delegate")
_OF_SYSTEMD = Path("/run/systemd/system")
_MANAGER = re.compile(r"user@\d+\.service")
_ASK_SYSTEMD = (
    "systemd has not handed it over: start with `systemd-run --pty -p Delegate=memory "
    "-p DelegateSubgroup=own COMMAND`, with `--user` for an ordinary user"
)


class PlaceError(Exception):
    """No memory group can be made or used here; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Place:
    """A group of the tree in which groups may be made."""

    folder: Path
    version: int
    """1 or 2."""


@dataclass(frozen=True, slots=True)
class _Tree:
    """The tree of groups as this process sees it."""

    top: Path
    own: Path
    version: int


def place(process: Path = Path("/proc/self")) -> Place:
    """The nearest group in which this process may make others that bound memory.

    Args:
        process: What the kernel reports on this process.

    Raises:
        PlaceError: there is none; says why, and the way out where there is one.
    """
    tree = _tree(process)
    reason = ""
    for folder in _delegated(tree, process):
        reason = _prepared(folder, tree.version)
        if not reason:
            return Place(folder, tree.version)
    raise PlaceError(reason)


def cgroup_mounts(process: Path = Path("/proc/self")) -> list[tuple[Path, str, str, str]]:
    """Where the tree can be seen: mount point, the part of the tree, kind and options."""
    mounts = []
    for line in (process / "mountinfo").read_text().splitlines():
        mount, _, device = line.partition(" - ")
        kind, _, options = device.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            _, _, _, root, point, *_ = mount.split(" ")
            mounts.append((Path(_plain(point)), _plain(root), kind, options))
    return mounts


def _tree(process: Path) -> _Tree:
    memberships: dict[str, str] = {}
    for line in (process / "cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        memberships.update(dict.fromkeys(controllers.split(","), group))
    version = V1 if "memory" in memberships else V2
    group = memberships.get("memory", memberships.get("", ""))
    if not group:
        raise PlaceError("the kernel has no control groups")
    for point, root, kind, options in cgroup_mounts(process):
        if kind == "cgroup2" if version == V2 else "memory" in options.split(","):
            # A group outside of its namespace's part of the tree begins with "/..".
            if group.startswith("/..") or os.path.commonpath([root, group]) != root:
                continue
            own = point / os.path.relpath(group, root)
            if own.is_dir():
                return _Tree(point, Path(os.path.normpath(own)), version)
    raise PlaceError(f"the control groups of version {version} are not mounted here")


def _delegated(tree: _Tree, process: Path) -> Iterator[Path]:
    """This process' own group and those above it, as far as they were handed over to it.

    Raises:
        PlaceError: not even its own was.
    """
    upwards = [tree.own, *tree.own.parents]
    ours = upwards[: upwards.index(tree.top) + 1]
    if _OF_SYSTEMD.is_dir():
        marked = [number for number, folder in enumerate(ours) if _is_marked(folder)]
        # A user's manager was handed its group for itself, not for what it starts.
        if not marked or _MANAGER.fullmatch(ours[marked[0]].name):
            raise PlaceError(_ASK_SYSTEMD)
        ours = ours[: marked[0] + 1]
    elif os.geteuid() == 0 and not _own_namespace(process):
        ours = ours[:1]  # What root could take above it may be anybody's.
    for folder in ours:
        if not _writable(folder):
            if folder == tree.own:
                raise PlaceError(f"this user may not write to {folder}")
            return
        yield folder


def _prepared(folder: Path, version: int) -> str:
    """See to it that groups in this one can bound memory; why they cannot, '' where they can."""
    if version == V1:
        return ""
    controllers = (folder / "cgroup.controllers").read_text().split()
    if "memory" not in controllers:
        return f"version 2 has no memory controller in {folder}"
    handed_on = folder / "cgroup.subtree_control"
    if "memory" in handed_on.read_text().split():
        return ""
    # The root of all, which alone may hold processes beside groups, has no type.
    if (folder / "cgroup.procs").read_text().strip() and (folder / "cgroup.type").exists():
        return (
            f"{folder} holds processes, so version 2 bounds no group in it: "
            "a group above it must be handed over too"
        )
    try:
        handed_on.write_text("+memory")
    except OSError as error:
        return f"{folder} does not hand on its memory controller ({error.strerror})"
    return ""


def _writable(folder: Path) -> bool:
    files = (folder, folder / "cgroup.procs")
    return all(os.access(file, os.W_OK) for file in files)


def _is_marked(folder: Path) -> bool:
    for mark in _MARKS:
        try:
            if os.getxattr(folder, mark) == b"1":
                return True
        except OSError:
            continue
    return False


def _own_namespace(process: Path) -> bool:
    """A container whose part of the tree is its own."""
    try:
        return (process / "ns/cgroup").stat().st_ino != _FIRST_NAMESPACE
    except OSError:
        return False


def _plain(path: str) -> str:
    """A path of mountinfo, whose blanks are octal."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), path)
