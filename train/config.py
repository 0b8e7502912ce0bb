"""Settings of a training run; every default of the paper is quoted where it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from records.errors import ConfigError
from records.taxonomy import Modality


class Section(BaseModel):
    """A frozen part of the settings; a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cluster(Section):
    """The machines of a run."""

    nodes: int = Field(default=1, ge=1)
    gpus_per_node: int = Field(default=8, ge=1)

    @property
    def processes(self) -> int:
        return self.nodes * self.gpus_per_node


class Sft(Section):
    """Supervised fine-tuning of Visual-ERM. Source: arXiv:2603.13224, "Training", SFT."""

    model: str = "Qwen/Qwen3-VL-8B-Instruct"
    learning_rate: float = Field(default=1e-5, gt=0)
    batch_size: int = Field(default=32, ge=1)
    """Rows a step, over all processes."""
    epochs: float = Field(default=3.0, gt=0)
    per_device_batch_size: int = Field(default=1, ge=1)
    max_length: int = Field(default=8192, ge=64)
    """Tokens of prompt, both pictures and reply."""
    gradient_checkpointing: bool = True
    lora_rank: int = Field(default=0, ge=0)
    """0 trains all parameters, as the paper does."""
    seed: int = Field(default=0, ge=0)


class Grpo(Section):
    """Reinforcement of a policy. Source: arXiv:2603.13224, "Training", GRPO."""

    policy: str = "Qwen/Qwen3-VL-8B-Instruct"
    learning_rate: float = Field(default=1e-6, gt=0)
    batch_size: int = Field(default=256, ge=1)
    mini_batch_size: int = Field(default=128, ge=1)
    rollouts: int = Field(default=8, ge=2)
    kl_coefficient: float = Field(default=0.01, ge=0)
    kl_kind: Literal["kl", "low_var_kl", "k3"] = "low_var_kl"
    entropy_coefficient: float = Field(default=0.0, ge=0)
    prompt_tokens: int = Field(default=8192, ge=64)
    response_tokens: int = Field(default=8192, ge=64)
    epochs: int = Field(default=1, ge=1)
    tasks: tuple[Modality, ...] = tuple(Modality)


class Reward(Section):
    """How a policy's picture becomes a number."""

    formula: Literal["paper", "released"] = "paper"
    """`paper` normalises by the largest severity of the batch, `released` by a fixed 50."""
    url: str = "http://127.0.0.1:8000/v1"
    served_name: str = "visual-erm"


class TrainConfig(Section):
    """A whole run: reward model, then policies."""

    cluster: Cluster = Cluster()
    sft: Sft = Sft()
    grpo: Grpo = Grpo()
    reward: Reward = Reward()

    def accumulation_steps(self) -> int:
        """Micro-batches a step.

        Raises:
            ConfigError: the batch cannot be shared out evenly.
        """
        together = self.cluster.processes * self.sft.per_device_batch_size
        steps, rest = divmod(self.sft.batch_size, together)
        if rest or not steps:
            raise ConfigError(
                f"sft.batch_size {self.sft.batch_size} is no multiple of {self.cluster.processes} "
                f"processes x sft.per_device_batch_size {self.sft.per_device_batch_size}; change one"
            )
        return steps


def load(path: str | Path) -> TrainConfig:
    """The settings in a TOML file.

    Raises:
        ConfigError: no such file, no TOML, or wrong settings, each named.
    """
    path = Path(path)
    try:
        return TrainConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a TOML file") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, item['loc']))!r}: {item['msg']}"
            for item in error.errors(include_url=False)
        ]
        raise ConfigError(f"{path}: " + "; ".join(lines)) from error
