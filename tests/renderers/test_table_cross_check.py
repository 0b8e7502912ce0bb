"""Firefox's second opinion on tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest
from numpy.typing import NDArray

from records.config import RenderConfig
from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers import stage
from renderers.contract import Picture, Render
from renderers.second_opinion import VISIBLY_OTHER, visibly_other
from renderers.table import cross_check
from renderers.table.cross_check import TableCrossCheck, _aligned, _inked, find_firefox
from renderers.table.renderer import TableRenderer
from sandbox.status import RenderStatus
from sources import bundled

ROWS = "".join(f"<tr><td>row {n}</td><td>{n * 7}</td></tr>" for n in range(6))
AGREED = {
    "plain": f"<table>{ROWS}</table>",
    "formula": "<table><tr><td>$\\frac{a}{b}$</td><td rowspan=2>1</td></tr><tr><td>x</td></tr></table>",
}
REFLECTED = f"<table style='-webkit-box-reflect: below 4px'>{ROWS}</table>"
"""Only Chromium and WebKit draw the reflection."""
OF_THE_WINDOW = f"<style>td {{ color: red }}</style><table>{ROWS}</table>"


def ruled(*heights: int) -> NDArray[np.uint8]:
    """Rows of a table between lines, each with a mark at its top."""
    page = np.full((sum(heights) + 21, 120, 3), 255, np.uint8)
    top = 10
    for height in heights:
        page[top, 10:110] = 0
        page[top + 6 : top + 16, 20:40] = 0
        top += height
    page[top, 10:110] = 0
    return page


def test_rows_of_another_height_are_the_same_table_and_a_lost_mark_is_none() -> None:
    one, other = _inked(ruled(30, 30, 30)), _inked(ruled(32, 30, 34))
    assert visibly_other(one, _aligned(other, one, 0.5)) < VISIBLY_OTHER
    lost = ruled(32, 30, 34)
    lost[11 + 32 : 11 + 32 + 20, 15:50] = 255
    assert visibly_other(one, _aligned(_inked(lost), one, 0.5)) > VISIBLY_OTHER


def test_without_firefox_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_check, "find_firefox", lambda: "")
    with pytest.raises(ConfigError, match="install Firefox"):
        TableCrossCheck()


@pytest.mark.parametrize(("share", "word"), [(0.02, "Firefox draws 2.0%"), (0.0, ""), (None, "")])
def test_a_reference_on_which_firefox_differs_is_named(
    share: float | None, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Opinion:
        def __init__(self, limits: object) -> None:
            pass

        __enter__ = __exit__ = lambda self, *_: self
        disagreement = staticmethod(lambda code, language, picture: share)

    monkeypatch.setattr(stage, "TableCrossCheck", Opinion)
    sample = bundled.samples(Modality.TABLE)[0]
    drawn = Render(RenderStatus.OK, "contract", Picture(b"", 1, 1, ""))
    with ExitStack() as held:
        doubt = stage._cross_check(held, RenderConfig(cross_check_tables=True))
        assert doubt(sample, drawn).startswith(word) and bool(doubt(sample, drawn)) == bool(word)
        assert not stage._cross_check(held, RenderConfig(cross_check=True))(sample, drawn)


@pytest.fixture(scope="module")
def opinion() -> Iterator[TableCrossCheck]:
    if not find_firefox():
        pytest.skip("Firefox is not installed")
    with TableCrossCheck() as check:
        yield check


@pytest.mark.chromium
def test_firefox_agrees_on_tables_and_not_on_what_only_chromium_draws(
    opinion: TableCrossCheck,
) -> None:
    with TableRenderer() as tables:

        def disagreement(code: str) -> float | None:
            picture, _ = tables.render(code, Language.HTML).drawn()
            return opinion.disagreement(code, Language.HTML, picture)

        for name, code in AGREED.items():
            share = disagreement(code)
            assert share is not None and share < VISIBLY_OTHER, name
        share = disagreement(REFLECTED)
        assert share is not None and share > VISIBLY_OTHER
        assert disagreement(OF_THE_WINDOW) is None
