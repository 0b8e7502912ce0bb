"""What a run loads before it trains: the device that its settings name, and the model's processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from records.errors import ConfigError

WEIGHTS = ("*.safetensors", "*.bin")


def require_device(device: str, setting: str) -> None:
    """Stop a run that asks for a GPU where there is none.

    Args:
        device: cuda or cpu.
        setting: Name of the setting, for the message.

    Raises:
        ConfigError: this process sees no GPU.
    """
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            f"{setting} is 'cuda', and this process sees no GPU (nvidia-smi, CUDA_VISIBLE_DEVICES); for a small "
            f"model set {setting} = 'cpu'"
        )


def processor_of(model: str, setting: str) -> Any:
    """The processor of a model whose weights are there, too.

    Args:
        model: Folder, or name on the hub.
        setting: Name of the setting, for the message.

    Raises:
        ConfigError: there is no such model, or no processor or weights in its folder.
    """
    from transformers import AutoProcessor

    folder = Path(model)
    try:
        processor = AutoProcessor.from_pretrained(model)
    except (OSError, ValueError) as error:
        reason = "no such folder" if folder.is_absolute() and not folder.is_dir() else str(error)
        raise ConfigError(
            f"{setting} {model!r}: cannot be loaded: {reason.strip().splitlines()[0]}; give the folder of a model "
            "with its processor, or its name on the hub"
        ) from error
    if folder.is_dir() and not any(any(folder.glob(name)) for name in WEIGHTS):
        raise ConfigError(f"{setting} {model!r}: no weights in this folder ({', '.join(WEIGHTS)})")
    return processor
