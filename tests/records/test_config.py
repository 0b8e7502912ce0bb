from __future__ import annotations

from pathlib import Path

import pytest

from records.config import BuildConfig, fingerprint, load, loads, parse
from records.errors import ConfigError

GOOD = {"name": "x", "sources": {"bundled": {}}}
HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sources": {"bundled": {}}}, "'name' is missing"),
        ({**GOOD, "sede": 1}, "unknown setting 'sede'"),
        ({**GOOD, "corruption": {"attemps": 1}}, "unknown setting 'corruption.attemps'"),
        ({**GOOD, "seed": -1}, "'seed'"),
        ({**GOOD, "name": "../x"}, "'name'"),
        ({**GOOD, "sources": {}}, "'sources'"),
        ({**GOOD, "corruption": {"errors": [0, 0]}}, "not all zero"),
        (
            {**GOOD, "corruption": {"category_weights": {"table": {"style_error": 1}}}},
            "no table category",
        ),
        ({**GOOD, "publish": {"validation_share": 0.6, "test_share": 0.5}}, "nothing to train on"),
        ({**GOOD, "sources": {"unisvg": {"snapshot": "a", "samples": "b"}}}, "not both"),
        ({**GOOD, "modalities": ["charts"]}, "'modalities.0'"),
        ({**GOOD, "modalities": []}, "'modalities'"),
        ({**GOOD, "corruption": {"errors": [float("nan")]}}, "'corruption.errors.0'"),
        ({**GOOD, "corruption": {"identical_share": float("nan")}}, "'corruption.identical_share'"),
        ({**GOOD, "quality": {"max_reject_share": {"draw": 0.5}}}, "'draw' is no stage"),
        # Work would go to /work and /datasets.
        ({**GOOD, "root": ""}, "'root' = '': must not be empty"),
        ({**GOOD, "workers": True}, "'workers' = true: must not be true or false"),
        ({**GOOD, "sources": {"bundled": {"limit": False}}}, "must not be true or false"),
        ({**GOOD, "render": {"memory_mb": 10**30}}, "must be at most 1048576"),
    ],
)
def test_each_mistake_is_named_in_one_line(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(values, "a.toml")
    assert said in str(caught.value)
    assert str(caught.value).startswith("a.toml: ")
    assert "\n" not in str(caught.value)


def test_a_missing_and_a_broken_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("name = ")
    with pytest.raises(ConfigError, match="not TOML"):
        load(tmp_path / "broken.toml")


def test_a_snapshot_is_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\n[sources.unisvg]\nsnapshot = "here"\n')
    assert load(tmp_path / "a.toml").sources["unisvg"].snapshot == str(tmp_path / "here")


def test_a_snapshot_may_be_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "a.toml").write_text('name = "a"\n[sources.unisvg]\nsnapshot = "~/UniSVG"\n')
    assert load(tmp_path / "a.toml").sources["unisvg"].snapshot == str(tmp_path / "home/UniSVG")


def test_one_bound_that_is_raised_leaves_the_others() -> None:
    def shares(given: dict[str, float]) -> dict[str, float]:
        return parse({**GOOD, "quality": {"max_reject_share": given}}, "x").quality.max_reject_share

    usual = BuildConfig.model_validate(GOOD).quality.max_reject_share
    assert shares({"render": 0.5}) == {**usual, "render": 0.5}
    assert shares({}) == {}  # no bound at all


def test_a_modality_counts_once() -> None:
    config = parse({**GOOD, "modalities": ["svg", "chart", "svg"]}, "x")
    assert [str(modality) for modality in config.modalities] == ["svg", "chart"]


@pytest.mark.parametrize("file", sorted((HOUSE / "configs").glob("*.toml")), ids=lambda p: p.stem)
def test_the_configurations_that_come_with_it_load(file: Path) -> None:
    config = load(file)
    assert loads(config.model_dump_json(), "x") == config
    assert file.read_text().startswith("# vermillion build ")


def test_a_change_is_validated_and_shows_in_the_fingerprint() -> None:
    config = parse(dict(GOOD), "x")
    assert fingerprint(config) == fingerprint(BuildConfig.model_validate(GOOD))
    assert fingerprint(config.changed(seed=1)) != fingerprint(config)
    with pytest.raises(ConfigError):
        config.changed(shard_size=0)
