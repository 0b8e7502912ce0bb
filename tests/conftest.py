"""What tests of several rooms share."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from moto.server import ThreadedMotoServer


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a folder in a bucket of an S3 server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.filesystem("s3", skip_instance_cache=True).makedirs("pairs", exist_ok=True)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    yield f"s3://pairs/{uuid4().hex}"
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    server.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Postgres of these tests' own, without its scheme."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries or not shutil.which("setpriv"):
        pytest.skip("no Postgres is installed: apt-get install postgresql")
    # It does not run as root; a folder below the tests' own is closed to others.
    owner = "postgres" if os.geteuid() == 0 else ""
    user = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups"] if owner else []
    folder = tmp_path_factory.mktemp("postgres")
    for above in (folder.parent.parent, folder.parent, folder):
        above.chmod(0o755)
    if owner:
        shutil.chown(folder, owner, owner)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    data = folder / "data"
    made = [*user, str(binaries[-1] / "initdb"), "-D", str(data), "-U", "airflow", "-A", "trust"]
    subprocess.run(made, check=True, capture_output=True, timeout=120)
    server = [*user, str(binaries[-1] / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    log = folder / "data" / "log"
    subprocess.run(
        [*server, "-l", str(log), "-o", options, "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    yield f"airflow@127.0.0.1:{port}/postgres"
    subprocess.run([*server, "-m", "immediate", "stop"], check=True, capture_output=True)


SKIP_BUDGET = {
    "real samples beside the checkout": 60,
    "other environments and extras": 60,
    "what this machine has": 12,
}
"""Most tests that may be skipped in one session, by why; for any other reason none may."""
_REASONS = {
    "real samples beside the checkout": r"shared/data|beside th[ei]s? ?checkout|real (samples|scripts)",
    "other environments and extras": r"\.venv-|of the extra|not installed|is installed|could not "
    r"import|fetch-slanet|no lpips|imagetracerjs|Chromium|is not there",
    "what this machine has": r"namespace|no Landlock|one layer|needs root|owner may enter|too busy|"
    r"on this machine|this machine has|drawn here|one bomb",
}
_skipped: Counter[str] = Counter()
_reasons: Counter[tuple[str, str]] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a skipped test by its reason; expected failures are none."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _count(report.longrepr)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Count a module that is skipped as a whole, as one test."""
    if report.skipped:
        _count(report.longrepr)


def _count(told: object) -> None:
    reason = str(told[2] if isinstance(told, tuple) else told).removeprefix("Skipped: ")
    kind = next((name for name, words in _REASONS.items() if re.search(words, reason)), "")
    _skipped[kind] += 1
    _reasons[kind, reason] += 1


def over_budget(skipped: Counter[str]) -> list[str]:
    """Each kind of reason for which more tests were skipped than its budget allows."""
    return [
        f"{count} tests skipped for {kind or 'a reason that no budget names'}, {most} allowed"
        for kind, count in sorted(skipped.items())
        if count > (most := SKIP_BUDGET.get(kind, 0))
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session that skips more tests than its budget, even if all others pass."""
    if over_budget(_skipped) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped and why, and which budget is passed."""
    if not _skipped:
        return
    terminalreporter.section("skipped")
    for (kind, reason), count in sorted(_reasons.items()):
        terminalreporter.line(f"{count:4} {kind or 'no budget'}: {reason}")
    for line in over_budget(_skipped):
        terminalreporter.line(f"over budget: {line}", red=True)
