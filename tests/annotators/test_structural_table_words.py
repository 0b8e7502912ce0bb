"""Numbers and words told apart, and how bad their errors are; no browser needed."""

from __future__ import annotations

import pytest

from annotators.structural.table.alignment import align_rows, best_path, row_likeness
from annotators.structural.table.grid import TableGrid
from annotators.structural.table.part_looks import say
from annotators.structural.table.severity import of_cells, of_lines, of_look, of_number, of_order
from annotators.structural.table.words import excerpts, rewording, value_of
from renderers.scene import Element


@pytest.mark.parametrize(
    ("before", "after", "category"),
    [
        ("12.5", "125", "numeric_error"),
        ("12.5 mg", "12.5 g", "text_error"),
        ("12.5 mg", "125 mg", "numeric_error"),
        ("$5", "$50", "numeric_error"),
        ("5%", "5", "numeric_error"),
        ("1,234", "1234", "numeric_error"),
        ("10^{-3}", "10^{3}", "numeric_error"),
        ("≥ 50", "≤ 50", "numeric_error"),
        ("68.3 ± 19.7", "68.3 19.7", "numeric_error"),
        ("30.49 to 44.92", "30.49", "numeric_error"),
        ("137.49", "137.4(", "numeric_error"),
        ("p. 12", "p. 21", "numeric_error"),
        ("GC-MS", "GC–MS", "text_error"),
        ("hsa-miR-3663", "hsa-miR-3665", "text_error"),
        ("H2O", "H3O", "text_error"),
        ("m^{2}", "m2", "text_error"),
        ("高度/cm", "高度/mm", "text_error"),
        ("增长5倍", "增长6倍", "numeric_error"),
        ("Total", "Totals", "text_error"),
        ("a (b)", "a b", "text_error"),
        ("0.087^{c}", "0.087c", "text_error"),
        ("10^{5}", "105", "numeric_error"),
        ("42", "", "numeric_error"),
        ("forty", "", "text_error"),
        ("95% CI", "", "text_error"),
        ("a\nb", "a b", "layout_error"),
    ],
)
def test_what_kind_of_error_a_changed_text_is(before: str, after: str, category: str) -> None:
    assert rewording(before, after).category == category


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("1½", "1 1/2", 1),
        ("½", "1/3", 3),
        ("10", "lO", 1),
        ("12.5", "12.S", 1),
        ("8 a.m.", "8 p.m.", 3),
    ],
)
def test_the_same_value_written_otherwise_does_not_mislead(
    before: str, after: str, severity: int
) -> None:
    assert rewording(before, after).severity == severity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1234.5),
        ("1.234.567", 1234567.0),
        ("12,5", 12.5),
        ("−3", -3.0),
        ("40 %", 40.0),
        ("2e-3", 0.002),
        ("1.5×10^{3}", 1500.0),
        ("n/a", None),
        ("1.2.3", None),
    ],
)
def test_numbers_are_read_as_people_read_them(text: str, value: float | None) -> None:
    assert value_of(text) == value


def test_excerpts_show_the_change_of_long_texts() -> None:
    old, new = excerpts("word " * 40 + "end", "word " * 40 + "and", 30)
    assert old.endswith("end") and new.endswith("and")
    assert max(len(old), len(new)) <= 30


def test_severity_never_falls_as_the_error_grows() -> None:
    numbers = [of_number(100.0, 100.0 + step) for step in (1, 5, 20, 60, 500, 10_000)]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 3 and numbers[0] == 2
    for grades in (
        [of_lines(count, 10) for count in range(1, 11)],
        [of_order(count, 10) for count in range(2, 11)],
        [of_cells(count) for count in range(1, 11)],
        [of_look(count, 10) for count in range(1, 11)],
    ):
        assert grades == sorted(grades)
        assert len(set(grades)) > 1
    texts = [
        rewording("a word in a cell", after).severity
        for after in ("a wrod in a cell", "a word", "x", "")
    ]
    assert texts == sorted(texts)
    assert texts[0] == 1 and texts[-1] == 3


def test_the_best_path_keeps_order_and_leaves_the_hopeless() -> None:
    scores = [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 2.0]]
    assert best_path(3, 3, lambda row, column: scores[row][column]) == [(0, 0), (2, 2)]


def grid(*rows: str) -> TableGrid:
    return TableGrid.of(
        Element(
            "table",
            children=tuple(
                Element(
                    "row",
                    data={"row": number},
                    children=tuple(
                        Element(
                            "cell",
                            text=text,
                            data={"row": number, "column": at, "rowspan": 1, "colspan": 1},
                        )
                        for at, text in enumerate(row.split())
                    ),
                )
                for number, row in enumerate(rows)
            ),
        )
    )


@pytest.mark.parametrize(
    ("before", "after", "missing", "extra", "moved"),
    [
        (("a 1", "b 2", "c 3"), ("a 1", "c 3"), (1,), (), 0),
        (("a 1", "c 3"), ("a 1", "b 2", "c 3"), (), (1,), 0),
        (("a 1", "b 2", "c 3"), ("c 3", "a 1", "b 2"), (), (), 1),
        (("row 1", "row 2", "row 3"), ("row 2", "row 1", "row 3"), (), (), 1),
        (("a 1", "b 2"), ("a 1", "x 9"), (), (), 0),
        (("a 1", "b 2", "c 3"), ("d 4", "e 5", "f 6"), (), (), 0),
        ((), ("a 1",), (), (0,), 0),
    ],
)
def test_rows_are_aligned_by_what_they_say(
    before: tuple[str, ...],
    after: tuple[str, ...],
    missing: tuple[int, ...],
    extra: tuple[int, ...],
    moved: int,
) -> None:
    alignment = align_rows(grid(*before), grid(*after))
    assert (alignment.missing, alignment.extra) == (missing, extra)
    assert len(alignment.moved) == moved


def test_rows_that_share_words_are_alike() -> None:
    assert row_likeness(["a", "b", "c"], ["b", "c"]) > 0.6
    assert row_likeness(["alpha", "1"], ["beta", "2"]) < 0.3


def test_a_color_has_its_article() -> None:
    assert say(("background", "#00000000", "#808000ff")) == "has an olive background"
    assert say(("background", "#00000000", "#1f77b4ff")) == "has a blue background"
