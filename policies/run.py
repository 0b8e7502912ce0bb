"""Loads policies by name, and runs one attempt of a policy at a sample."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from policies.offline import BUILTIN
from policies.policy import MODELS, Policy, read_policies
from policies.settings import (
    ChartReaderSettings,
    DriftSettings,
    ImageTracerSettings,
    PolicySettings,
    TableReaderSettings,
    TracerSettings,
)
from records.errors import CodeParseError, ConfigError, PolicyReplyError
from records.rows import Attempt, Reject, Sample, Sampled
from renderers.contract import Picture


def load_policies(names: Iterable[str] = (), files: Iterable[str] = ()) -> tuple[Policy, ...]:
    """The policies of these names, built in or defined by `[[policies]]` blocks of TOML files.

    Args:
        names: Names in the order in which the policies run.
        files: A policy of a file hides a built-in one of its name.

    Raises:
        ConfigError: a file cannot be read, a block is wrong, or a name is not defined.

    >>> [policy.name for policy in load_policies(["vtracer-mid"])]
    ['vtracer-mid']
    """
    known = dict(BUILTIN)
    for file in files:
        known |= {policy.name: policy for policy in read_policies(file)}
    chosen = []
    for name in dict.fromkeys(names):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigError(f"no policy {name!r}; {hint}known: {', '.join(sorted(known))}")
        chosen.append(known[name])
    return tuple(chosen)


def require(policy: Policy) -> None:
    """Check that the packages of an offline policy are installed; sends no request to a model.

    Raises:
        ConfigError: a package, a model file or Node is missing; the message says how to install it.
    """
    match policy.settings:
        case TracerSettings():
            from policies.offline.tracer import require as require_tracer

            require_tracer()
        case ImageTracerSettings():
            from policies.offline.imagetracer import require as require_node

            require_node()
        case TableReaderSettings() | ChartReaderSettings() as settings:
            from policies.offline.reader import require as require_reader

            require_reader(settings)


def attempt(policy: Policy, sample: Sample, reference: Picture, seed: int) -> Attempt | Reject:
    """Run one attempt; returns a Reject if the policy writes no program.

    Args:
        policy: The policy.
        sample: The sample; its code is shown to targeted and drift policies only.
        reference: The picture of the sample's code.
        seed: Varies the strength of an offline policy a little, so that two attempts differ.

    Raises:
        ConfigError: the policy's package is not installed; the message names the extra.
        EndpointUnavailable: the policy's model server does not answer.
    """
    if policy.kind in MODELS:
        from policies.endpoint import attempt_one

        return attempt_one(policy, sample, reference, seed)
    language = policy.language
    try:
        if isinstance(policy.settings, DriftSettings):
            from policies.offline.drift.redraw import redraw

            code, language = redraw(sample, policy.settings, seed), sample.language
        else:
            code = _drawn_again(policy.settings, reference.png, seed)
    except (CodeParseError, PolicyReplyError) as error:
        return Reject(
            stage="attempt",
            reason=error.reason,
            item_id=sample.id,
            detail=error.detail,
            policy=policy.name,
        )
    origin = Sampled(policy=policy.name, prompt_hash=policy.settings_hash, seed=seed)
    return Attempt.of(sample, code, origin, language)


def _drawn_again(settings: PolicySettings | None, png: bytes, seed: int) -> str:
    # Offline policies import the sandbox, which is not needed for reading settings.
    match settings:
        case TracerSettings():
            from policies.offline.tracer import trace

            return trace(png, settings, seed)
        case ImageTracerSettings():
            from policies.offline.imagetracer import trace_in_node

            return trace_in_node(png, settings, seed)
        case TableReaderSettings() | ChartReaderSettings():
            from policies.offline.reader import read

            return read(png, settings, seed)
    raise ValueError(f"no offline policy is tuned by {type(settings).__name__}")
