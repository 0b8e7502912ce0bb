"""Bounds of memory: what becomes of bombs, without any control group of the kernel's."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from records.taxonomy import Language
from renderers.table.browser.chromium import open_browser
from renderers.table.browser.driver import BrowserError
from renderers.table.browser.messages import DRIVERS, LAYERS
from renderers.table.renderer import TableRenderer
from sandbox import landlock
from sandbox.fork_server import ForkServer
from sandbox.oom_victims import Victims
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
TABLE = "<table><tr><td>clean</td><td>1</td></tr></table>"
CELLS = "<table>" + ("<tr>" + "<td>cell</td>" * 60 + "</tr>") * 400 + "</table>"


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("targets")
    (folder / "bombs.py").write_text(TARGET)
    return folder


@pytest.mark.parametrize("kind", [ForkServer, SessionServer])
def test_bombs_within_the_walls_get_their_verdict(kind: type[ForkServer], targets: Path) -> None:
    server = kind("bombs", LIMITS, result_bytes=2**20)
    server._order["import_paths"] = [str(targets)]
    with server:
        launcher = server.launcher_pid
        for bomb in (["threads", 40, 16], ["threads", 60, 1000]):
            outcome = server.run(json.dumps(bomb).encode())
            assert outcome.status is RenderStatus.OUT_OF_MEMORY, outcome.detail
        for bomb in (["scratch", 500], ["forks", 12, 100]):
            assert server.run(json.dumps(bomb).encode()).status is RenderStatus.DENIED
        assert server.run(b'["scratch", 50]').result == b"50"
        assert server.launcher_pid == launcher


def test_a_child_is_the_kernels_first_choice_and_cannot_change_it(targets: Path) -> None:
    own = Path("/proc/self/oom_score_adj").read_text()
    victims = Victims()
    victims.begin()
    child = subprocess.Popen(["cat", "/proc/self/oom_score_adj"], stdout=subprocess.PIPE)
    victims.end()
    victims.forget()
    assert child.communicate()[0] == b"1000\n"
    assert Path("/proc/self/oom_score_adj").read_text() == own
    with ForkServer("bombs", LIMITS, import_paths=[targets]) as server:
        job = json.dumps(["write", [["/proc/self/oom_score_adj", "0"]]]).encode()
        assert server.run(job).result == b"[]"


@pytest.mark.chromium
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_page_that_takes_too_much_is_out_of_memory_and_the_next_is_as_before(
    driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERMILLION_TABLE_DRIVER", driver)
    with TableRenderer(
        Limits(timeout_s=120, memory_mb=360 if driver == "playwright" else 256)
    ) as tables:
        clean = tables.render(TABLE, Language.HTML).drawn()
        browser = psutil.Process(tables.server_pid)
        bombed = tables.render(CELLS * 2, Language.HTML)
        assert bombed.status is RenderStatus.OUT_OF_MEMORY, bombed.detail
        assert not browser.is_running()
        assert tables.render(TABLE, Language.HTML).drawn() == clean


# ------------------------------------------------------------------------ the files of the machine

CONFINED = """
import os, sys
from pathlib import Path
import PIL.Image
from renderers.table.browser.messages import WorkerSettings
from renderers.table.browser.worker import _confine_files
from sandbox import syscalls

scratch, secret, executable = sys.argv[1:]
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
layers = {}
_confine_files(WorkerSettings(executable, scratch, 1), scratch, layers)
assert layers == {"Landlock": True}
Path(scratch, "mine").write_text("mine")

def tried(name, call):
    try:
        call()
    except OSError:
        return
    print(name)

tried("read", lambda: Path(secret).read_text())
tried("write", lambda: Path(secret).write_text("gone"))
tried("list", lambda: os.listdir(Path(secret).parent))
tried("passwords", lambda: Path("/etc/passwd").read_text())
tried("repository", lambda: Path(PIL.__file__).write_text(""))
tried("groups", lambda: Path("/sys/fs/cgroup/cgroup.procs").write_text("0"))
tried("unmount", lambda: syscalls.mount("none", "/mnt", "tmpfs", 0))
"""


def _python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program, run in a process of its own that finds this checkout's modules."""
    checkout = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_browser_reaches_no_file_but_its_own(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("no Landlock on this machine")
    scratch, secret = tmp_path / "scratch", tmp_path / "secret"
    scratch.mkdir()
    secret.write_text("kept")
    done = _python(CONFINED, str(scratch), str(secret), "/usr/bin/chromium")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert secret.read_text() == "kept"


def test_a_browser_without_any_wall_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(BrowserError, match="run as an ordinary user"):
        open_browser("/nowhere/chromium", tmp_path, {}, "pipe")


@pytest.mark.chromium
@pytest.mark.parametrize("driver", DRIVERS)
def test_the_browsers_root_holds_nothing_of_the_machine(driver: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("kept")
    # The way to this project and its interpreter is there, whatever else lies beside it.
    own = {Path(path).resolve().parts[1] for path in (__file__, sys.prefix, sys.base_prefix)}
    with TableRenderer(Limits(timeout_s=60), driver=driver) as tables:
        if "own root" not in tables.layers:
            pytest.skip("no namespace of mounts on this machine")
        assert tables.layers.keys() == LAYERS.keys()
        for process in psutil.Process(tables.server_pid).children(recursive=True):
            root = Path(f"/proc/{process.pid}/root")
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended
                assert not ({"home", "tmp", "run", "mnt", "opt"} - own) & set(os.listdir(root))
                assert not (root / str(tmp_path / "secret").lstrip("/")).exists()
                assert not (root / "etc/passwd").exists()
                mounts = Path(f"/proc/{process.pid}/mountinfo").read_text().splitlines()
                writable = {
                    line.split()[4] for line in mounts if " rw," in line.partition(" - ")[0]
                }
                assert writable <= {"/scratch", "/proc"}


PROC_REFUSED = """
import os, sys
from renderers.table.browser import worker
from renderers.table.browser.messages import WorkerSettings
from sandbox import syscalls

settings = WorkerSettings(sys.argv[2], sys.argv[1], 1)
layers = worker._enter_namespaces(settings)
mount = syscalls.mount
def refuse(source, target, kind, flags, options=""):
    if kind == "proc":
        raise OSError(1, "refused")
    mount(source, target, kind, flags, options)
syscalls.mount = refuse
if os.fork() == 0:
    scratch = worker._enter_own_root(settings, layers)
    print(scratch == sys.argv[1], "own root" in layers, os.listdir(scratch), os.statvfs(scratch).f_blocks * 4096)
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""


def test_where_no_proc_may_be_mounted_the_scratch_is_still_of_limited_size(tmp_path: Path) -> None:
    if not next(layer for layer in probe() if layer.name == "namespaces").effective:
        pytest.skip("no namespace on this machine")
    done = _python(PROC_REFUSED, str(tmp_path), "/usr/bin/chromium")
    assert done.stdout == f"True False [] {2**20}\n", done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.chromium
def test_without_namespaces_root_has_a_browser_behind_landlock_only() -> None:
    if not landlock.version():
        pytest.skip("no Landlock on this machine")
    with TableRenderer(Limits(timeout_s=60), namespaces=False) as tables:
        assert tables.render(TABLE, Language.HTML).status is RenderStatus.OK
        assert {name for name, there in tables.layers.items() if there} == {"Landlock"}
