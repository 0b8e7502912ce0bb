"""The page of the gallery, opened from a disk in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quality.gallery import write_gallery
from records.pairs import Row
from records.taxonomy import Language

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PAINTED = """async () => {
  for (const image of document.querySelectorAll("#stage img")) await image.decode();
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
}"""
"""Both pictures of the pair are on the screen."""
pytestmark = pytest.mark.chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no headless Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, gallery: Path) -> Iterator[Any]:
    """The page, on a laptop; fails where it errs or reaches for the network."""
    opened = browser.new_page(viewport={"width": 1366, "height": 768})
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    opened.on("dialog", lambda dialog: trouble.append(f"dialog {dialog.message}"))
    opened.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else trouble.append(request.url)
        ),
    )
    opened.goto(gallery.as_uri())
    opened.wait_for_selector(".annotator")
    yield opened
    opened.close()
    assert trouble == []


def shown(page: Any) -> int:
    return int(page.inner_text("#place").split("/")[1].replace(",", ""))


def test_filters_narrow_and_count(page: Any, rows: list[Row]) -> None:
    assert shown(page) == len(rows)
    page.check('input[data-facet="task"][value="table"]')
    assert shown(page) == 50
    page.check('input[data-facet="origin"][value="sampled"]')
    assert shown(page) == 10
    page.check('input[data-facet="origin"][value="identical"]')
    assert shown(page) == 20
    counts = page.eval_on_selector_all(
        '[data-facet="split"]', "nodes => nodes.map(n => n.parentNode.lastChild.textContent)"
    )
    assert sum(map(int, counts)) == 20
    assert page.inner_text("#shown") == f"20 of {len(rows)} pairs"
    page.click("#clear")
    assert shown(page) == len(rows)
    for facet, value, expected in (
        ("severity", "3", sum(any(d.severity == 3 for d in r.discrepancies) for r in rows)),
        ("category", "shape_error", 31),
        ("category", "", 60),
        ("split", "test", 5),
        ("policy", "reader-weak", 30),
        ("corruption", "shift_value", 61),
    ):
        page.check(f'input[data-facet="{facet}"][value="{value}"]')
        assert shown(page) == expected, facet
        page.click("#clear")


def test_search_finds_words_and_ids(page: Any, rows: list[Row]) -> None:
    page.keyboard.press("/")
    page.keyboard.type(rows[7].id)
    page.wait_for_selector("#place:text-is('1 / 1')")
    page.fill("#search", "nothing says this")
    page.wait_for_selector("#nothing:not([hidden])")
    page.click("#clear-too")
    assert shown(page) == len(rows)


def test_keys_move_and_change_the_view(page: Any) -> None:
    page.click("#list .item:nth-child(1)")
    assert page.inner_text("#place").startswith("1 /")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("j")
    assert page.inner_text("#place").startswith("3 /")
    page.keyboard.press("k")
    assert page.inner_text("#place").startswith("2 /")
    for key, mode, frames in (("2", "blink", 1), ("3", "difference", 1), ("4", "onion", 1)):
        page.keyboard.press(key)
        assert mode in page.get_attribute("#stage", "class").split()
        assert page.locator("#stage figure").count() == frames
        assert page.locator("#stage figure img").count() == 2
    page.keyboard.press("1")
    assert page.locator("#stage figure").count() == 2
    assert page.locator("#stage .box:visible").count() > 0
    page.keyboard.press("b")
    assert page.locator("#stage .box:visible").count() == 0
    page.keyboard.press("2")
    page.keyboard.press("1")
    assert page.locator("#stage .box:visible").count() == 0
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()


def test_difference_shows_changed_pixels_only(page: Any) -> None:
    """Screenshots: white where the pair is equal, dark where the bar differs."""
    import io

    from PIL import Image

    page.check('input[data-facet="task"][value="chart"]')
    page.check('input[data-facet="origin"][value="corrupted"]')
    page.keyboard.press("3")
    page.keyboard.press("b")
    page.evaluate(PAINTED)
    with Image.open(io.BytesIO(page.locator("#stage .layers").screenshot())) as image:
        values = image.convert("L").histogram()
    assert sum(values[:100]) > 200
    assert sum(values[250:]) > 0.8 * sum(values)
    page.click("#clear")
    page.check('input[data-facet="origin"][value="identical"]')
    page.evaluate(PAINTED)
    with Image.open(io.BytesIO(page.locator("#stage .layers").screenshot())) as image:
        assert sum(image.convert("L").histogram()[:200]) < 40


def test_boxes_lie_on_what_they_name(page: Any, rows: list[Row]) -> None:
    row = next(r for r in rows if r.task == "chart" and len(r.discrepancies) == 3)
    page.fill("#search", row.id)
    page.wait_for_selector("#place:text-is('1 / 1')")
    page.wait_for_selector("#stage .box:not(.echo)")
    frame = page.locator("#stage figure:nth-child(2) .frame").bounding_box()
    scale = frame["width"] / 360
    boxes = page.locator("#stage figure:nth-child(2) .box")
    assert boxes.count() == 3
    for at, label in enumerate(row.discrepancies):
        seen = boxes.nth(at).bounding_box()
        left, top, right, bottom = label.box
        assert abs(seen["x"] + 3 - frame["x"] - left * scale) < 3
        assert abs(seen["y"] + 3 - frame["y"] - top * scale) < 3
        assert abs(seen["width"] - 6 - (right - left) * scale) < 3
        assert abs(seen["height"] - 6 - (bottom - top) * scale) < 3
    page.hover(".annotator.active li:nth-child(2)")
    assert page.locator("#stage .box.lit").count() == 2
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert boxes.count() == 1
    assert page.inner_text(".annotator.active").startswith("second-1")


def test_a_comparison_fits_the_window_and_can_be_enlarged(page: Any, rows: list[Row]) -> None:
    page.check('input[data-facet="task"][value="chart"]')
    for key in "1234":
        page.keyboard.press(key)
        frame = page.locator("#stage figure:nth-child(1) .frame").bounding_box()
        assert frame["y"] + frame["height"] <= 768
    small = page.locator("#stage .frame").bounding_box()["width"]
    page.keyboard.press("z")
    assert page.locator("#stage .frame").bounding_box()["width"] > small
    page.keyboard.press("z")
    assert page.locator("#stage .frame").bounding_box()["width"] == small


def test_numbers_of_boxes_at_one_corner_do_not_hide_each_other(
    browser: Any, gallery: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "crowded"
    shutil.copytree(gallery.parent, folder)
    for chunk in (folder / "data").glob("chunk-*.js"):
        head, _, body = chunk.read_text().partition(",")
        values = json.loads(body.removesuffix(");\n"))
        for pair in values["values"]:
            for found in pair["annotations"][0]["discrepancies"]:
                found["box"] = [40, 40, 90, 80]
        chunk.write_text(f"{head},{json.dumps(values)});\n")
    opened = browser.new_page(viewport={"width": 1366, "height": 768})
    opened.goto((folder / "index.html").as_uri())
    opened.wait_for_selector(".annotator")
    opened.check('input[data-facet="task"][value="chart"]')
    opened.check('input[data-facet="origin"][value="sampled"]')
    opened.wait_for_selector("#stage figure:nth-child(2) .box b")
    numbers = opened.locator("#stage figure:nth-child(2) .box b")
    assert numbers.count() == 3
    lefts = sorted(numbers.nth(at).bounding_box()["x"] for at in range(3))
    assert lefts[1] - lefts[0] >= 15 and lefts[2] - lefts[1] >= 15
    opened.close()


def test_a_narrow_window_keeps_its_filters(browser: Any, gallery: Path, rows: list[Row]) -> None:
    opened = browser.new_page(viewport={"width": 780, "height": 900})
    opened.goto(gallery.as_uri())
    opened.wait_for_selector(".annotator")
    assert not opened.locator("#facets").is_visible()
    opened.click("#filters")
    opened.check('input[data-facet="task"][value="svg"]')
    assert shown(opened) == sum(row.task == "svg" for row in rows)
    opened.click("#filters")
    assert not opened.locator("#facets").is_visible()
    opened.close()


def test_the_edit_is_marked_and_equal_lines_are_folded(page: Any, rows: list[Row]) -> None:
    row = next(r for r in rows if r.task == "table" and len(r.discrepancies) == 1)
    page.fill("#search", row.id)
    page.wait_for_selector("#place:text-is('1 / 1')")
    page.wait_for_selector("#programs .removed")
    before, after = row.discrepancies[0].description.split(" is drawn as ")
    removed = page.inner_text("#programs .removed").strip()
    assert removed == f"<td>{before}</td>"
    assert page.inner_text("#programs .added").strip() == f"<td>{after}</td>"
    lines = page.locator("#programs div div").count()
    page.click("#programs .gap")
    assert page.locator("#programs div div").count() > lines
    page.click('[data-code="both"]')
    assert page.locator("#programs .program").count() == 2


def test_hostile_words_are_words(page: Any, rows: list[Row]) -> None:
    page.fill("#search", rows[-1].id)
    page.wait_for_selector("#place:text-is('1 / 1')")
    page.wait_for_selector("#programs .added")
    assert "onerror=alert(1)" in page.inner_text("#labels")
    assert "onerror=alert(1)" in page.inner_text("#programs")
    assert page.locator("#labels img, #labels b, #programs img").count() == 0


def test_a_link_opens_its_pair(browser: Any, gallery: Path, rows: list[Row]) -> None:
    opened = browser.new_page()
    opened.goto(f"{gallery.as_uri()}#pair={rows[42].id}")
    opened.wait_for_selector(".annotator")
    assert rows[42].id in opened.inner_text("#facts")
    opened.close()


@pytest.fixture(scope="module")
def large(make_row: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of 100,000 pairs: four rows, again and again under other ids."""
    few = [make_row(n, language) for n, language in enumerate((Language.SVG, Language.HTML))]

    def many() -> Iterator[Row]:
        for number in range(100_000):
            row = few[number % 2]
            split = "test" if number == 77_777 else "train"
            yield row.model_copy(update={"id": f"{number:020x}", "split": split})

    return write_gallery(many(), str(tmp_path_factory.mktemp("large") / "gallery"), {"name": "x"})


def test_a_hundred_thousand_pairs_open_filter_and_scroll(browser: Any, large: Path) -> None:
    opened = browser.new_page(viewport={"width": 1366, "height": 768})
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    opened.goto(large.as_uri())
    opened.wait_for_selector(".annotator")
    assert shown(opened) == 100_000
    # Only what is in sight was loaded, and only that is in the document.
    assert sum(name.startswith(("page-", "chunk-")) for name in asked) <= 4
    assert opened.locator("#rows .item").count() < 40
    opened.check('input[data-facet="split"][value="test"]')
    assert shown(opened) == 1
    opened.wait_for_selector(f"#facts .id:text-is('{77_777:020x}')")
    opened.click("#clear")
    assert shown(opened) == 100_000
    opened.keyboard.press("Home")
    opened.keyboard.press("End")
    opened.wait_for_selector(f"#facts .id:text-is('{99_999:020x}')")
    opened.wait_for_selector("#rows .item.chosen .thumbs")
    assert opened.locator("#rows .item").count() < 40
    opened.fill("#search", f"{4_242:020x}")
    opened.wait_for_selector("#place:text-is('1 / 1')")
    opened.fill("#search", "circle")
    opened.wait_for_function(
        "() => document.getElementById('place').textContent.endsWith('/ 50,000')"
        " && !document.getElementById('shown').textContent.includes('searched')"
    )
    assert opened.evaluate("document.scripts.length") < 80
    opened.close()
