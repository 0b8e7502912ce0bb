"""`vermillion refine`: what each round brought, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from endpoints.settings import endpoint_at
from quality.format.prompts import Prompts
from records.errors import ConfigError
from records.taxonomy import Modality
from train.refine.run import STRUCTURAL, Refinement, refine_files


def refine_pictures(
    pictures: Sequence[Path],
    modality: Modality,
    servers: tuple[str, str, tuple[str, ...], str, str],
    settings: Refinement,
    out_dir: Path,
    prompts: Prompts,
    out: Console,
) -> None:
    """Refine programs for pictures and print their rewards.

    Args:
        pictures: Files of references.
        modality: What they show.
        servers: The policy's address and model, the critic's addresses and model, and the
            environment variable that holds the key.
        settings: How many programs are written for a picture, and when one is good enough.
        out_dir: Folder for programs, drawings and transcripts.
        prompts: What the critic was trained on.
        out: Where the table goes.

    Raises:
        ConfigError: neither a critic's address nor `structural`, or both.
    """
    policy_url, policy, critic_urls, critic, key_env = servers
    if (critic == STRUCTURAL) == bool(critic_urls):
        raise ConfigError("give --critic-url, or --critic structural and the references' programs")
    refined = refine_files(
        pictures,
        modality,
        endpoint_at(policy_url, policy, api_key_env=key_env),
        [endpoint_at(url, critic, api_key_env=key_env, reasks=2) for url in critic_urls],
        out_dir,
        settings,
        prompts,
    )
    table = Table("picture", "reward by round, 0 to 2", "kept")
    for one in refined:
        rewards = "  ".join("?" if r.reward is None else f"{r.reward:.2f}" for r in one.rounds)
        table.add_row(one.name, rewards, f"round {one.best.number}" if one.best else "none")
    out.print(table)
    out.print(f"{out_dir}/summary.md", highlight=False, soft_wrap=True)
