"""Edits of the finished figure: only where code offers no site, drawn by plain Python, undone."""

from __future__ import annotations

import ast

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from corruptors.chart import finished_figure as chart_live
from corruptors.compose import attempts
from corruptors.registry import by_name, corruptions
from records.edits import apply, inverse
from records.rows import Corrupted, Sample
from records.sections import CorruptionMix
from records.taxonomy import Language, Modality

LIVE = [item for item in corruptions(Modality.CHART) if item.image_only]

COMPUTED = """import numpy as np
import matplotlib.pyplot as plt

def draw(axes, how):
    for k in range(1, 4):
        axes.plot(x, np.sin(x * k), **how)

x = np.linspace(0, 6, 50)
figure, axes = plt.subplots()
draw(axes, {})
name = type(figure).__name__ * 2
axes.set_title(name)
plt.show()
"""


def drawn(code: str) -> Figure:
    plt.switch_backend("agg")
    plt.close("all")
    exec(code, {"__name__": "__main__"})
    return plt.gcf()


def test_each_category_can_be_wrong_in_a_finished_figure() -> None:
    assert len(LIVE) >= 12
    assert len({item.category for item in LIVE}) == 4
    assert {item.name for item in LIVE} == {edit.name for edit in chart_live.FIGURE_EDITS}


@pytest.mark.parametrize("edit", chart_live.FIGURE_EDITS, ids=lambda edit: edit.name)
def test_the_example_of_each_row_is_edited(edit: chart_live.FigureEdit) -> None:
    made = by_name(edit.name, Modality.CHART)(edit.example, 0)
    assert made is not None
    lines = {line.strip() for line in made[0].splitlines()}
    assert lines & {edit.action.replace("{}", choice) for choice in edit.choices}


def test_a_computed_title_loses_a_letter() -> None:
    made = by_name("live_misspell_title", Modality.CHART)(COMPUTED, 3)
    assert made is not None
    wrong, mutation = made
    assert ast.parse(wrong)
    assert apply(wrong, inverse(COMPUTED, mutation.edits)) == COMPUTED
    assert drawn(COMPUTED).axes[0].get_title() == "FigureFigure"
    assert drawn(wrong).axes[0].get_title() == "FiureFigure"


def test_a_computed_curve_runs_lower() -> None:
    made = by_name("live_rescale_series", Modality.CHART)(COMPUTED, 3)
    assert made is not None
    before, after = drawn(COMPUTED).axes[0].lines, drawn(made[0]).axes[0].lines
    heights = [np.ptp(np.asarray(line.get_ydata(), float)) for line in before]
    lower = [np.ptp(np.asarray(line.get_ydata(), float)) for line in after]
    ratios = sorted(round(b / a, 3) for a, b in zip(heights, lower, strict=True))
    assert ratios == [0.7, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("live_misspell_title", "ax.plot(x); ax.set_title('Growth of trees')"),
        ("live_change_colour", "ax.plot(x, color='red'); ax.plot(y)"),
        ("live_drop_legend", "ax.plot(x)\nax.legend()"),
        ("live_drop_subplot", "ax.plot(x)"),
        ("live_drop_grid", "ax.plot(x)"),
        ("live_drop_annotation", "ax.plot(x)"),
    ],
)
def test_nothing_is_edited_where_the_code_has_a_site_or_no_such_part(name: str, code: str) -> None:
    assert by_name(name, Modality.CHART)(code, 0) is None


def test_lines_go_before_the_last_saving_at_its_indentation() -> None:
    code = "def main():\n    fig.savefig('a.png')\n    sns.set_theme(); sns.lineplot(data=d)\n    fig.savefig('b.png')\nmain()\n"
    made = by_name("live_drop_grid", Modality.CHART)(code, 0)
    assert made is not None
    lines = made[0].splitlines()
    assert lines[4] == "    _figure = fig"
    assert lines[-2] == "    fig.savefig('b.png')"
    assert ast.parse(made[0])


def test_an_attempt_with_an_edit_of_the_finished_figure_is_image_only() -> None:
    sample = Sample.of(
        COMPUTED, Language.PYTHON, source="docs", revision="1", licence="MIT", upstream_id="1"
    )

    def origins(*names: str) -> list[Corrupted]:
        mix = CorruptionMix(include=names, degenerate_share=0, attempts_per_sample=2)
        made = attempts(sample, mix, 0)
        return [one.origin for one in made if isinstance(one.origin, Corrupted)]

    live = origins("live_misspell_title", "live_rescale_series")
    assert live and all(origin.image_only for origin in live)
    other = origins("drop_legend", "change_line_style", "change_colour", "drop_axis_label")
    assert not any(origin.image_only for origin in other)
