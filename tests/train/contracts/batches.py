"""Whether a trainer's batch holds what was published: both pictures in order, prompt, reply, loss mask."""

import io
import re
from pathlib import Path

import pyarrow.parquet as pq
import torch
from PIL import Image


def rows_of(split):
    """Rows of a split in the order of its files."""
    return [
        row
        for file in sorted(Path(split).glob("*.parquet"))
        for row in pq.read_table(file, columns=["id", "images", "prompt", "completion"]).to_pylist()
    ]


def not_as_published(batch, rows, tokenizer, prepared):
    """What is wrong in a collated batch of these rows, a line each.

    ``prepared`` makes the picture that the trainer hands to the image processor from the row's, and
    the processor's output: pixels and grid.
    """
    found = []
    pixels = batch["pixel_values"].split(batch["image_grid_thw"].prod(-1).tolist())
    if len(pixels) != 2 * len(rows):
        return [f"{len(pixels)} pictures of {len(rows)} rows"]
    for at, row in enumerate(rows):
        for side, image in enumerate(row["images"]):
            wanted, grid = prepared(Image.open(io.BytesIO(image["bytes"])).convert("RGB"))
            given = pixels[2 * at + side].float()
            same = batch["image_grid_thw"][2 * at + side].tolist() == grid
            # Two levels of 255 apart: ms-swift scales pictures by itself.
            if not same or not torch.allclose(given, wanted.float(), atol=0.02):
                found.append(f"{row['id']}: picture {side} is another")
        found += [f"{row['id']}: {what}" for what in _words(batch, at, row, tokenizer)]
    return found


def _words(batch, at, row, tokenizer):
    tokens, labels = batch["input_ids"][at], batch["labels"][at]
    [learned] = torch.nonzero(labels != -100, as_tuple=True)
    if learned.tolist() != list(range(learned[0], learned[-1] + 1)):
        yield "the loss is on several places"
    if not torch.equal(labels[learned], tokens[learned]):
        yield "the labels are other tokens"
    reply = tokenizer.decode(tokens[learned]).strip()
    if reply != row["completion"][0]["content"] + "<|im_end|>":
        yield f"the loss is on {reply[:60]!r} ... {reply[-60:]!r}"
    before = tokenizer.decode(tokens[: learned[0]])
    asked = re.sub(r"(<\|image_pad\|>)+", "<|image_pad|>", before).replace("<|endoftext|>", "")
    picture = "<|vision_start|><|image_pad|><|vision_end|>"
    turn = f"<|im_start|>user\n{2 * picture}{row['prompt'][0]['content']}<|im_end|>\n"
    if asked != turn + "<|im_start|>assistant\n":
        yield f"asked {asked[:90]!r} ... {asked[-60:]!r}"
