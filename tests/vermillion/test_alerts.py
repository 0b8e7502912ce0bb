"""Operators are told of runs that fail or are late and of shards that were left out, by the notifier of a setting."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from webhook_here import webhook

from records.errors import BoundPassed, ConfigError
from vermillion.airflow import alerts

HOUSE = Path(__file__).parents[2]


def notifier(url: str, **arguments: str) -> str:
    return json.dumps({"class": "vermillion.airflow.alerts.Webhook", "url": url, **arguments})


class TaskInstance:
    """Of the task that failed last, as a DAG's callback receives it."""

    dag_id, run_id = "build_pairs", "run 1"

    def __init__(self, states: dict[str, str], reasons: dict[tuple[str, int], str]) -> None:
        self.states = states
        self.reasons = reasons

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        assert (dag_id, run_ids) == (self.dag_id, [self.run_id])
        return {self.run_id: self.states}

    def xcom_pull(self, task_ids: str, map_indexes: int, key: str) -> str | None:
        return self.reasons.get((task_ids, map_indexes))

    def xcom_push(self, key: str, value: str) -> None:
        self.reasons["pairs", 0] = value


def test_a_failed_run_is_one_message_with_the_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    states = {f"pairs_{number}": "failed" for number in range(5)} | {"plan": "success"}
    ti = TaskInstance({**states, "publish": "upstream_failed"}, {})
    error = BoundPassed("stage render lost 12 of 30 rows, over the bound")
    alerts.keep_reason({"exception": error, "ti": ti})
    dag = SimpleNamespace(dag_id="build_pairs", task_ids=["plan", "pairs", "publish"])
    with webhook() as (texts, url):
        monkeypatch.setenv(alerts.NOTIFIER, notifier(url))
        alerts.tell_failure({"dag": dag, "run_id": "run 1", "ti": ti, "reason": "task_failure"})
        alerts.tell_failure({"dag": dag, "run_id": "run 2", "reason": "timed_out"})
    first, second = texts
    assert first.startswith("*build_pairs failed*\nRun: run 1\n")
    assert "Task pairs_0: BoundPassed: stage render lost 12 of 30 rows" in first
    assert "Task pairs_1: its log says why" in first and "2 more tasks failed" in first
    assert "publish" not in first and first.endswith("/dags/build_pairs/runs/run%201")
    assert "timed_out" in second


def test_shards_that_were_left_out_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shards = [f"unisvg-{number:05d}" for number in range(25)]
    made = {"skipped": False, "path": "datasets/a/1", "quarantined": shards}
    with webhook() as (texts, url):
        monkeypatch.setenv(
            alerts.NOTIFIER, notifier(url, text="{{ alert.title }}: {{ alert.text }}")
        )
        alerts.tell_left_out(made, "s3://bucket/work/a/1")
        alerts.tell_left_out({**made, "skipped": True}, "s3://bucket/work/a/1")
        alerts.tell_left_out({**made, "quarantined": []}, "s3://bucket/work/a/1")
    [told] = texts
    assert told.startswith(
        "datasets/a/1 was published without 25 of its shards: Left out: unisvg-00000,"
    )
    assert "unisvg-00019, ...\n" in told and "s3://bucket/work/a/1/quarantine" in told


def test_a_notifier_that_fails_ends_no_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with webhook(status=500) as (texts, url):
        monkeypatch.setenv(alerts.NOTIFIER, notifier(url))
        alerts.send("title", "text")
    assert len(texts) == 1
    monkeypatch.setenv(alerts.NOTIFIER, '{"class": "no.such.Notifier"}')
    alerts.send("title", "text")
    assert "500" in caplog.text and "No module named 'no'" in caplog.text


def test_a_late_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    run = {"dag_id": "build_pairs", "dag_run_id": "run 1", "state": "running"}
    context = {"dag_run": run, "deadline": {"id": "1", "deadline_time": "2026-01-01T00:00:00Z"}}
    with webhook() as (texts, url):
        monkeypatch.setenv(alerts.NOTIFIER, notifier(url))
        asyncio.run(alerts.tell_late(context))
    [told] = texts
    assert told.startswith(
        "*build_pairs is late*\nRun: run 1\nIt was to end by 2026-01-01T00:00:00Z"
    )


def test_airflows_own_notifiers_take_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose own fields have the usual names, such as `subject`."""
    sent = []
    path = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
    fields = {"subject": "{{ alert.title }}", "html_content": "<pre>{{ alert.text }}</pre>"}
    made = alerts.notifier_of({"class": path, "to": "ops@example.org", **fields})
    monkeypatch.setattr(
        type(made), "notify", lambda self, _: sent.append((self.subject, self.html_content))
    )
    made({"alert": {"title": "one line", "text": "more"}})
    assert sent == [("one line", "<pre>more</pre>")]


def test_settings_turn_each_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert alerts.alerts_of("build_pairs") == {} == alerts.task_alerts()
    monkeypatch.setenv(alerts.DEADLINES, '{"build_pairs": 1.5}')
    assert alerts.alerts_of("refresh_sources") == {}
    late = alerts.alerts_of("build_pairs")
    assert late.keys() == {"deadline"} and late["deadline"].interval == timedelta(minutes=90)
    monkeypatch.setenv(alerts.NOTIFIER, notifier("http://127.0.0.1:9/secret"))
    assert alerts.task_alerts() == {"on_failure_callback": alerts.keep_reason}
    told = alerts.alerts_of("build_pairs")
    assert told["on_failure_callback"] is alerts.tell_failure
    assert "secret" not in str(told["deadline"].callback.serialize())


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        (alerts.NOTIFIER, "http://hooks", "is no JSON"),
        (alerts.NOTIFIER, '["a"]', "give a JSON object"),
        (alerts.NOTIFIER, '{"url": "http://hooks"}', "names no class; for example"),
        (alerts.DEADLINES, '{"build": 3}', "there is no DAG 'build'; known: build_pairs"),
        (alerts.DEADLINES, '{"build_pairs": 0}', "give hours above 0"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        alerts.notifier_settings({setting: text})
        alerts.deadline_hours({setting: text})


def test_a_command_tries_the_notifier() -> None:
    command = [sys.executable, "-m", "vermillion.airflow.alerts"]
    with webhook() as (texts, url):
        settings = {"PYTHONPATH": str(HOUSE), alerts.NOTIFIER: notifier(url)}
        done = subprocess.run(command, env=settings, check=True, capture_output=True, text=True)
    assert "sent by vermillion.airflow.alerts.Webhook" in done.stdout
    assert texts == ["*A trial*\nVermillion can reach you here."]
    unset = subprocess.run(
        command, env={"PYTHONPATH": str(HOUSE)}, check=False, capture_output=True, text=True
    )
    assert unset.returncode == 1 and "is empty" in unset.stderr
