"""Every command that README, CONTRIBUTING and the guides show is run here, or is named below with a reason.

The tutorials are run whole by `test_tutorials.py`. Of a command that is not run, the program, the
subcommand and each option must exist.
"""

from __future__ import annotations

import glob
import os
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from vermillion.cli.main import app, main

HOUSE = Path(__file__).parents[2]
PAGES = [HOUSE / "README.md", HOUSE / "CONTRIBUTING.md", *sorted((HOUSE / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *```(?:sh|bash|console)\n(.*?)^ *```$", re.M | re.S)
HEREDOC = re.compile(r"^ *(.*)<<'?EOF'?(.*)\n(?:.*\n)*?EOF\n(?:\{.*\n)*", re.M)
"""A command that reads lines of the page, and what it answers."""
INLINE = re.compile(r"`((?:vermillion|make|python -m|scripts/)[^`\n]*)`")

NOT_RUN = {
    "make demo": "minutes; tests/dags/test_runs.py runs the same DAG",
    "make test": "it would run itself",
    "make ui": "a server that does not end",
    "vermillion pull chartmimic": "needs a snapshot; tests/sources/test_chartmimic.py makes one",
    "vermillion doctor": "tests/vermillion/test_commands.py runs it",
    "vermillion audit --check": "minutes; tests/vermillion/test_auditing.py audits a few samples",
    "vermillion policies": "a minute; tests/vermillion/test_policy_figures.py looks at one sample",
    "vermillion refine": "needs a model's server; tests/vermillion/test_refining.py has one",
    "vermillion teach": "needs PyTorch; tests/train/test_teach.py runs it in small",
    "export PYTHONPATH=": "a variable of the shell",
    "python - | curl": "needs a server with a model; tests/train/test_serve.py asks one",
    "vermillion bench": "minutes; the tests in tests/bench measure a few programs",
    "python -m train.": "needs PyTorch or a GPU; `make train-smoke` trains in small",
    "python -m lmms_eval": "another evaluator's environment; tests/train/test_evaluate.py scores its replies",
    "llamafactory-cli": "another trainer's environment; scripts/trainer-contracts builds it",
    "swift": "another trainer's environment; scripts/trainer-contracts builds it",
    "accelerate": "needs a GPU; `make train-smoke` trains in small",
    "docker compose": "needs a container engine; tests/test_compose.py reads the file",
    "cp .env.example .env": "a step of docker compose",
}
"""Beginnings of commands that this module does not run, and why."""


def commands(page: Path) -> list[str]:
    """The commands of a page's shell blocks, one a line, without comments."""
    lines = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        plain = HEREDOC.sub(r"\1\2\n", block.replace("\\\n", " "))
        for line in plain.splitlines():
            words = shlex.split(line.replace("[", "").replace("]", ""), comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words.pop(0)
            if words:
                lines.append(" ".join(["python", *words[1:]] if "/python" in words[0] else words))
    return lines


SHOWN = list(dict.fromkeys(command for page in PAGES for command in commands(page)))
NAMED = [
    text.replace("[", "").replace("]", "")
    for page in PAGES
    for text in INLINE.findall(page.read_text(encoding="utf-8"))
]


def reason(command: str) -> str:
    return next((why for start, why in NOT_RUN.items() if command.startswith(start)), "")


RUN = [command for command in SHOWN if not reason(command)]


def test_a_command_is_run_here_or_named() -> None:
    assert [command for command in RUN if not command.startswith("vermillion ")] == []
    unused = [start for start in NOT_RUN if not any(one.startswith(start) for one in SHOWN)]
    assert unused == []


@pytest.mark.parametrize("why", NOT_RUN.values())
def test_a_reason_names_tests_that_are_there(why: str) -> None:
    gone = [
        name
        for name in re.findall(r"(?:tests|scripts)/[\w./-]+", why)
        if not (HOUSE / name).exists()
    ]
    assert gone == []


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like the one that README speaks of, with a demo of few samples."""
    chart = "import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [10, {}])\nplt.savefig('x.pdf')\n"
    (tmp_path / "chart.py").write_text(chart.format(25))
    (tmp_path / "right.py").write_text(chart.format(25))
    (tmp_path / "wrong.py").write_text(chart.format(40))
    (tmp_path / "table.html").write_text("<table><tr><th>Year</th></tr><tr><td>7</td></tr></table>")
    (tmp_path / "icon.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'
    )
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "demo.toml").write_text(
        'name = "demo"\nversion = "1"\nroot = "data/demo"\nmodalities = ["svg"]\n'
        "[sources.bundled]\nlimit = 1\n[corruption]\nattempts_per_sample = 1\n[policies]\nnames = []\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


SAYS = {
    "init": "wrote mine.toml",
    "build": "published",
    "corrupt": "change_bar_width",
    "compare": "data_error",
    "render": "icon.svg",
    "inspect": " rows (",
    "gallery": "page/index.html",
    "verify": ": 0 differ",
    "prune": "no version to remove",
}
"""Words of what each subcommand prints."""


def test_the_commands_of_the_pages_work(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for command in RUN:
        words = command.split()[1:]
        words = [name for word in words for name in (sorted(glob.glob(word)) or [word])]
        monkeypatch.setattr(sys, "argv", ["vermillion", *words])
        with pytest.raises(SystemExit) as ended:
            main()
            sys.exit(0)
        printed = capsys.readouterr()
        assert not ended.value.code, f"{command}\n{printed.out}{printed.err}"
        assert SAYS[words[0]] in printed.out, f"{command}\n{printed.out}{printed.err}"


def known_options(command: str) -> set[str]:
    """The options of a command's program, without running it; a module of ours prints them.

    Raises:
        AssertionError: there is no such program, target or subcommand.
    """
    words = command.split()
    if words[0] == "vermillion":
        part = typer.main.get_command(app)
        for word in words[1:]:
            if hasattr(part, "commands") and word.isalpha() and word.islower():
                assert word in part.commands, f"{command}: no such command"
                part = part.commands[word]
        return {option for parameter in part.params for option in parameter.opts} | {"--help"}
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (HOUSE / "Makefile").read_text(), re.M)
        assert set(words[1:]) <= {*targets, "TESTS=tests/records", "MANY=1100"}, command
        return set()
    if words[0].startswith("scripts/"):
        assert os.access(HOUSE / words[0], os.X_OK) or words[0].endswith(".py"), command
        return set()
    module = words[words.index("-m") + 1] if "-m" in words else ""
    if module and (HOUSE / module.partition(".")[0]).is_dir():
        print_help(module)
        return set()
    return {word.partition("=")[0] for word in words}


def print_help(module: str) -> None:
    """Let a module of ours print its options."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", [module, "--help"])
        runpy.run_module(module, run_name="__main__")
    assert not ended.value.code


def options(command: str) -> Iterator[str]:
    return (word.partition("=")[0] for word in command.split() if word.startswith("--"))


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
@pytest.mark.parametrize("command", dict.fromkeys([*SHOWN, *NAMED]))
def test_program_and_options_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    known = known_options(command)
    known |= set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    assert set(options(command)) <= known
