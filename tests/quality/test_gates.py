"""A gate that has never failed proves nothing: each is shown a row it must stop."""

from __future__ import annotations

import io
import json
from typing import Any

import PIL.Image
import pytest

from quality.rules.gates import RowLimits, same_contract
from quality.rules.rule_list import ROW_RULES, check_row
from records.errors import GateError
from records.pairs import ImageFeature, Row, Turn
from records.rows import Box
from records.taxonomy import Language
from renderers.contract import pixel_hash


def with_(row: Row, **changes: Any) -> Row:
    """The row with other values, unchecked."""
    return row.model_copy(update=changes)


def label(row: Any, **changes: Any) -> Any:
    """The row with its first discrepancy changed, and the completion made to agree."""
    first, *others = row.discrepancies
    return agreeing(with_(row, discrepancies=(first.model_copy(update=changes), *others)))


def agreeing(row: Any) -> Any:
    labels = row.discrepancies
    reply: dict[str, Any] = json.loads(row.completion[0].content)
    for name in list(reply):
        if name.endswith("_count"):
            reply[name] = sum(f"{d.category}_count" == name for d in labels)
    reply["errors"] = [
        d.model_dump(include={"category", "severity", "location", "description"}) for d in labels
    ]
    total = sum(d.severity for d in labels)
    return with_(row, completion=replied(json.dumps(reply)), severity_sum=total)


def replied(text: str) -> tuple[Turn, ...]:
    return (Turn(role="assistant", content=text),)


def png(width_px: int, height_px: int) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (width_px, height_px), "white").save(buffer, "PNG")
    return buffer.getvalue()


def images(row: Any, *data: bytes) -> Any:
    return with_(row, images=tuple(ImageFeature(bytes=item, path="") for item in data))


PLANTED = {
    "two_pictures": lambda row: images(row, row.images[0].bytes),
    "unreadable_picture": lambda row: images(row, row.images[0].bytes, row.images[1].bytes[:300]),
    "picture_size": lambda row: images(row, row.images[0].bytes, png(3, 400)),
    "hash_mismatch": lambda row: with_(row, candidate_hash="0" * 32),
    "unknown_origin": lambda row: with_(row, origin="guessed"),
    "no_provenance": lambda row: with_(row, licence=""),
    "illegal_values": lambda row: with_(row, changed_fraction=1.5),
    "illegal_category": lambda row: label(row, category="shape_error"),
    "not_repeatable": lambda row: with_(row, origin="identical", corruptions=[]),
    "false_alarm": lambda row: with_(
        row,
        origin="identical",
        images=(row.images[0],) * 2,
        candidate_hash=row.reference_hash,
        changed_fraction=0.0,
    ),
    "not_equivalent": lambda row: with_(row, origin="equivalent"),
    "unchanged_pair": lambda row: with_(row, changed_fraction=0.0),
    "unexplained_change": lambda row: agreeing(with_(row, discrepancies=[])),
    "too_many_discrepancies": lambda row: agreeing(
        with_(row, discrepancies=row.discrepancies * 41)
    ),
    "illegal_severity": lambda row: with_(row, severity_sum=9),
    "empty_words": lambda row: label(row, location=" "),
    "repeated_discrepancy": lambda row: agreeing(with_(row, discrepancies=row.discrepancies * 2)),
    "box_outside": lambda row: label(row, box=(10.0, 10.0, 9999.0, 20.0)),
    "counts_differ": lambda row: with_(
        row,
        completion=replied(
            row.completion[0].content.replace('"data_error_count": 1', '"data_error_count": 2')
        ),
    ),
    "image_tags": lambda row: with_(
        row, messages=(Turn(role="user", content="<image>what differs?"),)
    ),
    "reserved_in_training": lambda row: with_(row, reserved="chartmimic_600"),
}


@pytest.mark.parametrize("reason", [rule.name for rule in ROW_RULES])
def test_every_gate_stops_its_planted_row(reason: str, make_row: Any) -> None:
    good = make_row(0)
    assert check_row(good) is good
    with pytest.raises(GateError) as caught:
        check_row(PLANTED[reason](good))
    assert caught.value.reason == reason
    assert caught.value.detail


@pytest.mark.parametrize("language", [Language.PYTHON, Language.HTML, Language.SVG])
@pytest.mark.parametrize("origin", ["corrupted", "sampled", "identical", "equivalent"])
@pytest.mark.parametrize("style", ["plain", "grounded"])
def test_good_rows_pass(make_row: Any, language: Language, origin: str, style: str) -> None:
    for turn in range(3):
        check_row(make_row(turn, language, origin, 1 + turn, turn, style=style))


@pytest.mark.parametrize(
    ("box", "says"),
    [
        ((1.0, float("nan"), 3.0, 4.0), "no box"),
        ((30.0, 2.0, 10.0, 4.0), "swapped"),
        ((-5.0, 2.0, 10.0, 4.0), "neither picture"),
    ],
)
def test_bad_boxes_say_what_is_wrong(make_row: Any, box: Box, says: str) -> None:
    with pytest.raises(GateError, match=says):
        check_row(label(make_row(0), box=box))


@pytest.mark.parametrize("box", [None, (-0.6, 0.0, 360.9, 270.5), (5.0, 5.0, 5.0, 90.0)])
def test_boxes_at_the_edge_lines_and_none_are_fine(make_row: Any, box: Any) -> None:
    check_row(label(make_row(0), box=box))


def test_equivalent_pair_with_an_invisible_difference_is_no_alarm(make_row: Any) -> None:
    row = make_row(0, origin="equivalent")
    with PIL.Image.open(io.BytesIO(row.images[1].bytes)) as image:
        image.putpixel((3, 3), (254, 255, 255))
        faint, digest = io.BytesIO(), pixel_hash(image.tobytes(), *image.size)
        image.save(faint, "PNG")
    row = with_(images(row, row.images[0].bytes, faint.getvalue()), candidate_hash=digest)
    check_row(row)
    with pytest.raises(GateError, match="not_equivalent"):
        check_row(with_(row, changed_fraction=0.001))


def test_a_packed_bomb_is_refused_unopened(make_row: Any) -> None:
    with pytest.raises(GateError, match="picture_size"):
        check_row(images(make_row(0), png(40, 40), png(4100, 4100)), RowLimits())


def test_broken_completion_is_named(make_row: Any) -> None:
    row = make_row(0)
    with pytest.raises(GateError, match="not the JSON"):
        check_row(with_(row, completion=replied("{")))


def test_a_pair_is_drawn_under_one_contract() -> None:
    assert same_contract("a", "a") == "a"
    with pytest.raises(GateError, match=r"contract_mismatch.*render both again"):
        same_contract("a", "b")


def test_a_copy_that_no_person_tells_apart_is_a_negative(make_row: Any) -> None:
    row = make_row(0, Language.SVG, "sampled")
    same = agreeing(with_(row, changed_fraction=0.0, discrepancies=[]))
    assert check_row(same) is same
    with pytest.raises(GateError, match="no discrepancy says why"):
        check_row(with_(same, changed_fraction=0.2))
    with pytest.raises(GateError, match="no pixel differs"):
        check_row(with_(row, changed_fraction=0.0))
