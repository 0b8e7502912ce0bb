"""GRPO by veRL: its settings, and the servers around it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests_support import empty_prompts

from endpoints.replay import ReplayAnswer, ReplayServer
from records.errors import ConfigError, EndpointUnavailable
from records.taxonomy import Modality
from train.grpo import run as grpo
from train.grpo.small import identity, prompts_of
from train.grpo.verl_settings import verl_arguments
from train.jobs.serving import judge_servers, judging, policy_gpus
from train.reward import functions
from train.reward.addresses import addresses_of, write_addresses
from train.settings import Cluster, Grpo, Judges, Reward, TrainConfig, load

HOUSE = Path(__file__).parents[2]
VERL = HOUSE / ".venv-verl/bin/python"
REPLAY = (sys.executable, "-m", "endpoints.replay", "--port", "{port}")


def settings_of(arguments: tuple[str, ...]) -> dict[str, str]:
    return dict(argument.split("=", 1) for argument in arguments)


@pytest.mark.parametrize(
    ("task", "prompts"), [("chart", 11_000), ("table", 40_000), ("svg", 10_000)]
)
def test_each_task_has_the_papers_settings(task: str, prompts: int) -> None:
    config = load(HOUSE / f"configs/train/grpo_{task}.toml")
    said = settings_of(verl_arguments(config, Modality(task), "out"))
    paper = {
        "data.train_batch_size": "256",
        "data.train_max_samples": str(prompts),
        "data.max_prompt_length": "8192",
        "data.max_response_length": "8192",
        "actor_rollout_ref.actor.optim.lr": "1e-06",
        "actor_rollout_ref.actor.ppo_mini_batch_size": "128",
        "actor_rollout_ref.actor.kl_loss_coef": "0.01",
        "actor_rollout_ref.actor.kl_loss_type": "low_var_kl",
        "actor_rollout_ref.actor.entropy_coeff": "0.0",
        "actor_rollout_ref.rollout.n": "8",
        "actor_rollout_ref.actor.megatron.tensor_model_parallel_size": "2",
        "actor_rollout_ref.actor.megatron.pipeline_model_parallel_size": "2",
        "actor_rollout_ref.actor.megatron.context_parallel_size": "2",
        "trainer.total_epochs": "1",
    }
    assert {name: said[name] for name in paper} == paper
    assert int(said["trainer.nnodes"]) * int(said["trainer.n_gpus_per_node"]) == 32
    assert config.grpo.tasks == (task,)
    # What veRL would otherwise not do: keep anything, or run without a W&B account.
    assert int(said["trainer.save_freq"]) > 0
    assert "wandb" not in said["trainer.logger"]


@pytest.mark.slow
@pytest.mark.skipif(not VERL.exists(), reason="no .venv-verl: scripts/trainer-contracts makes it")
def test_verl_accepts_every_task_and_refuses_what_it_does_not_know() -> None:
    arguments: list[str] = []
    for task in Modality:
        config = load(HOUSE / f"configs/train/grpo_{task}.toml")
        arguments += [*verl_arguments(config, task, "out"), "--"]
    whole = load(HOUSE / "configs/train/visual_erm_8b.toml")
    arguments += [*verl_arguments(whole, Modality.CHART, "out"), "--"]
    wrong = TrainConfig(grpo=Grpo(reward_manager="prime"))
    arguments += verl_arguments(wrong, Modality.CHART, "out")
    done = subprocess.run(
        [str(VERL), "-m", "train.grpo.verl_check", *arguments],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    *accepted, refused = done.stdout.strip().splitlines()
    found = [json.loads(line) for line in accepted]
    assert [one["settings"]["actor_rollout_ref.actor.strategy"] for one in found] == [
        *["megatron"] * 3,
        "fsdp2",
    ]
    assert all(one["reward"] == "train.reward.functions.compute_score" for one in found)
    assert all(one["reward_is_asynchronous"] for one in found)
    assert all(Reward(**one["reward_settings"]).formula for one in found)
    assert done.returncode == 2
    assert "Unknown reward manager: prime" in refused


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"grpo": {"batch_size": 100, "mini_batch_size": 64}}, "no multiple of mini_batch_size 64"),
        ({"grpo": {"tensor_parallel": 2}}, "need engine = 'megatron'"),
        ({"judges": {"servers": 1}, "cluster": {"nodes": 2}}, "other nodes do not reach"),
        ({"cluster": {"ray_url": "head:8265"}}, "ray_url"),
        ({"judges": {"servers": 1, "by": "verl", "gpus_each": 0}}, "gpus_each is at least 1"),
        ({"judges": {"servers": 2}, "cluster": {"gpus_per_node": 8}}, "do not fit the 8 GPUs"),
        (
            {
                "judges": {"servers": 1},
                "cluster": {"gpus_per_node": 8},
                "grpo": {"gpus_per_node": 8},
            },
            "lower judges.servers",
        ),
    ],
)
def test_settings_that_cannot_work_are_named(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TrainConfig.model_validate(values)


def test_judges_and_policy_share_no_gpu() -> None:
    config = TrainConfig(
        cluster=Cluster(gpus_per_node=8), judges=Judges(servers=2, gpus_each=2, first_gpu=4)
    )
    servers = judge_servers(config, "out/visual-erm", Path("logs"))
    assert [server.environment["CUDA_VISIBLE_DEVICES"] for server in servers] == ["4,5", "6,7"]
    assert [server.port for server in servers] == [8000, 8001]
    assert "--tensor-parallel-size=2" in servers[0].arguments
    assert policy_gpus(config) == (0, 1, 2, 3)
    assert "127.0.0.1" in servers[0].command_line(8000)  # `train.serve` alone opens them


def test_one_machine_of_eight_gpus_holds_judge_and_policy() -> None:
    config = load(HOUSE / "configs/train/visual_erm_8b.toml")
    judged = config.model_copy(update={"judges": Judges(servers=1, gpus_each=4, first_gpu=4)})
    assert policy_gpus(judged) == (0, 1, 2, 3)
    said = settings_of(verl_arguments(judged, Modality.CHART, "out"))
    assert said["trainer.n_gpus_per_node"] == "4"
    assert said["actor_rollout_ref.model.use_fused_kernels"] == "True"


def test_a_judge_on_loopback_is_refused_where_there_are_several_nodes() -> None:
    spread = TrainConfig(cluster=Cluster(nodes=4))
    with pytest.raises(ConfigError, match="every node takes for itself"):
        verl_arguments(spread, Modality.CHART, "out")
    assert verl_arguments(spread, Modality.CHART, "out", ["http://judge-1:8000/v1"])
    for reward in (Reward(services_file="out/services.json"), Reward(kind="structural")):
        assert verl_arguments(spread.model_copy(update={"reward": reward}), Modality.CHART, "out")


def test_verl_serves_the_judge_on_gpus_of_each_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """veRL 0.9.1: `reward.reward_model` in a pool of its own, its address as `reward_router_address`."""
    judges = Judges(servers=1, gpus_each=4, by="verl")
    config = TrainConfig(cluster=Cluster(nodes=4, ray_url="http://head:8265"), judges=judges)
    said = settings_of(verl_arguments(config, Modality.CHART, "out"))
    assert said["trainer.n_gpus_per_node"] == said["reward.reward_model.n_gpus_per_node"] == "4"
    assert said["reward.reward_model.nnodes"] == "4"
    assert said["reward.reward_model.model_path"] == "out/visual-erm"
    given = "+reward.custom_reward_function.reward_kwargs."
    assert said[f"{given}served_name"] == "out/visual-erm"  # vLLM's name of a model is its path.
    assert said[f"{given}in_flight"] == str(4 * Reward().in_flight // Reward().processes)
    with judging(config, "", Path("logs")) as services:
        assert services == ()
    asked: list[Reward] = []

    def scorer_of(settings: Reward) -> ExitStack:
        asked.append(settings)
        return ExitStack()

    monkeypatch.setattr(functions, "scorer_of", scorer_of)
    given_by_verl = {"reward_router_address": "10.0.0.7:8123", "reward_model_tokenizer": object()}
    functions._Served.of({"served_name": "out/visual-erm", **given_by_verl})
    functions.end_scorers()
    assert asked[0].services == ("http://10.0.0.7:8123/v1",)


def test_megatron_keeps_the_references_memory_settings() -> None:
    said = settings_of(
        verl_arguments(load(HOUSE / "configs/train/grpo_svg.toml"), Modality.SVG, "out")
    )
    actor = "actor_rollout_ref.actor.megatron"
    assert said[f"{actor}.override_transformer_config.recompute_granularity"] == "full"
    assert said[f"{actor}.override_transformer_config.recompute_method"] == "uniform"
    for name in ("param_offload", "optimizer_offload"):
        assert said[f"{actor}.{name}"] == "True"


def test_addresses_of_a_file_go_before_those_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "services.json"
    reward = Reward(services_file=str(file))
    with pytest.raises(ConfigError, match=r"train\.serve"):
        addresses_of(reward)
    write_addresses(file, ["http://judge-1:8000/v1"], "visual-erm")
    assert addresses_of(reward) == ("http://judge-1:8000/v1",)


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on."""
    while True:
        with ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = int(first.getsockname()[1])
            try:
                for more in range(1, count):
                    held.enter_context(socket.create_server(("127.0.0.1", port + more)))
            except (OSError, OverflowError):
                continue
            return port


def test_judges_start_together_and_end_with_the_block(tmp_path: Path) -> None:
    port = free_ports(2)
    config = TrainConfig(judges=Judges(servers=2, gpus_each=0, first_port=port, command=REPLAY))
    before = set(psutil.Process().children(recursive=True))
    with judging(config, "model", tmp_path) as services:
        assert services == tuple(f"http://127.0.0.1:{port + n}/v1" for n in range(2))
        started = set(psutil.Process().children(recursive=True)) - before
        assert len(started) >= 2
    psutil.wait_procs(list(started), timeout=60)
    assert not [process for process in started if process.is_running()]


def test_services_must_answer_and_serve_the_model(tmp_path: Path) -> None:
    dead = TrainConfig(reward=Reward(services=("http://127.0.0.1:9/v1",)))
    with (
        pytest.raises(EndpointUnavailable, match=r"correct reward\.services"),
        judging(dead, "model", tmp_path),
    ):
        pass
    with ReplayServer(lambda _: ReplayAnswer()) as server:
        alive = TrainConfig(reward=Reward(services=(server.url,)))
        with judging(alive, "model", tmp_path) as services:
            assert services == (server.url,)


def test_a_run_has_its_servers_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """veRL's part is played by a script that writes down what it was given and who answers."""
    port = free_ports(1)
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys, urllib.request\n"
        "if 'train.grpo.verl_check' in sys.argv: print('{}'); sys.exit()\n"
        f"alive = urllib.request.urlopen('http://127.0.0.1:{port}/health').status\n"
        f"json.dump([sys.argv[1:], os.environ.get('CUDA_VISIBLE_DEVICES'), alive],\n"
        f"          open({str(tmp_path / 'said.json')!r}, 'w'))\n"
        "sys.exit(3 if 'trainer.total_epochs=7' in sys.argv else 0)\n"
    )
    python.chmod(0o755)
    monkeypatch.setenv(grpo.VERL_PYTHON, str(python))
    file = tmp_path / "c.toml"
    command = ", ".join(json.dumps(part) for part in REPLAY)
    text = f"[cluster]\ngpus_per_node = 3\n[judges]\nservers = 1\ngpus_each = 1\nfirst_port = {port}\ncommand = [{command}]\n"
    file.write_text(text)
    arguments = ["--config", str(file), "--task", "svg", "--out", str(tmp_path)]
    assert grpo.main(arguments) == 2
    assert "python -m train.grpo.policy_data" in capsys.readouterr().err
    empty_prompts(Modality.SVG, tmp_path)
    assert grpo.main(arguments) == 0
    argv, gpus, alive = json.loads((tmp_path / "said.json").read_text())
    assert argv[:2] == ["-m", "verl.trainer.main_ppo"]
    served = f'["http://127.0.0.1:{port}/v1"]'
    services = f"+reward.custom_reward_function.reward_kwargs.services={served}"
    assert services in argv
    assert (gpus, alive) == ("1,2", 200)
    with ReplayServer(
        lambda _: ReplayAnswer()
    ) as server:  # one that stands already: none is started
        assert grpo.main([*arguments, "--service", server.url]) == 1
    assert "exit status 1" in capsys.readouterr().err  # nobody at the configured port
    # Whoever serves it, the judge keeps its GPU.
    assert grpo._served_by(load(file), [server.url]).policy_gpus_per_node == 2
    file.write_text(text + "[grpo]\nepochs = 7\n")
    assert grpo.main(arguments) == 1
    assert "exit status 3" in capsys.readouterr().err


def test_no_environment_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(grpo.VERL_PYTHON, raising=False)
    with pytest.raises(ConfigError, match="names no Python"):
        grpo.verl_python()
    assert os.environ.get(grpo.VERL_PYTHON) is None


def test_a_small_run_is_another_with_another_reward_or_other_prompts() -> None:
    config = TrainConfig()
    mine = identity(config, "a")
    assert identity(config, "b") != mine
    for name, value, same in (
        ("kind", "structural", False),
        ("formula", "released", False),
        ("services", ("http://gpu-7:8000/v1",), True),
        ("render_workers", 4, True),
    ):
        reward = config.reward.model_copy(update={name: value})
        assert (identity(config.model_copy(update={"reward": reward}), "a") == mine) is same


@pytest.mark.parametrize("columns", [None, {"images": [1]}])
def test_prompts_that_are_another_file_are_refused(
    columns: dict[str, list[int]] | None, tmp_path: Path
) -> None:
    file = tmp_path / "train.parquet"
    if columns is None:
        file.write_bytes(b"not Parquet")
    else:
        pq.write_table(pa.table(columns), file)
    with pytest.raises(
        ConfigError, match="Parquet file" if columns is None else "no column extra_info"
    ):
        prompts_of(str(file))
