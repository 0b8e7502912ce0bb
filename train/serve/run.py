"""Serves the reward model for a whole cluster: N servers, one address before them, and one file that says where.

``python -m train.serve --config FILE --model FOLDER --host NAME --out services.json`` starts the servers of `[judges]`
on this machine, answers `POST /judge` and `POST /reward` before them (see `train.serve.front`), writes the addresses as other nodes
reach them, and ends all of it when it is told to end. Runs read the file by `[reward] services_file`. With `kind = "structural"` no server is started and `/reward` pays exactly. The servers
listen at every interface and ask for no key: use it inside a cluster's own network.
"""

from __future__ import annotations

import argparse
import signal
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from records.errors import ConfigError
from train.exit_codes import ended
from train.jobs.serving import judging
from train.reward.addresses import write_addresses
from train.reward.functions import judge_of
from train.serve.front import Front
from train.settings import TrainConfig, load

EVERYWHERE = "0.0.0.0"
PORT = 8080


def reached_at(url: str, host: str) -> str:
    """The address of a server of this machine as other machines know it.

    >>> reached_at("http://127.0.0.1:8001/v1", "gpu-7")
    'http://gpu-7:8001/v1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}"))


def serve(
    config: TrainConfig, model: str, host: str, out: Path, end: threading.Event, port: int = PORT
) -> None:
    """Start the servers, write the file, wait for ``end``, remove the file.

    Args:
        config: `[judges]` says what is started, `[reward]` what it is called and asked.
        model: The reward model where `judges.model` names none.
        host: This machine, as others reach it.
        out: The file to write.
        end: Ends it.
        port: Of `POST /judge`; 0 takes a free one.

    Raises:
        ConfigError: `[judges]` starts no server, or one cannot be started.
        EndpointUnavailable: a server did not get ready; with the end of its log.
    """
    structural = config.reward.kind == "structural"
    if not config.judges.servers and not structural:
        raise ConfigError(
            "judges.servers is 0: a block [judges] of the file says how many to start and on how many GPUs each "
            "(servers = 1, gpus_each = 4); with reward.kind = 'structural' none is needed"
        )
    opened = config.judges.model_copy(update={"host": EVERYWHERE})
    config = config.model_copy(update={"judges": opened})
    # The exact reward needs no server: `judging` starts none, and only `/reward` is served.
    with judging(config, model, out.parent / "logs") as urls:
        mine = config.reward
        if urls:
            mine = mine.model_copy(update={"services": urls, "services_file": ""})
        judge = None if structural else judge_of(mine)
        with Front(judge, EVERYWHERE, port, mine) as front:
            at = f"http://{host}:{front.port}"
            there = [reached_at(url, host) for url in urls]
            write_addresses(out, there, config.reward.served_name, at)
            mine_is = out.read_bytes()
            print(f"serve: {len(urls)} servers, POST {at}/reward; {out}", flush=True)
            try:
                end.wait()
            finally:
                if out.exists() and out.read_bytes() == mine_is:  # Else others serve there now.
                    out.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.serve", description=__doc__)
    parser.add_argument("--config", required=True, help="a TOML file with [judges]")
    parser.add_argument("--model", default="", help="folder or name of the reward model")
    parser.add_argument("--host", default=socket.getfqdn(), help="this machine, as others reach it")
    parser.add_argument("--port", type=int, default=PORT, help="of POST /judge; 0 takes a free one")
    parser.add_argument("--out", type=Path, default=Path("out/services.json"))
    asked = parser.parse_args(arguments)
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    given = (asked.model, asked.host, asked.out, end, asked.port)
    return ended("serve", lambda: serve(load(asked.config), *given))
