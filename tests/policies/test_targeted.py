"""A model that is asked for errors in code: what it says it did must be what the pictures show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from corruptors.targeted import KINDS, draw_kinds, is_targeted, read_reply, reply_schema
from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer
from policies.policy import Policy
from records.columns import read_records
from records.config import parse
from records.edits import apply
from records.errors import PolicyReplyError
from records.layout import Layout
from records.rows import Attempt, Corrupted, Sample
from records.shards import read_rejects
from records.taxonomy import Language, Modality, category_names
from vermillion.pipeline.stages import pull, run_stage

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60">'
    '<rect id="{name}" x="8" y="8" width="20" height="20" fill="#c02020"/>'
    '<circle cx="42" cy="42" r="12" fill="#2040c0"/></svg>'
)
CHANGES: Mapping[str, list[dict[str, str]]] = {
    # Where the model does what it says.
    "honest": [{"find": 'fill="#c02020"', "replace": 'fill="#20a040"'}],
    # It says style, and moves the square.
    "wrong": [{"find": 'x="8" y="8"', "replace": 'x="30" y="2"'}],
    # It does what it says, and moves the circle as well.
    "greedy": [
        {"find": 'fill="#c02020"', "replace": 'fill="#20a040"'},
        {"find": 'cx="42" cy="42"', "replace": 'cx="14" cy="46"'},
    ],
    "broken": [{"find": "</svg>", "replace": ""}],
    "lost": [{"find": "no such text", "replace": ""}],
    "twice": [{"find": "fill=", "replace": "fill= "}],
}


def sample_of(name: str) -> Sample:
    return Sample.of(
        ICON.format(name=name),
        Language.SVG,
        source="test",
        revision="0",
        licence="MIT",
        upstream_id=name,
    )


def answer(changes: list[dict[str, str]], kind: str = "fill") -> str:
    error = {"kind": kind, "location": "red square", "description": "is green", "changes": changes}
    return json.dumps({"errors": [error]})


FILL = tuple(kind for kind in KINDS[Modality.SVG] if kind.name == "fill")


def test_an_answer_becomes_exact_edits() -> None:
    sample = sample_of("a")
    made = read_reply(
        "Sure:\n```json\n" + answer(CHANGES["honest"]) + "\n```", sample, FILL, "m", 3
    )
    origin = made.origin
    assert isinstance(origin, Corrupted) and is_targeted(origin)
    assert (
        origin.asked_by == "m"
        and origin.names == ("fill",)
        and origin.categories == ("style_error",)
    )
    assert apply(sample.code, origin.edits) == made.code
    assert made.code == sample.code.replace("#c02020", "#20a040")
    # Only what changes is an edit, not all that was quoted to find it.
    assert [(sample.code[edit.start : edit.end], edit.new) for edit in origin.edits] == [
        ("c0202", "20a04")
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I cannot do that.", "unparsable"),
        ('{"errors": [{"kind": "fill"}]}', "unparsable"),
        (
            '{"errors": [{"kind": "fill", "location": 1, "description": "", "changes": []}]}',
            "unparsable",
        ),
        (answer([{"find": "#c02020", "replace": "half \ud83d"}]), "unparsable"),
        ('{"errors": []}', "kinds_differ"),
        (answer(CHANGES["honest"], kind="stroke"), "kinds_differ"),
        (answer(CHANGES["lost"]), "edit_not_found"),
        (answer(CHANGES["twice"]), "edit_ambiguous"),
        (answer([{"find": "#c02020", "replace": "#c02020"}]), "no_edit"),
        (
            answer([{"find": "#c02020", "replace": "red"}, {"find": 'c02020"', "replace": 'fff"'}]),
            "edits_overlap",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_says_why(text: str, reason: str) -> None:
    with pytest.raises(PolicyReplyError) as caught:
        read_reply(text, sample_of("a"), FILL, "m", 0)
    assert caught.value.reason == reason


@pytest.mark.parametrize("modality", list(Modality))
def test_kinds_cover_every_category_and_follow_the_benchmark(modality: Modality) -> None:
    assert {kind.category.value for kind in KINDS[modality]} == set(category_names(modality))
    sample = sample_of("a").model_copy(update={"modality": modality, "code": "<text"})
    drawn = [draw_kinds(sample, 3, seed) for seed in range(300)]
    assert {len(kinds) for kinds in drawn} == {1, 2, 3}
    assert all(len({kind.name for kind in kinds}) == len(kinds) for kinds in drawn)
    counts = Counter(kind.category.value for kinds in drawn for kind in kinds[:1])
    most = {"chart": "style_error", "table": "text_error", "svg": "shape_error"}[modality]
    assert counts.most_common(1)[0][0] == most
    schema = reply_schema(drawn[0])
    assert schema["properties"]["errors"]["minItems"] == len(drawn[0])


def test_no_letter_errors_are_asked_for_where_no_letters_are() -> None:
    drawn = [draw_kinds(sample_of("a"), 4, seed) for seed in range(80)]
    assert not any(kind.name == "symbol" for kinds in drawn for kind in kinds)


def part(asked: ReceivedRequest) -> ReplayAnswer:
    """Plays each part by the name of the square in the code it is shown."""
    name = asked.text.split('id="')[1].split('"')[0]
    if name == "garbage":
        return ReplayAnswer("Of course! Here is what I would do.")
    schema = asked.body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["errors"]["items"]["properties"]["kind"] == {"enum": ["fill"]}
    return ReplayAnswer(answer(CHANGES[name]))


def test_what_a_model_claims_is_held_against_the_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policies.targeted.draw_kinds", lambda *_: FILL)
    names = [*CHANGES, "garbage"]
    folder = tmp_path / "icons"
    folder.mkdir()
    for name in names:
        (folder / f"{name}.svg").write_text(ICON.format(name=name))
    (folder / "LICENSE").write_text("MIT")
    with ReplayServer(part) as server:
        policies = tmp_path / "p.toml"
        policies.write_text(
            f'[endpoints.e]\nbase_url = "{server.url}"\nmodel = "m"\n'
            '[[policies]]\nname = "editor"\nmodality = "svg"\nkind = "targeted"\n'
            'endpoint = "e"\nmost_errors = 1\n'
        )
        config = parse(
            {
                "name": "edited",
                "root": str(tmp_path),
                "modalities": ["svg"],
                "sources": {"folder": {"snapshot": str(folder)}},
                "shard_size": 64,
                "corruption": {
                    "attempts_per_sample": 0,
                    "identical_share": 0,
                    "equivalent_share": 0,
                },
                "policies": {"names": ["editor"], "files": [str(policies)]},
                "quality": {"max_reject_share": {}, "min_rows_for_share": 1000},
            },
            "test",
        )
        [shard] = pull("folder", config)
        for stage in ("reference", "corrupt", "attempt", "render", "annotate"):
            run_stage(stage, shard, config)
        assert all(not asked.images for asked in server.asked)
    at = Layout.of(config).shard
    kept = [*read_records(Attempt, at("annotate", shard))]
    lost = {
        stage: Counter(reject.reason for reject in read_rejects(at(stage, shard)))
        for stage in ("attempt", "render", "annotate")
    }
    assert lost["attempt"] == {"edit_not_found": 1, "edit_ambiguous": 1, "unparsable": 1}
    assert sum(lost["render"].values()) == 1
    assert lost["annotate"] == {"claim_not_confirmed": 1, "undeclared_change": 1}
    assert [one.code for one in kept] == [ICON.format(name="honest").replace("#c02020", "#20a040")]


def test_a_targeted_policy_needs_an_endpoint_and_takes_no_settings() -> None:
    values: dict[str, Any] = {"name": "e", "modality": "svg", "kind": "targeted"}
    with pytest.raises(ValueError, match="needs an endpoint"):
        Policy.model_validate(values)
    endpoint = {"base_url": "http://h/v1", "model": "m"}
    with pytest.raises(ValueError, match="sampling, not settings"):
        Policy.model_validate({**values, "endpoint": endpoint, "settings": {"points": 3}})
    two = [
        Policy.model_validate({**values, "endpoint": endpoint, "most_errors": most})
        for most in (1, 2)
    ]
    assert two[0].settings_hash != two[1].settings_hash
