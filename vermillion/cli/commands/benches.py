"""The commands `bench render`, `bench pipeline`, `bench reward` and `bench soak`, and `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vermillion.cli.commands.shared import Json, out

commands = typer.Typer()
bench = typer.Typer(
    help="Measure ours against the reference way, side by side.", no_args_is_help=True
)
commands.add_typer(bench, name="bench")


@bench.command("render")
def bench_render(
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds.")] = 3,
    programs: Annotated[int, typer.Option(min=1, help="Programs of each modality.")] = 6,
    json_: Json = False,
) -> None:
    """Renders per second, CPU and memory of each modality, compared with the reference way."""
    from bench.render import bench_render as run

    run(rounds, programs, json_, out)


@bench.command("pipeline")
def bench_pipeline(
    config: Annotated[Path, typer.Argument(help="The build to measure.")] = Path(
        "configs/demo.toml"
    ),
    limit: Annotated[int, typer.Option(min=1, help="Most samples per source.")] = 120,
    airflow: Annotated[
        bool, typer.Option(help="Also build it with Airflow's own processes, in up to 20 ranges.")
    ] = True,
    json_: Json = False,
) -> None:
    """CPU of a published pair by stage and modality; what Airflow adds; what many pairs would take."""
    from vermillion.pipeline.bench import bench_pipeline as run

    run(config, limit, airflow, json_, out)


@bench.command("reward")
def bench_reward(
    references: Annotated[int, typer.Option(min=1, help="Bundled samples of each modality.")] = 12,
    seed: Annotated[int, typer.Option(help="Of the errors and the attempts.")] = 0,
    json_: Json = False,
) -> None:
    """Exact rewards per second and core, and whether they rank attempts correctly; with SSIM."""
    from bench.reward import bench_reward as run

    run(references, seed, json_, out)


@bench.command("soak")
def bench_soak(
    renders: Annotated[int, typer.Option(min=1, help="Renders in all.")] = 5000,
    hostile: Annotated[float, typer.Option(min=0, max=1, help="Share of hostile ones.")] = 0.05,
    every: Annotated[int, typer.Option(min=1, help="Renders from one census to the next.")] = 250,
    seed: Annotated[int, typer.Option(help="Of the order.")] = 0,
    timeout_s: Annotated[float, typer.Option(min=1, help="Deadline of a render.")] = 6.0,
    escape: Annotated[
        Path | None, typer.Option(help="Hostile programs; default: those of the checkout.")
    ] = None,
    programs: Annotated[
        Path | None, typer.Option(help="Folder of more programs, beside the bundled ones.")
    ] = None,
    json_: Json = False,
) -> None:
    """Thousands of renders, some hostile: exit code 1 if anything grows or any picture changes."""
    from bench.soak import ESCAPE
    from bench.soak import bench_soak as run

    if not run(
        renders,
        hostile,
        every,
        seed,
        timeout_s,
        escape=escape or ESCAPE,
        programs=programs,
        as_json=json_,
        out=out,
    ):
        raise typer.Exit(1)


@commands.command()
def doctor(
    config: Annotated[
        Path | None,
        typer.Option(help="Try all that a build of this TOML file will need, before it is built."),
    ] = None,
    json_: Json = False,
) -> None:
    """Each layer of isolation and each tool: there, effective, or what to do. Exit code 1 if unsafe."""
    from vermillion.cli.doctor import report

    if not report(config, json_, out):
        raise typer.Exit(1)
