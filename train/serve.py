"""Serves the reward model for a whole cluster: N servers, and one file that says where they are.

``python -m train.serve --config FILE --model FOLDER --host NAME --out services.json`` starts the servers of `[judges]`
on this machine, writes their addresses as other nodes reach them, and ends them when it is told to end. Runs read
the file by `[reward] services_file`. The servers listen at every interface and ask for no key: use it inside a
cluster's own network.
"""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from records.errors import ConfigError
from train.exit_codes import ended
from train.jobs.serving import judging
from train.reward.addresses import write_addresses
from train.settings import TrainConfig, load

EVERYWHERE = "0.0.0.0"


def reached_at(url: str, host: str) -> str:
    """The address of a server of this machine as other machines know it.

    >>> reached_at("http://127.0.0.1:8001/v1", "gpu-7")
    'http://gpu-7:8001/v1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}"))


def serve(config: TrainConfig, model: str, host: str, out: Path, end: threading.Event) -> None:
    """Start the servers, write the file, wait for ``end``, remove the file.

    Raises:
        ConfigError: `[judges]` starts no server, or one cannot be started.
        EndpointUnavailable: a server did not get ready; with the end of its log.
    """
    if not config.judges.servers:
        raise ConfigError("[judges] servers is 0: say how many to start, and gpus_each")
    opened = config.judges.model_copy(update={"host": EVERYWHERE})
    config = config.model_copy(update={"judges": opened})
    with judging(config, model, out.parent / "logs") as urls:
        write_addresses(out, [reached_at(url, host) for url in urls], config.reward.served_name)
        print(f"serve: {len(urls)} servers; {out}", flush=True)
        try:
            end.wait()
        finally:
            out.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.serve", description=__doc__)
    parser.add_argument("--config", required=True, help="a TOML file with [judges]")
    parser.add_argument("--model", required=True, help="folder or name of the reward model")
    parser.add_argument("--host", default=socket.getfqdn(), help="this machine, as others reach it")
    parser.add_argument("--out", type=Path, default=Path("out/services.json"))
    asked = parser.parse_args(arguments)
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    return ended(
        "serve", lambda: serve(load(asked.config), asked.model, asked.host, asked.out, end)
    )


if __name__ == "__main__":
    sys.exit(main())
