"""The program in a reply, in whichever language its modality allows."""

from __future__ import annotations

import pytest

from records.errors import PolicyReplyError
from records.taxonomy import Language, Modality
from train.reward.programs import program_in

SVG = '<svg viewBox="0 0 9 9"><rect/></svg>'
TABLE = "<table><tr><td>1</td></tr></table>"


@pytest.mark.parametrize(
    ("reply", "modality", "program", "language"),
    [
        ("```python\nplt.plot(x)\n```", Modality.CHART, "plt.plot(x)", Language.PYTHON),
        (f"Sure: {SVG} Done.", Modality.SVG, SVG, Language.SVG),
        (f"```html\n{TABLE}\n```", Modality.TABLE, TABLE, Language.HTML),
        ("```markdown\n|a|\n|-|\n|1|\n```", Modality.TABLE, "|a|\n|-|\n|1|", Language.MARKDOWN),
    ],
)
def test_a_program_is_found(
    reply: str, modality: Modality, program: str, language: Language
) -> None:
    code, found = program_in(reply, modality)
    assert (code.strip(), found) == (program, language)


@pytest.mark.parametrize(
    ("reply", "modality", "reason"),
    [
        ("", Modality.CHART, "empty_reply"),
        ("I cannot see the chart.", Modality.CHART, "no_program"),
        ("```bash\nrm -rf /\n```", Modality.CHART, "no_program"),
        ("```html\n<table><tr><td>1", Modality.TABLE, "truncated_reply"),
    ],
)
def test_no_program_is_said(reply: str, modality: Modality, reason: str) -> None:
    with pytest.raises(PolicyReplyError, match=reason):
        program_in(reply, modality)
