"""A whole build whose policy and annotator ask a model held without a server; a script stands for vLLM."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from endpoints.client.offline.engine import close_engines
from endpoints.replay import ReplayAnswer, ReplayServer
from quality.format.messages import completion
from quality.read.inspect import read_dataset
from records.config import BuildConfig, parse
from records.rows import Discrepancy
from records.taxonomy import Modality
from vermillion.pipeline.local import build

HOUSE = Path(__file__).parents[2]
# The child's own loop and lines, around a model that draws one icon and finds one error.
CHILD = """
import json, sys
sys.path.insert(0, {folder!r})
import child

class Said:
    finish_reason, token_ids = "stop", [1, 2]
    def __init__(self, text):
        self.text = text

class Output:
    num_cached_tokens, prompt_token_ids = 0, [0] * 9
    def __init__(self, text):
        self.outputs = [Said(text)]

def asked_of(llm, bodies):
    judged = ["response_format" in body for body in bodies]
    with open({log!r}, "a") as log:
        print(json.dumps(judged), file=log)
    return [Output({verdict!r} if held else {icon!r}) for held in judged]

child.load = lambda images, arguments: None
child.asked_of = asked_of
sys.argv = ["child.py", "2"]
child.main()
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="2" y="3" width="{}" height="9" fill="{}"/></svg>'
)
MODEL = """
[endpoints.held]
base_url = "{url}"
model = "scripted"
in_flight = 16
tries = 1
{engine}
"""
POLICY = """
[[policies]]
name = "draws"
kind = "endpoint"
modality = "svg"
endpoint = "held"
"""
ANNOTATOR = """
[[annotators]]
name = "judges"
endpoint = "held"
"""
ENGINE = """
engine = "offline"
[endpoints.held.server]
model = "scripted"
ready_s = 120.0
command = ["{python}", "{child}"]
"""


@pytest.fixture(autouse=True)
def engines_end() -> Iterator[None]:
    yield
    close_engines()


def config_of(folder: Path, url: str, engine: str) -> BuildConfig:
    model = MODEL.format(url=url, engine=engine)
    policies, annotators = folder / "policies.toml", folder / "annotators.toml"
    policies.write_text(model + POLICY)
    annotators.write_text(model + ANNOTATOR)
    pilot = {"samples": 1, "attempts": 1, "swapped": False, "min_recall": 0.0}
    unbound = {"min_precision": 0.0, "max_false_alarms": 1.0, "min_swap_agreement": 0.0}
    return parse(
        {
            "name": "held",
            "version": "1",
            "root": str(folder / "data"),
            "workers": 1,
            "modalities": ["svg"],
            "sources": {"folder": {"snapshot": str(folder / "icons")}},
            "corruption": {"attempts_per_sample": 1},
            "policies": {"names": ["draws"], "files": [str(policies)]},
            "annotate": {
                "annotators": ["structural", "judges"],
                "files": [str(annotators)],
                "pilot": {**pilot, **unbound},
            },
            "publish": {"gallery": False},
        },
        "test",
    )


def test_a_build_asks_an_engine_and_no_server(tmp_path: Path) -> None:
    (tmp_path / "icons").mkdir()
    for n in range(3):
        (tmp_path / "icons" / f"{n}.svg").write_text(ICON.format(3 + 3 * n, "#246"))
    found = Discrepancy(
        category="style_error", severity=2, location="center", description="it is red, not blue"
    )
    verdict, drawn = completion(Modality.SVG, [found]), ICON.format(9, "#c22")
    child, log = tmp_path / "child.py", tmp_path / "batches"
    folder = str(HOUSE / "endpoints" / "client" / "offline")
    child.write_text(CHILD.format(folder=folder, log=str(log), verdict=verdict, icon=drawn))
    with ReplayServer(lambda asked: ReplayAnswer(verdict)) as server:
        engine = ENGINE.format(python=sys.executable, child=child)
        build(config_of(tmp_path, server.url, engine), Console(file=io.StringIO()))
        assert not server.asked
    batches = [json.loads(line) for line in log.read_text().splitlines()]
    assert sum(map(len, batches)) > len(batches), "requests under way go as one batch"
    rows = list(read_dataset(str(tmp_path / "data" / "datasets" / "held" / "1")))
    sampled = [row for row in rows if row["policy"] == "draws"]
    assert sampled and {row["candidate_code"] for row in sampled} == {drawn}
    for row in rows:
        (said,) = [one for one in row["annotations"] if one["annotator"].startswith("judges")]
        assert [one["description"] for one in said["discrepancies"]] == ["it is red, not blue"]
