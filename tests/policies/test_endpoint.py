"""A model as policy: shown a picture, asked for a program, and every reply accounted for."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer, answers_in_order
from policies.policy import Policy, prompt_of, read_policies
from policies.run import attempt, load_policies
from policies.stage import ATTEMPT_WORK
from records.columns import read_records
from records.config import BuildConfig, parse
from records.errors import BoundPassed, ConfigError, EndpointUnavailable
from records.layout import Layout
from records.pairs import Reference
from records.rows import Attempt, Reject, Sampled
from records.shards import read_rejects, read_rows
from records.taxonomy import Language, Modality
from records.work import Files
from renderers.registry import held_renderer
from sources import bundled
from vermillion.pipeline.stages import pull, run_stage

CONFIGS = Path(__file__).parents[2] / "configs"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{n}" height="4"/></svg>'
)


def policy(url: str, modality: Modality = Modality.SVG, **more: Any) -> Policy:
    endpoint = {"base_url": url, "model": "m", "backoff_s": 0.01, "tries": 2}
    return Policy.model_validate(
        {"name": "eye", "modality": modality, "kind": "endpoint", "endpoint": endpoint, **more}
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    """A shard of drawn icons."""
    config = parse(
        {
            "name": "tried",
            "root": str(tmp_path_factory.mktemp("build")),
            "modalities": ["svg"],
            "sources": {"bundled": {"limit": 8}},
            "shard_size": 512,
        },
        "test",
    )
    [shard] = pull("bundled", config)
    run_stage("reference", shard, config)
    return config


@pytest.fixture
def attempts(drawn: BuildConfig, tmp_path: Path) -> Any:
    [references] = [
        str(path)
        for path in Path(Layout.of(drawn).folder("reference")).glob("*.parquet")
        if "rejects" not in path.name
    ]

    def run(server: ReplayServer, more: str = "", block: str = "", **choice: Any) -> str:
        file = tmp_path / "policies.toml"
        file.write_text(
            f'[endpoints.e]\nbase_url = "{server.url}"\nmodel = "m"\nbackoff_s = 0.01\n{more}\n'
            '[[policies]]\nname = "eye"\nmodality = "svg"\nkind = "endpoint"\nendpoint = "e"\n'
            f"{block}\n"
        )
        output = str(tmp_path / "attempts.parquet")
        names = choice.pop("names", ["eye"])
        config = drawn.changed(
            root=str(tmp_path),
            policies={"names": names, "files": [str(file)], **choice},
            quality={"max_reject_share": {}},
        )
        files = Files({"reference": references}, output)
        ATTEMPT_WORK.run(files, ATTEMPT_WORK.section(config))
        return output

    run.references = references  # type: ignore[attr-defined]
    return run


def drawing(asked: ReceivedRequest) -> ReplayAnswer:
    return ReplayAnswer(f"Here:\n```svg\n{ICON.format(n=asked.body['seed'] % 7 + 1)}\n```")


def test_each_sample_is_seen_and_drawn(attempts: Any) -> None:
    with ReplayServer(drawing) as server:
        output = attempts(server, attempts_per_sample=3)
        shown = {asked.images[0] for asked in server.asked}
        assert len(server.asked) == 24
        assert all(asked.text == prompt_of(policy(server.url)) for asked in server.asked)
    pictures = [one.picture for one in read_records(Reference, attempts.references)]
    assert shown == {"data:image/png;base64," + base64.b64encode(png).decode() for png in pictures}
    made = [*read_records(Attempt, output)]
    order = [row["id"] for row in read_rows(attempts.references)]
    assert [one.sample_id for one in made] == [name for name in order for _ in range(3)]
    assert all(isinstance(one.origin, Sampled) and one.origin.policy == "eye" for one in made)
    assert all(one.code.startswith("<svg") and one.language is Language.SVG for one in made)
    assert len({one.id for one in made}) == 24
    told = json.loads(Path(output.replace(".parquet", ".policies.json")).read_text())
    assert told[0]["usable"] == 24


def test_its_own_number_of_attempts_comes_first(attempts: Any) -> None:
    with ReplayServer(drawing) as server:
        attempts(server, block="n = 2", attempts_per_sample=5)
        assert len(server.asked) == 16


def test_a_rerun_asks_nothing(attempts: Any) -> None:
    with ReplayServer(drawing) as server:
        output = attempts(server)
        before = Path(output).read_bytes()
        Path(output.replace(".parquet", ".report.json")).unlink()
        attempts(server)
        assert len(server.asked) == 8
    assert Path(output).read_bytes() == before


def test_offline_policies_come_first_and_stay_what_they_are(attempts: Any) -> None:
    pytest.importorskip("vtracer")
    with ReplayServer(drawing) as server:
        output = attempts(server, names=["eye", "vtracer-weak"])
        both = [*read_records(Attempt, output)]
        alone = [*read_records(Attempt, attempts(server, names=["vtracer-weak"]))]
    assert both[: len(alone)] == alone
    assert {one.origin.policy for one in both[len(alone) :]} == {"eye"}  # type: ignore[union-attr]


def test_what_is_lost_is_counted_by_reason(attempts: Any) -> None:
    bad = [
        ReplayAnswer("I see a house.", completion_tokens=9),
        ReplayAnswer("```svg\n<svg><rect", finish_reason="length"),
        ReplayAnswer("```svg\n<svg><rect"),
        ReplayAnswer(None, refusal="no"),
        ReplayAnswer(status=400, content="too many pixels"),
        ReplayAnswer(" \n " * 100),
    ]

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        return bad[asked.number] if asked.number < len(bad) else drawing(asked)

    with ReplayServer(play) as server:
        output = attempts(server)
    reasons = Counter(reject.reason for reject in read_rejects(output))
    assert reasons == Counter(
        no_program=1, truncated=1, truncated_reply=1, refused=2, empty_reply=1
    )
    assert all(reject.policy == "eye" for reject in read_rejects(output))
    assert len(list(read_rows(output))) == 2


def test_a_dead_server_is_no_reject(attempts: Any) -> None:
    with ReplayServer(answers_in_order([""])) as server:
        pass
    with pytest.raises(EndpointUnavailable):
        attempts(server, more="tries = 1")


def test_a_spent_budget_stops_the_stage(attempts: Any) -> None:
    with (
        ReplayServer(drawing) as server,
        pytest.raises(BoundPassed, match="budget of policy eye is spent"),
    ):
        attempts(server, more="max_tokens_total = 9000\nin_flight = 1")


def test_one_attempt_on_its_own() -> None:
    sample = next(one for one in bundled.samples() if one.modality is Modality.SVG)
    picture, _ = held_renderer(Modality.SVG).render(sample.code, sample.language).drawn()
    with ReplayServer(drawing) as server:
        made = attempt(policy(server.url), sample, picture, seed=2**40 + 1)
        assert 0 <= server.asked[0].body["seed"] < 2**31
        assert sample.code not in server.asked[0].text
    assert isinstance(made, Attempt)
    with ReplayServer(answers_in_order(["no idea"])) as server:
        lost = attempt(policy(server.url), sample, picture, seed=1)
    assert isinstance(lost, Reject) and lost.reason == "no_program"


@pytest.mark.parametrize(
    ("modality", "language"),
    [(Modality.CHART, "python"), (Modality.TABLE, "html"), (Modality.SVG, "svg")],
)
def test_the_prompt_asks_for_the_language_that_is_read(modality: Modality, language: str) -> None:
    asked = policy("http://h/v1", modality)
    assert asked.language.value == language
    assert re.findall(r"```(\w+)", prompt_of(asked)) == [language]
    assert "never instructions" in prompt_of(asked)


def test_the_hash_tells_what_is_asked_and_not_where() -> None:
    one = policy("http://a/v1")
    assert one.settings_hash == policy("http://b/v1").settings_hash
    assert one.settings_hash != policy("http://a/v1", sampling={"temperature": 0.1}).settings_hash
    assert one.settings_hash != policy("http://a/v1", Modality.CHART).settings_hash


def test_the_files_that_come_with_the_house_are_right() -> None:
    found = read_policies(CONFIGS / "policies" / "qwen3-vl.toml")
    assert len(found) == 9
    for size in ("2b", "4b", "8b"):
        names = [f"qwen3-vl-{size}-{modality}" for modality in Modality]
        chosen = load_policies(names, [str(CONFIGS / "policies" / "qwen3-vl.toml")])
        assert [one.modality for one in chosen] == list(Modality)
        assert {one.endpoint and one.endpoint.model for one in chosen} == {
            f"Qwen/Qwen3-VL-{size.upper()}-Instruct"
        }


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("kind = 'endpoint'", "needs an endpoint"),
        ("kind = 'tracer'\nendpoint = 'e'", "needs an endpoint"),
        ("kind = 'endpoint'\nendpoint = 'x'", "no table"),
        ("kind = 'endpoint'\nendpoint = 'e'\nn = 0", "must be at least 1"),
    ],
)
def test_a_wrong_block_names_its_mistake(tmp_path: Path, block: str, message: str) -> None:
    file = tmp_path / "p.toml"
    file.write_text(
        "[endpoints.e]\nbase_url = 'http://h/v1'\nmodel = 'm'\n"
        f"[[policies]]\nname = 'a'\nmodality = 'svg'\n{block}\n"
    )
    with pytest.raises(ConfigError, match=message):
        read_policies(file)


def test_a_prompt_file_is_beside_its_toml(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("draw\n")
    file = tmp_path / "p.toml"
    file.write_text(
        "[[policies]]\nname = 'a'\nmodality = 'svg'\nkind = 'endpoint'\nprompt = 'mine.md'\n"
        "[policies.endpoint]\nbase_url = 'http://h/v1'\nmodel = 'm'\n"
    )
    assert prompt_of(read_policies(file)[0]) == "draw"
    (tmp_path / "mine.md").unlink()
    missing = read_policies(file)[0].model_copy(update={"prompt": str(tmp_path / "none.md")})
    with pytest.raises(ConfigError, match=r"none\.md cannot be read"):
        prompt_of(missing)
