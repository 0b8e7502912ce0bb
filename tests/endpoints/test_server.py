"""Servers are started, watched and stopped; a small script stands for vLLM."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from tests_support import runs

from endpoints.server import Running, ServerSettings, serving, start, stop
from records.errors import ConfigError, EndpointUnavailable

HEALTHY = """
import subprocess, sys, signal
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"])
print("engine", child.pid, flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def settings(folder: Path, code: str = HEALTHY, *more: str, **other: float) -> ServerSettings:
    script = folder / "server.py"
    script.write_text(textwrap.dedent(code))
    return ServerSettings(
        model="scripted",
        command=(sys.executable, str(script), "{port}", *more),
        log=str(folder / "server.log"),
        **{"ready_s": 60.0, "stop_s": 1.0, **other},
    )


def engine(folder: Path) -> int:
    return int((folder / "server.log").read_text().split()[1])


def gone(pid: int, within_s: float = 30.0) -> bool:
    ends_s = time.monotonic() + within_s
    while time.monotonic() < ends_s:
        if not runs(pid):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("more", [(), ("stubborn",)])
def test_a_server_serves_and_ends_with_all_it_started(tmp_path: Path, more: tuple[str]) -> None:
    with serving(settings(tmp_path, HEALTHY, *more)) as running:
        with urllib.request.urlopen(running.url) as answer:
            assert answer.read() == b"ok"
        inner = engine(tmp_path)
        assert runs(inner)
    assert gone(running.pid) and gone(inner)


def test_an_error_inside_the_block_ends_it_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="mine"), serving(settings(tmp_path)):
        raise RuntimeError("mine")
    assert gone(engine(tmp_path))


def test_start_and_stop_are_two_tasks(tmp_path: Path) -> None:
    told = start(settings(tmp_path)).model_dump_json()
    running = Running.model_validate_json(told)
    stop(running)
    assert gone(running.pid) and gone(engine(tmp_path))
    stop(running)  # once more does no harm


def test_a_clock_that_is_set_makes_no_stranger_of_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(settings(tmp_path))
    boot_s = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot_s + 3600)
    stop(running)
    monkeypatch.undo()
    assert gone(running.pid) and gone(engine(tmp_path))


def test_another_process_of_that_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        running = Running(
            url="http://127.0.0.1:9/v1", pid=other.pid, started_at=1.0, stop_s=1.0, log=""
        )
        stop(running)
        assert other.poll() is None
        other.kill()


def test_the_log_tells_why_it_did_not_start(tmp_path: Path) -> None:
    broken = settings(tmp_path, "raise SystemExit('CUDA out of memory')")
    with pytest.raises(EndpointUnavailable, match=r"(?s)ended with 1 .*CUDA out of memory") as told:
        start(broken)
    assert told.value.retry


def test_a_server_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    slow = settings(tmp_path, "import time; time.sleep(600)", ready_s=3.0)
    noted: list[Running] = []
    with pytest.raises(EndpointUnavailable, match="not ready after 3 s"):
        start(slow, noted.append)
    assert gone(noted[0].pid)


def test_a_command_that_is_not_there_is_a_setting(tmp_path: Path) -> None:
    nowhere = ServerSettings(
        model="m", command=(str(tmp_path / "none"),), log=str(tmp_path / "x.log")
    )
    with pytest.raises(ConfigError, match="cannot be run"):
        start(nowhere)


def test_a_port_that_is_taken_is_not_taken_for_the_server(tmp_path: Path) -> None:
    with serving(settings(tmp_path)) as other:
        port = int(other.url.split(":")[2].split("/")[0])
        (tmp_path / "second").mkdir()
        with pytest.raises(ConfigError, match=f"port {port} is taken"):
            start(settings(tmp_path / "second", port=port))


def test_the_server_ends_when_its_holder_is_killed(tmp_path: Path) -> None:
    held = settings(tmp_path)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "from endpoints.server import ServerSettings, serving\n"
            "with serving(ServerSettings.model_validate_json(sys.argv[1])):\n"
            "    print('ready', flush=True); time.sleep(600)\n",
            held.model_dump_json(),
        ],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert holder.stdout is not None and holder.stdout.readline() == b"ready\n"
    inner = engine(tmp_path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert gone(inner)


def test_the_command_of_vllm() -> None:
    line = ServerSettings(model="Qwen/Qwen3-VL-2B-Instruct", served_name="policy").command_line(80)
    assert line[1:3] == ["-m", "vllm.entrypoints.openai.api_server"]
    assert line[line.index("--served-model-name") + 1] == "policy"
    assert "guidance" in line[line.index("--structured-outputs-config") + 1]


def test_another_servers_command_names_what_is_served() -> None:
    words = ("{python}", "--model={model}", "--name={name}", "--port={port}", '{"image": 2}')
    settings = ServerSettings(model="out/model", served_name="judge", python="py", command=words)
    assert settings.command_line(81) == [
        *("py", "--model=out/model", "--name=judge", "--port=81", '{"image": 2}')
    ]


def test_a_guarded_command_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "endpoints.guard", "1", str(tmp_path / "none")]
    done = subprocess.run(argv, stdin=subprocess.PIPE, capture_output=True, text=True, check=False)
    assert done.returncode == 127
    assert done.stderr == f"{tmp_path}/none cannot be run: No such file or directory\n"
