"""ms-swift's own loader and template read the published Parquet files.

Arguments: folder of a split, folder of a tiny Qwen3-VL. Prints one JSON object.
"""

import json
import os
import sys
from pathlib import Path

os.environ |= {"MAX_PIXELS": "1572864", "MIN_PIXELS": "1024"}
from swift.dataset import load_dataset
from swift.model import get_model_processor
from swift.template import get_template

from tests.train.contracts.batches import not_as_published, rows_of

split, model = sys.argv[1:]
files = sorted(map(str, Path(split).glob("*.parquet")))
rows, _ = load_dataset(files, columns={}, remove_unused_columns=True, num_proc=1)
learner, processor = get_model_processor(model, model_type="qwen3_vl", device_map="cpu")
template = get_template(processor)
template.model = learner
template.set_mode("train")


def prepared(image):
    bounds = {"shortest_edge": 1024, "longest_edge": 1572864}
    made = processor.image_processor(images=[image], return_tensors="pt", size=bounds)
    return made["pixel_values"], made["image_grid_thw"][0].tolist()


wrong = []
published = rows_of(split)
for at in range(0, len(published), 2):
    encoded = [template.encode(rows[place]) for place in range(at, min(at + 2, len(rows)))]
    batch = template.data_collator(encoded)
    wrong += not_as_published(batch, published[at : at + 2], processor.tokenizer, prepared)
print(json.dumps({"rows": len(rows), "columns": sorted(rows.column_names), "wrong": wrong}))
