"""The cluster on loopback: a build in which the worker at work is killed has the bytes of an undisturbed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.errors import ConfigError
from vermillion.cluster.smoke import smoke

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


def test_a_killed_worker_changes_no_byte(tmp_path: Path) -> None:
    try:
        [ended] = smoke(tmp_path, ["worker"], limit=6)
    except ConfigError as error:
        pytest.skip(str(error))
    assert ended.files > 0
    assert ended.tried_again > 0
