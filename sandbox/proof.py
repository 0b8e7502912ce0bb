"""The escape self-test at every start: a sandboxed child tries each forbidden operation."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from records.errors import SandboxUnavailable
from sandbox.status import Limits, RenderStatus

_DEADLINE_S = 30.0
_WAY_OUT = {
    "host files": "landlock", "environment": "", "other processes": "landlock",
    "writing outside": "landlock", "network": "seccomp", "new processes": "seccomp",
    "signals": "seccomp", "system calls": "seccomp", "disk": "landlock", "memory": "",
}  # fmt: skip
_TURN_ON = {
    "landlock": "needs Landlock (Linux 5.13 or later, in the kernel's `lsm=` list) or user "
    "namespaces (user.max_user_namespaces > 0, not blocked by the container)",
    "seccomp": "needs a system call filter: Linux with seccomp on x86-64 or aarch64",
    "": "needs resource limits and an environment of its own: start without a tracer or wrapper",
}


class ChildEnd(Protocol):
    """How a child ended, and what it wrote."""

    @property
    def status(self) -> RenderStatus: ...

    @property
    def result(self) -> bytes: ...

    @property
    def detail(self) -> str: ...


class ProvenServer(Protocol):
    """A server that the self-test can run jobs on."""

    @property
    def limits(self) -> Limits: ...

    @property
    def environment(self) -> Mapping[str, str]: ...

    @property
    def wrapping(self) -> dict[str, Any]: ...

    def order(self, job: bytes, timeout_s: float, *, probing: bool = False) -> ChildEnd: ...


def prove(server: ProvenServer) -> None:
    """Let a child of this server try every escape attempt.

    Raises:
        SandboxUnavailable: an attempt succeeded; the message names it, the missing layer and the remedy.
    """
    got_through = {name: how for name, how in attempts(server).items() if how}
    if got_through:
        failures = "; ".join(f"{name}: a child {how}" for name, how in got_through.items())
        needs = "; ".join(sorted({_TURN_ON[_WAY_OUT[name]] for name in got_through}))
        layers = ", ".join(
            f"{name}: {detail}" for name, detail in server.wrapping["details"].items()
        )
        raise SandboxUnavailable(
            f"this machine cannot contain hostile code ({failures}). It {needs}. "
            f"Layers here: {layers}. `vermillion doctor` shows them."
        )


def attempts(server: ProvenServer) -> dict[str, str]:
    """Attempt -> how it succeeded, '' if it was stopped."""
    with contextlib.ExitStack() as stack:
        # A socket's path holds at most 107 bytes, and a worker's TMPDIR may be longer.
        above = tempfile.gettempdir() if len(tempfile.gettempdir()) < 70 else "/tmp"
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="vermillion-probe-", dir=above)
        )
        secret = Path(folder, "secret")
        secret.write_text("secret")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(f"{folder}/socket")
        unix.listen()
        name = f"vermillion-probe-{os.getpid()}-{Path(folder).name}"
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{name}")
        abstract.listen()
        bait: dict[str, Any] = {
            "files": [str(secret), *_file_at_home()],
            "environment": [*server.environment, "HOME", "TMPDIR", "MPLCONFIGDIR", "LC_CTYPE"],
            "folders": [folder, str(Path.home()), str(Path.cwd())],
            "pid": os.getpid(),
            "program": sys.executable,
            "tcp_port": tcp.getsockname()[1],
            "udp_port": udp.getsockname()[1],
            "unix_path": f"{folder}/socket",
            "unix_name": name,
            "disk_mb": server.limits.disk_mb,
            "memory_mb": server.limits.memory_mb,
        }
        outcome = server.order(json.dumps(bait).encode(), _DEADLINE_S, probing=True)
        if outcome.status is not RenderStatus.OK:
            return {"probe": f"ended with {outcome.status.value}: {outcome.detail}"}
        results: dict[str, str] = json.loads(outcome.result)
        for kind, listener in (("TCP", tcp), ("UDP", udp), ("unix", unix), ("unix", abstract)):
            listener.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                listener.recv(8) if listener is udp else listener.accept()
                results["network"] = f"was heard by {kind}"
        if {left.name for left in Path(folder).iterdir()} != {"secret", "socket"}:
            results["writing outside"] = "left a file outside"
        return results


def _file_at_home() -> list[str]:
    """A file in the caller's home folder that no child may read, if there is one."""
    with contextlib.suppress(OSError, RuntimeError), os.scandir(Path.home()) as entries:
        return [entry.path for entry in entries if entry.is_file(follow_symlinks=False)][:1]
    return []
