"""Commands that measure or ask models and annotators: audit, policies, verify, refine, teach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.errors import ConfigError
from records.taxonomy import Modality
from vermillion.cli.commands.shared import Json, err, out, require_writable

commands = typer.Typer()


@commands.command()
def audit(
    dataset: Annotated[
        str, typer.Argument(help="A published dataset; the samples of --source if not given.")
    ] = "",
    annotator: Annotated[
        str, typer.Option(help="Who is audited: `structural`, or a model by its name.")
    ] = "structural",
    annotators: Annotated[
        list[Path] | None,
        typer.Option(
            "--annotators",
            help="TOML file that defines models; all of configs/annotators if not given.",
        ),
    ] = None,
    source: Annotated[
        str, typer.Option(help="`bundled`, or a folder in upstream's layout.")
    ] = "bundled",
    modality: Annotated[
        list[Modality] | None, typer.Option(help="Only this one; may be repeated.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most samples per modality.")] = None,
    per_sample: Annotated[
        int, typer.Option(min=0, help="Most corruptions of a sample; 0 tries all.")
    ] = 0,
    ladders: Annotated[
        int, typer.Option(min=0, help="Kinds of growing error tried on a sample.")
    ] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Decides every random choice.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Samples worked on at once.")] = 1,
    out_dir: Annotated[
        str, typer.Option("--out", help="Folder for report.json, report.md and plots.")
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Exit code 1 if a bound is missed.")
    ] = False,
    lane: Annotated[
        str,
        typer.Option(
            help="Measure one property only: typed, rewrites, pairs, traced, natural, cases, cheap."
        ),
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of pairs with known answers, for natural, cases and cheap."),
    ] = None,
    expected: Annotated[
        Path | None,
        typer.Option(help="Expected labels for cases; expected.json in --data if not given."),
    ] = None,
    json_: Json = False,
) -> None:
    """Measure an annotator on injected errors, which are known."""
    from vermillion.cli.audit import AuditRequest, audit_annotator, chosen_samples

    if out_dir:
        require_writable(out_dir)
    order = AuditRequest(
        dataset=dataset,
        source=source,
        annotator=annotator,
        modalities=tuple(modality or Modality),
        limit=limit,
        per_sample=per_sample,
        ladders=ladders,
        seed=seed,
        workers=workers,
    )
    if lane:
        from vermillion.cli.audit_suites import audit_lane

        if annotator != "structural":
            raise ConfigError("--lane measures the structural annotator; leave --annotator out")
        missed = audit_lane(
            lane,
            lambda: chosen_samples(order),
            modalities=order.modalities,
            data=data,
            expected=expected,
            per_sample=per_sample,
            seed=seed,
            as_json=json_,
            out=out,
        )
    elif annotator == "structural":
        missed = audit_annotator(order, json_, out_dir, out, err)
    else:
        from vermillion.cli.audit_lvlm import audit_model

        files = [str(file) for file in annotators or ()]
        missed = audit_model(order, files, json_, out_dir, out, err)
    if check and missed:
        for line in missed:
            err.print(f"bound missed: {line}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1)


@commands.command()
def policies(
    names: Annotated[
        list[str] | None, typer.Argument(help="Policies; all built-in ones if not given.")
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="TOML file that defines policies; may be repeated.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="`bundled`, or a folder in upstream's layout.")
    ] = "bundled",
    limit: Annotated[int | None, typer.Option(min=1, help="Most samples per modality.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Decides every random choice.")] = 0,
    json_: Json = False,
) -> None:
    """Measure weak policies: rejects by type, SSIM, TEDS, errors by category and severity."""
    from vermillion.cli.policy_figures import report_policies

    files = [str(one) for one in file or ()]
    report_policies(names or (), files, source, limit, seed, json_, out, err)


@commands.command()
def verify(
    dataset: Annotated[str, typer.Argument(help="A published dataset.")],
    sample: Annotated[int | None, typer.Option(min=1, help="Most rows to re-render.")] = None,
    json_: Json = False,
) -> None:
    """Re-render rows and compare pixel hashes; exit code 1 on drift."""
    from vermillion.cli.datasets import verify_dataset

    if not verify_dataset(dataset, sample, json_, out):
        raise typer.Exit(1)


@commands.command()
def refine(
    pictures: Annotated[
        list[Path],
        typer.Argument(
            help="Pictures of references; their programs where the critic is structural."
        ),
    ],
    modality: Annotated[Modality, typer.Option(help="What they show.")],
    policy_url: Annotated[str, typer.Option(help="OpenAI-compatible server, with /v1.")],
    policy: Annotated[str, typer.Option(help="Name of the model that writes programs.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for programs and transcripts.")],
    critic_url: Annotated[
        list[str] | None, typer.Option(help="Server of the reward model; may be repeated.")
    ] = None,
    critic: Annotated[
        str,
        typer.Option(
            help="Name of the reward model there; `structural` compares exactly, without a server."
        ),
    ] = "visual-erm",
    rounds: Annotated[int, typer.Option(min=1, help="Most programs, the first included.")] = 3,
    best_of: Annotated[
        int, typer.Option(min=0, help="So many programs apart, in place of rounds.")
    ] = 0,
    threshold: Annotated[int, typer.Option(min=0, help="Severity that is good enough.")] = 0,
    key_env: Annotated[str, typer.Option(help="Environment variable with the servers' key.")] = "",
    prompts: Annotated[
        str, typer.Option(help="File with the prompts that the critic was trained on.")
    ] = "",
) -> None:
    """Let a model redraw pictures, and correct its programs by the critic's comments."""
    from quality.format.prompts import read_prompts
    from train.refine.run import Refinement
    from vermillion.cli.refine import refine_pictures

    require_writable(out_dir)
    servers = (policy_url, policy, tuple(critic_url or ()), critic, key_env)
    refine_pictures(
        pictures,
        modality,
        servers,
        Refinement(best_of or rounds, threshold, independent=bool(best_of)),
        out_dir,
        read_prompts(prompts),
        out,
    )


@commands.command()
def teach(
    dataset: Annotated[str, typer.Argument(help="A published dataset.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder of the run; it goes on there.")],
    hold_source: Annotated[
        list[str] | None,
        typer.Option(help="Source that no net learns from; default: a third of the samples."),
    ] = None,
    hold_policy: Annotated[
        list[str] | None, typer.Option(help="Policy whose natural pairs no net learns from.")
    ] = None,
    audit: Annotated[
        str,
        typer.Option(
            help="Rates of noisy labels: JSON of `vermillion audit --annotator`; default: assumed."
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="Only so many pairs; 0 takes all.")] = 0,
    steps: Annotated[int, typer.Option(min=1, help="Of each net, 32 pairs each.")] = 400,
    seeds: Annotated[int, typer.Option(min=1, help="Nets of each arm.")] = 3,
    only_bars: Annotated[bool, typer.Option(help="Only the arms that bars are about.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Nets that learn at once.")] = 2,
    minutes: Annotated[float, typer.Option(help="Begin no further net after so many.")] = 240.0,
) -> None:
    """Train small nets on exact, noisy and shuffled labels: does the dataset teach?"""
    from vermillion.cli.teach import teach_nets

    require_writable(out_dir)
    values: dict[str, str | float] = {"audit": audit, "limit": limit, "steps": steps}
    values |= {"seeds": seeds, "workers": workers, "minutes": minutes}
    held = {"hold-source": hold_source or [], "hold-policy": hold_policy or []}
    teach_nets(dataset, out_dir, values, held, only_bars)
