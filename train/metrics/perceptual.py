"""Perceptual distance of two pictures (LPIPS), with AlexNet weights that you provide.

Needs the training environment; no weights come with this package, but for the seven kilobytes of
`lpips` that weigh AlexNet's layers.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from records.errors import ConfigError

LAYERS = {"slice1": (0,), "slice2": (3,), "slice3": (6,), "slice4": (8,), "slice5": (10,)}
"""AlexNet's convolutions, as `lpips` groups them."""


class Lpips:
    """LPIPS 0.1 by AlexNet: 0 for equal pictures, about 1 for unlike ones.

    The candidate is scaled to the reference's size, which is 64 px a side at least: AlexNet pools
    smaller ones away.

    Source: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual
    Metric"; UniSVG's score takes it.
    """

    def __init__(self, alexnet: Path) -> None:
        """
        Args:
            alexnet: Weights as torchvision publishes them: ``alexnet-owt-*.pth``.

        Raises:
            ConfigError: `lpips` is not installed, or the file holds no such weights.
        """
        try:
            import lpips
            import torch
        except ModuleNotFoundError as error:
            raise ConfigError(
                f"LPIPS: {error}; run this with the Python of .venv-train (docs/training.md, Environments)"
            ) from error
        with warnings.catch_warnings():  # of torchvision, about arguments that lpips gives it
            warnings.simplefilter("ignore")
            self._model: Any = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False).eval()
        try:
            weights = torch.load(alexnet, weights_only=True, map_location="cpu")
            self._model.net.load_state_dict(
                {
                    f"{group}.{layer}.{part}": weights[f"features.{layer}.{part}"]
                    for group, layers in LAYERS.items()
                    for layer in layers
                    for part in ("weight", "bias")
                }
            )
        except OSError as error:
            raise ConfigError(f"{alexnet}: cannot be read ({error.strerror})") from error
        except (KeyError, TypeError, RuntimeError, ValueError) as error:
            raise ConfigError(
                f"{alexnet}: no weights of torchvision's AlexNet ({str(error).splitlines()[0]}); give "
                "its alexnet-owt-*.pth"
            ) from error

    def __call__(self, reference_png: bytes, candidate_png: bytes) -> float:
        """The distance of two PNGs."""
        import torch

        with Image.open(io.BytesIO(reference_png)) as image:
            reference = image.convert("RGB")
        with Image.open(io.BytesIO(candidate_png)) as image:
            candidate = image.convert("RGB")
        size = (max(64, reference.width), max(64, reference.height))
        one, other = (
            torch.from_numpy(np.asarray(shown.resize(size), dtype=np.float32).transpose(2, 0, 1))
            .div(127.5)
            .sub(1)[None]
            for shown in (reference, candidate)
        )
        with torch.inference_mode():
            return float(self._model(one, other))
