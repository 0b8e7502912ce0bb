"""Rewrites of icons are drawn pixel for pixel alike."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import cairosvg
import pytest

from corruptors.registry import rewrites
from corruptors.rewrite import rewritten
from records.taxonomy import Modality

REWRITES = {rewrite.name: rewrite for rewrite in rewrites(Modality.SVG)}
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

ICON = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 48 48">
  <defs><linearGradient id="f00"><stop stop-color="#8cf"/><stop offset="1" stop-color="navy"/></linearGradient>
  <circle id='dot' r="3"/></defs>
  <rect x="2" y="2" width="20.5" height="14" fill="url(#f00)" stroke="red" stroke-width="2"/>
  <path d="M30 4h9v.5l4 4-2.5.5 3 6a5 5 0 01-9 1z" style="fill:#36c;stroke:rgb(0, 0, 0)"/>
  <g fill="#f00"><polygon points="4,30 20,30,12 44"/><polyline points="26 40 30 30 34 40" fill="none" stroke="#0a0"/></g>
  <line x1="36" y1="30" x2="46" y2="44" stroke="black"></line><use xlink:href="#dot" x="40" y="24"/>
</svg>
"""


def drawn(code: str) -> bytes:
    return cairosvg.svg2png(
        bytestring=code.encode(), output_width=192, output_height=192, background_color="white"
    )


@pytest.mark.parametrize("name", sorted(REWRITES))
def test_each_rewrite_keeps_every_pixel(name: str) -> None:
    reference = drawn(ICON)
    applied = 0
    for seed in range(5):
        result = REWRITES[name](ICON, seed)
        assert result == REWRITES[name](ICON, seed)
        if result is not None:
            applied += 1
            assert result[0] != ICON
            assert drawn(result[0]) == reference, result[1]
    assert applied


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("write_style", "<svg><style>circle{fill:red}</style><circle fill='tan'/></svg>"),
        ("write_attributes", '<svg><circle style="font:9px serif" r="4"/></svg>'),
        ("write_attributes", '<svg><circle style="fill:red" fill="tan"/></svg>'),
        ("wrap_in_group", "<svg><clipPath><rect width='4' height='4'/></clipPath></svg>"),
        ("draw_as_path", '<svg><rect width="4" height="4" rx="1"/></svg>'),
        ("draw_as_path", '<svg><rect width="50%" height="4"/></svg>'),
        ("draw_as_path", '<svg><line marker-end="url(#a)" x2="4" stroke="red"/></svg>'),
        (
            "respell_colour",
            '<svg><circle fill="currentColor" stroke="rgba(0,0,0,.5)" r="4"/></svg>',
        ),
        ("respell_number", '<svg><path d="M1e2 1e1"/></svg>'),
        ("write_out_commands", '<svg><path d="M1 1h2"/></svg>'),
        ("lengthen_lines", '<svg><path d="M1 1H2V3"/></svg>'),
        ("rename_ids", "<svg><style>#a{fill:red}</style><circle id='a' r='4'/></svg>"),
        ("add_title", "<svg/>"),
        ("add_unused_definition", "<svg/>"),
        ("respace_elements", "<svg><text>a<tspan>b</tspan></text></svg>"),
    ],
)
def test_what_might_show_is_left_alone(name: str, code: str) -> None:
    result = REWRITES[name](code, 0)
    if name == "respace_elements":
        # Only the text itself may get a line break before it.
        assert result is not None
        assert "<text>a<tspan>b</tspan></text>" in result[0]
    else:
        assert result is None


def test_an_id_that_looks_like_a_color_is_renamed_as_an_id() -> None:
    code = '<svg><circle id="fff" r="4"/><use href="#fff" fill="#fff" stroke="url(#fff)"/></svg>'
    result = REWRITES["rename_ids"](code, 0)
    assert result is not None
    assert 'fill="#fff"' in result[0]
    assert result[0].count("#fff") == 1


def test_several_rewrites_together_keep_every_pixel() -> None:
    reference = drawn(ICON)
    variants = list(rewritten(ICON, rewrites(Modality.SVG), Random(2)))
    assert len({code for code, _, _ in variants}) > 4
    for code, names, _ in variants:
        assert drawn(code) == reference, names


@pytest.mark.shared
def test_real_icons_keep_every_pixel() -> None:
    path = SHARED / "unisvg" / "test.json"
    if not path.exists():
        pytest.skip("the real samples are not beside this checkout")
    for record in json.loads(path.read_text(encoding="utf-8"))[::5]:
        code = record["a_text"]
        reference = drawn(code)
        for other, names, _ in list(rewritten(code, rewrites(Modality.SVG), Random(4)))[:3]:
            assert drawn(other) == reference, (record["image_path"], names)
