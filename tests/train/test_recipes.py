"""Recipes for other trainers fit the machines they name, and the model that is left says what it is."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml
from PIL import Image

from records.taxonomy import Modality
from train.settings import Sft, TrainConfig
from train.sft.card import model_card
from train.sft.lengths import size_in, tokens_of_picture
from train.sft.preflight import BYTES_PER_PARAMETER, parameters_of, prompts_in

HOUSE = Path(__file__).parents[2]
RECIPES = sorted((HOUSE / "configs/train/recipes").glob("*.yaml"))
GPU_GIB = 80


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.name)
def test_a_recipe_for_a_large_model_shards_it(file: Path) -> None:
    recipe = yaml.safe_load(file.read_text(encoding="utf-8"))
    model = recipe.get("model") or recipe["model_name_or_path"]
    whole_gib = parameters_of(model) * BYTES_PER_PARAMETER / 2**30
    assert whole_gib > GPU_GIB, "a smaller model needs no sharding: ask for it no more"
    spread = recipe["deepspeed"]
    if spread.endswith(".json"):
        spread = json.loads((HOUSE / spread).read_text(encoding="utf-8"))
        assert spread["zero_optimization"]["stage"] == 3
    else:
        assert spread == "zero3"


def test_a_validation_split_that_is_named_is_looked_at() -> None:
    for file in RECIPES:
        recipe = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert ("eval_dataset" in recipe) == ("eval_strategy" in recipe)


def test_a_picture_takes_no_more_tokens_than_its_bound() -> None:
    sft = Sft()
    for size in ((336, 336), (640, 480), (1200, 900), (5000, 4000), (30, 3000)):
        tokens = tokens_of_picture(*size, sft.min_pixels, sft.max_pixels)
        assert 64 <= tokens <= sft.picture_tokens + 2, size
    picture = io.BytesIO()
    Image.new("RGB", (37, 21)).save(picture, "PNG")
    assert size_in(picture.getvalue()) == (37, 21)


def test_the_model_card_says_what_was_trained_and_how_it_is_asked() -> None:
    metrics = {
        "dataset_manifest_sha256": "ab" * 32,
        "rows": 340,
        "rows_left_out": 2,
        "steps": 30,
        "loss": [{"step": 1, "loss": 2.5}, {"step": 30, "loss": 0.25}],
        "eval_loss": [],
        "versions": {"torch": "2.9"},
    }
    config = TrainConfig(sft=Sft(freeze=("vision",)))
    card = model_card(config, "/home/somebody/data/datasets/paper/7", metrics, prompts_in({}))
    for said in (
        "| dataset | paper/7 |",
        "ab" * 32,
        "2.500, 0.250",
        "all but vision",
        "vllm serve",
    ):
        assert said in card
    assert "/home" not in card
    assert all(f"### {task}" in card for task in Modality)


@pytest.mark.parametrize(
    ("model", "said"),
    [("/models/tiny", "tiny"), ("Qwen/Qwen3-VL-8B-Instruct", "Qwen/Qwen3-VL-8B-Instruct")],
)
def test_a_folder_of_this_machine_is_not_told(model: str, said: str) -> None:
    card = model_card(TrainConfig(sft=Sft(model=model)), "d/1", {}, {"svg": "Icons?"})
    assert f"base_model: {said}\n" in card
