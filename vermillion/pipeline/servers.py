"""Starts and stops the model servers of a build.

An endpoint that has a `server` is started before the first model is asked. On one machine that is
what a small GPU box needs; a cluster has services of its own, and endpoints that name their address.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import fsspec

from annotators.audit.pilot import asked_models
from endpoints.client.cache import cache_path
from endpoints.server import Running, ServerSettings, healthy, serving, start, stop
from endpoints.settings import Endpoint
from policies.run import load_policies
from records.config import BuildConfig, fingerprint
from records.errors import ConfigError
from records.files import exists, write_text
from records.layout import Layout
from records.shards import code_version, read_report

log = logging.getLogger(__name__)


def servers_of(config: BuildConfig) -> list[ServerSettings]:
    """The servers that a build's policies and annotators need, each address once.

    Raises:
        ConfigError: a policy or an annotator is not defined, or two servers want one port.
    """
    found: dict[int, ServerSettings] = {}
    for endpoint in _endpoints(config):
        wanted = endpoint.to_start
        if wanted is None:
            continue
        if not wanted.log:
            log_file = _folder(config) / f"{wanted.port}.log"
            wanted = wanted.model_copy(update={"log": str(log_file)})
        if found.setdefault(wanted.port, wanted) != wanted:
            raise ConfigError(
                f"two servers want port {wanted.port}: {found[wanted.port].model} and "
                f"{wanted.model}; give each endpoint its own base_url, or both the same server"
            )
    return list(found.values())


def _endpoints(config: BuildConfig) -> list[Endpoint]:
    policies = load_policies(config.policies.names, config.policies.files)
    asked = [one.endpoint for one in policies if one.endpoint is not None]
    return asked + [judge.endpoint for judge in asked_models(config)]


def check_keys(config: BuildConfig) -> None:
    """Look up the keys of all model servers, before anything is pulled or drawn.

    Nothing is looked up after a run that asked its models everything: a rerun needs no key.

    Raises:
        ConfigError: a key's environment variable or connection is not there, or a policy or an
            annotator is not defined.
    """
    asked = [endpoint for endpoint in _endpoints(config) if not endpoint.holds_model]
    if asked and not exists(_labeled(config)):
        for endpoint in asked:
            endpoint.key()


def _one_worker_for_engines(config: BuildConfig) -> None:
    for endpoint in _endpoints(config):
        if endpoint.holds_model and config.workers > 1:
            raise ConfigError(
                f'the endpoint of model {endpoint.model} has engine = "{endpoint.engine}", which loads the '
                f"model in each of {config.workers} workers: set workers = 1 (--workers 1), or "
                'engine = "server"'
            )


def start_servers(config: BuildConfig, shards: Sequence[str] = ()) -> list[Running]:
    """Start the build's servers; they keep running after this process ends. A running one is kept.

    Args:
        config: The build's settings.
        shards: Its shards; nothing is started where all of them are done.

    Raises:
        EndpointUnavailable: one was not ready in time; those that were started are stopped.
        ConfigError: as `servers_of`, or one cannot be run.
    """
    if models_are_done(config, shards):
        return []
    wanted = {settings.model_dump_json(): settings for settings in servers_of(config)}
    noted = _noted(config)
    for key in [key for key in noted if key not in wanted or not healthy(noted[key])]:
        # A server left by an earlier run uses memory, and perhaps a port, that are needed now.
        stop(noted.pop(key))
        _write_note(config, noted)
    running: list[Running] = []
    try:
        for key, settings in wanted.items():
            if key not in noted:
                log.info(
                    "starting %s on port %d; its log: %s",
                    settings.model,
                    settings.port,
                    settings.log,
                )

                def note(one: Running, key: str = key) -> None:
                    noted[key] = one
                    _write_note(config, noted)

                start(settings, note)
            running.append(noted[key])
            log.info("%s is ready at %s", settings.model, running[-1].url)
    except BaseException:
        stop_servers(running, config)
        raise
    return running


def stop_servers(running: Sequence[Running], config: BuildConfig) -> None:
    """Stop servers that were started, with all that they started; those, too, of a task that was
    killed before it could report them.
    """
    for one in {one.pid: one for one in (*_noted(config).values(), *running)}.values():
        stop(one)
        log.info("%s is stopped", one.url)
    _note(config).unlink(missing_ok=True)


@contextmanager
def model_servers(config: BuildConfig, shards: Sequence[str] = ()) -> Iterator[list[Running]]:
    """The build's servers for the length of a block; they end with it, and with this process.

    Args, Raises: as `start_servers`, and ConfigError where several workers would each load a model.
    """
    _one_worker_for_engines(config)
    wanted = [] if models_are_done(config, shards) else servers_of(config)
    with ExitStack() as held:
        yield [held.enter_context(serving(settings)) for settings in wanted]


def note_models_done(config: BuildConfig, shards: Sequence[str]) -> None:
    """Record that all model work of this build is done, so that reruns start no model server."""
    write_text(_labeled(config), _state(config, shards))


def models_are_done(config: BuildConfig, shards: Sequence[str]) -> bool:
    """True if `note_models_done` noted this very build, and its shards still stand."""
    if not shards or not exists(_labeled(config)):
        return False
    with fsspec.open(_labeled(config), "rt", encoding="utf-8") as file:
        if file.read() != _state(config, shards):
            return False
    at = Layout.of(config).shard
    asked = [at(stage, shard) for stage in ("attempt", "annotate") for shard in shards]
    return all(read_report(url) is not None for url in asked)


def _labeled(config: BuildConfig) -> str:
    return f"{config.work_url}/labeled.txt"


def _state(config: BuildConfig, shards: Sequence[str]) -> str:
    """Hash of all that decides what models are asked."""
    reports = (read_report(Layout.of(config).shard("pull", shard)) for shard in sorted(shards))
    return fingerprint(
        config,
        *load_policies(config.policies.names, config.policies.files),
        *asked_models(config),
        *(report.sha256 if report else "" for report in reports),
        code_version("annotators", "corruptors", "endpoints", "policies", "renderers"),
    )


def _noted(config: BuildConfig) -> dict[str, Running]:
    """The servers that run for a build, or did, by their settings."""
    note = _note(config)
    known = json.loads(note.read_text("utf-8")) if note.is_file() else {}
    return {key: Running.model_validate_json(entry) for key, entry in known.items()}


def _write_note(config: BuildConfig, running: Mapping[str, Running]) -> None:
    entry = {key: one.model_dump_json() for key, one in running.items()}
    write_text(str(_note(config)), json.dumps(entry))


def _note(config: BuildConfig) -> Path:
    """Where the servers that were started for a build are noted."""
    return _folder(config) / "running.json"


def _folder(config: BuildConfig) -> Path:
    """A build's own folder for its servers, on this machine's disk: beside its replies."""
    replies = Path(cache_path(config.work_url))
    return replies.with_name(replies.stem.replace("replies", "servers"))
