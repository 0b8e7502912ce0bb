"""Runs inside of a Ray job: one task on each node, and one line of JSON for each node's report.

``python -m train.cluster.on_ray SETTINGS OUT``: settings as JSON, and the folder of the run.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from train.cluster.node import Look, NodeReport, look_at_node
from train.settings import TrainConfig

MARK = "train.cluster: "
"""Before each report among the job's other output."""
NODE_S = 600.0
"""How long one node may take; drawing starts a browser."""


def report_of_node(settings: str, out: str) -> dict[str, Any]:
    """What the node that runs this says, as plain values."""
    return look_at_node(TrainConfig.model_validate_json(settings), out).to_json()


def main(arguments: list[str]) -> int:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    settings, out = arguments
    ray.init(address="auto", log_to_driver=False)
    task = ray.remote(num_cpus=0, max_retries=0)(report_of_node)
    asked = {
        node["NodeManagerHostname"] + "/" + node["NodeID"][:6]: task.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote(settings, out)
        for node in ray.nodes()
        if node["Alive"]
    }
    for name, reply in asked.items():
        try:
            found = ray.get(reply, timeout=NODE_S)
        except ray.exceptions.RayError as error:
            last = str(error).strip().splitlines()[-1]
            found = NodeReport(name, [Look("task", False, last)]).to_json()
        print(f"{MARK}{json.dumps({**found, 'host': name})}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
