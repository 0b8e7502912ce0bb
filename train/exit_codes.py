"""Exit codes and error messages of the training commands: whether a retry can help.

`vermillion.airflow.training` starts a failed step once more, from its last checkpoint, unless its exit status
says that a setting is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from records.errors import (
    BoundPassed,
    ConfigError,
    PipelineError,
    SandboxUnavailable,
    SchemaMismatch,
    refused_by_system,
)

FAILED = 1
INTERRUPTED = 130
WRONG_SETTINGS = 2
"""A setting, the dataset or the machine has to be changed first: the same call would fail again."""

_SETTINGS = (BoundPassed, ConfigError, SandboxUnavailable, SchemaMismatch)


def ended(program: str, work: Callable[[], object]) -> int:
    """Exit status of a command that does ``work``; an error is one line on standard error.

    >>> ended("sft", lambda: None)
    0
    """
    try:
        work()
    except PipelineError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return WRONG_SETTINGS if isinstance(error, _SETTINGS) else FAILED
    except ModuleNotFoundError as error:
        where = "run this in the training environment (docs/training.md)"
        print(f"{program}: {error}; {where}", file=sys.stderr)
        return WRONG_SETTINGS
    except OSError as error:
        # A full disk, a closed folder: the file's name says more than where our code stood.
        if error.errno is None:
            raise
        print(f"{program}: {refused_by_system(error)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0
