"""Servers for a cluster: their addresses stand in a file while they live."""

from __future__ import annotations

import base64
import io
import json
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from records.errors import ConfigError
from records.taxonomy import Modality
from tests.train.judges import SaysJudge, severities
from tests.train.test_grpo import REPLAY, free_ports
from train.reward.addresses import addresses_of
from train.reward.judge import Judgement, NotJudged
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
    said: list[Judgement] = [
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
            ({**both("svg"), "candidate": "AAAA"}, "candidate: no picture"),
            ({"task": "svg"}, "reference: a picture in base64"),
        ):
            status, told = ask(f"{url}/judge", wrong)
            assert status == 400 and named in told["error"]
        assert ask(f"{url}/other", {})[0] == 404
        with urllib.request.urlopen(f"{url}/health", timeout=60) as answer:
            assert answer.status == 200


def test_addresses_stand_in_a_file_while_the_servers_live(tmp_path: Path) -> None:
    judges = Judges(servers=2, gpus_each=0, first_port=free_ports(2), command=REPLAY)
    out = tmp_path / "services.json"
    end = threading.Event()
    work = threading.Thread(
        target=serve, args=(TrainConfig(judges=judges), "model", "127.0.0.1", out, end, 0)
    )
    work.start()
    try:
        for _ in range(600):
            if out.exists() or not work.is_alive():
                break
            threading.Event().wait(0.1)
        expected = tuple(f"http://127.0.0.1:{judges.first_port + n}/v1" for n in (0, 1))
        assert addresses_of(Reward(services_file=str(out))) == expected
        told = json.loads(out.read_text())
        assert told["model"] == "visual-erm"
        # What this replay server says is no reply of a reward model.
        assert ask(told["judge"], both("chart"))[0] == 422
    finally:
        end.set()
        work.join()
    assert not out.exists()


def test_no_server_to_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="say how many"):
        serve(TrainConfig(), "m", "h", tmp_path / "s.json", threading.Event())
