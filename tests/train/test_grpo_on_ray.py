"""Ray jobs: found again, waited for, started anew if they failed."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests_support import empty_prompts

from endpoints.replay import ReplayAnswer, ReplayServer
from records.errors import ConfigError, EndpointUnavailable
from records.taxonomy import Modality
from train.grpo import run as grpo
from train.jobs.cluster import ClusterJobs, job_name
from train.jobs.job import JobOrder, State
from train.jobs.ray import RayCluster, RayJobs


class Dashboard:
    """Ray's job interface, as far as it is used: jobs that end when the test says so."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.submitted: list[dict[str, Any]] = []
        self.first_log = "step 1\n"
        self.then = "SUCCEEDED"
        dashboard = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                id_, _, what = self.path.removeprefix("/api/jobs/").partition("/")
                job = dashboard.jobs.get(id_)
                if job is None:
                    self.reply(404, "no such job")
                elif what == "logs":
                    self.reply(200, {"logs": job["logs"]})
                    job["status"] = job["then"]
                    job["logs"] += "step 2\n"
                else:
                    self.reply(200, {**job, "message": "said by Ray"})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"] or 0)) or "{}")
                if self.path.endswith("/stop"):
                    dashboard.jobs[self.path.split("/")[3]]["status"] = "STOPPED"
                else:
                    dashboard.submitted.append(body)
                    dashboard.jobs[body["submission_id"]] = {
                        "status": "RUNNING",
                        "then": dashboard.then,
                        "logs": dashboard.first_log,
                        "metadata": body["metadata"],
                    }
                self.reply(200, {})

            def do_DELETE(self) -> None:
                del dashboard.jobs[self.path.split("/")[3]]
                self.reply(200, {})

            def reply(self, status: int, body: Any) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    monkeypatch.setattr(ClusterJobs, "ask_every_s", 0.01)
    held = Dashboard()
    yield held
    held.server.shutdown()
    held.server.server_close()


def test_a_ray_job_is_started_once_and_followed(dashboard: Dashboard) -> None:
    jobs, folder = RayJobs(dashboard.url), Path("/out/jobs/verl-svg")
    order = JobOrder(
        argv=("python", "-m", "verl", 'a=["x y"]'), environment={"PYTHONPATH": "/house"}
    )
    first, started = jobs.attach(folder, order)
    again, not_again = jobs.attach(folder, order)
    assert first.id == again.id == job_name(folder)
    assert started and not not_again and again.state is State.RUNNING
    [sent] = dashboard.submitted
    assert sent["entrypoint"] == "python -m verl 'a=[\"x y\"]'"
    assert sent["runtime_env"] == {"env_vars": {"PYTHONPATH": "/house"}}
    told: list[str] = []
    dashboard.jobs[first.id]["logs"] = "step 1\nhalf a "
    jobs.follow_to_success(folder, told.append)
    assert told == ["step 1", "half a step 2"]
    assert jobs.attach(folder, order)[0].succeeded  # done is done


def test_a_ray_job_that_failed_is_started_again(dashboard: Dashboard) -> None:
    jobs, folder, order = RayJobs(dashboard.url), Path("/out/jobs/verl-svg"), JobOrder(argv=("a",))
    jobs.attach(folder, order)
    assert jobs.stop(folder).stopped
    assert jobs.attach(folder, order)[1]
    assert len(dashboard.submitted) == 2
    assert jobs.look(Path("/out/jobs/another")).state is State.NEVER
    with pytest.raises(EndpointUnavailable, match=re.escape("check cluster.ray_url")):
        RayJobs("http://127.0.0.1:9").attach(folder, order)


def test_a_ray_job_that_is_deleted_while_it_is_watched_is_said(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, folder = RayJobs(dashboard.url), Path("/out/jobs/verl-svg")
    seen, _ = jobs.attach(folder, JobOrder(argv=("a",)))
    dashboard.jobs.clear()
    assert jobs.cluster.logs(seen.id) == ""
    with pytest.raises(ConfigError, match="it was deleted"):
        jobs.follow_to_success(folder, print)


def test_what_is_no_dashboard_is_said() -> None:
    with (
        ReplayServer(lambda _: ReplayAnswer()) as server,
        socket.create_server(("127.0.0.1", 0)) as mute,
    ):
        threading.Thread(target=babble, args=(mute,), daemon=True).start()
        port = mute.getsockname()[1]
        with pytest.raises(EndpointUnavailable, match=r"check cluster\.ray_url"):
            RayCluster(f"http://127.0.0.1:{port}").find("one")
        with pytest.raises(EndpointUnavailable, match=r"check cluster\.ray_url"):
            page = RayCluster(server.url)
            page._opener.open = lambda *_, **__: io.BytesIO(b"<html>sign in</html>")  # type: ignore[method-assign]
            page.find("one")


def babble(mute: socket.socket) -> None:
    """Answers in another protocol than HTTP."""
    connection, _ = mute.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"220 mail ready\r\n")


def test_a_run_on_ray_tells_how_it_ended(
    dashboard: Dashboard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty_prompts(Modality.TABLE, tmp_path)
    with ReplayServer(lambda _: ReplayAnswer()) as server:
        file = tmp_path / "c.toml"
        file.write_text(
            f'[cluster]\nray_url = "{dashboard.url}"\n[reward]\nservices = ["{server.url}"]\n'
        )
        arguments = ["--config", str(file), "--task", "table", "--out", str(tmp_path)]
        dashboard.then = "FAILED"
        assert grpo.main(arguments) == 1
        [id_] = dashboard.jobs
        said = capsys.readouterr()
        assert "step 1" in said.out
        assert f"the Ray job {id_} failed: said by Ray" in said.err
        dashboard.then = "SUCCEEDED"
        assert grpo.main(arguments) == 0  # what failed is started again
        assert [sent["submission_id"] for sent in dashboard.submitted] == [id_, id_]
        assert grpo.main(arguments) == 0
        assert len(dashboard.submitted) == 2  # done is done
        (tmp_path / "policy" / "table" / "train.parquet").write_bytes(b"other prompts")
        assert grpo.main(arguments) == 0
        assert len(dashboard.submitted) == 3
