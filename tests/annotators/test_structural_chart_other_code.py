"""Charts: the same marks by other code have the labels of what is seen of them."""

from __future__ import annotations

import pytest
from charts_compared import compared

PILES = """
ax.bar(["a", "b", "c"], [5, 6, 7], label="more")
ax.bar(["a", "b", "c"], {}, bottom={}, label="less")
ax.legend()
ax.set_ylim(-8, 8)
"""
LOG = """{}
"""
DECADES = 'ax.bar(["a", "b", "c"], [0.01, 0.001, {}])\nax.set_yscale("log")\nax.set_ylim(1e-4, 0.1)'
WRITTEN = (
    'ax.bar(["a", "b", "c"], [2, 1, {}])\nax.set_ylim(0, 3)\n'
    'ax.set_yticks([0, 1, 2, 3], ["$10^{{-4}}$", "$10^{{-3}}$", "$10^{{-2}}$", "$10^{{-1}}$"])'
)
NUMBERS = """values = {}
ax.bar(range(8), [50, 60, 55, 65, 52, 58, 61, 57])
for at, value in enumerate(values):
    ax.text(at, 70, value, ha="center")
ax.set_ylim(0, 80)
"""
POINTS = """ax.{}
ax.set_xlim(0, 10)
ax.set_ylim(0, 10)
"""
BINS = """import matplotlib.pyplot as plt
import numpy as np
fig, ax = plt.subplots()
rng = np.random.default_rng(1)
ax.hist([rng.normal(0, 1, 2000), rng.normal(0.5, 1, 2000)], bins={}, stacked=True, color=["green", "red"]{})
"""
NAMED = ', label=["gain", "loss"]'


def told(before: str, after: str) -> list[tuple[str, str, str]]:
    found, _ = compared(before, after)
    return [(one.category, one.location, one.description) for one in found]


def test_nobody_sees_in_which_direction_a_pile_was_drawn() -> None:
    up = PILES.format("[2, 3, 4]", "[-2, -3, -4]")
    assert told(up, PILES.format("[-2, -3, -4]", "0")) == []
    ((_, _, words),) = told(up, PILES.format("[-2, -5, -4]", "0"))
    assert words == "3 is drawn as 5" or words == "-3 is drawn as -5"


def test_decades_written_at_ticks_are_read_as_decades() -> None:
    before, same, other = LOG.format(DECADES.format(0.02)), 2.30103, 1.30103
    assert not any("bar" in spot for _, spot, _ in told(before, LOG.format(WRITTEN.format(same))))
    found = told(before, LOG.format(WRITTEN.format(other)))
    assert ("data_error", "bar 'c'", "0.02 is drawn as 0.002") in found


def test_numbers_at_bars_are_compared_with_those_at_the_same_bars() -> None:
    before = ["53.1", "51.2", "56.4", "46.8", "45.9", "48.3", "39.1", "54.2"]
    after = ["54.9", "51.9", "56.9", "47.7", "46.6", "49.5", "40.3", "53.1"]
    ((category, spot, words),) = told(NUMBERS.format(before), NUMBERS.format(after))
    assert (category, spot) == ("text_error", "value labels")
    assert words.startswith("8 read differently")


def test_points_at_names_are_paired_by_name() -> None:
    rows = "\nax.set_yticks([1, 3, 5, 7], ['u', 'v', 'w', 'x'])"
    before = POINTS.format(f"scatter([2, 5, 3, 8], [1, 3, 5, 7]){rows}")
    found = told(before, POINTS.format(f"scatter([8, 4, 7, 3], [7, 5, 3, 1]){rows}"))
    assert [category for category, _, _ in found] == ["data_error"]
    assert found[0][2].startswith("3 of 4 values")


def test_a_marker_that_is_outlined_in_its_own_color_has_no_outline() -> None:
    line = "plot([1, 5, 9], [2, 8, 4], color='purple'{})"
    points = "\nax.scatter([1, 5, 9], [2, 8, 4], s=75, color='purple', zorder=5)"
    found = told(
        POINTS.format(line.format("") + points), POINTS.format(line.format(", marker='o'"))
    )
    assert [words.partition(":")[0] for _, _, words in found] == ["smaller"]


@pytest.mark.parametrize("names", ["", NAMED])
def test_a_stacked_histogram_of_other_bins_has_no_extra_bars(names: str) -> None:
    found = told(BINS.format(30, ""), BINS.format(40, names))
    bins = [words for _, _, words in found if "bins instead of" in words]
    assert len(bins) == 2
    assert not any("extra" in words and "legend" not in spot for _, spot, words in found), found


def test_error_bars_drawn_one_by_one_are_those_drawn_at_once() -> None:
    bars = "errorbar({}, {}, yerr={}, fmt='o', color='black', capsize=3)"
    single = "\nax.".join(
        bars.format(*one) for one in zip([2, 5, 8], [3, 6, 4], [1, 2, 1], strict=True)
    )
    at_once = bars.format([2, 5, 8], [3, 6, 4], "{}")
    before = POINTS.format(single)
    assert told(before, POINTS.format(at_once.format([1, 2, 1]))) == []
    ((category, spot, words),) = told(before, POINTS.format(at_once.format([1, 3.5, 1])))
    assert (category, spot) == ("data_error", "black error bars")
    assert words.startswith("1 of 3")
