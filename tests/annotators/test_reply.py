"""A reply is read as it stands, or it is not believed."""

from __future__ import annotations

import doctest
import json
from typing import Any

import pytest

from annotators import consensus
from annotators.lvlm import places, reply
from annotators.lvlm.reply import NO_PLACE, parse_reply, reply_schema
from records.errors import AnnotationReplyError
from records.taxonomy import Modality, category_names


def entry(category: str = "text_error", severity: Any = 2, **fields: Any) -> dict[str, Any]:
    return {
        "category": category,
        "severity": severity,
        "location": "title",
        "description": "'Sales' reads 'Slaes'",
        **fields,
    }


def text(*errors: Any, modality: Modality = Modality.CHART, **counts: Any) -> str:
    names = [e.get("category", e.get("type")) if isinstance(e, dict) else None for e in errors]
    told: dict[str, Any] = {f"{n}_count": names.count(n) for n in category_names(modality)}
    return json.dumps({**told, **counts, "errors": list(errors)})


@pytest.mark.parametrize("module", [reply, places, consensus])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0 < doctest.testmod(module).attempted


def test_a_reply_becomes_discrepancies() -> None:
    found = parse_reply(text(entry(), entry("data_error", 3)), Modality.CHART, label_source="me")
    assert [(d.category, d.severity, d.location, d.label_source) for d in found] == [
        ("text_error", 2, "title", "me"),
        ("data_error", 3, "title", "me"),
    ]


@pytest.mark.parametrize("modality", Modality)
def test_nothing_wrong_is_a_good_reply(modality: Modality) -> None:
    assert parse_reply(text(modality=modality), modality) == ()


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "```json\n{}\n```",
        "```\n{}\n```\n",
        "  \n{}\n",
        "<think>they differ {{ in </ text</think>\n{}",
    ],
)
def test_presentation_does_not_matter(wrap: str) -> None:
    assert len(parse_reply(wrap.format(text(entry())), Modality.CHART)) == 1


def test_the_released_table_prompt_says_type_and_gives_no_location() -> None:
    told = {"type": "numeric_error", "severity": 3, "description": "10.4 is printed as 104"}
    found = parse_reply(text(told, modality=Modality.TABLE), Modality.TABLE)
    assert (found[0].category, found[0].location) == ("numeric_error", NO_PLACE)


@pytest.mark.parametrize("word", ["Text_Error", "text error", " TEXT-ERROR "])
def test_spelling_of_a_category_is_normalized(word: str) -> None:
    told = text(entry(word), text_error_count=1)
    assert parse_reply(told, Modality.CHART)[0].category == "text_error"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "unparsable"),
        ("The pictures are the same.", "unparsable"),
        ("   \n" * 500, "unparsable"),
        (text(entry())[:-20], "unparsable"),
        ('{"errors": [' * 3, "unparsable"),
        ("[" * 100_000, "unparsable"),
        (text() + text(), "unparsable"),
        ("Here it is: " + text(), "unparsable"),
        (text(entry(severity=float("nan"))), "unparsable"),
        ("[]", "schema_mismatch"),
        ("null", "schema_mismatch"),
        ("{}", "schema_mismatch"),
        ('{"errors": []}', "schema_mismatch"),
        (text(note="I looked hard"), "schema_mismatch"),
        (text()[:-1] + ', "errors": []}', "schema_mismatch"),
        (text(text_error_count="0"), "schema_mismatch"),
        (text(text_error_count=0.0), "schema_mismatch"),
        (text(text_error_count=False), "schema_mismatch"),
        (text().replace("[]", "{}"), "schema_mismatch"),
        (text("a title is missing"), "schema_mismatch"),
        (text(entry(severity=4)), "schema_mismatch"),
        (text(entry(severity="2")), "schema_mismatch"),
        (text(entry(severity=True)), "schema_mismatch"),
        (text(entry(severity=None)), "schema_mismatch"),
        (text(entry(location=["title"])), "schema_mismatch"),
        (text(entry(description="")), "schema_mismatch"),
        (text(entry(description="x" * 5000)), "schema_mismatch"),
        (text(entry(confidence=0.9)), "schema_mismatch"),
        (text(entry(type="data_error")), "schema_mismatch"),
        (text(*[entry() for _ in range(500)]), "schema_mismatch"),
        (text(entry("colour_error")), "unknown_category"),
        (text(entry("numeric_error")), "unknown_category"),
        (text(entry(), text_error_count=2), "count_mismatch"),
        (text(entry(), text_error_count=0, data_error_count=1), "count_mismatch"),
        (text(text_error_count=-1), "count_mismatch"),
        (text(entry(box=[0, 0, 1001, 5])), "schema_mismatch"),
        (text(entry(box=[9, 0, 3, 5])), "schema_mismatch"),
        (text(entry(box=[0.1, 0, 3, 5])), "schema_mismatch"),
    ],
)
def test_what_is_not_right_is_not_repaired(reply: str, reason: str) -> None:
    with pytest.raises(AnnotationReplyError) as told:
        parse_reply(reply, Modality.CHART)
    assert told.value.reason == reason
    assert told.value.detail


def test_boxes_become_pixels_of_the_candidate() -> None:
    told = text(entry(box=[100, 200, 500, 1000]), entry(box=None))
    with_sizes = parse_reply(told, Modality.CHART, [(400, 200), (999, 999)])
    assert [d.box for d in with_sizes] == [(40.0, 40.0, 200.0, 200.0), None]
    assert [d.box for d in parse_reply(told, Modality.CHART)] == [None, None]


def test_a_lone_surrogate_can_be_stored() -> None:
    found = parse_reply(text(entry(description="a \ud800 b")), Modality.CHART)
    assert found[0].description.encode() == b"a ? b"


@pytest.mark.parametrize("modality", Modality)
def test_the_schema_allows_what_is_read_and_no_more(modality: Modality) -> None:
    schema = reply_schema(modality, boxes=True).schema
    properties = schema["properties"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"errors"} | {f"{n}_count" for n in category_names(modality)}
    item = properties["errors"]["items"]
    assert item["properties"]["category"]["enum"] == list(category_names(modality))
    assert item["properties"]["severity"]["enum"] == [1, 2, 3]
    assert set(item["required"]) == {"category", "severity", "location", "description", "box"}
    assert "box" not in reply_schema(modality).schema["properties"]["errors"]["items"]["properties"]
