"""One change that many cells share, and looks that many cells lost: a label each, in a person's words."""

from __future__ import annotations

import pytest

from annotators.structural import compare
from annotators.structural.severity import of_text_change
from records.taxonomy import Language
from renderers.table.renderer import TableRenderer

pytestmark = pytest.mark.chromium

CELL = "padding:6px 14px;border-bottom:1px solid #ccc"
STYLED = (
    '<table style="font-family:Arial, serif"><tr style="background:#1f4e79;color:white">'
    f'<th style="{CELL}">Plan</th><th style="{CELL}">Price</th><th style="{CELL}">Users</th></tr>'
    "<tr><td>Free</td><td>$0</td><td>1</td></tr>"
    '<tr style="background:#ddebf7"><td>Pro</td><td>$12</td><td>10</td></tr>'
    "<tr><td>Team</td><td>$49</td><td>unlimited</td></tr></table>"
)
PLAIN = (
    "<table><tr><th>Plan</th><th>Price</th><th>Users</th></tr><tr><td>Free</td><td>$0</td><td>1</td></tr>"
    "<tr><td>Pro</td><td>$12</td><td>10</td></tr><tr><td>Team</td><td>$49</td><td>unlimited</td></tr></table>"
)
METHODS = "<table><tr><th>Method</th><th>AP</th></tr>" + "".join(
    f"<tr><td>{name}</td><td>{score}</td></tr>"
    for name, score in (("Fast R-CNN [12]", 37), ("Mask R-CNN [13]", 38), ("Cascade [3]", 40))
) + "</table>"  # fmt: skip
ASKED = "<table><tr><td>Fever</td><td>☑</td><td>☐</td></tr><tr><td>Cough</td><td>☐</td><td>☑</td></tr></table>"
BOOKS = (
    "<table><tr><td>Sales</td><td>1,482.6</td></tr><tr><td>Costs</td><td>(702.1)</td></tr></table>"
)
WEEK = (
    "<table><tr><th>Time</th><th>Mon</th><th>Tue</th><th>Wed</th></tr><tr><td>8:00</td><td rowspan=2>Math</td>"
    "<td>Art</td><td rowspan=2>Math</td></tr><tr><td>9:00</td><td>Music</td></tr></table>"
)
FACTS = (
    "<table><tr><th colspan=2>Nutrition Facts</th></tr><tr><td colspan=2>8 servings</td></tr><tr><td><b>Serving size</b>"
    "</td><td><b>55 g</b></td></tr><tr><td>Sodium 160 mg</td><td>7 %</td></tr></table>"
)
ITEMS = "<table><tr><td>Plan</td><td>Two suppliers; weekly calls with both; a stock of 6 weeks</td></tr></table>"

SCORES = (
    '<table><tr><th>Name</th><th>Score</th></tr><tr><td>Alice</td><td style="background:#fcc">12</td></tr>'
    "<tr><td style='color:#c00'>Eve</td><td>10</td></tr><tr><td>Bob</td><td>14</td></tr></table>"
)

FREE, PRO = "<tr><td>Free</td><td>0</td></tr>", "<tr><td>Pro</td><td>12</td></tr>"
LINED = (
    "<style>td{border-bottom:1px solid #ccc}.all{border-top:3px solid #00f}</style><table><tr><th>Plan</th><th>Price</th></tr>"
    + FREE + PRO + "<tr style='font-weight:bold'><td class=all>All</td><td class=all>24</td></tr></table>"
)  # fmt: skip

PHONE = "<table><tr><td>Name</td><td>Ann</td></tr><tr><td>Phone</td><td>(555) 010-9920</td></tr></table>"
NOTE = "<table><tr><td>Notes</td><td>Use the side door.<br>Call first.</td></tr></table>"
MODELS = "<table><tr><th>FLOPs</th><th>Top-1</th></tr>" + "".join(
    f"<tr><td>{size}×10<sup>9</sup></td><td>{score}±0.2</td></tr>"
    for size, score in (("4.1", "76.1"), ("17.6", "77.9"), ("3.2", "79.4"))
) + "</table>"  # fmt: skip
TWO_LEVELS = "<th rowspan=2>项目</th><th colspan=2>2023年</th></tr><tr><th>金额</th><th>占比</th>"
YEARS = (
    f"<table><tr>{TWO_LEVELS}</tr><tr><td>净利润</td><td>2,100.57</td><td>17.01%</td></tr></table>"
)

ITEM = "<table><tr><th>Item</th><th>2021</th></tr><tr><td>&nbsp;&nbsp;&nbsp;Cash</td><td>1,200</td></tr></table>"

DRUGS = "<table><tr><th>Drug</th><th>n</th><th>Response (%)</th></tr>" + "".join(
    f"<tr><td>{name}</td><td>{n}</td><td>{share}</td></tr>"
    for name, n, share in (("A", 52, 43.2), ("B", 50, 51.7), ("Placebo", 49, 22.5))
) + "</table>"  # fmt: skip
DRUGS_JOINED = "<table><tr><th>Drug</th><th>n (Response, %)</th></tr>" + "".join(
    f"<tr><td>{name}</td><td>{n} ({share})</td></tr>"
    for name, n, share in (("A", 52, 43.2), ("B", 50, 51.7), ("Placebo", 49, 22.5))
) + "</table>"  # fmt: skip

GOODS = (
    "<table><tr><th>Type</th><th>Item</th></tr><tr><td rowspan=3>Fruit</td><td>Apple</td></tr><tr><td>Pear</td></tr>"
    "<tr><td>Plum</td></tr><tr><td rowspan=2>Nuts</td><td>Walnut</td></tr><tr><td>Almond</td></tr></table>"
)
SPLITS = (
    "<table><tr><th rowspan=2>Model</th><th colspan=2>Dev</th><th colspan=2>Test</th></tr><tr><th>P</th><th>R</th><th>P</th>"
    "<th>R</th></tr><tr><td>Base</td><td>71.2</td><td>69.8</td><td>70.1</td><td>68.3</td></tr></table>"
)
YIELDS = "<table><tr><th>Site</th><th>Old</th><th>New</th></tr>" + "".join(
    f"<tr><td>Field {name}</td><td>1{at}</td><td>2{at}</td></tr>" for at, name in enumerate("ABCD", 1)
) + "</table>"  # fmt: skip
INNER = "<table><tr><td>Ann</td><td>40</td></tr><tr><td>Bo</td><td>35</td></tr></table>"
STAFF = f"<table><tr><td>Labs</td><td>{INNER}</td></tr><tr><td>Ops</td><td>none</td></tr></table>"
POWER = (
    "<table><tr><td>Laser</td><td>5 mW</td></tr><tr><td>Trial</td><td>p &lt; 0.05</td></tr></table>"
)


def labels(tables: TableRenderer, reference: str, candidate: str) -> list[tuple[str, int, str]]:
    drawn = (tables.render(code, Language.HTML).drawn() for code in (reference, candidate))
    found = compare(*drawn).discrepancies
    return [(one.location, int(one.severity), one.description) for one in found]


def test_lost_style_sheets_are_told_row_by_row(tables: TableRenderer) -> None:
    """The header's look is told of the header only, and one font under two names is no difference."""
    header = "is written in black instead of white; the blue background is missing; has less space around its text"
    assert labels(tables, STYLED, PLAIN) == [
        ("row 1", 1, header),
        ("row 3", 1, "the pale blue background is missing"),
        ("row 1", 1, "the bottom borders are dark gray instead of light gray"),
    ]


@pytest.mark.parametrize(
    ("reference", "candidate", "expected"),
    [
        pytest.param(
            METHODS,
            METHODS.replace(" [12]", "").replace(" [13]", "").replace(" [3]", ""),
            [("column 1 'Method'", 1, "'Fast R-CNN [12]' reads 'Fast R-CNN', and likewise in 2 more cells")],
            id="lost citations",
        ),
        pytest.param(
            ASKED,
            ASKED.replace("☑", "").replace("☐", ""),
            [("rows 1 and 2, columns 2 and 3", 2, "a check box is missing in each of 4 cells")],
            id="lost check boxes",
        ),
        pytest.param(
            BOOKS,
            BOOKS.replace("(702.1)", "−702.1").replace("1,482.6", "1.482,6"),
            [
                ("row 1, column 2", 1, "'1,482.6' reads '1.482,6'"),
                ("row 2, column 2", 1, "'(702.1)' reads '−702.1'"),
            ],
            id="the same numbers in other notations",
        ),
        pytest.param(
            WEEK,
            WEEK.replace(" rowspan=2", "").replace("<td>Music</td>", "<td></td><td>Music</td><td></td>"),
            [
                ("row 2, column 'Mon'", 2, "'Math' is split into 2 cells"),
                ("row 2, column 'Wed'", 2, "'Math' is split into 2 cells"),
            ],
            id="two split cells of one row",
        ),
        pytest.param(
            FACTS,
            FACTS.replace("160 mg", "160 g"),
            [("row 4, column 1", 3, "'Sodium 160 mg' reads 'Sodium 160 g'")],
            id="a title of the whole table and a bold row below it are no headings of columns",
        ),
        pytest.param(
            ITEMS,
            ITEMS.replace(" weekly calls with both;", ""),
            [("row 1, column 2", 2, "'weekly calls with both' is missing from the text")],
            id="a lost phrase",
        ),
        pytest.param(
            PLAIN,
            PLAIN.replace("<table>", '<table style="font-family:Georgia">'),
            [("whole table", 2, "is set in serif letters instead of sans-serif ones")],
            id="another typeface",
        ),
        pytest.param(
            SCORES,
            SCORES.replace(' style="background:#fcc">12', ">13").replace(" style='color:#c00'>Eve", ">Eva"),
            [
                ("row 2, column 'Score'", 2, "'12' reads '13'"),
                ("row 3, column 'Name'", 1, "'Eve' reads 'Eva'"),
                ("row 2, column 'Score'", 1, "the pink background is missing"),
                ("row 3, column 'Name'", 1, "is written in black instead of red"),
            ],
            id="misread words that lost a look",
        ),
        pytest.param(
            SCORES,
            SCORES.replace("<td>Bob</td><td>14</td>", '<td colspan=2 style="background:#ff0"><b>Bob 14</b></td>'),
            [
                ("row 4, column 'Name'", 2, "'Bob' is merged with '14'"),
                ("row 4, column 'Name'", 1, "is bold instead of regular; has a yellow background"),
            ],
            id="merged cells with a new look",
        ),
        pytest.param(
            SCORES,
            SCORES.replace("<td>Bob</td><td>14</td>", "<td colspan=2 align=center>Bob 14</td>"),
            [("row 4, column 'Name'", 2, "'Bob' is merged with '14'")],
            id="merged cells whose words stand elsewhere",
        ),
        pytest.param(
            LINED,
            LINED.replace(FREE + PRO, PRO + FREE),
            [("rows 2 and 3", 2, "'Free | 0' and 'Pro | 12' have changed places")],
            id="exchanged rows between lines",
        ),
        pytest.param(
            LINED,
            LINED.replace(PRO, ""),
            [("row 3", 2, "'Pro | 12' is missing")],
            id="a lost row above a thick line",
        ),
        pytest.param(
            LINED,
            LINED.replace(".all{border-top:3px solid #00f}", ""),
            [("row 4", 1, "the top borders are 1 px wide instead of 3 px and light gray instead of blue")],
            id="a thin line instead of a thick one",
        ),
        pytest.param(
            LINED,
            LINED.replace("<tr><td>Free", "<tr bgcolor=#eef3fa><td>Free").replace("<tr style='", "<tr style='background:#eef3fa;"),
            [("rows 2 and 4", 2, "has a pale blue background")],
            id="striped rows",
        ),
        pytest.param(
            "<table><caption>Table 3. Sales</caption><tr><td>North</td><td>12</td></tr></table>",
            "<table><caption style='caption-side:bottom'>Table 2. Sales</caption><tr><td>North</td><td>12</td></tr></table>",
            [
                ("caption", 2, "'Table 3. Sales' reads 'Table 2. Sales'"),
                ("caption", 2, "is below the table instead of above it"),
            ],
            id="a misread caption on the other side",
        ),
        pytest.param(
            PHONE,
            PHONE.replace("<td>Phone</td><td>(555) 010-9920", "<td colspan=2>Phone: (555) 010-9920"),
            [
                ("row 2, column 'Name'", 2, "'Phone' is merged with '(555) 010-9920'"),
                ("row 2, column 'Name'", 1, "'Phone (555) 010-9920' reads 'Phone: (555) 010-9920'"),
            ],
            id="merged words with a sign between them",
        ),
        pytest.param(
            NOTE,
            NOTE.replace("<br>Call first.", ""),
            [("row 1, column 2", 1, "'Call first.' is missing from the text")],
            id="a lost line is not a joined one",
        ),
        pytest.param(
            MODELS,
            MODELS.replace("×", "x").replace("±", "+/-"),
            [
                ("column 1 'FLOPs'", 1, "'4.1×10⁹' reads '4.1x10⁹', and likewise in 2 more cells"),
                ("column 2 'Top-1'", 1, "'76.1±0.2' reads '76.1+/-0.2', and likewise in 2 more cells"),
            ],
            id="the same numbers with other signs",
        ),
        pytest.param(
            YEARS,
            YEARS.replace(TWO_LEVELS, "<th>项目</th><th>2023年金额</th><th>2023年占比</th>"),
            [("rows 1 and 2", 2, "'项目 | 2023年' and '金额 | 占比' are joined to one row")],
            id="two levels of Chinese headings in one row",
        ),
        pytest.param(
            DRUGS,
            DRUGS_JOINED,
            [("column 2 'n' and column 3 'Response (%)'", 2, "are joined to one column")],
            id="two columns in one",
        ),
        pytest.param(
            DRUGS_JOINED,
            DRUGS,
            [("column 2 'n (Response, %)'", 2, "is split into two columns")],
            id="one column in two",
        ),
        pytest.param(
            DRUGS,
            DRUGS_JOINED.replace("43.2", "42.3"),
            [
                ("column 2 'n' and column 3 'Response (%)'", 2, "are joined to one column"),
                ("row 2, column 'n (Response, %)'", 3, "'52 43.2' reads '52 (42.3)'"),
            ],
            id="two columns in one, and a misread number",
        ),
        pytest.param(
            ITEM,
            ITEM.replace("2021", "FY2021"),
            [("row 1, column 2", 1, "'2021' reads 'FY2021'")],
            id="a word before the same year",
        ),
        pytest.param(
            ITEM,
            ITEM.replace("Cash", "<i>Cash</i>"),
            [("row 2, column 'Item'", 1, "is italic instead of upright")],
            id="an indented word in italics is indented as before",
        ),
        pytest.param(
            ITEM,
            ITEM.replace("<td>&nbsp;&nbsp;&nbsp;", "<td style='padding-left:30px'>"),
            [("row 2, column 'Item'", 1, "is indented more")],
            id="an indent by padding that is wider than one by spaces",
        ),
        pytest.param(
            ITEM,
            ITEM.replace("<td>&nbsp;&nbsp;&nbsp;", "<td style='padding-left:22px'>"),
            [],
            id="an indent by padding that is as wide as one by spaces",
        ),
        pytest.param(
            GOODS,
            GOODS.replace("rowspan=3", "rowspan=2").replace("<td>Plum", "<td rowspan=3>Nuts</td><td>Plum").replace("<td rowspan=2>Nuts</td>", ""),
            [("row 2, column 'Type'", 2, "'Fruit' spans 2 rows instead of 3, and 'Nuts' 3 instead of 2")],
            id="the border between two groups of rows moved",
        ),
        pytest.param(
            SPLITS,
            SPLITS.replace("<th colspan=2>Dev</th><th colspan=2>Test</th>", "<th colspan=3>Dev</th><th>Test</th>"),
            [("row 1, column 2", 2, "'Dev' spans 3 columns instead of 2, and 'Test' 1 instead of 2")],
            id="the border between two headings moved",
        ),
        pytest.param(
            DRUGS,
            DRUGS[: DRUGS.index("<td>51.7")],
            [("rows 3 to 4", 3, "the table breaks off after '50'")],
            id="a table that breaks off within a row",
        ),
        pytest.param(
            YIELDS,
            YIELDS.replace("<td>11</td><td>21</td>", "<td></td><td></td>").replace("<td>12</td><td>22</td>", "<td>11</td><td>21</td>")
            .replace("<td>13</td><td>23</td>", "<td>12</td><td>22</td>").replace("<td>14</td><td>24</td>", "<td>13</td><td>23</td>"),
            [("column 2 'Old' to column 3 'New'", 3, "the values have shifted down by one row")],
            id="two columns that slid together",
        ),
        pytest.param(
            STAFF,
            STAFF.replace(INNER, "Ann 40, Bo 35"),
            [("row 1, column 2", 3, "its inner table is written as words")],
            id="an inner table written as words with a comma",
        ),
        pytest.param(
            YIELDS.replace("<tr><td>Field D", "<tr style='border-top:3px solid black'><td>Field D"),
            YIELDS,
            [("row 5", 1, "the top borders are 1 px wide instead of 3 px and dark gray instead of black")],
            id="a thick line that a row draws",
        ),
        pytest.param(
            POWER, POWER.replace("5 mW", "5 MW"), [("row 1, column 2", 3, "'5 mW' reads '5 MW'")], id="a thousandth is no million",
        ),
        pytest.param(
            POWER, POWER.replace("&lt;", "&gt;"), [("row 2, column '5 mW'", 3, "'p < 0.05' reads 'p > 0.05'")], id="a bound turned around",
        ),
    ],
)  # fmt: skip
def test_a_kind_of_change_has_these_labels(
    tables: TableRenderer, reference: str, candidate: str, expected: list[tuple[str, int, str]]
) -> None:
    assert labels(tables, reference, candidate) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("6 weeks", "6 months"),
        ("20°C", "20°F"),
        ("单位：元", "单位：万元"),
        ("in $ million", "in $"),
    ],
)
def test_another_unit_or_power_of_ten_misleads(before: str, after: str) -> None:
    assert of_text_change(before, after) == 3
