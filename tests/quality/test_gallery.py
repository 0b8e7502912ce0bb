"""The gallery: what is written of the rows, and that a browser draws it the same each time."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests_support import at_the_same_moment

from quality.gallery import GalleryBroken, build_gallery, draw_preview
from records.errors import ConfigError, RendererUnavailable
from records.pairs import Row

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.mark.chromium
def test_a_browser_draws_the_gallery_the_same_each_time(gallery: Path, tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no headless Chromium on this machine")
    first, second = (draw_preview(gallery, tmp_path / f"{name}.png").read_bytes() for name in "ab")
    assert first == second
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1366, 820)
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 100


@pytest.mark.chromium
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("throw new Error('no pairs today');", "no pairs today"),
        ("new Image().src = 'http://127.0.0.1:9/x.png';", "it asked for http://127.0.0.1:9/x.png"),
    ],
)
def test_a_gallery_that_errs_or_calls_out_is_broken(
    gallery: Path, tmp_path: Path, script: str, said: str
) -> None:
    if CHROMIUM is None:
        pytest.skip("no headless Chromium on this machine")
    copy = Path(shutil.copytree(gallery.parent, tmp_path / "gallery"))
    with (copy / "gallery.js").open("a") as page:
        page.write(f"\n;{script}\n")
    with pytest.raises(GalleryBroken, match=said):
        draw_preview(copy / "index.html", tmp_path / "seen.png")


def index_of(page: Path) -> Any:
    text = (page.parent / "data" / "index.js").read_text()
    return json.loads(text.removeprefix('gallery.take("index",').removesuffix(");\n"))


def lines_of(page: Path) -> list[Any]:
    """The lines of all pairs, in order."""
    lines: list[Any] = []
    for path in sorted((page.parent / "data").glob("page-*.js")):
        body = path.read_text().removeprefix('gallery.take("page",').removesuffix(");\n")
        lines += json.loads(body)["values"]
    return lines


def test_pictures_are_written_once_and_data_come_in_pieces(gallery: Path, rows: list[Row]) -> None:
    index, lines = index_of(gallery), lines_of(gallery)
    assert len(lines) == index["pairs"] == index["total"] == len(rows)
    written = set((gallery.parent / "pictures").rglob("*.png"))
    assert len(written) == len({image.bytes for row in rows for image in row.images})
    for pair in lines:
        assert all((gallery.parent / picture).is_file() for picture in pair["pictures"])
    chunks = sorted((gallery.parent / "data").glob("chunk-*.js"))
    assert len(chunks) == -(-len(rows) // index["chunk_pairs"])
    for name, values in index["facets"].items():
        assert all(len(b64decode(bits)) == -(-len(rows) // 8) for bits in values.values()), name
    svg = int.from_bytes(b64decode(index["facets"]["task"]["svg"]), "little")
    assert [svg >> n & 1 for n in range(len(lines))] == [line["task"] == "svg" for line in lines]


def test_nothing_a_row_says_can_end_a_script(gallery: Path) -> None:
    scripts = sorted((gallery.parent / "data").glob("*.js"))
    assert scripts
    for path in scripts:
        text = path.read_text()
        assert "<" not in text and "\u2028" not in text
        assert text.count("\n") == 1


def test_limit_draws_from_all_and_twice_the_same(
    rows: list[Row], dataset: Any, tmp_path: Path
) -> None:
    folder = dataset(tmp_path / "demo", rows)
    first = index_of(build_gallery(str(folder), str(tmp_path / "a"), limit=30))
    second = index_of(build_gallery(str(folder), str(tmp_path / "b"), limit=30))
    assert first == second and first["pairs"] == 30
    assert set(first["facets"]["task"]) == {"chart", "table", "svg"}
    again = build_gallery(str(folder), str(tmp_path / "a"), limit=5)
    assert index_of(again)["pairs"] == len(lines_of(again)) == 5
    assert len(list((tmp_path / "a" / "data").glob("chunk-*.js"))) == 1


def test_mistakes_are_named(rows: list[Row], dataset: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        build_gallery(str(tmp_path / "gone"), str(tmp_path / "out"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no published dataset"):
        build_gallery(str(tmp_path / "empty"), str(tmp_path / "out"))
    folder = dataset(tmp_path / "demo", rows[:3])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    with pytest.raises(ConfigError, match="no gallery"):
        build_gallery(str(folder), str(tmp_path / "mine"))
    assert (tmp_path / "mine" / "thesis.tex").is_file()


def test_a_driver_that_does_not_start_is_no_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if CHROMIUM is None:
        pytest.skip("no headless Chromium is installed")
    # As on a Debian without libatomic1: Playwright's own Node ends at once.
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/bin/false")
    with pytest.raises(RendererUnavailable, match="libatomic1"):
        draw_preview(tmp_path / "index.html", tmp_path / "seen.png")


def test_many_write_one_gallery_at_the_same_moment(gallery: Path, tmp_path: Path) -> None:
    dataset = str(gallery.parents[1] / "demo")
    failed = at_the_same_moment(
        "import sys\nfrom quality.gallery import build_gallery",
        "for _ in range(3): build_gallery(*sys.argv[1:])",
        dataset,
        str(tmp_path / "page"),
    )
    assert failed == [""] * 6
    assert [path.name for path in tmp_path.iterdir()] == ["page"]
    written = {path.relative_to(gallery.parent) for path in gallery.parent.rglob("*")}
    assert {
        path.relative_to(tmp_path / "page") for path in (tmp_path / "page").rglob("*")
    } == written
