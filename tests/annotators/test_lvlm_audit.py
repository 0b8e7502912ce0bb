"""A scripted annotator with planted flaws: the audit measures exactly those, and the pilot acts on them."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from annotators.audit.lvlm import severity_figures
from annotators.audit.pilot import audit_models, run_pilot
from annotators.lvlm.annotator import LvlmAnnotator
from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer, Script
from endpoints.settings import Endpoint
from quality.format.messages import completion
from records.columns import read_records
from records.config import BuildConfig, parse
from records.errors import BoundPassed
from records.layout import Layout
from records.pairs import Judged
from records.rows import Discrepancy
from records.shards import read_rows
from records.taxonomy import Modality, category_names
from vermillion.pipeline.stages import pull

NOTHING = completion(Modality.SVG, [])


def annotator(server: ReplayServer, **more: Any) -> LvlmAnnotator:
    endpoint = Endpoint(
        base_url=server.url, model="m", in_flight=4, prompt_price=10.0, completion_price=50.0
    )
    return LvlmAnnotator(name="eye", endpoint=endpoint, filters=False, **more)


def swapped(asked: ReceivedRequest) -> bool:
    return asked.text.startswith("CANDIDATE")


def candidate(asked: ReceivedRequest) -> str:
    return asked.images[0 if swapped(asked) else 1]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    return parse(
        {
            "name": "piloted",
            "root": str(tmp_path_factory.mktemp("build")),
            "modalities": ["svg"],
            "sources": {"bundled": {"limit": 14}},
            "shard_size": 8,
            "annotate": {"pilot": {"samples": 8, "attempts": 4}},
        },
        "test",
    )


@pytest.fixture(scope="module")
def shards(config: BuildConfig) -> list[str]:
    return [Layout.of(config).shard("pull", name) for name in pull("bundled", config)]


@pytest.fixture(scope="module")
def truth(config: BuildConfig, shards: list[str]) -> dict[str, tuple[Discrepancy, ...]]:
    """What is proven of each pair of the pilot, by candidate picture; a blind model made the shard."""
    folder = Layout.of(config).folder("pilot")
    with ReplayServer(lambda asked: ReplayAnswer(NOTHING)) as server:
        blind = audit_models(shards, config, [annotator(server)], folder)["eye"].to_json()
    assert blind["overall"]["recall"] == 0 and blind["overall"]["precision"] is None
    assert blind["overall"]["false_alarms"] == 0
    found = {}
    for pair in read_records(Judged, f"{folder}/judged.parquet"):
        uri = "data:image/png;base64," + base64.b64encode(pair.picture).decode()
        found[uri] = pair.annotations[0].discrepancies
    return found


def judged(truth: dict[str, Any], config: BuildConfig, shards: list[str], play: Script, seed: int):
    with ReplayServer(play) as server:
        folder = Layout.of(config).folder("pilot")
        judge = annotator(server, seed=seed)
        return audit_models(shards, config, [judge], folder)["eye"].to_json()


def pairs_of(config: BuildConfig) -> list[str]:
    """The candidate picture of each pair; negatives share theirs."""
    folder = Layout.of(config).folder("pilot")
    return [
        "data:image/png;base64," + base64.b64encode(row["picture"]).decode()
        for row in read_rows(f"{folder}/judged.parquet")
    ]


def test_planted_flaws_are_measured_exactly(
    truth: dict[str, tuple[Discrepancy, ...]], config: BuildConfig, shards: list[str]
) -> None:
    names = category_names(Modality.SVG)
    claims: dict[str, list[Discrepancy]] = {}
    planted: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    made: Counter[str] = Counter()
    there: Counter[str] = Counter()
    graded: Counter[tuple[int, int]] = Counter()
    invented = Discrepancy(
        category="text_symbol_error", severity=1, location="outer space", description="qqq zzz"
    )
    order = sorted(truth)
    unread = {uri for at, uri in enumerate(order) if at % 10 == 9}
    pairs = Counter(pairs_of(config))
    for at, uri in enumerate(order):
        said = list(truth[uri])
        right = [True] * len(said)
        flaw = at % 4
        if flaw == 0 and said:
            del said[0], right[0]
        elif flaw == 1:
            said.append(invented)
            right.append(False)
        elif flaw == 2 and said:
            other = names[(names.index(said[0].category) + 1) % len(names)]
            said[0], right[0] = said[0].model_copy(update={"category": other}), False
            planted["renamed"] += pairs[uri] * (uri not in unread)
        elif flaw == 3 and said:
            said[0] = said[0].model_copy(update={"severity": 1 + said[0].severity % 3})
        claims[uri] = said
        if uri in unread:
            planted["failed"] += pairs[uri]
            continue
        for _ in range(pairs[uri]):
            there.update(d.category for d in truth[uri])
            made.update(d.category for d in said)
            hits.update(d.category for d, ok in zip(said, right, strict=True) if ok)
            for claim, ok in zip(said, right, strict=True):
                if ok:
                    true = next(d for d in truth[uri] if d.description == claim.description)
                    graded[true.severity, claim.severity] += 1
            planted["negatives"] += not truth[uri]
            planted["alarms"] += not truth[uri] and bool(said)
            mute = at % 5 == 0
            planted["both"] += bool(said)
            planted["flips"] += bool(said) and mute

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        uri = candidate(asked)
        if uri in unread:
            return ReplayAnswer("mumble")
        if swapped(asked) and order.index(uri) % 5 == 0:
            return ReplayAnswer(NOTHING)
        return ReplayAnswer(completion(Modality.SVG, claims[uri]))

    found = judged(truth, config, shards, play, seed=1)
    whole = found["overall"]
    assert whole["pairs"] == sum(pairs.values())
    assert whole["failed"] == planted["failed"] > 0
    assert (whole["count"], whole["claims"], whole["hits"], whole["renamed"]) == (
        there.total(), made.total(), hits.total(), planted["renamed"],
    )  # fmt: skip
    assert whole["recall"] == round(hits.total() / there.total(), 4) < 1
    assert whole["precision"] == round(hits.total() / made.total(), 4) < 1
    for name in names:
        if there[name] or made[name]:
            one = found["categories"][f"svg/{name}"]
            assert (one["count"], one["claims"], one["hits"]) == (
                there[name], made[name], hits[name],
            )  # fmt: skip
    assert whole["negatives"] == planted["negatives"] > 0
    assert whole["false_alarms"] == round(planted["alarms"] / planted["negatives"], 4)
    assert whole["severity"]["hits"] == [
        [graded[true, claimed] for claimed in (1, 2, 3)] for true in (1, 2, 3)
    ]
    assert whole["severity"]["exact"] == round(
        sum(n for (true, claimed), n in graded.items() if true == claimed) / graded.total(), 4
    )
    assert whole["swap"]["pairs"] == planted["both"]
    assert whole["swap"]["flips"] == round(planted["flips"] / planted["both"], 4) > 0
    assert sum(one["count"] for one in found["renamed"]) == planted["renamed"] > 0
    # 100 tokens at 10 and 20 at 50 a million, whether the cache held them or not.
    assert found["use"]["cost_per_1000_uncached"] == pytest.approx(2.0)
    assert found["use"]["failures"] == {"unparsable": 2 * planted["failed"]}
    with Image.open(Path(Layout.of(config).folder("pilot")) / "eye.png") as plot:
        assert plot.width > 800


def test_perfect_sight_is_perfect(
    truth: dict[str, tuple[Discrepancy, ...]], config: BuildConfig, shards: list[str]
) -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        return ReplayAnswer(completion(Modality.SVG, truth[candidate(asked)]))

    found = judged(truth, config, shards, play, seed=2)["overall"]
    assert (found["recall"], found["precision"], found["f1"]) == (1, 1, 1)
    assert found["severity"]["correlation"] == 1 and found["severity"]["bias"] == 0
    assert found["swap"]["agreement"] == 1 and found["false_alarms"] == 0


def test_filters_show_in_both_figures(
    truth: dict[str, tuple[Discrepancy, ...]], config: BuildConfig, shards: list[str]
) -> None:
    """Someone who claims a change of style about every picture is believed where there is a change."""
    claim = Discrepancy(category="style_error", severity=2, location="all", description="paler")

    with ReplayServer(lambda asked: ReplayAnswer(completion(Modality.SVG, [claim]))) as server:
        judge = annotator(server, seed=3).model_copy(update={"filters": True})
        folder = Layout.of(config).folder("pilot")
        found = audit_models(shards, config, [judge], folder)["eye"].to_json()["overall"]
    assert found["false_alarms"] == 1 and found["false_alarms_believed"] == 0
    assert found["said"]["claims"] == found["pairs"]
    assert found["claims"] < found["said"]["claims"]


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[ReplayServer], dict[str, Any]]:
    def write(server: ReplayServer, seed: int = 0) -> dict[str, Any]:
        file = tmp_path / "judges.toml"
        file.write_text(
            f'[[annotators]]\nname = "eye"\nseed = {seed}\n[annotators.endpoint]\n'
            f'base_url = "{server.url}"\nmodel = "m"\nin_flight = 4\n'
        )
        return {
            "annotators": ["structural", "eye"],
            "files": [str(file)],
            "pilot": {"samples": 8, "attempts": 4, "swapped": False},
        }

    return write


def test_a_bad_annotator_stops_the_build_and_is_asked_once(
    truth: dict[str, Any], config: BuildConfig, shards: list[str], toml: Any, tmp_path: Path
) -> None:
    folder = str(tmp_path / "pilot")
    with ReplayServer(lambda asked: ReplayAnswer(NOTHING)) as server:
        blind = config.changed(annotate=toml(server, seed=4))
        with pytest.raises(BoundPassed, match=r"eye: svg: recall 0.000, bound annotate.pilot.min_"):
            run_pilot(shards, blind, folder)
        asked = len(server.asked)
        assert asked > 20
        with pytest.raises(BoundPassed):
            run_pilot(shards, blind, folder)
        assert len(server.asked) == asked
        told = json.loads((tmp_path / "pilot" / "eye.json").read_text())
        assert told["overall"]["recall"] == 0


def test_a_good_annotator_passes_and_structure_alone_needs_no_pilot(
    truth: dict[str, Any], config: BuildConfig, shards: list[str], toml: Any, tmp_path: Path
) -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        return ReplayAnswer(completion(Modality.SVG, truth[candidate(asked)]))

    with ReplayServer(play) as server:
        good = config.changed(annotate=toml(server, seed=5))
        told = run_pilot(shards, good, str(tmp_path / "pilot"))
    assert told["eye"]["overall"]["recall"] == 1
    assert run_pilot(shards, config, str(tmp_path / "none")) == {}
    assert not (tmp_path / "none").exists()


def test_a_reply_that_cannot_be_read_counts_against_the_annotator(
    truth: dict[str, Any], config: BuildConfig, shards: list[str], toml: Any, tmp_path: Path
) -> None:
    with ReplayServer(lambda asked: ReplayAnswer("I see nothing special.")) as server:
        mumbler = config.changed(annotate=toml(server, seed=6))
        with pytest.raises(BoundPassed, match=r"share without a usable reply 1.000"):
            run_pilot(shards, mumbler, str(tmp_path / "pilot"))


def test_severity_figures_of_nothing_are_none() -> None:
    told = severity_figures({}, [(1, 1)])
    assert (told["correlation"], told["bias"], told["exact"]) == (None, None, None)
