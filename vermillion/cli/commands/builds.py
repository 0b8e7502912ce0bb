"""Commands that make a dataset: build, init, pull."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vermillion.cli.commands.shared import Json, err, out, require_writable

commands = typer.Typer()


@commands.command()
def build(
    config: Annotated[Path, typer.Argument(help="A TOML file, such as configs/demo.toml.")],
    out_dir: Annotated[
        str, typer.Option("--out", help="Write here instead of the file's root.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Most samples per source.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Shards worked on at once.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the file's seed.")] = None,
) -> None:
    """Run the whole data path without Airflow. Resumes where an earlier run stopped."""
    from records.config import load
    from vermillion.cli.build_table import print_build
    from vermillion.pipeline.form import checked_config
    from vermillion.pipeline.local import build as run

    settings = load(config)
    changes: dict[str, Any] = {}
    if out_dir:
        changes["root"] = out_dir
    if workers:
        changes["workers"] = workers
    if seed is not None:
        changes["seed"] = seed
    if limit:
        changes["sources"] = {
            name: {**source.model_dump(), "limit": limit}
            for name, source in settings.sources.items()
        }
    settings = checked_config(settings.changed(**changes))
    try:
        built = run(settings, err)
    except KeyboardInterrupt:
        err.print("stopped; what was finished stands: the same command goes on", highlight=False)
        raise typer.Exit(130) from None
    print_build(built, settings, out)


@commands.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("vermillion.toml"),
) -> None:
    """Write a configuration file with every setting, its default and its meaning."""
    from vermillion.cli.init import write_config

    write_config(file)
    out.print(f"wrote {file}; next: vermillion build {file}", highlight=False)


@commands.command()
def pull(
    source: Annotated[str, typer.Argument(help="chartmimic, omnidocbench, unisvg, folder, ...")],
    out_dir: Annotated[str, typer.Option("--out", help="Folder or URL for the sample shards.")],
    snapshot: Annotated[
        Path | None, typer.Option(help="Folder that holds the upstream files.")
    ] = None,
    revision: Annotated[str, typer.Option(help="Upstream commit to download.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Most samples to take.")] = None,
    shard_size: Annotated[int, typer.Option(min=1, help="Samples a shard, about.")] = 256,
    json_: Json = False,
) -> None:
    """Turn an upstream snapshot into sample shards, from a folder or from the hub."""
    from vermillion.cli.pull import pull_source

    require_writable(out_dir)
    pull_source(
        source,
        out_dir=out_dir,
        snapshot=snapshot,
        revision=revision,
        limit=limit,
        shard_size=shard_size,
        as_json=json_,
        out=out,
    )
