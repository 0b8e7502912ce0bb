"""Starts a vLLM server, waits until it is ready, and stops it with all its processes.

`serving` is for a block of code. `start` and `stop` are for two tasks of a DAG: the first returns
plain data, and the second needs nothing else.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from pydantic import Field

from records.errors import ConfigError, EndpointUnavailable
from records.rows import Record
from records.settings import Section

TAIL_LINES = 30
LOOK_EVERY_S = 0.5
_LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens URLs without a proxy, since the server is on this machine."""

VLLM = ("-m", "vllm.entrypoints.openai.api_server")
# The default backend lets a model write endless white space inside JSON.
JSON_BACKEND = '{"backend":"guidance","disable_any_whitespace":true}'


class ServerSettings(Section):
    """What is served, and how."""

    model: str = Field(min_length=1)
    """Name on the hub, or a folder."""
    served_name: str = ""
    """Name that requests use; the model's own where it is empty."""
    python: str = sys.executable
    """Interpreter of the environment that holds vLLM: its pins are not ours."""
    images: int = Field(default=2, ge=1)
    """Most pictures of one request."""
    arguments: tuple[str, ...] = ()
    """Further arguments of vLLM: `--tensor-parallel-size`, `4`."""
    command: tuple[str, ...] = ()
    """Another server in place of vLLM; `{port}`, `{model}`, `{name}` (as served) and `{python}` are replaced."""
    environment: dict[str, str] = {}
    """Beside this process's own."""
    host: str = Field(default="127.0.0.1", min_length=1)
    """Interface that it listens at; 0.0.0.0 lets other machines in, and vLLM asks them for no key."""
    port: int = Field(default=0, ge=0, le=65535)
    """0 takes a free one."""
    ready_s: float = Field(default=1200.0, gt=0)
    """From start to the first healthy answer; loading a large model takes minutes."""
    stop_s: float = Field(default=30.0, gt=0)
    """From the request to stop until the group is killed."""
    log: str = ""
    """File; empty takes one in the work folder of a build, or else in the temporary folder."""

    def command_line(self, port: int) -> list[str]:
        """What is run."""
        if self.command:
            return [self._filled(part, port) for part in self.command]
        limit = f'{{"image":{self.images},"video":0}}'
        return [
            *(self.python, *VLLM, "--host", self.host, "--port", str(port)),
            *("--model", self.model, "--served-model-name", self.served_name or self.model),
            *("--limit-mm-per-prompt", limit, "--structured-outputs-config", JSON_BACKEND),
            *self.arguments,
        ]

    def _filled(self, part: str, port: int) -> str:
        words = {
            "port": str(port),
            "python": self.python,
            "model": self.model,
            "name": self.served_name or self.model,
        }
        for word, value in words.items():
            part = part.replace(f"{{{word}}}", value)
        return part


class Running(Record):
    """A started server, as plain data with which another process can stop it."""

    url: str
    """Base URL for clients, with `/v1`."""
    pid: int
    """Also its process group and session."""
    started_at: float
    """Start time in seconds since the machine's own, to detect a reused process id: no clock that is set moves it."""
    stop_s: float
    log: str


def start(
    settings: ServerSettings, note: Callable[[Running], object] = lambda running: None
) -> Running:
    """Start a server and wait until it is ready; it keeps running after this process ends.

    Args:
        settings: What is served.
        note: Called as soon as the server runs, before it is ready, so that a caller that is killed
            while waiting has recorded what must be stopped.

    Raises:
        ConfigError: the command cannot be run.
        EndpointUnavailable: it ended, or was not ready in time; the message ends with its log.
    """
    return _start(settings, guarded=False, note=note)[0]


def stop(running: Running) -> None:
    """End the server and its process group; does nothing if it has ended."""
    if not _is_ours(running):
        return
    _signal(running.pid, signal.SIGTERM)
    ends_s = time.monotonic() + running.stop_s
    while _group(running.pid) and time.monotonic() < ends_s:
        time.sleep(0.05)
    _signal(running.pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # it may be the child of another process
        os.waitpid(running.pid, 0)


@contextmanager
def serving(settings: ServerSettings) -> Iterator[Running]:
    """A context manager that runs a server. It ends with the block, and with this process.

    Raises: as `start`.
    """
    running, guard = _start(settings, guarded=True)
    try:
        yield running
    finally:
        stop(running)
        guard.wait()
        if guard.stdin is not None:
            guard.stdin.close()


def _start(
    settings: ServerSettings,
    guarded: bool,
    note: Callable[[Running], object] = lambda running: None,
) -> tuple[Running, subprocess.Popen[bytes]]:
    port = settings.port or _free_port()
    if settings.port and _taken(port):
        # Another server's health reply would be mistaken for this one's.
        raise ConfigError(
            f"port {port} is taken, so the server of {settings.model} cannot have it: stop what "
            "listens there, or use it by its address, without a server in the settings"
        )
    command = settings.command_line(port)
    if guarded:
        command = [sys.executable, "-m", "endpoints.guard", str(settings.stop_s), *command]
    log = settings.log or str(Path(tempfile.gettempdir()) / f"server-{port}.log")
    stdin = subprocess.PIPE if guarded else subprocess.DEVNULL
    process = started(command, settings, log, stdin, subprocess.STDOUT)
    running = Running(
        url=f"http://127.0.0.1:{port}/v1",
        pid=process.pid,
        started_at=_started_at(process.pid),
        stop_s=settings.stop_s,
        log=log,
    )
    try:
        note(running)
        _await_ready(process, running, settings)
    except BaseException:
        stop(running)
        raise
    return running, process


def started(
    command: list[str],
    settings: ServerSettings,
    log: str,
    stdin: int = subprocess.PIPE,
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a new session.

    Args:
        command: What is run.
        settings: Its environment.
        log: File for what it prints.
        stdin: As of `subprocess.Popen`.
        stderr: `subprocess.STDOUT` sends standard output to the log, too; None gives a pipe for it.

    Raises:
        ConfigError: the command cannot be run.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with Path(log).open("wb") as target:
        try:
            return subprocess.Popen(
                command,
                stdin=stdin,
                stdout=target if stderr else subprocess.PIPE,
                stderr=stderr or target,
                start_new_session=True,
                env={**os.environ, "VLLM_NO_USAGE_STATS": "1", **settings.environment},
            )
        except OSError as error:
            raise ConfigError(f"{command[0]} cannot be run: {error.strerror}") from error


def healthy(running: Running) -> bool:
    """True while a server that was started still runs and answers."""
    return _is_ours(running) and answers(running.url)


def _await_ready(
    process: subprocess.Popen[bytes], running: Running, settings: ServerSettings
) -> None:
    ends_s = time.monotonic() + settings.ready_s
    while time.monotonic() < ends_s:
        if process.poll() is not None:
            raise EndpointUnavailable(
                f"the server of {settings.model} ended with {process.returncode} before it was "
                f"ready; {log_tail(running.log)}"
            )
        if answers(running.url):
            return
        time.sleep(LOOK_EVERY_S)
    raise EndpointUnavailable(
        f"the server of {settings.model} was not ready after {settings.ready_s:g} s; raise ready_s "
        f"if the model is still loading; {log_tail(running.log)}"
    )


def answers(url: str) -> bool:
    """True if a server on this machine reports that it is healthy; ``url`` is its base, with `/v1`."""
    try:
        with _LOOPBACK.open(url.removesuffix("/v1") + "/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (
        OSError,
        HTTPException,
        ValueError,
    ):  # nothing there, not yet healthy, or not a web server
        return False


def log_tail(log: str) -> str:
    """The last lines of a log, for the message of an error."""
    lines = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return f"the end of {log}:\n" + "\n".join(lines) if lines else f"{log} is empty"


def _is_ours(running: Running) -> bool:
    """True if processes of the started group still run."""
    try:
        return abs(_started_at(running.pid) - running.started_at) < 1.0
    except (FileNotFoundError, ProcessLookupError):
        # The leader has ended. A group exists, with the same number, as long as it has members.
        return bool(_group(running.pid))


def _started_at(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def _group(pgid: int) -> list[int]:
    """Members of a process group that still run."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == pgid and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process.pid)
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue
    return members


def _signal(pgid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it may have ended
        os.killpg(pgid, number)


def _taken(port: int) -> bool:
    with socket.socket() as tried:
        tried.settimeout(1.0)
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: Any = found.getsockname()[1]
        return int(port)
