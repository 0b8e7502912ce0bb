"""Why labels stand: one edge of the forest in each modality, and what was seen and not reported."""

from __future__ import annotations

from typing import Any

import pytest

from annotators.structural import compare
from annotators.structural.why import asked
from records.taxonomy import Language
from renderers.registry import held_renderer

CHART = """import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(4, 3))
ax.bar(["a", "b", "c"], [3, 5, 4], color="#1f77b4")
ax.set_ylabel("cars")
fig.savefig("x.png")
"""
TABLE = "<table>" + "<tr><td>one</td><td>12 km</td></tr>" * 4 + "</table>"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<g>{}</g><rect x="5" y="70" width="60" height="20" fill="#804a20"/></svg>'
)
DOTS = "".join(f'<circle cx="{x}" cy="20" r="8" fill="{{0}}"/>' for x in (15, 40, 65, 90))


def forest(language: Language, reference: str, candidate: str) -> dict[str, Any]:
    renderer = held_renderer(language.modality)
    drawn = [renderer.render(code, language).drawn() for code in (reference, candidate)]
    with asked() as notes:
        labels = compare(*drawn).discrepancies
    assert labels
    return notes.forest(labels)


@pytest.mark.parametrize(
    ("language", "reference", "candidate", "rule", "effect"),
    [
        (Language.PYTHON, CHART, CHART.replace("5, 4", "9, 4"), "limits_follow_data", "y axis limits"),
        (Language.HTML, TABLE, TABLE.replace("12 km", "17 km"), "same_words_in_many_cells", "17 km"),
        (
            Language.SVG,
            ICON.format(DOTS.format("#ff0000")),
            ICON.format(DOTS.format("#0000ff")),
            "changed_alike",
            "circle",
        ),
    ],
    ids=["chart", "table", "svg"],
)  # fmt: skip
def test_a_label_tells_what_it_stands_for_and_by_which_rule(
    language: Language, reference: str, candidate: str, rule: str, effect: str
) -> None:
    below = [edge for one in forest(language, reference, candidate)["labels"] for edge in one["stands_for"]]  # fmt: skip
    assert any(edge["rule"] == rule and effect in edge["effect"] for edge in below), below


def test_what_nobody_notices_is_told_with_its_threshold() -> None:
    slight = CHART.replace("#1f77b4", "#2078b4").replace("cars", "trucks")
    [one] = {(one["what"].partition(": ")[2], one["reason"])
             for one in forest(Language.PYTHON, CHART, slight)["unsaid"]}  # fmt: skip
    assert one == (
        "face #2078b4ff instead of #1f77b4ff", "a color is noticed from CIEDE2000 3"
    )  # fmt: skip


def test_nothing_is_noted_unasked() -> None:
    with asked() as notes:
        pass
    forest(Language.HTML, TABLE, TABLE.replace("12 km", "17 km"))
    assert not notes.edges and not notes.unsaid
