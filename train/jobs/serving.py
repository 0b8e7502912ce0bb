"""The servers of the reward model around a GRPO run: started before it, stopped after it.

They end with the block that holds them and with the process, however that ends. A run that is given
addresses instead makes sure that each serves the model before GPUs start to work.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path

from endpoints.server import Running, ServerSettings, serving
from records.errors import ConfigError, EndpointUnavailable
from train.jobs.job import VISIBLE
from train.reward.addresses import addresses_of
from train.settings import TrainConfig

VLLM_PYTHON = "VERMILLION_VLLM_PYTHON"
"""Environment variable with the Python of the environment that holds vLLM."""
LOOK_TIMEOUT_S = 20.0


def judge_servers(config: TrainConfig, model: str, logs: Path) -> list[ServerSettings]:
    """What is started, server by server; each has its own GPUs and port.

    Args:
        config: `[judges]`, and the name under which rewards ask for the model.
        model: The reward model where `judges.model` names none.
        logs: Folder for the servers' logs.
    """
    judges = config.judges
    settings = []
    for number in range(judges.servers):
        first = judges.first_gpu + number * judges.gpus_each
        mine = ",".join(str(gpu) for gpu in range(first, first + judges.gpus_each))
        gpu_arguments = (
            f"--tensor-parallel-size={judges.gpus_each}",
            f"--gpu-memory-utilization={judges.memory_share}",
            "--dtype=bfloat16",
        )
        settings.append(
            ServerSettings(
                model=judges.model or model,
                served_name=config.reward.served_name,
                python=os.environ.get(VLLM_PYTHON, sys.executable),
                arguments=(*(gpu_arguments if judges.gpus_each else ()), *judges.arguments),
                command=judges.command,
                environment={VISIBLE: mine} if judges.gpus_each else {},
                host=judges.host,
                port=judges.first_port + number,
                ready_s=judges.ready_s,
                log=str(logs / f"judge-{number}.log"),
            )
        )
    return settings


def policy_gpus(config: TrainConfig) -> tuple[int, ...]:
    """Numbers of the GPUs on this machine that are the policy's: those that no judge has.

    >>> from train.settings import Cluster, Judges
    >>> policy_gpus(TrainConfig(cluster=Cluster(gpus_per_node=8), judges=Judges(servers=1)))
    (4, 5, 6, 7)
    """
    judges = config.judges
    last = judges.first_gpu + judges.servers * judges.gpus_each
    theirs = range(judges.first_gpu, last)
    free = (gpu for gpu in range(config.cluster.gpus_per_node) if gpu not in theirs)
    return tuple(gpu for gpu, _ in zip(free, range(config.policy_gpus_per_node), strict=False))


@contextmanager
def judging(config: TrainConfig, model: str, logs: Path) -> Iterator[tuple[str, ...]]:
    """The addresses of the reward model, for the length of a block.

    Raises:
        ConfigError: an address serves another model, or vLLM cannot be started.
        EndpointUnavailable: a server does not answer, or did not get ready; with the end of its log.
    """
    if config.reward.kind == "structural" or config.judged_by_verl:
        yield ()
        return
    with ExitStack() as stack:
        wanted = judge_servers(config, model, logs)
        if not wanted:
            for url in addresses_of(config.reward):
                require_served(url, config.reward.served_name)
            yield addresses_of(config.reward)
            return
        held = [stack.enter_context(_Held(settings)) for settings in wanted]
        # Loading a model takes minutes: all at once.
        with ThreadPoolExecutor(len(held)) as threads:
            running = list(threads.map(_Held.start, held))
        yield tuple(server.url for server in running)


def require_served(url: str, name: str) -> None:
    """Stop where a server does not answer or does not know the model.

    Raises:
        EndpointUnavailable, ConfigError: as described.
    """
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{url.rstrip('/')}/models", timeout=LOOK_TIMEOUT_S
        ) as answer:
            served = [model["id"] for model in json.load(answer)["data"]]
    except (OSError, HTTPException) as error:
        raise EndpointUnavailable(
            f"{url}: the reward model does not answer ({error}); start its server, correct "
            "reward.services, or let the run start it ([judges] servers)"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{url}: this is no OpenAI-compatible server") from error
    # A server that names no models leaves it to the request.
    if served and name not in served:
        raise ConfigError(f"{url} serves {', '.join(served)}, not reward.served_name {name!r}")


class _Held:
    """A server that is started in one thread and stopped in another."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._stack = ExitStack()

    def start(self) -> Running:
        return self._stack.enter_context(serving(self._settings))

    def __enter__(self) -> _Held:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
