"""A test that is skipped is counted: more skips than the budget fail the session."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).with_name("conftest.py")


@pytest.mark.parametrize(
    ("reason", "code", "said"),
    [
        ("no .venv-train: make train-smoke makes it", 0, "other environments and extras"),
        ("no ../shared/data beside the checkout", 0, "real samples beside the checkout"),
        (
            "not today",
            1,
            "over budget: 1 tests skipped for a reason that no budget names, 0 allowed",
        ),
    ],
)
def test_skips_are_counted_by_reason(
    pytester: pytest.Pytester, reason: str, code: int, said: str
) -> None:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(f"import pytest\n\ndef test_a():\n    pytest.skip({reason!r})\n")
    done = pytester.runpytest_subprocess("-q")
    assert done.ret == code
    done.stdout.fnmatch_lines([f"*{said}*"])


def test_more_skips_than_the_budget_fail(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(
        "import pytest\n\n@pytest.mark.parametrize('n', range(13))\n"
        "def test_a(n):\n    pytest.skip('no mount namespace on this machine')\n"
    )
    done = pytester.runpytest_subprocess("-q")
    assert done.ret == 1
    done.stdout.fnmatch_lines(["*13 tests skipped for what this machine has, 12 allowed*"])


def test_a_budget_names_every_reason_in_the_tests() -> None:
    # A session fails for a reason that none names, and on the machines of others others are met.
    given = {
        f"{file}: {reason}"
        for file in CONFTEST.parent.rglob("*.py")
        if file != Path(__file__)
        for reason in _reasons(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert len(given) > 30
    named = "|".join(runpy.run_path(str(CONFTEST))["_REASONS"].values())
    assert not [reason for reason in given if not re.search(named, reason.partition(": ")[2])]


def _reasons(tree: ast.AST) -> Iterator[str]:
    """The texts for which tests of a module are skipped; of what is filled in, nothing."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith((".skip", ".skipif")):
            told = [word.value for word in call.keywords if word.arg == "reason"]
            for text in told or call.args[-1:]:
                parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                found = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
                if found:
                    yield "".join(found)
