"""Baselines by embedding models, on tiny random ones: the plumbing, not their eyes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PYTHON = HOUSE / ".venv-train/bin/python"

LOOK = """
import io, json, pickle, sys
from PIL import Image
from transformers import (BitImageProcessorPil, CLIPConfig, CLIPImageProcessorPil, CLIPModel,
                          Dinov2Config, Dinov2Model)
from records.errors import ConfigError
from train.metrics.embeddings import Embedder
from train.reward.baselines import dino_reward

out = sys.argv[1]
small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "patch_size": 14,
         "image_size": 56, "intermediate_size": 32}
Dinov2Model(Dinov2Config(**{k: v for k, v in small.items() if k != "intermediate_size"})).save_pretrained(out + "/dino")
sizes = {"size": {"shortest_edge": 56}, "crop_size": {"height": 56, "width": 56}}
BitImageProcessorPil(**sizes).save_pretrained(out + "/dino")
CLIPModel(CLIPConfig(vision_config=small, text_config={"hidden_size": 32, "num_hidden_layers": 1,
          "num_attention_heads": 2, "intermediate_size": 32}, projection_dim=16)).save_pretrained(out + "/clip")
CLIPImageProcessorPil(**sizes).save_pretrained(out + "/clip")

def png(color, box):
    target, image = io.BytesIO(), Image.new("RGB", (64, 64), "white")
    image.paste(color, box)
    image.save(target, "PNG")
    return target.getvalue()

red, blue = png("red", (0, 0, 32, 32)), png("blue", (20, 30, 60, 64))
said = {}
for name in ("dino", "clip"):
    look = pickle.loads(pickle.dumps(Embedder(f"{out}/{name}")))
    said[name] = [look(red, red), look(red, blue)]
reward = dino_reward(f"{out}/dino")
icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="4" height="{}"/></svg>'
said["paid"] = reward([icon.format(4), "I could not."], [[red], [red]], ["svg", "svg"])
reward.close()
import importlib.util
if importlib.util.find_spec("lpips"):
    import torch, torchvision
    from train.metrics.perceptual import Lpips
    from train.evaluate.policy_scores import svg_scores
    torch.manual_seed(0)
    torch.save(torchvision.models.alexnet(weights=None).state_dict(), out + "/alexnet.pth")
    distance = Lpips(out + "/alexnet.pth")
    said["lpips"] = [distance(red, red), distance(red, blue), distance(blue, red)]
    said["unisvg"] = svg_scores(red, blue, distance, Embedder(out + "/clip"))
    torch.save({}, out + "/nothing.pth")
    said["no_weights"] = []
    for file in ("/nothing.pth", "/none.pth"):
        try:
            Lpips(out + file)
        except ConfigError as error:
            said["no_weights"].append(str(error))
try:
    Embedder(out + "/none")(red, red)
except ConfigError as error:
    said["missing"] = str(error)
print(json.dumps(said))
"""


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-train: make train-smoke makes it")
def test_embedding_models_are_baselines(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PYTHON), "-c", LOOK, str(tmp_path)],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    for name in ("dino", "clip"):
        same, other = said[name]
        assert same == pytest.approx(1, abs=1e-4)
        assert -1 <= other < same
    assert 1 <= said["paid"][0] <= 2
    assert said["paid"][1] == 0.0
    assert "cannot be loaded as an embedding model" in said["missing"]
    if "lpips" not in said:
        pytest.skip("no lpips in .venv-train: make train-smoke installs it")
    same, other, swapped = said["lpips"]
    assert same == 0.0
    assert other == pytest.approx(swapped, rel=1e-4) and other > 0
    found = said["unisvg"]
    by_hand = 0.2 * found["ssim"] + 0.2 * (100 - found["lpips"]) + 0.6 * found["clip"]
    assert found["unisvg"] == pytest.approx(by_hand, abs=0.02)
    assert "no weights of torchvision's AlexNet" in said["no_weights"][0]
    assert "cannot be read" in said["no_weights"][1]
