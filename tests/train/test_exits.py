"""What a command's end tells whoever started it."""

from __future__ import annotations

from errno import ENOSPC

import pytest

from records.errors import (
    BoundPassed,
    ConfigError,
    EndpointUnavailable,
    PipelineError,
    RendererUnavailable,
    RunError,
    SandboxUnavailable,
    SchemaMismatch,
    SourceError,
)
from train.exit_codes import FAILED, INTERRUPTED, WRONG_SETTINGS, ended


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (EndpointUnavailable("the judge is down"), FAILED),
        (RendererUnavailable("it died"), FAILED),
        (RunError("veRL ended with exit status 3"), FAILED),
        (SourceError("no_picture", "of pair 7"), FAILED),
        (ConfigError("sft.max_length"), WRONG_SETTINGS),
        (BoundPassed("too many"), WRONG_SETTINGS),
        (SchemaMismatch("another version"), WRONG_SETTINGS),
        (SandboxUnavailable("no namespaces"), WRONG_SETTINGS),
    ],
)
def test_only_what_may_change_by_itself_is_worth_another_start(
    error: PipelineError, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise error

    assert ended("some", work) == status
    assert capsys.readouterr().err == f"some: {error}\n"


def test_a_missing_package_names_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        import no_such_trainer  # noqa: F401

    assert ended("sft", work) == WRONG_SETTINGS
    assert "training environment" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            OSError(ENOSPC, "No space left on device", "out/replies.jsonl"),
            FAILED,
            "out/replies.jsonl: No space left on device; free space, or set TMPDIR if it is the temporary folder "
            "that is full, and run the same command again",
        ),
        (PermissionError(13, "Permission denied", "out"), FAILED, "out: Permission denied"),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise error

    assert ended("some", work) == status
    assert capsys.readouterr().err == f"some: {said}\n"


def test_other_errors_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        ended("some", lambda: 1 / 0)

    def broken() -> None:
        raise OSError("a library's own words, no errno")

    with pytest.raises(OSError, match="own words"):
        ended("some", broken)
