"""Where memory groups may be made: both kinds of trees, and who has handed over what, as told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox import memory_group_place as memory_place
from sandbox.memory_group import MemoryGroup
from sandbox.memory_group_place import V1, V2, Place, PlaceError, cgroup_mounts, place


class Machine:
    """A machine's tree of control groups and what its kernel tells of one process, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.process = folder / "process"
        (self.process / "ns").mkdir(parents=True)
        (self.process / "ns/cgroup").touch()
        self.tree = folder / "tree"
        self.tree.mkdir()
        self.tell("0::/\n", "")

    def tell(self, groups: str, mounts: str) -> None:
        (self.process / "cgroup").write_text(groups)
        (self.process / "mountinfo").write_text(
            f"22 1 0:21 / /proc rw,nosuid shared:12 - proc proc rw\n{mounts}"
        )

    def version_2(self, own: str, root: str = "/") -> None:
        """The process is in a group; a part of the tree is mounted."""
        mount = f"41 31 0:38 {root} {self.tree} rw - cgroup2 cgroup2 rw,nsdelegate\n"
        self.tell(f"0::{own}\n", mount)

    def version_1(self, own: str, root: str = "/") -> None:
        self.tell(
            f"9:name=systemd:/\n4:memory:{own}\n3:cpu,cpuacct:/\n0::/\n",
            f"30 23 0:27 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
            f"35 31 0:32 {root} {self.tree} rw,relatime - cgroup cgroup rw,memory\n"
            f"41 31 0:38 / /unified rw - cgroup2 cgroup2 rw\n",
        )

    def group(
        self, name: str, *, available: str = "memory pids", handed_on: str = "", holds: str = ""
    ) -> Path:
        """A group of version 2; the root of all has no type."""
        folder = self.tree / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.controllers").write_text(available)
        (folder / "cgroup.subtree_control").write_text(handed_on)
        (folder / "cgroup.procs").write_text(holds)
        if name:
            (folder / "cgroup.type").write_text("domain\n")
        return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(memory_place, "_OF_SYSTEMD", tmp_path / "no-systemd")
    monkeypatch.setattr(
        memory_place, "_FIRST_NAMESPACE", (made.process / "ns/cgroup").stat().st_ino
    )
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    return made


@pytest.fixture
def contained(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container with a namespace of control groups of its own."""
    monkeypatch.setattr(memory_place, "_FIRST_NAMESPACE", 0)


@pytest.fixture
def ordinary(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user than root, whose files are those that anybody may write to."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "access", lambda path, mode: bool(os.stat(path).st_mode & 0o002))


def hand_over(folder: Path) -> None:
    for path in (folder, folder / "cgroup.procs"):
        path.chmod(0o777)


@pytest.fixture
def marks(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Groups that systemd, which runs this machine, has marked as handed over."""
    names: set[str] = set()

    def mark(path: str | Path, name: str) -> bytes:
        if name == "trusted.delegate" and Path(path).name in names:
            return b"1"
        raise OSError("no such attribute")

    monkeypatch.setattr(memory_place, "_OF_SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "getxattr", mark)
    return names


def test_version_1_takes_the_own_group(machine: Machine) -> None:
    own = machine.tree / "a/b"
    own.mkdir(parents=True)
    machine.version_1("/a/b")
    assert place(machine.process) == Place(own, V1)


def test_a_part_of_the_tree_is_mounted_in_a_container(machine: Machine) -> None:
    machine.version_1("/docker/1f", root="/docker/1f")
    assert place(machine.process) == Place(machine.tree, V1)
    machine.version_1("/docker/2f", root="/docker/1f")
    with pytest.raises(PlaceError, match="not mounted"):
        place(machine.process)


def test_version_2_is_used_where_version_1_has_no_memory(machine: Machine) -> None:
    machine.group("", holds="1\n7\n", handed_on="memory")
    mounts = f"41 31 0:38 / {machine.tree} rw - cgroup2 cgroup2 rw\n"
    machine.tell("1:cpu:/\n0::/\n", f"30 23 0:27 / /cpu rw - cgroup cgroup rw,cpu\n{mounts}")
    assert place(machine.process) == Place(machine.tree, V2)


@pytest.mark.parametrize(
    ("groups", "mounted", "words"),
    [
        ("3:cpu:/\n", True, "no control groups"),
        ("0::/\n", False, "version 2 are not mounted"),
        ("4:memory:/\n0::/\n", True, "version 1 are not mounted"),
        ("0::/../outside\n", True, "not mounted"),
        ("0::/gone (deleted)\n", True, "not mounted"),
    ],
)
def test_no_tree_no_place(machine: Machine, groups: str, mounted: bool, words: str) -> None:
    machine.group("outside")
    mounts = f"41 31 0:38 / {machine.tree} rw - cgroup2 cgroup2 rw\n" if mounted else ""
    machine.tell(groups, mounts)
    with pytest.raises(PlaceError, match=words):
        place(machine.process)


def test_blanks_in_mount_points_are_read(machine: Machine) -> None:
    machine.tell("0::/\n", "41 31 0:38 / /with\\040blank rw - cgroup2 cgroup2 rw\n")
    assert [point for point, *_ in cgroup_mounts(machine.process)] == [Path("/with blank")]


def test_root_of_the_machine_takes_its_own_group_only(machine: Machine) -> None:
    machine.group("", handed_on="memory")
    machine.group("shells", handed_on="memory")
    machine.group("shells/one", holds="7\n")
    machine.version_2("/shells/one")
    with pytest.raises(PlaceError, match="holds processes"):
        place(machine.process)
    machine.group("", holds="7\n", handed_on="memory")
    machine.version_2("/")
    assert place(machine.process) == Place(machine.tree, V2)


@pytest.mark.usefixtures("contained")
def test_only_the_root_of_all_hands_on_while_it_holds_processes(machine: Machine) -> None:
    folder = machine.group("", holds="7\n")
    machine.version_2("/")
    assert place(machine.process) == Place(folder, V2)
    assert (folder / "cgroup.subtree_control").read_text() == "+memory"
    (folder / "cgroup.subtree_control").write_text("")
    (folder / "cgroup.type").write_text("domain\n")
    with pytest.raises(PlaceError, match="holds processes"):
        place(machine.process)
    assert (folder / "cgroup.subtree_control").read_text() == ""


def test_a_container_with_a_tree_of_its_own_uses_the_group_above(
    machine: Machine, request: pytest.FixtureRequest
) -> None:
    top = machine.group("", handed_on="")
    (top / "cgroup.type").write_text("domain\n")
    machine.group("main", holds="1\n7\n")
    machine.version_2("/main")
    with pytest.raises(PlaceError, match="holds processes"):
        place(machine.process)
    request.getfixturevalue("contained")
    assert place(machine.process) == Place(top, V2)
    assert (top / "cgroup.subtree_control").read_text() == "+memory"


def test_version_2_without_its_memory_controller(machine: Machine) -> None:
    machine.group("", available="cpu pids", holds="7\n")
    machine.version_2("/")
    with pytest.raises(PlaceError, match="no memory controller"):
        place(machine.process)


def test_a_controller_that_is_not_handed_on_is_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.group("", holds="7\n")
    machine.version_2("/")

    def refuse(self: Path, text: str) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(PlaceError, match="does not hand on its memory controller"):
        place(machine.process)


@pytest.mark.usefixtures("ordinary")
def test_an_ordinary_user_needs_what_was_handed_over(machine: Machine) -> None:
    machine.group("", handed_on="memory")
    above = machine.group("mine", handed_on="memory")
    own = machine.group("mine/shell", holds="7\n")
    machine.version_2("/mine/shell")
    with pytest.raises(PlaceError, match="this user may not write to"):
        place(machine.process)
    hand_over(own)
    with pytest.raises(PlaceError, match="holds processes"):
        place(machine.process)
    hand_over(above)
    assert place(machine.process) == Place(above, V2)


def test_systemd_must_have_marked_the_group(machine: Machine, marks: set[str]) -> None:
    machine.group("", handed_on="memory")
    machine.group("system.slice", handed_on="memory")
    service = machine.group("system.slice/a.service")
    machine.group("system.slice/a.service/own", holds="7\n")
    machine.version_2("/system.slice/a.service/own")
    with pytest.raises(PlaceError, match="systemd-run"):
        place(machine.process)
    marks.add("a.service")
    assert place(machine.process) == Place(service, V2)
    assert (service / "cgroup.subtree_control").read_text() == "+memory"


def test_nothing_above_the_mark_is_taken(machine: Machine, marks: set[str]) -> None:
    machine.group("", handed_on="memory")
    machine.group("system.slice", handed_on="memory")
    machine.group("system.slice/a.service", holds="7\n")
    machine.version_2("/system.slice/a.service")
    marks.add("a.service")
    with pytest.raises(PlaceError, match="holds processes"):
        place(machine.process)


def test_what_a_users_manager_was_given_is_not_ours(machine: Machine, marks: set[str]) -> None:
    machine.group("", handed_on="memory")
    machine.group("user@1000.service", handed_on="memory")
    machine.group("user@1000.service/app.slice", handed_on="memory")
    own = machine.group("user@1000.service/app.slice/run-1.service")
    machine.group("user@1000.service/app.slice/run-1.service/own", holds="7\n")
    machine.version_2("/user@1000.service/app.slice/run-1.service/own")
    marks.add("user@1000.service")
    with pytest.raises(PlaceError, match="systemd-run"):
        place(machine.process)
    marks.add("run-1.service")
    assert place(machine.process) == Place(own, V2)


# ------------------------------------------------------------------------ the files of version 2


@pytest.fixture
def kernel(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A new group has the kernel's files at once, and they go with it."""
    machine.group("", holds="7\n", handed_on="memory")
    machine.version_2("/")
    make = Path.mkdir

    def make_group(self: Path) -> None:
        make(self)
        (self / "cgroup.procs").write_text("")
        (self / "memory.max").write_text("")
        (self / "memory.swap.max").write_text("")
        (self / "memory.oom.group").write_text("")
        (self / "memory.current").write_text("1048576\n")
        (self / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n")

    remove = Path.rmdir

    def remove_group(self: Path) -> None:
        for file in self.iterdir():
            file.unlink()
        remove(self)

    monkeypatch.setattr(Path, "mkdir", make_group)
    monkeypatch.setattr(Path, "rmdir", remove_group)
    return machine


def test_version_2_bounds_memory_and_swap_and_ends_one_process_at_a_time(kernel: Machine) -> None:
    where = place(kernel.process)
    group = MemoryGroup(where.folder, where.version)
    group.take(4711)
    assert (group.folder / "cgroup.procs").read_text() == "4711"
    assert group.used_bytes() == 2**20
    group.limit(2**30)
    told = {name: (group.folder / f"memory.{name}").read_text() for name in ("max", "swap.max")}
    assert told == {"max": "1073741824", "swap.max": "0"}
    assert (group.folder / "memory.oom.group").read_text() == "0"


def test_version_2_counts_what_the_kernel_ended(kernel: Machine) -> None:
    group = MemoryGroup(kernel.tree, V2)
    assert not group.was_full()
    (group.folder / "memory.events").write_text("low 0\nhigh 0\nmax 9\noom 2\noom_kill 2\n")
    assert group.was_full()
    assert not group.was_full()
    group.remove()
    assert not group.folder.exists()


def test_a_limit_the_kernel_has_no_file_for_is_told(kernel: Machine) -> None:
    group = MemoryGroup(kernel.tree, V2)
    (group.folder / "memory.swap.max").unlink()
    group.limit(2**20)
    (group.folder / "memory.max").unlink()
    with pytest.raises(PlaceError, match="takes no limit"):
        group.limit(2**20)
