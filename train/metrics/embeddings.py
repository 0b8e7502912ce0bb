"""Similarity of two pictures by an embedding model whose weights you provide: DINO, CLIP, SigLIP.

The paper's DINO baseline is `PictureReward(Embedder("facebook/dinov2-large"), "dino")`, or
`dino_reward` of `train.reward.baselines`. Needs the training environment; no weights come with this package.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


class Embedder:
    """Cosine likeness of a vision model's picture embeddings. A class, so that it pickles.

    Source: arXiv:2603.13224, "Experiments": DINOv2-large as a reward.
    """

    def __init__(self, model: str, device: str = "cpu") -> None:
        """
        Args:
            model: Folder or hub name of a model that `transformers` knows, with its processor.
            device: Where it runs.
        """
        self.model = model
        self.device = device
        self._loaded: tuple[Any, Any] | None = None

    def __call__(self, reference_png: bytes, candidate_png: bytes) -> float:
        """-1 to 1; 1 for equal pictures.

        Raises:
            ConfigError: the model cannot be loaded.
        """
        import torch

        processor, model = self._load()
        shown = []
        for png in (reference_png, candidate_png):
            with Image.open(io.BytesIO(png)) as image:
                shown.append(image.convert("RGB"))
        with torch.inference_mode():
            values = processor(images=shown, return_tensors="pt").to(self.device)
            one, other = _embeddings(model, values["pixel_values"]).float()
        return float(torch.nn.functional.cosine_similarity(one, other, dim=0))

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from transformers import AutoImageProcessor, AutoModel

            from records.errors import ConfigError

            try:
                processor = AutoImageProcessor.from_pretrained(self.model)
                model = AutoModel.from_pretrained(self.model).eval().to(self.device)
            except (OSError, ValueError) as error:
                reason = str(error).splitlines()[0]
                raise ConfigError(
                    f"{self.model} cannot be loaded as an embedding model: {reason}; give a folder "
                    "with weights and processor"
                ) from error
            self._loaded = processor, model
        return self._loaded

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": None}


def _embeddings(model: Any, pixels: Any) -> Any:
    """One vector a picture: a joint model's picture side, or a vision model's first token."""
    if getattr(model.config, "vision_config", None) is not None:  # CLIP, SigLIP
        found = model.get_image_features(pixel_values=pixels)
        return getattr(found, "pooler_output", found)
    return model(pixel_values=pixels).last_hidden_state[:, 0]
