"""Benchmarks are recognized in other sizes, other spacing and other markup; look-alikes are not."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from quality.rules.contamination import HeldOut, ProgramDigests, code_digest, light_of, words_digest
from records.errors import ConfigError
from records.taxonomy import Language
from renderers.contract import pixel_hash

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def program(code: str, language: Language) -> ProgramDigests:
    return ProgramDigests.of(code, language)


def picture_found(held_out: HeldOut, png: bytes) -> str:
    with Image.open(io.BytesIO(png)) as image:
        digest = pixel_hash(image.convert("RGB").tobytes(), *image.size)
        return held_out.match_picture(digest, light_of(png), image.size)


SAME_CODE = [
    (Language.PYTHON, "x = [1,2]  # why\n\n", 'x = [ 1, 2 ]\nplt.savefig("b.png")\n'),
    (Language.PYTHON, "plt.title('a')", 'plt.title("a")\nplt.show()'),
    (Language.HTML, "<TABLE><tr>\n <td>A</td></tr></TABLE>", "<table><tr><td>A</td></tr></table>"),
    (Language.SVG, "<?xml version='1.0'?><svg a='1'><!-- x --></svg>", '<svg a="1"></svg>'),
    (Language.MARKDOWN, "| a | b |\n|---|---|", "|a|b|\n|---|---|"),
    (Language.PYTHON, "def broken(:\n  1", "def  broken(: 1"),
]


@pytest.mark.parametrize(("language", "first", "second"), SAME_CODE)
def test_spelling_of_a_program_does_not_matter(language: Language, first: str, second: str) -> None:
    assert code_digest(first, language) == code_digest(second, language)


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        (Language.PYTHON, "x = [1, 2]", "x = [1, 3]"),
        (Language.PYTHON, "plt.title('a')", "plt.title('b')"),
        (Language.HTML, "<td>1</td>", "<td>2</td>"),
    ],
)
def test_contents_of_a_program_matter(language: Language, first: str, second: str) -> None:
    assert code_digest(first, language) != code_digest(second, language)


WORDS = [
    "Region",
    "North",
    "South",
    "East",
    "West",
    "Total",
    "12",
    "15",
    "19",
    "24",
    "70",
    "100",
    "a&amp;b",
]


def test_the_same_words_in_other_markup_are_recognized() -> None:
    plain = "<table>" + "".join(f"<tr><td>{word}</td></tr>" for word in WORDS) + "</table>"
    fancy = '<table class="x"><!-- n -->' + "".join(f"<td><b>{w}</b></td>" for w in WORDS)
    held_out = HeldOut()
    held_out.add_program(program(plain, Language.HTML))
    assert held_out.match_program(program(plain, Language.HTML)) == "code"
    assert held_out.match_program(program(fancy, Language.HTML)) == "text"
    other = program(fancy.replace("North", "Nord"), Language.HTML)
    assert held_out.match_program(other) == ""


def test_few_words_prove_nothing() -> None:
    assert words_digest("<td>Total</td><td>100</td>", Language.HTML) == ""
    assert words_digest("plt.plot([1, 2, 3])", Language.PYTHON) == ""


def redrawn(png: bytes, scale: float, quality: int = 0) -> bytes:
    with Image.open(io.BytesIO(png)) as image:
        size = (round(image.width * scale), round(image.height * scale))
        smaller = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    smaller.save(buffer, "JPEG", quality=quality) if quality else smaller.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("language", [Language.PYTHON, Language.HTML, Language.SVG])
@pytest.mark.parametrize(("scale", "quality"), [(1, 0), (1.5, 0), (0.7, 0), (1, 60), (1.3, 75)])
def test_a_picture_is_recognized_in_another_size_or_encoding(
    make_row: Any, language: Language, scale: float, quality: int
) -> None:
    held_out = HeldOut()
    for number in range(4):
        held_out.add_picture(make_row(number, language).images[0].bytes)
    same = redrawn(make_row(2, language).images[0].bytes, scale, quality)
    assert picture_found(held_out, same) == "picture"


def test_an_almost_empty_picture_is_not_recognized_by_its_look() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 80), "white").save(buffer, "PNG")
    held_out = HeldOut()
    held_out.add_picture(redrawn(buffer.getvalue(), 2))
    assert picture_found(held_out, buffer.getvalue()) == ""


def test_folders_are_read_by_what_they_hold(tmp_path: Path, make_row: Any) -> None:
    chart, table, icon = (
        make_row(9, language) for language in (Language.PYTHON, Language.HTML, Language.SVG)
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "bar_1.py").write_text(chart.reference_code)
    record = {"deep": [table.reference_code], "title": "not the end\u2028of a line"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n\n")
    (tmp_path / "test.json").write_text(json.dumps([{"a_text": icon.reference_code}]))
    (tmp_path / "p.png").write_bytes(icon.images[0].bytes)
    (tmp_path / "notes.txt").write_text("nothing to compare")
    held_out = HeldOut.of([str(tmp_path)])
    for row in (chart, table, icon):
        found = program(row.reference_code, Language(row.language))
        assert held_out.match_program(found) == "code"
    assert len(held_out.pixel_hashes) == 1


def test_folders_that_hold_nothing_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        HeldOut.of([str(tmp_path / "gone")])
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(ConfigError, match="nothing would be held back"):
        HeldOut.of([str(tmp_path)])
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n{')
    with pytest.raises(ConfigError, match=r"x\.jsonl, line 2: not JSON"):
        HeldOut.of([str(tmp_path)])


def test_other_pictures_are_not_recognized(make_row: Any) -> None:
    held_out = HeldOut()
    for number in range(4):
        held_out.add_picture(make_row(number, Language.SVG).images[0].bytes)
    for row in (make_row(8, Language.SVG), make_row(0, Language.HTML), make_row(0)):
        png = row.images[0].bytes
        assert picture_found(held_out, png) == ""


@pytest.mark.shared
def test_real_pictures_are_told_apart() -> None:
    """Real tables are recognized at other sizes, and none is taken for another."""
    folder = SHARED / "tables" / "img"
    if not folder.is_dir():
        pytest.skip("the real samples are not beside the checkout")
    pictures = [path.read_bytes() for path in sorted(folder.glob("*.png"))]
    held_out = HeldOut()
    for png in pictures[::2]:
        held_out.add_picture(png)
    for png in pictures[::2]:
        for copy in (redrawn(png, 0.6), redrawn(png, 1.4, 70)):
            assert picture_found(held_out, copy) == "picture"
    assert {picture_found(held_out, png) for png in pictures[1::2]} == {""}


@pytest.mark.shared
def test_real_samples_are_told_apart() -> None:
    """Every real icon is recognized by its own code, and none by another's."""
    if not SHARED.is_dir():
        pytest.skip("the real samples are not beside the checkout")
    icons = [
        record["a_text"]
        for record in json.loads((SHARED / "unisvg" / "test.json").read_text())
        if "<svg" in record.get("a_text", "")
    ]
    held_out = HeldOut()
    for icon in icons[::2]:
        held_out.add_program(program(icon, Language.SVG))
    found = [held_out.match_program(program(icon, Language.SVG)) for icon in icons]
    assert set(found[::2]) == {"code"} and set(found[1::2]) == {""}
