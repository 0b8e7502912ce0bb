"""Any folder of programs as a source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from records.errors import ConfigError
from records.rows import Reject, Sample
from records.taxonomy import Language
from sources.source import pull_samples

PNG = b"\x89PNG\r\n\x1a\n" + b"own picture"
FILES = {
    "charts/one.py": "import matplotlib.pyplot as plt\nplt.plot([1])\n",
    "tables/a.html": "<TABLE><tr><td>1</td></tr></TABLE>",
    "tables/a.pred.html": "<table><tr><td>2</td></tr></table>",
    "tables/b.md": "| x | y |\n|:-:|--:|\n| 1 | 2 |\n",
    "icon.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "README.md": "# About these files",
    ".hidden/c.html": "<table></table>",
    "notes.txt": "not a program",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def pull(source: str, snapshot: Path) -> tuple[list[Sample], list[Reject]]:
    items = list(pull_samples(source, snapshot=snapshot))
    samples = [item for item in items if isinstance(item, Sample)]
    return samples, [item for item in items if isinstance(item, Reject)]


def test_the_suffix_tells_the_language(tmp_path: Path) -> None:
    samples, rejects = pull("folder", write(tmp_path, FILES))
    assert not rejects
    assert [(sample.upstream_id, sample.language) for sample in samples] == [
        ("charts/one.py", Language.PYTHON),
        ("icon.svg", Language.SVG),
        ("tables/a.html", Language.HTML),
        ("tables/b.md", Language.MARKDOWN),
    ]
    assert {sample.licence for sample in samples} == {"unstated"}


def test_a_link_to_nothing_is_a_program_that_is_lost(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "tables/gone.html").symlink_to(tmp_path / "nowhere.html")
    samples, rejects = pull("folder", tmp_path)
    assert len(samples) == 4
    assert [(reject.item_id, reject.reason) for reject in rejects] == [
        ("tables/gone.html", "unreadable")
    ]


def test_tables_only(tmp_path: Path) -> None:
    samples, _ = pull("tables", write(tmp_path, FILES))
    assert [sample.upstream_id for sample in samples] == ["tables/a.html", "tables/b.md"]


def test_pictures_and_a_manifest(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path.parent / "outside.png").write_bytes(PNG)
    for name in ("tables/b.png", "img/icon.png", "shots/first.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PNG)
    manifest = [
        {"html": "tables/a.html", "image": "shots/first.png", "licence": "MIT", "kind": "wide"},
        {"python": "charts/one.py", "image": "../outside.png"},
        {"html": "tables/gone.html"},
        "not an object",
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    samples, _ = pull("folder", tmp_path)
    assert [(s.upstream_id, s.image, s.licence, s.kind) for s in samples] == [
        ("charts/one.py", None, "unstated", ""),
        ("icon.svg", PNG, "unstated", ""),
        ("tables/a.html", PNG, "MIT", "wide"),
        ("tables/b.md", PNG, "unstated", ""),
    ]


def test_unusable_files_become_rejects(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "# only prose\n", "b.html": "<p>", "c.svg": "<html>", "d.py": ""})
    (tmp_path / "e.py").write_bytes(b"\xff\xfe\x00")
    write(tmp_path, {"f.svg": "<svg/>", "g.svg": "<svg >" + "<g/>" * 300_000})
    samples, rejects = pull("folder", tmp_path)
    assert [sample.upstream_id for sample in samples] == ["f.svg"]
    assert {(reject.item_id, reject.reason) for reject in rejects} == {
        ("a.md", "no_table"),
        ("b.html", "no_table"),
        ("c.svg", "no_svg"),
        ("d.py", "empty"),
        ("e.py", "broken_unicode"),
        ("g.svg", "too_large"),
    }


def test_a_folder_without_programs_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ConfigError, match=r"expected files ending.*found notes\.txt"):
        pull("folder", tmp_path)
    with pytest.raises(ConfigError, match="--snapshot DIR"):
        list(pull_samples("folder"))


def test_a_broken_manifest_is_an_error_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    for text in ("{", '{"html": "x"}'):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(ConfigError, match=r"manifest\.json"):
            pull("folder", tmp_path)


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", True),
        ("a | b\n-|-\n1 | 2", True),
        ("Text before.\r\n\r\n| a |\r\n| --- |\r\n", True),
        ("Title\n---\n", False),
        ("| only | pipes |\n", False),
        (" " * 900_000, False),
        ("|" + " " * 900_000 + "x", False),
    ],
)
def test_what_counts_as_a_markdown_table(tmp_path: Path, text: str, is_table: bool) -> None:
    (tmp_path / "a.md").write_text(text, newline="")
    samples, rejects = pull("tables", tmp_path)
    assert (len(samples), len(rejects)) == ((1, 0) if is_table else (0, 1))


def test_a_folder_in_a_clone_is_known_by_its_contents(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("c" * 40)
    samples, _ = pull("folder", tmp_path)
    assert {sample.revision[:7] for sample in samples} == {"sha256:"}
