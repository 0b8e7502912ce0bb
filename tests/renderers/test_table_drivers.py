"""Both drivers of the table lane draw the same pictures, read the same scenes and give the same verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.table.browser.messages import DRIVERS
from renderers.table.renderer import TableRenderer
from sandbox.status import Limits
from sources import bundled
from tests.renderers.test_table_escape import BOMBS, hostile_pages

pytestmark = pytest.mark.chromium

BENIGN = {
    "formula": "<table><tr><td>$\\frac{a}{b}$</td><td>1</td></tr></table>",
    "wider than the window": f"<table><tr>{'<td>a long word in a cell</td>' * 40}</tr></table>",
    "lengths of the window": "<table style='width:50vw'><tr><td>half</td></tr></table>",
    "picture in the page": (
        "<table><tr><td><img width=20 height=20 src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEA"
        "AAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='></td><td>x</td></tr></table>"
    ),
    "picture of the web": "<table><tr><td><img src='http://127.0.0.1:9/x.png'>x</td></tr></table>",
    "one color": "<table style='border:0'></table>",
}
UNSURE = frozenset({*BOMBS})
"""Pages whose verdict depends on how busy the machine is: timeout, out of memory or drawn."""


@pytest.fixture(scope="module")
def both() -> Iterator[list[TableRenderer]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(TableRenderer(Limits(timeout_s=60), driver=driver))
            for driver in DRIVERS
        ]


def seen(render: Render) -> tuple[object, ...]:
    hash_ = render.picture.pixel_hash if render.picture else ""
    return render.status, hash_, render.scene.to_json() if render.scene else b""


@pytest.mark.parametrize("name", BENIGN)
def test_a_table_is_the_same_by_both(name: str, both: list[TableRenderer]) -> None:
    one, other = (seen(tables.render(BENIGN[name], Language.HTML)) for tables in both)
    assert one == other


def test_bundled_tables_are_the_same_by_both(both: list[TableRenderer]) -> None:
    samples = bundled.samples(Modality.TABLE)[:40]
    assert len(samples) >= 20
    for sample in samples:
        one, other = (seen(tables.render(sample.code, sample.language)) for tables in both)
        assert one == other, sample.id


def test_hostile_pages_have_the_same_verdict_by_both(both: list[TableRenderer]) -> None:
    for name, (code, verdicts) in hostile_pages().items():
        if name in UNSURE or len(verdicts.split()) > 1 or "timeout" in verdicts:
            continue
        one, other = (tables.render(code, Language.HTML) for tables in both)
        assert one.status == other.status, (name, one.detail, other.detail)


def test_another_driver_is_refused() -> None:
    with pytest.raises(ConfigError, match="choose playwright or pipe"):
        TableRenderer(driver="selenium")
