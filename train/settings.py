"""Settings of a training run; every default of the paper is quoted where it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from records.errors import ConfigError
from records.settings import Section, read_toml, validated
from records.taxonomy import Modality


class Cluster(Section):
    """The machines of a run."""

    nodes: int = Field(default=1, ge=1)
    gpus_per_node: int = Field(default=8, ge=1)

    main_address: str = "127.0.0.1"
    """Host of the first node, as the others reach it; used with several nodes only."""
    main_port: int = Field(default=29500, ge=1024, le=65535)
    ray_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    """Dashboard of a Ray cluster that GRPO is submitted to, http://head:8265; empty runs it here."""

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
    micro_batch_tokens: int = Field(default=0, ge=0)
    """Most tokens, padding included, that a process passes through the model at once: larger micro-batches
    are cut by rows, with the same loss. 0 cuts none."""
    task_weights: dict[Modality, float] = {}
    """How often an epoch shows the rows of a task: 2 twice, 0.5 half of them, 0 none; those not named once."""
    max_length: int = Field(default=8192, ge=64)
    """Tokens of prompt, both pictures and reply; longer rows are left out and counted."""
    min_pixels: int = Field(default=65_536, ge=1024)
    """A smaller picture is scaled up to this many."""
    max_pixels: int = Field(default=1_572_864, ge=1024)
    """A larger picture is scaled down to this many: 1,536 tokens of 32 x 32 pixels."""
    scheduler: Literal["constant", "linear", "cosine"] = "cosine"
    warmup_share: float = Field(default=0.03, ge=0, lt=1)
    """Of all steps. Schedule and warm-up are not in the paper: ours."""
    gradient_checkpointing: bool = True
    attention: str = Field(default="sdpa", min_length=1)
    """What transformers takes: sdpa, flash_attention_2, flash_attention_3, a kernel of the hub."""
    lora_rank: int = Field(default=0, ge=0)
    """0 trains all parameters, as the paper does."""
    freeze: tuple[Literal["vision", "projector"], ...] = ()
    """Parts that stay as they are. Source: the paper says "full", and no more."""
    batching: Literal["random", "by_length"] = "by_length"
    """`by_length` puts rows of like length, pictures included, into a batch: a step waits for its longest
    row. (TRL does not pack rows with pictures.)"""
    sharding: Literal["fsdp2", "none"] = "fsdp2"
    """`none` keeps a whole copy in each process: small models, and CPUs, where FSDP2 falls back."""
    device: Literal["cuda", "cpu"] = "cuda"
    """`cpu` trains in float32; anything else in bfloat16."""
    max_steps: int = Field(default=-1, ge=-1)
    """Ends before `epochs` are over; -1 does not."""
    save_steps: int = Field(default=1000, ge=1)
    """A checkpoint of 8B takes 98 GiB: float32 weights and Adam moments."""
    save_minutes: float = Field(default=0.0, ge=0)
    """A checkpoint also after so many minutes without one; 0 counts steps alone."""
    keep_checkpoints: int = Field(default=2, ge=1)
    eval_steps: int = Field(default=500, ge=1)
    eval_rows: int = Field(default=512, ge=0)
    """Most rows of the validation split that are looked at; 0 takes all."""
    log_steps: int = Field(default=5, ge=1)
    loader_workers: int = Field(default=4, ge=0)
    report_to: tuple[Literal["tensorboard", "wandb"], ...] = ("tensorboard",)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _pictures_leave_room(self) -> Self:
        if self.min_pixels > self.max_pixels:
            raise ValueError("min_pixels is over max_pixels")
        if self.text_tokens < 1:
            raise ValueError(
                f"two pictures of max_pixels take {2 * self.picture_tokens} tokens, which leaves "
                f"none of max_length {self.max_length}; lower max_pixels or raise max_length"
            )
        return self

    @field_validator("task_weights")
    @classmethod
    def _weights_are_shares(cls, value: dict[Modality, float]) -> dict[Modality, float]:
        if not all(0 <= weight <= 100 for weight in value.values()):
            raise ValueError("a weight is 0 to 100")
        return value

    @property
    def picture_tokens(self) -> int:
        """Most tokens of one picture; one stands for 32 x 32 pixels."""
        return -(-self.max_pixels // 1024)

    @property
    def text_tokens(self) -> int:
        """What two pictures of the largest size leave for prompt and reply."""
        return self.max_length - 2 * self.picture_tokens


class Grpo(Section):
    """Reinforcement of a policy. Source: arXiv:2603.13224, "Training", GRPO."""

    policy: str = "Qwen/Qwen3-VL-8B-Instruct"
    learning_rate: float = Field(default=1e-6, gt=0)
    batch_size: int = Field(default=256, ge=1)
    """Prompts a step, each with `rollouts` replies."""
    mini_batch_size: int = Field(default=128, ge=1)
    rollouts: int = Field(default=8, ge=2)
    kl_coefficient: float = Field(default=0.01, ge=0)
    kl_kind: Literal["kl", "low_var_kl", "k3"] = "low_var_kl"
    entropy_coefficient: float = Field(default=0.0, ge=0)
    prompt_tokens: int = Field(default=8192, ge=64)
    response_tokens: int = Field(default=8192, ge=1)
    epochs: int = Field(default=1, ge=1)
    tasks: tuple[Modality, ...] = tuple(Modality)
    prompts: int = Field(default=-1, ge=-1)
    """Most prompts of a task; -1 takes all. The paper: 11K charts, 40K tables, 10K icons."""

    gpus_per_node: int | None = Field(default=None, ge=1)
    """GPUs of the policy on each node; None takes those of `cluster` that no judge of this run has."""
    engine: Literal["fsdp2", "megatron"] = "fsdp2"
    """What shards the policy in veRL."""
    tensor_parallel: int = Field(default=1, ge=1)
    pipeline_parallel: int = Field(default=1, ge=1)
    context_parallel: int = Field(default=1, ge=1)
    """Of the training under `megatron`; the paper: 2, 2, 2."""
    rollout_parallel: int = Field(default=2, ge=1)
    """GPUs of one vLLM that writes replies."""
    rollout_memory_share: float = Field(default=0.5, gt=0, lt=1)
    """Of a GPU's memory, for the vLLM that writes replies."""
    offload: bool = False
    """Keeps parameters, gradients and optimizer in main memory between steps."""
    recompute: bool = True
    """Computes activations anew in the backward pass, layer by layer."""
    save_steps: int = Field(default=20, ge=1)
    keep_checkpoints: int = Field(default=2, ge=1)
    validate_steps: int = Field(default=20, ge=1)
    reward_manager: str = Field(default="naive", pattern=r"^\w+$")
    """veRL's name of who calls the reward."""
    report_to: tuple[Literal["console", "tensorboard", "wandb"], ...] = ("console", "tensorboard")

    max_steps: int = Field(default=-1, ge=-1)
    """Ends before `epochs` are over; -1 does not."""
    seed: int = Field(default=0, ge=0)
    device: Literal["cuda", "cpu"] = "cuda"
    """Of small runs by TRL; `cpu` trains in float32."""
    temperature: float = Field(default=1.0, gt=0, le=2)

    @model_validator(mode="after")
    def _shapes_fit(self) -> Self:
        if self.batch_size % self.mini_batch_size:
            raise ValueError(
                f"batch_size {self.batch_size} is no multiple of mini_batch_size "
                f"{self.mini_batch_size}"
            )
        if self.engine != "megatron" and self.model_parallel > 1:
            raise ValueError(
                "tensor_parallel, pipeline_parallel and context_parallel need engine = 'megatron'"
            )
        return self

    @property
    def model_parallel(self) -> int:
        """GPUs that hold one copy of the policy under `megatron`."""
        return self.tensor_parallel * self.pipeline_parallel * self.context_parallel


class Judges(Section):
    """Servers of the reward model that a GRPO run starts for itself, and stops."""

    servers: int = Field(default=0, ge=0)
    """0 starts none: those of `reward.services` run already."""
    by: Literal["vermillion", "verl"] = "vermillion"
    """Who starts them: this run on its own machine, or veRL, so many on each node of its Ray cluster. With veRL the
    GPUs of a node that no judge has are the policy's, `first_gpu` and the ports do not count, and
    there are no judges without GPUs."""
    model: str = ""
    """Folder or name of the reward model; empty takes the one that the run's SFT wrote."""
    gpus_each: int = Field(default=4, ge=0)
    """Tensor parallel size of one; the paper: 4. 0 serves without GPUs."""
    first_gpu: int = Field(default=0, ge=0)
    """Number of the first GPU on this machine that is theirs; policies must not have it."""
    host: str = Field(default="127.0.0.1", min_length=1)
    """Interface that they listen at; `train.serve` opens them to other nodes."""
    first_port: int = Field(default=8000, ge=1024, le=65000)
    memory_share: float = Field(default=0.9, gt=0, lt=1)
    ready_s: float = Field(default=1200.0, gt=0)
    """From start to the first healthy answer."""
    arguments: tuple[str, ...] = ()
    """Further arguments of vLLM."""
    command: tuple[str, ...] = ()
    """Another server in place of vLLM; `{port}`, `{model}`, `{name}` (as served) and `{python}` are replaced."""


class Reward(Section):
    """How a policy's picture becomes a number."""

    kind: Literal["structural", "judge", "both"] = "judge"
    """`structural` compares what the two programs draw, exactly and without any server; it needs the
    reference's program. `judge` asks the reward model. `both` pays the worse of the two."""
    formula: Literal["paper", "released"] = "paper"
    """`paper` normalizes by the largest severity of the batch, `released` by a fixed 50."""
    services: tuple[str, ...] = Field(default=("http://127.0.0.1:8000/v1",), min_length=1)
    """Servers of the reward model; each request goes to the least busy."""
    services_file: str = ""
    """File with their addresses, as `train.serve` writes it; goes before `services`."""
    served_name: str = "visual-erm"
    prompts: str = ""
    """TOML file with the prompts that the reward model was trained on; empty takes ours."""
    api_key_env: str = ""
    """Environment variable with the servers' key; empty if they ask for none."""
    in_flight: int = Field(default=256, ge=1)
    """Most requests under way at once at each server, over all `processes`: as many as it decodes at a time
    (vLLM: `max_num_seqs`). More would wait in its queue while their deadline runs."""
    deadline_s: float = Field(default=900.0, gt=0)
    """How long a judgment is waited for, in the server's queue too, before the judge counts as down."""
    render_workers: int = Field(default=1, ge=1, le=64)
    """Worker processes that draw and compare, for each process that computes rewards: a core each."""
    max_failed_share: float = Field(default=0.05, ge=0, le=1)
    """Share of the last replies that may get no reward because renderer or judge are down; beyond it the
    run stops, since a trainer goes on with the rest as if nothing were wrong."""
    processes: int = Field(default=8, ge=1)
    """Processes that compute rewards in veRL."""
    window: int = Field(default=256, ge=1)
    """Pictures that stand in for the batch where a trainer hands them over one by one."""


class Evaluation(Section):
    """What a reward model has to show before it may reward."""

    benchmark: str = ""
    """Folder of VC-RewardBench; empty takes the one that VERMILLION_REWARDBENCH names."""
    pairs: int = Field(default=0, ge=0)
    """Only so many; 0 takes all."""
    matcher_url: str = ""
    """Server of the language model that matches errors; empty matches by words."""
    matcher_model: str = ""
    matcher_key_env: str = ""
    measure: Literal["f1_hard", "f1_soft", "severity_pearson"] = "f1_hard"
    at_least: float | None = Field(default=None, ge=-100, le=100)
    """Percent of `measure`, over all tasks; below it no policy is trained. None lets all pass."""

    @model_validator(mode="after")
    def _matcher_is_whole(self) -> Self:
        if bool(self.matcher_url) != bool(self.matcher_model):
            raise ValueError("matcher_url and matcher_model go together")
        return self


class TrainConfig(Section):
    """A whole run: reward model, then policies."""

    cluster: Cluster = Cluster()
    sft: Sft = Sft()
    grpo: Grpo = Grpo()
    reward: Reward = Reward()
    evaluation: Evaluation = Evaluation()
    judges: Judges = Judges()

    @model_validator(mode="after")
    def _judges_are_reachable(self) -> Self:
        spread = self.cluster.nodes > 1 or self.cluster.ray_url
        if self.judges.servers and spread and not self.judged_by_verl:
            raise ValueError(
                "judges.servers are started on this machine's loopback, which other nodes do not "
                "reach; let veRL start them (judges.by = 'verl'), or serve the reward model yourself and name its "
                "addresses in reward.services"
            )
        if self.judged_by_verl and (not self.judges.gpus_each or self.judges.command):
            raise ValueError(
                "judges.by = 'verl' serves by vLLM on GPUs: gpus_each is at least 1, and command is left out"
            )
        return self

    @model_validator(mode="after")
    def _policy_and_judges_have_gpus(self) -> Self:
        theirs = self.judges.servers * self.judges.gpus_each
        mine = self.policy_gpus_per_node
        if mine < 1 or (theirs and mine + theirs > self.cluster.gpus_per_node):
            raise ValueError(
                f"{self.judges.servers} judges of {self.judges.gpus_each} GPUs and a policy of {mine} do not "
                f"fit the {self.cluster.gpus_per_node} GPUs of a node: lower judges.servers, "
                "judges.gpus_each or grpo.gpus_per_node"
            )
        return self

    @property
    def judged_by_verl(self) -> bool:
        """True if veRL serves the reward model within the GRPO run."""
        return bool(self.judges.servers) and self.judges.by == "verl"

    @property
    def policy_gpus_per_node(self) -> int:
        """GPUs of a node that train the policy."""
        theirs = self.judges.servers * self.judges.gpus_each
        return self.grpo.gpus_per_node or self.cluster.gpus_per_node - theirs

    @property
    def unreachable(self) -> str:
        """The first address of a judge that other nodes would take for themselves; empty if there is
        none."""
        spread = self.cluster.nodes > 1 or bool(self.cluster.ray_url)
        named = self.reward.services_file or self.reward.kind == "structural" or self.judged_by_verl
        if not spread or named:
            return ""
        return next((url for url in self.reward.services if _LOOPBACK.search(url)), "")

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


_LOOPBACK = re.compile(r"://(127\.|localhost\b|\[::1\]|0\.0\.0\.0)")


def load(path: str | Path) -> TrainConfig:
    """The settings in a TOML file.

    Raises:
        ConfigError: no such file, no TOML, or wrong settings, each named.
    """
    return validated(TrainConfig, read_toml(path), str(path))
