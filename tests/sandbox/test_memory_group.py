"""Memory groups: the kernel's bound around a server, what becomes of bombs, what is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from renderers.svg.renderer import SvgRenderer
from renderers.table.renderer import TableRenderer
from sandbox import memory_group
from sandbox.fork_server import ForkServer
from sandbox.memory_group import PREFIX, Bound, MemoryGroup, sweep
from sandbox.memory_group_place import PlaceError, cgroup_mounts, place
from sandbox.probe import probe
from sandbox.session import SessionServer
from sandbox.status import Limits, RenderStatus

LIMITS = Limits(timeout_s=20, memory_mb=128, disk_mb=64)
TARGET = '''
import json, mmap, os, threading, time

def warm():
    pass

def run(job, scratch):
    name, *words = json.loads(job)
    return json.dumps(ACTIONS[name](scratch, *words)).encode()

def _take(megabytes):
    taken = bytearray(megabytes << 20)
    for page in range(0, len(taken), 4096):
        taken[page] = 1
    return taken

def _forks(scratch, count, megabytes):
    """Children that each stay within the address space, and together far beyond the limit."""
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            taken = _take(megabytes)
            time.sleep(2)
            os._exit(0)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

def _threads(scratch, count, megabytes):
    threading.stack_size(2**18)
    held = []
    def work():
        held.append(_take(megabytes))
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(held) < count:
        raise MemoryError(f"{len(held)} of {count} threads had their share")
    return len(held)

def _scratch(scratch, megabytes):
    block = os.urandom(1 << 20)
    with open(scratch / "bomb", "wb") as file:
        for _ in range(megabytes):
            file.write(block)
    return megabytes

def _write(scratch, paths):
    done = []
    for path, words in paths:
        try:
            with open(path, "w") as file:
                file.write(words)
            done.append(path)
        except OSError:
            pass
    return done

ACTIONS = {
    "echo": lambda scratch, word: word,
    "forks": _forks,
    "threads": _threads,
    "scratch": _scratch,
    "write": _write,
}
'''


@pytest.fixture(scope="module")
def above() -> Path:
    """Where groups are made on this machine."""
    try:
        return place().folder
    except PlaceError as error:
        pytest.skip(f"no memory group here: {error}")


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("targets")
    (folder / "bombs.py").write_text(TARGET)
    return folder


def ours(above: Path) -> set[str]:
    """Groups that this process has made and that are there."""
    mine = f"{PREFIX}{memory_group._life_of(os.getpid())}-"
    return {group.name for group in above.iterdir() if group.name.startswith(mine)}


def group_of(pid: int | None) -> str:
    """The last part of the memory group in which a process is."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    groups = {line.split(":", 2)[1]: line.split(":", 2)[2] for line in lines}
    return Path(groups.get("memory", groups.get("", ""))).name


def test_a_server_and_its_children_are_in_one_group(above: Path, targets: Path) -> None:
    before = ours(above)
    with ForkServer("bombs", LIMITS, import_paths=[targets]) as server:
        (name,) = ours(above) - before
        launcher = psutil.Process(server.launcher_pid)
        assert [group_of(one.pid) for one in (launcher, *launcher.children())] == [name, name]
        assert group_of(os.getpid()) != name
        assert server.wrapping["memory_group"]
        assert "MB in all" in server.wrapping["details"]["memory group"]
    assert ours(above) == before


def test_two_servers_have_two_groups(above: Path, targets: Path) -> None:
    before = ours(above)
    first, second = (ForkServer("bombs", LIMITS, import_paths=[targets]) for _ in range(2))
    with first:
        with second:
            assert len(ours(above) - before) == 2
            assert group_of(first.launcher_pid) != group_of(second.launcher_pid)
        assert ours(above) - before == {group_of(first.launcher_pid)}
        assert first.run(b'["echo", 1]').result == b"1"
    assert ours(above) == before


def bare(targets: Path, *without: str) -> ForkServer:
    """A server with a hole in its walls, for the group behind them."""
    server = ForkServer("bombs", LIMITS, import_paths=[targets], without=without)
    server.start(proven=False)
    return server


def test_processes_that_should_not_be_are_bounded_together(above: Path, targets: Path) -> None:
    job = json.dumps(["forks", 12, 100]).encode()
    server = bare(targets, "seccomp")
    try:
        (name,) = {group_of(server.launcher_pid)}
        launcher = server.launcher_pid
        outcome = server.run(job)
        assert outcome.status is RenderStatus.OUT_OF_MEMORY, outcome.detail
        assert "ended by the kernel for its memory" in outcome.detail
        assert server.run(b'["echo", "still"]').result == b'"still"'
        assert server.launcher_pid == launcher, "the kernel's victim was not the child"
        assert group_of(server.launcher_pid) == name
    finally:
        server.close()


def test_a_scratch_that_is_full_ends_the_child_and_not_the_server(
    above: Path, targets: Path
) -> None:
    server = ForkServer("bombs", LIMITS, import_paths=[targets])
    with server:
        launcher = psutil.Process(server.launcher_pid)
        processes = [launcher.pid, *(child.pid for child in launcher.children())]
        assert server._bound is not None and server._bound._group is not None
        group = server._bound._group
        # No address space shows what a file system in memory holds.
        group.limit(group.used_bytes() + 24 * 2**20)
        outcome = server.run(b'["scratch", 48]')
        assert outcome.status is RenderStatus.OUT_OF_MEMORY, outcome.detail
        assert server.run(b'["echo", "still"]').result == b'"still"'
        assert [launcher.pid, *(child.pid for child in launcher.children())] == processes
        assert server.run(b'["scratch", 8]').result == b"8"


@pytest.mark.parametrize("kind", [ForkServer, SessionServer])
def test_bombs_within_the_walls_get_their_verdict(
    kind: type[ForkServer], above: Path, targets: Path
) -> None:
    server = kind("bombs", LIMITS, result_bytes=2**20)
    server._order["import_paths"] = [str(targets)]
    with server:
        launcher = server.launcher_pid
        for bomb in (["threads", 40, 16], ["threads", 60, 1000]):
            outcome = server.run(json.dumps(bomb).encode())
            assert outcome.status is RenderStatus.OUT_OF_MEMORY, outcome.detail
        assert server.run(json.dumps(["scratch", 500]).encode()).status is RenderStatus.DENIED
        assert server.run(b'["scratch", 50]').result == b"50"
        assert server.launcher_pid == launcher


def test_a_server_that_was_the_victim_is_no_fault_of_the_machine(
    above: Path, targets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ForkServer("bombs", LIMITS, import_paths=[targets]) as server:
        assert server._bound is not None
        monkeypatch.setattr(server._bound, "overrun", lambda: "ended by the kernel")
        for child in psutil.Process(server.launcher_pid).children():
            child.kill()
        assert server.run(b'["echo", 1]').status is RenderStatus.OUT_OF_MEMORY
        assert server.run(b'["echo", 2]').result == b"2"


@pytest.mark.parametrize("without", [(), ("namespaces",)])
def test_no_child_reaches_its_group(without: tuple[str, ...], above: Path, targets: Path) -> None:
    server = ForkServer("bombs", LIMITS, import_paths=[targets], without=without)
    with server:
        group = above / group_of(server.launcher_pid)
        assert group.is_dir()
        names = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max")
        attempts = [
            *((str(group / name), str(2**40)) for name in names),
            *((str(folder / "cgroup.procs"), "0") for folder in (group, above)),
            *((f"{point}/cgroup.procs", "0") for point, *_ in cgroup_mounts()),
            ("/proc/self/oom_score_adj", "0"),
        ]
        assert server.run(json.dumps(["write", attempts]).encode()).result == b"[]"


def test_a_killed_callers_group_is_swept_and_no_other(above: Path, targets: Path) -> None:
    program = textwrap.dedent(
        f"""
        import os, sys
        from pathlib import Path
        sys.path[:0] = {sys.path!r}
        from sandbox.status import Limits
        from sandbox.fork_server import ForkServer
        server = ForkServer("bombs", Limits(), import_paths=[Path({str(targets)!r})])
        server.start()
        print(server.launcher_pid, server._bound._group.folder, flush=True)
        os.kill(os.getpid(), 9)
        """
    )
    stranger = above / f"{PREFIX}of-somebody-else"
    stranger.mkdir()
    try:
        with ForkServer("bombs", LIMITS, import_paths=[targets]) as living:
            run = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
            launcher, left = run.stdout.decode().split()
            until = time.monotonic() + 30
            while psutil.pid_exists(int(launcher)) and time.monotonic() < until:
                time.sleep(0.05)
            # From here on any server that starts on this machine may sweep it, ours at the latest.
            with ForkServer("bombs", LIMITS, import_paths=[targets]):
                assert not Path(left).exists()
                assert stranger.is_dir()
                assert (above / group_of(living.launcher_pid)).is_dir()
            assert living.run(b'["echo", 1]').result == b"1"
    finally:
        stranger.rmdir()


def test_a_group_in_use_is_not_removed(above: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = MemoryGroup(above, place().version)
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        group.take(sleeper.pid)
        monkeypatch.setattr(memory_group, "_life_of", lambda pid: "another life")
        assert group.folder not in sweep(above)
        assert group.folder.is_dir()
        monkeypatch.setattr(memory_group, "_EMPTIES_S", 0.01)
        group.remove()
        assert group.folder.is_dir()
    finally:
        sleeper.kill()
        sleeper.wait()
    assert group.folder in sweep(above)


def test_doctor_shows_the_group_or_why_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    (layer,) = [layer for layer in probe() if layer.name == "memory group"]
    assert not layer.required
    assert layer.detail

    def nowhere() -> None:
        raise PlaceError("nothing is writable")

    monkeypatch.setattr(memory_group, "place", nowhere)
    layers = {layer.name: layer for layer in probe()}
    assert not layers["memory group"].effective
    assert layers["memory group"].detail == "nothing is writable"
    assert all(layer.effective for layer in layers.values() if layer.required)


def test_a_server_without_a_group_works(targets: Path) -> None:
    with ForkServer("bombs", LIMITS, import_paths=[targets], without=("memory group",)) as server:
        assert server.run(b'["echo", 1]').result == b"1"
        assert not server.wrapping["memory_group"]
        assert server.wrapping["details"]["memory group"] == "left out on request"


def test_a_process_that_is_gone_is_not_taken(above: Path) -> None:
    before = ours(above)
    ended = subprocess.Popen(["true"])
    ended.wait()
    bound = Bound(ended.pid)
    bound.limit(100)
    assert not bound.on
    assert "takes no process" in bound.detail
    assert ours(above) == before


# --------------------------------------------------------------------------------- the real lanes

BAR = "import matplotlib.pyplot as plt\nplt.bar([1, 2], [3, 4])\nplt.savefig('a.png')"
FILES = "import numpy as np\nfor i in range(60):\n    np.zeros(2**18).tofile(f'{i}')\n" + BAR
CIRCLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'
)
TABLE = "<table><tr><td>clean</td><td>1</td></tr></table>"


def test_a_chart_that_fills_its_group_is_out_of_memory_and_the_next_is_as_before(
    above: Path,
) -> None:
    with ChartRenderer(Limits(timeout_s=60, disk_mb=256)) as charts:
        clean = charts.render(BAR, Language.PYTHON).drawn()[0]
        assert charts.server._bound is not None and charts.server._bound._group is not None
        group, launcher = charts.server._bound._group, charts.server_pid
        group.limit(group.used_bytes() + 80 * 2**20)
        bombed = charts.render(FILES, Language.PYTHON)
        assert bombed.status is RenderStatus.OUT_OF_MEMORY, bombed.detail
        assert charts.render(BAR, Language.PYTHON).drawn()[0] == clean
        assert charts.server_pid == launcher


def test_an_icon_that_fills_its_group_is_out_of_memory_and_the_next_is_as_before(
    above: Path,
) -> None:
    many = "".join(f'<circle cx="{i % 9}" cy="4" r="3"/>' for i in range(20_000))
    bomb = CIRCLE.replace("<circle", many + "<circle", 1)
    with SvgRenderer(Limits(timeout_s=60)) as svgs:
        clean = svgs.render(CIRCLE).drawn()[0]
        assert svgs.server._bound is not None and svgs.server._bound._group is not None
        group, launcher = svgs.server._bound._group, svgs.server_pid
        group.limit(group.used_bytes() + 8 * 2**20)
        bombed = svgs.render(bomb)
        assert bombed.status is RenderStatus.OUT_OF_MEMORY, bombed.detail
        assert svgs.render(CIRCLE).drawn()[0] == clean
        assert svgs.server_pid == launcher


@pytest.mark.chromium
def test_a_page_that_fills_its_group_is_out_of_memory_before_anyone_looks(
    above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renderers.table.browser.process._MEMORY_POLL_S", 60)
    rows = "<tr>" + "<td>cell</td>" * 60 + "</tr>"
    before = ours(above)
    with TableRenderer(Limits(timeout_s=60)) as tables:
        clean = tables.render(TABLE, Language.HTML).drawn()
        assert tables.layers["memory group"]
        assert tables._worker is not None and tables._worker.bound._group is not None
        group = tables._worker.bound._group
        group.limit(group.used_bytes() + 24 * 2**20)
        bombed = tables.render(f"<table>{rows * 400}</table>", Language.HTML)
        assert bombed.status is RenderStatus.OUT_OF_MEMORY, bombed.detail
        assert "ended by the kernel" in bombed.detail
        assert not group.folder.exists()
        assert tables.render(TABLE, Language.HTML).drawn() == clean
    assert ours(above) == before


@pytest.mark.chromium
def test_the_browser_sees_no_control_group(above: Path) -> None:
    with TableRenderer() as tables:
        if "mount" not in tables.layers:
            pytest.skip("no mount namespace on this machine")
        assert tables.layers["no way to memory groups"]
        supervisor = psutil.Process(tables.server_pid)
        below = supervisor.children(recursive=True)
        looked_at = set()
        name = group_of(supervisor.pid)
        assert {group_of(process.pid) for process in below} == {name}
        for process in below:
            for point, *_ in cgroup_mounts():
                seen = Path(f"/proc/{process.pid}/root{point}")
                # Chromium's own sandbox shows less still, and some processes are ending.
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    assert list(seen.iterdir()) == [], process.cmdline()
                    looked_at.add(process.pid)
        assert len(looked_at) >= 2
