"""What a model wrote around its program, and the program in it."""

from __future__ import annotations

import doctest

import pytest

from policies import extract
from policies.extract import extract_code
from records.errors import PolicyReplyError
from records.taxonomy import Language

PLOT = "import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [1, 2])\n"
OTHER = "import matplotlib.pyplot as plt\nplt.plot([3])\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="4" height="4"/></svg>'
TABLE = "<table><tr><td>1</td></tr></table>"
PIPES = "| a | b |\n|---|---|\n| 1 | 2 |\n"

PYTHON, HTML, MARKDOWN, ICON = Language.PYTHON, Language.HTML, Language.MARKDOWN, Language.SVG


def test_examples() -> None:
    found = doctest.testmod(extract)
    assert found.attempted and not found.failed


@pytest.mark.parametrize(
    ("reply", "language", "program"),
    [
        (f"```python\n{PLOT}```", PYTHON, PLOT),
        (f"```py\n{PLOT}```\n", PYTHON, PLOT),
        (f"```Python title=plot\n{PLOT}```\n", PYTHON, PLOT),
        (f"```\n{PLOT}```", PYTHON, PLOT),
        (f"~~~python\n{PLOT}~~~", PYTHON, PLOT),
        (f"````python\n{PLOT}````", PYTHON, PLOT),
        (f"Here it is:\n\n```python\n{PLOT}```\n\nIt draws two bars.", PYTHON, PLOT),
        (f"```python\n{PLOT.strip()}```", PYTHON, PLOT.strip()),
        (PLOT, PYTHON, PLOT),
        (f"Here is the program.\n\n{PLOT}\nThis draws two bars, as shown.", PYTHON, PLOT + "\n"),
        (f"<think>```python\nwrong()\n``` no</think>\n```python\n{PLOT}```", PYTHON, PLOT),
        (f"I think so.</think>\n```python\n{PLOT}```", PYTHON, PLOT),
        # of several blocks
        (f"```python\n{OTHER}```\nBetter:\n```python\n{PLOT}```", PYTHON, PLOT),
        (f"```python\n{PLOT}```\nInstall:\n```bash\npip install matplotlib\n```", PYTHON, PLOT),
        (f"Data:\n```python\nx = [1, 2]\n```\nAll:\n```python\n{PLOT}```", PYTHON, PLOT),
        (f"```python\n{PLOT}```\nUsage:\n```python\nprint('run me')\n```", PYTHON, PLOT),
        (f"```json\n{{}}\n```\n```\n{PLOT}```", PYTHON, PLOT),
        (f"```python\n{PLOT}```\n```python\n{OTHER[:-4]}", PYTHON, PLOT),
        # a broken program is a program: its picture is what it is judged by
        ("```python\nplt.plot([1, 2)\n```", PYTHON, "plt.plot([1, 2)\n"),
        (f"```svg\n{SVG}\n```", ICON, SVG),
        (f"```xml\n<?xml version='1.0'?>\n{SVG}\n```", ICON, SVG),
        (f"```html\n<html><body>{SVG}</body></html>\n```", ICON, SVG),
        (f"The icon: {SVG} Done.", ICON, SVG),
        (f"```svg\n{SVG}", ICON, SVG),
        (f"```svg\n<svg><rect/></svg>\n```\nCloser:\n```svg\n{SVG}\n```", ICON, SVG),
        (f"<svg><rect/></svg> is too plain. Closer:\n{SVG}\nDone.", ICON, SVG),
        (f"```svg\n<svg><rect/></svg>\n<!-- closer -->\n{SVG}\n```", ICON, SVG),
        (f"{SVG}\nOr with more, <svg><rect", ICON, SVG),
        (f"An <svg> element: {SVG}", ICON, SVG),
        (f"<svg><g/></svg><svg>{SVG}<path/></svg>", ICON, f"<svg>{SVG}<path/></svg>"),
        (f"```html\n{TABLE}\n```", HTML, TABLE + "\n"),
        (f"```html\n{TABLE}\n{TABLE}\n```", HTML, f"{TABLE}\n{TABLE}\n"),
        (f"```html\n<style>td {{color: red}}</style>{TABLE}\n```", HTML,
         f"<style>td {{color: red}}</style>{TABLE}\n"),
        (f"It reads {TABLE}.", HTML, TABLE),
        (f"```html\n{TABLE}", HTML, TABLE),
        (f"```markdown\n{PIPES}```", MARKDOWN, PIPES),
        (f"The table:\n\n{PIPES}\nas seen.", MARKDOWN, PIPES),
        ("As read:\n\na | b\n--- | ---:\n1 | 2\n\nDone.", MARKDOWN, "a | b\n--- | ---:\n1 | 2\n"),
        (f"The page: <style>td {{color: red}}</style>{TABLE} Done.", HTML, f"<style>td {{color: red}}</style>{TABLE}"),
        # in steps, and in a list
        (f"```python\n{PLOT}```\nNow the title:\n```python\nplt.title('Sales')\n```", PYTHON, f"{PLOT}plt.title('Sales')\n"),
        ("1. Draw:\n   ```python\n   import pylab as plt\n   plt.plot([1])\n   ```\n", PYTHON, "import pylab as plt\nplt.plot([1])\n"),
    ],
)  # fmt: skip
def test_the_program_is_found(reply: str, language: Language, program: str) -> None:
    assert extract_code(reply, language) == program


@pytest.mark.parametrize(
    ("reply", "language", "reason"),
    [
        ("", PYTHON, "empty_reply"),
        (" \n" * 4000, ICON, "empty_reply"),
        ("I cannot see any chart.", PYTHON, "no_program"),
        ("```json\n{}\n```", PYTHON, "no_program"),
        ("```python\nprint('hello')\n```", PYTHON, "no_program"),
        ("<think>Let me look at the bars", PYTHON, "truncated_reply"),
        (f"```python\n{PLOT}", PYTHON, "truncated_reply"),
        (f"```python\n{PLOT}plt.title('Sal", PYTHON, "truncated_reply"),
        (f"{PLOT}plt.title('Sal", PYTHON, "truncated_reply"),
        (f"```svg\n{SVG[:-8]}", ICON, "truncated_reply"),
        (SVG[:-8], ICON, "truncated_reply"),
        (f"```html\n{TABLE}\n<table><tr><td>", HTML, "truncated_reply"),
        (f"```html\n{TABLE[:-9]}", HTML, "truncated_reply"),
        ("Three rows, two columns.", HTML, "no_program"),
        (f"```svg\n<svg>{' ' * 1_000_001}</svg>\n```", ICON, "too_large"),
    ],
)
def test_what_is_no_program_has_its_reason(reply: str, language: Language, reason: str) -> None:
    with pytest.raises(PolicyReplyError) as told:
        extract_code(reply, language)
    assert told.value.reason == reason


def test_what_no_row_can_hold_is_replaced() -> None:
    reply = "```python\nplt.title('\ud800\0')\n```"
    assert extract_code(reply, PYTHON) == "plt.title('?')\n"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "reply",
    ["```" * 9999, "<svg" * 9999, "<table>" * 9999, "import x\n" * 4000 + "(" * 9999, "|a|\n" * 9999,
     "|" * 9999, "|\n--|--\n" * 4000, "<style" * 9999,
     "```python\n" + "(" * 5000 + "\n```"],
)  # fmt: skip
def test_hostile_replies_end(reply: str, language: Language) -> None:
    try:
        assert isinstance(extract_code(reply, language), str)
    except PolicyReplyError as error:
        assert error.reason
