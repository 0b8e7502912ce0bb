"""The parent process of a long job: it outlives the starter, stops the job on request, records how it ended.

``python -I train/jobs/keeper.py FOLDER``, started by `train.jobs.local`. Kept free of imports from the house: it
lives for days, while the house around it may be updated. In the folder it reads `order.json`; it
holds `lock` for as long as the job runs, so that no second keeper can start the same job; it writes
`state.json`, `log.txt` and, once nothing of the job is left, `result.json`.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

MARK = "VERMILLION_JOB"
"""Environment variable that everything below a job inherits."""
ALREADY_KEPT = 75
LOOK_EVERY_S = 0.2
BEAT_EVERY_S = 5.0
_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the ordered command to its end, or until a stop is asked for."""
    folder = Path(sys.argv[1])
    with (folder / "lock").open("a") as lock:
        if not _locked(lock.fileno()):
            return ALREADY_KEPT
        return _kept(folder)


def _kept(folder: Path) -> int:
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    ended, asked = _keep(folder, order)
    if _is_gone(folder):
        return 0
    write_whole(
        folder / "result.json",
        {"id": order["id"], **ended, "stopped": asked, "ended_at": time.time()},
    )
    return 0


def _locked(lock: int) -> bool:
    ends_s = time.monotonic() + 2.0
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:  # another keeper, or somebody who only tries whether there is one
            if time.monotonic() > ends_s:
                return False
            time.sleep(0.02)


def _keep(folder: Path, order: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """How the job ended, and whether it was asked to."""
    # What the job's own processes leave behind stays below this one, and can be found and ended.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda seen, _: asked.append(seen))
    state = folder / "state.json"
    write_whole(
        state,
        {
            "id": order["id"],
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started_ticks": started_ticks(os.getpid()),
            "boot": boot(),
            "starts": order["starts"],
            "at": time.time(),
        },
    )
    with (folder / "log.txt").open("ab") as log:
        try:
            child = subprocess.Popen(
                order["argv"],
                cwd=order["cwd"],
                env={**os.environ, **order["environment"], MARK: order["id"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            log.write(f"{order['argv'][0]}: {error.strerror}\n".encode())
            return {"exit": 127}, False
    code: int | None = None
    beaten_s = time.monotonic()
    while code is None and not asked:
        time.sleep(LOOK_EVERY_S)
        code = _reap(child.pid)
        # Without its folder, the job could not be found or stopped.
        if _stop_is_asked(folder, order["id"]) or _is_gone(state):
            asked.append(0)
        if time.monotonic() - beaten_s > BEAT_EVERY_S:
            with suppress(OSError):
                os.utime(state)
            beaten_s = time.monotonic()
    late = end(order["id"], order["stop_s"] if code is None else 0.0, os.getpid(), child.pid)
    code = code if code is not None else late
    return {"exit": code}, bool(asked)


def end(job: str, stop_s: float, above: int = 0, child: int = 0) -> int | None:
    """Ask every process of a job to end, then kill the rest; returns the exit status of ``child`` if known.

    Args:
        job: Its id.
        stop_s: Seconds from the request until remaining processes are killed.
        above: Process id of the keeper, if the keeper calls this.
        child: The keeper's own child.
    """
    code: int | None = None
    for number, within_s in ((signal.SIGTERM, stop_s), (signal.SIGKILL, 10.0)):
        ends_s = time.monotonic() + within_s
        signaled: set[int] = set()
        while True:
            found = _reap(child) if child else None
            code = found if found is not None else code
            left = members(job, above)
            if not left:
                return code
            for pid in left - signaled:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue
            signaled |= left if number == signal.SIGTERM else set()
            if time.monotonic() > ends_s:
                break
            time.sleep(0.05)
    return code


def members(job: str, above: int = 0) -> set[int]:
    """Processes of a job: those that carry its mark, and all that descend from them or its keeper.

    Neither alone is enough: servers that set their title wipe the environment that is shown, and
    what a killed keeper left has another parent.
    """
    mark = f"{MARK}={job}".encode()
    parents: dict[int, int] = {}
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if stat[0] == "Z":
                continue
            pid = int(entry.name)
            parents[pid] = int(stat[1])
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.add(pid)
        except (OSError, IndexError):
            continue  # it has ended, or is another user's
    known = found | ({above} if above else set())
    while True:
        more = {pid for pid, parent in parents.items() if parent in known} - known
        if not more:
            return known - {above, os.getpid()}
        known |= more


def started_ticks(pid: int) -> int:
    """When a process started, in ticks since the machine did; with its pid it names it for good."""
    stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    return int(stat.rpartition(")")[2].split()[19])


def boot() -> str:
    """This start of this machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def write_whole(path: Path, values: dict[str, Any]) -> None:
    """Write a file that is there whole or not at all."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    aside.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)


def _reap(child: int) -> int | None:
    """Take in whatever has ended below; the exit status of ``child`` if it was among it."""
    code: int | None = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == child:
            code = os.waitstatus_to_exitcode(status)


def _stop_is_asked(folder: Path, job: str) -> bool:
    try:
        return (folder / "stop").read_text(encoding="utf-8").strip() == job
    except OSError:
        return False


def _is_gone(file: Path) -> bool:
    """True if the file was removed; False if its mount is temporarily unavailable."""
    try:
        file.stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return False


if __name__ == "__main__":
    sys.exit(main())
