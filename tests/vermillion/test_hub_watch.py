"""A new revision on the hub starts a refresh of its source, and of no other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import huggingface_hub.constants
import pytest
from airflow.sdk import Asset
from hub_here import Hub, served_hub

from records.errors import ConfigError
from sources.source import source_named
from vermillion.airflow.hub_watch import (
    HubRevision,
    newest_revision,
    refresh_schedule,
    refreshes_of,
    watch_period_s,
)
from vermillion.pipeline.refresh import asked_of


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    with served_hub() as (hub, address):
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        yield hub


class Store:
    """Airflow's store of an asset."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}

    async def aget(self, key: str, default: Any = None) -> Any:
        return self.held.get(key, default)

    async def aset(self, key: str, value: Any) -> None:
        self.held[key] = value


def watch(store: Store) -> HubRevision:
    trigger = HubRevision("unisvg", 0.01)
    trigger.asset_state_store = store  # type: ignore[assignment]
    return trigger


async def asked_again(hub: type[Hub], times: int = 2) -> None:
    """Wait until the hub has answered some more questions."""
    for _ in range(times):
        before = len(hub.asked)
        while len(hub.asked) == before:
            await asyncio.sleep(0.01)


def test_only_a_change_fires_also_after_a_restart_and_an_outage(hub: type[Hub]) -> None:
    async def live() -> None:
        store = Store()
        events = watch(store).run()
        first = asyncio.ensure_future(anext(events))
        await asked_again(hub)
        assert not first.done()
        hub.broken = True
        await asked_again(hub)
        assert not first.done()
        hub.broken, hub.revision = False, "d" * 40
        told = await asyncio.wait_for(first, 20)
        assert told.payload == {"source": "unisvg", "revision": "d" * 40}
        second = asyncio.ensure_future(anext(events))
        await asked_again(hub)
        assert not second.done()
        second.cancel()
        hub.revision = "e" * 40  # while no triggerer runs
        after = await asyncio.wait_for(anext(watch(store).run()), 20)
        assert after.payload["revision"] == "e" * 40

    asyncio.run(asyncio.wait_for(live(), 60))
    assert set(hub.asked) == {source_named("unisvg").repo_id}


def test_an_answer_that_is_none_of_a_hub_ends_no_watch(
    hub: type[Hub], capsys: pytest.CaptureFixture[str]
) -> None:
    async def live() -> None:
        hub.revision = ""
        waiting = asyncio.ensure_future(anext(watch(Store()).run()))
        await asked_again(hub, 3)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(asyncio.wait_for(live(), 60))
    assert "unisvg: no revision from the hub" in capsys.readouterr().out


def test_a_source_that_is_not_on_the_hub_is_named(hub: type[Hub]) -> None:
    with pytest.raises(ConfigError, match="'bundled' is no dataset of the hub"):
        newest_revision("bundled")
    assert hub.asked == []


def test_one_setting_turns_it_on() -> None:
    assert refresh_schedule(watch_period_s({})) == "@weekly"
    schedule = refresh_schedule(watch_period_s({"VERMILLION_HUB_WATCH_MINUTES": "30"}))
    triggers = [
        watcher.trigger.serialize()
        for asset in schedule.asset_condition.objects  # type: ignore[union-attr]
        for watcher in asset.watchers
    ]
    assert [arguments for _, arguments in triggers] == [
        {"source": source, "period_s": 1800.0}
        for source in ("chartmimic", "omnidocbench", "unisvg")
    ]
    for wrong in ("1", "often", "-5"):
        with pytest.raises(ConfigError, match="at least 5"):
            watch_period_s({"VERMILLION_HUB_WATCH_MINUTES": wrong})


def test_a_run_pulls_what_changed_or_what_the_form_says() -> None:
    form = {"sources": ["chartmimic", "unisvg"], "revision": "newest"}
    assert refreshes_of(form, None) == [
        {"source": "chartmimic", "revision": "newest"},
        {"source": "unisvg", "revision": "newest"},
    ]
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def event(revision: str, minutes: int) -> Any:
        payload = {"source": "unisvg", "revision": revision}
        extra = {"from_trigger": True, "payload": payload}
        return SimpleNamespace(extra=extra, timestamp=now + timedelta(minutes=minutes))

    on_the_hub = Asset(name="unisvg-on-the-hub", uri="vermillion://hub/unisvg")
    [one] = refreshes_of(form, {on_the_hub: [event("e" * 40, 2), event("d" * 40, 1)]})
    assert one == {"source": "unisvg", "revision": "e" * 40}
    assert asked_of("unisvg", {**form, **one}).revision == "e" * 40
    by_hand = SimpleNamespace(extra={}, timestamp=now)
    [one] = refreshes_of(form, {on_the_hub: [by_hand]})
    assert asked_of("unisvg", {**form, **one}).revision == "main"
    assert asked_of("unisvg", {}).revision == source_named("unisvg").revision
