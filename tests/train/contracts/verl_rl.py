"""veRL's own dataset and reward manager read what `train.grpo.policy_data` wrote. In veRL's environment.

Arguments: prompts, folder of a tiny Qwen3-VL, server of the judge. Prints one JSON object.
"""

import asyncio
import json
import re
import sys

import numpy as np
import pyarrow.parquet as pq
import torch
from omegaconf import OmegaConf
from transformers import AutoProcessor
from verl import DataProto
from verl.experimental.reward_loop.reward_manager import get_reward_manager_cls
from verl.trainer.ppo.reward import get_custom_reward_fn
from verl.utils.dataset.rl_dataset import RLHFDataset, collate_fn

prompts, model, service = sys.argv[1:]
processor = AutoProcessor.from_pretrained(model)
config = OmegaConf.create(
    {
        "max_prompt_length": 8192,
        "filter_overlong_prompts": True,
        "filter_overlong_prompts_workers": 1,
        "image_patch_size": 16,
        "truncation": "error",
        "cache_dir": sys.argv[1] + ".cache",
    }
)
rows = RLHFDataset([prompts], processor.tokenizer, config, processor)
row = rows[0]
batch = collate_fn([rows[0], rows[1]])


def asked(row):
    """What veRL's agent loop asks: the text, in which a picture is one mark, and how many of its tokens."""
    images, _, _ = asyncio.run(RLHFDataset.process_multi_modal_info(row["raw_prompt"], 16, config))
    text = processor.apply_chat_template(
        row["raw_prompt"], add_generation_prompt=True, tokenize=False
    )
    tokens = processor(text=[text], images=images, return_tensors="pt")
    written = processor.tokenizer.decode(tokens["input_ids"][0])
    marks = written.count("<|image_pad|>"), int(tokens["image_grid_thw"].prod()) // 4
    return re.sub(r"(<\|image_pad\|>)+", "<|image_pad|>", written), marks


def not_as_written(row, written):
    """What is wrong in a row that veRL read, a line each."""
    shown = [p["bytes"] for p in row["raw_prompt"][0]["content"] if p["type"] == "image"]
    if not shown == [written["images"][0]["bytes"]] == [row["extra_info"]["reference"]["bytes"]]:
        yield "another picture"
    text, (tokens, wanted) = asked(row)
    question = written["prompt"][0]["content"].replace("<image>", "")
    picture = "<|vision_start|><|image_pad|><|vision_end|>"
    turn = f"<|im_start|>user\n{picture}{question}<|im_end|>\n<|im_start|>assistant\n"
    if (text, tokens) != (turn, wanted):
        yield f"asked {text[:90]!r} ... {text[-60:]!r} with {tokens} tokens of {wanted}"
    if row["reward_model"]["ground_truth"] != written["reward_model"]["ground_truth"]:
        yield "another program"


settings = OmegaConf.create(
    {
        "reward": {
            "num_workers": 1,
            "custom_reward_function": {
                "path": "pkg://train.reward.functions",
                "name": "compute_score",
                "reward_kwargs": {"services": [service], "formula": "released"},
            },
        }
    }
)


def paid(reply):
    tokens = processor.tokenizer(reply, return_tensors="pt")["input_ids"]
    data = DataProto.from_single_dict(
        {
            "responses": tokens,
            "attention_mask": torch.ones(1, tokens.shape[1] + 3, dtype=torch.long),
            **{
                name: np.array([row[name]], dtype=object)
                for name in ("data_source", "reward_model", "extra_info")
            },
        }
    )

    async def ask():
        manager = get_reward_manager_cls("naive")(
            config=settings,
            tokenizer=processor.tokenizer,
            compute_score=get_custom_reward_fn(settings),
        )
        return await manager.run_single(data)

    return asyncio.run(ask())


wrong = [
    f"row {place}: {what}"
    for place, written in enumerate(pq.read_table(prompts).to_pylist())
    for what in not_as_written(rows[place], written)
]
right = row["reward_model"]["ground_truth"]
print(
    json.dumps(
        {
            "rows": len(rows),
            "columns": sorted(row),
            "batch": sorted(batch),
            "not_as_written": wrong,
            "right": paid(right),
            "wrong": paid(right.replace('height="4"', 'height="2"')),
            "failed": paid("I could not read the picture."),
        }
    )
)
