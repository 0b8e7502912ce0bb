"""A model without a server: the same requests, through the same client, to a process that holds it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from endpoints_asking import QUICK, ask_all, questions

from endpoints.client.cache import ReplyCache
from endpoints.client.exchange import Failure, Request, Schema
from endpoints.client.offline.engine import close_engines
from endpoints.replay import ReplayAnswer, ReplayServer
from endpoints.server import ServerSettings
from endpoints.settings import Endpoint, Sampling
from records.errors import EndpointUnavailable

# Stands for vLLM: the child's own loop and lines, around a model that says the question again.
CHILD = """
import sys
sys.path.insert(0, {folder!r})
import child

class Said:
    def __init__(self, text):
        self.text, self.finish_reason, self.token_ids = text, "stop", [1, 2]

class Output:
    num_cached_tokens, prompt_token_ids = 3, [0] * 9
    def __init__(self, text):
        self.outputs = [Said(text)]

def asked_of(llm, bodies):
    texts = [body["messages"][-1]["content"][0]["text"] for body in bodies]
    if "die" in texts:
        sys.exit("out of memory")
    if any("longer than the model" in text for text in texts):
        raise ValueError("the prompt is too long")
    return [Output("re: %s of %d" % (text, len(bodies))) for text in texts]

child.load = lambda images, arguments: None
child.asked_of = asked_of
sys.argv = ["child.py", "2"]
child.main()
"""


@pytest.fixture
def offline(tmp_path: Path):
    folder = str(Path(__file__).parents[2] / "endpoints" / "client" / "offline")
    script = tmp_path / "child.py"
    script.write_text(CHILD.format(folder=folder))
    command = (sys.executable, str(script))
    server = ServerSettings(model="m", command=command, ready_s=120, log=str(tmp_path / "log"))
    url = "http://127.0.0.1:18999/v1"
    yield Endpoint(base_url=url, model="scripted", engine="offline", server=server, **QUICK)
    close_engines()


def test_requests_under_way_are_one_batch_and_one_bad_one_costs_no_other(offline: Endpoint) -> None:
    outcomes, report = ask_all(offline, questions(3))
    assert [one.text for one in outcomes] == [f"re: question {n} of 3" for n in range(3)]
    assert (report.prompt_tokens, report.completion_tokens) == (27, 6)
    texts = ["a", "longer than the model", "b"]
    outcomes, _ = ask_all(offline, [Request((text,)) for text in texts])
    assert [getattr(one, "text", "") for one in outcomes] == ["re: a of 1", "", "re: b of 1"]
    assert isinstance(outcomes[1], Failure) and outcomes[1].reason == "refused"
    assert "the prompt is too long" in outcomes[1].detail


def test_what_one_way_answered_the_other_finds_in_the_cache(
    offline: Endpoint, tmp_path: Path
) -> None:
    with (
        ReplyCache(tmp_path / "replies.sqlite") as cache,
        ReplayServer(lambda asked: ReplayAnswer(f"served: {asked.text}")) as server,
    ):
        ask_all(offline, questions(4), cache)
        served = offline.model_copy(update={"engine": "server", "server": None})
        outcomes, report = ask_all(
            served.model_copy(update={"base_url": server.url}), questions(5), cache
        )
    assert (report.asked, report.cached) == (1, 4)
    assert [one.text[:3] for one in outcomes] == ["re:"] * 4 + ["ser"]


def test_an_engine_that_ends_stops_the_run_and_says_why(offline: Endpoint) -> None:
    with pytest.raises(EndpointUnavailable, match=r"(?s)ended.*out of memory"):
        ask_all(offline, [Request(("die",))])


def test_an_engine_that_does_not_start_says_why(offline: Endpoint, tmp_path: Path) -> None:
    assert offline.server is not None
    command = (sys.executable, "-c", "import sys; sys.exit('no GPU')")
    broken = offline.server.model_copy(update={"command": command})
    with pytest.raises(EndpointUnavailable, match=r"(?s)was not ready.*no GPU"):
        ask_all(offline.model_copy(update={"server": broken}), questions(1))


def test_offline_needs_to_know_the_model() -> None:
    with pytest.raises(ValueError, match="needs a table server"):
        Endpoint(base_url="http://127.0.0.1:1/v1", model="m", engine="offline")


@pytest.mark.slow
def test_vllm_itself_reads_a_request_as_its_server_does(tmp_path: Path) -> None:
    """The body of a request becomes sampling parameters of the real package."""
    import json
    import subprocess

    python = Path(__file__).parents[2] / ".venv-vllm/bin/python"
    if not python.exists():
        pytest.skip("vLLM's environment is not there: make vllm-smoke")
    endpoint = Endpoint(base_url="http://127.0.0.1:1/v1", model="m")
    sampling = Sampling(temperature=0.0, max_tokens=7, extra={"top_k": 20})
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    body = Request(("q",), schema=Schema("s", schema), seed=3).values(endpoint, sampling)
    code = """
import json, sys
import child
from vllm import SamplingParams
class LLM:
    get_default_sampling_params = staticmethod(lambda: SamplingParams(top_p=0.8))
made = child.sampling(LLM, json.loads(sys.argv[1]))
print(made.temperature, made.top_p, made.top_k, made.seed, made.max_tokens)
print(json.dumps(made.structured_outputs.json))
try:
    child.sampling(LLM, {"best_of_all": 1})
except ValueError as error:
    print(error)
"""
    folder = Path(__file__).parents[2] / "endpoints" / "client" / "offline"
    done = subprocess.run(
        [str(python), "-c", code, json.dumps(body)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    # Greedy sampling has no nucleus: vLLM sets top_p and top_k aside itself.
    assert lines[0] == "0.0 1.0 0 3 7"
    assert json.loads(lines[1]) == schema
    assert "best_of_all" in lines[2]
