"""Drifts: natural-like errors by rate, reproducible, in the sample's language, gentle where asked."""

from __future__ import annotations

from collections import Counter

import pytest

from corruptors.registry import by_name
from policies.offline import BUILTIN
from policies.offline.drift import redraw as drift
from policies.offline.drift.rates import drifts
from policies.offline.drift.strength import softened
from policies.run import attempt
from policies.settings import DriftSettings
from records.edits import Edit
from records.errors import PolicyReplyError
from records.rows import Attempt, Reject, Sample, Sampled
from records.taxonomy import Language, Modality
from renderers.contract import Picture
from sources.bundled import samples

BLANK = Picture(b"", 1, 1, "")


@pytest.mark.parametrize("modality", list(Modality))
def test_every_corruption_of_the_rates_is_in_the_catalog(modality: Modality) -> None:
    for kind, rate in drifts(modality):
        assert 0 < rate < 1, kind.kind
        for name in kind.corruptions:
            assert by_name(name, modality).modality is modality


@pytest.mark.parametrize("modality", list(Modality))
def test_a_drift_is_a_sampled_attempt_in_the_samples_language(modality: Modality) -> None:
    policy = BUILTIN[f"drift-{modality}"]
    for sample in samples(modality)[::9]:
        made = attempt(policy, sample, BLANK, seed=5)
        assert isinstance(made, Attempt), sample.upstream_id
        assert made == attempt(policy, sample, BLANK, seed=5)
        assert made.code != sample.code
        assert made.language is sample.language
        assert isinstance(made.origin, Sampled)


def test_kinds_come_as_often_as_their_rates_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn over many seeds; tries without any kind are drawn again, which lifts rates a little."""
    seen: Counter[str] = Counter()

    def noted(code: str, kind: drift.Drift, *_: object) -> str:
        seen[kind.kind] += 1
        return code + "\n"

    monkeypatch.setattr(drift, "_drifted", noted)
    sample = samples(Modality.TABLE)[0]
    times = 2000
    for seed in range(times):
        drift.redraw(sample, DriftSettings(rewrites=0), seed)
    none = 1.0
    for _, rate in drifts(Modality.TABLE):
        none *= 1 - rate
    for kind, rate in drifts(Modality.TABLE):
        assert seen[kind.kind] / times == pytest.approx(rate / (1 - none), abs=0.04), kind.kind


def test_where_nothing_drifts_there_is_a_reject_with_its_reason() -> None:
    plain = Sample.of(
        "|a|\n|-|\n",
        Language.MARKDOWN, source="mine", revision="1", licence="MIT", upstream_id="1",
    )  # fmt: skip
    with pytest.raises(PolicyReplyError) as caught:
        drift.redraw(plain, DriftSettings(rewrites=0, rate=0.01), 1)
    assert caught.value.reason == "nothing_drifts"
    broken = plain.model_copy(update={"code": "no table at all"})
    made = attempt(BUILTIN["drift-table"], broken, BLANK, seed=1)
    assert isinstance(made, Reject)
    assert made.reason == "no_table"


@pytest.mark.parametrize(
    ("old", "new", "share", "wanted"),
    [
        ("10", "20", 0.5, "15"),
        ("10", "11", 0.3, "11"),
        ("1.5", "3.0", 0.5, "2.25"),
        ("'red'", "'#0000ff'", 0.5, "'#800080'"),
        ("'Rain'", "'Snow'", 0.5, "'Snow'"),
        ("", ' transform="rotate(40 5 5)"', 0.25, ' transform="rotate(10 5 5)"'),
        ("", " translate(9 9) scale(1.4) translate(-9 -9)", 0.5, " translate(9 9) scale(1.2) translate(-9 -9)"),
        ("10", "20", 1.0, "20"),
    ],
)  # fmt: skip
def test_an_error_is_made_in_part(old: str, new: str, share: float, wanted: str) -> None:
    assert softened(Edit(0, len(old), new), old, share).new == wanted
