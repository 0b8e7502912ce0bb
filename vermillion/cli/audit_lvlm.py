"""The command audit, for an annotator that is a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from annotators.audit.pilot import asked_models, audit_models
from endpoints.client.cache import cache_path, recent_progress
from records.columns import schema_of
from records.config import BuildConfig, fingerprint, parse
from records.errors import ConfigError
from records.files import write_text
from records.rows import Sample
from records.shards import run_shard
from renderers.registry import close_held
from vermillion.cli.audit import AuditRequest, chosen_samples
from vermillion.pipeline.form import CONFIGS
from vermillion.pipeline.servers import model_servers

SAMPLES = 16
"""Of each modality, where the order has no limit: models cost."""
ATTEMPTS = 4
"""Corruptions of each sample, where the order does not say."""


def audit_model(
    order: AuditRequest,
    files: Sequence[str],
    as_json: bool,
    out_dir: str,
    out: Console,
    err: Console,
) -> list[str]:
    """Measure a model on typed corruptions, print what was found, and write report and plot.

    Its replies are kept in the report's folder: the same audit again asks nothing.

    Args:
        order: Who is audited, on which samples.
        files: TOML files that define annotators; empty takes those of `configs/annotators`.
        as_json: Print JSON instead of tables.
        out_dir: Folder of the report; empty takes one under `data/audits`.
        out, err: Where to print.

    Returns:
        The bounds of a pilot that were missed, a line each.

    Raises:
        ConfigError: no such annotator, or no sample.
        EndpointUnavailable: its server does not answer.
        BoundPassed: its budget is spent.
    """
    folder = out_dir or f"data/audits/{order.annotator}"
    config = _config(order, files, folder)
    shard = f"{folder}/samples-given.parquet"
    _write(shard, chosen_samples(order), order)
    judges = [judge for judge in asked_models(config) if judge.name == order.annotator]
    replies = cache_path(config.work_url)
    try:
        with (
            model_servers(config),
            Live(
                get_renderable=lambda: Text("\n".join(recent_progress(replies, 30.0)), style="dim"),
                console=err,
                transient=True,
                refresh_per_second=2,
            ),
        ):
            audit = audit_models([shard], config, judges, folder)[order.annotator]
    finally:
        close_held()
    missed = audit.missed(config.annotate.pilot)
    found = {"source": order.dataset or order.source, **audit.to_json(), "missed_bounds": missed}
    write_text(f"{folder}/report.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    if as_json:
        out.print_json(json.dumps(found))
    else:
        _print(found, out)
        out.print(f"report in {folder}", highlight=False, soft_wrap=True)
    return missed


def _config(order: AuditRequest, files: Sequence[str], folder: str) -> BuildConfig:
    chosen = list(files) or sorted(str(path) for path in (CONFIGS / "annotators").glob("*.toml"))
    return parse(
        {
            "name": "audit",
            "root": folder,
            "seed": order.seed,
            "modalities": order.modalities,
            "sources": {"bundled": {}},
            "annotate": {
                "annotators": ["structural", order.annotator],
                "files": chosen,
                "pilot": {
                    "samples": order.limit or SAMPLES,
                    "attempts": order.per_sample or ATTEMPTS,
                },
            },
        },
        "the audit",
    )


def _write(shard: str, samples: Sequence[Sample], order: AuditRequest) -> None:
    if not samples:
        raise ConfigError(f"{order.dataset or order.source}: no sample to audit on")

    settings = fingerprint(*(sample.id for sample in samples))
    run_shard(
        "pull",
        [],
        shard,
        schema_of(Sample),
        settings,
        lambda: [sample.stored() for sample in samples],
    )


def _print(found: dict[str, Any], out: Console) -> None:
    table = Table("category", "errors", "claims", "recall", "precision", "F1", box=None)
    groups = {**found["categories"], **found["modalities"], "all": found["overall"]}
    for name, one in groups.items():
        figures = (_figure(one[key]) for key in ("recall", "precision", "f1"))
        table.add_row(name, str(one["count"]), str(one["claims"]), *figures)
    out.print(table)
    whole, use = found["overall"], found["use"]
    severity, swap = whole["severity"], whole["swap"]
    for what, value in (
        ("pairs", f"{whole['pairs']}, {whole['failed']} without a usable reply {use['failures']}"),
        ("before the filters", f"recall {_figure(whole['said']['recall'])}, precision {_figure(whole['said']['precision'])}"),
        ("right place, other category", str(whole["renamed"])),
        ("severity", f"correlation {_figure(severity['correlation'])}, bias {_figure(severity['bias'])}, exact {_figure(severity['exact'])}"),
        ("false alarms", f"{_figure(whole['false_alarms'])} of {whole['negatives']} negatives as said, {_figure(whole['false_alarms_believed'])} believed"),
        ("swapped order", f"agreement {_figure(swap['agreement'])}, one side empty {_figure(swap['flips'])}"),
        ("cost of 1,000 pairs", f"{_figure(use['cost_per_1000_uncached'])}, {_figure(use['tokens_per_reply'])} tokens a reply"),
        ("speed", f"{_figure(use['requests_per_s'])} requests a second, {_figure(use['answer_s'])} s an answer"),
    ):  # fmt: skip
        out.print(f"{what}: {value}", markup=False, highlight=False, soft_wrap=True)
    for line in found["missed_bounds"]:
        out.print(f"bound missed: {line}", markup=False, highlight=False, soft_wrap=True)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
