"""From a policy's checkpoint to a served model and its scores, in one command.

``python -m train.export --config FILE --task chart --out RUN --build BUILD`` merges veRL's newest checkpoint
(`RUN/grpo-<task>/global_step_<n>`) into `RUN/grpo-<task>/model`, lets it draw the samples of a build configuration
(the build serves it by vLLM, on the GPUs of `[judges]`, and stops it), and writes the measures of
`train.evaluate.policy_scores` to `RUN/scores-<task>/scores.json`. ``--model FOLDER`` takes a model that stands,
such as the base, in place of the checkpoint. A killed run goes on where it was.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from endpoints.server import ServerSettings
from records.config import load as load_build
from records.errors import RunError
from records.files import write_json
from records.taxonomy import Modality
from train.evaluate.policy_scores import score_dataset, table_of
from train.exit_codes import ended
from train.export.checkpoint import merged, version_of
from train.export.settings import policy_block, scoring_build, write_toml
from train.jobs.serving import judge_servers
from train.settings import TrainConfig, load


def served_policy(config: TrainConfig, task: Modality, model: str, logs: Path) -> ServerSettings:
    """How the policy is served: as one server of `[judges]` would be."""
    reward = config.reward.model_copy(update={"served_name": f"grpo-{task}"})
    judges = config.judges.model_copy(update={"servers": 1, "model": ""})
    one = config.model_copy(update={"reward": reward, "judges": judges})
    [server] = judge_servers(one, model, logs)
    return server


def export(
    config: TrainConfig, task: Modality, out: Path, build_file: str, model: str = ""
) -> tuple[Path, str]:
    """Merge, let draw, score; where the scores stand, and their table.

    Args:
        config: Settings of the run.
        task: The policy's.
        out: Folder of the run.
        build_file: TOML file of a build whose samples are drawn.
        model: In place of the newest checkpoint.

    Raises:
        ConfigError: no checkpoint, no environment with veRL, or a wrong setting.
        RunError: merging or the build failed.
    """
    step = 0
    if not model:
        folder, step = merged(out / f"grpo-{task}", config.grpo)
        model = str(folder)
    place = out / f"scores-{task}"
    policies, file = place / "policies.toml", place / "build.toml"
    write_toml(policies, policy_block(task, served_policy(config, task, model, place / "logs")))
    build = scoring_build(
        load_build(build_file), task, str(policies.resolve()), version_of(model, step)
    )
    build = build.changed(root=str(place.resolve()))
    write_toml(file, build.model_dump(mode="json"))
    argv = [sys.executable, "-m", "vermillion", "build", str(file)]
    if subprocess.run(argv, check=False).returncode:
        raise RunError(f"{file}: the policy's attempts could not be built; see above")
    scores = score_dataset(f"{build.root}/datasets/{build.name}/{build.version}")
    by_policy = {
        policy: {
            name: {measure: asdict(mean) for measure, mean in means.items()}
            for name, means in tasks.items()
        }
        for policy, tasks in scores.items()
    }
    write_json(place / "scores.json", {"model": model, "step": step, "scores": by_policy})
    return place / "scores.json", table_of(scores)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.export", description=__doc__)
    parser.add_argument("--config", required=True, help="a TOML file, as in configs/train/")
    parser.add_argument("--task", required=True, choices=[str(task) for task in Modality])
    parser.add_argument("--out", required=True, type=Path, help="folder of the run")
    parser.add_argument("--build", required=True, help="build configuration with the samples")
    parser.add_argument("--model", default="", help="a model in place of the newest checkpoint")
    asked = parser.parse_args(arguments)

    def work() -> None:
        given = (Modality(asked.task), asked.out, asked.build, asked.model)
        file, table = export(load(asked.config), *given)
        print(table)
        print(f"export: {file}")

    return ended("export", work)
