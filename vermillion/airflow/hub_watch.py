"""Starts a refresh when a source's dataset on the hub has a new revision, if a setting says so.

`VERMILLION_HUB_WATCH_MINUTES` turns it on and is the time between two questions to the hub, one for
each source. Airflow's triggerer asks at the address that `HF_ENDPOINT` names, and remembers the
last answer in Airflow's database. A hub that does not answer is asked again after the same time.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

from airflow.sdk import Asset, AssetAny, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from records.errors import ConfigError
from vermillion.airflow.assets import SOURCES

MINUTES = "VERMILLION_HUB_WATCH_MINUTES"
FEWEST_MINUTES = 5
"""The hub answers everybody: it is not asked more often."""
ANSWER_S = 30.0
_SEEN = "revision"
_WATCHED = {f"{source}-on-the-hub": source for source in SOURCES}
"""Names of the assets that stand for the datasets on the hub, and their sources."""


class HubRevision(BaseEventTrigger):
    """Fires when the newest revision of a source is another than the last that was seen.

    The first revision that is ever seen starts nothing: the next refresh by time or by hand pulls it.

    Args:
        source: Name of a source whose dataset is on the hub.
        period_s: Seconds between two questions.
    """

    def __init__(self, source: str, period_s: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.source = source
        self.period_s = period_s
        self._last: str | None = None

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kind = f"{type(self).__module__}.{type(self).__qualname__}"
        return kind, {"source": self.source, "period_s": self.period_s}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while True:
            try:
                before = await self._seen()
                newest = await asyncio.to_thread(newest_revision, self.source)
                if newest != before:
                    if before:
                        told = {"source": self.source, "revision": newest}
                        yield TriggerEvent(told)  # type: ignore[no-untyped-call]
                    await self._remember(newest)
            except Exception as error:  # noqa: BLE001 - whatever the hub answers, the watch goes on
                self.log.warning(
                    "%s: no revision from the hub, next question in %.0f s: %r",
                    self.source,
                    self.period_s,
                    error,
                )
            await asyncio.sleep(self.period_s)

    async def _seen(self) -> str | None:
        if self._last is None and self.asset_state_store is not None:
            self._last = str(await self.asset_state_store.aget(_SEEN, "")) or None
        return self._last

    async def _remember(self, revision: str) -> None:
        self._last = revision
        if self.asset_state_store is not None:
            await self.asset_state_store.aset(_SEEN, revision)


def newest_revision(source: str) -> str:
    """The commit of a source's dataset that the hub has now.

    Raises:
        ConfigError: the source is unknown or not on the hub, or the answer names no commit.
        HTTPError, OSError: of `huggingface_hub`; the hub does not answer or refuses.
    """
    from huggingface_hub import HfApi

    from sources.source import source_named

    repo_id = source_named(source).repo_id
    if not repo_id:
        raise ConfigError(f"source {source!r} is no dataset of the hub")
    found = HfApi().dataset_info(repo_id, revision="main", timeout=ANSWER_S)
    if not found.sha:
        raise ConfigError(f"{repo_id}: the hub's answer names no commit")
    return str(found.sha)


def watch_period_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two questions to the hub; None if it is not watched.

    >>> watch_period_s({"VERMILLION_HUB_WATCH_MINUTES": "60"}), watch_period_s({})
    (3600.0, None)

    Raises:
        ConfigError: the setting is no number, or too small.
    """
    text = environment.get(MINUTES, "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) < FEWEST_MINUTES:
        raise ConfigError(
            f"{MINUTES} = {text!r}: give a whole number of minutes, at least {FEWEST_MINUTES}, "
            "or leave it empty"
        )
    return int(text) * 60.0


def refresh_schedule(period_s: float | None) -> AssetOrTimeSchedule | str:
    """When `refresh_sources` runs: weekly, and on new revisions if the hub is watched."""
    if period_s is None:
        return "@weekly"
    watched = (
        Asset(
            name=name,
            uri=f"vermillion://hub/{source}",
            watchers=[AssetWatcher(name=name, trigger=HubRevision(source, period_s))],
        )
        for name, source in _WATCHED.items()
    )
    return AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("@weekly", timezone="UTC"), assets=AssetAny(*watched)
    )


def refreshes_of(form: Mapping[str, Any], events: Any) -> list[dict[str, str]]:
    """The source and revision of each task of a refresh.

    New revisions on the hub refresh their sources, each to the newest of them; any other run does
    what the form says.

    Args:
        form: Of `refresh_sources`.
        events: The asset events that started the run, by asset; None if it was not started by any.
    """
    found = {}
    for asset, told in (events or {}).items():
        newest = max(told, key=lambda event: event.timestamp)
        # An event that a person made on the page names no revision.
        payload = newest.extra.get("payload", {})
        found[_WATCHED[asset.name]] = payload.get("revision", "newest")
    if not found:
        found = dict.fromkeys(form["sources"], form["revision"])
    return [{"source": source, "revision": revision} for source, revision in found.items()]
