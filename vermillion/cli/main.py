"""The command `vermillion`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from records.errors import ConfigError, PipelineError
from records.taxonomy import Modality

app = typer.Typer(
    name="vermillion",
    help="An open data engine for visual reward models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console()
err = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def _writable(folder: str | Path) -> None:
    from records.shards import writable

    writable(str(folder), "--out")


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"vermillion {version('vermillion')}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version_: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """Options before the command."""


@app.command()
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
    print_build(run(settings, err), settings, out)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("vermillion.toml"),
) -> None:
    """Write a configuration file with every setting, its default and its meaning."""
    from vermillion.cli.init import write_config

    write_config(file)
    out.print(f"wrote {file}; next: vermillion build {file}", highlight=False)


@app.command()
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

    _writable(out_dir)
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


@app.command()
def corrupt(
    file: Annotated[Path, typer.Argument(help="A program: .py, .html, .md or .svg.")],
    list_: Annotated[
        bool, typer.Option("--list", help="List corruptions and whether they apply.")
    ] = False,
    name: Annotated[
        str, typer.Option(help="Corruption to apply; one that applies if not given.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Decides every random choice.")] = 0,
    json_: Json = False,
) -> None:
    """Apply one typed corruption to a program, or list what applies."""
    from vermillion.cli.programs import corrupt_file, list_corruptions

    if list_:
        list_corruptions(file, json_, out)
    else:
        corrupt_file(file, name, seed, json_, out)


@app.command()
def render(
    files: Annotated[list[Path], typer.Argument(help="Programs: .py, .html, .md or .svg.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the pictures.")],
    json_: Json = False,
    timeout_s: Annotated[float, typer.Option(min=0.1, help="Seconds a program may take.")] = 20.0,
    html: Annotated[
        str, typer.Option(help="Also write one page with all pictures and programs to this file.")
    ] = "",
) -> None:
    """Draw programs in isolation; a line for each. Exit code 1 if any is not ok."""
    from vermillion.cli.programs import render_files

    _writable(out_dir)
    if not render_files(files, out_dir, json_, timeout_s, html, out):
        raise typer.Exit(1)


@app.command()
def compare(
    reference: Annotated[Path, typer.Argument(help="The program that is right.")],
    candidate: Annotated[Path, typer.Argument(help="The program that claims to draw the same.")],
    json_: Json = False,
    html: Annotated[
        str, typer.Option(help="Also write a page with pictures, boxes and labels to this file.")
    ] = "",
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="Also tell what each label stands for and by which rule, and what was seen and not reported.",
        ),
    ] = False,
) -> None:
    """Name every visible difference of two programs of one modality."""
    from vermillion.cli.programs import compare_files

    compare_files(reference, candidate, json_, html, why, out)


@app.command()
def inspect(
    dataset: Annotated[str, typer.Argument(help="A published dataset: its folder or URL.")],
    json_: Json = False,
) -> None:
    """Counts of a dataset, its rejects by reason, and where its plots are."""
    from vermillion.cli.datasets import inspect_dataset

    inspect_dataset(dataset, json_, out)


@app.command()
def gallery(
    dataset: Annotated[str, typer.Argument(help="A published dataset.")],
    out_dir: Annotated[str, typer.Option("--out", help="Folder for the page.")],
    limit: Annotated[
        int | None, typer.Option(min=1, help="Most pairs to show, drawn evenly; all if not given.")
    ] = None,
) -> None:
    """A self-contained web page of all pairs: blink, difference, boxes, labels."""
    from vermillion.cli.datasets import write_gallery

    _writable(out_dir)
    write_gallery(dataset, out_dir, limit, out)


@app.command()
def push(
    dataset: Annotated[str, typer.Argument(help="A published dataset on this disk.")],
    repo: Annotated[str, typer.Argument(help="Repository of the Hugging Face hub: user/name.")],
    public: Annotated[bool, typer.Option("--public", help="Make a new repository public.")] = False,
    allow_licence: Annotated[
        list[str] | None, typer.Option(help="A licence that you may pass on; may be repeated.")
    ] = None,
) -> None:
    """Push a dataset to the Hugging Face hub, after a look at its licences; HF_TOKEN lets you in."""
    from quality.dataset.push import push_dataset

    sent = push_dataset(dataset, repo, not public, allow_licence or ())
    out.print(f"{repo}: {'pushed' if sent else 'is there already'}", highlight=False)


@app.command()
def explain(
    row: Annotated[str, typer.Argument(help="Id of a pair, or how it begins.")],
    dataset: Annotated[
        str, typer.Argument(help="A published dataset.")
    ] = "data/demo/datasets/demo",
    html: Annotated[
        str, typer.Option(help="Also write a page with pictures and boxes to this file.")
    ] = "",
    why: Annotated[
        bool, typer.Option("--why", help="Draw the pair again and tell what `compare --why` tells.")
    ] = False,
) -> None:
    """One pair with its labels, its edit, and why each label stands."""
    from vermillion.cli.datasets import explain_row

    explain_row(row, dataset, html, why, out)


@app.command()
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


@app.command()
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
        typer.Option(help="Folder of pairs with known answers, for the lanes that read some."),
    ] = None,
    expected: Annotated[
        Path | None,
        typer.Option(help="Right answers of the lane cases; expected.json in --data if not given."),
    ] = None,
    json_: Json = False,
) -> None:
    """Measure an annotator against errors that were injected and are known."""
    from vermillion.cli.audit import AuditRequest, audit_annotator, chosen_samples

    if out_dir:
        _writable(out_dir)
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


@app.command()
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


@app.command()
def verify(
    dataset: Annotated[str, typer.Argument(help="A published dataset.")],
    sample: Annotated[int | None, typer.Option(min=1, help="Most rows to re-render.")] = None,
    json_: Json = False,
) -> None:
    """Re-render rows and compare pixel hashes; exit code 1 on drift."""
    from vermillion.cli.datasets import verify_dataset

    if not verify_dataset(dataset, sample, json_, out):
        raise typer.Exit(1)


@app.command()
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
) -> None:
    """A model draws pictures again, by what the critic says of its first try."""
    from vermillion.cli.refine import refine_pictures

    _writable(out_dir)
    servers = (policy_url, policy, tuple(critic_url or ()), critic, key_env)
    refine_pictures(
        pictures, modality, servers, best_of or rounds, threshold, out_dir, out, bool(best_of)
    )


@app.command()
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
    steps: Annotated[int, typer.Option(min=1, help="Of each net, 16 pairs each.")] = 800,
    seeds: Annotated[int, typer.Option(min=1, help="Nets of each arm.")] = 3,
    only_bars: Annotated[bool, typer.Option(help="Only the arms that bars are about.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Nets that learn at once.")] = 2,
    minutes: Annotated[float, typer.Option(help="Begin no further net after so many.")] = 240.0,
) -> None:
    """Train small nets on exact, noisy and shuffled labels: does the dataset teach?"""
    from vermillion.cli.teach import teach_nets

    _writable(out_dir)
    values: dict[str, str | float] = {"audit": audit, "limit": limit, "steps": steps}
    values |= {"seeds": seeds, "workers": workers, "minutes": minutes}
    held = {"hold-source": hold_source or [], "hold-policy": hold_policy or []}
    teach_nets(dataset, out_dir, values, held, only_bars)


bench = typer.Typer(
    help="Measure ours against the reference way, side by side.", no_args_is_help=True
)
app.add_typer(bench, name="bench")


@bench.command("render")
def bench_render(
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds.")] = 3,
    programs: Annotated[int, typer.Option(min=1, help="Programs of each modality.")] = 6,
    json_: Json = False,
) -> None:
    """Renders per second, CPU and memory of each lane against the reference way."""
    from bench.render import bench_render as run

    run(rounds, programs, json_, out)


@bench.command("pipeline")
def bench_pipeline(
    config: Annotated[Path, typer.Argument(help="The build to measure.")] = Path(
        "configs/demo.toml"
    ),
    limit: Annotated[int, typer.Option(min=1, help="Most samples per source.")] = 120,
    airflow: Annotated[
        bool, typer.Option(help="Also build it with Airflow's own processes, in 20 tasks.")
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
    """Exact rewards a second a core, and whether they rank as they should; beside SSIM."""
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


@app.command()
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


def main() -> None:
    """Run the command; errors are one clear line, a traceback only with ``--debug``."""
    try:
        app()
    except PipelineError as error:
        if "--debug" in sys.argv:
            raise
        err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except OSError as error:
        # A full disk, a closed folder: the file's name says more than where our code stood.
        if "--debug" in sys.argv or error.filename is None:
            raise
        said = f"error: {error.filename}: {error.strerror}"
        err.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
