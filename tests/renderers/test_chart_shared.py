"""Real ChartMimic scripts: they draw, and draw the same twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from sandbox.status import RenderStatus

SCRIPTS = Path(__file__).parents[2] / ".." / "shared" / "data" / "chartmimic" / "ori_500"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SCRIPTS.is_dir(), reason="no real samples beside the checkout"),
]


def _scripts() -> list[Path]:
    return sorted(SCRIPTS.glob("*.py"))


@pytest.mark.slow
def test_nearly_all_scripts_draw(charts: ChartRenderer) -> None:
    statuses: Counter[RenderStatus] = Counter()
    failed = []
    for script in _scripts():
        rendered = charts.render(script.read_text(), Language.PYTHON)
        statuses[rendered.status] += 1
        if rendered.status is not RenderStatus.OK:
            failed.append((script.name, rendered.status, rendered.detail))
        else:
            assert not rendered.drawn()[1].truncated
    assert statuses[RenderStatus.OK] >= 0.98 * statuses.total(), failed


def test_every_kind_draws_the_same_twice(charts: ChartRenderer) -> None:
    kinds = {script.stem.rsplit("_", 1)[0]: script for script in _scripts()}
    assert len(kinds) >= 20
    for script in kinds.values():
        first, second = (charts.render(script.read_text(), Language.PYTHON) for _ in range(2))
        assert first.drawn()[0].pixel_hash == second.drawn()[0].pixel_hash, script.name
        assert first.scene == second.scene, script.name
