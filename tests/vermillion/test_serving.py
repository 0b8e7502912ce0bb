"""Servers that a build starts for itself: found in the settings, started once, stopped always."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from rich.console import Console
from tests_support import runs

from endpoints.settings import Endpoint
from records.config import BuildConfig, parse
from records.errors import ConfigError, EndpointUnavailable
from records.files import remove
from records.layout import Layout
from records.shards import run_shard
from vermillion.pipeline.local import build as run_build
from vermillion.pipeline.servers import (
    check_keys,
    model_servers,
    models_are_done,
    note_models_done,
    servers_of,
    start_servers,
    stop_servers,
)

SERVER = "import sys; sys.path.insert(0, {house!r}); from endpoints.replay import main; main(['--port', sys.argv[1]])"
HOUSE = str(Path(__file__).parents[2])


def free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def build(folder: Path, *blocks: str, server: str = "", more: str = "") -> BuildConfig:
    file = folder / "judges.toml"
    file.write_text("\n".join(blocks))
    names = [
        line.split('"')[1] for block in blocks for line in block.splitlines() if "name =" in line
    ]
    return parse(
        {
            "name": "served",
            "root": str(folder / "data"),
            "sources": {"bundled": {}},
            "annotate": {"annotators": ["structural", *names], "files": [str(file)]},
        },
        "test",
    )


def block(name: str, port: int, code: str = "", ready_s: float = 60.0, more: str = "") -> str:
    script = (code or SERVER.format(house=HOUSE)).replace('"', "'")
    return f"""
[[annotators]]
name = "{name}"
[annotators.endpoint]
base_url = "http://127.0.0.1:{port}/v1"
model = "m"
{more}
[annotators.endpoint.server]
model = "some/model"
ready_s = {ready_s}
stop_s = 2.0
command = ["{sys.executable}", "-c", "{script}", "{{port}}"]
"""


def test_a_server_is_started_kept_for_a_rerun_and_stopped(tmp_path: Path) -> None:
    config = build(tmp_path, block("eye", free_port()))
    [running] = start_servers(config)
    assert runs(running.pid)
    [again] = start_servers(config)
    assert again == running
    stop_servers([again], config)
    assert not runs(running.pid)
    assert list((tmp_path / "data").rglob("running.json")) == []


def test_one_that_died_is_started_anew(tmp_path: Path) -> None:
    config = build(tmp_path, block("eye", free_port()))
    [first] = start_servers(config)
    os.killpg(first.pid, signal.SIGKILL)
    ends_s = time.monotonic() + 120
    while runs(first.pid) and time.monotonic() < ends_s:
        time.sleep(0.05)
    [second] = start_servers(config)
    assert second.pid != first.pid and runs(second.pid)
    stop_servers([second], config)


def test_what_an_earlier_run_left_behind_is_stopped(tmp_path: Path) -> None:
    [left] = start_servers(build(tmp_path, block("eye", free_port())))
    other = build(tmp_path, block("eye", free_port()))
    with model_servers(other) as [running]:
        assert runs(running.pid)
    assert not runs(running.pid)
    [now] = start_servers(other)
    assert not runs(left.pid)
    stop_servers([now], other)


def test_all_are_stopped_where_one_does_not_start(tmp_path: Path) -> None:
    good = free_port()
    config = build(
        tmp_path, block("one", good), block("two", free_port(), "raise SystemExit('no GPU')")
    )
    with pytest.raises(EndpointUnavailable, match=r"(?s)ended with 1 .*no GPU"):
        start_servers(config)
    assert not [
        c for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == good
    ]


def test_a_finished_build_starts_nothing(tmp_path: Path) -> None:
    config = build(tmp_path, block("eye", free_port()))
    at = Layout.of(config).shard
    for stage in ("pull", "attempt", "annotate"):
        run_shard(stage, [], at(stage, "one"), pa.schema([("id", pa.string())]), "", list)
    assert not models_are_done(config, ["one"])
    note_models_done(config, ["one"])
    with model_servers(config, ["one"]) as running:
        assert running == []
    assert start_servers(config, ["one"]) == []
    # Other settings, more shards, or a shard that is gone: there is something to ask again.
    assert not models_are_done(config.changed(seed=9), ["one"])
    assert not models_are_done(config, ["one", "two"])
    remove(at("annotate", "one").replace(".parquet", ".report.json"))
    assert not models_are_done(config, ["one"])


def test_a_missing_key_ends_a_build_before_it_pulls_or_starts_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EYE_KEY", raising=False)
    config = build(tmp_path, block("eye", free_port(), more='api_key_env = "EYE_KEY"'))
    with pytest.raises(ConfigError, match="EYE_KEY is not set"):
        run_build(config, Console(file=io.StringIO()))
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("EYE_KEY", "sekret")
    check_keys(config)
    # A model that runs inside of the build is sent no key, and a rerun of what is done sends nothing.
    monkeypatch.delenv("EYE_KEY")
    held = 'api_key_env = "EYE_KEY"\nengine = "offline"'
    check_keys(build(tmp_path, block("eye", free_port(), more=held)))
    note_models_done(config, [])
    check_keys(config)


def test_one_server_serves_several_and_two_on_one_port_are_a_mistake(tmp_path: Path) -> None:
    port = free_port()
    same = build(tmp_path, block("one", port), block("two", port))
    assert [one.port for one in servers_of(same)] == [port]
    with pytest.raises(ConfigError, match=f"two servers want port {port}"):
        servers_of(build(tmp_path, block("one", port), block("two", port, ready_s=9.0)))


def test_an_address_in_the_environment_takes_the_servers_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = build(tmp_path, block("eye", 8000, more='base_url_env = "EYE"'))
    assert len(servers_of(config)) == 1
    monkeypatch.setenv("EYE", "http://elsewhere:8000/v1")
    assert servers_of(config) == []


@pytest.mark.parametrize(
    "url", ["http://gpu-box:8000/v1", "http://127.0.0.1/v1", "https://127.0.0.1:1/v1"]
)
def test_a_server_is_started_on_this_machine_only(url: str) -> None:
    values: dict[str, Any] = {"base_url": url, "model": "m", "server": {"model": "x"}}
    with pytest.raises(ValueError, match="base_url of this machine"):
        Endpoint(**values)


def test_the_server_takes_port_and_name_from_the_endpoint() -> None:
    one = Endpoint(
        base_url="http://127.0.0.1:8123/v1", model="annotator", server={"model": "Qwen/Some-VL"}
    ).to_start
    assert one is not None
    line = one.command_line(one.port)
    assert line[line.index("--served-model-name") + 1] == "annotator"
    assert line[line.index("--port") + 1] == "8123"


def test_a_server_left_behind_gives_its_port_to_the_next(tmp_path: Path) -> None:
    port = free_port()
    [left] = start_servers(build(tmp_path, block("eye", port)))
    other = build(tmp_path, block("eye", port, ready_s=59.0))
    [now] = start_servers(other)
    assert now.pid != left.pid and now.url == left.url
    assert not runs(left.pid) and runs(now.pid)
    stop_servers([now], other)


KILLED = """
import sys
from records.config import loads
from vermillion.pipeline.servers import start_servers
start_servers(loads(sys.argv[1], "test"))
"""
HANGS = "import time; time.sleep(600)"


def test_who_is_killed_while_a_server_loads_has_left_word_of_it(tmp_path: Path) -> None:
    config = build(tmp_path, block("eye", free_port(), HANGS))
    starter = subprocess.Popen(
        [sys.executable, "-c", KILLED, config.model_dump_json()],
        env={**os.environ, "PYTHONPATH": HOUSE},
    )
    note = Path(config.work_url) / "servers" / "running.json"
    ends_s = time.monotonic() + 120
    while not note.is_file() and time.monotonic() < ends_s:
        time.sleep(0.05)
    starter.kill()
    starter.wait()
    [told] = json.loads(note.read_text()).values()
    loading = json.loads(told)["pid"]
    assert runs(loading)
    # The teardown of the run is given nothing, since its task never came to an end.
    stop_servers([], config)
    assert not runs(loading)
    assert not note.exists()


def test_builds_in_an_object_store_do_not_stop_each_others_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERMILLION_CACHE", str(tmp_path / "cache"))
    config = build(tmp_path, block("eye", free_port()))
    mine, other = (config.changed(root=f"memory://{name}") for name in ("mine", "other"))
    [running] = start_servers(mine)
    assert start_servers(other.changed(annotate={"annotators": ["structural"]})) == []
    stop_servers([], other)
    assert runs(running.pid)
    stop_servers([running], mine)
    assert not runs(running.pid)


@pytest.mark.parametrize("engine", ["offline", "ray"])
def test_an_engine_without_a_server_is_started_by_one_worker_only(
    tmp_path: Path, engine: str
) -> None:
    config = build(tmp_path, block("eye", free_port(), more=f'engine = "{engine}"'))
    assert servers_of(config) == []
    with pytest.raises(ConfigError, match="set workers = 1"), model_servers(config):
        pass
    with model_servers(config.model_copy(update={"workers": 1})) as running:
        assert running == []
