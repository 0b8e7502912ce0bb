"""What tests of annotators share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from records.taxonomy import Language
from renderers.contract import Picture
from renderers.scene import Scene
from renderers.svg.renderer import SvgRenderer
from renderers.table.renderer import TableRenderer

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'
Drawn = tuple[Picture, Scene]


@pytest.fixture(scope="module")
def tables() -> Iterator[TableRenderer]:
    with TableRenderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
def draw(svgs: SvgRenderer) -> Callable[[str], Drawn]:
    def drawn(body: str) -> Drawn:
        code = body if body.lstrip().startswith(("<svg", "<?xml")) else f"{_HEAD}{body}</svg>"
        return svgs.render(code, Language.SVG).drawn()

    return drawn
