"""A model as annotator: what is believed, what a shard becomes, who is asked again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotators.stage import ANNOTATE
from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer, Script, answers_in_order
from quality.format.messages import completion
from records.columns import record_of
from records.config import BuildConfig, parse
from records.errors import BoundPassed, EndpointUnavailable
from records.layout import Layout
from records.pairs import Judged
from records.rows import Judgment
from records.shards import read_rejects, read_rows
from records.taxonomy import Modality
from records.work import Files
from vermillion.pipeline.stages import pull, run_stage


def annotate(pairs: str, references: str, output: str, config: BuildConfig) -> None:
    inputs = {"render": pairs, "reference": references}
    ANNOTATE.run(Files(inputs, output), ANNOTATE.section(config))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    """Drawn pairs of a few bundled icons, and what the structural annotator says of them."""
    config = parse(
        {
            "name": "judged",
            "root": str(tmp_path_factory.mktemp("build")),
            "modalities": ["svg"],
            "sources": {"bundled": {"limit": 6}},
            "corruption": {"attempts_per_sample": 2, "identical_share": 0.5},
            "shard_size": 512,
            "seed": 3,
        },
        "test",
    )
    [shard] = pull("bundled", config)
    for stage in ("reference", "corrupt", "attempt", "render"):
        run_stage(stage, shard, config)
    at = Layout.of(config).shard
    annotate(at("render", shard), at("reference", shard), at("truth", shard), config)
    return config


@pytest.fixture
def judge(pairs: BuildConfig, tmp_path: Path) -> Callable[..., tuple[str, list[dict[str, Any]]]]:
    """Annotates the shard with the blocks of a TOML file; gives the output and its rows."""
    [shard] = [Path(url).stem for url in Path(Layout.of(pairs).folder("render")).glob("*.parquet")
               if "rejects" not in url.name]  # fmt: skip
    at = Layout.of(pairs).shard

    def run(
        server: ReplayServer,
        names: list[str],
        more: str = "",
        votes: int = 0,
        block: str = "",
        relabel: dict[str, Any] | None = None,
    ) -> tuple[str, list[dict[str, Any]]]:
        file = tmp_path / "judges.toml"
        file.write_text(
            f'[endpoints.e]\nbase_url = "{server.url}"\nmodel = "m"\nbackoff_s = 0.01\n'
            f"in_flight = 4\n{more}\n"
            + "".join(
                f'[[annotators]]\nname = "{name}"\nendpoint = "e"\nseed = {at}\n{block}\n'
                for at, name in enumerate([*names, *(relabel or {}).get("annotators", ())])
                if name != "structural"
            )
        )
        output = str(tmp_path / "out" / f"{shard}.parquet")
        config = pairs.changed(
            annotate={
                "annotators": names,
                "files": [str(file)],
                "votes": votes,
                "relabel": relabel or {"rounds": 0},
            },
            root=str(tmp_path),
            quality={"max_reject_share": {}},
        )
        annotate(at("render", shard), at("reference", shard), output, config)
        return output, list(read_rows(output))

    return run


@pytest.fixture(scope="module")
def truth(pairs: BuildConfig) -> dict[str, str]:
    """The right reply by candidate picture, as a model of perfect sight would give it."""
    replies = {}
    for path in Path(Layout.of(pairs).folder("truth")).glob("*.parquet"):
        if "rejects" in path.name:
            continue
        for row in read_rows(str(path)):
            verdict = annotations(row)[0]
            uri = "data:image/png;base64," + base64.b64encode(row["picture"]).decode()
            replies[uri] = completion(Modality.SVG, verdict.discrepancies)
    return replies


def knowing(truth: dict[str, str]) -> Script:
    return lambda asked: ReplayAnswer(truth[asked.images[1]])


def report_of(output: str) -> dict[str, Any]:
    return json.loads(Path(output.replace(".parquet", ".annotators.json")).read_text())


def annotations(row: dict[str, Any]) -> tuple[Judgment, ...]:
    return record_of(Judged, row, "test").annotations


def test_a_model_stands_beside_the_structural_verdict(judge: Any, truth: dict[str, str]) -> None:
    with ReplayServer(knowing(truth)) as server:
        output, rows = judge(server, ["structural", "eye"])
    assert len(rows) >= 12
    for row in rows:
        verdict, word = annotations(row)
        assert (verdict.annotator, word.annotator) == ("structural-1", "eye lvlm-1")
        assert word.raw_reply and word.prompt_hash
        told = [(d.category, d.severity, d.location) for d in word.discrepancies]
        assert told == [(d.category, d.severity, d.location) for d in verdict.discrepancies]
        assert all(d.label_source == "eye" for d in word.discrepancies)
    told = report_of(output)
    assert told["disagreement"] == 0.0 and told["relabel"] == []
    assert told["annotators"][0]["usable"] == told["pairs"] == len(rows)


def test_structural_alone_asks_nobody(pairs: BuildConfig, judge: Any) -> None:
    with ReplayServer(answers_in_order([ReplayAnswer(status=500)])) as server:
        output, rows = judge(server, ["structural"])
        assert server.asked == []
    folder = Path(Layout.of(pairs).folder("truth"))
    [before] = [path for path in folder.glob("*.parquet") if "rejects" not in path.name]
    assert Path(output).read_bytes() == before.read_bytes()
    assert rows and not Path(output.replace(".parquet", ".annotators.json")).exists()


def test_the_first_named_has_the_verdict(judge: Any, truth: dict[str, str]) -> None:
    with ReplayServer(knowing(truth)) as server:
        _, rows = judge(server, ["eye"])
    assert {len(row["annotations"]) for row in rows} == {1}
    assert annotations(rows[0])[0].annotator == "eye lvlm-1"


def test_what_is_invented_is_dropped_and_told(judge: Any, truth: dict[str, str]) -> None:
    invented = {"category": "style_error", "severity": 3, "location": "x", "description": "y",
                "box": [5000, 0, 1, 1]}  # fmt: skip

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        reply = json.loads(truth[asked.images[1]])
        if not reply["errors"]:  # a negative: no pixel differs
            reply["errors"].append({**invented, "box": None})
            reply["style_error_count"] += 1
        return ReplayAnswer(json.dumps(reply))

    with ReplayServer(play) as server:
        output, rows = judge(server, ["structural", "eye"])
    negatives = [row for row in rows if row["origin"]["kind"] == "identical"]
    assert negatives
    for row in negatives:
        assert annotations(row)[1].discrepancies == ()
        assert "style_error" in annotations(row)[1].raw_reply
    told = report_of(output)
    assert told["annotators"][0]["dropped"]["contradicted"] >= len(negatives)
    assert "no pixel differs" in told["dropped"][0]["detail"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (ReplayAnswer('{"errors": [', finish_reason="length"), "truncated"),
        (ReplayAnswer(" " * 4000, finish_reason="length"), "truncated"),
        (ReplayAnswer('{"structure_error_count": 0, "err'), "unparsable"),
        (ReplayAnswer("The text in the picture told me to answer: no errors."), "unparsable"),
        (ReplayAnswer('{"errors": []}'), "schema_mismatch"),
        (ReplayAnswer("no", refusal="I will not look at this"), "refused"),
        (ReplayAnswer(status=400), "refused"),
    ],
)
def test_a_bad_reply_costs_its_row_and_has_its_reason(
    judge: Any, truth: dict[str, str], bad: ReplayAnswer, reason: str
) -> None:
    worst = sorted(truth)[0]

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        return bad if asked.images[1] == worst else ReplayAnswer(truth[asked.images[1]])

    with ReplayServer(play) as server:
        output, rows = judge(server, ["eye"])
    lost = [reject for reject in read_rejects(output) if reject.detail.startswith("eye")]
    assert lost and {reject.reason for reject in lost} == {reason}
    assert f"eye: {reason}" in lost[0].detail
    assert rows


def test_swapped_counts_are_not_believed(judge: Any, truth: dict[str, str]) -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        reply = json.loads(truth[asked.images[1]])
        names = [name for name in reply if name.endswith("_count")]
        turned = dict(zip(names, [reply[n] for n in names[1:] + names[:1]], strict=True))
        return ReplayAnswer(json.dumps({**reply, **turned}))

    with ReplayServer(play) as server:
        output, rows = judge(server, ["structural", "eye"])
    told = report_of(output)
    failed = told["annotators"][0]["failures"]
    # Pairs without errors have nothing to swap.
    assert failed["count_mismatch"] == sum(len(annotations(row)) == 1 for row in rows) > 0
    assert {tuple(one["failed"]) for one in told["relabel"]} == {("eye: count_mismatch",)}


def test_a_second_annotator_may_fail_without_losing_the_row(
    judge: Any, truth: dict[str, str]
) -> None:
    with ReplayServer(answers_in_order([ReplayAnswer("?")])) as server:
        output, rows = judge(server, ["structural", "eye"])
    assert {len(row["annotations"]) for row in rows} == {1}
    assert len(report_of(output)["relabel"]) == len(rows)


def test_votes_decide(judge: Any, truth: dict[str, str]) -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        blind = asked.body["seed"] == 2
        nothing = completion(Modality.SVG, [])
        return ReplayAnswer(nothing if blind else truth[asked.images[1]])

    with ReplayServer(play) as server:
        output, rows = judge(server, ["structural", "eye", "blind"], votes=2)
    for row in rows:
        verdict, proven, _, blind = annotations(row)
        assert verdict.annotator == "consensus-1"
        assert [d.category for d in verdict.discrepancies] == [
            d.category for d in proven.discrepancies
        ]
        assert blind.discrepancies == ()
    told = report_of(output)
    disputed = sum(bool(annotations(row)[0].discrepancies) for row in rows)
    assert len(told["relabel"]) == disputed > 0
    assert told["relabel"][0]["disagreement"] == pytest.approx(2 / 3, abs=1e-3)


def test_only_disputed_and_failed_pairs_are_asked_again_the_worst_first(
    judge: Any, truth: dict[str, str]
) -> None:
    wrong = [uri for uri in sorted(truth) if json.loads(truth[uri])["errors"]][:3]
    unread, *blind = wrong

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        uri, first = asked.images[1], asked.body["temperature"] == 0
        if uri == unread and first:
            return ReplayAnswer("mumble")
        return ReplayAnswer(completion(Modality.SVG, []) if uri in blind and first else truth[uri])

    with ReplayServer(play) as server:
        output, rows = judge(server, ["structural", "eye"], relabel={"rounds": 2})
        again = [one for one in server.asked if one.body["temperature"] == 0.7]
    # Once for the reply that could not be read, twice for the majority of three.
    assert [one.images[1] for one in again].count(unread) == 1
    assert all([one.images[1] for one in again].count(uri) == 2 for uri in blind)
    assert len(again) == 5
    # What is disputed goes before what merely failed.
    assert unread not in {one.images[1] for one in again[:2]}
    told = report_of(output)
    assert (told["asked_again"], told["settled"], told["relabel"]) == (3, 3, [])
    by_words = {row["id"]: one for row in rows for one in annotations(row)[1:]}
    assert len(by_words) == len(rows)
    for row in rows:
        verdict, word = annotations(row)
        assert [d.category for d in word.discrepancies] == [
            d.category for d in verdict.discrepancies
        ]
    merged = [one.raw_reply for one in by_words.values() if one.raw_reply.startswith("[")]
    assert sorted(len(json.loads(reply)) for reply in merged) == [3, 3]


def test_a_verdict_that_failed_is_asked_again_and_keeps_its_row(
    judge: Any, truth: dict[str, str]
) -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        first = asked.body["temperature"] == 0
        return ReplayAnswer("mumble" if first else truth[asked.images[1]])

    with ReplayServer(play) as server:
        output, rows = judge(server, ["eye"], relabel={"max_share": 0.5})
        pairs = len({one.images[1] for one in server.asked})
    told = report_of(output)
    assert told["asked_again"] == len(rows) == -(-told["pairs"] // 2)
    rejects = [reject for reject in read_rejects(output) if reject.reason == "unparsable"]
    assert len(rows) + len(rejects) == told["pairs"] >= pairs


def test_an_arbiter_is_asked_about_disputed_pairs_only_and_has_the_last_word(
    judge: Any, truth: dict[str, str]
) -> None:
    wrong = {uri for uri in truth if json.loads(truth[uri])["errors"]}
    odd = set(sorted(wrong)[:3])

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        uri = asked.images[1]
        if asked.body["seed"] == 1 and uri in odd:  # the second of the two
            return ReplayAnswer(completion(Modality.SVG, []))
        return ReplayAnswer(truth[uri])

    with ReplayServer(play) as server:
        output, rows = judge(
            server, ["one", "two"], relabel={"annotators": ["chief"], "max_share": 1.0}
        )
        asked = [one.images[1] for one in server.asked if one.body["seed"] == 2]
    assert set(asked) == odd and len(asked) == len(odd)
    verdicts = [annotations(row)[0].annotator for row in rows]
    assert verdicts.count("chief lvlm-1") == len(odd)
    told = report_of(output)
    assert [one["endpoint"] for one in told["annotators"]] == ["one", "two", "chief"]
    assert (told["asked_again"], told["settled"], told["relabel"]) == (len(odd), len(odd), [])


def test_a_rerun_asks_nothing_and_writes_the_same(judge: Any, truth: dict[str, str]) -> None:
    with ReplayServer(knowing(truth)) as server:
        output, _ = judge(server, ["structural", "eye"])
        asked = len(server.asked)
        before = Path(output).read_bytes()
        Path(output.replace(".parquet", ".report.json")).unlink()
        judge(server, ["structural", "eye"])
        assert len(server.asked) == asked
    assert Path(output).read_bytes() == before
    assert report_of(output)["annotators"][0]["asked"] == 0


def test_a_spent_budget_stops_the_stage_and_keeps_what_was_answered(
    judge: Any, truth: dict[str, str]
) -> None:
    with ReplayServer(knowing(truth)) as server:
        small = "sampling = {max_tokens = 100}"
        with pytest.raises(BoundPassed, match="budget of annotator eye is spent"):
            judge(server, ["structural", "eye"], "max_tokens_total = 2500", block=small)
        asked = len(server.asked)
        assert asked
        output, rows = judge(server, ["structural", "eye"], block=small)
        assert len(server.asked) == len({one.digest for one in server.asked})
        assert report_of(output)["annotators"][0]["cached"] >= asked
    assert rows


def test_a_dead_server_stops_the_stage(judge: Any) -> None:
    with ReplayServer(answers_in_order([""])) as server:
        pass
    with pytest.raises(EndpointUnavailable, match="gave no answer"):
        judge(server, ["structural", "eye"], "tries = 1")


def test_a_judge_that_obeys_the_picture_makes_no_negative(
    judge: Any, truth: dict[str, str]
) -> None:
    """Words in a picture may make a model answer that nothing differs: the pixels know better."""
    with ReplayServer(answers_in_order([completion(Modality.SVG, [])])) as server:
        output, rows = judge(server, ["eye"])
    lost = [reject for reject in read_rejects(output) if reject.reason == "unexplained_change"]
    assert len(lost) == sum(bool(json.loads(reply)["errors"]) for reply in truth.values()) > 0
    assert {row["origin"]["kind"] for row in rows} <= {"identical", "equivalent"}
    with ReplayServer(answers_in_order([completion(Modality.SVG, [])])) as server:
        output, rows = judge(server, ["structural", "eye"])
    # Beside a proven verdict it is only a dispute.
    told = report_of(output)
    assert len(told["relabel"]) == len(lost)
