"""The command `audit`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from annotators.audit.figures import Audit
from annotators.audit.injected import Judge, audit
from annotators.structural import compare
from quality.read.inspect import read_dataset
from records.errors import ConfigError
from records.rows import Reject, Sample
from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.registry import close_held, held_renderer
from sandbox.workers import worker_processes
from sources import bundled
from sources.source import known_sources, pull_samples
from vermillion.cli.audit_report import print_tables, write_report

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
BUNDLED = "bundled"


@dataclass(frozen=True)
class AuditRequest:
    """What is audited, on which samples, and how many."""

    dataset: str = ""
    """A published dataset whose references are the samples; empty takes `source`."""
    source: str = BUNDLED
    """``bundled``, or a folder that holds one upstream snapshot or one folder for each source."""
    annotator: str = "structural"
    modalities: tuple[Modality, ...] = tuple(Modality)
    limit: int | None = None
    """Most samples of a modality, spread evenly over all there are."""
    per_sample: int = 0
    """Most corruptions of a sample; 0 tries all that apply."""
    ladders: int = 2
    """Kinds of error that are tried at growing magnitude on each sample."""
    seed: int = 0
    workers: int = 1


def audit_annotator(
    order: AuditRequest, as_json: bool, out_dir: str, out: Console, err: Console
) -> list[str]:
    """Measure an annotator, print the results, and write a report if a folder is given.

    Returns:
        The missed bounds, one line each.

    Raises:
        ConfigError: the annotator, the dataset or the source does not exist, or holds no sample.
    """
    judge = judge_named(order.annotator)
    samples = chosen_samples(order)
    result = _run(samples, judge, order, err)
    found = {
        "annotator": order.annotator,
        "source": order.dataset or order.source,
        "seed": order.seed,
        **result.to_json(),
    }
    if out_dir:
        write_report(found, Path(out_dir))
    if as_json:
        out.print_json(json.dumps(found))
    else:
        print_tables(found, out)
        if out_dir:
            out.print(f"report in {out_dir}", highlight=False, soft_wrap=True)
    return list(found["missed_bounds"])


def judge_named(annotator: str) -> Judge:
    """The annotator as a function of two drawn pictures.

    Raises:
        ConfigError: there is none of this name.
    """
    if annotator != "structural":
        raise ConfigError(f"--annotator {annotator}: not known; known: structural")
    return compare


def chosen_samples(order: AuditRequest) -> list[Sample]:
    """The samples of a request, by modality; evenly spread if there are more than the limit.

    Raises:
        ConfigError: no such dataset or folder, or no sample in it.
    """
    by_modality: dict[Modality, list[Sample]] = {modality: [] for modality in order.modalities}
    for sample in _samples(order):
        if sample.modality in by_modality:
            by_modality[sample.modality].append(sample)
    chosen = [one for all_ in by_modality.values() for one in _spread(all_, order.limit)]
    if not chosen:
        asked = ", ".join(order.modalities)
        raise ConfigError(f"{order.dataset or order.source}: no sample of {asked} in it")
    return chosen


def _spread(samples: Sequence[Sample], limit: int | None) -> list[Sample]:
    if limit is None or len(samples) <= limit:
        return list(samples)
    return [samples[index * len(samples) // limit] for index in range(limit)]


def _samples(order: AuditRequest) -> Iterator[Sample]:
    if order.dataset:
        return _dataset_samples(order.dataset)
    if order.source == BUNDLED:
        return iter(bundled.samples())
    return _snapshot_samples(Path(order.source))


def _snapshot_samples(folder: Path) -> Iterator[Sample]:
    """Samples of a folder with a sub-folder for each source, or of one snapshot."""
    if not folder.is_dir():
        raise ConfigError(f"--source {folder}: no such folder; give `{BUNDLED}` or a snapshot")
    parts = [(name, folder / name) for name in known_sources() if (folder / name).is_dir()]
    if not parts:
        parts = [(_layout(folder), folder)]
    for name, part in parts:
        for item in pull_samples(name, snapshot=part):
            if not isinstance(item, Reject):
                yield item


def _layout(folder: Path) -> str:
    """The source whose snapshot this is, or a plain folder of programs."""
    for name, source in known_sources().items():
        if source.repo_id:
            try:
                source.files(folder)
            except ConfigError:
                continue
            return name
    return "folder"


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


def _run(samples: Sequence[Sample], judge: Judge, order: AuditRequest, err: Console) -> Audit:
    result = Audit()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        bar = bars.add_task("audit", total=len(samples))
        if order.workers == 1 or len(samples) == 1:
            try:
                for sample in samples:
                    result.add(_one(sample, judge, order))
                    bars.advance(bar)
            finally:
                close_held()
            return result
        # Spawned, not forked: a worker must not inherit this process's threads or renderers.
        with worker_processes(min(order.workers, len(samples))) as pool:
            running = {
                pool.submit(_one, sample, judge, order): at for at, sample in enumerate(samples)
            }
            done: dict[int, Audit] = {}
            for future in as_completed(running):
                done[running[future]] = future.result()
                bars.advance(bar)
        for at in sorted(done):
            result.add(done[at])
    return result


def _one(sample: Sample, judge: Judge, order: AuditRequest) -> Audit:
    return audit([sample], _draw, judge, order.per_sample, order.seed, order.ladders)


def _draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)
