"""Refinement: a scripted policy gets better by what its critic says, and the best is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer
from endpoints.settings import Endpoint
from records.errors import ConfigError, EndpointUnavailable
from records.taxonomy import Language, Modality
from renderers.contract import Picture
from renderers.registry import held_renderer
from tests.train.test_structural_reward import CHART, FORGERIES, HONEST_CHART
from train.refine.run import Refinement, main, refine_files
from train.rehearsal.toy import icon, judge

REFERENCE = icon(1.0)


@pytest.fixture(scope="module")
def picture() -> Picture:
    drawn, _ = held_renderer(Modality.SVG).render(REFERENCE, Language.SVG).drawn()
    return drawn


@pytest.fixture
def file(picture: Picture, tmp_path: Path) -> Path:
    path = tmp_path / "bar.png"
    path.write_bytes(picture.png)
    return path


def fills(*shares: float | str) -> tuple[ReplayServer, list[ReceivedRequest]]:
    """A policy that draws these bars one after the other; a text stands for itself."""
    asked: list[ReceivedRequest] = []

    def reply(question: ReceivedRequest) -> ReplayAnswer:
        asked.append(question)
        share = shares[min(len(asked), len(shares)) - 1]
        return ReplayAnswer(share if isinstance(share, str) else f"```svg\n{icon(share)}\n```")

    return ReplayServer(reply), asked


def refined(file: Path, policy: ReplayServer, out: Path, settings: Refinement | None = None):  # type: ignore[no-untyped-def]
    with ReplayServer(judge) as critic, policy:
        [one] = refine_files(
            [file],
            Modality.SVG,
            Endpoint(base_url=policy.url, model="policy"),
            [Endpoint(base_url=critic.url, model="visual-erm")],
            out,
            settings or Refinement(),
        )
    return one


def test_what_the_critic_says_makes_the_next_program_better(file: Path, tmp_path: Path) -> None:
    """The policy reads how full its bar was and fills it by half of what is missing."""
    prompts: list[str] = []

    def better(asked: ReceivedRequest) -> ReplayAnswer:
        prompts.append(asked.text)
        found = re.search(r"to (\d+)% in the candidate", asked.text)
        share = 0.2 if found is None else (int(found[1]) / 100 + 1) / 2
        return ReplayAnswer(icon(share))

    one = refined(file, ReplayServer(better), tmp_path / "out", Refinement(rounds=4))
    rewards = [round_.reward for round_ in one.rounds]
    assert len(rewards) == 4
    assert rewards == sorted(rewards)
    assert rewards[0] == 1.28  # twelve of fifteen errors, of severity 3 each
    assert rewards[-1] == 1.88
    assert one.best is one.rounds[-1]
    assert "Write SVG that draws the same" in prompts[0]
    assert icon(0.2) in prompts[1]  # its own program is shown to it
    said = json.loads((tmp_path / "out/bar/transcript.json").read_text())
    assert [round_["reward"] for round_ in said["rounds"]] == rewards
    assert said["best_round"] == 4
    for number in range(1, 5):
        assert (tmp_path / f"out/bar/round-{number}.png").stat().st_size
        assert (tmp_path / f"out/bar/round-{number}.svg").read_text().strip() == said["rounds"][
            number - 1
        ]["code"].strip()
    assert (tmp_path / "out/bar/best.png").read_bytes() == one.best.picture.png
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["mean_reward_kept_by_round"] == rewards


def test_a_revision_that_is_worse_is_not_kept_nor_built_upon(file: Path, tmp_path: Path) -> None:
    policy, asked = fills(0.8, 0.3, 0.5)
    one = refined(file, policy, tmp_path / "out")
    assert [round_.reward for round_ in one.rounds] == [1.82, 1.34, 1.52]
    assert one.best is one.rounds[0]
    assert icon(0.8) in asked[2].text and icon(0.3) not in asked[2].text
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["mean_reward_kept_by_round"] == [1.82] * 3


@pytest.mark.parametrize(("threshold", "rounds"), [(0, 3), (9, 2), (30, 1)])
def test_good_enough_ends_it(file: Path, tmp_path: Path, threshold: int, rounds: int) -> None:
    policy, _ = fills(0.5, 0.8, 0.9)  # severities 24 (of 8 errors), 9 and 6
    one = refined(file, policy, tmp_path / "out", Refinement(threshold=threshold))
    assert len(one.rounds) == rounds


def test_the_reference_itself_ends_it_without_a_critic(file: Path, tmp_path: Path) -> None:
    policy, asked = fills(1.0)
    one = refined(file, policy, tmp_path / "out")
    assert [(round_.reward, round_.reason) for round_ in one.rounds] == [(2.0, "equal_pixels")]
    assert len(asked) == 1


def test_a_program_that_draws_nothing_is_repaired(file: Path, tmp_path: Path) -> None:
    policy, asked = fills("<svg><broken</svg>", "I cannot do this.", 0.9)
    one = refined(file, policy, tmp_path / "out")
    assert [round_.reward for round_ in one.rounds] == [0.0, 0.0, 1.88]
    assert [round_.verdict for round_ in one.rounds] == [
        *["program_failed"] * 2,
        "scored",
    ]
    assert "gave no picture" in asked[1].text
    assert len(asked[1].images) == 1 and "<broken" in asked[1].text
    assert one.best is one.rounds[2]
    page = (tmp_path / "out/bar/transcript.md").read_text()
    assert "reward 1.88, kept" in page and "![round 3](round-3.png)" in page


def test_a_critic_that_is_down_keeps_nothing(file: Path, tmp_path: Path) -> None:
    policy, _ = fills(0.5)
    dead = Endpoint(
        base_url="http://127.0.0.1:9/v1", model="m", tries=1, deadline_s=1, backoff_s=0.01
    )
    with policy, pytest.raises(EndpointUnavailable, match=r"no round was drawn .* \(judge_down\)"):
        refine_files(
            [file],
            Modality.SVG,
            Endpoint(base_url=policy.url, model="policy"),
            [dead],
            tmp_path / "out",
            Refinement(rounds=2),
        )


def test_a_policy_that_is_down_earns_nothing_and_keeps_nothing(file: Path, tmp_path: Path) -> None:
    dead = Endpoint(
        base_url="http://127.0.0.1:9/v1", model="m", tries=1, deadline_s=1, backoff_s=0.01
    )
    with (
        ReplayServer(judge) as critic,
        pytest.raises(EndpointUnavailable, match=r"no round was drawn .* \(unavailable\)"),
    ):
        refine_files(
            [file],
            Modality.SVG,
            dead,
            [Endpoint(base_url=critic.url, model="visual-erm")],
            tmp_path / "out",
            Refinement(rounds=2),
        )
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_each_round_brought(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, _ = fills(0.5, 1.0)
    with ReplayServer(judge) as critic, policy:
        asked = ["--modality", "svg", "--policy-url", policy.url, "--policy", "p"]
        asked += ["--critic-url", critic.url, "--out", str(tmp_path / "out")]
        own = tmp_path / "own.toml"
        own.write_text('[svg]\ntext = "Say what differs, icon judge."')
        assert main([str(file), *asked, "--prompts", str(own)]) == 0
        assert all("Say what differs, icon judge." in one.text for one in critic.asked)
        assert "bar: reward 1.52 -> 2.00; round 2 is kept" in capsys.readouterr().out
        assert main([str(tmp_path / "none.png"), *asked]) == 2
        assert "give PNG or JPEG" in capsys.readouterr().err
        assert main([str(file), *asked, "--policy-url", "localhost:1"]) == 2
        assert "give http://HOST:PORT/v1" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="two pictures are called bar"):
        refine_files(
            [file, file],
            Modality.SVG,
            Endpoint(base_url="http://h/v1", model="m"),
            [],
            tmp_path,
            Refinement(),
        )


def test_the_exact_critic_needs_the_program_and_no_server(tmp_path: Path) -> None:
    program = tmp_path / "bar.svg"
    program.write_text(
        icon(1.0).removeprefix("```svg").removesuffix("```").strip(), encoding="utf-8"
    )
    prompts: list[str] = []

    def better(asked: ReceivedRequest) -> ReplayAnswer:
        prompts.append(asked.text)
        return ReplayAnswer(icon(min(1.0, 0.3 * len(prompts))))

    with ReplayServer(better) as policy:
        asked = ["--modality", "svg", "--policy-url", policy.url, "--policy", "p", "--rounds", "5"]
        out = ["--critic", "structural", "--out", str(tmp_path / "out")]
        assert main([str(program), *asked, *out]) == 0
    said = json.loads((tmp_path / "out" / "bar" / "transcript.json").read_text())["rounds"]
    rewards = [round_["reward"] for round_ in said]
    assert rewards == sorted(rewards) and rewards[-1] == 2.0 and len(rewards) == 4
    # The second question names what the critic found.
    assert "severity" in prompts[1] and "severity" not in prompts[0]


def test_a_chart_that_claims_what_it_does_not_draw_is_never_good_enough(tmp_path: Path) -> None:
    program = tmp_path / "chart.py"
    program.write_text(CHART, encoding="utf-8")
    replies = [FORGERIES["replaced extractor"], HONEST_CHART]
    asked: list[ReceivedRequest] = []

    def policy(one: ReceivedRequest) -> ReplayAnswer:
        asked.append(one)
        return ReplayAnswer(f"```python\n{replies[len(asked) - 1]}\n```")

    with ReplayServer(policy) as server:
        given = [
            "--modality",
            "chart",
            "--policy-url",
            server.url,
            "--policy",
            "p",
            "--rounds",
            "2",
        ]
        out = ["--critic", "structural", "--threshold", "1000", "--out", str(tmp_path / "out")]
        assert main([str(program), *given, *out]) == 0
    found = json.loads((tmp_path / "out" / "chart" / "transcript.json").read_text())
    assert [round_["reason"] for round_ in found["rounds"]] == ["claims_not_confirmed", "compared"]
    assert found["best_round"] == 2


def test_the_best_of_several_is_kept_and_none_hears_of_another(tmp_path: Path) -> None:
    program = tmp_path / "bar.svg"
    program.write_text(
        icon(1.0).removeprefix("```svg").removesuffix("```").strip(), encoding="utf-8"
    )
    prompts: list[str] = []

    def some(asked: ReceivedRequest) -> ReplayAnswer:
        prompts.append(asked.text)
        return ReplayAnswer(icon((0.4, 0.9, 0.2)[len(prompts) - 1]))

    with ReplayServer(some) as policy:
        asked = ["--modality", "svg", "--policy-url", policy.url, "--policy", "p", "--best-of", "3"]
        out = ["--critic", "structural", "--out", str(tmp_path / "out")]
        assert main([str(program), *asked, *out]) == 0
    assert len(set(prompts)) == 1
    said = json.loads((tmp_path / "out" / "bar" / "transcript.json").read_text())
    rewards = [round_["reward"] for round_ in said["rounds"]]
    assert max(rewards) == rewards[1]


def test_a_critic_is_named_once(tmp_path: Path) -> None:
    asked = ["--modality", "svg", "--policy-url", "http://127.0.0.1:9/v1", "--policy", "p"]
    with pytest.raises(SystemExit, match="2"):
        main(["a.svg", *asked, "--out", str(tmp_path)])
