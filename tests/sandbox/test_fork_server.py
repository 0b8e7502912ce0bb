"""The fork server: typed outcomes, hard deadlines, walls that are proven, nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from records.errors import RendererUnavailable, SandboxUnavailable
from sandbox import syscalls
from sandbox.fork_server import ForkServer
from sandbox.probe import probe
from sandbox.status import Limits, RenderStatus

LIMITS = Limits(timeout_s=60, memory_mb=256, disk_mb=8)
TARGET = '''
import ctypes, json, os, threading, time
from pathlib import Path

from sandbox.status import RenderStatus
from sandbox.verdict import Refused

def warm():
    global WARMED
    WARMED = os.getpid()

def facts():
    return {"answer": 42}

def run(job, scratch):
    return ACTIONS[job.split(b" ")[0].decode()](job, scratch)

def _raise(error):
    raise error

def _sleep(job, scratch):
    threading.Event().wait(60)

def _spin(job, scratch):
    while True:
        pass

def _scratch(job, scratch):
    before = sorted(os.listdir(scratch))
    (scratch / "left").write_text("behind")
    return json.dumps([before, str(scratch), os.getcwd()]).encode()

def _memory(job, scratch):
    """Whether the bytes of another job are anywhere in this process."""
    start = ctypes.c_char.in_dll(ctypes.pythonapi, "_Py_NoneStruct")
    wanted = job.split(b" ")[1][::-1]
    import gc
    return repr([type(thing) for thing in gc.get_objects() if thing == wanted]).encode()

ACTIONS = {
    "echo": lambda job, scratch: job,
    "length": lambda job, scratch: str(len(job)).encode(),
    "many": lambda job, scratch: bytes(int(job.split(b" ")[1])),
    "nothing": lambda job, scratch: b"",
    "sleep": _sleep,
    "spin": _spin,
    "scratch": _scratch,
    "memory": _memory,
    "allocate": lambda job, scratch: bytes(bytearray(2**30))[:1],
    "wrong": lambda job, scratch: _raise(ValueError("wrong")),
    "refuse": lambda job, scratch: _raise(Refused(RenderStatus.TOO_LARGE, "by choice")),
    "missing": lambda job, scratch: open("/etc/shadow").read(),
    "crash": lambda job, scratch: ctypes.string_at(0),
    "leave": lambda job, scratch: os._exit(3),
    "type": lambda job, scratch: "not bytes",
    "environment": lambda job, scratch: json.dumps(sorted(os.environ)).encode(),
    "who": lambda job, scratch: json.dumps([os.getpid(), os.getuid(), os.uname().nodename]).encode(),
}
'''


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("targets")
    (folder / "acting.py").write_text(TARGET)
    (folder / "broken.py").write_text("def warm():\n    raise RuntimeError('cannot warm')\n")
    return folder


@pytest.fixture(scope="module")
def server(targets: Path) -> Iterator[ForkServer]:
    with ForkServer("acting", LIMITS, result_bytes=2**20, import_paths=[targets]) as server:
        yield server


@pytest.mark.parametrize(
    ("job", "status", "result"),
    [
        (b"echo \xff\x00", RenderStatus.OK, b"echo \xff\x00"),
        (b"nothing", RenderStatus.OK, b""),
        (b"length " + bytes(5 * 2**20), RenderStatus.OK, str(7 + 5 * 2**20).encode()),
        (b"many 1048576", RenderStatus.OK, bytes(2**20)),
        (b"many 1048577", RenderStatus.UNREADABLE_OUTPUT, b""),
        (b"many 90000000", RenderStatus.UNREADABLE_OUTPUT, b""),
        (b"allocate", RenderStatus.OUT_OF_MEMORY, b""),
        (b"wrong", RenderStatus.CODE_CRASHED, b""),
        (b"refuse", RenderStatus.TOO_LARGE, b""),
        (b"missing", RenderStatus.DENIED, b""),
        (b"crash", RenderStatus.CODE_CRASHED, b""),
        (b"leave", RenderStatus.CODE_CRASHED, b""),
        (b"type", RenderStatus.CODE_CRASHED, b""),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_job_has_a_typed_outcome(
    server: ForkServer, job: bytes, status: RenderStatus, result: bytes
) -> None:
    outcome = server.run(job)
    assert (outcome.status, outcome.result) == (status, result), outcome.detail
    assert bool(outcome.detail) == (status is not RenderStatus.OK)
    assert outcome.peak_mb > 1


@pytest.mark.parametrize("job", [b"sleep", b"spin"])
def test_deadline_is_hard(server: ForkServer, job: bytes) -> None:
    outcome = server.run(job, timeout_s=0.3)
    assert outcome.status is RenderStatus.TIMEOUT
    assert "0.3 s" in outcome.detail
    assert server.run(b"echo").status is RenderStatus.OK


def test_a_job_sees_no_other(server: ForkServer) -> None:
    first = server.run(b"scratch").result
    assert server.run(b"scratch").result == first
    assert first.startswith(b"[[], ")
    secret = b"of-the-job-before-this"
    assert server.run(b"echo " + secret).status is RenderStatus.OK
    assert server.run(b"memory " + secret[::-1]).result == b"[]"


def test_environment_is_the_servers_own(targets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERMILLION_API_KEY", "secret")
    with ForkServer("acting", LIMITS, import_paths=[targets]) as server:
        names = server.run(b"environment").result
        assert server.facts == {"answer": 42}
    assert b"HOME" in names
    assert not [name for name in (b"API_KEY", b"PYTHONPATH", b"PYTEST", b'"USER"') if name in names]


def test_a_dead_server_is_replaced(targets: Path) -> None:
    with ForkServer("acting", LIMITS, import_paths=[targets]) as server:
        assert server.run(b"echo 1").status is RenderStatus.OK
        first = server.launcher_pid
        assert first is not None
        for child in psutil.Process(first).children():
            child.send_signal(signal.SIGKILL)
        assert server.run(b"echo 2").result == b"echo 2"
        assert server.launcher_pid != first


def test_a_server_that_dies_over_every_job_is_unavailable(
    targets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ForkServer("acting", LIMITS, import_paths=[targets]) as server:
        started = []
        launch = server.start

        def start() -> None:
            launch()
            assert server.launcher_pid is not None
            started.append(server.launcher_pid)
            for child in psutil.Process(server.launcher_pid).children():
                child.kill()

        monkeypatch.setattr(server, "start", start)
        with pytest.raises(RendererUnavailable, match="died 3 times"):
            server.run(b"echo")
        assert len(set(started)) == 3
        monkeypatch.undo()
        assert server.run(b"echo").result == b"echo"


def test_close_leaves_no_process_and_no_file(
    targets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server = ForkServer("acting", LIMITS, import_paths=[targets])
    with server:
        launcher = psutil.Process(server.launcher_pid)
        processes = [launcher, *launcher.children(recursive=True)]
        assert len(processes) == 2
        assert len(list(tmp_path.iterdir())) == 1
        server.run(b"scratch")
    assert not [process for process in processes if process.is_running()]
    assert list(tmp_path.iterdir()) == []
    server.close()


def test_what_a_killed_launcher_left_is_swept_and_nothing_else(
    targets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, living, fresh = (ForkServer("acting", LIMITS, import_paths=[targets]) for _ in range(3))
    with killed:
        (left,) = tmp_path.iterdir()
        psutil.Process(killed.launcher_pid).kill()
    with living:
        assert left.exists(), "too young to be judged"
        (used,) = set(tmp_path.iterdir()) - {left}
        for folder in (left, used):
            os.utime(folder, (0, 0))
        with fresh:
            assert used.exists()
            assert not left.exists()
            assert living.run(b"echo").result == b"echo"


def test_the_server_ends_with_its_caller(targets: Path) -> None:
    program = textwrap.dedent(
        f"""
        import os, sys
        from pathlib import Path
        sys.path[:0] = {sys.path!r}
        from sandbox.status import Limits
        from sandbox.fork_server import ForkServer
        server = ForkServer("acting", Limits(), import_paths=[Path({str(targets)!r})])
        server.start()
        print(server.launcher_pid, flush=True)
        os.kill(os.getpid(), 9)
        """
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    launcher = int(run.stdout)
    deadline = time.monotonic() + 30
    while psutil.pid_exists(launcher) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(launcher)


def test_a_target_that_cannot_start_is_named(
    targets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for target, words in (("broken", "cannot warm"), ("no_such_target", "no_such_target")):
        with pytest.raises(RendererUnavailable, match=words):
            ForkServer(target, LIMITS, import_paths=[targets]).start()
    assert list(tmp_path.iterdir()) == []


def test_probe_names_layers_and_what_they_stop() -> None:
    reports = probe()
    names = [report.name for report in reports]
    assert names[:4] == ["namespaces", "own root", "landlock", "seccomp"]
    assert len([name for name in names if name.startswith("stops: ")]) == 10
    assert [report for report in reports if report.required and not report.effective] == []


@pytest.mark.parametrize(
    ("without", "stopped"),
    [
        ((), True),
        (("namespaces",), True),
        (("landlock",), True),
        (("seccomp",), False),
        (("namespaces", "landlock"), False),
    ],
)
def test_refuses_to_start_where_something_gets_through(
    without: tuple[str, ...], stopped: bool
) -> None:
    layers = {report.name: report.effective for report in probe()}
    if not (layers["landlock"] and layers["own root"]):
        pytest.skip("this machine has one layer only")
    server = ForkServer("sandbox.echo", LIMITS, without=without)
    if stopped:
        with server:
            assert server.run(b"still").result == b"still"
    else:
        with pytest.raises(SandboxUnavailable, match="vermillion doctor"):
            server.start()
        assert server.launcher_pid is None


@pytest.mark.parametrize("without", [(), ("namespaces",)])
def test_an_ordinary_user_is_as_safe(without: tuple[str, ...]) -> None:
    python = _python_for_anyone()
    if os.geteuid() != 0 or python is None:
        pytest.skip("needs root, and an interpreter of this version outside root's home")
    if not _readable_by_anyone(Path(syscalls.__file__)):
        pytest.skip("this checkout stands in a folder that only its owner may enter")
    program = textwrap.dedent(
        f"""
        import os, sys
        sys.path[:0] = {[path for path in sys.path if path.startswith("/")]!r}
        from sandbox.status import Limits
        from sandbox.probe import probe
        from sandbox.fork_server import ForkServer
        assert os.getuid() == 65534
        with ForkServer("sandbox.echo", Limits(), without={without!r}) as server:
            print(server.run(b"done").result.decode())
        """
    )
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/")
    assert run.stdout == "done\n", run.stderr


def _readable_by_anyone(file: Path) -> bool:
    """True if no folder above a file keeps other users out."""
    return all(folder.stat().st_mode & 0o001 for folder in file.resolve().parents)


def _python_for_anyone() -> str | None:
    """An interpreter that a user without a home can start, with this one's modules."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    again = "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    for python in (
        sys.executable,
        *(f"{folder}/{name}" for folder in ("/usr/bin", "/usr/local/bin")),
    ):
        command = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            python,
            "-c",
            again,
        ]
        if shutil.which(python) and subprocess.run(command, capture_output=True).returncode == 0:
            return python
    return None
