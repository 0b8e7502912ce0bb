"""docker-compose.yml and Dockerfile: their syntax and their promises, checked without an engine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from vermillion.cluster.smoke import NOTICING

HOUSE = Path(__file__).parent.parent
TEXT = (HOUSE / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (HOUSE / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]


def test_every_component_is_there() -> None:
    assert SERVICES.keys() >= {
        "postgres",
        "redis",
        "object-store",
        "init",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "worker-default",
        "worker-render",
        "worker-gpu",
        "vllm-policy",
        "vllm-annotator",
        "vllm-reward",
    }


def test_outages_are_noticed_as_measured() -> None:
    """`make cluster-smoke` runs with the seconds that the cluster and the chart have."""
    values = yaml.safe_load((HOUSE / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8"))
    composed = SERVICES["scheduler"]["environment"]
    assert NOTICING.items() <= {k: str(v) for k, v in values["config"]["scheduler"].items()}.items()
    assert {key: composed[f"AIRFLOW__SCHEDULER__{key.upper()}"] for key in NOTICING} == NOTICING


def test_gpu_services_start_only_when_asked() -> None:
    asked = {name for name, service in SERVICES.items() if service.get("profiles") == ["gpu"]}
    assert asked == {"worker-gpu", "vllm-policy", "vllm-annotator", "vllm-reward"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned(name: str) -> None:
    image = re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", SERVICES[name]["image"])
    assert ":" in image
    assert not image.endswith(":latest")


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"init"}))
def test_each_tells_whether_it_is_healthy(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_ports_are_bound_to_loopback() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_secrets_come_from_the_environment_file_and_one_token_secret_is_shared() -> None:
    example = dict(
        line.split("=", 1)
        for line in (HOUSE / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert required
    assert required <= example.keys()
    for secret in required - {"OBJECT_STORE_USER"}:
        assert example[secret] == "", f"{secret} must not have a default"
    airflow = [
        s["environment"]
        for s in SERVICES.values()
        if "AIRFLOW__API_AUTH__JWT_SECRET" in s.get("environment", {})
    ]
    assert len({e["AIRFLOW__API_AUTH__JWT_SECRET"] for e in airflow}) == 1


def test_references_between_services_resolve() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= SERVICES.keys(), name
    volumes = set(yaml.safe_load(TEXT)["volumes"])
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or source.startswith((".", "/", "$")), volume


def test_our_image_runs_as_an_ordinary_user() -> None:
    lines = (HOUSE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in ("root", "0")
    assert re.match(r"FROM \S+:\d", next(line for line in lines if line.startswith("FROM ")))


def test_what_the_image_copies_exists() -> None:
    lines = (HOUSE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY")]
    names = [word for words in copied for word in words if not word.startswith("--")]
    assert "pyproject.toml" in names
    assert [name for name in names if not (HOUSE / name).exists()] == []


def test_every_setting_of_airflow_is_one_that_it_reads() -> None:
    """A misspelled variable is passed over in silence."""
    from airflow.configuration import conf

    described = conf.configuration_description
    known = {(section, key) for section in described for key in described[section]["options"]}
    names = re.findall(r"^ +AIRFLOW__([A-Z_]+?)__([A-Z_]+):", TEXT, flags=re.MULTILINE)
    settings = {(section.lower(), key.lower()) for section, key in names}
    assert len(settings) > 20
    # The provider of Celery reads this one; it describes it only once it is imported.
    assert settings - known <= {("celery", "result_backend")}


def test_what_must_outlive_a_container_is_on_a_volume() -> None:
    volumes = {volume.partition(":")[2]: volume for volume in SERVICES["worker-default"]["volumes"]}
    environment = SERVICES["worker-default"]["environment"]
    assert environment["VERMILLION_CACHE"] in volumes  # replies that were paid for
    assert environment["HF_HOME"] in volumes
    made = re.search(r"install -d -o vermillion(?:.|\n)*?\n\nWORKDIR", DOCKERFILE)
    assert made
    for service in SERVICES.values():
        if service["image"].startswith("${VERMILLION"):
            for volume in service["volumes"]:
                assert f" {volume.rpartition(':')[2]}" in made[0], volume  # or root would own it
    assert SERVICES["redis"]["volumes"] and "--appendonly" in SERVICES["redis"]["command"]


def test_who_draws_may_make_namespaces_and_who_works_may_finish() -> None:
    for name in ("worker-default", "worker-render", "worker-gpu"):
        assert "seccomp=unconfined" in SERVICES[name]["security_opt"], name
        assert SERVICES[name]["stop_grace_period"] == "10m", name


def test_the_image_holds_every_room_and_what_its_default_configuration_needs() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    for room in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"COPY --chown=vermillion {room} {room}\n" in DOCKERFILE, room
    extras = set(re.findall(r"ARG EXTRAS=(\S+)", DOCKERFILE)[0].split(","))
    assert extras == {"cluster", "cross-check", "offline-policies", "remote-logs", "s3"}
    assert extras <= project["project"]["optional-dependencies"].keys()
    for package in ("libatomic1", "libgl1", "libglib2.0-0", "chromium-headless-shell"):
        assert f" {package} " in DOCKERFILE, package


def test_no_health_check_starts_the_whole_of_airflow() -> None:
    """`airflow jobs check` and `celery inspect` take three seconds of a core each time."""
    for name, service in SERVICES.items():
        said = " ".join(service.get("healthcheck", {}).get("test", []))
        assert "airflow " not in said and "celery " not in said, name
