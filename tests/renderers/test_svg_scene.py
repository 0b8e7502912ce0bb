"""SVG scenes: an equal look is an equal scene, and what is drawn is told with its pixels."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

import numpy as np
import pytest

from annotators.structural.svg.shapes import IconScene, IconShape
from records.taxonomy import Language
from renderers.scene import Element, Scene, SceneError
from renderers.svg.canvas import NOBODY
from renderers.svg.renderer import SvgRenderer
from renderers.svg.scene import owners, pack

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer() as renderer:
        yield renderer


def scene(svgs: SvgRenderer, body: str) -> Scene:
    return svgs.render(f"{HEAD}{body}</svg>", Language.SVG).drawn()[1]


def shapes(svgs: SvgRenderer, body: str) -> list[IconShape]:
    return IconScene.of(scene(svgs, body)).shapes


def first(svgs: SvgRenderer, body: str) -> Element:
    return scene(svgs, body).root.children[0]


RECT = '<rect x="10" y="20" width="30" height="40" fill="#ff0000" stroke="blue" stroke-width="2"/>'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RECT, f"<g>{RECT}</g>"),
        (RECT, '<path d="M10 20H40V60H10Z" fill="#f00" stroke="#00f" stroke-width="2"/>'),
        (RECT, '<path d="m10,20h30v40h-30z" fill="red" stroke="#00f" stroke-width="2"/>'),
        (
            RECT,
            '<rect width="30" height="40" transform="translate(10 20)" fill="red" stroke="blue" stroke-width="2"/>',
        ),
        (
            RECT,
            '<g transform="translate(10 20) scale(2)"><rect width="15" height="20" style="fill:red;stroke:blue;stroke-width:1"/></g>',
        ),
        (
            RECT,
            "<style>.a{fill:rgb(255,0,0);stroke:#0000ff;stroke-width:2px}</style>"
            '<rect class="a" x="10" y="20" width="30" height="40"/>',
        ),
        (RECT, f'<g color="red">{RECT.replace("#ff0000", "currentColor")}</g>'),
        (RECT, f'<defs><g id="a">{RECT}</g></defs><use xlink:href="#a"/>'),
        (
            '<rect width="50" height="50" fill="red" opacity=".5"/>',
            '<g opacity=".5"><rect width="50" height="50" fill="red"/></g>',
        ),
        (
            '<rect width="50" height="50" fill="red" opacity=".5"/>',
            '<rect width="50" height="50" fill="red" fill-opacity=".5"/>',
        ),
        (
            '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>'
            '<rect x="10" y="10" width="50" height="20" fill="url(#g)"/>',
            '<linearGradient id="h" gradientUnits="userSpaceOnUse" x1="10" x2="60" y1="10" y2="10">'
            '<stop stop-color="#f00"/><stop offset="100%" stop-color="#00f"/></linearGradient>'
            '<rect x="10" y="10" width="50" height="20" fill="url(#h)"/>',
        ),
    ],
)
def test_an_equal_look_is_an_equal_shape(svgs: SvgRenderer, one: str, other: str) -> None:
    (shape,), (twin,) = shapes(svgs, one), shapes(svgs, other)
    assert shape.key == twin.key
    assert shape.box == twin.box


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RECT, RECT.replace("#ff0000", "#ee0000")),
        (RECT, RECT.replace('"30"', '"31"')),
        (RECT, RECT.replace('stroke-width="2"', 'stroke-width="2.5"')),
        (RECT, RECT.replace("/>", ' stroke-dasharray="3"/>')),
        (RECT, RECT.replace("/>", ' stroke-linejoin="round"/>')),
        (RECT, RECT.replace("/>", ' opacity=".9"/>')),
        ("<text y='50'>A</text>", "<text y='50'>B</text>"),
        ("<text y='50'>A</text>", "<text y='60'>A</text>"),
        ("<text y='50'>A</text>", "<text y='50' font-weight='bold'>A</text>"),
    ],
)
def test_another_look_is_another_shape(svgs: SvgRenderer, one: str, other: str) -> None:
    assert shapes(svgs, one)[0].key != shapes(svgs, other)[0].key


def test_a_shape_is_told_in_pixels_of_the_picture(svgs: SvgRenderer) -> None:
    element = first(svgs, '<rect x="25" y="50" width="50" height="25" fill="red"/>')
    assert element.role == "rect"
    assert element.box == (84.0, 168.0, 252.0, 252.0)
    assert element.data["area"] == 168 * 84
    assert element.style["fill"] == "#ff0000ff"
    assert element.style["stroke"] == "none"


def test_a_stroke_is_measured_in_pixels(svgs: SvgRenderer) -> None:
    element = first(
        svgs,
        '<g transform="scale(2)"><path d="M5 5h30" fill="none" stroke="red" stroke-width="3" '
        'stroke-dasharray="4 2" stroke-linecap="round"/></g>',
    )
    assert element.style["stroke_width"] == pytest.approx(6 * 3.36)
    assert element.style["dash"] == pytest.approx([8 * 3.36, 4 * 3.36])
    assert element.style["cap"] == "round"


def test_a_covered_shape_has_no_box(svgs: SvgRenderer) -> None:
    below, above = scene(
        svgs,
        '<circle cx="30" cy="30" r="9" fill="red"/><rect width="80" height="80" fill="blue"/>',
    ).root.children
    assert below.box is None
    assert below.data["area"] == 0
    assert above.box is not None


def test_a_clip_cuts_what_a_shape_owns(svgs: SvgRenderer) -> None:
    body = (
        '<clipPath id="c"><rect width="50" height="100"/></clipPath>'
        '<rect width="100" height="50" fill="red" clip-path="url(#c)"/>'
    )
    element = first(svgs, body)
    assert element.box == (0.0, 0.0, 168.0, 168.0)
    assert element.data["clip"]


def test_a_mask_cuts_what_a_shape_owns(svgs: SvgRenderer) -> None:
    body = (
        '<mask id="m" maskUnits="userSpaceOnUse" x="0" y="0" width="100" height="100">'
        '<rect width="50" height="100" fill="white"/></mask>'
        '<rect width="100" height="50" fill="red" mask="url(#m)"/>'
    )
    element = first(svgs, body)
    assert element.style["masked"] is True
    assert element.box is not None
    assert element.box[2] <= 170


def test_a_text_has_words_font_and_place(svgs: SvgRenderer) -> None:
    element = first(
        svgs,
        '<text x="50" y="50" font-size="20" font-weight="bold" text-anchor="middle" fill="#123456">Hi you</text>',
    )
    assert (element.role, element.text) == ("text", "Hi you")
    assert element.style["font_size"] == pytest.approx(20 * 3.36)
    assert element.style["bold"] is True
    assert element.style["anchor"] == "middle"
    assert element.style["fill"] == "#123456ff"
    extent = element.data["extent"]
    assert isinstance(extent, list)
    assert extent[0] < 168 < extent[2]


def test_markers_and_uses_are_shapes_of_their_own(svgs: SvgRenderer) -> None:
    body = (
        '<marker id="m" markerWidth="9" markerHeight="9" refX="4"><circle cx="4" cy="4" r="4"/></marker>'
        '<path d="M10 10h40h40" stroke="red" fill="none" marker-mid="url(#m)"/>'
        '<circle id="a" cx="20" cy="60" r="9"/><use xlink:href="#a" x="30"/>'
    )
    elements = scene(svgs, body).root.children
    assert [element.role for element in elements].count("circle") == 3
    assert [str(element.data.get("symbol", "")) for element in elements][-1] == "a#1"


def test_the_map_of_owners_names_the_topmost_paint(svgs: SvgRenderer) -> None:
    found = scene(
        svgs,
        '<rect width="60" height="60" fill="red"/><rect x="40" y="40" width="60" height="60" fill="lime"/>',
    )
    owner = owners(found)
    assert owner[10, 10] == 0
    assert owner[180, 180] == 1
    assert owner[10, 330] == NOBODY


def test_the_map_of_owners_names_hundreds_of_shapes(svgs: SvgRenderer) -> None:
    body = "".join(
        f'<rect x="{at % 20 * 5}" y="{at // 20 * 5}" width="4" height="4" fill="red"/>'
        for at in range(400)
    )
    found = scene(svgs, body)
    assert len(np.unique(owners(found))) == 401


@pytest.mark.parametrize(
    "packed",
    [
        None,
        "",
        "!!!!",
        "AAAA",
        base64.b64encode(zlib.compress(bytes(3))).decode(),
        base64.b64encode(zlib.compress(bytes(2**20))).decode(),
        pack(np.zeros((9, 9), np.uint16)),
        pack(np.full((336, 336), 7, np.uint16)),
    ],
)
def test_a_damaged_map_of_owners_is_refused(svgs: SvgRenderer, packed: str | None) -> None:
    good = scene(svgs, RECT)
    root = Element("svg", good.root.box, data={"owners": packed}, children=good.root.children)
    with pytest.raises(SceneError):
        owners(Scene(good.modality, good.width_px, good.height_px, root))
