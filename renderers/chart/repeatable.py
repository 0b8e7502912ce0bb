"""Fixes random seeds and the clock: a script without a seed draws the same figure on every run."""

# mypy: disable-error-code="method-assign,assignment,misc,metaclass,attr-defined"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

import datetime
import hashlib
import os
import random
import secrets
import time
from typing import Any

import numpy as np
import pandas as pd

SEED = 0
NOW = 1_704_067_200.0
"""The current time of scripts: the first second of 2024, in UTC."""
_CALL_S = 0.001

_real_datetime = datetime.datetime
_real_date = datetime.date


class _Chance:
    """A source of pseudorandom bytes that is the same in every process."""

    def __init__(self) -> None:
        self._count = 0

    def bytes(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            self._count += 1
            data += hashlib.sha256(f"{SEED}:{self._count}".encode()).digest()
        return data[:size]

    def bits(self, count: int) -> int:
        size = (count + 7) // 8
        return int.from_bytes(self.bytes(size), "little") >> (8 * size - count)


class _Clock:
    """A clock that starts at `NOW` and advances by a millisecond per reading, and by each sleep."""

    def __init__(self) -> None:
        self._elapsed_s = 0.0

    def time(self) -> float:
        self._elapsed_s += _CALL_S
        return NOW + self._elapsed_s

    def time_ns(self) -> int:
        return int(self.time() * 1e9)

    def sleep(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._elapsed_s += seconds


def make_repeatable() -> None:
    """Fix seeds and clocks for the rest of the process."""
    _fix_chance(_Chance())
    _fix_clock(_Clock())


def seed() -> None:
    """Seed the global generators; called in each child, since a fork reseeds `random`."""
    random.seed(SEED)
    np.random.seed(SEED)


def _fix_chance(chance: _Chance) -> None:
    os.urandom = chance.bytes
    random._urandom = chance.bytes
    secrets.randbits = chance.bits
    secrets.token_bytes = lambda nbytes=None: chance.bytes(32 if nbytes is None else nbytes)
    # numpy takes entropy from here if default_rng, RandomState and the like get no seed.
    np.random.bit_generator.randbits = chance.bits

    class Random(random.Random):
        def seed(self, a: Any = None, version: int = 2) -> None:
            super().seed(chance.bits(256) if a is None else a, version)

        def __init__(self, x: Any = None) -> None:
            super().__init__(chance.bits(256) if x is None else x)

    whole = random.seed
    random.Random = Random
    random.seed = lambda a=None, version=2: whole(SEED if a is None else a, version)


def _fix_clock(clock: _Clock) -> None:
    real_localtime, real_gmtime, real_strftime = time.localtime, time.gmtime, time.strftime
    time.time, time.time_ns, time.sleep = clock.time, clock.time_ns, clock.sleep
    time.localtime = lambda secs=None: real_localtime(clock.time() if secs is None else secs)
    time.gmtime = lambda secs=None: real_gmtime(clock.time() if secs is None else secs)
    time.ctime = lambda secs=None: time.asctime(time.localtime(secs))
    time.strftime = lambda format, t=None: real_strftime(format, t or time.localtime())  # noqa: A006

    class Date(_real_date, metaclass=_like(_real_date)):
        def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
            return _real_date(*arguments, **keywords)

        @classmethod
        def today(cls) -> Any:
            return _real_date.fromtimestamp(clock.time())

    class DateTime(_real_datetime, metaclass=_like(_real_datetime)):
        def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
            return _real_datetime(*arguments, **keywords)

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return _real_datetime.fromtimestamp(clock.time(), tz)

        @classmethod
        def today(cls) -> Any:
            return _real_datetime.fromtimestamp(clock.time())

        @classmethod
        def utcnow(cls) -> Any:
            return _real_datetime.fromtimestamp(clock.time(), datetime.UTC).replace(tzinfo=None)

    datetime.date = Date
    datetime.datetime = DateTime
    pd.Timestamp.now = classmethod(lambda cls, tz=None: cls(clock.time(), unit="s", tz=tz))
    pd.Timestamp.today = pd.Timestamp.now


def _like(real: type) -> type:
    """A metaclass: instances of the real class count as instances of its replacement."""

    class Like(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, real)

    return Like
