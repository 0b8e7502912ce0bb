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
