"""The image's recipe without an engine: the Dockerfile is read as it stands, and the compose file's options hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from records.errors import ConfigError
from vermillion.cluster.image import Image, container, options, steps

HOUSE = Path(__file__).parents[2]
COMPOSED = yaml.safe_load((HOUSE / "docker-compose.yml").read_text(encoding="utf-8"))


def test_every_step_of_the_dockerfile_is_known() -> None:
    text = (HOUSE / "Dockerfile").read_text(encoding="utf-8")
    found = steps(text)
    assert found[0].name == "FROM"
    assert [step.name for step in found].count("COPY") == text.count("\nCOPY ")
    [packages] = [step.text for step in found if step.text.startswith("apt-get")]
    assert "libatomic1" in packages and "useradd" in packages  # one command, joined over lines
    assert "takes its owner over" not in packages  # a comment within it


def test_a_step_that_is_not_carried_out_is_an_error() -> None:
    with pytest.raises(ConfigError, match="ADD is not known here"):
        steps("FROM python:3.11-slim-bookworm\nADD a.tar /\n")


@pytest.mark.parametrize("service", ["worker-default", "worker-render"])
def test_a_container_has_what_the_compose_file_says(service: str) -> None:
    asked = options(COMPOSED["services"][service], {"RENDER_TMP": "9g"})
    assert asked["user"] == {"uid": 10001, "gid": 10001}
    assert asked["seccomp"] is None
    mounts = {one["destination"]: one["options"] for one in asked["mounts"]}
    assert {"size=9g", "mode=1777"} <= {*mounts["/tmp"]}
    assert f"size={1 << 30}" in mounts["/dev/shm"]
    described = container(Path("/root-of-it"), Image(entrypoint=("tini", "--")), asked, ["true"])
    assert described["process"]["args"] == ["tini", "--", "true"]
    assert "effective" not in described["process"]["capabilities"]
    assert "seccomp" not in described["linux"]


def test_without_security_options_namespaces_are_refused() -> None:
    service = {**COMPOSED["services"]["worker-render"], "security_opt": []}
    names = {name for rule in options(service, {})["seccomp"]["syscalls"] for name in rule["names"]}
    assert names >= {"unshare", "clone", "clone3", "mount"}
