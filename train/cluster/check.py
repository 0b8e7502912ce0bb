"""Checks every node of a GRPO run before the run starts.

``python -m train.cluster check --config FILE [--out FOLDER]`` looks at this machine, or, with `[cluster] ray_url`, runs
one task on each node of the Ray cluster: is the sandbox tight, does each task's program draw and under which render
contract, do the judges answer from there, are the prompts there, is there memory for the policy? Nodes with
different contracts would pay one program differently. Exit status 1 if anything is missing.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from records.errors import ConfigError, RunError
from train.cluster.node import NodeReport, look_at_node
from train.cluster.on_ray import MARK
from train.exit_codes import ended
from train.grpo.run import HOUSE
from train.jobs.job import JobFailed, JobOrder
from train.jobs.ray import RayJobs
from train.settings import TrainConfig, load


def reports(config: TrainConfig, out: str) -> list[NodeReport]:
    """One report a node.

    Raises:
        EndpointUnavailable, ConfigError: the Ray cluster does not answer or does not take the job.
        RunError: the job failed.
    """
    if config.unreachable:
        raise ConfigError(
            f"reward.services names {config.unreachable}, which every node takes for itself: give addresses "
            "that all nodes reach, or reward.services_file"
        )
    if not config.cluster.ray_url:
        return [look_at_node(config, out)]
    jobs, folder = RayJobs(config.cluster.ray_url), Path(out) / "jobs" / f"check-{time.time_ns()}"
    argv = ("python", "-m", "train.cluster.on_ray", config.model_dump_json(), out)
    jobs.attach(folder, JobOrder(argv=argv, environment={"PYTHONPATH": str(HOUSE)}))
    lines: list[str] = []
    try:
        jobs.follow_to_success(folder, lines.append)
    except JobFailed as error:
        raise JobFailed("\n".join((str(error), *lines[-10:]))) from error
    reports = (line.removeprefix(MARK) for line in lines if line.startswith(MARK))
    return [NodeReport.of(json.loads(line)) for line in reports]


def missing(config: TrainConfig, found: Sequence[NodeReport]) -> list[str]:
    """The problems that prevent the run, one sentence each."""
    wrong = [
        f"{node.host}: {look.name}: {look.detail}"
        for node in found
        for look in node.looks
        if not look.fine
    ]
    if config.cluster.ray_url and len(found) < config.cluster.nodes:
        wrong.append(f"{len(found)} of {config.cluster.nodes} nodes are in the Ray cluster")
    for task in config.grpo.tasks:
        by_hash: dict[str, list[str]] = {}
        for node in found:
            if task in node.contracts:
                by_hash.setdefault(node.contracts[task], []).append(node.host)
        if len(by_hash) > 1:
            hosts_by_hash = "; ".join(
                f"{key} on {', '.join(hosts)}" for key, hosts in by_hash.items()
            )
            wrong.append(f"{task} is drawn under {len(by_hash)} render contracts: {hosts_by_hash}")
    return wrong


def check(config: TrainConfig, out: str) -> None:
    """Print every node's report.

    Raises:
        RunError: something is missing; names it.
        EndpointUnavailable, ConfigError: as `reports`.
    """
    found = reports(config, out)
    for node in found:
        print(node.host)
        for look in node.looks:
            print(f"  {'ok' if look.fine else 'NO'}  {look.name}: {look.detail}")
    wrong = missing(config, found)
    if wrong:
        raise RunError(f"missing for this run: {len(wrong)}\n" + "\n".join(wrong))
    print(f"cluster: all that the run needs is there (nodes: {len(found)})")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.cluster", description=__doc__)
    parser.add_argument("verb", choices=["check"])
    parser.add_argument("--config", required=True, help="a TOML file, as in configs/train/")
    parser.add_argument("--out", default="", help="folder of the run, to look for its prompts")
    asked = parser.parse_args(arguments)
    return ended("cluster", lambda: check(load(asked.config), asked.out))
