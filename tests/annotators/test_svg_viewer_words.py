"""Icons in a viewer's words: paints, forms and places, whoever wrote the drawing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotators.structural import compare
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]

SHADED = '<rect x="10" y="10" width="80" height="80" fill="url(#g)"/>'
FADING = (
    '<defs><linearGradient id="g" x1="0" x2="1"><stop offset="0" stop-color="#ff0"/>'
    '<stop offset="1" stop-color="#00f"/></linearGradient></defs>' + SHADED
)
RING = (
    '<path fill-rule="evenodd" fill="#444" d="M50 10a40 40 0 1 0 .1 0zM50 30a20 20 0 1 1 -.1 0z"/>'
)
DASHED = '<path d="M10 50h80" stroke="#333" stroke-width="4" stroke-dasharray="4 4"/>'


@pytest.mark.parametrize(
    ("reference", "candidate", "expected"),
    [
        (
            FADING,
            FADING.replace("#ff0", "#1").replace("#00f", "#ff0").replace("#1", "#00f"),
            ("style_error", 2, "has its gradient reversed"),
        ),
        (
            FADING,
            FADING.replace('x2="1"', 'x2="0" y2="1"'),
            ("style_error", 2, "has a gradient from top to bottom instead of from left to right"),
        ),
        (
            FADING,
            FADING.replace("#ff0", "#1").replace("#00f", "#ff0").replace("#1", "#00f")
            .replace('x1="0" x2="1"', 'x1="1" x2="0"').replace('width="80"', 'width="70"'),
            ("shape_error", 2, "12 % narrower"),
        ),
        (
            FADING,
            FADING.replace("url(#g)", "#808080"),
            ("style_error", 2, "has plain gray as fill instead of a linear gradient"),
        ),
        (
            RING,
            '<circle cx="50" cy="50" r="40" fill="#444"/>',
            ("shape_error", 2, "drawn without the opening in it"),
        ),
        (
            RING,
            RING.replace("M50 30a20 20", "M50 20a30 30"),
            ("shape_error", 2, "has an opening that is 50 % larger"),
        ),
        (
            '<path d="M20 20L80 50L20 80z"/>',
            '<path d="M20 20L50 80L80 20z"/>',
            ("shape_error", 2, "turned by 90° clockwise"),
        ),
        (DASHED, DASHED.replace("4 4", "9 9"), ("style_error", 1, "has longer dashes")),
        (
            DASHED,
            DASHED.replace("<path", '<path stroke-linecap="square"'),
            ("style_error", 1, "has square line ends instead of flat ones"),
        ),
        (
            '<path d="M20 20H80M20 50H60" stroke="#333" stroke-width="4"/>' + RING,
            '<path d="M20 20H80M20 50H60" fill="#333"/>' + RING,
            ("structure_error", 2, "missing"),
        ),
        (
            '<circle cx="50" cy="50" r="30" fill="#00f"/>',
            '<rect width="100" height="100" fill="#ffe"/><circle cx="50" cy="50" r="30" fill="#00f"/>',
            ("structure_error", 1, "extra"),
        ),
        (
            '<circle cx="50" cy="50" r="30" fill="#00f"/>',
            '<rect width="100" height="100"/><circle cx="50" cy="50" r="30" fill="#00f"/>',
            ("structure_error", 3, "extra"),
        ),
    ],
)  # fmt: skip
def test_a_paint_or_form_is_said_as_a_viewer_sees_it(
    draw: Callable[[str], Drawn], reference: str, candidate: str, expected: tuple[str, int, str]
) -> None:
    (found,) = compare(draw(reference), draw(candidate)).discrepancies
    assert (found.category, found.severity, found.description) == expected


STRIPES = (
    '<rect width="90" height="20" y="20" x="5" fill="#c12"/><rect width="90" height="20" y="40" '
    'x="5" fill="#fff"/><rect width="90" height="20" y="60" x="5" fill="#05a"/>'
)
FACE = (
    '<circle cx="50" cy="50" r="40" fill="#ffd23f"/><circle cx="36" cy="42" r="5" fill="#333"/>'
    '<circle cx="64" cy="42" r="5" fill="#333"/>'
    '<path d="{}" fill="none" stroke="#333" stroke-width="5" stroke-linecap="round"/>'
)
SMILE, FROWN = "M32 60Q50 78 68 60", "M32 72C38 60 62 60 68 72"
HEART = "M50 85L18 50A20 20 0 0 1 50 27A20 20 0 0 1 82 50Z"
LINES = 'fill="none" stroke="#333" stroke-width="6" stroke-linejoin="round"'
DIAMONDS = "M30 20L18 40L30 60L42 40z", "M66 20L54 40L66 60L78 40z", "M48 46L36 66L48 86L60 66z"
LEAVES = ("#36c5f0", 25, 25), ("#2eb67d", 75, 25), ("#e01e5a", 25, 75), ("#ecb22e", 75, 75)
PILL = "M10 50A20 20 0 0 1 30 30H70A20 20 0 0 1 70 70H30A20 20 0 0 1 10 50Z"


@pytest.mark.parametrize(
    ("reference", "candidate", "expected"),
    [
        pytest.param(
            STRIPES,
            '<path d="M5 20h90v30H5z" fill="#c12"/><path d="M5 60h90v20H5z" fill="#05a"/>',
            ("red rectangle at top", "50 % taller"),
            id="white on white is not missing",
        ),
        pytest.param(
            FACE.format(SMILE),
            FACE.format(FROWN).replace("<circle", "<ellipse").replace(' r="40"', ' rx="40" ry="40"')
            .replace(' r="5"', ' rx="5" ry="5"'),
            ("dark gray curve at bottom", "turned upside down"),
            id="a smile that is a frown",
        ),
        pytest.param(
            f'<path d="{HEART}" {LINES}/>',
            f'<path d="{HEART}" {LINES.replace("none", "#d33")}/>',
            ("dark gray shape at center", "filled red instead of empty"),
            id="a heart that is filled",
        ),
        pytest.param(
            f'<path d="M15 25H85V75H15Z" {LINES}/><path d="M15 25L50 55L85 25" {LINES}/>',
            f'<g {LINES}><path d="M15 75L50 45L85 75"/><path d="M15 25H85V75H15Z"/></g>',
            ("dark gray curve at center", "turned upside down and moved 67 px down"),
            id="a flap at the other edge",
        ),
        pytest.param(
            f'<path d="M50 85V15" {LINES}/><path d="M25 40L50 15L75 40" {LINES}/>',
            f'<g {LINES}><path d="M25 40L50 15"/><path d="M50 85V15"/></g>',
            ("dark gray curve at top", "reaches less far right"),
            id="an arrow with half a head",
        ),
        pytest.param(
            '<path d="M60 15A36 36 0 1 0 85 62A28 28 0 0 1 60 15Z" fill="#446"/>',
            '<circle cx="49" cy="50" r="36" fill="#446"/>',
            ("dark blue shape at center", "drawn as a circle"),
            id="a full moon",
        ),
        pytest.param(
            f'<path d="{PILL}" fill="#2a7"/>',
            '<path d="M10 30H90V70H10Z" fill="#2a7"/>',
            ("green shape at center", "has sharper corners"),
            id="a pill that is a rectangle",
        ),
        pytest.param(
            f'<path d="{"".join(DIAMONDS)}" fill="#190"/>',
            "".join(
                f'<path d="{one}" fill="{color}"/>'
                for one, color in zip(DIAMONDS, ("#190", "#d22", "#190"), strict=True)
            ),
            ("green polygon at right", "filled red instead of green"),
            id="diamonds whose boxes meet are parts of their own",
        ),
        pytest.param(
            '<g fill-rule="evenodd"><path fill="#fe0" d="M10 10H90V90H10z"/>'
            '<circle cx="50" cy="50" r="30" fill="#190"/></g>',
            '<path fill="#fe0" d="M10 10H90V90H10z"/><circle cx="50" cy="50" r="20" fill="#190"/>',
            ("green circle at center", "33 % smaller"),
            id="a fill rule without holes",
        ),
        pytest.param(
            "".join(
                f'<path fill="{color}" d="M{x - 18} {y}a18 18 0 1 1 18 18h-18z"/>'
                for color, x, y in LEAVES
            ),
            "".join(
                f'<path fill="{color}" d="M{x - 16} {y}A16 16 0 1 1 {x} {y + 16}H{x - 16}Z"/>'
                for color, x, y in LEAVES
            ),
            ("4 shapes", "10 % smaller"),
            id="parts of four colors that are smaller",
        ),
        pytest.param(
            '<g fill="none" stroke="#222" stroke-width="8"><circle cx="25" cy="50" r="14"/>'
            '<circle cx="75" cy="50" r="14"/><path d="M39 50H61"/></g>',
            '<path fill="#222" fill-rule="evenodd" d="M25 32a18 18 0 0 1 17 14h16a18 18 0 1 1 0 8'
            'H42A18 18 0 1 1 25 32zM25 38.5a11.5 11.5 0 1 0 .1 0zM75 38.5a11.5 11.5 0 1 0 .1 0z"/>',
            ("two openings at center", "14 % larger"),
            id="openings are no lines",
        ),
        pytest.param(
            '<path d="M10 10H45V90H10zM55 10H90V90H55z" fill="#124"/>',
            '<path d="M10 10H90V90H10z" fill="#124"/><path d="M43 10H57V90H43z" fill="#fff"/>',
            ("two dark blue rectangles at center", "stand 7 px farther apart"),
            id="a gap that is painted white",
        ),
    ],
)  # fmt: skip
def test_a_drawing_by_another_author_is_said_as_a_viewer_sees_it(
    draw: Callable[[str], Drawn], reference: str, candidate: str, expected: tuple[str, str]
) -> None:
    (found,) = compare(draw(reference), draw(candidate)).discrepancies
    assert (found.location, found.description) == expected
