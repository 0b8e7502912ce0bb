"""The text of every error that a person can make in a configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from golden.recorded import FILES, check, difference

from annotators.lvlm.annotator import read_annotators
from policies.policy import read_policies
from policies.run import load_policies
from records.config import load
from records.errors import ConfigError
from train.settings import load as load_training
from vermillion.pipeline.form import checked_config, config_of_form

NAME = "errors.txt"
BASE = 'name = "a"\n[sources.bundled]\n'


def top(line: str) -> str:
    """A configuration of a build with one more line before its tables."""
    return f'name = "a"\n{line}\n[sources.bundled]\n'


def section(name: str, *lines: str) -> str:
    """A configuration of a build with one more table."""
    return "\n".join((BASE + f"[{name}]", *lines)) + "\n"


BUILD = {
    "not TOML": "name = \n",
    "not UTF-8": b'name = "\xff"\n'.decode("latin-1"),
    "no name": "[sources.bundled]\n",
    "no source": 'name = "a"\n',
    "empty table of sources": 'name = "a"\n[sources]\n',
    "name of a path": 'name = "../a"\n[sources.bundled]\n',
    "upper-case name": 'name = "Demo"\n[sources.bundled]\n',
    "version with a blank": top('version = "1 2"'),
    "misspelled setting": top("shardsize = 4"),
    "number as text": top('shard_size = "many"'),
    "zero shard_size": top("shard_size = 0"),
    "negative seed": top("seed = -1"),
    "no workers": top("workers = 0"),
    "unknown modality": top('modalities = ["chart", "poster"]'),
    "no modality": top("modalities = []"),
    "snapshot and samples": 'name = "a"\n[sources.unisvg]\nsnapshot = "a"\nsamples = "b"\n',
    "limit of a source": 'name = "a"\n[sources.bundled]\nlimit = 0\n',
    "misspelled in a source": 'name = "a"\n[sources.bundled]\nsnapshots = "a"\n',
    "too many attempts": section("corruption", "attempts_per_sample = 65"),
    "no weights": section("corruption", "errors = []"),
    "negative weight": section("corruption", "errors = [1, -1]"),
    "nine weights": section("corruption", "errors = [1, 1, 1, 1, 1, 1, 1, 1, 1]"),
    "share over one": section("corruption", "identical_share = 1.5"),
    "share that is no number": section("corruption", "identical_share = nan"),
    "category of another modality": section("corruption.category_weights.svg", "data_error = 1"),
    "negative weight of a category": section(
        "corruption.category_weights.chart", "data_error = -1"
    ),
    "all weights zero": section("corruption.category_weights.chart", "data_error = 0"),
    "attempts of a policy": section("policies", "attempts_per_sample = 0"),
    "no time to render": section("render", "timeout_s = 0"),
    "little memory": section("render", "memory_mb = 10"),
    "large pictures": section("render", "megapixels = 1000"),
    "cross_check as text": section("render", 'cross_check = "perhaps"'),
    "annotator twice": section("annotate", 'annotators = ["structural", "structural"]'),
    "no annotator": section("annotate", "annotators = []"),
    "more votes than annotators": section("annotate", "votes = 3"),
    "structural labels again": section("annotate.relabel", 'annotators = ["structural"]'),
    "bound of the pilot": section("annotate.pilot", "min_recall = 2"),
    "temperature": section("annotate.relabel", "temperature = 3"),
    "stage that is none": section("quality.max_reject_share", "upload = 0.1"),
    "bound of a stage": section("quality.max_reject_share", "render = 7"),
    "no discrepancy allowed": section("quality", "max_discrepancies = 0"),
    "style of the completion": section("publish", 'style = "verbose"'),
    "nothing left to train on": section("publish", "validation_share = 0.6", "test_share = 0.5"),
    "rows of a group": section("publish", "rows_per_group = 0"),
    "several at once": top('seed = -1\nshard_size = 0\nsize = 3\nversion = ""'),
}
"""Wrong settings of a build, by what is wrong."""

EXAMINED = {
    "unknown source": 'name = "a"\n[sources.unisgv]\n',
    "source without a place": 'name = "a"\n[sources.folder]\n',
    "snapshot that is not there": 'name = "a"\n[sources.unisvg]\nsnapshot = "/nowhere"\n',
    "samples that are not there": 'name = "a"\n[sources.unisvg]\nsamples = "/nowhere"\n',
    "benchmark that is not there": section("publish", 'held_out = ["/nowhere"]'),
    "misspelled corruption": section("corruption", 'include = ["drop_titel"]'),
    "misspelled policy": section("policies", 'names = ["vtracer-mit"]'),
    "policy file that is not there": section(
        "policies", 'names = ["x"]', 'files = ["/nowhere.toml"]'
    ),
    "unknown annotator": section("annotate", 'annotators = ["oracle"]'),
    "annotator file that is not there": section(
        "annotate", 'annotators = ["structural", "x"]', 'files = ["/nowhere.toml"]'
    ),
}
"""Settings of a build that are legal, but name what does not exist."""

POLICIES = {
    "not TOML": "[[policies]\n",
    "one table": '[policies]\nname = "a"\n',
    "foreign table": '[[models]]\nname = "a"\n',
    "no kind": '[[policies]]\nname = "a"\nmodality = "svg"\n',
    "unknown kind": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "oracle"\n',
    "other modality": '[[policies]]\nname = "a"\nmodality = "chart"\nkind = "tracer"\n',
    "misspelled setting": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "tracer"\nsettings = {sides_px = 3}\n',
    "illegal setting": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "tracer"\nsettings = {side_px = -3}\n',
    "model without endpoint": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "endpoint"\n',
    "model with settings": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "endpoint"\nsettings = {side_px = 3}\n',
    "endpoint without table": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "endpoint"\nendpoint = "b"\n',
    "name twice": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "tracer"\n' * 2,
    "share of none": '[[policies]]\nname = "a"\nmodality = "svg"\nkind = "tracer"\nshare = 0\n',
    "upper-case name": '[[policies]]\nname = "A"\nmodality = "svg"\nkind = "tracer"\n',
}
"""Wrong files of policies."""

JUDGE = '[[annotators]]\nname = "a"\n'
SERVER = 'base_url = "http://127.0.0.1:8000/v1"\nmodel = "m"\n'
JUDGED = JUDGE + "[annotators.endpoint]\n" + SERVER

ANNOTATORS = {
    "not TOML": "[[annotators]\n",
    "one table": '[annotators]\nname = "a"\n',
    "foreign table": '[[judges]]\nname = "a"\n',
    "no endpoint": JUDGE,
    "endpoint without table": JUDGE + 'endpoint = "b"\n',
    "name of ours": JUDGED.replace('"a"', '"structural"'),
    "name twice": JUDGED * 2,
    "no model": JUDGE + '[annotators.endpoint]\nbase_url = "http://a/v1"\n',
    "address without scheme": JUDGED.replace("http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
    "key in the file": JUDGED + 'api_key = "secret-word"\n',
    "two places of the key": JUDGED + 'api_key_env = "A"\nairflow_connection = "b"\n',
    "cost without prices": JUDGED + "max_cost = 3.0\n",
    "server elsewhere": JUDGED.replace("127.0.0.1", "there")
    + '[annotators.endpoint.server]\nmodel = "m"\n',
    "server of no model": JUDGED + "[annotators.endpoint.server]\nimages = 2\n",
    "no request at once": JUDGED + "in_flight = 0\n",
    "field of the request": JUDGED + "[annotators.sampling.extra]\nseed = 3\n",
    "temperature": JUDGED + "[annotators.sampling]\ntemperature = 9\n",
    "prompt of no modality": JUDGED + '[annotators.prompts]\nposter = "p.md"\n',
    "misspelled setting": JUDGE + "longest = 3\n[annotators.endpoint]\n" + SERVER,
}
"""Wrong files of annotators."""

TRAINING = {
    "not TOML": "[sft\n",
    "misspelled setting": "[sft]\nlr = 1\n",
    "misspelled table": "[stf]\n",
    "rate": "[sft]\nlearning_rate = 0\n",
    "pixels the wrong way round": "[sft]\nmin_pixels = 70000\nmax_pixels = 60000\n",
    "pictures leave no room": "[sft]\nmax_length = 1024\n",
    "unknown device": '[sft]\ndevice = "tpu"\n',
    "batch of no mini batches": "[grpo]\nbatch_size = 100\nmini_batch_size = 64\n",
    "megatron's settings": "[grpo]\ntensor_parallel = 2\n",
    "one reply": "[grpo]\nrollouts = 1\n",
    "unknown task": '[grpo]\ntasks = ["poster"]\n',
    "address of Ray": '[cluster]\nray_url = "ray://head:10001"\n',
    "no service": "[reward]\nservices = []\n",
    "formula": '[reward]\nformula = "mine"\n',
    "half a matcher": '[evaluation]\nmatcher_url = "http://a/v1"\n',
    "measure": '[evaluation]\nmeasure = "accuracy"\n',
    "judges out of reach": "[cluster]\nnodes = 2\n[judges]\nservers = 1\n",
}
"""Wrong settings of a training run."""


def batch(file: Path) -> Any:
    return load_training(file).accumulation_steps()


KINDS: dict[str, tuple[Callable[[Path], Any], dict[str, str]]] = {
    "build": (load, BUILD),
    "examined": (lambda file: checked_config(load(file)), EXAMINED),
    "policies": (read_policies, POLICIES),
    "annotators": (read_annotators, ANNOTATORS),
    "training": (load_training, TRAINING),
    "training steps": (batch, {"batch of no whole steps": "[sft]\nbatch_size = 30\n"}),
}
WITHOUT_FILE: dict[str, Callable[[Path], Any]] = {
    "build: no file": load,
    "policies: no file": read_policies,
    "annotators: no file": read_annotators,
    "training: no file": load_training,
    "policies: no such name": lambda _: load_policies(["nobody"]),
    "form: no such configuration": lambda _: config_of_form({"config": "nowhere"}),
}


def said(read: Callable[[Path], Any], file: Path) -> str:
    """What a person is told, with the file's place and the checkout's left out.

    Raises:
        AssertionError: nothing was wrong, or the error is none for a person.
    """
    try:
        read(file)
    except ConfigError as error:
        return str(error).replace(str(file), "FILE").replace(str(file.parent), "FOLDER")
    raise AssertionError(f"{file.read_text()} is taken for right")


def all_errors(folder: Path) -> str:
    lines = []
    for kind, (read, table) in KINDS.items():
        for name, text in table.items():
            file = folder / "wrong.toml"
            file.write_bytes(text.encode("latin-1" if name == "not UTF-8" else "utf-8"))
            lines.append(f"{kind}: {name}\n  {said(read, file)}")
    missing = folder / "none.toml"
    lines += [f"{name}\n  {said(read, missing)}" for name, read in WITHOUT_FILE.items()]
    return "\n".join(lines) + "\n"


def test_errors_are_those_on_record(tmp_path: Path) -> None:
    check(NAME, all_errors(tmp_path))


def test_no_error_shows_a_secret_or_a_traceback(tmp_path: Path) -> None:
    text = all_errors(tmp_path)
    assert "secret-word" not in text
    assert "Traceback" not in text
    assert "pydantic" not in text


def test_a_planted_word_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from records import settings

    before = (FILES / NAME).read_text(encoding="utf-8")
    monkeypatch.setattr(settings, "mistake", lambda *_: "something is wrong")
    assert "something is wrong" in difference(before, all_errors(tmp_path))
