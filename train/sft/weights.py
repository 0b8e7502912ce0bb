"""Converts the final model's weights to the precision in which it is served."""

from __future__ import annotations

from pathlib import Path


def to_bfloat16(folder: Path) -> int:
    """Write the float32 tensors of all safetensors files as bfloat16; how many there were.

    FSDP2 keeps and saves float32 weights, which are twice as large as needed.
    """
    import torch
    from safetensors import safe_open  # type: ignore[import-not-found]
    from safetensors.torch import save_file  # type: ignore[import-not-found]

    changed = 0
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata()
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        wide = [name for name, tensor in tensors.items() if tensor.dtype == torch.float32]
        if wide:
            tensors |= {name: tensors[name].to(torch.bfloat16) for name in wide}
            aside = file.with_suffix(".part")
            save_file(tensors, aside, metadata=metadata)
            aside.replace(file)
            changed += len(wide)
    return changed
