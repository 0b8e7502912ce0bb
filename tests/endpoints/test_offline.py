"""A model without a server: the same requests, through the same client, to a process that holds it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from endpoints_asking import QUICK, ask_all, questions

from endpoints.client.cache import ReplyCache
from endpoints.client.exchange import Failure, Request, Schema
from endpoints.client.offline.engine import close_engines, engine_command
from endpoints.replay import ReplayAnswer, ReplayServer
from endpoints.server import ServerSettings
from endpoints.settings import Endpoint, RaySettings, Sampling
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
    if any("longer than the model" in text or text == "odd" for text in texts):
        raise ValueError(f"not to be served: {{texts}}")
    return [Output("re: %s of %d" % (text, len(bodies))) for text in texts]

child.load = lambda images, arguments: None
child.asked_of = asked_of
sys.argv = ["child.py", "2"]
child.main()
"""


# Stands for vLLM on a Ray cluster: the child's own lines and rows, around a cluster that answers backwards.
RAY_CHILD = """
import json, sys
from types import SimpleNamespace
sys.path.insert(0, {folder!r})
import child, ray_child

def sampling(defaults, body):
    if body["messages"][-1]["content"][0]["text"] == "odd":
        raise ValueError("not to be served: odd")
    fields = dict(max_tokens=body["max_tokens"], output_kind=None, _hidden=set())
    return SimpleNamespace(__struct_fields__=tuple(fields), structured_outputs=None, **fields)

def run(batches, prepared):
    for batch in batches:
        for row in reversed(batch):
            text = json.loads(row["row"])["messages"][-1]["content"][0]["text"]
            if text == "die":
                sys.exit("out of memory")
            if "longer than the model" in text:
                yield dict(id=row["id"], __inference_error__="not to be served: " + text)
                continue
            said = dict(text="re: %s of %d" % (text, len(batch)), tokens=[1, 2])
            yield dict(id=row["id"], prompt_tokens=9, max_tokens=64, **said)

def load(settings, images, arguments):
    assert (images, arguments) == (2, ["--model", "m"])
    return ray_child.Prepared("m", {{}}, {{}}, (), 4096, 0, **settings)

child.sampling, ray_child.load, ray_child.run = sampling, load, run
sys.argv = ["ray_child.py", {settings!r}, "2", "--model", "m"]
ray_child.main()
"""
FOLDER = str(Path(__file__).parents[2] / "endpoints" / "client" / "offline")


@pytest.fixture(params=["offline", "ray"])
def offline(request: pytest.FixtureRequest, tmp_path: Path):
    script = tmp_path / "child.py"
    nodes = json.dumps({"address": "auto", "replicas": 1, "batch": 16, "environment": {}})
    child = {"offline": CHILD, "ray": RAY_CHILD}[request.param]
    script.write_text(child.format(folder=FOLDER, settings=nodes))
    command = (sys.executable, str(script))
    server = ServerSettings(model="m", command=command, ready_s=120, log=str(tmp_path / "log"))
    url = "http://127.0.0.1:18999/v1"
    yield Endpoint(base_url=url, model="scripted", engine=request.param, server=server, **QUICK)
    close_engines()


def test_requests_under_way_are_one_batch_and_one_bad_one_costs_no_other(offline: Endpoint) -> None:
    outcomes, report = ask_all(offline, questions(3))
    assert [one.text for one in outcomes] == [f"re: question {n} of 3" for n in range(3)]
    assert (report.prompt_tokens, report.completion_tokens) == (27, 6)
    texts = ["a", "longer than the model", "b", "odd"]
    outcomes, _ = ask_all(offline, [Request((text,)) for text in texts])
    assert [getattr(one, "text", "")[:5] for one in outcomes] == ["re: a", "", "re: b", ""]
    for text, one in zip(texts[1::2], outcomes[1::2], strict=True):
        assert isinstance(one, Failure) and one.reason == "refused"
        assert "not to be served" in one.detail and text in one.detail


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


@pytest.mark.parametrize("question", ["well", "die"])
def test_a_log_that_nobody_named_is_left_only_by_an_engine_that_failed(
    offline: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert offline.server is not None
    unnamed = offline.model_copy(update={"server": offline.server.model_copy(update={"log": ""})})
    if question == "well":
        ask_all(unnamed, [Request((question,))])
        close_engines()
    else:
        with pytest.raises(EndpointUnavailable, match=r"engine-\d+\.log"):
            ask_all(unnamed, [Request((question,))])
        close_engines()
    assert len(list(tmp_path.glob("engine-*.log"))) == (question == "die")


@pytest.mark.parametrize("engine", ["offline", "ray"])
def test_an_engine_needs_to_know_the_model(engine: Any) -> None:
    with pytest.raises(ValueError, match="needs a table server"):
        Endpoint(base_url="http://127.0.0.1:1/v1", model="m", engine=engine)


def test_a_table_ray_says_which_cluster_and_belongs_to_its_engine() -> None:
    with pytest.raises(ValueError, match="make this machine a node"):
        RaySettings(address="ray://head:10001")
    with pytest.raises(ValueError, match='needs engine = "ray"'):
        Endpoint(base_url="http://127.0.0.1:1/v1", model="m", ray=RaySettings())


def test_a_cluster_is_told_where_and_how_many() -> None:
    server = ServerSettings(model="m", python="py", arguments=("--x",), environment={"A": "1"})
    command = engine_command(server, RaySettings(address="head:6379", replicas=4))
    assert command[0] == "py" and Path(command[1]).name == "ray_child.py"
    said = json.loads(command[2])
    assert said == {"address": "head:6379", "replicas": 4, "batch": 16, "environment": {"A": "1"}}
    assert command[3:] == ["2", "--model", "m", "--x"]
    assert engine_command(server)[1:] == [str(Path(FOLDER) / "child.py"), *command[3:]]


@pytest.fixture
def ray_child(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("ray_child")
    for name in ("child", "ray_child"):
        del sys.modules[name]


def test_what_a_row_cannot_carry_is_refused_before_it_is_sent(ray_child: Any) -> None:
    body = {"messages": [], "chat_template_kwargs": {"enable_thinking": False}}
    with pytest.raises(ValueError, match="has no chat_template_kwargs"):
        ray_child.row_of({"id": 1, "body": body}, {})


@pytest.mark.parametrize(
    ("tokens", "prompt", "ended"),
    [
        ([5, 6], 9, "stop"),
        ([5, 6, 7, 8], 9, "length"),  # as many as were allowed
        ([5, 6, 7, 2], 9, "stop"),  # its last word was the end
        ([5, 6], 98, "length"),  # the model holds no more
    ],
)
def test_why_a_reply_ended(ray_child: Any, tokens: list[int], prompt: int, ended: str) -> None:
    known = ray_child.Prepared("m", {}, {}, (2,), 100, 0, "auto", 1, 16, {})
    row = {"id": 3, "text": "t", "tokens": tokens, "prompt_tokens": prompt, "max_tokens": 4}
    said = ray_child.answer(row, known)
    assert (said["finish_reason"], said["completion_tokens"]) == (ended, len(tokens))


def test_an_environment_without_ray_or_a_cluster_says_so(ray_child: Any) -> None:
    known = ray_child.Prepared("m", {}, {}, (), 100, 0, "head:6379", 1, 16, {})

    class Ray:
        @staticmethod
        def init(address: str, **more: object) -> None:
            raise ConnectionError(f"nothing at {address}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "ray", None)
        with pytest.raises(SystemExit, match=r"has no Ray.*install ray\[data\]"):
            ray_child.connect(known)
        patch.setitem(sys.modules, "ray", Ray)
        with pytest.raises(SystemExit, match=r"no Ray cluster at 'head:6379'.*ray start"):
            ray_child.connect(known)


@pytest.mark.slow
def test_ray_itself_passes_on_what_is_there_and_waits_for_no_more() -> None:
    """A real local Ray and the real stream, around a step that answers whole batches."""
    done = in_vllm(
        """
import json, queue, sys, threading
import child, ray_child
known = ray_child.Prepared("m", {}, {}, (), 9, 0, "local", 1, 4, {})

def processor(prepared):
    def step(batch):
        batch["text"] = [f"of {len(batch['id'])}"] * len(batch["id"])
        return batch
    return lambda rows: rows.map_batches(step, batch_size=prepared.batch, batch_format="pandas")

ray_child.processor = processor
rows = queue.SimpleQueue()
put = lambda *ids: [rows.put({"id": n, "row": "r"}) for n in ids]
put(1, 2, 3, 4, 5)
answers = ray_child.run(child.batches(rows, 4), known)
first = sorted((row["id"], row["text"]) for row in (next(answers) for _ in range(5)))
put(6)
print(json.dumps([*first, [6, next(answers)["text"]]]))
"""
    )
    assert json.loads(done[-1]) == [[n, "of 4"] for n in range(1, 7)]


@pytest.mark.slow
def test_vllm_itself_reads_a_request_as_its_server_does(tmp_path: Path) -> None:
    """The body of a request becomes sampling parameters of the real package."""
    endpoint = Endpoint(base_url="http://127.0.0.1:1/v1", model="m")
    sampling = Sampling(temperature=0.0, max_tokens=7, extra={"top_k": 20})
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    body = Request(("q",), schema=Schema("s", schema), seed=3).values(endpoint, sampling)
    lines = in_vllm(
        """
import json, sys
import child
body = json.loads(sys.argv[1])
made = child.sampling({"top_p": 0.8}, body)
print(made.temperature, made.top_p, made.top_k, made.seed, made.max_tokens)
print(json.dumps(made.structured_outputs.json))
try:
    child.sampling({}, {"best_of_all": 1})
except ValueError as error:
    print(error)
import ray_child
print(ray_child.row_of({"id": 1, "body": body}, {"top_p": 0.8})["row"])
""",
        json.dumps(body),
    )
    # Greedy sampling has no nucleus: vLLM sets top_p and top_k aside itself.
    assert lines[0] == "0.0 1.0 0 3 7"
    assert json.loads(lines[1]) == schema
    assert "best_of_all" in lines[2]
    row = json.loads(lines[3])
    assert json.loads(row["schema"]) == schema
    assert row["sampling_params"]["seed"] == 3 and row["sampling_params"]["top_p"] == 1.0


def in_vllm(code: str, *arguments: str) -> list[str]:
    """What code prints in vLLM's environment, beside the children."""
    python = Path(__file__).parents[2] / ".venv-vllm/bin/python"
    if not python.exists():
        pytest.skip("vLLM's environment is not there: make vllm-smoke")
    done = subprocess.run(
        [str(python), "-c", code, *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()
