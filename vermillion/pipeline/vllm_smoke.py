"""Policy and annotator through a real vLLM, on a CPU: what `scripts/vllm-smoke` runs.

``python -m vermillion.pipeline.vllm_smoke configs/smoke/vllm.toml`` starts a server, runs the build, stops the
server, prints one JSON object, and ends with 1 if anything is not as it must be. ``--engine offline`` and
``--engine ray`` do without a server. The model is random: its words are worthless, but each must be asked for,
held to the schema, read and accounted for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from records.config import BuildConfig, load
from vermillion.pipeline.local import build
from vermillion.pipeline.servers import model_servers

ADDRESS = "VLLM_SMOKE_URL"
LOST = ("unavailable", "refused", "over_budget")
"""Ends that a working server gives no reason for."""


def without_server(config: BuildConfig, engine: str) -> BuildConfig:
    """The same build, whose endpoints run the model themselves: copies of its files say so."""
    folder = Path(config.root, engine)
    folder.mkdir(parents=True, exist_ok=True)
    cluster = '[endpoints.tiny.ray]\naddress = "local"\nbatch = 4\n' if engine == "ray" else ""
    changed: dict[str, Any] = {"name": f"{config.name}-{engine}"}
    for name, section in (("policies", config.policies), ("annotate", config.annotate)):
        changed[name] = section.model_dump() | {"files": []}
        for file in section.files:
            text = Path(file).read_text(encoding="utf-8")
            text = text.replace("[endpoints.tiny]\n", f'[endpoints.tiny]\nengine = "{engine}"\n')
            text = text.replace("[endpoints.tiny.server]", f"{cluster}[endpoints.tiny.server]")
            (folder / Path(file).name).write_text(text, encoding="utf-8")
            changed[name]["files"].append(str(folder / Path(file).name))
    return config.changed(**changed)


def smoke(config: BuildConfig) -> dict[str, Any]:
    """Serve, build, stop; figures of each user of the model.

    Raises: as `vermillion.pipeline.local.build`.
    """
    shutil.rmtree(config.work_url, ignore_errors=True)
    began_s = time.monotonic()
    with model_servers(config) as running:
        ready_s = time.monotonic() - began_s
        for one in running:
            os.environ[ADDRESS] = one.url
        began_s = time.monotonic()
        built = build(config, Console(stderr=True))
        build_s = time.monotonic() - began_s
    return {
        "ready_s": round(ready_s, 1),
        "build_s": round(build_s, 1),
        "rows": built.published["rows"],
        "policies": _together(_use_reports(config, "policies")),
        "annotators": _together(
            [one for report in _use_reports(config, "annotators") for one in report["annotators"]]
        ),
        "pilot": {name: audit["overall"] for name, audit in built.pilot.items()},
    }


def _use_reports(config: BuildConfig, kind: str) -> list[dict[str, Any]]:
    """The reports of use of all shards, pilot included."""
    report: list[dict[str, Any]] = []
    for path in sorted(Path(config.work_url).glob(f"*/*.{kind}.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        report += found if isinstance(found, list) else [found]
    return report


def wrong(figures: dict[str, Any]) -> list[str]:
    """The faults, one sentence each."""
    faults = []
    for kind in ("policies", "annotators"):
        of = figures[kind]
        if not of["requests"] or of["usable"] + sum(of["failures"].values()) != of["requests"]:
            faults.append(f"{kind}: {of['requests']} requests, not all accounted for")
        faults += [
            f"{kind}: {of['failures'][why]} {why}" for why in LOST if of["failures"].get(why)
        ]
    if figures["annotators"]["failures"].get("unparsable"):
        faults.append("annotators: replies that are no JSON, though the server was given a schema")
    if not figures["rows"]:
        faults.append("no row was published")
    return faults


def _together(reports: list[dict[str, Any]]) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for report in reports:
        failures.update(report["failures"])
        for name in (
            "requests",
            "usable",
            "asked",
            "retries",
            "prompt_tokens",
            "completion_tokens",
        ):
            sums[name] += report[name]
        sums["seconds"] += report["seconds"]
    return {
        **{name: round(number, 1) for name, number in sums.items()},
        "failures": dict(sorted(failures.items())),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m vermillion.pipeline.vllm_smoke", description=__doc__
    )
    parser.add_argument("config", type=Path)
    parser.add_argument("--engine", choices=("server", "offline", "ray"), default="server")
    given = parser.parse_args()
    config = load(given.config)
    if given.engine != "server":
        config = without_server(config, given.engine)
    figures = smoke(config)
    print(json.dumps(figures, indent=1))
    found = wrong(figures)
    for line in found:
        print(f"vllm-smoke: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
