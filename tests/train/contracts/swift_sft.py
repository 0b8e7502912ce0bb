"""ms-swift's own loader and template read the published Parquet files.

Arguments: folder of a split, folder of a tiny Qwen3-VL. Prints one JSON object.
"""

import json
import os
import sys
from pathlib import Path

os.environ |= {"MAX_PIXELS": "9216", "MIN_PIXELS": "1024", "IMAGE_MAX_TOKEN_NUM": "9"}
from swift.dataset import load_dataset
from swift.model import get_processor
from swift.template import get_template

split, model = sys.argv[1:]
files = sorted(map(str, Path(split).glob("*.parquet")))
rows, _ = load_dataset(files, columns={}, remove_unused_columns=True, num_proc=1)
processor = get_processor(model, model_type="qwen3_vl")
template = get_template(processor)
template.set_mode("train")
row = template.encode(rows[0])
learned = [token for token in row["labels"] if token != -100]
print(
    json.dumps(
        {
            "rows": len(rows),
            "columns": sorted(rows.column_names),
            "pictures": len(row["image_grid_thw"]),
            "learned": processor.tokenizer.decode(learned),
        }
    )
)
