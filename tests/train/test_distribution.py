"""A run that is not spread as ordered stops before its first step."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from records.errors import ConfigError
from train.settings import Cluster, Sft, TrainConfig
from train.sft.distribution import Distribution, found_in, is_launcher, require


def ordered(processes: int, sharding: str = "fsdp2") -> TrainConfig:
    return TrainConfig(
        cluster=Cluster(gpus_per_node=processes), sft=Sft.model_validate({"sharding": sharding})
    )


@pytest.mark.parametrize(
    ("found", "config"),
    [
        (Distribution("FSDP", 8, 1_050, 8_000), ordered(8)),
        (Distribution("NO", 1, 8_000, 8_000), ordered(1)),
        (Distribution("MULTI_GPU", 4, 8_000, 8_000), ordered(4, "none")),
        (Distribution("MULTI_CPU", 2, 8_000, 8_000), ordered(2, "none")),
    ],
)
def test_a_run_spread_as_ordered_goes_on(found: Distribution, config: TrainConfig) -> None:
    require(found, config)


@pytest.mark.parametrize(
    ("found", "config", "said"),
    [
        (Distribution("NO", 1, 8_000, 8_000), ordered(8), "1 processes work together"),
        (Distribution("MULTI_CPU", 2, 8_000, 8_000), ordered(2), "copied 2 times"),
        (Distribution("FSDP", 8, 8_000, 8_000), ordered(8), "at most 1,250"),
        (Distribution("FSDP", 2, 4_000, 8_000), ordered(2, "none"), "leave out --use_fsdp"),
    ],
)
def test_a_silent_fall_back_is_named(found: Distribution, config: TrainConfig, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        require(found, config)


def test_a_sharded_parameter_counts_with_its_part() -> None:
    part = SimpleNamespace(numel=lambda: 25)
    sharded = SimpleNamespace(numel=lambda: 100, to_local=lambda: part)
    model = SimpleNamespace(parameters=lambda: [sharded, SimpleNamespace(numel=lambda: 7)])
    accelerator = SimpleNamespace(distributed_type=SimpleNamespace(value="FSDP"), num_processes=4)
    assert found_in(accelerator, model) == Distribution("FSDP", 4, 32, 107)


@pytest.mark.parametrize(
    ("command", "launches"),
    [
        (["/usr/bin/python3", "/usr/local/bin/accelerate", "launch", "-m", "train.sft"], True),
        (["python", "-m", "accelerate.commands.launch", "-m", "train.sft"], True),
        (["/venv/bin/python3.11", "/venv/bin/torchrun", "--nproc-per-node=8"], True),
        (["python3", "-m", "torch.distributed.run"], True),
        (["tini", "--", "accelerate", "launch"], False),
        (["/sbin/init"], False),
        (["python", "-m", "celery"], False),
    ],
)
def test_the_first_process_of_a_container_may_be_the_launcher(
    command: list[str], launches: bool, tmp_path: Path
) -> None:
    (tmp_path / "cmdline").write_bytes("\0".join([*command, ""]).encode())
    assert is_launcher(tmp_path) == launches
    assert not is_launcher(tmp_path / "gone")
