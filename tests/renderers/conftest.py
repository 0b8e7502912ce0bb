"""One warm chart renderer for all tests of this room: starting it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from renderers.chart.renderer import ChartRenderer
from sandbox.status import Limits


@pytest.fixture(scope="session")
def charts() -> Iterator[ChartRenderer]:
    with ChartRenderer(Limits(timeout_s=60)) as renderer:
        yield renderer
