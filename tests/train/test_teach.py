"""Does a dataset teach: crops, labels of other worth, figures, and a whole run in small."""

from __future__ import annotations

import io
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageDraw

from quality.format.schema import SCHEMA
from records.errors import ConfigError
from tests.train.test_policy_data import published
from train.teach.crops import CATEGORIES, SIDE, TeachSet, _cut, prepared
from train.teach.figures import Exam, average_precision, less, summary
from train.teach.labels import ASSUMED, labeled, rates_of
from train.teach.looks import CELLS, DIRECTIONS, PLAIN, SHADES, look
from train.teach.net import UNKNOWN, Answers, targets_of
from train.teach.run import Split, TeachPlan, _claim

HOUSE = Path(__file__).parents[2]
PYTHON = HOUSE / ".venv-train/bin/python"
SHAPE, STYLE = (CATEGORIES.index(("svg", name)) for name in ("shape_error", "style_error"))


def png(*boxes: tuple[tuple[int, int, int, int], str]) -> dict[str, Any]:
    image = Image.new("RGB", (160, 120), "white")
    for box, color in boxes:
        ImageDraw.Draw(image).rectangle(box, fill=color)
    target = io.BytesIO()
    image.save(target, "PNG")
    return {"bytes": target.getvalue(), "path": "p.png"}


def row(number: int) -> dict[str, Any]:
    """Even rows have another color, odd ones another size; every third was drawn by a policy."""
    empty: dict[str, Any] = {
        field.name: [] if pa.types.is_list(field.type) else None for field in SCHEMA
    }
    left, style = 10 + 3 * number, number % 2 == 0
    box = (left, 20, left + 20, 50)
    other = (box, "blue") if style else ((left, 20, left + 30, 70), "red")
    natural = number % 3 == 0
    error = {
        "category": "style_error" if style else "shape_error",
        "severity": 1 + number % 3,
        "location": "square",
        "description": "differs",
        "box": [float(value) for value in other[0]],
        "label_source": "structural",
    }
    return {
        **empty,
        "id": str(number),
        "task": "svg",
        "origin": "sampled" if natural else "corrupted",
        "policy": f"p{number % 2}" if natural else None,
        "sample_id": f"sample-{number // 2}",
        "source": "a",
        "images": [png((box, "red")), png(other)],
        "discrepancies": [error],
    }


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("teach") / "set"
    return published(folder, train=[row(number) for number in range(40)])


@pytest.fixture(scope="module")
def data(dataset: str, tmp_path_factory: pytest.TempPathFactory) -> TeachSet:
    return prepared(dataset, tmp_path_factory.mktemp("crops"))


def test_a_crop_shows_the_difference_at_native_size(data: TeachSet) -> None:
    ((box, crop, place),) = _cut(row(0)["images"])
    assert data.pairs[0].boxes == (box,) == ((10.0, 20.0, 31.0, 51.0),)
    assert crop.shape == (6, SIDE, SIDE)
    reference, candidate = crop[:3], crop[3:]
    middle = SIDE // 2
    assert reference[:, middle, middle].tolist() == [255, 0, 0]
    assert candidate[:, middle, middle].tolist() == [0, 0, 255]
    assert (candidate[2] == 255).all() and (candidate[0] == 0).sum() == 21 * 31
    assert len(data.pairs) == len(data.looks) == 40
    assert (data.looks[0] == look(crop).astype(np.float16)).all()
    assert place[0] == np.float32(10 / 160)


def test_a_description_sees_edges_colors_and_what_differs() -> None:
    crop = np.full((6, SIDE, SIDE), 255, np.uint8)
    crop[3:, :, SIDE // 2 :] = 0  # The candidate's right half is black.
    told = look(crop)
    assert told[:9] == pytest.approx(
        [1.0] * 3 + [0.5] * 6
    )  # Means of both sides, and of what differs.
    by_cell = told[PLAIN:][: 3 * 12 * CELLS**2].reshape(3, 12, CELLS, CELLS)
    reference, candidate, second_less_first = by_cell
    assert not reference[:DIRECTIONS].any()
    assert candidate[0, :, CELLS // 2].all() and not candidate[1:DIRECTIONS].any()
    assert (second_less_first == candidate - reference).all()
    largest = told[-9 * SHADES - 3 * CELLS**2 :][: CELLS**2].reshape(CELLS, CELLS)
    assert (largest == (np.arange(CELLS) >= CELLS // 2)).all()


def test_targets_say_what_each_difference_is(data: TeachSet) -> None:
    targets = targets_of(data.pairs[:2], [pair.errors for pair in data.pairs[:2]])
    assert targets.there[0].nonzero()[0].tolist() == [STYLE]
    assert targets.crops[0, 0, STYLE] == 1 and targets.crops[0, 0, SHAPE] == 0
    assert targets.crops[0, 0, -1] == 0 and (targets.crops[0, 1] == UNKNOWN).all()
    nothing = targets_of(data.pairs[:1], [()])
    assert nothing.crops[0, 0, -1] == 1  # It follows from elsewhere.


def test_labels_are_worse_as_they_are_asked_to_be(data: TeachSet, tmp_path: Path) -> None:
    pairs = data.pairs * 25
    noisy = labeled(pairs, "noisy", rates_of(""), 0)
    same = sum(
        any(error.category == pair.errors[0].category for error in said)
        for pair, said in zip(data.pairs, noisy, strict=False)
    )
    assert 0.2 < same / len(data.pairs) < 0.75
    shuffled = labeled(data.pairs, "shuffled", rates_of(""), 0)
    assert Counter(map(str, shuffled)) == Counter(str(pair.errors) for pair in data.pairs)
    assert shuffled != [pair.errors for pair in data.pairs]
    told = {"count": 10, "claims": 12, "hits": 7, "renamed": 1}
    audit = tmp_path / "audit.json"
    audit.write_text(json.dumps({"categories": {"svg/style_error": told}}), encoding="utf-8")
    measured = rates_of(str(audit))["svg/style_error"]
    assert (measured.found, measured.renamed, measured.invented) == (0.7, 0.1, 0.4)
    assert rates_of("")["svg/style_error"] == ASSUMED
    audit.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match="vermillion audit"):
        rates_of(str(audit))


def test_nobody_is_asked_about_what_was_learned(data: TeachSet) -> None:
    split = Split.of(data.pairs, TeachPlan("", policies=("p1",)))
    assert not {pair.sample for pair in split.train} & {pair.sample for pair in split.asked}
    assert {pair.policy for pair in split.natural} == {"p1"}
    assert "p1" not in {pair.policy for pair in split.train}
    sizes = [
        len(split.taught(arm)) for arm in TeachPlan("").arms() if arm.name.startswith("exact both")
    ]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > sizes[-1]
    with pytest.raises(ConfigError, match="no pair of it; the dataset has a"):
        Split.of(data.pairs, TeachPlan("", sources=("elsewhere",)))


def test_the_right_answers_are_surely_better_than_none(data: TeachSet) -> None:
    exam = Exam.of(data.pairs)
    right = exam.marked(Answers(exam.targets.there, exam.targets.amounts, exam.targets.crops))
    rng = np.random.default_rng(0)
    guess = rng.random(exam.targets.there.shape, np.float32)
    wrong = exam.marked(Answers(guess, exam.targets.amounts, exam.targets.crops))
    assert right["pairs"][0] == right["crops"][0] == 1
    chance = summary([run["pairs"] for run in exam.chance()])
    assert 0.5 < chance["mean"] < 0.6  # Half of the pairs have it; AP counts the hit itself.
    apart = less([right["pairs"]], [wrong["pairs"]])
    assert 0 < apart["low"] <= apart["difference"] <= apart["high"]
    assert less([right["pairs"]], [right["pairs"]])["low"] == 0
    steady, other = np.full(1001, 0.6), np.full(1001, 0.8)
    assert less([steady, other], [steady, steady]) == {"difference": 0.1, "low": 0.0, "high": 0.2}
    assert summary([steady, steady])["low"] == summary([steady, steady])["high"] == 0.6
    twice = average_precision(np.array([True, False]), np.array([0.0, 1.0]), np.array([[1.0, 2.0]]))
    assert twice == pytest.approx(1 / 3)


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-train: make train-smoke makes it")
def test_a_whole_run_in_small_goes_on_where_it_was(dataset: str, tmp_path: Path) -> None:
    command = [str(PYTHON), "-m", "train.teach", dataset, "--out", str(tmp_path / "run")]
    command += ["--only-bars", "--seeds=1", "--steps=6", "--workers=1"]
    first, again = (
        subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=300, check=False)
        for _ in range(2)
    )
    assert first.returncode == again.returncode == 0, first.stderr
    assert "seed 0" in first.stdout and "seed 0" not in again.stdout
    told = json.loads((tmp_path / "run/teach.json").read_text(encoding="utf-8"))
    assert "corrupted" in told["arms"]
    assert "pixels" in told["arms"]["corrupted"]
    assert told["bars"]["exact over noisy"]["pairs"]["low"] <= 1
    assert (tmp_path / "run/teach.png").stat().st_size > 1000
    assert "| random order |" in (tmp_path / "run/teach.md").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="another --out"):
        _claim(tmp_path / "run", TeachPlan(dataset, limit=20, steps=6))
