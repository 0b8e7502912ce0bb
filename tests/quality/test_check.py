"""What a dataset tells of how it was built."""

from __future__ import annotations

from pathlib import Path

from quality.stage import published_settings
from records.config import BuildConfig


def build_in(folder: Path) -> BuildConfig:
    return BuildConfig.model_validate(
        {
            "name": "x",
            "root": str(folder / "data"),
            "sources": {
                "unisvg": {"snapshot": f"{folder}/UniSVG/"},
                "folder": {"samples": f"{folder}/data/sources/folder"},
            },
            "policies": {"names": ["mine"], "files": [f"{folder}/configs/mine.toml"]},
            "annotate": {"files": [f"{folder}/configs/judges.toml"]},
            "publish": {"held_out": [f"{folder}/VC-RewardBench", "s3://lab/ChartMimic"]},
        }
    )


def test_a_dataset_does_not_tell_whose_machine_made_it(tmp_path: Path) -> None:
    told = published_settings(build_in(tmp_path))
    assert str(tmp_path) not in repr(told)
    assert told["sources"]["unisvg"]["snapshot"] == "UniSVG"
    assert told["publish"]["held_out"] == ["VC-RewardBench", "ChartMimic"]
    assert told["policies"] == {"names": ["mine"], "files": ["mine.toml"], "attempts_per_sample": 1}
    assert told == published_settings(build_in(tmp_path / "elsewhere"))
