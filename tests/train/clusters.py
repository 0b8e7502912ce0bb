"""Ray's and Kubernetes' job interfaces on loopback, as far as they are used: jobs are processes of this machine."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import threading
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Process:
    """A command at work, with its output in a file."""

    def __init__(self, argv: list[str], environment: dict[str, str]) -> None:
        self._log = os.memfd_create("log")  # no file, so that nothing is left of it
        self.stopped = False
        self._began = datetime.now(UTC)
        self.popen = subprocess.Popen(
            argv,
            env={**os.environ, **environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def stop(self) -> None:
        self.stopped = True
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    @property
    def text(self) -> str:
        return os.pread(self._log, os.fstat(self._log).st_size, 0).decode()

    def stamped(self) -> str:
        """Lines with times that grow, as a kubelet writes them."""
        lines = enumerate(self.text.splitlines())
        return "".join(
            f"{self._began.replace(microsecond=n).isoformat()} {line}\n" for n, line in lines
        )


class Cluster:
    """A server of one of the two interfaces; its jobs end with it."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self.told: dict[str, dict[str, Any]] = {}
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers["content-length"] or 0)
                body = json.loads(self.rfile.read(length) or "{}")
                url = urlsplit(self.path)
                asked = {key: values[0] for key, values in parse_qs(url.query).items()}
                status, answer = cluster.answer(self.command, url.path, asked, body)
                sent = answer if isinstance(answer, str) else json.dumps(answer)
                self.send_response(status)
                kind = "text/plain" if isinstance(answer, str) else "application/json"
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(sent.encode())

            do_POST = do_PATCH = do_DELETE = do_GET

            def log_message(self, *_: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, verb: str, path: str, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        raise NotImplementedError

    def environment(self, folder: Path) -> dict[str, str]:
        """What leads a launcher here."""
        raise NotImplementedError

    def running(self) -> list[str]:
        """Jobs whose process is alive."""
        return sorted(n for n, one in self.processes.items() if one.popen.poll() is None)

    def close(self) -> None:
        for one in self.processes.values():
            one.stop()
        self.server.shutdown()
        self.server.server_close()


class FakeRay(Cluster):
    def environment(self, folder: Path) -> dict[str, str]:
        return {"VERMILLION_LAUNCHER": f"ray:{self.url}"}

    def answer(self, verb: str, path: str, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        name, _, what = path.removeprefix("/api/jobs/").partition("/")
        if verb == "POST" and not name:
            id_ = body["submission_id"]
            if id_ in self.told:
                return 500, f"Job with submission_id {id_} already exists"
            self.told[id_] = body
            argv = shlex.split(body["entrypoint"])
            self.processes[id_] = Process(argv, body["runtime_env"]["env_vars"])
            return 200, {"submission_id": id_}
        if verb == "GET" and not name:
            return 200, [self._details(one) for one in self.told]
        if name not in self.told:
            return 404, "no such job"
        if what == "stop":
            self.processes[name].stop()
        elif what == "logs":
            return 200, {"logs": self.processes[name].text}
        elif verb == "DELETE":
            del self.told[name], self.processes[name]
            return 200, {}
        return 200, self._details(name)

    def _details(self, name: str) -> dict[str, Any]:
        one = self.processes[name]
        code = one.popen.poll()
        ended = "STOPPED" if one.stopped else "FAILED" if code else "SUCCEEDED"
        return {
            "submission_id": name,
            "metadata": self.told[name]["metadata"],
            "status": "RUNNING" if code is None else ended,
            "driver_exit_code": code,
            "start_time": 1,
            "end_time": 2 if code is not None else None,
        }


class FakeKubernetes(Cluster):
    def __init__(self) -> None:
        super().__init__()
        self.services: dict[str, dict[str, Any]] = {}

    def environment(self, folder: Path) -> dict[str, str]:
        context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
        told = {
            "current-context": "c",
            "contexts": [context],
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }
        file = folder / "kubeconfig"
        file.write_text(json.dumps(told))
        return {
            "VERMILLION_LAUNCHER": "kubernetes:training",
            "VERMILLION_PODS": str(Path(__file__).parents[2] / "deploy" / "kubernetes"),
            "KUBECONFIG": str(file),
        }

    def answer(self, verb: str, path: str, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        if "/services" in path:
            if verb == "POST":
                self.services[body["metadata"]["name"]] = body
            return (201 if verb == "POST" else 200), {"kind": "Service"}
        if "/pods" in path:
            return self._pods(path, asked)
        name = path.partition("/jobs")[2].strip("/")
        if verb == "POST":
            return self._create(body)
        if not name:
            wanted = asked["labelSelector"].partition("=")
            every = [self._job(one) for one in self.told]
            chosen = [one for one in every if one["metadata"]["labels"][wanted[0]] == wanted[2]]
            return 200, {"kind": "JobList", "items": chosen}
        if name not in self.told:
            return 404, {"kind": "Status", "reason": "NotFound"}
        if verb == "DELETE":
            for pod in self._pods_of(name):
                self.processes.pop(pod).stop()
            del self.told[name]
            return 200, {"kind": "Status"}
        if verb == "PATCH":
            more = body.get("metadata", {}).get("annotations", {})
            self.told[name]["metadata"]["annotations"] |= more
            if body.get("spec", {}).get("suspend"):
                self.told[name]["spec"]["suspend"] = True
                for pod in self._pods_of(name):
                    self.processes[pod].stop()
        return 200, self._job(name)

    def _create(self, body: Any) -> tuple[int, Any]:
        name = body["metadata"]["name"]
        if name in self.told:
            return 409, {"kind": "Status", "reason": "AlreadyExists"}
        body["metadata"]["uid"] = uuid.uuid4().hex
        [base] = body["spec"]["template"]["spec"]["containers"]
        chosen = {one["name"]: one["value"] for one in base["env"]}
        self.told[name] = body
        for pod in self._pods_of(name):
            index = {"JOB_COMPLETION_INDEX": pod.partition("/")[2] or "0"}
            self.processes[pod] = Process(base["command"], {**chosen, **index})
        return 201, self._job(name)

    def _pods_of(self, name: str) -> list[str]:
        """The first is called as the job, the others `NAME/INDEX`."""
        others = range(1, self.told[name]["spec"].get("completions", 1))
        return [name, *(f"{name}/{index}" for index in others)]

    def _job(self, name: str) -> dict[str, Any]:
        codes = [self.processes[pod].popen.poll() for pod in self._pods_of(name)]
        told = self.told[name]
        conditions = []
        if None not in codes and not told["spec"].get("suspend"):
            conditions = [{"type": "Failed" if any(codes) else "Complete", "status": "True"}]
        return {**told, "status": {"conditions": conditions, "startTime": "2026-01-01T00:00:00Z"}}

    def _pods(self, path: str, asked: dict[str, str]) -> tuple[int, Any]:
        if path.endswith("/log"):
            return 200, self.processes[path.split("/")[-2].removesuffix("-pod")].stamped()
        uid = asked["labelSelector"].partition("=")[2]
        found = [
            name
            for name, told in self.told.items()
            if told["metadata"]["uid"] == uid and not told["spec"].get("suspend")
        ]
        pods = [self._pod(pod) for name in found for pod in reversed(self._pods_of(name))]
        return 200, {"kind": "PodList", "items": pods}

    def _pod(self, name: str) -> dict[str, Any]:
        code = self.processes[name].popen.poll()
        ended = {"exitCode": code, "finishedAt": "2026-01-01T00:01:00Z"}
        state = {"running": {}} if code is None else {"terminated": ended}
        base = {"name": "base", "image": "", "imageID": "", "ready": True, "restartCount": 0}
        status = {"phase": "Running", "containerStatuses": [{**base, "state": state}]}
        index = name.partition("/")[2] or "0"
        labels = {"batch.kubernetes.io/job-completion-index": index}
        return {"metadata": {"name": f"{name}-pod", "labels": labels}, "status": status}
