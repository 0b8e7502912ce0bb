"""A scene is the same whether all computed values are asked for, or only those that the document can set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.taxonomy import Language, Modality
from renderers.table.renderer import TableRenderer
from renderers.table.styles import BORDER, STYLES, Looks, SidesDiffer, styles_of
from sandbox.status import Limits
from sources import bundled

ALL = "<!-- \\ -->"
"""An escape makes the document ask for every value, and shows nothing."""
ROW = "<tr><td {}>one</td><td>two</td></tr>"
LOOKS = {
    "nothing": "",
    "opacity": "style='opacity: 0.4'",
    "written as an entity": "style='&#111;pacity: 0.4'",
    "written in capitals": "STYLE='OPACITY: 0.4'",
    "hidden": "style='visibility: hidden'",
    "kept spaces": "style='white-space: break-spaces'",
    "a gradient": "style='background: linear-gradient(red, blue)'",
    "small capitals": "style='font: small-caps 12px serif'",
    "turned": "style='rotate: 3deg'",
    "moved": "style='transform: translate(2px)'",
    "spaced": "style='letter-spacing: 2px'",
    "shadows": "style='text-shadow: 1px 1px red; box-shadow: 1px 1px red'",
    "cut": "style='clip-path: circle(40%)'",
    "filtered": "style='filter: blur(1px)'",
    "outlined": "style='outline: 1px solid'",
    "vertical": "style='writing-mode: vertical-rl'",
    "struck": "style='text-decoration: line-through'",
    "one side": "style='border-left: 3px solid red'",
    "sides that no name tells": "style='border-style: none dotted'",
    "all unset": "style='all: unset'",
}
INSIDE = {
    name: f"<table><tr><td>{inner}</td><td>two</td></tr></table>"
    for name, inner in {
        "underlined": "<u>a</u> <ins>b</ins>",
        "struck out": "<s>a</s> <del>b</del> <strike>c</strike>",
        "link": "<a href='#'>a</a>",
        "abbreviation": "<abbr title='long'>a</abbr>",
        "code": "<pre>a   b\nc</pre>",
        "rule": "a<hr>b",
        "a formula's phantom": "<math><mphantom><mi>x</mi></mphantom><mi>y</mi></math>",
        "a control": "<input value=3> <button>b</button>",
        "a table with rules": "<table rules=rows frame=void border=2><tr><td>1</td></tr></table>",
        "boxes as a table": "<div style='display: table'><div style='display: table-row'>"
        "<div style='display: table-cell'>1</div></div></div>",
    }.items()
}
PAGES = {
    **{name: f"<table>{ROW.format(look)}</table>" for name, look in LOOKS.items()},
    **INSIDE,
    "a style sheet": f"<style>td + td {{ opacity: .5; border-width: 0 2px }}</style><table>{ROW.format('')}</table>",
    "boxes as a table, outside": "<table><tr><td>1</td></tr></table><p style='display: table'>2</p>",
    "apart": f"<table style='border-collapse: separate' cellspacing=4>{ROW.format('')}</table>",
}


@pytest.fixture(scope="module")
def tables() -> Iterator[TableRenderer]:
    with TableRenderer(Limits(timeout_s=60), driver="pipe") as renderer:
        yield renderer


@pytest.mark.chromium
@pytest.mark.parametrize("name", PAGES)
def test_a_scene_does_not_depend_on_what_is_asked(name: str, tables: TableRenderer) -> None:
    page = PAGES[name]
    assert (
        tables.render(page, Language.HTML).drawn()
        == tables.render(page + ALL, Language.HTML).drawn()
    )


@pytest.mark.chromium
def test_bundled_scenes_do_not_depend_on_what_is_asked(tables: TableRenderer) -> None:
    samples = [one for one in bundled.samples(Modality.TABLE) if one.language is Language.HTML]
    assert len(samples) >= 20
    for sample in samples:
        plain, full = (
            tables.render(code, sample.language) for code in (sample.code, sample.code + ALL)
        )
        assert plain.drawn() == full.drawn(), sample.id


def test_most_values_of_a_plain_table_are_not_asked_for() -> None:
    assert styles_of(ALL) == STYLES
    plain = styles_of(f"<table>{ROW.format('')}</table>")
    assert len(plain) < len(STYLES) / 2
    assert "visibility" not in plain
    assert "visibility" in styles_of("<td style='VISIBILITY: hidden'>")


def test_sides_that_differ_are_asked_for_one_by_one() -> None:
    asked = ("display", BORDER)
    look = Looks(asked).all_of(["block", "1px solid"])
    assert dict(zip(STYLES, look, strict=True)) == {
        **dict.fromkeys(STYLES, ""),
        "display": "block",
        "visibility": "visible",
        "border-collapse": "collapse",
        **dict.fromkeys(STYLES[-4:], "1px solid"),
    }
    with pytest.raises(SidesDiffer):
        Looks(asked).all_of(["block", ""])
