"""Policies are data: built in or read from TOML, each mistake named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from policies.offline import BUILTIN
from policies.policy import Policy, read_policies
from policies.run import load_policies
from policies.settings import TracerSettings
from records.errors import ConfigError
from records.taxonomy import Modality

GOOD = """
[[policies]]
name = "my-tracer"
modality = "svg"
kind = "tracer"
share = 0.5

[policies.settings]
side_px = 48
colour_bits = 3
"""


def file_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "policies.toml"
    path.write_text(text)
    return str(path)


def test_built_in_policies_are_named_as_they_are_called() -> None:
    assert set(BUILTIN) >= {"vtracer-mid", "vtracer-weak", "vtracer-64px", "vtracer-32px"}
    assert all(policy.name == name for name, policy in BUILTIN.items())


def test_settings_have_hashes_of_their_own() -> None:
    assert len({policy.settings_hash for policy in BUILTIN.values()}) == len(BUILTIN)
    same = BUILTIN["vtracer-mid"].model_copy(update={"name": "other", "share": 0.1})
    assert same.settings_hash == BUILTIN["vtracer-mid"].settings_hash


def test_a_policy_is_frozen() -> None:
    with pytest.raises(ValidationError):
        BUILTIN["vtracer-mid"].name = "other"  # type: ignore[misc]


def test_a_file_adds_policies_and_hides_built_in_ones(tmp_path: Path) -> None:
    path = file_of(tmp_path, GOOD + GOOD.replace("my-tracer", "vtracer-mid"))
    mine, hidden, built_in = load_policies(["my-tracer", "vtracer-mid", "vtracer-weak"], [path])
    assert mine.settings == TracerSettings(side_px=48, colour_bits=3)
    assert mine.share == 0.5
    assert hidden.settings.side_px == 48
    assert built_in is BUILTIN["vtracer-weak"]


def test_names_keep_their_order_and_count_once() -> None:
    chosen = load_policies(["vtracer-weak", "vtracer-mid", "vtracer-weak"])
    assert [policy.name for policy in chosen] == ["vtracer-weak", "vtracer-mid"]


def test_an_unknown_name_says_what_is_known() -> None:
    with pytest.raises(ConfigError, match=r"'vtracer-mild'.*did you mean 'vtracer-mid'.*known: "):
        load_policies(["vtracer-mild"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[policies", "not TOML"),
        ("names = 3", r"only \[\[policies\]\] blocks.*names"),
        (GOOD + GOOD, "the name my-tracer is taken"),
        (GOOD.replace('kind = "tracer"', 'kind = "dream"'), r"\[\[policies\]\] 1: 'kind' = "),
        (GOOD.replace('kind = "tracer"', 'kind = ["tracer"]'), "'kind' = .*: must be 'tracer', "),
        ("policies = [1, 2]", r"only \[\[policies\]\] blocks .*, not values in policies"),
        (GOOD.replace('modality = "svg"', 'modality = "chart"'), "a tracer draws svg, not chart"),
        (
            GOOD.replace("colour_bits = 3", "colour_bits = 30"),
            r"\[\[policies\]\] 1: 'settings.colour_bits' = ",
        ),
        (GOOD.replace("side_px", "size"), r"\[\[policies\]\] 1: unknown setting 'settings.size'"),
        (GOOD.replace("my-tracer", "My Tracer"), r"\[\[policies\]\] 1: 'name' = "),
        (GOOD.replace("share = 0.5", "share = -1"), r"\[\[policies\]\] 1: 'share' = "),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read_policies(file_of(tmp_path, text))
    assert "policies.toml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        load_policies([], [str(tmp_path / "nowhere.toml")])


def test_a_policy_of_another_modality_is_none() -> None:
    with pytest.raises(ValidationError, match="draws svg"):
        Policy(name="x", modality=Modality.TABLE, kind="tracer")
