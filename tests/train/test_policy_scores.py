"""Scores of policies, on scenes and tables whose numbers were worked out by hand."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageDraw

from records.errors import ConfigError
from records.taxonomy import Modality
from renderers.scene import Element, Scene
from train.evaluate.policy_scores import (
    chart_scores,
    main,
    means,
    score_dataset,
    svg_scores,
    table_of,
    table_scores,
)


def axes(box: tuple[float, float, float, float], *children: Element) -> Element:
    return Element("axes", box, data={"kind": "main"}, children=children)


def mark(role: str, color: str) -> Element:
    return Element(role, (0, 0, 1, 1), style={"fill": color})


def scene(*children: Element) -> Scene:
    return Scene(Modality.CHART, 400, 200, Element("figure", (0, 0, 400, 200), children=children))


def title(text: str) -> Element:
    return Element("title", (0, 0, 1, 1), text=text)


LEFT, RIGHT = (20.0, 20.0, 180.0, 180.0), (220.0, 20.0, 380.0, 180.0)
REFERENCE = scene(
    title("Sales"),
    axes(LEFT, title("2019"), mark("bar", "#ff0000ff"), mark("bar", "#0000ffff")),
    axes(RIGHT, title("2020"), mark("line", "#00ff00ff")),
)


def test_a_chart_is_as_good_as_itself() -> None:
    assert chart_scores(REFERENCE, REFERENCE) == {
        "text": 100.0,
        "layout": 100.0,
        "type": 100.0,
        "color": 100.0,
        "low_level": 100.0,
    }


def test_charts_are_scored_as_worked_out_by_hand() -> None:
    candidate = scene(
        title("Sale"),
        axes(LEFT, title("2019"), mark("bar", "#ff0000ff"), mark("wedge", "#00ff00ff")),
    )
    # text: of (Sales, 2019, 2020) and (Sale, 2019) one is shared: 2*1/5
    # layout: one of two subplots, and its right edge is still the first column's: 2*1/3
    # type: (bar, line) and (bar, wedge): 2*1/4; color: red alone meets red: 2*1/5
    found = chart_scores(REFERENCE, candidate)
    assert found == {
        "text": 40.0,
        "layout": 66.67,
        "type": 50.0,
        "color": 40.0,
        "low_level": round((40 + 66.67 + 50 + 40) / 4, 2),
    }


def test_a_near_color_earns_more_than_a_far_one() -> None:
    def color(name: str) -> float:
        one = scene(axes(LEFT, mark("bar", "#ff0000ff")))
        return chart_scores(one, scene(axes(LEFT, mark("bar", name))))["color"]

    assert 100 > color("#ee0000ff") > color("#aa0000ff") > color("#0000ffff") > 0
    nothing = scene(axes(LEFT))
    assert chart_scores(nothing, nothing)["color"] == 100.0


def png(fill: str) -> bytes:
    image = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(image).ellipse((10, 10, 50, 50), fill=fill)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_unisvg_needs_weights_for_its_score() -> None:
    assert svg_scores(png("red"), png("red")) == {
        "ssim": 100.0,
        "lpips": None,
        "clip": None,
        "unisvg": None,
    }
    found = svg_scores(png("red"), png("red"), lambda *_: 0.25, lambda *_: 0.9)
    # 0.2 * 1 + 0.2 * (1 - 0.25) + 0.6 * 0.9
    assert found["unisvg"] == 89.0


def table(*cells: str) -> str:
    return f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"


def test_tables_are_scored_as_worked_out_by_hand() -> None:
    # three elements below the table; one cell of two letters has one wrong: 1 - 0.5/3
    # the words of the cells are joined without a space: "abcd" against "abcx"
    assert table_scores(table("ab", "cd"), table("ab", "cx")) == {
        "teds": 83.33,
        "teds_structure": 100.0,
        "text": 75.0,
    }
    assert table_scores(table("ab"), "no table")["teds"] == 0.0


def test_means_leave_out_what_is_not_known() -> None:
    found = means([{"a": 50.0, "b": None}, {"a": 100.0, "b": 10.0}], resamples=200)
    assert (found["a"].value, found["a"].count) == (75.0, 2)
    assert found["a"].low <= 75.0 <= found["a"].high
    assert (found["b"].value, found["b"].count) == (10.0, 1)


def dataset(folder: Path, rows: list[dict[str, Any]]) -> str:
    (folder / "test").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "test" / "part-00000.parquet")
    return str(folder)


def row(task: str, policy: str, reference: str, candidate: str) -> dict[str, Any]:
    return {
        "id": "r1",
        "task": task,
        "origin": "sampled" if policy else "corrupted",
        "policy": policy,
        "images": [{"bytes": png("red"), "path": ""}, {"bytes": png("blue"), "path": ""}],
        "reference_code": reference,
        "candidate_code": candidate,
    }


def test_policies_of_a_dataset_are_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = dataset(
        tmp_path / "set",
        [
            row("table", "reader", table("ab", "cd"), table("ab", "cx")),
            row("table", "reader", table("ab", "cd"), table("ab", "cd")),
            row("table", "", table("a"), table("b")),
            row("svg", "tracer", "<svg/>", "<svg/>"),
            row(
                "chart",
                "coder",
                "import matplotlib.pyplot as plt\nplt.bar([1, 2], [3, 4])\nplt.title('A')",
                "import matplotlib.pyplot as plt\nplt.bar([1, 2], [3, 4])\nplt.title('B')",
            ),
            row("chart", "coder", "import matplotlib.pyplot as plt\nplt.bar(1, 2)", "1 / 0"),
        ],
    )
    found = score_dataset(folder)
    told = capsys.readouterr().err
    assert told.startswith("row r1 of coder: not drawn again (code_crashed: chart.py:1: 1 / 0")
    assert list(found) == ["coder", "reader", "tracer"]
    assert found["reader"]["table"]["teds"].value == 91.66
    assert found["tracer"]["svg"].keys() == {"ssim"}
    chart = found["coder"]["chart"]
    assert chart["type"].value == chart["color"].value == 100.0
    assert chart["type"].count == 1
    assert 0 < chart["text"].value < 100
    assert "| reader | table | teds | 91.7 [" in table_of(found)
    assert list(score_dataset(folder, policy="tracer")) == ["tracer"]
    with pytest.raises(ConfigError, match="no attempt of the policy 'nobody'"):
        score_dataset(folder, policy="nobody")
    out = tmp_path / "scores.json"
    monkeypatch.setattr(
        "sys.argv", ["policy_scores", "--dataset", folder, "--policy", "reader", "--out", str(out)]
    )
    assert main() == 0
    assert json.loads(out.read_text())["reader"]["table"]["teds"]["value"] == 91.66
    assert "| reader |" in capsys.readouterr().out
