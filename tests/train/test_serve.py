"""Servers for a cluster: their addresses stand in a file while they live."""

from __future__ import annotations

import base64
import io
import json
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from records.errors import ConfigError
from records.rows import COMPARISON_BUG
from records.taxonomy import Language, Modality
from renderers.registry import open_renderer
from tests.train.judges import SaysJudge, severities
from tests.train.test_grpo import REPLAY, free_ports
from train.doors import vermillion_env
from train.doors.prompts import write_plain
from train.grpo.policy_data import SCHEMA
from train.reward.addresses import addresses_of
from train.reward.judge import Judgment, NotJudged
from train.reward.outcome import Case, Outcome, Verdict
from train.reward.scoring import Scorer
from train.serve.front import Front
from train.serve.run import serve
from train.settings import Judges, Reward, TrainConfig


def both(task: str) -> dict[str, Any]:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(target, "PNG")
    picture = base64.b64encode(target.getvalue()).decode()
    return {
        "task": task,
        "reference": picture,
        "candidate": f"data:image/png;base64,{picture}",
    }


def ask(url: str, values: object) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    request = urllib.request.Request(url, json.dumps(values).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_two_pictures_in_and_errors_out() -> None:
    said: list[Judgment] = [
        severities(Modality.CHART, 3, 1),
        NotJudged("unparsable", down=False),
        NotJudged("unavailable", down=True),
    ]
    judge = SaysJudge(lambda *_: said[judge.asked - 1])
    with Front(judge) as front:
        url = f"http://127.0.0.1:{front.port}"
        status, told = ask(f"{url}/judge", both("chart"))
        assert (status, told["severity_sum"], len(told["errors"])) == (200, 4, 2)
        assert set(told["errors"][0]) == {"category", "severity", "location", "description"}
        assert [ask(f"{url}/judge", both("chart"))[0] for _ in said[1:]] == [422, 503]
        for wrong, named in (
            ([], "no JSON object"),
            (both("map"), "task 'map'; legal: chart, table, svg"),
            ({**both("svg"), "candidate": "AAAA"}, "candidate: these bytes are no picture"),
            ({"task": "svg"}, "reference: a picture in base64"),
        ):
            status, told = ask(f"{url}/judge", wrong)
            assert status == 400 and named in told["error"]
        deep = urllib.request.Request(f"{url}/judge", b"[" * 100_000)
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(deep, timeout=60)
        assert ask(f"{url}/other", {})[0] == 404
        with urllib.request.urlopen(f"{url}/health", timeout=60) as answer:
            assert answer.status == 200


def test_a_bug_of_the_service_is_an_answer_and_a_line_of_its_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    judge = SaysJudge(lambda *_: 1 // 0)  # type: ignore[arg-type]
    with Front(judge) as front:
        status, told = ask(f"http://127.0.0.1:{front.port}/judge", both("chart"))
    assert (status, told) == (
        500,
        {"error": "a bug of this service, see its log: ZeroDivisionError"},
    )
    assert "please report it" in caplog.text


def wait_for(out: Path, work: threading.Thread) -> None:
    """Wait until a service has written its file, or has ended."""
    for _ in range(600):
        if out.exists() or not work.is_alive():
            break
        threading.Event().wait(0.1)


def test_addresses_stand_in_a_file_while_the_servers_live(tmp_path: Path) -> None:
    judges = Judges(servers=2, gpus_each=0, first_port=free_ports(2), command=REPLAY)
    out = tmp_path / "services.json"
    end = threading.Event()
    work = threading.Thread(
        target=serve, args=(TrainConfig(judges=judges), "model", "127.0.0.1", out, end, 0)
    )
    work.start()
    try:
        wait_for(out, work)
        expected = tuple(f"http://127.0.0.1:{judges.first_port + n}/v1" for n in (0, 1))
        assert addresses_of(Reward(services_file=str(out))) == expected
        told = json.loads(out.read_text())
        assert told["model"] == "visual-erm"
        # What this replay server says is no reply of a reward model.
        assert ask(told["front"] + "/judge", both("chart"))[0] == 422
    finally:
        end.set()
        work.join()
    assert not out.exists()


def test_the_exact_reward_is_served_without_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole service, as it is started: no model, no `[judges]`, and replies are paid."""
    out, end = tmp_path / "services.json", threading.Event()
    exact = TrainConfig(reward=Reward(kind="structural"))
    work = threading.Thread(target=serve, args=(exact, "", "127.0.0.1", out, end, 0))
    work.start()
    try:
        wait_for(out, work)
        front = json.loads(out.read_text())["front"]
        with open_renderer(Modality.SVG) as renderer:
            picture, _ = renderer.render(ICON, Language.SVG).drawn()
        reference = base64.b64encode(picture.png).decode()
        values = {"task": "svg", "reference": reference, "reference_code": ICON, "completion": ICON}
        status, told = ask(f"{front}/reward", values)
        assert (status, told["reward"]) == (200, 2.0)

        async def broken(self: Scorer, case: Case) -> Outcome:
            return Outcome(Verdict.NO_SCORE, COMPARISON_BUG)

        monkeypatch.setattr(Scorer, "score_one", broken)
        status, told = ask(f"{front}/reward", values)
        assert status == 503 and "bug of ours" in told["error"]
        out.write_text("addresses of a service that was started after this one")
    finally:
        end.set()
        work.join()
    assert out.exists()


def test_no_server_to_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="says how many to start"):
        serve(TrainConfig(), "m", "h", tmp_path / "s.json", threading.Event())


ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'
)


def test_a_reply_is_paid_exactly_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As verifiers, OpenRLHF and ms-swift ask, with the rows that are made of veRL's prompts."""
    with open_renderer(Modality.SVG) as renderer:
        picture, _ = renderer.render(ICON, Language.SVG).drawn()
        contract = renderer.contract.hash
    reference = {"bytes": picture.png, "path": "a.png"}
    extra = {"index": 0, "split": "train", "task": "svg", "sample_id": "a"}
    row = {
        "data_source": "vermillion/svg",
        "prompt": [{"role": "user", "content": "<image>Draw it."}],
        "images": [reference],
        "ability": "svg",
        "reward_model": {"style": "rule", "ground_truth": ICON},
        "extra_info": {**extra, "render_contract": contract, "reference": reference},
    }
    file = tmp_path / "train.parquet"
    pq.write_table(pa.Table.from_pylist([row], SCHEMA), file)
    [made] = vermillion_env.rows_of(str(file))
    info = json.loads(made["info"])["asked"]
    assert [part["type"] for part in made["prompt"][0]["content"]] == ["image_url", "text"]
    assert made["prompt"][0]["content"][1]["text"] == "Draw it."
    [turn] = pa.Table.from_pylist([made]).to_pylist()[0]["prompt"]
    assert [sorted(part) for part in vermillion_env.without_nulls([turn])[0]["content"]] == [
        ["image_url", "type"],
        ["text", "type"],
    ]
    with Front(reward=Reward(kind="structural")) as front:
        url = f"http://127.0.0.1:{front.port}/reward"
        turns = [{"role": "assistant", "content": f"```svg\n{ICON}\n```"}]
        assert vermillion_env.asked(url, info, vermillion_env.text_of(turns)) == 2.0
        smaller = ICON.replace('r="3"', 'r="1"')
        assert 1.0 <= vermillion_env.asked(url, info, smaller) < 2.0
        assert vermillion_env.asked(url, info, "I cannot.") == 0.0
        with pytest.raises(RuntimeError, match=r"400: .*contract"):
            vermillion_env.asked(url, {**info, "render_contract": "0" * 16}, ICON)
        assert ask(url.replace("/reward", "/judge"), both("svg"))[0] == 404
        monkeypatch.setenv("VERMILLION_REWARD_URL", url)
        monkeypatch.syspath_prepend(str(Path(vermillion_env.__file__).parent))
        assert write_plain(file, tmp_path / "plain") == 1
        plain = json.loads((tmp_path / "plain/prompts.jsonl").read_text())
        assert plain["messages"] == row["prompt"]
        assert [Path(one).read_bytes() for one in plain["images"]] == [picture.png]
        assert json.loads(plain["asked"]) == info
        _openrlhf_asks(plain["asked"], monkeypatch)
        _swift_asks(plain["asked"], smaller, monkeypatch)


def test_plain_rows_are_made_of_prompts_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.parquet"
    pq.write_table(pa.table({"prompt": ["a"]}), file)
    with pytest.raises(ConfigError, match="no column extra_info, reward_model; give a file of"):
        write_plain(file, tmp_path / "plain")
    with pytest.raises(ConfigError, match="absent"):
        write_plain(tmp_path / "absent.parquet", tmp_path / "plain")


def _openrlhf_asks(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `SingleTurnAgentExecutor` of OpenRLHF 0.11.2 does: lists of one, the query with the picture's tokens."""
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(tensor=list))
    from train.doors.openrlhf_reward import reward_func

    prompt = "<|im_start|>user\n<image>Draw it.<|im_end|>\n<|im_start|>assistant\n"
    query = prompt.replace("<image>", "<|image_pad|>" * 9) + f"```svg\n{ICON}\n```<|im_end|>"
    paid = reward_func([query], [prompt], [label])
    assert paid == {"rewards": [2.0], "scores": [2.0], "extra_logs": {}}


def _swift_asks(label: str, smaller: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `compute_rewards_per_func` of ms-swift 4.6.0 does: columns as lists, and `trainer_state`."""
    orms: dict[str, Any] = {}
    monkeypatch.setitem(sys.modules, "swift", ModuleType("swift"))
    rewards = SimpleNamespace(ORM=object, orms=orms)
    monkeypatch.setitem(sys.modules, "swift.rewards", rewards)
    from train.doors import swift_plugin

    columns: dict[str, Any] = {"asked": [label] * 3, "messages": [[]] * 3}
    replies = [ICON, smaller, "I cannot."]
    plugin = orms["visual_erm"]()
    right, less, nothing = plugin(replies, trainer_state=None, **columns)
    assert (right, nothing) == (2.0, 0.0) and 1 <= less < 2
    answers = iter([2.0, RuntimeError("http://h: 503: down"), 0.0])

    def asked(*_: object) -> float:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(swift_plugin, "asked_for", asked)
    monkeypatch.setattr(swift_plugin, "AT_ONCE", 1)
    assert plugin(replies, **columns) == [2.0, 1.0, 0.0]  # Neither praised nor blamed.
    answers = iter([RuntimeError("http://h: 503: down")] * 3)
    with pytest.raises(RuntimeError, match="is the service up"):
        plugin(replies, **columns)
