"""The command audit: what it is run on, what it prints and writes, when it fails."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner

from annotators.audit.figures import Audit, Bounds, missed_bounds
from records.errors import ConfigError
from records.taxonomy import Modality
from vermillion.cli.audit import AuditRequest, audit_annotator, chosen_samples
from vermillion.cli.main import app

ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect x="{}" y="2" width="12" height="9" fill="#cc3322"/><circle cx="16" cy="16" r="5" fill="blue"/></svg>'
TABLE = "<table><tr><th>Year</th><th>Total</th></tr><tr><td>2024</td><td>12.5</td></tr></table>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    for x in range(1, 4):
        (folder / f"icon_{x}.svg").write_text(ICON.format(x), encoding="utf-8")
    (folder / "table.html").write_text(TABLE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path, str]:
    out, to = io.StringIO(), tmp_path_factory.mktemp("report")
    order = AuditRequest(
        source=str(folder), modalities=(Modality.SVG,), limit=2, per_sample=10, workers=2
    )
    console = Console(file=out, width=160)
    missed = audit_annotator(order, False, str(to), console, Console(file=io.StringIO()))
    found = json.loads((to / "report.json").read_text(encoding="utf-8"))
    assert found["missed_bounds"] == missed
    return found, to, out.getvalue()


def test_two_workers_measure_every_chosen_sample(report: tuple[dict, Path, str]) -> None:
    found, _, _ = report
    lane = found["coverage"]["svg"]
    assert (lane["samples"], lane["undrawn"]) == (2, 0)
    assert lane["applies"]["max"] == 10
    assert found["attempts"]["changed"] == found["modalities"]["svg"]["count"] >= 15
    assert found["throughput"]["svg"]["pairs"] == found["attempts"]["changed"] + found[
        "attempts"
    ].get("unchanged", 0)
    assert found["throughput"]["svg"]["pair_cpu_ms"]["mean"] > 0
    assert sum(found["modalities"]["svg"]["cascades"].values()) == found["attempts"]["changed"]


def test_a_category_says_recall_precision_and_count(report: tuple[dict, Path, str]) -> None:
    found, _, _ = report
    for score in found["categories"].values():
        assert {"recall", "precision", "count", "box_iou", "box_covers"} <= set(score)
    assert found["negatives"]["identical"] == found["negatives"]["modalities"]["svg"]["identical"]
    assert found["negatives"]["identical_alarms"] == 0
    ladders = found["monotonicity"]["svg"]
    assert sum(one["ladders"] for one in ladders.values()) == 4
    assert sum(one["falls"] for one in ladders.values()) == 0


def test_the_report_shows_its_plots(report: tuple[dict, Path, str]) -> None:
    found, folder, printed = report
    text = (folder / "report.md").read_text(encoding="utf-8")
    for name in ("categories.png", "weakest.png", "cascades-coverage.png"):
        assert f"({name})" in text
        with Image.open(folder / name) as image:
            assert image.width > 500
            assert len(image.convert("RGB").getcolors(1 << 24) or []) > 20
    for name in found["categories"]:
        assert name in text
        assert name in printed


def test_a_limit_is_spread_over_what_there_is(folder: Path) -> None:
    both = chosen_samples(AuditRequest(source=str(folder), limit=2))
    assert [sample.modality for sample in both] == [Modality.TABLE, Modality.SVG, Modality.SVG]
    bundled = chosen_samples(AuditRequest(modalities=(Modality.TABLE,)))
    few = chosen_samples(AuditRequest(modalities=(Modality.TABLE,), limit=3))
    assert few == [bundled[at * len(bundled) // 3] for at in range(3)]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (AuditRequest(source="nowhere"), "nowhere: no such folder"),
        (AuditRequest(annotator="oracle"), "known: structural"),
    ],
)
def test_a_wrong_order_says_the_way_out(order: AuditRequest, said: str) -> None:
    console = Console(file=io.StringIO())
    with pytest.raises(ConfigError, match=said):
        audit_annotator(order, False, "", console, console)


def test_a_folder_without_the_modality_is_an_error(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no sample of chart"):
        chosen_samples(AuditRequest(source=str(folder), modalities=(Modality.CHART,)))


def test_each_bound_can_be_missed() -> None:
    audit = Audit()
    score = audit.categories["svg/shape_error"]
    score.injected, score.found, score.explained = 100, 90, 97
    score.labels, score.standing, score.local, score.covered = 200, 150, 100, 80
    audit.modalities["svg"] = score
    lane = audit.by_modality["svg"]
    lane.negatives.update(identical=9, identical_alarms=1, equivalent=50, equivalent_alarms=1)
    lane.grades["moved"].steps, lane.grades["moved"].falls = 9, 2
    lane.corrupt_ms, lane.judge_ms = [1.0], [50.0]
    audit.attempts["comparison_bug"] = 1
    lines = missed_bounds(audit)
    for said in (
        "recall 0.900",
        "precision 0.750",
        "2.062 labels",
        "cover 0.800",
        "0.0300 unexplained",
        "1 false alarms on identical",
        "1 false alarms on 50 equivalent",
        "falls in 2 of 9 steps of 'moved'",
        "51.0 ms CPU",
        "1 comparisons failed",
    ):
        assert any(said in line for line in lines), said
    assert len(lines) == 10
    assert missed_bounds(Audit()) == []
    assert not any("recall" in line for line in missed_bounds(audit, Bounds(least=101)))


def test_check_ends_with_1_where_a_bound_is_missed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vermillion.cli import audit as auditing

    monkeypatch.setattr(auditing, "audit_annotator", lambda *_: ["svg: recall is low"])
    command = ["audit", "--source", str(folder)]
    done = CliRunner().invoke(app, [*command, "--check"])
    assert done.exit_code == 1
    assert CliRunner().invoke(app, command).exit_code == 0
