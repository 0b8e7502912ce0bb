"""What tests of several rooms share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from records.errors import ConfigError
from vermillion.cluster.services import Postgres


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


@pytest.fixture
def requests(bucket: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the requests that this process sends to the server of ``bucket``, as they come."""
    store = fsspec.get_filesystem_class("s3")
    asked: list[str] = []
    call = store._call_s3

    async def counted(self: object, method: str, *arguments: object, **named: object) -> object:
        asked.append(method)
        return await call(self, method, *arguments, **named)

    monkeypatch.setattr(store, "_call_s3", counted)
    return asked


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Postgres of these tests' own, without its scheme."""
    try:
        with Postgres(tmp_path_factory.mktemp("services") / "postgres") as server:
            yield server.address
    except ConfigError as error:
        pytest.skip(str(error))


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
