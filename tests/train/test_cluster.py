"""The check of a cluster names every node that would fail or draw differently."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from endpoints.replay import ReplayServer, answers_in_order
from records.taxonomy import Modality
from tests.train.test_grpo_on_ray import Dashboard, dashboard
from train.cluster import check, node
from train.cluster.node import Look, NodeReport, look_at_node, state_gib
from train.cluster.on_ray import MARK
from train.settings import Cluster, Grpo, Reward, TrainConfig

__all__ = ["dashboard"]


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two GPUs of 80 GiB."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nprintf '81559\\n81559\\n'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def config_of(url: str, gpus: int = 2, **grpo: Any) -> TrainConfig:
    return TrainConfig(
        cluster=Cluster(gpus_per_node=gpus),
        grpo=Grpo(tasks=(Modality.SVG,), **grpo),
        reward=Reward(services=(url,)),
    )


def test_a_node_says_what_it_has_and_what_it_lacks(
    tmp_path: Path, smi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "probe", list)  # tried by the sandbox's own tests
    with ReplayServer(answers_in_order(["{}"])) as judge:
        report = look_at_node(config_of(judge.url, offload=True), str(tmp_path))
        small = look_at_node(config_of(f"{judge.url}/nobody", gpus=4), "")
    said = {look.name: look for look in report.looks}
    assert said["draws svg"].detail == f"contract {report.contracts['svg']}"
    assert said[f"judge {judge.url}"].fine
    assert said["gpus"].fine and "2 of 80 GiB; 2 wanted" in said["gpus"].detail
    assert not said["prompts svg"].fine and "one disk" in said["prompts svg"].detail
    assert NodeReport.of(json.loads(json.dumps(report.to_json()))) == report
    assert not next(look for look in small.looks if look.name == "gpus").fine
    assert round(state_gib(config_of("http://h/v1", gpus=8))) == 18


def test_every_node_of_a_ray_cluster_is_asked(
    dashboard: Dashboard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.toml"
    file.write_text(
        f'[cluster]\nnodes = 3\nray_url = "{dashboard.url}"\n[grpo]\ntasks = ["svg"]\n'
        '[reward]\nkind = "structural"\n'
    )
    nodes = [
        NodeReport("a", [Look("sandbox", True, "tight")], {"svg": "11"}),
        NodeReport("b", [Look("gpus", False, "1 of 80 GiB")], {"svg": "22"}),
    ]
    dashboard.first_log = "".join(f"noise\n{MARK}{json.dumps(one.to_json())}\n" for one in nodes)
    assert check.main(["check", "--config", str(file)]) == 1
    shown = capsys.readouterr()
    assert "ok  sandbox: tight" in shown.out
    for line in (
        "b: gpus: 1 of 80 GiB",
        "2 of 3 nodes are in the Ray cluster",
        "svg is drawn under 2 render contracts: 11 on a; 22 on b",
    ):
        assert line in shown.err
    dashboard.first_log = "".join(
        f"{MARK}{json.dumps(NodeReport(host, [], {'svg': '11'}).to_json())}\n" for host in "abc"
    )
    assert check.main(["check", "--config", str(file)]) == 0
    assert "is there (nodes: 3)" in capsys.readouterr().out
    assert len(dashboard.submitted) == 2  # a finished check is no reason not to check again
