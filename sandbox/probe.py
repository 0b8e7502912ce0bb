"""Reports which isolation layers this machine offers, and which escape attempts failed here."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.fork_server import ForkServer
from sandbox.proof import attempts
from sandbox.status import Limits


@dataclass(frozen=True, slots=True)
class LayerReport:
    """One line for `vermillion doctor`."""

    name: str
    """A layer, or ``stops`` and the forbidden operation that was tried."""
    effective: bool
    detail: str
    required: bool = False
    """True if no program is run without it."""


def probe() -> list[LayerReport]:
    """Report the layers of this machine, and the operations that a sandboxed child could not do."""
    limits = Limits(memory_mb=256, disk_mb=4, timeout_s=10)
    server = ForkServer("sandbox.echo", limits)
    try:
        server.start(proven=False)
        wrapping = server.wrapping
        reports = [
            LayerReport("namespaces", wrapping["namespaces"], wrapping["details"]["namespaces"]),
            LayerReport(
                "own root",
                wrapping["own_root"],
                wrapping["details"].get("own root", "no namespaces"),
            ),
            LayerReport("landlock", wrapping["landlock"], wrapping["details"]["landlock"]),
            LayerReport("seccomp", wrapping["seccomp"], wrapping["details"]["seccomp"]),
        ]
        for name, through in attempts(server).items():
            reports.append(LayerReport(f"stops: {name}", not through, through, required=True))
        return reports
    finally:
        server.close()
