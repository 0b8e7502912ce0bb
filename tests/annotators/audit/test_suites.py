"""Lanes of the audit that read pairs from a folder: what they count, and how they say what is wrong."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import pytest

from annotators.audit.injected import Drawn, Judge
from annotators.audit.matching import Marked, described_in, match_by_words
from annotators.audit.suites import cases, natural, pairs, rewrites, traced
from annotators.audit.suites.files import pairs_in
from annotators.audit.suites.suite import Bound, SuiteInput
from annotators.structural import Comparison, compare
from corruptors.registry import look_alikes, policy_rewrites
from records.errors import ConfigError
from records.rows import Discrepancy, Sample
from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.registry import held_renderer

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
SQUARE = f'{HEAD}<rect x="10" y="10" width="40" height="40" fill="#cc2222"/></svg>'
BLUE = SQUARE.replace("#cc2222", "#2222cc")
WITH_CIRCLE = SQUARE.replace("</svg>", '<circle cx="75" cy="75" r="15" fill="#22aa22"/></svg>')


def draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "svg"
    inside.mkdir()
    for name, code in {
        "blue-ref": SQUARE,
        "blue-cand": BLUE,
        "same-ref": SQUARE,
        "same-cand": SQUARE,
        "lost-ref": WITH_CIRCLE,
        "lost-cand": SQUARE,
    }.items():
        (inside / f"{name}.svg").write_text(code)
    return tmp_path


def gold(folder: Path, **errors: list[dict[str, Any]]) -> Path:
    labels = {name: {"errors": found} for name, found in errors.items()}
    (folder / "svg" / "labels.json").write_text(json.dumps(labels))
    return folder


def error(category: str, location: str, description: str, **more: Any) -> dict[str, Any]:
    found = {"category": category, "severity": 2, "location": location}
    return {**found, "description": description, **more}


def test_right_missed_and_unproven_labels_are_counted(folder: Path) -> None:
    gold(
        folder,
        blue=[
            error("style_error", "red square", "red square is blue instead of red"),
            error("shape_error", "corners", "round corners are sharp", optional=True),
            error("structure_error", "star", "a star is missing"),
        ],
        same=[],
        lost=[],
    )
    found = natural.measure(SuiteInput(draw=draw, data=folder)).to_json()
    figures = found["figures"]["svg"]
    assert figures["pairs"] == 3
    assert figures["labels"] == 2
    assert figures["firm"] == 2
    assert figures["firm_recall"] == 0.5  # the star is missed, the optional corners are not
    assert figures["precision"] == 0.5  # nobody named the lost circle
    assert figures["verdicts"]["unproven"] == 1
    assert figures["faithful_pairs"] == 2
    assert figures["faithful_alarms"] == 1


def test_an_error_named_twice_matches_once() -> None:
    person = [
        Marked("style_error", 1, "Reference has no tick marks; candidate has", "x axis ticks")
    ]
    label = Marked("style_error", 1, "tick marks are extra", "x axis ticks and y axis ticks")
    assert len(match_by_words([label, label], person, described_in)) == 1
    other = Marked("data_error", 3, "runs the other way round", "y axis")
    assert match_by_words([other], person, described_in) == ()


def test_a_program_s_own_numbers_do_not_hide_what_it_names() -> None:
    person = Marked(
        "style_error", 1, "thick dashed black line; candidate: thinner line", "clip line"
    )
    label = Marked("style_error", 1, "line width 1.5 instead of 2", "line 'clip'")
    assert described_in(label, person) > described_in(
        label, Marked("style_error", 1, "paler", "legend")
    )


def answers(folder: Path, **told: dict[str, Any]) -> Path:
    (folder / cases.FILE).write_text(json.dumps(told))
    return folder


def test_cases_are_right_wrong_or_unjudged(folder: Path) -> None:
    answers(
        folder,
        blue={"labels": [1, 1], "must": ["style_error .*blue"], "never": ["missing"], "worst": 3},
        same={"labels": [1, 2]},
    )
    found = cases.measure(SuiteInput(draw=draw, data=folder)).to_json()
    verdicts = {one["pair"]: one["verdict"] for one in found["details"]}
    assert verdicts == {"blue": "right", "same": "wrong", "lost": "unjudged"}
    assert found["figures"]["svg"]["right_share"] == 0.5
    assert not found["ok"]


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"labels": [0, 0]}, "1 labels instead of 0"),
        ({"must": ["moved"]}, "no label says 'moved'"),
        ({"never": ["style"]}, "which no label may"),
        ({"worst": 0}, "graded over 0"),
        ({"rejected": True}, "is to be rejected"),
    ],
)
def test_each_kind_of_answer_can_be_missed(folder: Path, told: dict[str, Any], fault: str) -> None:
    found = cases.measure(SuiteInput(draw=draw, data=answers(folder, blue=told)))
    assert fault in str(next(one for one in found.details if one["pair"] == "blue")["faults"])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"blue": {"label": [0, 1]}}, "unknown setting 'label'"),
        ({"blue": {"must": ["("]}}, "is no pattern"),
    ],
)
def test_a_wrong_answer_is_named(folder: Path, told: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        cases.measure(SuiteInput(draw=draw, data=answers(folder, **told)))


def test_folders_that_hold_nothing_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no pairs"):
        list(pairs_in(tmp_path))
    with pytest.raises(ConfigError, match="give their folder"):
        natural.measure(SuiteInput(draw=draw))
    with pytest.raises(ConfigError, match="no such folder"):
        cases.measure(SuiteInput(draw=draw, data=tmp_path / "none"))


def test_candidates_find_their_reference(folder: Path) -> None:
    for name in ("red-look-ref", "red-shift-cand", "blue-wide-cand2"):
        (folder / "svg" / f"{name}.svg").write_text(SQUARE)
    found = {pair.stem: pair.reference.upstream_id for pair in pairs_in(folder)}
    assert found["red-shift"] == "red-look-ref.svg"
    assert found["blue-wide-cand2"] == "blue-ref.svg"


def test_bounds_hold_what_they_say() -> None:
    assert Bound(0.7, at_least=0.7).ok
    assert not Bound(0.69, at_least=0.7).ok
    assert not Bound(1, at_most=0).ok
    assert not Bound(None, at_least=0).ok


PAINTED = f"""{HEAD}<rect x="10" y="10" width="30" height="30" fill="#cc2222" stroke="#111111" stroke-width="4"/>
<circle cx="75" cy="75" r="15" fill="#22aa22" stroke="#111111" stroke-width="4"/>
<path d="M60 10h10v10h-10zM80 10h10v10h-10z" fill="#2222cc"/></svg>"""


def icon(code: str = PAINTED) -> Sample:
    return Sample.of(
        code, Language.SVG, source="t", revision="1", licence="MIT", upstream_id="icon"
    )


def ground(judge: Judge = compare, errors: int = 3) -> SuiteInput:
    return SuiteInput(draw=draw, judge=judge, samples=[icon()], per_sample=errors)


def by_code(reference: Drawn, candidate: Drawn) -> Comparison:
    """A judge that counts shapes of the scene: another code, another label."""
    found = compare(reference, candidate)
    shapes = len(candidate[1].root.children)
    more = Discrepancy(category="shape_error", severity=1, location=f"{shapes}", description="-")
    return Comparison((*found.discrepancies, more), found.pixels)


def test_labels_that_follow_the_code_are_seen_in_rewrites() -> None:
    found = rewrites.measure(ground(by_code)).to_json()["figures"]["svg"]
    assert found["pairs"] > 0
    assert found["same_words"] < 1
    assert "split_fill_and_stroke" in found["rewrites"]


def test_a_judge_of_pictures_says_the_same_of_every_rewrite() -> None:
    def by_picture(reference: Drawn, candidate: Drawn) -> Comparison:
        label = Discrepancy(
            category="style_error", severity=1, location=candidate[0].pixel_hash, description="-"
        )
        return Comparison((label,), compare(reference, candidate).pixels)

    found = rewrites.measure(ground(by_picture)).to_json()
    assert found["figures"]["svg"]["same_words"] == 1
    assert found["ok"]


def test_a_lost_label_of_two_is_seen() -> None:
    whole = pairs.measure(ground(errors=12)).to_json()["figures"]["svg"]
    assert whole["pairs"] > 0

    def only_one(reference: Drawn, candidate: Drawn) -> Comparison:
        found = compare(reference, candidate)
        return Comparison(found.discrepancies[:1], found.pixels)

    lost = pairs.measure(ground(only_one, errors=12)).to_json()
    assert lost["figures"]["svg"]["both"] == 0
    assert not lost["ok"]


def test_labels_of_one_thing_at_one_place_are_one_label_and_no_pair() -> None:
    def counted(reference: Drawn, candidate: Drawn) -> Comparison:
        found = compare(reference, candidate)
        label = Discrepancy(
            category="shape_error", severity=1, location="dots", description=candidate[0].pixel_hash
        )
        return Comparison((label,), found.pixels)

    def named(reference: Drawn, candidate: Drawn) -> Comparison:
        found = counted(reference, candidate)
        (label,) = found.discrepancies
        return Comparison((label.model_copy(update={"location": label.description}),), found.pixels)

    assert pairs.measure(ground(counted, errors=12)).to_json()["figures"]["svg"]["pairs"] == 0
    assert pairs.measure(ground(named, errors=12)).to_json()["figures"]["svg"]["pairs"] > 0


def test_a_perfect_trace_is_right_and_no_tracer_is_named() -> None:
    def trace(png: bytes, seed: int) -> str:
        return next(code for code, picture in seen if picture == png)

    seen: list[tuple[str, bytes]] = []

    def remembering(code: str, sample: Sample) -> Render:
        render = draw(code, sample)
        if render.picture is not None:
            seen.append((code, render.picture.png))
        return render

    found = traced.measure(
        SuiteInput(draw=remembering, samples=[icon()], per_sample=3, trace=trace)
    ).to_json()
    assert found["figures"]["svg"]["right"] == 1
    with pytest.raises(ConfigError, match="needs the tracer"):
        traced.measure(ground())


@pytest.mark.parametrize("modality", list(Modality))
def test_rewrites_as_policies_write_are_examples_that_hold(modality: Modality) -> None:
    assert policy_rewrites(modality)
    assert look_alikes(modality)
    for item in (*policy_rewrites(modality), *look_alikes(modality)):
        [test] = doctest.DocTestFinder(recurse=False).find(
            item.propose, item.name, globs={item.name: item}
        )
        assert test.examples
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_errors_that_a_trace_would_soften_are_not_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traced, "unexplained", lambda pixels, boxes: None)
    untraced = SuiteInput(
        draw=draw, samples=[icon()], per_sample=3, trace=lambda png, seed: png.hex()
    )
    figures = traced.measure(untraced).to_json()["figures"]["svg"]
    assert (figures["faint"], figures["traced"], figures["right"]) == (3, 0, None)
