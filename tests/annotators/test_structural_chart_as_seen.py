"""Labels follow the picture: other code with one look has no label, and one error has its own alone."""

from __future__ import annotations

import pytest
from charts_compared import compared

TALL = 'ax.barh(["A", "B", "C", "D"], [3, 5, 2, 4]); ax.set_title("Size of {m}")'
UPSIDE_DOWN = (
    'ax.barh(["D", "C", "B", "A"], [4, 2, 5, 3]); ax.invert_yaxis(); ax.set_title("Size of {m}")'
)
YEARS = "ax.bar([2018, 2019, 2020], [3, 5, 2]); ax.set_xticks([2018, 2019, 2020])"
PLACES = 'ax.bar([0, 1, 2], [3, 5, 2]); ax.set_xticks([0, 1, 2], ["2018", "2019", "2020"])'
GANTT = 'ax.broken_barh([(1, 3)], (0, 0.8), color="red"); ax.broken_barh([(2, 4)], (1, 0.8), color="red"); ax.set_ylim(-1, 3)'
BARS_LEFT = 'ax.barh([0.4, 1.4], [3, 4], left=[1, 2], height=0.8, color="red"); ax.set_ylim(-1, 3); ax.set_xlim(0.75, 6.25)'
NOTE = 'ax.plot([1, 2, 3], [1, {value}, 3]); ax.set_ylim(0, 4); ax.text({at}, "note")'
CELLS = "ax.imshow([[0.9, 0.1], [0.2, 0.8]], vmin={low}, vmax=1)\n"
WRITTEN = "for i in (0, 1):\n    for j in (0, 1):\n        ax.text(j, i, f'{[[0.9, 0.1], [0.2, 0.8]][i][j]:.2f}')\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TALL.format(m="m²"), UPSIDE_DOWN.format(m="$m^2$")),
        (YEARS, PLACES),
        (GANTT + "; ax.set_xlim(0.75, 6.25)", BARS_LEFT),
        ('ax.plot([1, 3, 2]); ax.set_xlabel(r"$\\Delta$ t")', 'ax.plot([1, 3, 2]); ax.set_xlabel("Δ t")'),
        ('ax.plot([1, 2, 3], [1, 3, 2])', 'ax.plot([1, 2, 3, None], [1, 3, 2, None])'),
        ('ax.bar([1, 2], [3, 4], color="#6dcb87")', 'ax.bar([1, 2], [3, 4], color="#6eca87")'),
        ('ax.bar([1, 2], [30, 30040])', 'ax.bar([1, 2], [30, 30000]); ax.set_ylim(0, 31542)'),
    ],
)  # fmt: skip
def test_other_code_with_one_look_has_no_label(before: str, after: str) -> None:
    found, _ = compared(before, after)
    assert not found, found


@pytest.mark.parametrize(
    ("before", "after", "location", "words"),
    [
        (TALL.format(m="m"), UPSIDE_DOWN.format(m="m").replace("[4, 2, 5, 3]", "[4, 3, 5, 3]"), "bar 'C'", "2 is drawn as 3"),
        (YEARS, PLACES.replace("[3, 5, 2]", "[3, 4, 2]"), "bar 2", "5 is drawn as 4"),
        (GANTT + "; ax.set_xlim(0.75, 6.25)", BARS_LEFT.replace("[3, 4]", "[3, 3]"), "bar", "4 is drawn as 3"),
        ('ax.plot([1, 2]); ax.set_title("dose in mg")', 'ax.plot([1, 2]); ax.set_title("dose in g")', "title", "'dose in g'"),
    ],
)  # fmt: skip
def test_one_error_in_other_code_has_its_label_alone(
    before: str, after: str, location: str, words: str
) -> None:
    (found,), _ = compared(before, after)
    assert location in found.location
    assert words in found.description


def test_two_errors_that_do_not_touch_have_both_labels() -> None:
    """A note beside a changed value, and numbers lost from cells of other colors."""
    found, _ = compared(NOTE.format(value=2, at="1, 3"), NOTE.format(value=3.5, at="2.6, 0.5"))
    assert sorted(one.category for one in found) == ["data_error", "text_error"]
    found, _ = compared(CELLS.format(low=0) + WRITTEN, CELLS.format(low=-1))
    assert sorted(one.category for one in found) == ["data_error", "text_error"]


def test_a_text_that_keeps_its_offset_is_no_error_of_its_own() -> None:
    found, _ = compared(NOTE.format(value=2, at="2, 2.1"), NOTE.format(value=3.5, at="2, 3.6"))
    assert [one.category for one in found] == ["data_error"]
