"""The model servers that a build starts for itself, and stops.

An endpoint that has a `server` is started before the first model is asked. On one machine that is
what a small GPU box needs; a cluster has services of its own, and endpoints that name their address.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from annotators.pilot import asked_models
from endpoints.cache import cache_path
from endpoints.server import Running, ServerSettings, healthy, serving, start, stop
from endpoints.settings import Endpoint
from policies.policy import load_policies
from records.config import BuildConfig
from records.errors import ConfigError

log = logging.getLogger(__name__)


def servers_of(config: BuildConfig) -> list[ServerSettings]:
    """What a build's policies and annotators want started, each address once.

    Raises:
        ConfigError: a policy or an annotator is not defined, or two servers want one port.
    """
    policies = load_policies(config.policies.names, config.policies.files)
    asked: list[Endpoint] = [one.endpoint for one in policies if one.endpoint is not None]
    asked += [judge.endpoint for judge in asked_models(config)]
    found: dict[int, ServerSettings] = {}
    for endpoint in asked:
        wanted = endpoint.to_start
        if wanted is None:
            continue
        if not wanted.log:
            logs = Path(cache_path(config.work_url)).parent / "servers"
            wanted = wanted.model_copy(update={"log": str(logs / f"{wanted.port}.log")})
        if found.setdefault(wanted.port, wanted) != wanted:
            raise ConfigError(
                f"two servers want port {wanted.port}: {found[wanted.port].model} and "
                f"{wanted.model}; give each endpoint its own base_url, or both the same server"
            )
    return list(found.values())


def start_servers(config: BuildConfig) -> list[Running]:
    """Start what the build wants; they outlive this process. One that runs already is kept.

    Raises:
        EndpointUnavailable: one was not ready in time; those that were started are stopped.
        ConfigError: as `servers_of`, or one cannot be run.
    """
    note = _note(config)
    known: dict[str, str] = json.loads(note.read_text("utf-8")) if note.is_file() else {}
    running: list[Running] = []
    noted: dict[str, str] = {}
    try:
        for settings in servers_of(config):
            key = settings.model_dump_json()
            before = Running.model_validate_json(known.pop(key)) if key in known else None
            if before is not None and not healthy(before):
                stop(before)
                before = None
            if before is None:
                log.info(
                    "starting %s on port %d; its log: %s",
                    settings.model,
                    settings.port,
                    settings.log,
                )
            running.append(before or start(settings))
            noted[key] = running[-1].model_dump_json()
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps(noted), encoding="utf-8")
            log.info("%s is ready at %s", settings.model, running[-1].url)
    except BaseException:
        stop_servers(running, config)
        raise
    finally:
        # What an earlier run of other settings left behind holds memory that is needed now.
        for left in known.values():
            stop(Running.model_validate_json(left))
    return running


def stop_servers(running: Sequence[Running], config: BuildConfig) -> None:
    """Stop servers that were started, with all that they started."""
    for one in running:
        stop(one)
        log.info("%s is stopped", one.url)
    _note(config).unlink(missing_ok=True)


@contextmanager
def served(config: BuildConfig) -> Iterator[list[Running]]:
    """The build's servers for the length of a block; they end with it, and with this process.

    Raises: as `start_servers`.
    """
    with ExitStack() as held:
        yield [held.enter_context(serving(settings)) for settings in servers_of(config)]


def _note(config: BuildConfig) -> Path:
    """Where the servers that were started for a build are noted, on this machine's disk."""
    return Path(cache_path(config.work_url)).parent / "servers" / "running.json"
