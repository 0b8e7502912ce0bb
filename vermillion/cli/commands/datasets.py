"""Commands on a published dataset: inspect, gallery, push, explain, prune."""

from __future__ import annotations

from typing import Annotated

import typer

from vermillion.cli.commands.shared import Json, out, require_page, require_writable

commands = typer.Typer()


@commands.command()
def inspect(
    dataset: Annotated[str, typer.Argument(help="A published dataset: its folder or URL.")],
    json_: Json = False,
) -> None:
    """Counts of a dataset, its rejects by reason, and where its plots are."""
    from vermillion.cli.datasets import inspect_dataset

    inspect_dataset(dataset, json_, out)


@commands.command()
def gallery(
    dataset: Annotated[str, typer.Argument(help="A published dataset.")],
    out_dir: Annotated[str, typer.Option("--out", help="Folder for the page.")],
    limit: Annotated[
        int | None, typer.Option(min=1, help="Most pairs to show, drawn evenly; all if not given.")
    ] = None,
) -> None:
    """A self-contained web page of all pairs: blink, difference, boxes, labels."""
    from vermillion.cli.datasets import write_gallery

    require_writable(out_dir)
    write_gallery(dataset, out_dir, limit, out)


@commands.command()
def push(
    dataset: Annotated[str, typer.Argument(help="A published dataset on this disk.")],
    repo: Annotated[str, typer.Argument(help="Repository of the Hugging Face hub: user/name.")],
    public: Annotated[bool, typer.Option("--public", help="Make a new repository public.")] = False,
    allow_licence: Annotated[
        list[str] | None, typer.Option(help="A licence that you may pass on; may be repeated.")
    ] = None,
) -> None:
    """Push a dataset to the Hugging Face hub, after a license check; logs in with HF_TOKEN."""
    from quality.dataset.push import push_dataset

    sent = push_dataset(dataset, repo, not public, allow_licence or ())
    out.print(f"{repo}: {'pushed' if sent else 'is there already'}", highlight=False)


@commands.command()
def explain(
    row: Annotated[str, typer.Argument(help="Id of a pair, or its first characters.")],
    dataset: Annotated[
        str, typer.Argument(help="A published dataset.")
    ] = "data/demo/datasets/demo",
    html: Annotated[
        str, typer.Option(help="Also write a page with pictures and boxes to this file.")
    ] = "",
    why: Annotated[
        bool,
        typer.Option("--why", help="Draw the pair again and add the output of `compare --why`."),
    ] = False,
) -> None:
    """Explain one pair: its labels, its edit, and the reason of each label."""
    from vermillion.cli.datasets import explain_row

    require_page(html)
    explain_row(row, dataset, html, why, out)


@commands.command()
def prune(
    dataset: Annotated[
        str, typer.Argument(help="The folder of all versions, such as data/datasets/demo.")
    ],
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest versions stay.")] = 3,
    remove: Annotated[
        list[str] | None, typer.Option(help="Remove just this version instead; may be repeated.")
    ] = None,
    work: Annotated[
        bool, typer.Option(help="Also remove shards of work that no build reads any more.")
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be removed, and remove nothing.")
    ] = False,
) -> None:
    """Remove old versions of a dataset, and what is left over of its work."""
    from vermillion.cli.prune import prune_dataset

    prune_dataset(dataset, keep, remove or (), work, dry_run, out)
