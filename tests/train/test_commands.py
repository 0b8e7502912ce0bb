"""What a training run would start, and what stops it before it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from records.errors import ConfigError
from records.taxonomy import Modality
from train.grpo.verl_settings import grpo_command
from train.jobs.commands import sft_command
from train.settings import Cluster, Sft, TrainConfig, load
from train.sft.preflight import disk_shortage, parameters_of, preflight

HOUSE = Path(__file__).parents[2]


def dataset(folder: Path, rows: int) -> str:
    counts = {"rows": rows, "splits": {"train": {"rows": rows}} if rows else {}}
    (folder / "manifest.json").write_text(json.dumps({"counts": counts}))
    return str(folder)


def test_the_papers_settings_reach_the_commands(tmp_path: Path) -> None:
    config = load(HOUSE / "configs/train/visual_erm_8b.toml")
    sft = str(sft_command(config, "c.toml", "data", "out"))
    assert "--num_processes=8" in sft
    assert "--fsdp_version=2" in sft
    assert config.sft.learning_rate == 1e-5
    assert config.accumulation_steps() == 1
    assert "--fsdp_activation_checkpointing=true" in sft
    grpo = str(grpo_command(config, Modality.TABLE, "out"))
    for setting in (
        "algorithm.adv_estimator=grpo",
        "data.train_batch_size=256",
        "actor_rollout_ref.rollout.n=8",
        "actor_rollout_ref.actor.ppo_mini_batch_size=128",
        "actor_rollout_ref.actor.kl_loss_type=low_var_kl",
        "actor_rollout_ref.actor.kl_loss_coef=0.01",
        "data.image_patch_size=16",
    ):
        assert setting in grpo


def test_a_batch_that_does_not_divide_is_named() -> None:
    config = TrainConfig(cluster=Cluster(gpus_per_node=3), sft=Sft(batch_size=32))
    with pytest.raises(ConfigError, match=r"sft\.batch_size 32"):
        sft_command(config, "c.toml", "data", "out")


def test_preflight_counts_steps_and_memory(tmp_path: Path) -> None:
    found = preflight(TrainConfig(), dataset(tmp_path, 1000))
    assert found.steps == 96  # 32 steps an epoch, three epochs
    assert found.memory_per_gpu_gib == pytest.approx(8.8e9 * 16 / 8 / 2**30)
    assert len(found.dataset_hash) == 64


@pytest.mark.parametrize("rows", [0, None])
def test_nothing_to_train_on_is_said(tmp_path: Path, rows: int | None) -> None:
    if rows is not None:
        dataset(tmp_path, rows)
    with pytest.raises(ConfigError, match="empty" if rows == 0 else r"no manifest\.json"):
        preflight(TrainConfig(), str(tmp_path))


def test_an_unknown_size_and_a_small_disk_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="its size is not in its name"):
        parameters_of("someone/model")
    found = preflight(TrainConfig(), dataset(tmp_path, 1000))
    assert "two checkpoints and the shards' cache need" in disk_shortage(
        type(found)(**{**{f: getattr(found, f) for f in found.__slots__}, "checkpoint_gib": 1e9}),
        str(tmp_path),
    )


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[sft]\nlearning_rat = 1\n")
    with pytest.raises(ConfigError, match=r"sft\.learning_rat"):
        load(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("settings", "there", "missing"),
    [
        ({"cluster": {"nodes": 4}}, ["--rdzv_backend=c10d", "--num_processes=32"], "--multi_gpu"),
        ({"sft": {"sharding": "none"}}, ["--multi_gpu"], "--use_fsdp"),
        ({"cluster": {"gpus_per_node": 1}}, ["--num_processes=1"], "--use_fsdp"),
        (
            {"sft": {"device": "cpu", "sharding": "none"}, "cluster": {"gpus_per_node": 2}},
            ["torch.distributed.run", "--nproc_per_node=2", "--standalone"],
            "accelerate",
        ),
    ],
)
def test_accelerate_is_told_one_way_of_spreading(
    settings: dict[str, object], there: list[str], missing: str
) -> None:
    argv = sft_command(TrainConfig.model_validate(settings), "c.toml", "data", "out").argv
    assert set(there) <= set(argv)
    assert missing not in argv
    assert "--resume" in argv


def test_pictures_that_leave_no_room_for_words_are_said() -> None:
    with pytest.raises(ValueError, match="lower max_pixels"):
        Sft(max_length=2048)
