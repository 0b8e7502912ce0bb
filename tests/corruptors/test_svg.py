"""Before and after of the SVG corruptions; an empty list means that it does not apply."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from corruptors.corruption import Corruption
from corruptors.registry import corruptions
from corruptors.svg.program.svg_program import SvgProgram
from records.edits import apply, inverse
from records.errors import CodeParseError
from records.taxonomy import Modality, SvgCategory

CORRUPTIONS = {corruption.name: corruption for corruption in corruptions(Modality.SVG)}
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def results(name: str, code: str) -> list[str]:
    """The code after each mutation that is proposed."""
    program = SvgProgram.parse(code)
    proposed = CORRUPTIONS[name].propose(program, Random(0))
    return [apply(code, mutation.edits) for mutation in proposed]


def icon(content: str, attributes: str = "") -> str:
    return f'<svg viewBox="0 0 24 24"{attributes}>{content}</svg>'


RED = '<circle cx="9" cy="9" r="6" fill="red"/>'
BLUE = '<rect x="4" y="4" width="9" height="9" fill="#00f"/>'


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("drop_shape", icon(RED), []),
        ("drop_shape", icon(RED + BLUE), [icon(BLUE), icon(RED)]),
        ("drop_shape", icon('<path stroke="none" fill="none" d="M0 0h24v24H0z"/>' + RED), []),
        ("drop_shape", icon("<defs>" + BLUE + "</defs>" + RED), []),
        ("drop_group", icon(f"<g>{RED}{BLUE}</g>"), []),
        ("drop_group", icon(f"<g>{RED}{BLUE}</g>{BLUE}"), [icon(BLUE)]),
        ("drop_half", icon(RED * 5), []),
        ("swap_paint_order", icon(RED + BLUE), [icon(BLUE + RED)]),
        ("swap_paint_order", icon(RED + RED), []),
        ("swap_paint_order", icon(RED + '<rect x="20" y="20" width="3" height="3"/>'), []),
        ("send_to_back", icon(RED + BLUE), []),
        ("lose_group_paint", icon(f"<g>{RED}</g>"), []),
        ("lose_group_paint", icon(f'<g fill="red" mask="url(#a)">{BLUE}</g>'), []),
        (
            "lose_group_paint",
            icon(f'<g fill="red" transform="scale(2)">{BLUE}</g>'),
            [icon(f'<g transform="scale(2)">{BLUE}</g><g fill="red" transform="scale(2)"></g>')],
        ),
        (
            "lose_group_paint",
            icon(f'<g opacity=".5">{RED}{BLUE}</g>'),
            [icon(f'{RED}<g opacity=".5">{BLUE}</g>'), icon(f'<g opacity=".5">{RED}</g>{BLUE}')],
        ),
        ("drop_group_transform", icon(f'<g transform="scale(2)">{RED}</g>'), []),
        (
            "drop_group_transform",
            icon(f'<g transform="scale(2)">{RED}{BLUE}</g>'),
            [icon(f"<g>{RED}{BLUE}</g>")],
        ),
        ("drop_group", icon(f"<g><text>a</text><text>b</text></g>{RED}"), []),
        ("move_shape", icon('<use href="#a"/><symbol id="a"/>'), []),
        ("move_group", icon(f"<g>{RED}</g>"), []),
        ("rotate_shape", icon(RED), []),
        ("mirror_shape", icon('<path d="M4 4h9v9H4z"/>'), []),
        ("drop_transform", icon(RED), []),
        ("change_radius", icon(BLUE), []),
        ("change_corner_radius", icon(RED), []),
        ("move_line_end", icon(BLUE), []),
        ("drop_polygon_point", icon('<polygon points="0 0 9 0 9 9"/>'), []),
        (
            "drop_polygon_point",
            icon('<polyline fill="red" points="0,0 9,0,9 9"/>'),
            [
                icon('<polyline fill="red" points="9,0,9 9"/>'),
                icon('<polyline fill="red" points="0,0,9 9"/>'),
                icon('<polyline fill="red" points="0,0 9,0"/>'),
            ],
        ),
        ("straighten_curve", icon('<path d="M0 0h9v9z"/>'), []),
        (
            "straighten_curve",
            icon('<path d="M2 2c0 9 9 9 9 0 0-9 9-9 9 0"/>'),
            [
                icon('<path d="M2 2l9 0c 0-9 9-9 9 0"/>'),
                icon('<path d="M2 2c0 9 9 9 9 0 l9 0"/>'),
            ],
        ),
        ("flip_arc", icon('<path d="M2 2h9v9z"/>'), []),
        (
            "flip_arc",
            icon('<path d="M2 2a9 9 0 0112 3"/>'),
            [icon('<path d="M2 2a9 9 0 0012 3"/>'), icon('<path d="M2 2a9 9 0 1112 3"/>')],
        ),
        (
            "flip_arc",
            icon('<path d="M2 2a6 6 0 0112 0"/>'),
            [icon('<path d="M2 2a6 6 0 0012 0"/>')],
        ),
        (
            "straighten_outline",
            icon('<path d="M2 2c0 9 9 9 9 0 0-9 9-9 9 0v4"/>'),
            [icon('<path d="M2 2l9 0 l9 0v4"/>')],
        ),
        ("truncate_path", icon('<path d="M2 2h9v9z"/>'), []),
        ("drop_segment", icon('<path d="M2 2h9"/>'), []),
        ("drop_subpath", icon('<path d="M2 2h9v9z"/>'), []),
        ("drop_subpath", icon('<path d="M2 2h9v9zm0 0"/>'), []),
        (
            "drop_subpath",
            icon('<path d="M2 2h9v9zm5 5 4 4v4z"/>'),
            [icon('<path d="M7 7l 4 4v4z"/>'), icon('<path d="M2 2h9v9z"/>')],
        ),
        ("drop_fill", icon(RED), [icon('<circle cx="9" cy="9" r="6"/>')]),
        ("drop_fill", icon('<circle r="6" fill="#000"/>'), []),
        ("fill_outline", icon('<path fill="none" stroke="red" d="M2 2h9"/>'), []),
        ("hollow_shape", icon('<circle r="6" fill="none" stroke="red"/>'), []),
        ("change_fill", icon('<circle r="6" fill="none" stroke="red"/>'), []),
        ("change_fill_rule", icon('<path d="M2 2h9v9zM20 20h2v2z"/>'), []),
        ("drop_clip", icon(RED), []),
        ("change_gradient_stop", icon('<linearGradient id="a"><stop/></linearGradient>' + RED), []),
        ("flatten_gradient", icon(RED), []),
        ("change_stroke", icon(RED), []),
        ("change_stroke_width", icon(RED), []),
        ("drop_stroke", icon('<line stroke="red" x2="9" y2="3"/>'), []),
        ("add_stroke", icon('<circle r="6" stroke="red"/>'), []),
        ("drop_dashes", icon('<circle r="6" stroke="red"/>'), []),
        ("add_dashes", icon('<circle r="6" stroke="red" stroke-dasharray="2"/>'), []),
        ("change_line_cap", icon('<circle r="6" stroke="red" stroke-width="3"/>'), []),
        ("change_line_join", icon('<circle r="6" stroke="red" stroke-width="3"/>'), []),
        ("misspell_text", icon("<text>A</text>"), []),
        ("misspell_text", icon("<text>&lt;&gt;</text>"), []),
        ("confuse_characters", icon("<text>X</text>"), []),
        ("drop_text_element", icon("<text>A</text>"), []),
        ("drop_symbol", icon(RED), []),
        ("replace_symbol", icon('<circle id="a" r="9"/><use href="#a"/>'), []),
        ("move_symbol", icon('<use href="#missing"/>'), []),
    ],
)
def test_before_and_after(name: str, before: str, after: list[str]) -> None:
    assert results(name, before) == after


@pytest.mark.parametrize(
    ("element", "style", "expected"),
    [
        ('<circle fill="red"/>', "", '<circle fill="blue"/>'),
        ("<circle/>", "", '<circle fill="blue"/>'),
        ('<circle style="fill:red;r:4"/>', "", '<circle style="fill:blue;r:4"/>'),
        ('<circle style="r:4"/>', "", '<circle style="r:4;fill:blue"/>'),
        ('<circle class="a"/>', ".a{fill:red}", '<circle style="fill:blue" class="a"/>'),
        ('<circle style="fill:red" fill="tan"/>', "", '<circle style="fill:blue" fill="tan"/>'),
    ],
)
def test_a_property_is_set_where_it_counts(element: str, style: str, expected: str) -> None:
    code = icon((f"<style>{style}</style>" if style else "") + element)
    program = SvgProgram.parse(code)
    edit = program.set(next(program.named("circle")), "fill", "blue")
    assert expected in apply(code, [edit])
    changed = SvgProgram.parse(apply(code, [edit]))
    assert changed.value(next(changed.named("circle")), "fill") == "blue"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (icon('<g fill="red"><circle/></g>'), "red"),
        (icon('<g fill="red"><circle fill="inherit"/></g>'), "red"),
        (icon("<style>circle{fill:red}</style><circle fill='tan'/>"), "red"),
        (icon("<style>.a{fill:tan}#b{fill:red}</style><circle class='a' id='b'/>"), "red"),
        (
            icon("<style>/*.a{fill:tan}*/.a,.c{fill:red!important}</style><circle class='c'/>"),
            "red",
        ),
        (icon("<style>g > .a{fill:tan}</style><circle class='a'/>"), "black"),
        (icon("<style><![CDATA[.a{fill:red}]]></style><circle class='a'/>"), "red"),
    ],
)
def test_a_property_takes_effect_as_css_says(code: str, value: str) -> None:
    program = SvgProgram.parse(code)
    assert program.value(next(program.named("circle")), "fill") == value


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("<svg><g></svg>", "not_xml"),
        ("not xml", "not_xml"),
        ("", "not_xml"),
        ("<html/>", "not_svg"),
        ("<svg>&undefined;</svg>", "not_xml"),
    ],
)
def test_what_is_no_svg_is_refused(code: str, reason: str) -> None:
    with pytest.raises(CodeParseError) as caught:
        SvgProgram.parse(code)
    assert caught.value.reason == reason


def test_lengths_in_any_unit_and_boxes_under_transforms() -> None:
    program = SvgProgram.parse(
        icon('<g transform="translate(2 2)scale(2)"><rect x="1" width="50%" height="1in"/></g>')
    )
    shape = program.shapes[0]
    assert program.bounds(shape) == (1, 0, 12, 96)
    assert program.box(shape) == (4, 2, 24, 192)


def test_the_catalog_covers_every_category() -> None:
    names = [corruption.name for corruption in corruptions(Modality.SVG)]
    assert len(set(names)) == len(names) >= 20
    assert {corruption.category for corruption in corruptions(Modality.SVG)} == set(SvgCategory)


RICH = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     width="120" height="120" viewBox="0 0 120 120">
  <style type="text/css">.line{fill:none;stroke:#036;stroke-width:4}</style>
  <defs>
    <linearGradient id="sky"><stop offset="0" stop-color="#8cf"/><stop offset="1" style="stop-color:navy"/></linearGradient>
    <clipPath id="frame"><rect width="120" height="120" rx="9"/></clipPath>
    <path id="star" d="M5 0 6.5 3.5 10 4 7.5 6.5 8 10 5 8.2 2 10l.5-3.5L0 4l3.5-.5z"/>
    <g id="dot"><circle r="4"/><rect width="2" height="2" fill="#fff"/></g>
  </defs>
  <g clip-path="url(#frame)">
    <rect width="120" height="120" fill='url(#sky)'/>
    <g fill="rgb(20, 160, 60)" transform="translate(0 20) scale(1.2)">
      <path d="M0 80c10-30 30-30 40 0s30 30 60 0v40H0zm10 5h20v9H10z" fill-rule="evenodd"/>
      <polygon points="60,20 80,60 40,60" transform="rotate(10 60 40)"/>
    </g>
    <ellipse cx="90" cy="25" rx="15" ry="12" fill="#FFD700" stroke="currentColor" stroke-width="1.5"/>
    <path class="line" d="M10 40a12 12 0 0124 0 8 8 0 1 1 16-4" stroke-dasharray="6 3"/>
    <polyline class="line" points="60 90 75 100,90 85 110 105" stroke-linejoin="round" stroke-linecap="round"/>
    <line x1="5" y1="5" x2="40" y2="15" style="stroke:#c00; stroke-width: 3px" opacity=".9"/>
    <rect x="70" y="60" width="20" height="14" rx="3" fill="tomato"/>
    <use xlink:href="#star" x="20" y="10" fill="#fff"/><use href="#dot" x="100" y="60"/>
    <text x="60" y="114" font-size="10" text-anchor="middle">Park &amp; Ride 50</text>
  </g>
</svg>
"""


def check_contract(code: str, seeds: tuple[int, ...]) -> list[str]:
    """Each corruption parses, changes, repeats, undoes and says where; the names that apply."""
    applied = []
    for corruption in corruptions(Modality.SVG):
        for seed in seeds:
            result = corruption(code, seed)
            assert result == corruption(code, seed), corruption
            if result is None:
                break
            changed, mutation = result
            assert changed != code, corruption
            assert mutation.location and mutation.description, corruption
            assert apply(changed, inverse(code, mutation.edits)) == code, corruption
            SvgProgram.parse(changed)
        else:
            applied.append(corruption.name)
    return applied


def test_every_mutation_of_a_rich_icon_keeps_the_contract() -> None:
    applied = check_contract(RICH, seeds=(1, 2, 3))
    assert set(CORRUPTIONS) - set(applied) <= {"change_fill_rule", "extend_pattern", "move_subpath"}


@pytest.mark.parametrize("corruption", corruptions(Modality.SVG), ids=lambda one: one.name)
def test_a_docstring_shows_what_one_sees(corruption: Corruption[Any]) -> None:
    text = corruption.__doc__ or ""
    for part in ("Example:", f">>> {corruption.name}("):
        assert part in text or (part.startswith(">>>") and f"{corruption.name}(" in text)


@pytest.mark.shared
def test_real_icons_can_go_wrong_in_many_ways() -> None:
    path = SHARED / "unisvg" / "test.json"
    if not path.exists():
        pytest.skip("the real samples are not beside this checkout")
    for record in json.loads(path.read_text(encoding="utf-8"))[::2]:
        assert len(check_contract(record["a_text"], seeds=(1,))) >= 12, record["image_path"]
