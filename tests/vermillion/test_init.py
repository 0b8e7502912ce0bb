"""The command init."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from records.config import BuildConfig, load
from records.errors import ConfigError
from records.sections import SourceConfig
from vermillion.cli.init import write_config

COMMENTED = re.compile(r"(?m)^# (\[[a-z.]+\]|[a-z_]+ = )")


def test_the_file_is_a_configuration(tmp_path: Path) -> None:
    file = tmp_path / "my-charts.toml"
    write_config(file)
    config = load(file)
    assert (config.name, config.policies.names) == ("my-charts", ("vtracer-mid",))


def test_every_commented_line_shows_the_default(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    write_config(file)
    text = file.read_text(encoding="utf-8")
    (tmp_path / "path/to/folder").mkdir(parents=True)
    file.write_text(COMMENTED.sub(r"\1", text), encoding="utf-8")
    shown = load(file)
    plain = BuildConfig(name="all", sources={"bundled": SourceConfig(limit=10)})
    differing = {
        name
        for name in BuildConfig.model_fields
        if name not in ("sources", "policies") and getattr(shown, name) != getattr(plain, name)
    }
    assert differing == set()
    keys = set(re.findall(r"(?m)^#? ?([a-z_]+) = ", text))
    assert keys >= {"attempts_per_sample", "timeout_s", "max_reject_share", "rounds", "held_out"}


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="there already"):
        write_config(file)
    assert file.read_text() == "mine"
