"""The command line: what it prints, what it exits with, how it says what is wrong."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vermillion.cli import main
from vermillion.pipeline import local

CHART = "import matplotlib.pyplot as plt\nplt.bar(['a', 'b', 'c'], [10, 25.5, 40])\nplt.title('Sales')\nplt.savefig('x.pdf')\n"
TABLE = "<table><tr><th>Year</th><th>Total</th></tr><tr><td>2024</td><td>12.5</td></tr></table>"
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect x="2" y="2" width="12" height="9" fill="#cc3322"/><circle cx="16" cy="16" r="5"/></svg>'

SVG_NAME = "http://www.w3.org/2000/svg"


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vermillion", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, Path]:
    files = {"chart.py": CHART, "table.html": TABLE, "icon.svg": ICON}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "icons.toml").write_text('name = "icons"\n[sources.bundled]\n', encoding="utf-8")
    return {name: tmp_path / name for name in files}


def test_a_user_without_a_home_is_asked_for_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As in a container that runs under any user's number, with an empty environment.
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", lambda user: {}[user])
    monkeypatch.setattr(sys, "argv", ["vermillion", "policies"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert "set HOME to a folder" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "none.toml"], "none.toml: cannot be read"),
        (["render", "none.py", "nor.svg", "--out", "x"], "file or directory); nor.svg: cannot"),
        (["render", "notes.txt", "--out", "x"], "no program ends in '.txt'"),
        (["pull", "nowhere", "--out", "x"], "unknown source 'nowhere'"),
        (["pull", "unisvg", "--snapshot", "none", "--out", "x"], "no such folder"),
        (["corrupt", "chart.py", "--name", "drop_titel"], "drop_titel"),
        (["inspect", "nothing"], "nothing: no such folder"),
        (["audit", "--annotator", "oracle"], "oracle"),
        (
            ["audit", "--lane", "typed", "--data", "x"],
            "--data: lane typed reads no folder of pairs",
        ),
        (["render", "chart.py", "--out", "icon.svg"], "icon.svg is a file"),
        (["pull", "bundled", "--out", "floppy://a"], "--out floppy://a: "),
        (["build", "icons.toml", "--out", "floppy://a"], "root floppy://a: "),
        (["inspect", "floppy://a"], "Protocol not known: floppy"),
        (["prune", "floppy://a"], "Protocol not known: floppy"),
        (["verify", "chart.py"], "chart.py: is a file; give the folder"),
        (["compare", "chart.py", "icon.svg"], "give two programs of one modality"),
        (["compare", "chart.py", "chart.py", "--html", "."], "--html .: is a folder; give a file"),
        (["render", "chart.py", "--out", "x", "--html", "icon.svg/a"], "icon.svg is a file"),
        (
            ["corrupt", "chart.py", "--name", "nothing"],
            "no corruption 'nothing' for chart; known: ",
        ),
        (["no-such-command"], "No such command"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    programs: dict[str, Path], tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inspect", "cut.parquet"], "cut.parquet: cut off, or no Parquet file"),
        (["gallery", "cut.parquet", "--out", "page"], "cut.parquet: cut off, or no Parquet file"),
        (["explain", "a", "cut.parquet"], "cut.parquet: cut off, or no Parquet file"),
        (["inspect", "foreign.parquet"], "foreign.parquet: has no column task"),
        (["explain", "a", "foreign.parquet"], "foreign.parquet: has no column id"),
        (["verify", "s3://nowhere/a"], "are address and credentials in the environment"),
        (["build", "icons.toml", "--out", "s3://nowhere/a"], "root s3://nowhere/a: "),
    ],
)
def test_data_that_cannot_be_read_is_one_line_and_exit_code_1(
    programs: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "foreign.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "foreign.parquet").read_bytes()[:-9])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Arrow's error has no name of a file."""
    monkeypatch.setattr(main, "app", lambda: pa.OSFile("/dev/full", "wb").write(b"rows"))
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "No space left on device; free space" in said


def test_an_interrupted_build_says_that_the_same_command_goes_on(
    programs: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(local, "build", interrupted)
    monkeypatch.setattr(sys, "argv", ["vermillion", "build", str(tmp_path / "icons.toml")])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_one_discrepancy_is_counted_in_the_singular(
    programs: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "wrong.svg").write_text(ICON.replace("#cc3322", "#2233cc"), encoding="utf-8")
    done = run("compare", "icon.svg", "wrong.svg", cwd=tmp_path)
    assert "\n1 discrepancy, " in done.stdout


def test_render_prints_one_json_line_a_file(programs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import matplotlib.pyplot as plt\nplt.bar(nowhere, 3)\n")
    done = run("render", *programs.values(), "broken.py", "--out", "out", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["ok", "ok", "ok", "code_crashed"]
    assert set(lines[0]) == {
        "file",
        "status",
        "png",
        "width_px",
        "height_px",
        "pixel_hash",
        "seconds",
        "detail",
    }
    assert "NameError" in lines[3]["detail"]
    for line in lines[:3]:
        assert (tmp_path / line["png"]).read_bytes().startswith(b"\x89PNG")
    again = run("render", programs["chart.py"], "--out", "out", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["pixel_hash"] == lines[0]["pixel_hash"]
    assert not (tmp_path / "x.pdf").exists()


def test_a_file_that_is_not_text_is_a_line_and_a_byte_order_mark_is_nothing(
    programs: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "bytes.svg").write_bytes(b"<svg>\xff</svg>")
    (tmp_path / "marked.svg").write_text(ICON, encoding="utf-8-sig")
    done = run(
        "render", "bytes.svg", "marked.svg", "icon.svg", "--out", "o", "--json", cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    broken, marked, plain = (json.loads(line) for line in done.stdout.splitlines())
    assert (broken["status"], broken["png"]) == ("code_crashed", None)
    assert "bytes.svg: not UTF-8" in broken["detail"]
    assert marked["pixel_hash"] == plain["pixel_hash"] is not None


@pytest.mark.parametrize("name", ["chart.py", "table.html", "icon.svg"])
def test_a_corrupted_program_differs_where_compare_says(
    programs: dict[str, Path], tmp_path: Path, name: str
) -> None:
    listed = run("corrupt", name, "--list", "--json", cwd=tmp_path)
    rows = json.loads(listed.stdout)
    assert {"name", "category", "applies"} == set(rows[0])
    fits = [row for row in rows if row["applies"]]
    assert len(fits) >= 3
    assert any(not row["applies"] for row in rows)
    chosen = {"chart.py": "typo_in_title", "table.html": "", "icon.svg": ""}[name]
    named = next((row["name"] for row in fits if row["name"] == chosen), fits[0]["name"])
    wrong = json.loads(
        run("corrupt", name, "--name", named, "--seed", "3", "--json", cwd=tmp_path).stdout
    )
    plain = run("corrupt", name, "--name", named, "--seed", "3", cwd=tmp_path)
    assert plain.stdout == wrong["code"]
    assert wrong["code"] != programs[name].read_text()
    other = tmp_path / f"wrong{programs[name].suffix}"
    other.write_text(wrong["code"])
    answer = json.loads(run("compare", name, other, "--json", "--why", cwd=tmp_path).stdout)
    assert set(answer) == {"discrepancies", "changed_fraction", "why"}
    assert len(answer["why"]["labels"]) == len(answer["discrepancies"])
    same = json.loads(run("compare", name, name, "--json", cwd=tmp_path).stdout)
    assert same == {"discrepancies": [], "changed_fraction": 0.0}, "nothing of --why unasked"


def test_two_modalities_are_not_compared(programs: dict[str, Path], tmp_path: Path) -> None:
    done = run("compare", "chart.py", "icon.svg", cwd=tmp_path)
    assert done.returncode == 2
    assert "one modality" in done.stderr


def test_pull_reads_a_folder_and_finds_it_unchanged(
    programs: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "snap").mkdir()
    for n in range(3):
        (tmp_path / "snap" / f"icon_{n}.svg").write_text(ICON.replace('r="5"', f'r="{3 + n}"'))
    first = json.loads(
        run("pull", "folder", "--snapshot", "snap", "--out", "out", "--json", cwd=tmp_path).stdout
    )
    assert (first["samples"], first["rejects"], first["changed"]) == (3, 0, True)
    again = json.loads(
        run("pull", "folder", "--snapshot", "snap", "--out", "out", "--json", cwd=tmp_path).stdout
    )
    assert (again["samples"], again["changed"]) == (3, False)


def test_doctor_shows_each_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERMILLION_TRAIN_PYTHON", "/nowhere/python")
    done = run("doctor", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    layers = {layer["name"]: layer for layer in found["layers"]}
    assert {"namespaces", "landlock", "seccomp", "stops: network", "renders: chart"} <= set(layers)
    python = layers["VERMILLION_TRAIN_PYTHON"]
    assert not python["effective"] and not python["required"]
    assert python["detail"].startswith("/nowhere/python is no file")
    assert done.returncode == (0 if found["ok"] else 1)


def test_doctor_tries_what_a_build_needs(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nmodalities = ["svg"]\n[sources.folder]\nsnapshot = "gone"\n')
    done = run("doctor", "--config", file, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("no  source: folder")]
    assert [line for line in lines if line.startswith("ok  renders: svg")]
    assert not any("renders: chart" in line for line in lines)
    assert done.returncode == 1 and "this build would fail or lose rows" in lines[-1]
    file.write_text('nam = "mine"\n')
    done = run("doctor", "--config", file, cwd=tmp_path)
    assert done.returncode == 2 and "unknown setting 'nam'" in done.stderr


def test_pages_stand_alone_and_words_are_words(programs: dict[str, Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.svg"
    wrong.write_text(ICON.replace("#cc3322", "#2233cc"), encoding="utf-8")
    crash = tmp_path / "crash.py"
    crash.write_text("raise ValueError('<b>no')", encoding="utf-8")
    done = run("compare", programs["icon.svg"], wrong, "--html", "c.html", "--json", cwd=tmp_path)
    [label] = json.loads(done.stdout)["discrepancies"]
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 2 and page.count('class="box"') == 1
    assert label["category"] in page and "+" in page and "http" not in page.replace(SVG_NAME, "")
    done = run(
        "render", programs["icon.svg"], crash, "--out", "out", "--html", "r.html", cwd=tmp_path
    )
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert done.returncode == 1 and "code_crashed" in page
    assert page.count("data:image/png;base64,") == 1 and "<b>no" not in page
