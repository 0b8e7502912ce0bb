"""LLaMA-Factory's own loader reads a published dataset by its `dataset_info.json`.

Arguments: folder of the dataset, folder of a tiny Qwen3-VL, folder for output. Prints one JSON object.
"""

import importlib.machinery
import json
import sys
import types

try:
    import torchaudio  # noqa: F401
except (ImportError, OSError):
    # There is no build of it for a torch without CUDA; pictures do not need it.
    sys.modules["torchaudio"] = types.ModuleType("torchaudio")
    sys.modules["torchaudio"].__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)

from llamafactory.data import (
    SFTDataCollatorWith4DAttentionMask,
    get_dataset,
    get_template_and_fix_tokenizer,
)
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

from tests.train.contracts.batches import not_as_published, rows_of

dataset, model, out = sys.argv[1:]
model_args, data_args, training_args, *_ = get_train_args(
    {
        "stage": "sft",
        "do_train": True,
        "model_name_or_path": model,
        "dataset": "vermillion",
        "dataset_dir": dataset,
        "template": "qwen3_vl_nothink",
        "finetuning_type": "full",
        "cutoff_len": 8192,
        "image_max_pixels": 1572864,
        "image_min_pixels": 1024,
        "output_dir": out,
        "overwrite_cache": True,
        "report_to": "none",
        "use_cpu": True,
    }
)
tokens = load_tokenizer(model_args)
template = get_template_and_fix_tokenizer(tokens["tokenizer"], data_args)
rows = get_dataset(template, model_args, data_args, training_args, stage="sft", **tokens)
encoded = rows["train_dataset"]
collate = SFTDataCollatorWith4DAttentionMask(template=template, model=None, **tokens)
pictures = tokens["processor"].image_processor


def prepared(image):
    made = pictures(images=[image], return_tensors="pt")
    return made["pixel_values"], made["image_grid_thw"][0].tolist()


wrong = []
published = rows_of(f"{dataset}/train")
for at in range(0, len(published), 2):
    batch = collate([encoded[place] for place in range(at, min(at + 2, len(encoded)))])
    wrong += not_as_published(batch, published[at : at + 2], tokens["tokenizer"], prepared)
print(json.dumps({"rows": len(encoded), "wrong": wrong}))
