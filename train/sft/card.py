"""Writes the model card of a trained reward model: its training data, and how to serve and prompt it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from train.settings import TrainConfig


def model_card(
    config: TrainConfig, dataset: str, metrics: Mapping[str, Any], prompts: Mapping[str, str]
) -> str:
    """README.md of the model's folder, as model hubs show it.

    Args:
        config: Settings of the run.
        dataset: Path of the training data; only its last two parts are published.
        metrics: Values of `metrics.json`.
        prompts: What the dataset asks, by task.
    """
    sft = config.sft
    name = "/".join(dataset.rstrip("/").split("/")[-2:])
    head = ["---", f"base_model: {_public(sft.model)}", "pipeline_tag: image-text-to-text"]
    head += ["tags: [reward-model, vision-to-code, vermillion]", "---"]
    trained = [
        ("base", _public(sft.model)),
        ("dataset", name),
        ("manifest, SHA-256", metrics.get("dataset_manifest_sha256", "")),
        ("rows, left out as too long", f"{metrics.get('rows')}, {metrics.get('rows_left_out')}"),
        (
            "steps, batch, learning rate",
            f"{metrics.get('steps')}, {sft.batch_size}, {sft.learning_rate:g}",
        ),
        ("parameters trained", _trained(config)),
        ("loss, first and last", _ends(metrics.get("loss", ()), "loss")),
        ("validation loss, first and last", _ends(metrics.get("eval_loss", ()), "eval_loss")),
        ("versions", ", ".join(f"{k} {v}" for k, v in metrics.get("versions", {}).items())),
    ]
    shown = [
        line
        for task, text in prompts.items()
        for line in (f"### {task}", "", "```text", text, "```", "")
    ]
    return "\n".join(
        [
            *head,
            "",
            "# A visual reward model",
            "",
            "Two pictures go in, the reference first; out comes one JSON object: a count for each category of "
            "error, and the errors with category, severity 1 to 3, location and description. An empty list "
            "says that nothing differs. Trained by Vermillion after Visual-ERM (arXiv:2603.13224).",
            "",
            "| trained | |",
            "|---|---|",
            *(f"| {what} | {value} |" for what, value in trained),
            "",
            "## Scores",
            "",
            "`python -m train.evaluate --benchmark VC-RewardBench --protocol official ...` writes them; they "
            "belong here once measured, beside those of the base under the same matcher.",
            "",
            "## Serving",
            "",
            "```bash",
            "vllm serve MODEL --served-model-name visual-erm --dtype bfloat16 "
            "--limit-mm-per-prompt '{\"image\": 2}'",
            "```",
            "",
            f"Pictures between {sft.min_pixels} and {sft.max_pixels} pixels, temperature 0.",
            "",
            "## Prompts",
            "",
            *shown,
        ]
    )


def _public(model: str) -> str:
    """A hub name unchanged; of a local folder only its last part."""
    return (
        model
        if model.count("/") == 1 and not model.startswith(("/", "."))
        else model.rstrip("/").split("/")[-1]
    )


def _trained(config: TrainConfig) -> str:
    if config.sft.lora_rank:
        return f"LoRA of rank {config.sft.lora_rank}, merged"
    frozen = ", ".join(config.sft.freeze)
    return f"all but {frozen}" if frozen else "all"


def _ends(curve: Sequence[Mapping[str, float]], key: str) -> str:
    return f"{curve[0][key]:.3f}, {curve[-1][key]:.3f}" if curve else "-"
