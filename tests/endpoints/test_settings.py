"""Endpoints are data; keys never are."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from pydantic import ValidationError

from endpoints import replay, settings
from endpoints.client import wire
from endpoints.settings import NO_KEY, Endpoint, Sampling
from records.errors import ConfigError


def endpoint(**more: Any) -> Endpoint:
    return Endpoint(base_url="http://127.0.0.1:8000/v1", model="m", **more)


@pytest.mark.parametrize("module", [settings, wire, replay])
def test_examples(module: Any) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


def test_the_environment_gives_address_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    to = endpoint(base_url_env="WHERE", api_key_env="KEY")
    assert to.url == "http://127.0.0.1:8000/v1"
    monkeypatch.setenv("WHERE", "http://elsewhere/v1")
    monkeypatch.setenv("KEY", " sekret\n")
    assert (to.url, to.key()) == ("http://elsewhere/v1", "sekret")
    assert "sekret" not in repr(to) + to.model_dump_json()
    assert endpoint().key() == NO_KEY


def test_an_airflow_connection_gives_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LLM", "openai://:sekret@host")
    assert endpoint(airflow_connection="llm").key() == "sekret"
    with pytest.raises(ConfigError, match="no connection 'other'"):
        endpoint(airflow_connection="other").key()
    monkeypatch.setenv("AIRFLOW_CONN_LLM", "openai://host")
    with pytest.raises(ConfigError, match="has no password"):
        endpoint(airflow_connection="llm").key()


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "localhost:8000"},
        {"api_key": "sk-123"},
        {"api_key_env": "A", "airflow_connection": "b"},
        {"max_cost": 5.0},
        {"in_flight": 0},
        {"timeout_s": -1},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Endpoint.model_validate({"base_url": "http://h/v1", "model": "m", **wrong})


def test_extra_fields_of_a_request_may_not_hide_ours() -> None:
    with pytest.raises(ValidationError, match="must not set messages"):
        Sampling(extra={"messages": []})
