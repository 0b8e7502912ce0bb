"""Messages to an operator: a run failed, a run is late, shards were left out.

Two settings, both empty by default:

* `VERMILLION_NOTIFIER`: any notifier of Airflow as JSON: ``class``, the path of the class, and its
  arguments. Its templates may use ``{{ alert.title }}``, one line, and ``{{ alert.text }}``.
* `VERMILLION_DEADLINES`: the hours after which a run of a DAG is late, as ``{"build_pairs": 24}``.

``python -m vermillion.airflow.alerts`` sends a message to try the notifier. Its arguments may be
secret, so they are read where a message is sent and are never stored in Airflow's database.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

from airflow.sdk import BaseNotifier
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from records.errors import ConfigError

NOTIFIER, DEADLINES = "VERMILLION_NOTIFIER", "VERMILLION_DEADLINES"
MOST_REASONS = 3
"""Failed tasks of a run whose errors are in the message."""
REASON_CHARS = 1500
MOST_SHARDS = 20
"""Shards that were left out and are named."""
ANSWER_S = 20.0
_REASON = "failure"
"""Key under which a failed task leaves its error for the message of the run."""

logger = logging.getLogger(__name__)


class Webhook(BaseNotifier):
    """Posts ``{"text": ...}`` to an address, as Slack, Mattermost and others take it.

    Args:
        url: Address of the webhook.
        text: Template of the text.
    """

    template_fields = ("text",)

    def __init__(self, url: str, text: str = "*{{ alert.title }}*\n{{ alert.text }}") -> None:
        super().__init__()
        self.url = url
        self.text = text

    def notify(self, context: Any) -> None:
        import httpx2

        httpx2.post(self.url, json={"text": self.text}, timeout=ANSWER_S).raise_for_status()


def alerts_of(dag_id: str) -> dict[str, Any]:
    """Arguments of a DAG by which its failures and its lateness are told; empty if nothing is set.

    Raises:
        ConfigError: a setting cannot be read.
    """
    found: dict[str, Any] = {}
    if notifier_settings():
        found["on_failure_callback"] = tell_failure
    if hours := deadline_hours().get(dag_id):
        found["deadline"] = DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=timedelta(hours=hours),
            callback=AsyncCallback(tell_late),
        )
    return found


def task_alerts() -> dict[str, Any]:
    """Arguments of each task by which the message of a failed run names the error."""
    return {"on_failure_callback": keep_reason} if notifier_settings() else {}


def notifier_settings(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The notifier's class and arguments; empty if no message is wanted.

    Raises:
        ConfigError: the setting is no JSON object that names a class.
    """
    found = _json_object(NOTIFIER, environment)
    if found and not isinstance(found.get("class"), str):
        example = '{"class": "vermillion.airflow.alerts.Webhook", "url": "https://..."}'
        raise ConfigError(f"{NOTIFIER} names no class; for example {example}")
    return found


def deadline_hours(environment: Mapping[str, str] = os.environ) -> dict[str, float]:
    """Hours after which a run is late, by DAG.

    Raises:
        ConfigError: the setting is no JSON object of positive numbers by names of DAGs.
    """
    found = _json_object(DEADLINES, environment)
    for dag_id, hours in found.items():
        if dag_id not in DAGS:
            raise ConfigError(f"{DEADLINES}: there is no DAG {dag_id!r}; known: {', '.join(DAGS)}")
        if not isinstance(hours, int | float) or hours <= 0:
            raise ConfigError(f"{DEADLINES}: {dag_id}: give hours above 0, not {hours!r}")
    return found


DAGS = ("build_pairs", "refresh_sources", "train_visual_erm")


def _json_object(setting: str, environment: Mapping[str, str]) -> dict[str, Any]:
    text = environment.get(setting, "").strip()
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise ConfigError(f"{setting} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{setting}: give a JSON object")
    return found


def keep_reason(context: Any) -> None:
    """Keep the error of a failed task for the message of its run."""
    error = context.get("exception")
    reason = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error)
    context["ti"].xcom_push(_REASON, reason[:REASON_CHARS])


def tell_failure(context: Any) -> None:
    """Send what failed in a run, and why."""
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    lines = [f"Run: {run_id}", *(_failures(context) or [str(context.get("reason", ""))])]
    send(f"{dag_id} failed", "\n".join([*lines, page_of(dag_id, run_id)]))


def _failures(context: Any) -> list[str]:
    """A line for each task that failed, the first of them with their errors."""
    ti = context.get("ti")
    if ti is None:
        return []
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id]).get(ti.run_id, {})
    failed = sorted(name for name, state in states.items() if state == "failed")
    lines = []
    for name in failed[:MOST_REASONS]:
        task_id, index = _place(name, context["dag"].task_ids)
        reason = ti.xcom_pull(task_ids=task_id, map_indexes=index, key=_REASON)
        lines.append(f"Task {name}: {reason or 'its log says why'}")
    if len(failed) > MOST_REASONS:
        lines.append(f"{len(failed) - MOST_REASONS} more tasks failed")
    return lines


def _place(name: str, task_ids: Sequence[str]) -> tuple[str, int]:
    """A task and its map index, from the name that Airflow gives to its state.

    >>> _place("pairs_12", ["pairs", "pull"]), _place("plan_2", ["plan_2"])
    (('pairs', 12), ('plan_2', -1))
    """
    if name in task_ids:
        return name, -1
    task_id, _, index = name.rpartition("_")
    return task_id, int(index)


async def tell_late(context: Any) -> None:
    """Send that a run has not ended in time; Airflow's triggerer calls it."""
    run = context["dag_run"]
    dag_id, run_id = run["dag_id"], run["dag_run_id"]
    limit = f"It was to end by {context['deadline']['deadline_time']} and is {run['state']}."
    message = f"Run: {run_id}\n{limit}\n{page_of(dag_id, run_id)}"
    await asyncio.to_thread(send, f"{dag_id} is late", message)


def tell_left_out(published: Mapping[str, Any], work: str) -> None:
    """Send that a new version lacks shards, if it does.

    Args:
        published: What `vermillion.pipeline.publish.finish_build` returned.
        work: Folder of the build, which holds the reasons.
    """
    shards = published["quarantined"]
    if shards and not published["skipped"]:
        named = ", ".join(shards[:MOST_SHARDS]) + (", ..." if len(shards) > MOST_SHARDS else "")
        send(
            f"{published['path']} was published without {len(shards)} of its shards",
            f"Left out: {named}\nThe reasons are in {work}/quarantine; the next run tries them again.",
        )


def page_of(dag_id: str, run_id: str) -> str:
    """Address of a run's page."""
    from urllib.parse import quote

    from airflow.sdk.configuration import conf

    base = conf.get("api", "base_url", fallback="") or "http://localhost:8080"
    return f"{base.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}"


def send(title: str, text: str) -> None:
    """Log a message, and send it if a notifier is set; a notifier that fails ends no task."""
    logger.warning("%s\n%s", title, text)
    settings = notifier_settings()
    if not settings:
        return
    try:
        notifier_of(settings)({"alert": {"title": title, "text": text}})
    except Exception as error:  # noqa: BLE001 - a notifier of any kind, and the work is more important
        logger.error("the message was not sent: %r", error)


def notifier_of(settings: Mapping[str, Any]) -> BaseNotifier:
    """The notifier that the settings name.

    Raises:
        ConfigError: there is no such class, or it does not take these arguments.
    """
    arguments = dict(settings)
    path = arguments.pop("class")
    module, _, name = path.rpartition(".")
    try:
        found: BaseNotifier = getattr(import_module(module), name)(**arguments)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ConfigError(f"{NOTIFIER}: {path}: {error}") from error
    return found


if __name__ == "__main__":
    argparse.ArgumentParser(description="Send a message to try the notifier.").parse_args()
    tried = notifier_settings()
    if not tried:
        raise SystemExit(f"{NOTIFIER} is empty: no message is sent")
    notifier_of(tried)({"alert": {"title": "A trial", "text": "Vermillion can reach you here."}})
    print(f"sent by {tried['class']}")
