"""The command `doctor --config`: tests everything that a build will need."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from annotators.audit.pilot import asked_models
from corruptors.registry import check_names
from endpoints.server import ServerSettings
from endpoints.settings import Endpoint
from policies.policy import Policy
from policies.run import load_policies, require
from records.config import BuildConfig
from records.errors import ConfigError, EndpointUnavailable, PipelineError
from records.files import exists, writable, write_text
from records.files import remove as remove_file
from records.sections import SourceConfig
from records.taxonomy import Modality
from renderers.table.cross_check import firefox_report
from renderers.table.fonts import font_hashes
from sandbox.probe import LayerReport
from sources.provenance import Source
from sources.pull import list_samples
from sources.snapshot import download
from sources.source import source_named

WAIT_S = 10.0
"""How long a server may take to answer."""
MEGABYTES_A_THOUSAND = 160
"""Disk of a thousand published pairs with the work that made them (docs/operations.md, Sizing)."""
LEAST_FREE_MB = 1024
"""A build with less free disk than this is likely to end in the middle."""


def requirements_of(config: BuildConfig) -> Iterator[LayerReport]:
    """One line for each thing that the build needs; what `vermillion doctor` tries anyway is left out."""
    for name, source in config.sources.items():
        yield _tried(f"source: {name}", functools.partial(_source, name, source))
    yield _tried("corruptions", functools.partial(_corruptions, config))
    for folder in config.publish.held_out:
        yield LayerReport(
            "held out",
            exists(folder),
            folder if exists(folder) else f"{folder}: no such folder; correct publish.held_out",
            required=True,
        )
    yield from _policies(config)
    yield from _annotators(config)
    yield from _packages(config)
    if Modality.TABLE in config.modalities:
        yield _fonts()
    yield _tried("root", functools.partial(_root, config.root))
    yield from _disk(config.root)


def _tried(name: str, look: Callable[[], str]) -> LayerReport:
    """The result of ``look``, or its error, which names the remedy."""
    try:
        return LayerReport(name, True, look(), required=True)
    except PipelineError as error:
        return LayerReport(name, False, str(error), required=True)


def _source(name: str, settings: SourceConfig) -> str:
    known = source_named(name)
    if settings.samples:
        shards = list_samples(settings.samples) if exists(settings.samples) else []
        if not shards:
            raise ConfigError(
                f"{settings.samples}: no sample shards; run vermillion pull {name} --out "
                f"{settings.samples}"
            )
        return f"{len(shards)} shards in {settings.samples}"
    if not settings.snapshot and known.here is None and known.repo_id:
        return _on_hub(known, settings.revision or known.revision)
    snapshot = Path(settings.snapshot) if settings.snapshot else known.here
    if snapshot is None:
        raise ConfigError(f"name the folder to read: [sources.{name}] snapshot = 'DIR'")
    if not snapshot.is_dir():
        raise ConfigError(f"{snapshot}: no such folder; correct sources.{name}.snapshot")
    return f"{len(known.files(snapshot))} files in {snapshot}"


def _on_hub(source: Source, revision: str) -> str:
    """Check for a complete earlier download, or that the hub has the dataset."""
    import huggingface_hub
    from huggingface_hub import errors

    cached = functools.partial(huggingface_hub.snapshot_download, local_files_only=True)
    try:
        folder = download(
            source.repo_id, revision, source.allow_patterns, source=source.name, fetch=cached
        )
    except EndpointUnavailable:
        pass
    else:
        return f"downloaded before, in {folder}"
    try:
        huggingface_hub.HfApi().dataset_info(source.repo_id, revision=revision, timeout=WAIT_S)
    except (errors.HTTPError, errors.OfflineModeIsEnabled, OSError) as error:
        why = str(error).strip().partition("\n")[0] or repr(error)
        raise EndpointUnavailable(
            f"the hub does not give {source.repo_id} at {revision} ({why}): connect, set HF_TOKEN "
            f"if it is closed, or give a folder: [sources.{source.name}] snapshot = 'DIR'"
        ) from error
    return f"{source.repo_id} at {revision} will be downloaded"


def _corruptions(config: BuildConfig) -> str:
    chosen = config.corruption
    check_names((*chosen.include, *chosen.exclude))
    return f"{len(chosen.include) or 'all'} used, {len(chosen.exclude)} left out"


def _policies(config: BuildConfig) -> Iterator[LayerReport]:
    try:
        policies = load_policies(config.policies.names, config.policies.files)
    except ConfigError as error:
        yield LayerReport("policies", False, str(error), required=True)
        return
    for policy in policies:
        yield _policy(policy)


def _policy(policy: Policy) -> LayerReport:
    name = f"policy: {policy.name}"
    if policy.endpoint is not None:
        return _tried(name, functools.partial(_model, policy.endpoint))
    return _tried(name, functools.partial(_installed, policy))


def _installed(policy: Policy) -> str:
    require(policy)
    return f"{policy.kind.replace('_', ' ')} of {policy.modality} pictures"


def _annotators(config: BuildConfig) -> Iterator[LayerReport]:
    try:
        models = asked_models(config)
    except ConfigError as error:
        yield LayerReport("annotators", False, str(error), required=True)
        return
    for model in models:
        yield _tried(f"annotator: {model.name}", functools.partial(_model, model.endpoint))


def _model(endpoint: Endpoint) -> str:
    """A server that answers, or one that the build can start.

    Raises:
        ConfigError: the key is not set, or the server cannot be started.
        EndpointUnavailable: nothing answers, or the key is refused.
    """
    if endpoint.holds_model and endpoint.server is not None:
        return _held(endpoint, endpoint.server)
    key = endpoint.key()
    if (wanted := endpoint.to_start) is not None:
        if shutil.which(wanted.command_line(wanted.port)[0]) is None:
            raise ConfigError(
                f"{wanted.command_line(wanted.port)[0]} cannot be run; correct `server`"
            )
        return f"{wanted.model} will be started at port {wanted.port}"
    url = f"{endpoint.url.rstrip('/')}/models"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            served = _names_in(answer.read(1_000_000))
    except urllib.error.HTTPError as error:
        if error.code not in (401, 403):
            return f"{endpoint.url} answers, and lists no models ({error.code})"
        raise EndpointUnavailable(
            f"{endpoint.url} refuses the key ({error.code}); set {endpoint.api_key_env or 'api_key_env'}"
        ) from error
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        raise EndpointUnavailable(
            f"{endpoint.url} does not answer ({why}); start the server, or correct base_url"
        ) from error
    if served and endpoint.model not in served:
        raise ConfigError(f"{endpoint.url} serves {', '.join(served[:8])}, not {endpoint.model}")
    return f"{endpoint.model} at {endpoint.url}"


def _held(endpoint: Endpoint, settings: ServerSettings) -> str:
    """A model that the build runs itself, by an interpreter that has what it takes."""
    python = settings.python
    if shutil.which(python) is None:
        raise ConfigError(f"{python} cannot be run; correct `server.python`")
    for package in ("vllm", "ray")[: 2 if endpoint.engine == "ray" else 1]:
        there = f"import importlib.util as u; raise SystemExit(u.find_spec({package!r}) is None)"
        if subprocess.run([python, "-c", there], capture_output=True, check=False).returncode:
            raise ConfigError(f"{python} has no package {package}; install it there")
    where = "on a Ray cluster" if endpoint.engine == "ray" else "without a server"
    return f"{endpoint.model} will be loaded by {python}, {where}"


def _names_in(answer: bytes) -> list[str]:
    """Names of a list of models; none where the answer is no such list."""
    answered = json.loads(answer)
    listed = answered.get("data") if isinstance(answered, dict) else None
    return [str(one.get("id")) for one in listed or () if isinstance(one, dict)]


def _packages(config: BuildConfig) -> Iterator[LayerReport]:
    if config.render.cross_check and Modality.SVG in config.modalities:
        yield _package("resvg_py", "cross-check", "render.cross_check = true")
    if config.render.cross_check_tables and Modality.TABLE in config.modalities:
        yield firefox_report(required=True)
    if config.root.startswith("s3://"):
        yield _package("s3fs", "s3", "a root that begins with s3://")


def _package(name: str, extra: str, wanted_by: str) -> LayerReport:
    there = find_spec(name) is not None
    reason = f"for {wanted_by}"
    return LayerReport(
        f"package: {name}",
        there,
        reason if there else f"{reason}: pip install -e '.[{extra}]'",
        True,
    )


def _fonts() -> LayerReport:
    missing = [file for file, digest in font_hashes().items() if digest == "missing"]
    way_out = f"{', '.join(missing)} not installed; tables look different without: run make setup"
    return LayerReport("fonts", not missing, way_out if missing else "all that tables use", True)


def _root(root: str) -> str:
    """Write a file below the root and remove it: only that proves that a store accepts files."""
    writable(root, "root")
    if "://" not in root:
        return f"{Path(root).absolute()} can be written"
    proof = f"{root}/.doctor-{uuid4().hex}"
    try:
        write_text(proof, "")
        remove_file(proof)
    except Exception as error:  # each store raises its own errors; none is hidden
        raise EndpointUnavailable(
            f"root {root}: a file cannot be written ({error}); are this user's rights enough?"
        ) from error
    return f"{root} can be written"


def _disk(root: str) -> Iterator[LayerReport]:
    """Free space where the build writes, and where files wait for their upload."""
    places = {"temporary folder": tempfile.gettempdir()}
    if "://" not in root:
        places["disk"] = root
    for name, place in places.items():
        folder = Path(place).absolute()
        while not folder.exists():
            folder = folder.parent
        free_mb = shutil.disk_usage(folder).free // 2**20
        pairs = free_mb * 1000 // MEGABYTES_A_THOUSAND
        room = f"{free_mb / 1024:.1f} GB free at {folder}"
        if name == "disk":
            room += f", room for about {pairs:,} pairs"
        enough = free_mb >= LEAST_FREE_MB
        way_out = (
            ""
            if enough
            else "; free at least 1 GB, or choose another with "
            + ("--out or root" if name == "disk" else "TMPDIR")
        )
        yield LayerReport(name, enough, room + way_out, required=True)
