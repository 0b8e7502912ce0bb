"""The command audit."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from annotators.audit import Audit, audit
from quality.inspect import read_dataset
from records.errors import ConfigError
from records.rows import Sample
from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.lanes import close_held, held_renderer
from sources import bundled

REBUILT = (
    "sample_id",
    "reference_code",
    "language",
    "source",
    "revision",
    "licence",
    "upstream_id",
    "kind",
)


def audit_annotator(
    dataset: str, annotator: str, limit: int | None, as_json: bool, out: Console
) -> None:
    """Measure an annotator on the samples of a dataset, or on the bundled ones.

    Raises:
        ConfigError: the annotator or the dataset does not exist.
    """
    if annotator != "structural":
        raise ConfigError(f"--annotator {annotator}: not known; known: structural")
    samples = _few(_dataset_samples(dataset) if dataset else bundled.samples(), limit)
    try:
        with Progress(console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task("audit", total=len(samples))
            result = audit(bars.track(samples, task_id=bar), _draw)
    finally:
        close_held()
    if as_json:
        out.print_json(json.dumps(result.to_json()))
    else:
        _print(result, out)


def _draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)


def _dataset_samples(dataset: str) -> Iterator[Sample]:
    seen: set[str] = set()
    for row in read_dataset(dataset, columns=REBUILT):
        if row["sample_id"] not in seen:
            seen.add(row["sample_id"])
            yield Sample.of(
                row["reference_code"],
                Language(row["language"]),
                **{
                    name: row[name]
                    for name in ("source", "revision", "licence", "upstream_id", "kind")
                },
            )


def _few(samples: Iterator[Sample] | list[Sample], limit: int | None) -> list[Sample]:
    taken: dict[Modality, int] = {}
    chosen = []
    for sample in samples:
        taken[sample.modality] = taken.get(sample.modality, 0) + 1
        if limit is None or taken[sample.modality] <= limit:
            chosen.append(sample)
    return chosen


def _print(result: Audit, out: Console) -> None:
    found = result.to_json()
    for title in ("categories", "corruptions"):
        table = Table(
            title[:-1] if title == "corruptions" else "category",
            "count",
            "recall",
            "precision",
            "labels/error",
            "box covers",
            "severity 1/2/3",
            box=None,
        )
        for name, score in found[title].items():
            table.add_row(
                name,
                str(score["count"]),
                *(
                    f"{score[key]:.3f}" if score[key] is not None else "-"
                    for key in ("recall", "precision", "labels_per_error", "box_covers")
                ),
                "/".join(str(n) for n in score["severities"].values()),
            )
        out.print(table)
    out.print(f"negatives: {found['negatives']}", highlight=False)
    out.print(f"injected errors: {found['attempts']}", highlight=False)
    for miss in found["misses"][:20]:
        out.print(
            f"  missed {miss['corruption']} ({miss['category']}) on {miss['sample']}: named {miss['named'] or 'nothing'}",
            markup=False,
            highlight=False,
        )
