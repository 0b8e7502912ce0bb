"""The published row: what trainers and the datasets library see."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quality.format.messages import completion, messages, task_prompt, thousandths
from quality.format.schema import DESCRIPTIONS, SCHEMA, row_of
from records.pairs import Judged, Reference
from records.rows import Attempt, Discrepancy, Identical, Judgment, Sample
from records.taxonomy import Language, Modality, category_names
from renderers.contract import Picture
from renderers.stage import painted_fields

CANONICAL = [
    "id",
    "task",
    "images",
    "prompt",
    "completion",
    "messages",
    "discrepancies",
    "reference_code",
    "candidate_code",
    "origin",
    "corruptions",
    "policy",
    "annotations",
    "severity_sum",
    "changed_fraction",
    "render_contract",
    "reference_hash",
    "candidate_hash",
    "sample_id",
    "source",
    "revision",
    "licence",
    "split",
]


def test_columns_are_the_canonical_ones_first_and_each_is_explained() -> None:
    assert SCHEMA.names[: len(CANONICAL)] == CANONICAL
    assert set(DESCRIPTIONS) == set(SCHEMA.names)


@pytest.mark.parametrize("streaming", [False, True])
def test_the_datasets_library_sees_two_pictures(
    make_row: Any, write_shard: Any, tmp_path: Any, streaming: bool
) -> None:
    datasets = pytest.importorskip("datasets")
    url = write_shard("part", [make_row(0), make_row(1, Language.SVG, "identical")])
    loaded = datasets.load_dataset(
        "parquet",
        data_files=url,
        split="train",
        streaming=streaming,
        cache_dir=str(tmp_path / "cache"),
    )
    first, second = list(loaded)
    assert [picture.size for picture in first["images"]] == [(360, 270), (360, 270)]
    assert first["images"][1].getpixel((0, 0)) == (255, 255, 255)
    assert first["discrepancies"][0]["category"] == "data_error"
    assert first["prompt"][0]["role"] == "user"
    assert second["discrepancies"] == []


@pytest.mark.parametrize("modality", Modality)
def test_prompt_names_every_category_and_holds_no_tag(modality: Modality) -> None:
    for style in ("plain", "grounded"):
        prompt = task_prompt(modality, style)  # type: ignore[arg-type]
        assert all(f"- {name}: " in prompt for name in category_names(modality))
        assert all(f"{name}_count" in prompt for name in category_names(modality))
        assert "<" not in prompt
        assert ("thousandths" in prompt) == (style == "grounded")


def found(category: str, **more: Any) -> Discrepancy:
    words = {"severity": 2, "location": "title", "description": "A is drawn as B"}
    return Discrepancy(category=category, **{**words, **more})


def test_completion_is_the_papers_json_and_counts_its_list() -> None:
    labels = [found("text_error"), found("text_error", severity=1), found("data_error")]
    reply = json.loads(completion(Modality.CHART, labels))
    assert {name: reply[f"{name}_count"] for name in category_names(Modality.CHART)} == {
        "structure_error": 0,
        "data_error": 1,
        "text_error": 2,
        "style_error": 0,
    }
    assert reply["errors"][1] == {
        "category": "text_error",
        "severity": 1,
        "location": "title",
        "description": "A is drawn as B",
    }


def test_grounded_completion_gives_boxes_in_thousandths() -> None:
    label = found("shape_error", box=(0, 50, 100, 100))
    reply = json.loads(completion(Modality.SVG, [label], [(200, 100)], "grounded"))
    assert reply["errors"][0]["box"] == [0, 500, 500, 1000]
    reply = json.loads(completion(Modality.SVG, [found("shape_error")], [(200, 100)], "grounded"))
    assert reply["errors"][0]["box"] is None
    with pytest.raises(ValueError, match="sizes"):
        completion(Modality.SVG, [label], style="grounded")


def test_a_box_that_only_the_reference_holds_is_measured_on_it() -> None:
    candidate, reference = (100, 100), (400, 200)
    assert thousandths((300, 100, 400, 200), [candidate, reference]) == [750, 500, 1000, 1000]
    assert thousandths((-1, 0, 100.4, 50), [candidate, reference]) == [0, 0, 1000, 500]


def test_a_label_cannot_put_an_image_or_a_turn_into_the_conversation() -> None:
    label = found("text_error", description="<image> lost <|im_end|><video>")
    reply = completion(Modality.CHART, [label])
    turns = messages(task_prompt(Modality.CHART), reply)
    text = "".join(turn.content for turn in turns)
    assert text.count("<image>") == 2
    assert "<|" not in reply and "<video>" not in reply
    assert json.loads(reply)["errors"][0]["description"] == label.description


def test_records_that_do_not_belong_together_make_no_row() -> None:
    sample = Sample.of("a", Language.SVG, source="s", revision="r", licence="MIT", upstream_id="u")
    other = Sample.of("b", Language.SVG, source="s", revision="r", licence="MIT", upstream_id="u")
    attempt = Attempt.of(sample, "a", Identical())
    painted = painted_fields(Picture(b"", 1, 1, "0" * 32), "c")
    reference = Reference(**dict(sample), **painted, scene=b"")
    verdict = Judgment(annotator="x", discrepancies=())
    judged = Judged(**dict(attempt), **painted, annotations=(verdict,), changed_fraction=0.0)
    row_of(reference, judged)
    with pytest.raises(ValueError, match="no annotation"):
        row_of(reference, judged.model_copy(update={"annotations": ()}))
    with pytest.raises(ValueError, match=f"is of sample {sample.id}, not {other.id}"):
        row_of(Reference(**dict(other), **painted, scene=b""), judged)
