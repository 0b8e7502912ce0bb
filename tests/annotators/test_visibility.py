"""Below visibility: soft edges are no difference, thin lines, dots and colors are."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from annotators.structural import compare
from annotators.structural.pixels import pixel_difference
from annotators.structural.visibility import (
    SPECK_PX,
    below_visibility,
    seen_gaps,
    unexplained,
    unseen,
)
from records.taxonomy import Language, Modality
from renderers.registry import held_renderer, open_renderer

ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 336 336"><circle cx="{x}" cy="168" r="90" fill="#{fill}"/></svg>'


def png(*shapes: tuple[float, float, float, float], size: int = 120, ink: int = 0) -> bytes:
    """Ellipses, drawn four times as large and made small: their edges are soft."""
    image = Image.new("L", (size * 4, size * 4), 255)
    for left, top, right, bottom in shapes:
        ImageDraw.Draw(image).ellipse((left * 4, top * 4, right * 4, bottom * 4), fill=ink)
    buffer = io.BytesIO()
    image.resize((size, size), Image.Resampling.BOX).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


CIRCLE = (20.0, 20.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("other", "hidden"),
    [
        (png(CIRCLE), True),
        (png((20.5, 20.5, 100.5, 100.5)), True),
        (png((20.5, 20.5, 99.5, 99.5)), True),
        (png((23.0, 20.0, 103.0, 100.0)), False),
        (png(CIRCLE, (5, 5, 10, 10)), False),
        (png(CIRCLE, (5, 5, 6, 6)), True),
        (png(CIRCLE, ink=8), True),
        (png(CIRCLE, ink=40), False),
        (png(CIRCLE, size=121), False),
    ],
)
def test_what_a_person_sees(other: bytes, hidden: bool) -> None:
    pixels = pixel_difference(png(CIRCLE), other)
    assert below_visibility(pixels) is hidden
    assert not unseen(pixels).changed.any()


def test_half_a_pixel_changes_pixels_that_nobody_sees() -> None:
    pixels = pixel_difference(png(CIRCLE), png((20.5, 20.5, 100.5, 100.5)))
    assert pixels.changed.sum() > 100
    assert below_visibility(pixels)


def test_a_gap_is_that_to_the_nearest_color_around() -> None:
    line = np.full((9, 9, 3), 250, np.uint8)
    gone = line.copy()
    line[:, 4] = 10
    assert seen_gaps(line, gone)[:, 4].min() == 240
    assert (seen_gaps(line, np.roll(line, 1, axis=1)) == 0).all()
    assert (seen_gaps(line, np.roll(line, 2, axis=1)) > 0).sum() >= SPECK_PX


@pytest.mark.parametrize(
    ("x", "fill", "named"),
    [
        (168.3, "c04030", False),
        (175, "c04030", True),
        (168, "c3402d", False),
        (168, "2040c0", True),
    ],
)
def test_a_pair_below_visibility_has_no_label_and_no_changed_pixel(
    x: float, fill: str, named: bool
) -> None:
    with open_renderer(Modality.SVG) as renderer:
        reference = renderer.render(ICON.format(x=168, fill="c04030"), Language.SVG).drawn()
        candidate = renderer.render(ICON.format(x=x, fill=fill), Language.SVG).drawn()
    seen = compare(reference, candidate)
    assert bool(seen.discrepancies) is named
    assert bool(seen.pixels.changed.any()) is named
    assert reference[0].pixel_hash != candidate[0].pixel_hash


LINES = """import matplotlib.pyplot as plt
plt.figure(figsize=(4, 3))
plt.bar([1, 2, 3], [4, {value}, 6], color='{color}')
plt.title('{title}')
plt.savefig('x.png')
"""
PLAIN = {"value": "5", "color": "#3a86ff", "title": "3,2"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"value": "5.002", "color": "#3b88fc"}, False),
        ({"value": "5.5"}, True),
        ({"color": "#3aa6ff"}, True),
        ({"title": "3.2"}, True),
    ],
)
def test_values_and_colors_of_a_chart_are_errors_where_they_are_seen(
    change: dict[str, str], named: bool
) -> None:
    renderer = held_renderer(Modality.CHART)
    reference = renderer.render(LINES.format(**PLAIN), Language.PYTHON).drawn()
    candidate = renderer.render(LINES.format(**(PLAIN | change)), Language.PYTHON).drawn()
    seen = compare(reference, candidate)
    assert reference[0].pixel_hash != candidate[0].pixel_hash
    assert bool(seen.discrepancies) is named
    assert bool(seen.pixels.changed.any()) is named


def test_two_canvases_of_other_size_and_one_look_are_equal() -> None:
    """A tight crop, and more dots an inch, are seen by nobody."""
    code = "import matplotlib.pyplot as plt\nplt.figure(figsize=({size}))\nplt.plot([1, 3, 2])\nplt.savefig('x.png'{more})\n"
    renderer = held_renderer(Modality.CHART)
    reference, candidate, squeezed = (
        renderer.render(code.format(size=size, more=more), Language.PYTHON).drawn()
        for size, more in (("4, 3", ""), ("4, 3", ", dpi=200"), ("4, 2.2", ""))
    )
    assert candidate[0].width_px != reference[0].width_px
    assert not compare(reference, candidate).discrepancies
    told = [one.description for one in compare(reference, squeezed).discrepancies]
    assert told == ["the picture is wider for its height"]


def test_letters_are_smaller_where_only_the_reference_is_cropped_to_its_content() -> None:
    """People see both at one width, and wide blank margins. Of two cropped pictures, one is only wider for a longer label."""
    code = "import matplotlib.pyplot as plt\nplt.figure(figsize=(6, 4))\nplt.subplots_adjust(.2, .2, .8, .8)\nplt.plot([1, 3, 2])\nplt.ylabel('{label}')\nplt.savefig('x.png'{crop})\n"
    renderer = held_renderer(Modality.CHART)
    tight = ", bbox_inches='tight'"
    cropped, whole, relabeled = (
        renderer.render(code.format(label=label, crop=crop), Language.PYTHON).drawn()
        for label, crop in (("one", tight), ("one", ""), ("one" + 3 * "\\n", tight))
    )
    told = [one.description for one in compare(cropped, whole).discrepancies]
    assert "smaller for the size of the picture" in told[0], told
    assert told[1:] == ["larger blank margin on all sides"]
    assert cropped[0].width_px != relabeled[0].width_px
    told = [one.description for one in compare(cropped, relabeled).discrepancies]
    assert not any("size of the picture" in words for words in told)


def test_change_beside_all_labels_is_unexplained_at_its_place() -> None:
    """Two squares change and one is labeled: the other is where something is left unexplained."""
    before = np.full((120, 160, 3), 255, np.uint8)
    after = before.copy()
    after[20:36, 20:36] = 0
    after[80:96, 112:128] = 0
    pixels = pixel_difference(encoded(before), encoded(after))
    labeled, other = (20.0, 20.0, 36.0, 36.0), (112.0, 80.0, 128.0, 96.0)
    assert unexplained(pixels, [labeled, other]) is None
    assert unexplained(pixels, [labeled]) == other
    assert unexplained(pixels, [other]) is not None


def encoded(picture: np.ndarray) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "png")
    return data.getvalue()


@pytest.mark.parametrize(
    ("size", "expected"), [(6, ["marked by squares instead of circles"]), (2, [])]
)
def test_squares_for_circles_are_seen_by_their_corners(size: int, expected: list[str]) -> None:
    code = (
        f"import matplotlib.pyplot as plt\nplt.plot([3, 4, 6, 5, 7, 9, 8], marker='o', ms={size})"
    )
    charts = held_renderer(Modality.CHART)
    one, two = (
        charts.render(text, Language.PYTHON).drawn() for text in (code, code.replace("'o'", "'s'"))
    )
    assert [found.description for found in compare(one, two).discrepancies] == expected


def test_what_moves_with_the_names_along_an_axis_is_explained_by_them() -> None:
    """Bars by pandas have other margins than bars by matplotlib."""
    code = (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(6, 4))\n"
        "ax.bar(['North', 'South', 'East', 'West'], [12, 30, 22, 17])\nax.set_title('Sales')\n"
    )
    wrong = code.replace("'Sales'", "'Costs'") + "ax.set_xlim(-0.5, 3.5)\n"
    charts = held_renderer(Modality.CHART)
    found = compare(*(charts.render(text, Language.PYTHON).drawn() for text in (code, wrong)))
    assert [one.location for one in found.discrepancies] == ["title"]
    assert found.unexplained is None
