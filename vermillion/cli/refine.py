"""`vermillion refine`: what each round brought, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from endpoints.settings import endpoint_at
from records.errors import ConfigError
from records.taxonomy import Modality
from train.refine.run import STRUCTURAL, Refinement, refine_files


def refine_pictures(
    pictures: Sequence[Path],
    modality: Modality,
    servers: tuple[str, str, tuple[str, ...], str, str],
    rounds: int,
    threshold: int,
    out_dir: Path,
    out: Console,
    independent: bool = False,
) -> None:
    """Refine programs for pictures and print their rewards.

    Args:
        pictures: Files of references.
        modality: What they show.
        servers: The policy's address and model, the critic's addresses and model, and the
            environment variable that holds the key.
        rounds: Most programs written for a picture.
        threshold: Sum of severities that is good enough.
        out_dir: Folder for programs, drawings and transcripts.
        out: Where the table goes.
        independent: Whether each round starts afresh: best of `rounds`.

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
        Refinement(rounds=rounds, threshold=threshold, independent=independent),
    )
    table = Table("picture", "reward by round, 0 to 2", "kept")
    for one in refined:
        rewards = "  ".join("?" if r.reward is None else f"{r.reward:.2f}" for r in one.rounds)
        table.add_row(one.name, rewards, f"round {one.best.number}" if one.best else "none")
    out.print(table)
    out.print(f"{out_dir}/summary.md", highlight=False, soft_wrap=True)
