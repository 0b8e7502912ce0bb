"""ChartMimic in each of its forms: archive and folders, both versions, whole and broken."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from records.errors import ConfigError
from records.rows import Reject, Sample
from sources.source import pull_samples

PNG = b"\x89PNG\r\n\x1a\n" + b"upstream picture"


def script(n: int) -> bytes:
    return f'import matplotlib.pyplot as plt\nplt.plot([1, {n}])\nplt.savefig("x.pdf")\n'.encode()


V2 = {
    "direct_1800/bar_1.py": script(1),
    "direct_1800/bar_1.png": PNG,
    "direct_1800/bar_1.pdf": b"%PDF",
    "direct_1800/3d_2.py": script(2),
    "direct_600/HR_1.py": script(3),
    "direct_600/HR_1.png": PNG + b"HR",
    "customized_1800/errorbar_7.py": script(4),
    "customized_600/PIP_1.py": script(5),
}
V1 = {
    "ori_500/scatters_1.py": script(1),
    "ori_500/scatters_1.pdf": b"%PDF",
    "customized_500/line_2.py": script(2),
    "test.jsonl": b'{"file": "ori_500/scatters_1.py"}\n',
}


def as_folder(at: Path, members: dict[str, bytes]) -> Path:
    for name, data in members.items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return at


def as_archive(path: Path, members: dict[str, bytes], prefix: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def pull(snapshot: Path, limit: int | None = None) -> tuple[list[Sample], list[Reject]]:
    items = list(pull_samples("chartmimic", snapshot=snapshot, limit=limit))
    samples = [item for item in items if isinstance(item, Sample)]
    return samples, [item for item in items if isinstance(item, Reject)]


def facts(samples: list[Sample]) -> list[tuple[str, str, str, bool]]:
    return [(s.upstream_id, s.kind, s.reserved, s.image is not None) for s in samples]


def test_folders_of_the_current_version(tmp_path: Path) -> None:
    samples, rejects = pull(as_folder(tmp_path, V2))
    assert not rejects
    assert sorted(facts(samples)) == [
        ("customized_1800/errorbar_7.py", "errorbar", "", False),
        ("customized_600/PIP_1.py", "PIP", "chartmimic_600", False),
        ("direct_1800/3d_2.py", "3d", "", False),
        ("direct_1800/bar_1.py", "bar", "", True),
        ("direct_600/HR_1.py", "HR", "chartmimic_600", True),
    ]
    by_id = {sample.upstream_id: sample for sample in samples}
    assert by_id["direct_1800/bar_1.py"].image == PNG
    assert by_id["direct_600/HR_1.py"].image == PNG + b"HR"
    assert by_id["direct_1800/bar_1.py"].code.encode() == script(1)


@pytest.mark.parametrize("prefix", ["", "./", "dataset-iclr/", "a/b/"])
def test_the_archive_gives_what_its_folders_give(tmp_path: Path, prefix: str) -> None:
    as_archive(tmp_path / "tar" / "dataset-iclr.tar.gz", V2, prefix)
    packed, rejects = pull(tmp_path / "tar")
    assert not rejects
    unpacked, _ = pull(as_folder(tmp_path / "folder", V2))
    without = {"revision": ""}
    assert [sample.model_copy(update=without) for sample in packed] == [
        sample.model_copy(update=without) for sample in unpacked
    ]


def test_the_archive_itself_may_be_the_snapshot(tmp_path: Path) -> None:
    samples, _ = pull(as_archive(tmp_path / "somewhere.tar.gz", V2))
    assert len(samples) == 5


def test_the_first_version_as_folders_and_as_archive(tmp_path: Path) -> None:
    unpacked, _ = pull(as_folder(tmp_path / "folder", V1))
    as_archive(tmp_path / "tar" / "dataset-old.tar.gz", V1)
    packed, _ = pull(tmp_path / "tar")
    assert sorted(facts(unpacked)) == [
        ("customized_500/line_2.py", "line", "", False),
        ("ori_500/scatters_1.py", "scatter", "", False),
    ]
    assert facts(packed) == facts(unpacked)


def test_a_part_folder_itself_may_be_the_snapshot(tmp_path: Path) -> None:
    as_folder(tmp_path, V2)
    samples, _ = pull(tmp_path / "direct_600")
    assert facts(samples) == [("direct_600/HR_1.py", "HR", "chartmimic_600", True)]


def test_the_current_archive_is_read_rather_than_the_old_one(tmp_path: Path) -> None:
    as_archive(tmp_path / "dataset-old.tar.gz", V1)
    as_archive(tmp_path / "dataset-iclr.tar.gz", V2)
    samples, _ = pull(tmp_path)
    assert not any(sample.upstream_id.startswith("ori_500") for sample in samples)


def test_trainable_scripts_come_first_so_that_a_limit_leaves_something_to_train_on(
    tmp_path: Path,
) -> None:
    samples, _ = pull(as_folder(tmp_path, V2), limit=3)
    assert {sample.reserved for sample in samples} == {""}


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_a_reserved_script_that_also_stands_elsewhere_stays_reserved(
    tmp_path: Path, form: str
) -> None:
    members = {"direct_1800/bar_9.py": script(3), **V2}
    if form == "folder":
        as_folder(tmp_path, members)
    else:
        as_archive(tmp_path / "dataset-iclr.tar.gz", members)
    samples, rejects = pull(tmp_path)
    assert [sample.reserved for sample in samples if sample.code.encode() == script(3)] == [
        "chartmimic_600"
    ]
    assert [(r.reason, r.item_id) for r in rejects] == [("duplicate", "direct_1800/bar_9.py")]
    assert "direct_600/HR_1.py" in rejects[0].detail


def test_of_two_equal_scripts_one_is_a_duplicate(tmp_path: Path) -> None:
    samples, rejects = pull(as_folder(tmp_path, {**V2, "customized_1800/bar_1.py": script(1)}))
    assert len(samples) == 5
    assert [reject.reason for reject in rejects] == ["duplicate"]


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_unusable_scripts_become_rejects(tmp_path: Path, form: str) -> None:
    members = {
        **V2,
        "direct_1800/bar_2.py": b"# \xff\xfe",
        "direct_1800/bar_3.py": b"x = 1\n" * 200_000,
        "direct_1800/bar_4.py": b"  \n",
        "direct_1800/bar_5.py": b"x = 1\0",
    }
    if form == "folder":
        as_folder(tmp_path, members)
    else:
        as_archive(tmp_path / "dataset-iclr.tar.gz", members)
    samples, rejects = pull(tmp_path)
    assert len(samples) == 5
    assert {(reject.stage, reject.item_id, reject.reason) for reject in rejects} == {
        ("pull", "direct_1800/bar_2.py", "broken_unicode"),
        ("pull", "direct_1800/bar_3.py", "too_large"),
        ("pull", "direct_1800/bar_4.py", "empty"),
        ("pull", "direct_1800/bar_5.py", "broken_unicode"),
    }


def test_a_picture_that_is_none_is_left_out_and_the_script_stays(tmp_path: Path) -> None:
    samples, rejects = pull(as_folder(tmp_path, {**V2, "direct_1800/bar_1.png": b"<html>"}))
    assert not rejects
    assert len(samples) == 5
    assert all(s.image is None for s in samples if s.upstream_id == "direct_1800/bar_1.py")


def test_hostile_archive_members_touch_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "in" / "dataset-iclr.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("../../direct_1800/bar_1.py", "/direct_1800/bar_2.py"):
            info = tarfile.TarInfo(name)
            info.size = len(script(1))
            tar.addfile(info, io.BytesIO(script(len(name))[: info.size]))
        for kind, name in ((tarfile.SYMTYPE, "bar_3"), (tarfile.FIFOTYPE, "bar_4")):
            info = tarfile.TarInfo(f"direct_1800/{name}.py")
            info.type = kind
            info.linkname = "/etc/passwd"
            tar.addfile(info)
        info = tarfile.TarInfo("direct_600/HR_1.py")
        info.size = len(script(3))
        tar.addfile(info, io.BytesIO(script(3)))
    before = sorted(os.walk(tmp_path))
    samples, _ = pull(archive.parent)
    assert sorted(os.walk(tmp_path)) == before
    assert "bar_3" not in {Path(sample.upstream_id).stem for sample in samples}
    assert not any("root:" in sample.code for sample in samples)


def test_half_an_archive_is_an_error_that_says_so(tmp_path: Path) -> None:
    whole = as_archive(
        tmp_path / "whole.tar.gz", {**V2, "direct_1800/bar_1.png": PNG + os.urandom(200_000)}
    )
    half = tmp_path / "dataset-iclr.tar.gz"
    half.write_bytes(whole.read_bytes()[:100_000])
    with pytest.raises(ConfigError, match="download it again"):
        pull(tmp_path)


def test_no_archive_at_all_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "dataset-iclr.tar.gz").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(ConfigError, match="damaged"):
        pull(tmp_path)


def test_another_folder_is_named_with_what_was_expected_and_found(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(ConfigError, match=r"expected dataset-iclr.*found holiday\.jpg"):
        pull(tmp_path)
    with pytest.raises(ConfigError, match="does not exist"):
        pull(tmp_path / "missing")
