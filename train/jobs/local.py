"""Long jobs that outlive the task that started them: attached to again, never started twice, stopped whole.

A job is a folder. `attach` starts what is ordered there, or finds it running; `follow` repeats its log
until it ends; `stop` ends every process of it. Whoever calls them may be killed at any time: the
keeper (`train.jobs.keeper`) stays above the job and writes down how it ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from train.jobs import keeper
from train.jobs.job import VISIBLE, JobFailed, JobOrder, JobStatus, State

LOOK_EVERY_S = 0.5
START_WITHIN_S = 30.0
SILENT_S = 60.0
"""A keeper on another machine whose state file is older than this is gone."""
MOST_LINES = 200
"""Log lines that are repeated at one look; of more, the last."""

_STARTED: list[subprocess.Popen[bytes]] = []
"""Keepers that this process started and that may still run: they are let go, never waited for."""


def look(folder: Path) -> JobStatus:
    """The job of a folder."""
    order, state, result = (_read(folder / f"{name}.json") for name in ("order", "state", "result"))
    if not order:
        return JobStatus(State.NEVER)
    known = {
        "id": order["id"],
        "argv": tuple(order["argv"]),
        "starts": order["starts"],
        "taken": (folder / "taken").exists(),
    }
    if state.get("id") == order["id"]:
        known |= {"pid": state["pid"], "host": state["host"], "started_at": state["at"]}
    if result.get("id") == order["id"]:
        ended = {name: result[name] for name in ("exit", "stopped", "ended_at")}
        return JobStatus(State.ENDED, **known, **ended)
    if _is_kept(folder) or _beats_elsewhere(folder, state, order["id"]):
        return JobStatus(State.RUNNING, **known)
    # The keeper writes the result before it lets the lock go.
    result = _read(folder / "result.json")
    if result.get("id") == order["id"]:
        return look(folder)
    return JobStatus(State.LOST, **known)


def attach(folder: Path, order: JobOrder, restart: bool = False) -> tuple[JobStatus, bool]:
    """The job that runs in ``folder``; started if it is not there.

    A job that ended while nobody looked is not started again: its end comes back once, and counts
    as the result of this order. What a killed keeper left running is ended before a new start.

    Args:
        folder: Of this job alone; made if missing.
        order: What to run.
        restart: Start again a job whose end was already reported, and go on counting its starts.

    Returns:
        The job, and whether this call started it.

    Raises:
        ConfigError: another command runs there.
        JobFailed: it cannot be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        seen = look(folder)
        same = seen.argv == order.argv
        if seen.state is State.RUNNING:
            if not same:
                raise ConfigError(
                    f"{folder}: another command runs there since {_clock(seen.started_at)}; wait, "
                    f"stop it with `python -m train.jobs stop {folder}`, or choose another output"
                )
            return seen, False
        if seen.state is State.ENDED and same and not seen.taken:
            return seen, False
        if seen.state is State.LOST:
            keeper.end(seen.id, order.stop_s)
        starts = seen.starts + 1 if same and (restart or seen.state is State.LOST) else 1
        return _start(folder, order, starts), True


def follow(
    folder: Path,
    print_line: Callable[[str], None],
    leave: Callable[[], bool] = lambda: False,
    last_lines: int | None = None,
) -> JobStatus | None:
    """Repeat a job's log until it has ended; how it did. Arguments as of `Launcher.follow`."""
    log = _log(folder, last_lines)
    while True:
        seen = look(folder)
        for line in log.lines(final=seen.state is not State.RUNNING):
            print_line(line)
        if seen.state is not State.RUNNING:
            (folder / "taken").touch()
            return seen
        if leave():
            return None
        time.sleep(LOOK_EVERY_S)


def ask_to_stop(folder: Path) -> None:
    """Ask the keeper to end the job, without waiting; does nothing if none is running."""
    seen = look(folder)
    if seen.state is State.LOST:
        keeper.end(seen.id, 0.0)
    if seen.state is not State.RUNNING:
        return
    (folder / "stop").write_text(seen.id, encoding="utf-8")  # reaches other machines too
    state = _read(folder / "state.json")
    if state.get("host") == socket.gethostname() and _is_the_one(state):
        with suppress(ProcessLookupError):
            os.kill(seen.pid, signal.SIGTERM)


def stop(folder: Path) -> JobStatus:
    """End every process of a job; returns once they are gone.

    Raises:
        JobFailed: they are not.
    """
    ask_to_stop(folder)
    within_s = float(_read(folder / "order.json").get("stop_s", 0)) + SILENT_S
    ends_s = time.monotonic() + within_s
    while (seen := look(folder)).state is State.RUNNING:
        if time.monotonic() > ends_s:
            raise JobFailed(f"{folder}: still running {within_s:g} s after it was asked to stop")
        time.sleep(0.05)
    return seen


def known(jobs: Path) -> Sequence[Path]:
    """Folders of all jobs below a folder."""
    return sorted(jobs.glob("*/"))


def place(folder: Path) -> str:
    """Where a person finds the job's log."""
    return f"{folder}/log.txt"


def host(folder: Path) -> str:
    """Host of a job's server, which is this machine."""
    return "127.0.0.1"


def first_node(folder: Path) -> str:
    """Empty: this machine does not know which others take part."""
    return ""


def log_tail(folder: Path, lines: int = 30) -> str:
    """The end of a job's log."""
    return "\n".join(_log(folder, lines).lines(final=True))


def _log(folder: Path, last_lines: int | None) -> _Log:
    start = _read(folder / "order.json").get("log_from", 0)
    return _Log(folder / "log.txt", start, last_lines)


def _start(folder: Path, order: JobOrder, starts: int) -> JobStatus:
    for name in ("result.json", "stop", "taken"):
        (folder / name).unlink(missing_ok=True)
    job = uuid.uuid4().hex
    values = order.model_dump(mode="json") | {"environment": _environment(order)}
    log = folder / "log.txt"
    values["log_from"] = log.stat().st_size if log.exists() else 0
    keeper.write_whole(folder / "order.json", {"id": job, "starts": starts, **values})
    # In a new session, so that no signal to the starter's group and no hang-up reaches it.
    with (folder / "keeper.txt").open("wb") as output:
        above = subprocess.Popen(
            [sys.executable, "-I", keeper.__file__, str(folder.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )
    _STARTED[:] = [above, *(one for one in _STARTED if one.poll() is None)]
    ends_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < ends_s:
        gone = above.poll() is not None
        if any(_read(folder / f"{n}.json").get("id") == job for n in ("state", "result")):
            return look(folder)
        if gone:
            break
        time.sleep(0.02)
    why = (folder / "keeper.txt").read_text(encoding="utf-8", errors="replace")[-1000:]
    raise JobFailed(f"{folder}: the job could not be started; {why or 'its keeper ended at once'}")


def _environment(order: JobOrder) -> dict[str, str]:
    """The order's own; it also shows the job its GPUs and no others of those that are shown to us."""
    if not order.gpus:
        return order.environment
    shown = os.environ.get(VISIBLE)
    names = [str(gpu) for gpu in order.gpus]
    if shown is not None:
        every = shown.split(",")
        names = [every[gpu] for gpu in order.gpus if gpu < len(every)]
    return {VISIBLE: ",".join(names), **order.environment}


def _is_kept(folder: Path) -> bool:
    try:
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _beats_elsewhere(folder: Path, state: dict[str, Any], job: str) -> bool:
    """Whether a keeper on another machine is alive, if locks cannot show it."""
    if state.get("id") != job or state["host"] == socket.gethostname():
        return False
    try:
        return time.time() - (folder / "state.json").stat().st_mtime < SILENT_S
    except FileNotFoundError:
        return False


def _is_the_one(state: dict[str, Any]) -> bool:
    """Whether the keeper's pid is still the keeper's."""
    try:
        started = keeper.started_ticks(state["pid"])
    except (FileNotFoundError, ProcessLookupError):
        return False
    return bool(started == state["started_ticks"] and keeper.boot() == state["boot"])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Of all who would start the job of a folder, one at a time."""
    with (folder / "starting").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _clock(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


class _Log:
    """Reads the lines of a file that another process is writing."""

    def __init__(self, path: Path, start: int, last_lines: int | None) -> None:
        self._path = path
        self._rest = b""
        self._first = last_lines
        size = path.stat().st_size if path.exists() else 0
        if last_lines is None:
            self._at = self._known = start
        else:
            # Half a kilobyte holds any line worth repeating.
            self._at = max(start, size - 512 * last_lines)
            self._known = size

    def lines(self, final: bool) -> list[str]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                new = file.read()
        except FileNotFoundError:
            return []
        old = new[: max(0, self._known - self._at)]
        self._at += len(new)
        self._known = 0
        found = self._whole(new[len(old) :], final)
        if old and self._first:
            found = _split(old)[-self._first :] + found
        if len(found) > MOST_LINES:
            left = len(found) - MOST_LINES
            found = [f"[{left} lines left out, see {self._path}]", *found[-MOST_LINES:]]
        return found

    def _whole(self, new: bytes, final: bool) -> list[str]:
        text, cut, rest = (self._rest + new).rpartition(b"\n")
        self._rest = rest
        if final:
            text, self._rest = text + cut + rest, b""
        return _split(text)


def _split(text: bytes) -> list[str]:
    # A progress bar overwrites its line: keep only the last state.
    lines = (line.rstrip("\r") for line in text.decode("utf-8", errors="replace").split("\n"))
    return [line.rpartition("\r")[2] for line in lines if line.strip()]
