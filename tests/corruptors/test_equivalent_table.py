"""Rewrites of tables keep what a viewer sees: words, spans and headers of every cell."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from corruptors.registry import rewrites
from corruptors.rewrite import rewritten
from corruptors.table.program.table_program import TableProgram
from records.taxonomy import Modality

REWRITES = {rewrite.name: rewrite for rewrite in rewrites(Modality.TABLE)}
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

HTML = """<table border=1 class='data'><tbody>
<tr><th colspan="2" align=center>Total</th><td rowspan=2 align="right" style='color:red'>x</td></tr>
<tr><td align="right">é &lt; 5</td><td><b>bold</b> <i>it</i> $a &lt; b$</td></tr></tbody></table>"""
MARKDOWN = "|a|b é|\n|:-|-:|\n| 1 |&nbsp;2|\n|3|4|\n"


def seen(code: str) -> list[tuple[object, ...]]:
    """What a viewer sees of each cell, as far as the program tells."""
    program = TableProgram.parse(code)
    return [
        (cell.row, cell.column, cell.rowspan, cell.colspan, cell.header, program.words_of(cell))
        for cell in program.cells()
    ]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("rename_emphasis", "<style>b{color:red}</style><table><tr><td><b>a</b></table>", None),
        ("reorder_attributes", "<table><tr><td colspan=2>a</table>", None),
        (
            "change_quotes",
            "<table><tr><td title=it's>a</table>",
            '<table><tr><td title="it\'s">a</table>',
        ),
        ("respace_tags", "|a|\n|-|", None),
        ("drop_end_tags", "<table><tr><td>a</td></tr></table>", None),
        ("unwrap_groups", "<table><thead><tr><td>a</thead><tbody><tr><td>b</tbody></table>", None),
        ("unwrap_groups", '<table><tbody class="a"><tr><td>b</tbody></table>', None),
        ("wrap_groups", "<table><caption>t</caption><tr><td>b</table>", None),
        ("write_references", "<table><tr><td>$é$</table>", None),
        ("style_alignment", '<table><tr><td align="right"><p>a</p></table>', None),
        ("pad_cells", "<table><tr><td>a</table>", None),
        ("redraw_dashes", "<table><tr><td>a</table>", None),
        ("add_comment", "|a|\n|-|", None),
    ],
)
def test_before_and_after(name: str, before: str, after: str | None) -> None:
    result = REWRITES[name](before, 0)
    assert (result and result[0]) == after


@pytest.mark.parametrize("code", [HTML, MARKDOWN], ids=["html", "markdown"])
def test_each_rewrite_keeps_what_is_seen(code: str) -> None:
    applied = set()
    for rewrite in rewrites(Modality.TABLE):
        for seed in range(4):
            result = rewrite(code, seed)
            assert result == rewrite(code, seed)
            if result is not None:
                assert result[0] != code
                assert seen(result[0]) == seen(code), rewrite.name
                applied.add(rewrite.name)
    assert len(applied) >= (11 if code is HTML else 3)


def test_several_rewrites_together_keep_what_is_seen() -> None:
    variants = list(rewritten(HTML, rewrites(Modality.TABLE), Random(1)))
    assert len({code for code, _, _ in variants}) > 4
    for code, names, _ in variants:
        assert seen(code) == seen(HTML), names


@pytest.mark.shared
def test_real_tables_keep_what_is_seen() -> None:
    paths = sorted((SHARED / "tables" / "html").glob("*.html"))
    if not paths:
        pytest.skip("the real samples are not beside this checkout")
    for path in paths[::4]:
        code = path.read_text(encoding="utf-8")
        for rewrite in rewrites(Modality.TABLE):
            result = rewrite(code, 1)
            assert result is None or seen(result[0]) == seen(code), (path.name, rewrite.name)


@pytest.mark.chromium
def test_rewritten_tables_are_drawn_pixel_for_pixel_alike() -> None:
    from records.taxonomy import Language
    from renderers.table.renderer import TableRenderer

    with TableRenderer() as renderer:
        for code, language in ((HTML, Language.HTML), (MARKDOWN, Language.MARKDOWN)):
            reference, _ = renderer.render(code, language).drawn()
            for rewrite in rewrites(Modality.TABLE):
                result = rewrite(code, 3)
                if result is not None:
                    picture, _ = renderer.render(result[0], language).drawn()
                    assert picture.pixel_hash == reference.pixel_hash, (rewrite.name, result[0])
