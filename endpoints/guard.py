"""Guard process between this process and a model server: if this process is killed, it ends the
server's group.

``python -m endpoints.guard STOP_S COMMAND...``; standard input is a pipe that its starter holds
open. It imports nothing from this project, since it runs as long as the server does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time


def main() -> int:
    """Run a command until it ends, or until standard input does."""
    stop_s, command = float(sys.argv[1]), sys.argv[2:]
    # The group's SIGTERM is for the server; this process stays to check that the server ends.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return 127

    ending = threading.Event()

    def watch() -> None:
        while os.read(0, 1024):
            pass
        ending.set()
        os.killpg(0, signal.SIGTERM)
        ends_s = time.monotonic() + stop_s
        while child.poll() is None and time.monotonic() < ends_s:
            time.sleep(0.05)
        os.killpg(0, signal.SIGKILL)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    code = child.wait()
    if ending.is_set():
        watcher.join()  # processes of the server may still run: the watcher kills the whole group
    return code


if __name__ == "__main__":
    sys.exit(main())
