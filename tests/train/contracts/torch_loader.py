"""A torch DataLoader with workers reads the published files, map-style and streaming.

Arguments: folder of a split. Prints one JSON object.
"""

import json
import sys
from pathlib import Path

from datasets import load_dataset
from torch.utils.data import DataLoader


def together(rows):
    return [(row["id"], [image.size for image in row["images"]]) for row in rows]


files = sorted(map(str, Path(sys.argv[1]).glob("*.parquet")))
seen = {}
for streaming in (False, True):
    rows = load_dataset("parquet", data_files=files, split="train", streaming=streaming)
    rows = rows.select_columns(["id", "images"])
    workers = 2 if not streaming else 1
    loader = DataLoader(rows, batch_size=2, num_workers=workers, collate_fn=together)
    name = "streaming" if streaming else "map"
    seen[name] = sorted(pair for batch in loader for pair in batch)
print(json.dumps(seen))
