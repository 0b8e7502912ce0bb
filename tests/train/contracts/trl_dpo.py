"""TRL's DPOTrainer takes a step on the file of `train.preferences` as it is.

Arguments: the file, folder of a model, folder for what the trainer writes. Prints one JSON object.
"""

import json
import sys

from datasets import load_dataset
from transformers import AutoProcessor
from trl import DPOConfig, DPOTrainer

file, model, out = sys.argv[1:]
rows = load_dataset("parquet", data_files=file, split="train")
settings = DPOConfig(
    output_dir=out,
    max_steps=1,
    per_device_train_batch_size=1,
    max_length=None,
    use_cpu=True,
    bf16=False,
    report_to=[],
    save_strategy="no",
    model_init_kwargs={"dtype": "float32"},
)
trainer = DPOTrainer(
    model=model,
    args=settings,
    train_dataset=rows,
    processing_class=AutoProcessor.from_pretrained(model),
)
trainer.train()
shown = [image.size for image in rows[0]["images"]]
print(json.dumps({"shown": shown, "loss": trainer.state.log_history[-1]["train_loss"]}))
