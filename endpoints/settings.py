"""Which model server, how much may be asked of it, and how it samples: frozen data from TOML.

Keys never stand in a file: an endpoint names an environment variable, or an Airflow connection.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from endpoints.server import ServerSettings
from records.errors import ConfigError
from records.settings import Section, read_toml, validated

NO_KEY = "none"
"""What servers that ask for no key are sent: the client library insists on some word."""


Block = dict[str, Any]
"""A `[[...]]` block of a TOML file."""

_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost):(\d{1,5})/v1/?\Z")


class Named(Section):
    """A policy or an annotator: what a block of a TOML file defines."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """Lower-case word by which configurations and rows call it."""


N = TypeVar("N", bound=Named)


class RaySettings(Section):
    """Where `engine = "ray"` runs its engines (`ray.data.llm`)."""

    address: str = Field(default="auto", min_length=1)
    """`HOST:6379`, or `auto` for the cluster of which this machine is a node; `local` starts Ray here."""
    replicas: int = Field(default=1, ge=1)
    """Engines that share the requests, each with the GPUs of its `--tensor-parallel-size`."""
    batch: int = Field(default=16, ge=1)
    """Requests that an engine takes and answers together; several batches are under way at once."""

    @model_validator(mode="after")
    def _joined(self) -> Self:
        if "://" in self.address:
            raise ValueError(
                "ray.address must be auto, local or HOST:PORT of the cluster's head; Ray Data is not "
                "driven from outside of a cluster (ray://), so make this machine a node of it"
            )
        return self


class Endpoint(Section):
    """A server that speaks OpenAI's chat completions, and the limits of its use."""

    base_url: str = Field(pattern=r"^https?://[^/\s]+")
    """Up to and with `/v1`."""
    model: str = Field(min_length=1)
    """Name under which the server serves it."""
    base_url_env: str = ""
    """Environment variable that takes the place of `base_url` where it is set."""
    engine: Literal["server", "offline", "ray"] = "server"
    """`offline` runs the model of `server` inside of a process of ours (vLLM's `LLM.chat`), in batches of
    up to `in_flight` requests; `ray` runs it on a Ray cluster. No server is started or asked, and one
    process at a time may do so."""
    ray: RaySettings | None = None
    """Of `engine = "ray"`; None stands for the defaults."""
    server: ServerSettings | None = None
    """A server that a build starts at `base_url`, and stops; None if one is there already."""
    api_key_env: str = ""
    """Environment variable that holds the key; empty if the server asks for none."""
    airflow_connection: str = ""
    """Airflow connection whose password is the key, for tasks of a DAG."""

    seeds: bool = True
    """Send each request's seed; False for servers that refuse one, or fail at it."""
    in_flight: int = Field(default=64, ge=1, le=4096)
    """Most requests under way at once."""
    requests_per_s: float | None = Field(default=None, gt=0)
    tokens_per_min: float | None = Field(default=None, gt=0)
    """Prompt and completion together; estimated before a request, corrected after it."""

    timeout_s: float = Field(default=180.0, gt=0)
    """Of one try: connection, queue of the server and answer together."""
    deadline_s: float = Field(default=600.0, gt=0)
    """Of one request: all tries and the waits between them."""
    tail_s: float = Field(default=300.0, gt=0)
    """What the last requests of a shard are given once no other is left to start."""
    tries: int = Field(default=6, ge=1, le=100)
    """Most tries of a request; those that a server put off with Retry-After do not count."""
    backoff_s: float = Field(default=0.5, gt=0)
    """First wait after a failure; it doubles up to thirty seconds, less a random part."""
    reasks: int = Field(default=0, ge=0, le=10)
    """How often a reply that was cut off or cannot be read is asked for again, with another seed."""
    give_up_after: int = Field(default=20, ge=1)
    """Requests in a row without any answer after which the server counts as down."""
    reply_mb: float = Field(default=16.0, gt=0)
    """Largest answer that is read."""

    max_tokens_total: int | None = Field(default=None, ge=1)
    """Budget of the build in tokens, prompts and completions together."""
    max_cost: float | None = Field(default=None, gt=0)
    """Budget of the build in the currency of the prices."""
    prompt_price: float = Field(default=0.0, ge=0)
    """Per million tokens of prompts."""
    completion_price: float = Field(default=0.0, ge=0)
    """Per million tokens of completions."""

    @model_validator(mode="before")
    @classmethod
    def _no_key(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and "api_key" in values:
            raise ValueError(
                "a key never stands in a file: name the environment variable that holds it "
                "(api_key_env), or an Airflow connection (airflow_connection)"
            )
        return values

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.api_key_env and self.airflow_connection:
            raise ValueError("give api_key_env or airflow_connection, not both")
        if self.max_cost is not None and not (self.prompt_price or self.completion_price):
            raise ValueError("max_cost needs prompt_price and completion_price")
        if self.holds_model and self.server is None:
            raise ValueError(
                f'engine = "{self.engine}" needs a table server that names the model and its arguments'
            )
        if self.ray is not None and self.engine != "ray":
            raise ValueError('a table ray needs engine = "ray"')
        if self.server is not None and not _LOOPBACK.match(self.base_url):
            raise ValueError(
                "a server that is started needs a base_url of this machine, with its port: "
                "http://127.0.0.1:8000/v1"
            )
        return self

    @property
    def is_paced(self) -> bool:
        """True if requests or tokens are limited per time."""
        return self.requests_per_s is not None or self.tokens_per_min is not None

    @property
    def holds_model(self) -> bool:
        """True if the process that asks also runs the model: there is no server."""
        return self.engine != "server"

    @property
    def to_start(self) -> ServerSettings | None:
        """The server to start for this endpoint, at its port and under its model's name."""
        if self.server is None or self.holds_model or os.environ.get(self.base_url_env):
            return None
        found = _LOOPBACK.match(self.base_url)
        assert found is not None
        named = {"port": int(found[1]), "served_name": self.server.served_name or self.model}
        return self.server.model_copy(update=named)

    @property
    def url(self) -> str:
        """Where the server is: the environment's word before the file's."""
        return os.environ.get(self.base_url_env) or self.base_url

    def key(self) -> str:
        """The key, looked up where it is needed and stored nowhere.

        Raises:
            ConfigError: the environment variable or the connection is not there.
        """
        if self.airflow_connection:
            return _connection_password(self.airflow_connection)
        if not self.api_key_env:
            return NO_KEY
        key = os.environ.get(self.api_key_env, "").strip()
        if not key:
            raise ConfigError(
                f"the environment variable {self.api_key_env} is not set; it must hold the key for "
                f"{self.url} (or leave api_key_env empty if that server asks for none)"
            )
        return key

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost.

        >>> Endpoint(base_url="http://m/v1", model="m", prompt_price=2).cost(500_000, 9)
        1.0
        """
        return (
            prompt_tokens * self.prompt_price + completion_tokens * self.completion_price
        ) / 1_000_000


class Sampling(Section):
    """How the model draws its words."""

    temperature: Annotated[float, Field(ge=0, le=2)] | Literal["none"] = 0.0
    """`none` sends no temperature, for models that refuse one, as the GPT-5 family does."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int = Field(default=4096, ge=1)
    """Of one completion; what is longer comes back as truncated."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """Name under which `max_tokens` is sent; the GPT-5 family takes the second alone."""
    extra: dict[str, Any] = {}
    """Further fields of the request, for servers that know them: top_k, repetition_penalty."""

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        taken = {"model", "messages", "stream", "n", "seed", "response_format"}
        taken |= {"max_tokens", "max_completion_tokens"}
        wrong = sorted(taken & set(self.extra))
        if wrong:
            raise ValueError(f"extra must not set {', '.join(wrong)}")
        return self


def endpoint_at(url: str, model: str, **more: Any) -> Endpoint:
    """An endpoint as a command line names it.

    Raises:
        ConfigError: the address is none, or another value is not legal.

    >>> endpoint_at("localhost:8000", "m")
    Traceback (most recent call last):
        ...
    records.errors.ConfigError: 'localhost:8000' is no address of a server; give http://HOST:PORT/v1
    """
    if not re.match(r"https?://[^/\s]", url):
        raise ConfigError(f"{url!r} is no address of a server; give http://HOST:PORT/v1")
    return validated(Endpoint, {"base_url": url, "model": model, **more}, url)


def read_blocks(
    file: str | Path,
    table: str,
    model: type[N],
    named_by: str,
    placed: Callable[[Block, Path], Block],
    taken: Sequence[str] = (),
) -> tuple[N, ...]:
    """The `[[table]]` blocks of a TOML file; an `endpoint` may be an `[endpoints.NAME]` table.

    Args:
        file: Also the home of relative paths in it.
        table: policies or annotators.
        model: What a block describes.
        named_by: Setting that names the file, for messages.
        placed: The block with its paths relative to a folder.
        taken: Names that none may have.

    Raises:
        ConfigError: the file is not there or not TOML, or a block is wrong; names file and block.
    """
    values = read_toml(file, named_by)
    unknown = sorted(set(values) - {table, "endpoints"})
    blocks = values.get(table, [])
    whole = isinstance(blocks, list) and all(isinstance(block, Mapping) for block in blocks)
    if unknown or not whole:
        single = f"a single [{table}]" if not isinstance(blocks, list) else f"values in {table}"
        raise ConfigError(
            f"{file}: only [[{table}]] blocks and [endpoints.NAME] tables belong here, not "
            f"{', '.join(unknown) or single}"
        )
    found = tuple(
        validated(
            model, placed(with_named_endpoint(values, block, where), Path(file).parent), where
        )
        for where, block in ((f"{file}, [[{table}]] {at}", one) for at, one in enumerate(blocks, 1))
    )
    names = [one.name for one in found]
    doubled = sorted({name for name in names if names.count(name) > 1 or name in taken})
    if doubled:
        raise ConfigError(f"{file}: the name {', '.join(doubled)} is taken; give each its own")
    return found


def with_named_endpoint(
    values: Mapping[str, Any], block: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """A block whose `endpoint` is a name has the file's `[endpoints.NAME]` table put there.

    Raises:
        ConfigError: the file has no such table.

    >>> with_named_endpoint({"endpoints": {"e": {"model": "m"}}}, {"endpoint": "e"}, "x.toml")
    {'endpoint': {'model': 'm'}}
    """
    name = block.get("endpoint")
    if not isinstance(name, str):
        return dict(block)
    known = values.get("endpoints", {})
    if not isinstance(known, Mapping) or name not in known:
        raise ConfigError(
            f"{where}: endpoint {name!r} has no table [endpoints.{name}] in this file"
        )
    return {**block, "endpoint": known[name]}


def _connection_password(name: str) -> str:
    try:
        from airflow.sdk import Connection
        from airflow.sdk.exceptions import AirflowNotFoundException
    except ImportError as error:
        raise ConfigError(
            f"airflow_connection {name!r} needs Airflow; use api_key_env outside of it"
        ) from error
    try:
        password = Connection.get(name).password
    except AirflowNotFoundException as error:
        raise ConfigError(
            f"Airflow has no connection {name!r}; add it, or use api_key_env"
        ) from error
    if not password:
        raise ConfigError(f"the Airflow connection {name!r} has no password, which is the key")
    return str(password)
