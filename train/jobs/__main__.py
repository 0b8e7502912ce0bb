"""``python -m train.jobs status|stop FOLDER``: a job of VERMILLION_LAUNCHER, as it is, or stopped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from train.jobs.launcher import launcher


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train.jobs", description=__doc__)
    parser.add_argument("verb", choices=["status", "stop"])
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    jobs, folder = launcher(), asked.folder
    seen = jobs.stop(folder) if asked.verb == "stop" else jobs.look(folder)
    where = f", process group {seen.pid} on {seen.host}" if seen.pid else ""
    code = f", exit status {seen.exit}" if seen.exit is not None else ""
    print(f"{folder}: {seen.state}{where}{code}{', stopped' if seen.stopped else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
