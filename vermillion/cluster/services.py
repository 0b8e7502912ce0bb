"""Postgres, Redis and an S3 server on loopback, each with its data in a folder: what `make cluster-smoke` stands on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil

from records.errors import ConfigError
from vermillion.cluster.stack import StackBroken, Started, free_port

BUCKET = "vermillion"
READY_S = 60.0


class Service(Started):
    """A server that is started, taken away and brought back at the same port. Use it in a ``with`` block.

    Args:
        folder: Where its data and its log lie.

    Raises:
        ConfigError: it is not installed.
        StackBroken: it does not start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    def open(self) -> None:
        self.prepare()
        self.start()

    def prepare(self) -> None:
        """What is done once, before the first start."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command that serves until it is ended."""

    @abstractmethod
    def ready(self) -> bool:
        """True once the server answers."""

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + READY_S
        while not self.ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StackBroken(f"{type(self).__name__} does not start; log: {self.folder}/log")
            time.sleep(0.3)

    def stop(self) -> None:
        """End the server at once, as a machine that loses power does; its data stay."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            for one in psutil.Process(self._process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        self._process.kill()
        self._process.wait(20)
        self._process = None

    def away(self, seconds: float) -> None:
        """Stop the server for some time."""
        self.stop()
        time.sleep(seconds)
        self.start()


class Postgres(Service):
    """A database server; as root it runs as the user ``postgres``."""

    def prepare(self) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not binaries or not shutil.which("setpriv"):
            raise ConfigError("no Postgres is installed: apt-get install postgresql")
        self._binaries = binaries[-1]
        self._user = []
        # A user of its own cannot enter the folder of another, and a socket's path must be short.
        self._data = Path(tempfile.mkdtemp(prefix="vermillion-postgres-", dir="/tmp"))
        if os.geteuid() == 0:
            self._user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self._data, "postgres", "postgres")
        made = [str(self._binaries / "initdb"), "-D", str(self._data / "data")]
        options = ["-U", "airflow", "-A", "trust"]
        subprocess.run([*self._user, *made, *options], check=True, capture_output=True, timeout=120)

    def command(self) -> Sequence[str]:
        server = [str(self._binaries / "postgres"), "-D", str(self._data / "data")]
        listen = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        return [*self._user, *server, *listen, "-c", f"unix_socket_directories={self._data}"]

    def ready(self) -> bool:
        asked = [str(self._binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def stop(self) -> None:
        # A server that is killed leaves shared memory behind; "immediate" ends it without a checkpoint.
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
        super().stop()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        shutil.rmtree(self._data, ignore_errors=True)

    @property
    def address(self) -> str:
        """User, host, port and database, without a scheme."""
        return f"airflow@127.0.0.1:{self.port}/postgres"


class Redis(Service):
    """A message broker that writes each message to an append-only file, as in docker-compose.yml."""

    def command(self) -> Sequence[str]:
        found = shutil.which("redis-server")
        if not found:
            raise ConfigError("no Redis is installed: apt-get install redis-server")
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [found, *where, "--appendonly", "yes"]

    def ready(self) -> bool:
        asked = ["redis-cli", "-p", str(self.port), "ping"]
        return b"PONG" in subprocess.run(asked, check=False, capture_output=True).stdout

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"


class ObjectStore(Service):
    """An S3 server with one bucket, in memory: while it is away it only stops to answer."""

    def command(self) -> Sequence[str]:
        server = str(Path(sys.executable).parent / "moto_server")
        return [server, "-H", "127.0.0.1", "-p", str(self.port)]

    def ready(self) -> bool:
        try:
            httpx2.put(f"{self.url}/{BUCKET}", trust_env=False).raise_for_status()
        except httpx2.HTTPError:
            return False
        return True

    def away(self, seconds: float) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that lead a client to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "smoke",
            "AWS_SECRET_ACCESS_KEY": "smoke",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
