"""veRL's own dataset and reward manager read what `train.grpo.policy_data` wrote. In veRL's environment.

Arguments: prompts, folder of a tiny Qwen3-VL, server of the judge. Prints one JSON object.
"""

import asyncio
import json
import sys

import numpy as np
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


right = row["reward_model"]["ground_truth"]
print(
    json.dumps(
        {
            "rows": len(rows),
            "columns": sorted(row),
            "batch": sorted(batch),
            "pictures": sum(
                part["type"] == "image" for turn in row["raw_prompt"] for part in turn["content"]
            ),
            "right": paid(right),
            "wrong": paid(right.replace('height="4"', 'height="2"')),
            "failed": paid("I could not read the picture."),
        }
    )
)
