"""Two tables side by side: every visible difference once, at its cause, in a person's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotators.structural import compare
from annotators.structural.pixels import PixelDifference, pixel_difference
from annotators.structural.table.compare import differences
from records.rows import Discrepancy
from records.taxonomy import Language, category_names
from renderers.contract import Picture
from renderers.scene import Scene
from renderers.table.renderer import TableRenderer

pytestmark = pytest.mark.chromium

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "tables" / "html"

HEAD = "<tr><th>Name</th><th>Habitat</th><th>Weight</th><th>Share</th></tr>"
DUCK = "<tr><td>Wood duck</td><td>Rivers</td><td>0.65 kg</td><td>12.5%</td></tr>"
TEAL = "<tr><td>Teal</td><td>Marsh</td><td>0.33 kg</td><td>7.0%</td></tr>"
GOOSE = "<tr><td>Goose</td><td>Lakes</td><td>3,250 g</td><td>-40 ± 2</td></tr>"
SWAN = "<tr><td rowspan=2>Swan</td><td colspan=2>Ponds of 10<sup>5</sup> m<sup>2</sup></td><td>1</td></tr><tr><td>Bays</td><td>9 kg</td><td>2</td></tr>"
TABLE = f"<table>{HEAD}{DUCK}{TEAL}{GOOSE}{SWAN}</table>"

Drawn = tuple[Picture, Scene]


@pytest.fixture(scope="module")
def reference(tables: TableRenderer) -> Drawn:
    return tables.render(TABLE, Language.HTML).drawn()


def found(tables: TableRenderer, reference: Drawn, code: str) -> tuple[Discrepancy, ...]:
    candidate = tables.render(code, Language.HTML).drawn()
    return compare(reference, candidate).discrepancies


ONE_ERROR = [
    ("Wood duck", "Wood <b>duck</b>", "layout_error", "row 2", "'duck' is bold"),
    ("Ponds of 10", "<u>Ponds of</u> 10", "layout_error", "row 5", "'Ponds of' is underlined"),
    # before, after, category, words of location, words of description
    (TEAL, "", "layout_error", "row 3", "'Teal | Marsh | 0.33 kg | 7.0%' is missing"),
    (TEAL + GOOSE + SWAN, "", "layout_error", "rows 3 to 6", "are missing"),
    (TEAL, TEAL + TEAL, "layout_error", "row", "is there twice"),
    (DUCK + TEAL, TEAL + DUCK, "layout_error", "rows 2 and 3", "have changed places"),
    (DUCK + TEAL + GOOSE, GOOSE + TEAL + DUCK, "layout_error", "rows 2 and 4", "changed places"),
    (DUCK + TEAL + GOOSE, GOOSE + DUCK + TEAL, "layout_error", "row 4", "is in row 2"),
    ("<td colspan=2>", "<td>", "layout_error", "row 5", "spans 1 column instead of 2"),
    ("<td rowspan=2>", "<td>", "layout_error", "row 5", "spans 1 row instead of 2"),
    ("<td>Rivers</td>", "", "layout_error", "row 2, column 'Habitat'", "shifted to the left"),
    (
        "<td>Rivers</td>",
        "<td></td><td>Rivers</td>",
        "layout_error",
        "row 2",
        "shifted to the right",
    ),
    (
        "<td>Rivers</td><td>0.65 kg</td>",
        "<td colspan=2>Rivers 0.65 kg</td>",
        "layout_error",
        "row 2, column 'Habitat'",
        "is merged with '0.65 kg'",
    ),
    (HEAD, HEAD.replace("th>", "td>"), "layout_error", "row 1", "regular instead of bold"),
    (DUCK, DUCK.replace("td>", "th>"), "layout_error", "row 2", "bold instead of regular"),
    ("<td>Marsh</td>", "<td align=right>Marsh</td>", "layout_error", "row 3", "aligned right"),
    ("<td>Marsh</td>", "<td bgcolor=yellow>Marsh</td>", "layout_error", "row 3", "yellow"),
    ("<td>Marsh</td>", "<td><i>Marsh</i></td>", "layout_error", "row 3", "italic"),
    (
        "<table>",
        "<table frame=hsides>",
        "layout_error",
        "whole table",
        "left and right borders are missing",
    ),
    ("<table>", "<table><caption>Ducks</caption>", "layout_error", "caption", "'Ducks'"),
    (
        "Wood duck",
        "Wood dukc",
        "text_error",
        "row 2, column 'Name'",
        "'Wood duck' reads 'Wood dukc'",
    ),
    ("Wood duck", "wood duck", "text_error", "row 2", "reads 'wood duck'"),
    ("Wood duck", "Wood", "text_error", "row 2", "reads 'Wood'"),
    ("Wood duck", "", "text_error", "row 2", "'Wood duck' is missing"),
    ("0.33 kg", "0.33 g", "text_error", "row 3, column 'Weight'", "reads '0.33 g'"),
    ("m<sup>2</sup>", "m2", "text_error", "row 5", "superscript"),
    (
        "<td>Wood duck</td><td>Rivers</td>",
        "<td>Rivers</td><td>Wood duck</td>",
        "text_error",
        "row 2",
        "have changed places",
    ),
    ("12.5%", "125%", "numeric_error", "row 2, column 'Share'", "'12.5%' reads '125%'"),
    ("12.5%", "12.5", "numeric_error", "row 2", "reads '12.5'"),
    ("12.5%", "", "numeric_error", "row 2", "is missing"),
    ("7.0%", "1.0%", "numeric_error", "row 3", "reads '1.0%'"),
    ("3,250", "3250", "numeric_error", "row 4", "reads '3250 g'"),
    ("3,250", "3.250", "numeric_error", "row 4", "reads '3.250 g'"),
    ("-40", "40", "numeric_error", "row 4", "reads '40 ± 2'"),
    ("± 2", "2", "numeric_error", "row 4", "reads '-40 2'"),
    ("10<sup>5</sup>", "10<sup>6</sup>", "numeric_error", "row 5", "10⁶"),
]


@pytest.mark.parametrize(("before", "after", "category", "location", "description"), ONE_ERROR)
def test_one_change_is_one_error(
    tables: TableRenderer,
    reference: Drawn,
    before: str,
    after: str,
    category: str,
    location: str,
    description: str,
) -> None:
    assert before in TABLE
    errors = found(tables, reference, TABLE.replace(before, after, 1))
    assert [error.category for error in errors] == [category], errors
    assert location in errors[0].location
    assert description in errors[0].description
    assert errors[0].box is not None
    assert errors[0].label_source == "structural"


def column(table: str, number: int) -> str:
    """The table without one column of its plain rows."""
    rows = (HEAD, DUCK, TEAL, GOOSE)
    for row in rows:
        cells = row.removeprefix("<tr>").removesuffix("</tr>").replace("><t", ">\0<t").split("\0")
        del cells[number]
        table = table.replace(row, f"<tr>{''.join(cells)}</tr>")
    return table


def test_a_lost_column_is_one_error(tables: TableRenderer) -> None:
    plain = f"<table>{HEAD}{DUCK}{TEAL}{GOOSE}</table>"
    before = tables.render(plain, Language.HTML).drawn()
    for number, name in enumerate(("Name", "Habitat", "Weight", "Share")):
        errors = found(tables, before, column(plain, number))
        assert [(error.category, error.description) for error in errors] == [
            ("layout_error", "the column is missing")
        ]
        assert name in errors[0].location


def test_a_lost_column_shrinks_what_spans_it(tables: TableRenderer) -> None:
    wide = "<tr><td colspan=4>All of them</td></tr>"
    plain = f"<table>{HEAD}{DUCK}{wide}{TEAL}{GOOSE}</table>"
    before = tables.render(plain, Language.HTML).drawn()
    errors = found(tables, before, column(plain, 1).replace("colspan=4", "colspan=3"))
    assert [error.description for error in errors] == ["the column is missing"]


def test_exchanged_columns_are_one_error(tables: TableRenderer) -> None:
    rows = [("a", "b", "c"), ("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")]

    def draw(order: tuple[int, ...]) -> Drawn:
        body = "".join("<tr>" + "".join(f"<td>{row[at]}" for at in order) for row in rows)
        return tables.render(f"<table>{body}</table>", Language.HTML).drawn()

    errors = compare(draw((0, 1, 2)), draw((0, 2, 1))).discrepancies
    assert [error.description for error in errors] == ["the two columns have changed places"]


def test_several_errors_are_told_apart(tables: TableRenderer, reference: Drawn) -> None:
    code = TABLE.replace(TEAL, "").replace("12.5%", "12.6%").replace("Goose", "Gosse")
    errors = found(tables, reference, code)
    assert sorted(error.category for error in errors) == [
        "layout_error",
        "numeric_error",
        "text_error",
    ]


def test_boxes_are_where_the_change_is(tables: TableRenderer, reference: Drawn) -> None:
    candidate = tables.render(TABLE.replace("7.0%", "7.1%"), Language.HTML).drawn()
    comparison = compare(reference, candidate)
    (error,) = comparison.discrepancies
    changed = comparison.pixels.box
    assert error.box is not None and changed is not None
    assert error.box[0] <= changed[0] and error.box[1] <= changed[1]
    assert error.box[2] >= changed[2] and error.box[3] >= changed[3]


@pytest.mark.parametrize(
    "code",
    [
        TABLE,
        TABLE.replace("<table>", "<table><tbody>"),
        TABLE.replace("th>", "TH>"),
        TABLE.replace("<td>Marsh</td>", '<td style="text-align:left">Marsh</td>'),
        TABLE.replace("</tr>", "</tr>\n  "),
        TABLE.replace("Wood duck", "Wood\n   duck"),
        TABLE.replace("Wood duck", "Wo&#111;d duck"),
    ],
)
def test_equal_looks_have_no_errors(tables: TableRenderer, reference: Drawn, code: str) -> None:
    picture, scene = tables.render(code, Language.HTML).drawn()
    assert picture.pixel_hash == reference[0].pixel_hash
    assert compare(reference, (picture, scene)).discrepancies == ()
    # And not only because the pixels were looked at first.
    everywhere = pixel_difference(picture.png, picture.png).changed | True
    assert differences(reference[1], scene, PixelDifference(everywhere, False)) == []


def test_tables_within_and_beside_tables(tables: TableRenderer) -> None:
    inner = "<table><tr><td>in<td>12</table>"
    one = f"<p>Note</p><table><tr><td>{inner}<td>out</table><table><tr><td>second</table>"
    before = tables.render(one, Language.HTML).drawn()
    errors = found(tables, before, one.replace("12", "21"))
    assert [(error.category, "inner" in error.location) for error in errors] == [
        ("numeric_error", True)
    ]
    (error,) = found(tables, before, one.replace("Note", "Nate"))
    assert (error.category, error.location) == ("text_error", "text beside the table")
    (error,) = found(tables, before, one.replace("<table><tr><td>second</table>", ""))
    assert (error.category, error.severity) == ("layout_error", 3)


def test_a_truncated_scene_proves_nothing(tables: TableRenderer, reference: Drawn) -> None:
    picture, scene = tables.render(TABLE.replace(TEAL, ""), Language.HTML).drawn()
    pixels = pixel_difference(reference[0].png, picture.png)
    cut = Scene(scene.modality, scene.width_px, scene.height_px, scene.root, truncated=True)
    assert differences(reference[1], cut, pixels) == []
    assert differences(reference[1], scene, pixels) != []


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the real samples are not beside the checkout")
def test_real_predictions_are_explained(tables: TableRenderer) -> None:
    predictions = sorted(SHARED.glob("*.pred.html"))
    assert predictions
    for path in predictions:
        truth = path.with_name(path.name.replace(".pred", ""))
        before, after = (
            tables.render(each.read_text(encoding="utf-8"), Language.HTML).drawn()
            for each in (truth, path)
        )
        assert compare(before, before).discrepancies == ()
        errors = compare(before, after).discrepancies
        assert errors, path.name
        assert len(errors) < 40, path.name
        for error in errors:
            assert error.category in category_names(before[1].modality)
            assert error.box is not None


def test_words_that_leave_a_heading_take_no_looks_with_them(tables: TableRenderer) -> None:
    rows = [
        "<tr><th>{}</th><td>{}</td><td>7.90</td></tr>",
        "<tr><th>Soup</th><td>Leek</td><td>4</td></tr>",
    ]
    code = f"<table>{rows[0]}{rows[1]}</table>"
    right = tables.render(code.format("Dessert", "Apple cake"), Language.HTML).drawn()
    labels = found(tables, right, code.format("Apple cake", "Dessert"))
    assert len(labels) == 1, labels
    assert labels[0].category == "text_error"
    assert labels[0].description.endswith("have changed places")


def test_misread_words_tell_of_their_letters_too(tables: TableRenderer) -> None:
    """A heading row that is no longer bold is told as a whole, though a word of it reads differently."""
    heads = "<tr>{a}Water samples</b>{b}Positive</b>{b}Total</b></tr>".replace("</b>", "</b></td>")
    rows = "<tr><td>9</td><td>3</td><td>12</td></tr>"
    before = f"<table>{heads.format(a='<td><b>', b='<td><b>')}{rows}</table>"
    after = before.replace("<b>", "<span>").replace("</b>", "</span>").replace("Water s", "Waters")
    labels = found(tables, tables.render(before, Language.HTML).drawn(), after)
    assert [(one.location, one.description) for one in labels] == [
        ("row 1, column 1", "'Water samples' reads 'Watersamples'"),
        ("row 1", "is regular instead of bold"),
    ]


def test_words_that_changed_alike_in_a_column_have_one_label(tables: TableRenderer) -> None:
    rows = "".join(f"<tr><td>Benzo[<i>{x}</i>]pyrene</td><td>{n}</td></tr>" for n, x in enumerate("abce"))  # fmt: skip
    before = f"<table>{rows}</table>"
    after = before.replace("<i>", "").replace("</i>", "")
    [label] = found(tables, tables.render(before, Language.HTML).drawn(), after)
    assert (
        label.description == "'a' is upright instead of italic, and likewise words in 3 more cells"
    )


def test_a_lost_dash_is_a_small_error(tables: TableRenderer) -> None:
    before = "<table><tr><td>Nil</td><td>-</td></tr><tr><td>Total</td><td>4</td></tr></table>"
    reference = tables.render(before, Language.HTML).drawn()
    [lost] = found(tables, reference, before.replace("<td>-<", "<td><"))
    [made] = found(tables, reference, before.replace("<td>-<", "<td>7<"))
    assert (lost.severity, made.severity) == (1, 3)


LEVELS = """<table><tr><th rowspan="2">Trait</th><th colspan="2">Group</th><th rowspan="2">p</th></tr>
<tr><th>Treated</th><th>Control</th></tr><tr><td>Age</td><td>54</td><td>55</td><td>0.6</td></tr></table>"""
ONE_LEVEL = """<table><tr><th>Trait</th><th>Treated</th><th>Control</th><th>p</th></tr>
<tr><td>Age</td><td>54</td><td>55</td><td>0.6</td></tr></table>"""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(LEVELS, ONE_LEVEL, "'Group' is missing above the other headings"), (ONE_LEVEL, LEVELS, "'Group' is extra above the other headings")],
)  # fmt: skip
def test_a_level_of_a_heading_is_one_error(
    tables: TableRenderer, before: str, after: str, words: str
) -> None:
    labels = found(tables, tables.render(before, Language.HTML).drawn(), after)
    assert [(one.location, one.description) for one in labels] == [("row 1", words)]


def test_rows_apart_from_each_other_are_named_one_by_one(tables: TableRenderer) -> None:
    rows = "".join(f"<tr><td><b>{name}</b></td><td><b>{size}</b></td></tr><tr><td>b{name}</td><td>7</td></tr>" for name, size in (("x", 1), ("y", 2)))  # fmt: skip
    table = f"<table><tr><th>Name</th><th>Size</th></tr>{rows}</table>"
    plain = table.replace("<b>", "").replace("</b>", "")
    labels = found(tables, tables.render(table, Language.HTML).drawn(), plain)
    assert [one.location for one in labels] == ["rows 2 and 4"]


SCORES = """<table><tr><th>Method</th><th>mAP</th><th>FPS</th></tr><tr><td>YOLO [12]</td><td>45.4</td><td>98</td></tr>
<tr><td>DETR</td><td>42.0<sup>a</sup></td><td>28</td></tr><tr><td>Ours</td><td>47.1</td><td>102</td></tr>{}</table>"""
NOTE = "<sup>a</sup> Without warm-up"
PLAIN = SCORES.format("")
BORDERS = PLAIN.replace("<table>", "<style>th, td {{ border-color: {} }}</style><table>")
NARROW = "<table><tr><th>Item</th></tr><tr><td><div style='width: {}px'>carries a high risk of dependency</div></td></tr></table>"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (PLAIN, PLAIN.replace(" [12]", ""), [("text_error", 1, "row 2, column 'Method'", "'YOLO [12]' reads 'YOLO'")]),
        (PLAIN, PLAIN.replace("<sup>a</sup>", "ᵃ"), []),
        (PLAIN, PLAIN.replace(">98<", "><").replace(">28<", ">98<").replace(">102<", ">28<"), [("layout_error", 2, "column 3 'FPS'", "the values have shifted down by one row")]),
        (PLAIN, PLAIN.replace("<table>", '<table style="width: 600px">'), [("layout_error", 1, "table", "is 600 px wide instead of 191 px")]),
        (PLAIN, PLAIN.replace("<table>", '<table style="color: #1a1a1a">'), []),
        (PLAIN, BORDERS.format("#444"), []),
        (PLAIN, BORDERS.format("#000"), [("layout_error", 1, "whole table", "the borders on all sides are black instead of dark gray")]),
        (PLAIN, BORDERS.format("#c00"), [("layout_error", 2, "whole table", "the borders on all sides are red instead of dark gray")]),
        (NARROW.format(207), NARROW.format(203), [("layout_error", 1, "row 2, column 'Item'", "'carries a high risk of dependency' runs over more lines")]),
        (SCORES.format(f'<tr><td colspan="3">{NOTE}</td></tr>'), f"{PLAIN}<p>{NOTE}</p>", [("layout_error", 2, "note", "'^a Without warm-up' is beside the table instead of in its last row")]),
        (f"{PLAIN}<p>{NOTE}</p>", SCORES.format(f'<tr><td colspan="3">{NOTE}</td></tr>'), [("layout_error", 2, "note", "'^a Without warm-up' is the last row of the table instead of beside it")]),
        ("<table><tr><td>x</td><td>1</td><td>2</td></tr><tr><td>y</td><td>10</td><td>20</td></tr></table>", "<table><tr><td>x</td><td>y</td></tr><tr><td>1</td><td>10</td></tr><tr><td>2</td><td>20</td></tr></table>", [("layout_error", 3, "table", "its rows and columns are exchanged")]),
    ],
    ids=["citation", "raised letter", "slid column", "wider", "nearly black words", "nearly the same borders", "darker borders", "red borders", "other line breaks", "note beside", "note in a row", "transposed"],
)  # fmt: skip
def test_one_cause_is_one_label(
    tables: TableRenderer, before: str, after: str, told: list[tuple[str, int, str, str]]
) -> None:
    labels = found(tables, tables.render(before, Language.HTML).drawn(), after)
    assert [(one.category, one.severity, one.location, one.description) for one in labels] == told
