"""A policy is frozen data: who looks at the reference picture, and how. One TOML block each.

The one verb is `attempt`: a sample and the picture of its reference go in, a program comes out that
claims to draw the same. Its errors are natural: nobody put them there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from policies.settings import TracerSettings
from records.errors import ConfigError, PolicyReplyError
from records.rows import Attempt, Reject, Sample, Sampled, content_id
from records.taxonomy import Language, Modality
from renderers.contract import Picture

LANGUAGES = {"tracer": Language.SVG}
"""What each kind of policy writes."""


class Policy(BaseModel):
    """A weak drawer of pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """Lower-case word by which configurations and rows call it."""
    modality: Modality
    """The pictures it looks at."""
    kind: Literal["tracer"]
    """How it works: a tracer follows the edges of colour areas."""
    settings: TracerSettings = TracerSettings()
    """What it is tuned by."""
    weight: float = Field(default=1.0, ge=0)
    """Share among policies, where a build draws one of several."""

    @model_validator(mode="after")
    def _draws_its_modality(self) -> Policy:
        if LANGUAGES[self.kind].modality is not self.modality:
            raise ValueError(
                f"a {self.kind} draws {LANGUAGES[self.kind].modality}, not {self.modality}"
            )
        return self

    @property
    def settings_hash(self) -> str:
        """Twenty hex digits over kind and settings; a tracer has no prompt."""
        return content_id(self.kind, self.settings.model_dump_json())


def attempt(policy: Policy, sample: Sample, reference: Picture, seed: int) -> Attempt | Reject:
    """What the policy makes of the picture; a Reject where it makes no program.

    Args:
        policy: Who looks.
        sample: The sample; its code is never shown to the policy.
        reference: The picture of the sample's code.
        seed: Varies the strength of a tracer a little, so that two attempts differ.

    Raises:
        ConfigError: the policy's package is not installed; the message names the extra.
    """
    # The tracers import the sandbox; who only reads settings need not.
    from policies.offline.tracer import trace

    try:
        code = trace(reference.png, policy.settings, seed)
    except PolicyReplyError as error:
        return Reject(
            stage="attempt",
            reason=error.reason,
            item_id=sample.id,
            detail=f"{policy.name}: {error.detail}",
        )
    origin = Sampled(policy=policy.name, prompt_hash=policy.settings_hash, seed=seed)
    return Attempt.of(sample, code, origin, LANGUAGES[policy.kind])


def load_policies(names: Iterable[str] = (), files: Iterable[str] = ()) -> tuple[Policy, ...]:
    """The policies of these names, built in or defined by `[[policies]]` blocks of TOML files.

    Args:
        names: In the order in which they are to work.
        files: A policy of a file hides a built-in one of its name.

    Raises:
        ConfigError: a file cannot be read, a block is wrong, or a name is not defined.

    >>> [policy.name for policy in load_policies(["vtracer-mid"])]
    ['vtracer-mid']
    """
    from policies.offline import BUILTIN

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


def read_policies(file: str | Path) -> tuple[Policy, ...]:
    """The `[[policies]]` blocks of one TOML file.

    Raises:
        ConfigError: the file is not there or not TOML, or a block is wrong; names file and block.
    """
    try:
        values = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"policies cannot be read from {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from error
    unknown = sorted(set(values) - {"policies"})
    blocks = values.get("policies", [])
    if unknown or not isinstance(blocks, list):
        raise ConfigError(f"{file}: only [[policies]] blocks belong here, not {', '.join(unknown)}")
    policies = tuple(_policy(block, f"{file}, policy {at}") for at, block in enumerate(blocks, 1))
    names = [policy.name for policy in policies]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigError(f"{file} defines {', '.join(doubled)} twice; give each its own name")
    return policies


def _policy(block: Mapping[str, Any], where: str) -> Policy:
    try:
        return Policy.model_validate(block)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'block'}: {item['msg']}"
            for item in error.errors(include_url=False)
        )
        raise ConfigError(f"{where}: {wrong}") from error
