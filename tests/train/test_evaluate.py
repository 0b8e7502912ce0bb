"""VC-RewardBench's scores, on pairs whose numbers were worked out by hand."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

from annotators.audit.matching import Marked, Match, f1, match_by_words
from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer
from records.errors import ConfigError
from records.taxonomy import Modality, category_names
from train.doors import lmms
from train.evaluate.agreement import Compared, matchers_agree, score
from train.evaluate.asking import read_predictions
from train.evaluate.benchmark import marked, read_benchmark
from train.evaluate.leaderboard import main as leaderboard_main
from train.evaluate.run import main


def error(category: str, severity: int, description: str) -> dict[str, Any]:
    return {"type": category, "severity": severity, "description": description}


HUMAN = {
    "c1": [
        error("data_error", 3, "Bar 'Q3' is 25 instead of 30"),
        error("text_error", 1, "The title lacks its year 2019"),
    ],
    "t1": [
        error("numeric_error", 2, "Row 2, column Total: 4.5 is shown as 45"),
        error("text_error", 2, "Header 'Nmae' instead of 'Name'"),
    ],
    "s1": [],
}
PREDICTED = {
    "c1": [
        error("data_error", 3, "bar 'Q3' has value 25, it should be 30"),
        error("style_error", 1, "grid lines are dashed"),
    ],
    "t1": [
        error("numeric_error", 3, "column Total, row 2 differs"),
        error("text_error", 2, "Header 'Nmae' instead of 'Name'"),
    ],
    "s1": [error("shape_error", 1, "the circle is smaller")],
}
BY_HAND = {
    "c1": (Match(0, 0, "yes"),),
    "t1": (Match(0, 0, "partial"), Match(1, 1, "yes")),
    "s1": (),
}
TASKS = {"c1": "chart", "t1": "table", "s1": "svg"}


def compared() -> list[Compared]:
    return [
        Compared(Modality(TASKS[name]), marked(PREDICTED[name]), marked(HUMAN[name]), matches)
        for name, matches in BY_HAND.items()
    ]


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    folder = tmp_path / "bench"
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(buffer, "PNG")
    lines = []
    for name, task in TASKS.items():
        for side in ("gt", "pred"):
            file = folder / f"{task}_images" / side / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(buffer.getvalue())
        lines.append(
            {
                "id": name,
                "idx": 0,
                "category": task,
                "gt_img_path": f"/somewhere/else/{task}_images/gt/{name}.png",
                "pred_img_path": f"{task}_images/pred/{name}.png",
                "human_errors": HUMAN[name],
                "pred_json_other": json.dumps({"errors": PREDICTED[name]}),
            }
        )
    broken = [
        {**lines[0], "id": "b1", "category": "map"},
        {**lines[0], "id": "b2", "gt_img_path": "chart_images/gt/none.png"},
        {**lines[0], "id": "b3", "human_errors": [{"type": "data_error", "severity": 9}]},
    ]
    text = "\n".join(json.dumps(line) for line in lines + broken) + "\n{broken\n"
    (folder / "VC-RewardBench.jsonl").write_text(text)
    return folder


def test_the_scores_are_those_worked_out_by_hand() -> None:
    # yes 2, partial 1, false alarms 2 (grid, circle), missed 1 (title)
    # hard 2*2 / (2*2 + 2 + 1) = 4/7; soft 2*2.5 / (2*2.5 + 2 + 1) = 5/8
    # severities predicted (4, 5, 1), human (4, 4, 0): r = 84 / sqrt(78 * 96) = .9707
    found = score(compared(), resamples=50)
    overall = found["overall"]
    assert overall.f1_hard.value == 57.14
    assert overall.f1_soft.value == 62.5
    assert overall.severity_pearson.value == 97.07
    # chart: yes 1, alarm 1, missed 1; table: all met; svg: one alarm alone
    assert [found[task].f1_hard.value for task in ("chart", "table", "svg")] == [50.0, 100.0, 0.0]
    assert found["table"].f1_soft.value == 100.0
    assert found["svg"].severity_pearson.value is None
    assert found["chart"].categories == {
        "structure_error": (None, None),
        "data_error": (100.0, 100.0),
        "text_error": (0.0, 0.0),
        "style_error": (0.0, 0.0),
    }
    # the numeric error was met by half: neither right nor wrong to the hard count
    assert found["table"].categories["numeric_error"] == (None, 100.0)


def test_intervals_repeat_and_hold_the_value() -> None:
    rows = compared() * 20
    first, second = score(rows, 200, seed=3)["overall"], score(rows, 200, seed=3)["overall"]
    assert first == second
    for found in (first.f1_hard, first.f1_soft, first.severity_pearson):
        assert found.low is not None and found.high is not None and found.value is not None
        assert found.low < found.value < found.high
    assert f1(0, 0, 0) is None


def test_two_matchers_are_compared_as_worked_out_by_hand() -> None:
    # couples 4 + 4 + 0; both find 3, the numeric one as partial and as yes
    # kappa: seen 7/8, by chance (2*3 + 1*0 + 5*5) / 64 = 31/64; (56 - 31) / (64 - 31) = 25/33
    by_words = [
        replace(one, matches=match_by_words(one.predicted, one.human)) for one in compared()
    ]
    found = matchers_agree(compared(), by_words)
    assert (found.both, found.same_degree, found.first_only, found.second_only) == (3, 2, 0, 0)
    assert found.f1 == 100.0
    assert found.kappa == round(25 / 33, 4)
    nothing = matchers_agree(compared()[2:], by_words[2:])
    assert nothing.f1 is None and nothing.kappa is None


def test_words_match_what_people_mean() -> None:
    assert match_by_words(marked(PREDICTED["c1"]), marked(HUMAN["c1"])) == BY_HAND["c1"]
    # Words cannot tell that the first one leaves out what the number is.
    assert match_by_words(marked(PREDICTED["t1"]), marked(HUMAN["t1"])) == (
        Match(0, 0, "yes"),
        Match(1, 1, "yes"),
    )
    other = Marked("text_error", 2, "The legend lists 'Nmae' twice")
    assert match_by_words([other], marked(HUMAN["t1"])) == (Match(0, 1, "partial"),)
    assert match_by_words((), marked(HUMAN["c1"])) == ()


def test_the_benchmark_is_read_with_care(benchmark: Path) -> None:
    items, rejects = read_benchmark(benchmark)
    assert [item.id for item in items] == ["c1", "t1", "s1"]
    assert items[0].reference.parts[-3:] == ("chart_images", "gt", "c1.png")
    assert items[0].candidate.parts[-3:] == ("chart_images", "pred", "c1.png")
    assert items[0].human[0] == Marked("data_error", 3, "Bar 'Q3' is 25 instead of 30")
    assert [reject.reason for reject in rejects] == [
        "unknown_category",
        "missing_picture",
        "unparsable_errors",
        "unparsable_record",
    ]
    with pytest.raises(ConfigError, match="download internlm/VC-RewardBench"):
        read_benchmark(benchmark / "nothing.jsonl")


def test_predictions_of_a_file_and_of_the_benchmark(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(
        "".join(json.dumps({"id": k, "errors": v}) + "\n" for k, v in PREDICTED.items())
    )
    out = tmp_path / "out"
    given = ["--benchmark", str(benchmark), "--out", str(out), "--resamples", "20"]
    assert main([*given, "--predictions", str(file)]) == 0
    scores = json.loads((out / "scores.json").read_text())
    # by words the numeric error counts whole: 2*3 / (2*3 + 2 + 1)
    assert scores["scores"]["overall"]["f1_hard"]["value"] == 66.67
    assert scores["records_not_usable"]["missing_picture"] == 1
    table = (out / "leaderboard.md").read_text()
    assert "| mine | 3 | overall | 66.7 [" in table
    assert "(paper)" not in table and "--protocol official" in table
    assert main([*given, "--shipped", "pred_json_other"]) == 0
    capsys.readouterr()
    assert main([*given, "--shipped", "pred_json_none"]) == 2
    assert "known: pred_json_other" in capsys.readouterr().err
    file.write_text(file.read_text().splitlines()[0] + "\n")
    assert main([*given, "--predictions", str(file)]) == 2
    assert "2 of 3 pairs have no prediction, 't1' first" in capsys.readouterr().err


def test_a_broken_reply_that_the_benchmark_brings_names_nothing_and_counts(
    benchmark: Path, tmp_path: Path
) -> None:
    file = benchmark / "VC-RewardBench.jsonl"
    lines = file.read_text().splitlines()[: len(TASKS)]
    broken = {"pred_json_other": {"errors": [{"type": "data_error", "severity": 9}]}}
    file.write_text("\n".join(json.dumps({**json.loads(line), **broken}) for line in lines))
    out = tmp_path / "out"
    given = ["--benchmark", str(benchmark), "--out", str(out), "--resamples", "20"]
    assert main([*given, "--shipped", "pred_json_other"]) == 0
    scores = json.loads((out / "scores.json").read_text())
    assert scores["scores"]["overall"]["pairs"] == 3
    assert scores["scores"]["overall"]["f1_hard"]["value"] == 0
    assert scores["replies_not_read"] == {"unparsable_errors": 3}
    assert "which name nothing: 3; pairs without" in (out / "leaderboard.md").read_text()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            [{"id": "t0", "errors": []}, {"id": "t0", "errors": HUMAN["t1"]}],
            "record 2: 't0' stands there before",
        ),
        ([["t0"]], "record 1: no object with 'id' and 'errors'"),
        ([{"id": "t0"}], "record 1: no object with 'id' and 'errors'"),
        ([{"id": "t0", "errors": [{"severity": 9}]}], "severity 9; legal are 1, 2 and 3"),
    ],
)
def test_a_file_of_predictions_says_one_thing_of_a_pair(
    lines: list[Any], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(ConfigError, match=said):
        read_predictions(file)


def test_a_line_of_predictions_ends_where_it_ends(tmp_path: Path) -> None:
    errors = [
        {"category": "text_error", "severity": 1, "location": "a\u2028b", "description": "x\x85"}
    ]
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"id": "t0", "errors": errors}, ensure_ascii=False) + "\n\n")
    [found] = read_predictions(file)["t0"]
    assert found.category == "text_error"


def test_runs_stand_side_by_side(
    benchmark: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = []
    for name, errors in (("mine", PREDICTED), ("blind", {key: [] for key in PREDICTED})):
        predictions = tmp_path / f"{name}.jsonl"
        predictions.write_text(
            "".join(json.dumps({"id": k, "errors": v}) + "\n" for k, v in errors.items())
        )
        out = tmp_path / name
        given = ["--benchmark", str(benchmark), "--out", str(out), "--resamples", "20"]
        assert main([*given, "--predictions", str(predictions)]) == 0
        files.append(str(out / "scores.json"))
        with Image.open(out / "scores.png") as image:
            assert image.width > 900
    both = tmp_path / "both"
    monkeypatch.setattr("sys.argv", ["leaderboard", *files, "--out", str(both)])
    assert leaderboard_main() == 0
    table = (both / "leaderboard.md").read_text()
    assert "| mine | 3 | overall | 66.7 [" in table and "| blind | 3 | overall | 0.0 [" in table
    assert (both / "scores.png").stat().st_size > 10_000
    capsys.readouterr()
    files.append(str(predictions))
    monkeypatch.setattr("sys.argv", ["leaderboard", *files, "--out", str(both)])
    assert leaderboard_main() == 2
    assert "no scores of train.evaluate.run" in capsys.readouterr().err


def reply_to(asked: ReceivedRequest) -> ReplayAnswer:
    """The judge's reply: what `PREDICTED` holds for the modality of the prompt."""
    return ReplayAnswer(
        reply_of(next(n for n, t in TASKS.items() if f"{t}_" in _schema_name(asked)))
    )


def reply_of(name: str) -> str:
    errors = [
        {"category": e["type"], "severity": e["severity"], "location": "x"}
        | {"description": e["description"]}
        for e in PREDICTED[name]
    ]
    counts = {
        f"{c}_count": sum(e["category"] == c for e in errors)
        for c in category_names(Modality(TASKS[name]))
    }
    return json.dumps({**counts, "errors": errors})


def _schema_name(asked: ReceivedRequest) -> str:
    return str(asked.body["response_format"]["json_schema"]["name"])


def matches_of(asked: ReceivedRequest) -> ReplayAnswer:
    name = next(n for n in TASKS if PREDICTED[n][0]["description"] in asked.text)
    found = [
        {"predicted": m.predicted + 1, "human": m.human + 1, "degree": m.degree}
        for m in BY_HAND[name]
    ]
    return ReplayAnswer(json.dumps({"matches": found}))


def test_a_served_model_and_a_matching_model(benchmark: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with ReplayServer(reply_to) as server, ReplayServer(matches_of) as matcher:
        given = ["--benchmark", str(benchmark), "--out", str(out), "--resamples", "20"]
        given += ["--url", server.url, "--matcher-url", matcher.url, "--matcher-model", "m"]
        assert main(given) == 0
        assert len(server.asked) == 3
        assert len(matcher.asked) == 2  # nothing to match where people saw nothing wrong
        # A line that a kill cut off is asked again, the others are not.
        answers = out / "predictions.jsonl"
        answers.write_text("\n".join(answers.read_text().splitlines()[:2]) + '\n{"id": "s')
        assert main(given) == 0
        assert len(server.asked) == 4
        assert len(matcher.asked) == 2
    written = json.loads((out / "scores.json").read_text())
    assert written["by_words"]["overall"]["f1_hard"]["value"] == 66.67
    assert written["by_words"]["agreement"]["kappa"] == round(25 / 33, 4)
    assert "kappa 0.7576" in (out / "leaderboard.md").read_text()
    scores = written["scores"]
    assert scores["overall"]["f1_hard"]["value"] == 57.14
    assert scores["overall"]["f1_soft"]["value"] == 62.5
    assert set(read_predictions(out / "predictions.jsonl")) == set(TASKS)


def test_replies_that_cannot_be_read_name_nothing_and_are_counted(
    benchmark: Path, tmp_path: Path
) -> None:
    with ReplayServer(lambda _: ReplayAnswer("no idea")) as server:
        out = tmp_path / "out"
        given = ["--benchmark", str(benchmark), "--out", str(out), "--resamples", "5"]
        assert main([*given, "--url", server.url]) == 0
    scores = json.loads((out / "scores.json").read_text())
    assert scores["replies_not_read"] == {"unparsable": 3}
    assert scores["scores"]["overall"]["f1_hard"]["value"] == 0.0


def test_a_task_of_lmms_eval_scores_as_the_evaluation_does(benchmark: Path, tmp_path: Path) -> None:
    """Its files name functions that exist, and the same replies have the same scores."""
    assert lmms.main(["--benchmark", str(benchmark), "--out", str(tmp_path / "tasks")]) == 0
    text = (tmp_path / "tasks/vermillion_all.yaml").read_text(encoding="utf-8")
    task = yaml.safe_load(text.replace("!function ", ""))
    for name in (task["doc_to_visual"], *(one["aggregation"] for one in task["metric_list"])):
        module, _, function = name.rpartition(".")
        assert module == lmms.__name__ and callable(getattr(lmms, function))
    files = task["dataset_kwargs"]["data_files"]["test"]
    docs = [doc for file in files for doc in pq.read_table(file).to_pylist()]
    assert [doc["id"] for doc in docs] == list(TASKS)
    assert [picture.size for picture in lmms.pictures(docs[0])] == [(40, 30), (40, 30)]
    replies = [reply_of(doc["id"]) for doc in docs]
    found = [lmms.marks(doc, [said]) for doc, said in zip(docs, replies, strict=True)]
    found.append(lmms.marks(docs[2], ["no idea"]))
    assert lmms.replies_not_read([one["replies_not_read"] for one in found]) == 1
    scores = score(
        [replace(one, matches=match_by_words(one.predicted, one.human)) for one in compared()], 0
    )["overall"]
    for measure in lmms.MEASURES:
        pairs = [one[measure] for one in found[:3]]
        assert getattr(lmms, measure)(pairs) == getattr(scores, measure).value, measure
