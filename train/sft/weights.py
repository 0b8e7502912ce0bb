"""Saves the final model: whole, and in the precision in which it is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from train.settings import Sft

ADAPTER = "adapter"
"""Folder of the LoRA adapter; the merged model is beside it."""


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


def save_model(trainer: Any, processor: Any, sft: Sft, out: Path) -> None:
    """Write the trained model into its folder, as vLLM and transformers load it."""
    plugin = getattr(trainer.accelerator.state, "fsdp_plugin", None)
    if plugin is not None:
        # Checkpoints are sharded, and vLLM cannot load a sharded state.
        plugin.set_state_dict_type("FULL_STATE_DICT")
    trainer.save_model(str(out / ADAPTER if sft.lora_rank else out))
    if trainer.is_world_process_zero():
        processor.save_pretrained(out)
        if sft.lora_rank:
            _merge(sft, out)
        elif sft.device == "cuda":
            to_bfloat16(out)


def _merge(sft: Sft, out: Path) -> None:
    """Write base and adapter as one model: the same files as those of a full fine-tune."""
    from peft import PeftModel
    from transformers import AutoModelForImageTextToText

    dtype = "float32" if sft.device == "cpu" else "bfloat16"
    base = AutoModelForImageTextToText.from_pretrained(sft.model, dtype=dtype, device_map="cpu")
    PeftModel.from_pretrained(base, str(out / ADAPTER)).merge_and_unload().save_pretrained(out)
