"""A viewer sees what is drawn, not which call of a plotting library drew it, or which object owns it."""

from __future__ import annotations

import pytest
from charts_compared import compared

PANELS = "fig, axs = plt.subplots(1, 2, figsize=(8, 4)); axs[0].plot([1, 3, 2]); axs[1].plot([2, 1, 3]); {}"
WIDE = "fig, ax = plt.subplots(figsize=(6, 4)); ax.bar([1, 2, 3], [3, 2, 4]); fig.subplots_adjust(bottom=0.2); {}"
TWINS = (
    "fig, ax = plt.subplots(figsize=(6, 4)); a, = ax.plot([1, 2, 3]); up = ax.twinx();"
    " b, = up.plot([30, 20, 10], 'r'); {}.legend([a, b], ['temp', '{}'], loc='upper center')"
)
BAND = "ax.plot(range(10), [1, 3, 2, 4, 5, 4, 6, 5, 7, 6]); ax.axis([0, 9, 0, 8]); {}; {}"
LEVEL = "ax.axhline(4, color='red')"
SHADE = "ax.axvspan(3, 5, color='gray', alpha=0.3, lw=0)"
STEPS = "ax.bar([0, 1, 2], {}, bottom={}, color='teal'); ax.axis([-1, 3, 0, 12]); {}"
BLANK = "ax.bar([0, 1, 2], [0, 7, {}], color='white')"
DAYS = (
    "import matplotlib.dates as md; ax.bar(np.arange(5) + 19723.0, [3, 5, 2, {}, 4]);"
    " ax.xaxis.set_major_locator(md.DayLocator()); ax.xaxis.set_major_formatter(md.DateFormatter('%m-%d'))"
)
HOURS = (
    "import matplotlib.dates as md; ax.plot(19783.25 + np.arange(8) / 24, [3, 4, 6, 9, 8, {}, 5, 4], 'k.-');"
    " ax.xaxis.set_major_formatter(md.DateFormatter('%m-%d %H:%M')); ax.xaxis.set_major_locator(md.HourLocator(interval=2))"
)
PEAK = "ax.plot([1, 4, 2, {v}, 3], 'b-o'); ax.set_ylim(0, 6); ax.annotate('peak', (3, {v}), (1, 5.2), arrowprops={{'arrowstyle': '->'}})"
DOTS = "ax.scatter([1, 2, 3, 4], [3, 1, 4, 2], s=150, c='gold', {})"
CELLS = "u, v = np.random.RandomState(4).normal(size=(2, 500)); ax.hexbin(u, v, gridsize={})"

ONE = {
    "a note of the figure": (
        WIDE.format("fig.text(0.1, 0.05, 'Source: survey 2021')"),
        WIDE.format("plt.annotate('Source: survey 2012', (0.1, 0.05), xycoords='figure fraction')"),
        "annotation 'Source: survey 2021'", "reads 'Source: survey 2012' instead of 'Source: survey 2021'",
    ),
    "a label below all subplots": (
        PANELS.format("fig.supxlabel('Time (s)')"),
        PANELS.format("fig.text(0.5, 0.01, 'Time (ms)', ha='center', size='large')"),
        "figure x label", "reads 'Time (ms)' instead of 'Time (s)'",
    ),
    "a legend of the second axis": (
        TWINS.format("ax", "rain"), TWINS.format("up", "snow"), "legend entry, chart", "reads 'snow' instead of 'rain'",
    ),
    "a band that was filled": (
        BAND.format(LEVEL, SHADE),
        BAND.format("ax.plot([0, 9], [4, 4], color='red')", "ax.fill_between([4, 6], 0, 8, color='gray', alpha=0.3, lw=0)"),
        "light gray band", "at 5 instead of 4",
    ),
    "a bar on a white one": (
        STEPS.format("[10, 3, 4]", "[0, 7, 8]", "pass"), STEPS.format("[10, 3, 4]", "[0, 7, 6]", BLANK.format(6)),
        "teal bar 3", "starts at 6 instead of 8",
    ),
    "the bar of a day": (DAYS.format(6), DAYS.format(3), "bar '01-04'", "6 is drawn as 3"),
    "the value of an hour": (
        HOURS.format(7), HOURS.format(2), "black line", "y value at 2024-03-01 11:00 is 2 instead of 7",
    ),
    "outlines in the color of their points": (
        DOTS.format("edgecolors='black', linewidths=2"), DOTS.format("linewidths=1"),
        "gold points", "have no outline instead of a black one",
    ),
    "smaller hexagons": (CELLS.format(15), CELLS.format(25), "hexagons", "hexagons instead of"),
}  # fmt: skip

ALIKE = {
    "a level and a band by other calls": (
        BAND.format(LEVEL, SHADE),
        BAND.format("ax.plot([0, 9], [4, 4], color='red')", "ax.fill_between([3, 5], 0, 8, color='gray', alpha=0.3, lw=0)"),
    ),
    "white bars that carry others": (
        STEPS.format("[10, 3, 4]", "[0, 7, 8]", "pass"), STEPS.format("[10, 3, 4]", "[0, 7, 8]", BLANK.format(8)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_error_is_found_whichever_call_drew_it(name: str) -> None:
    before, after, place, words = ONE[name]
    [found], _ = compared(before, after)
    assert found.location == place
    assert words in found.description


@pytest.mark.parametrize("name", ALIKE)
def test_another_call_is_no_error(name: str) -> None:
    found, _ = compared(*ALIKE[name])
    assert not found


def test_an_arrow_that_follows_its_point_belongs_to_the_point() -> None:
    [found], _ = compared(PEAK.format(v=5), PEAK.format(v=3.5))
    assert found.category == "data_error"
    assert found.box is not None and found.box[0] < 250
