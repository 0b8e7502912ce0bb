"""The exact reward: what it pays for honest, cheap and forged pictures, without any server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers.registry import held_renderer
from tests.train.judges import gullible
from train.reward.common import Drawn, share_in_common
from train.reward.functions import VisualErmReward, cases_of, compute_score, end_scorers
from train.reward.structural import measured
from train.settings import Reward

CHART = """import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(6, 4))
ax.bar(["North", "South", "East", "West"], [30, 45, 12, 38], color=["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"])
ax.set_title("Sales by region 2024")
ax.set_ylabel("Units")
plt.savefig("a.png")
"""
# What a policy that reads labels well and values badly would draw.
HONEST_CHART = (
    CHART.replace("[30, 45, 12, 38]", "[45, 30, 20, 25]")
    .replace("2024", "2042")
    .replace('color=["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"]', 'color="gray"')
)
TABLE = "<table>" + "".join(
    f"<tr><td>row {n}</td><td>{n * 37 % 50}</td><td>{n * 91 % 70}</td></tr>" for n in range(8)
) + "</table>"  # fmt: skip
HONEST_TABLE = TABLE.replace("row 3", "raw 8").replace("<td>24</td>", "<td>42</td>").replace(
    "<td>row 7</td>", "<td></td>"
)  # fmt: skip
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="2" y="2" width="12" height="20" fill="#204a87"/>'
    '<circle cx="18" cy="6" r="4" fill="#cc0000"/><path d="M16 14 L22 14 L19 21 Z" fill="#4e9a06"/></svg>'
)
HONEST_ICON = (
    ICON.replace('width="12"', 'width="10"').replace('r="4"', 'r="3"').replace("#4e9a06", "#73d216")
)
PLOT = "import matplotlib.pyplot as plt\n{}\nplt.savefig('a.png')\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{}</svg>'
CHEAP = {
    Modality.CHART: [
        PLOT.format(line)
        for line in (
            "plt.subplots()",
            "plt.figure().text(.5, .5, 'x')",
            "plt.pie([1, 2])",
            "plt.bar([0], [1])",
            "plt.plot([0, 1, 2])",
        )
    ],
    Modality.TABLE: [
        "<table><tr><td>x</td></tr></table>",
        "<table><tr><td>a</td><td>b</td><td>c</td></tr></table>",
        "<table>" + ("<tr>" + "<td>&nbsp;</td>" * 10 + "</tr>") * 10 + "</table>",
    ],
    Modality.SVG: [
        SVG.format('<circle cx="12" cy="12" r="1"/>'),
        SVG.format('<rect x="1" y="1" width="22" height="22"/>'),
        SVG.format('<circle cx="12" cy="12" r="9"/>'),
    ],
}
KINDS = {
    Modality.CHART: (Language.PYTHON, CHART, HONEST_CHART),
    Modality.TABLE: (Language.HTML, TABLE, HONEST_TABLE),
    Modality.SVG: (Language.SVG, ICON, HONEST_ICON),
}
LABELS = {Language.PYTHON: "python", Language.HTML: "html", Language.SVG: "svg"}


def drawn(code: str, language: Language) -> Drawn:
    return held_renderer(language.modality).render(code, language).drawn()


def said(code: str, language: Language) -> str:
    return f"```{LABELS[language]}\n{code}\n```"


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    end_scorers()


@pytest.fixture(scope="module")
def exact() -> Iterator[VisualErmReward]:
    reward = VisualErmReward(Reward(kind="structural"))
    yield reward
    reward.close()


@pytest.mark.parametrize("task", list(Modality))
def test_nothing_earns_more_than_an_honest_try(task: Modality, exact: VisualErmReward) -> None:
    language, reference, honest = KINDS[task]
    replies = [said(code, language) for code in (reference, honest, *CHEAP[task])]
    count = len(replies)
    picture = drawn(reference, language)[0].png
    same, tried, *cheap = exact(
        replies, [picture] * count, [str(task)] * count, reference_code=[reference] * count
    )
    assert same == 2.0
    assert tried is not None and 1.2 < tried < 2.0
    assert all(paid is not None and 1.0 <= paid < tried - 0.1 for paid in cheap), (tried, cheap)


def test_severity_alone_pays_for_an_empty_chart() -> None:
    """The fault that the share in common is there for: one error, everything is missing."""
    reference, honest, empty = (
        drawn(code, Language.PYTHON) for code in (CHART, HONEST_CHART, CHEAP[Modality.CHART][0])
    )
    tried, nothing = measured(reference, honest), measured(reference, empty)
    assert nothing.severity_sum < tried.severity_sum
    assert nothing.common < 0.1 < tried.common
    assert nothing.reward < tried.reward


@pytest.mark.parametrize("task", list(Modality))
def test_the_share_in_common_falls_as_less_is_shared(task: Modality) -> None:
    language, reference, honest = KINDS[task]
    original = drawn(reference, language)
    shares = [
        share_in_common(original, drawn(code, language))
        for code in (reference, honest, CHEAP[task][0])
    ]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True) and len(set(shares)) == 3


def test_a_table_in_another_order_shares_its_words_and_not_its_neighbors() -> None:
    rows = TABLE.removeprefix("<table>").removesuffix("</table>").split("</tr>")[:-1]
    shuffled = "<table>" + "".join(row + "</tr>" for row in rows[1::2] + rows[::2]) + "</table>"
    reference = drawn(TABLE, Language.HTML)
    other = share_in_common(reference, drawn(shuffled, Language.HTML))
    assert 0.5 < other < 0.9


def test_a_lost_main_part_of_an_icon_weighs_more_than_a_lost_dot() -> None:
    whole = ICON.replace("</svg>", '<circle cx="16.5" cy="22.5" r="0.8"/></svg>')
    reference = drawn(whole, Language.SVG)
    without_rectangle = drawn(
        whole.replace(ICON[ICON.index("<rect") : ICON.index("<circle")], ""), Language.SVG
    )
    without_dot = drawn(ICON, Language.SVG)
    main, dot = measured(reference, without_rectangle), measured(reference, without_dot)
    assert main.severity > 2 * dot.severity
    assert main.reward < dot.reward


FORGE = (
    """
import sys
target = sys.modules.get("renderers.chart.child")
capture = target.capture
real = capture.extract
kept = {}
"""
    + CHART.replace('plt.savefig("a.png")', "kept['figure'] = fig")
    + """
def extract(figure, **more):
    kept['figure'].canvas.draw()
    return real(kept['figure'], **more)
capture.extract = extract
from matplotlib.backends.backend_agg import FigureCanvasAgg
plt.close(fig)
FigureCanvasAgg(fig)
"""
)


def test_a_chart_that_forges_its_scene_is_paid_by_its_picture(exact: VisualErmReward) -> None:
    picture = drawn(CHART, Language.PYTHON)[0].png
    forged = FORGE + CHEAP[Modality.CHART][0]
    plain = CHEAP[Modality.CHART][0]
    replies = [said(code, Language.PYTHON) for code in (HONEST_CHART, plain, forged)]
    cases = cases_of(replies, [picture] * 3, ["chart"] * 3, [CHART] * 3)
    honest, _, forger = exact.outcomes(cases)
    # The forged scene tells of no difference at all; the pictures do.
    assert forger.severity_sum == 0 and honest.severity_sum
    assert forger.nearness is not None and honest.nearness is not None
    assert forger.nearness < honest.nearness


def test_both_pays_the_worse_of_judge_and_comparison() -> None:
    picture = drawn(ICON, Language.SVG)[0].png
    replies = [said(code, Language.SVG) for code in (HONEST_ICON, CHEAP[Modality.SVG][2])]
    given = (replies, [picture] * 2, ["svg"] * 2)
    exact = VisualErmReward(Reward(kind="structural"))
    both = VisualErmReward(Reward(kind="both", formula="released"), judge=gullible())
    try:
        alone = exact(*given, reference_code=[ICON] * 2)
        together = both(*given, reference_code=[ICON] * 2)
    finally:
        exact.close()
        both.close()
    # The judge praises everything; where that contradicts the pixels it is not believed at all.
    assert together[0] == alone[0]
    assert together[1] == 0.0


def test_verl_gets_the_same_number_without_a_server() -> None:
    picture = drawn(ICON, Language.SVG)[0].png
    reply = said(HONEST_ICON, Language.SVG)
    reward = VisualErmReward(Reward(kind="structural"))
    try:
        [expected] = reward([reply], [picture], ["svg"], reference_code=[ICON])
    finally:
        reward.close()
    row = {"reference": {"bytes": picture}}
    scored = asyncio.run(compute_score("vermillion/svg", reply, ICON, row, kind="structural"))
    assert scored["score"] == expected and scored["outcome"] == "scored/compared"


def test_without_the_program_of_the_reference_it_says_what_to_do(exact: VisualErmReward) -> None:
    picture = drawn(ICON, Language.SVG)[0].png
    with pytest.raises(ConfigError, match="reference_code"):
        exact([said(HONEST_ICON, Language.SVG)], [picture], ["svg"])
