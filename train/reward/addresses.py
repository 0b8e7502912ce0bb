"""Reads and writes the file with the addresses of the reward model, for nodes that share a disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from records.errors import ConfigError
from records.files import write_json
from train.settings import Reward


def write_addresses(file: str | Path, urls: Sequence[str], model: str, front: str = "") -> None:
    """Write the file atomically.

    Args:
        file: The file, in which runs search the addresses.
        urls: Servers of the reward model, up to and with `/v1`.
        model: Name under which they serve it.
        front: Address of `POST /judge` and `POST /reward` in front of them.
    """
    addresses = {"model": model, "services": list(urls), **({"front": front} if front else {})}
    write_json(Path(file), addresses)


def read_addresses(file: str | Path) -> tuple[str, ...]:
    """Addresses, up to and with `/v1`.

    Raises:
        ConfigError: the file is not there, or holds no addresses.
    """
    try:
        values = json.loads(Path(file).read_text(encoding="utf-8"))
        found = tuple(str(url) for url in values["services"])
    except OSError as error:
        raise ConfigError(
            f"reward.services_file {file}: not there ({error.strerror}); start the servers: "
            "python -m train.serve --config CONFIG --model MODEL"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{file}: no addresses of services: {error!r}") from error
    if not found:
        raise ConfigError(f"{file}: an empty list of services")
    return found


def addresses_of(settings: Reward) -> tuple[str, ...]:
    """Addresses of the reward model's servers: of the file, or else of the settings.

    Raises:
        ConfigError: the file is not there, or holds none.
    """
    return read_addresses(settings.services_file) if settings.services_file else settings.services
