"""Long jobs: attached to after a kill, never started twice, stopped with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests_support import runs

from records.errors import ConfigError
from train.jobs import local as jobs
from train.jobs.job import VISIBLE, JobOrder, State
from train.jobs.local import attach, follow, keeper, log_tail, look, stop

HOUSE = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "job"
    yield found
    stop(found)


def order(code: str, *arguments: str, stop_s: float = 5.0) -> JobOrder:
    """A job: a Python program that is given as text."""
    return JobOrder(argv=(sys.executable, "-c", textwrap.dedent(code), *arguments), stop_s=stop_s)


def until(true: Callable[[], object]) -> None:
    ends_s = time.monotonic() + 120
    while not true():
        assert time.monotonic() < ends_s, "waited in vain"
        time.sleep(0.02)


# Waits for a file, so that no test has to guess how long a job takes.
UNTIL_TOLD = """
    import pathlib, sys, time
    print("working", flush=True)
    while not pathlib.Path(sys.argv[1]).exists():
        time.sleep(0.02)
    print("done", flush=True)
"""


@pytest.mark.parametrize(
    ("shown", "gpus", "seen_by_it"),
    [
        (None, (4, 5), "4,5"),
        ("2,3,6,7", (0, 3), "2,7"),  # numbers are places in what the worker itself is shown
        ("2,3", (), "2,3"),
    ],
)
def test_a_job_sees_its_own_gpus(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    shown: str | None,
    gpus: tuple[int, ...],
    seen_by_it: str,
) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    if shown is not None:
        monkeypatch.setenv(VISIBLE, shown)
    code = f"import os; print('gpus', os.environ[{VISIBLE!r}])"
    attach(folder, order(code).model_copy(update={"gpus": gpus}))
    said: list[str] = []
    follow(folder, said.append)
    assert f"gpus {seen_by_it}" in said


def test_a_job_is_followed_to_its_end(folder: Path) -> None:
    seen, started = attach(folder, order("print('one'); print('two'); raise SystemExit(3)"))
    assert started
    said: list[str] = []
    seen = follow(folder, said.append) or seen
    assert (seen.state, seen.exit, seen.stopped) == (State.ENDED, 3, False)
    assert not seen.succeeded
    assert said == ["one", "two"]


def test_a_killed_follower_is_followed_by_another(folder: Path, tmp_path: Path) -> None:
    """SIGKILL to whoever started it: the job goes on, the next attaches, nothing starts twice."""
    ordered = order(UNTIL_TOLD, str(tmp_path / "told"))
    file = tmp_path / "order.json"
    file.write_text(ordered.model_dump_json())
    first = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder), str(file)], cwd=HOUSE, start_new_session=True
    )
    until(lambda: log_tail(folder) == "working")
    os.killpg(first.pid, signal.SIGKILL)  # the whole group, as a machine's manager would
    first.wait()
    before = look(folder)
    assert before.state is State.RUNNING
    seen, started = attach(folder, ordered)
    assert not started
    assert (seen.pid, seen.id) == (before.pid, before.id)
    (tmp_path / "told").touch()
    ended = follow(folder, lambda line: None)
    assert ended is not None and ended.succeeded and ended.starts == 1
    assert log_tail(folder).splitlines() == ["working", "done"]


STARTER = """
import pathlib, sys
from train.jobs.job import JobOrder
from train.jobs.local import attach, follow
folder = pathlib.Path(sys.argv[1])
attach(folder, JobOrder.model_validate_json(pathlib.Path(sys.argv[2]).read_text()))
follow(folder, print)
"""


def test_an_end_that_nobody_saw_is_told_once(folder: Path) -> None:
    ordered = order("print('x')")
    attach(folder, ordered)
    until(lambda: look(folder).state is State.ENDED)
    seen, started = attach(folder, ordered)
    assert seen.succeeded and not started
    assert follow(folder, lambda line: None, last_lines=5) is not None
    # Now that it was told, the same order is a wish to run again.
    _, started = attach(folder, ordered)
    assert started
    ended = follow(folder, lambda line: None)
    assert ended is not None and ended.starts == 1
    again, _ = attach(folder, ordered, restart=True)
    assert again.starts == 2
    follow(folder, lambda line: None)
    assert (folder / "log.txt").read_text() == "x\nx\nx\n"
    assert log_tail(folder) == "x"  # of the last start


def test_two_who_start_at_once_start_one(folder: Path, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ordered = order(UNTIL_TOLD, str(tmp_path / "told"))
    with ThreadPoolExecutor(4) as threads:
        seen = list(threads.map(lambda _: attach(folder, ordered), range(4)))
    assert sum(started for _, started in seen) == 1
    assert len({one.pid for one, _ in seen}) == 1
    with pytest.raises(ConfigError, match="another command runs there since"):
        attach(folder, order("print('another')"))


def test_stopping_ends_what_hides_from_the_group(folder: Path, tmp_path: Path) -> None:
    """A child in a session of its own, an orphan with a wiped environment, one that ignores SIGTERM."""
    pids = tmp_path / "pids"
    code = """
        import os, pathlib, signal, subprocess, sys, time
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        deaf = [sys.executable, "-c",
                "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
                "print('deaf', flush=True); time.sleep(600)"]
        first = subprocess.Popen(sleep, start_new_session=True)
        second = subprocess.Popen(deaf)
        if not os.fork():
            os.setsid()
            third = subprocess.Popen(sleep, env={})
            pathlib.Path(sys.argv[1]).write_text(f"{first.pid} {second.pid} {third.pid}")
            os._exit(0)
        os.wait()
        time.sleep(600)
    """
    attach(folder, order(code, str(pids), stop_s=0.5))
    until(lambda: pids.exists() and pids.read_text() and "deaf" in log_tail(folder))
    started = [int(pid) for pid in pids.read_text().split()]
    assert all(runs(pid) for pid in started)
    seen = stop(folder)
    assert (seen.state, seen.stopped, seen.succeeded) == (State.ENDED, True, False)
    assert not [pid for pid in started if runs(pid)]
    until(lambda: not runs(seen.pid))
    assert stop(folder) == seen  # once more is no error


def test_a_killed_keeper_is_seen_and_its_job_is_not_doubled(folder: Path, tmp_path: Path) -> None:
    ordered = order(UNTIL_TOLD, str(tmp_path / "told"))
    first, _ = attach(folder, ordered)
    until(lambda: log_tail(folder) == "working")
    left = keeper.members(first.id)
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: look(folder).state is State.LOST)
    assert left and all(runs(pid) for pid in left)
    ended = follow(folder, lambda line: None)
    assert ended is not None and ended.state is State.LOST and not ended.succeeded
    second, started = attach(folder, ordered)
    assert started and second.starts == 2
    assert not [pid for pid in left if runs(pid)]


def test_a_pid_that_is_another_process_now_is_left_alone(folder: Path, tmp_path: Path) -> None:
    """The machine was started anew, and the keeper's number went to somebody else."""
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    attach(folder, order("print('x')"))
    until(lambda: look(folder).state is State.ENDED)
    (folder / "result.json").unlink()
    state = keeper_state(folder)
    keeper.write_whole(folder / "state.json", {**state, "pid": bystander.pid})
    assert look(folder).state is State.LOST
    jobs.ask_to_stop(folder)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def keeper_state(folder: Path) -> dict[str, object]:
    import json

    values: dict[str, object] = json.loads((folder / "state.json").read_text())
    return values


def test_a_job_ends_with_its_folder(folder: Path, tmp_path: Path) -> None:
    seen, _ = attach(folder, order(UNTIL_TOLD, str(tmp_path / "told")))
    until(lambda: log_tail(folder) == "working")
    running = keeper.members(seen.id)
    assert running
    folder.rename(tmp_path / "thrown away")
    until(lambda: not keeper.members(seen.id) and not runs(seen.pid))


def test_whoever_leaves_does_not_end_it(folder: Path, tmp_path: Path) -> None:
    attach(folder, order(UNTIL_TOLD, str(tmp_path / "told")))
    assert follow(folder, lambda line: None, leave=lambda: True) is None
    assert look(folder).state is State.RUNNING
    assert not look(folder).taken


def test_progress_bars_and_floods_stay_readable(folder: Path) -> None:
    code = """
        import sys
        sys.stdout.write("1%\\r50%\\r100%\\n")
        for number in range(1000): print("line", number)
        sys.stdout.write("no end of line")
    """
    attach(folder, order(code))
    until(lambda: look(folder).state is State.ENDED)
    said: list[str] = []
    follow(folder, said.append, last_lines=10_000)
    assert len(said) == jobs.MOST_LINES + 1
    assert said[0].startswith("[802 lines left out, see ")
    assert said[-1] == "no end of line"
    assert log_tail(folder, 2).splitlines() == ["line 999", "no end of line"]
    assert (folder / "log.txt").read_bytes().startswith(b"1%\r50%\r100%\n")


def test_a_command_that_is_not_there_says_so(folder: Path) -> None:
    attach(folder, JobOrder(argv=("/no/such/program",)))
    said: list[str] = []
    ended = follow(folder, said.append, last_lines=5)
    assert ended is not None and ended.exit == 127
    assert said == ["/no/such/program: No such file or directory"]
