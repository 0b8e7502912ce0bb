"""What a sandboxed job costs, and what each layer of the sandbox adds to it.

``python -m bench.sandbox`` prints one JSON object. CPU is that of the server and all below it.
"""

from __future__ import annotations

import json
from statistics import median

from bench.processes import orphans_come_here, tree_cpu
from records.errors import SandboxUnavailable
from sandbox.fork_server import ForkServer
from sandbox.layers import LAYERS
from sandbox.proof import attempts
from sandbox.status import Limits

JOBS = 100
ROUNDS = 5


def measure() -> dict[str, dict[str, float]]:
    """Layers left out -> CPU in ms of a start, of the proof by escape attempts, and of a job that does nothing.

    Servers take turns, so that a machine whose speed drifts is fair to all.
    """
    servers: dict[str, ForkServer] = {}
    found: dict[str, dict[str, float]] = {}
    jobs: dict[str, list[float]] = {}
    try:
        for without in ((), *((layer,) for layer in LAYERS), LAYERS):
            name = f"without {', '.join(without)}" if without else "all layers"
            server = servers[name] = ForkServer("sandbox.echo", Limits(), without=without)
            start = tree_cpu()
            server.start(proven=False)
            proof = tree_cpu()
            attempts(server)
            found[name] = {"start_ms": _ms(proof - start), "proof_ms": _ms(tree_cpu() - proof)}
            jobs[name] = []
        for _ in range(ROUNDS):
            for name, server in servers.items():
                start = tree_cpu()
                for _ in range(JOBS):
                    server.run(b"x")
                jobs[name].append((tree_cpu() - start) / JOBS)
    finally:
        for server in servers.values():
            server.close()
    return {name: {**told, "job_ms": _ms(median(jobs[name]))} for name, told in found.items()}


def _ms(seconds: float) -> float:
    return float(f"{1000 * seconds:.3g}")


if __name__ == "__main__":
    with orphans_come_here():
        try:
            print(json.dumps(measure(), indent=2))
        except SandboxUnavailable as error:
            raise SystemExit(str(error)) from error
