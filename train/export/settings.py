"""The build that lets a policy draw, as TOML: your build's sources, this policy, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from endpoints.server import ServerSettings
from records.config import BuildConfig
from records.sections import DatasetRuleName
from records.taxonomy import Modality


def scoring_build(build: BuildConfig, task: Modality, policies: str, version: str) -> BuildConfig:
    """Your build with this policy's attempts alone: no injected error, no bound on what fails.

    Args:
        build: Whose samples are drawn.
        task: The policy's.
        policies: File that defines it.
        version: Another one for another model: a build does not look into the weights.
    """
    none = ("identical", "equivalent", "unseen", "degenerate", "minimal_pair")
    return build.changed(
        name=f"grpo-{task}",
        version=version,
        modalities=[task],
        corruption={"attempts_per_sample": 0, **{f"{share}_share": 0.0 for share in none}},
        policies={"names": [f"grpo-{task}"], "files": [policies]},
        annotate={},
        quality={"max_reject_share": {}, "warn": list(get_args(DatasetRuleName))},
        publish={"gallery": False, "preview": False},
        refresh={},
    )


def policy_block(task: Modality, server: ServerSettings) -> dict[str, Any]:
    """The policies file: a model that the build serves for itself while it is asked."""
    served = server.model_dump(mode="json", exclude_defaults=True, exclude={"port", "served_name"})
    endpoint = {
        "base_url": f"http://127.0.0.1:{server.port}/v1",
        "model": f"grpo-{task}",
        "server": served,
    }
    policy = {"name": f"grpo-{task}", "modality": str(task), "kind": "endpoint"}
    return {
        "policies": [{**policy, "endpoint": f"grpo-{task}"}],
        "endpoints": {f"grpo-{task}": endpoint},
    }


def write_toml(file: Path, values: Mapping[str, Any]) -> None:
    """Write settings as `records.settings.read_toml` reads them; what is None is left out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(_lines(values, ())) + "\n", encoding="utf-8")


def _lines(values: Mapping[str, Any], place: tuple[str, ...]) -> list[str]:
    lines, below = [], []
    for name, value in values.items():
        inside = (*place, json.dumps(name))
        if isinstance(value, Mapping):
            below += ["", f"[{'.'.join(inside)}]", *_lines(value, inside)]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for one in value:
                below += ["", f"[[{'.'.join(inside)}]]", *_lines(one, inside)]
        elif value is not None:
            lines.append(f"{json.dumps(name)} = {json.dumps(value, ensure_ascii=False)}")
    return lines + below
