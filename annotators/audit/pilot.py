"""Audits the models of a build on a pilot with known errors, before they judge the build.

The pilot is a small shard of its own: a few samples of each modality, each with single typed
corruptions and with negatives, drawn, labeled by structure and judged by every model of the build,
in both orders. A model that does not keep the bounds stops the run before it costs more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import fsspec

from annotators.audit.lvlm import LvlmAudit, audit_annotator
from annotators.lvlm.annotator import LvlmAnnotator, load_annotators
from annotators.panel import STRUCTURAL, panel_url
from annotators.stage import ANNOTATE, Judging
from corruptors.stage import CORRUPT, Corrupting
from endpoints.client.report import UseReport, summed_reports
from records.columns import read_records, schema_of
from records.config import BuildConfig, fingerprint
from records.errors import BoundPassed
from records.files import atomic_file, write_text
from records.rows import Sample, content_id
from records.sections import CorruptionMix
from records.shards import run_shard
from records.work import Files
from renderers.stage import DRAW_CANDIDATES, DRAW_REFERENCES


def prepare(shards: Sequence[str], config: BuildConfig, folder: str) -> bool:
    """Draw the pilot's pairs if a build has models to audit; returns whether it has.

    Raises: as `run_pilot`, but for what models and bounds raise.
    """
    judges = asked_models(config)
    if not judges or not config.annotate.pilot.samples or not shards:
        return False
    _pairs(shards, config, pilot_settings(config, [judge.name for judge in judges]), folder)
    return True


def run_pilot(shards: Sequence[str], config: BuildConfig, folder: str) -> dict[str, Any]:
    """Audit every model among a build's annotators on a pilot, once; does nothing if there is none.

    Args:
        shards: Shards of samples, from which the pilot's are drawn.
        folder: Folder of the pilot's shards and reports.

    Returns:
        The audits by annotator, as JSON.

    Raises:
        BoundPassed: an annotator does not keep the bounds of `annotate.pilot`, or a budget is spent.
        EndpointUnavailable, ConfigError: as `annotators.stage.annotate`.
    """
    judges = asked_models(config)
    pilot = config.annotate.pilot
    if not judges or not pilot.samples or not shards:
        return {}
    audits = audit_models(shards, config, judges, folder)
    wrong = [
        f"{name}: {'; '.join(missed)} (see {folder}/{name}.json)"
        for name, audit in audits.items()
        if (missed := audit.missed(pilot))
    ]
    if wrong:
        raise BoundPassed(
            f"the pilot stops the build before it is labeled: {' / '.join(wrong)}. Take another "
            "model or prompt, or move the bound if such labels are good enough."
        )
    return {name: audit.to_json() for name, audit in audits.items()}


def asked_models(config: BuildConfig) -> tuple[LvlmAnnotator, ...]:
    """All models that a build may ask to judge, arbiters too.

    Raises:
        ConfigError: one is not defined.
    """
    chosen = config.annotate
    models = [name for name in chosen.annotators if name != STRUCTURAL]
    return load_annotators([*models, *(chosen.relabel.annotators if models else ())], chosen.files)


def audit_models(
    shards: Sequence[str], config: BuildConfig, judges: Sequence[LvlmAnnotator], folder: str
) -> dict[str, LvlmAudit]:
    """Audit models on a pilot, and write a report (JSON) and a plot (PNG) of each.

    Args:
        shards, config, folder: As in `run_pilot`; its bounds are not checked.

    Raises: as `run_pilot`, but for bounds.
    """
    from annotators.audit.lvlm_plots import draw  # matplotlib takes a while, and few builds need it

    settings = pilot_settings(config, [judge.name for judge in judges])
    drawn, pairs = _pairs(shards, config, settings, folder)
    judged = [f"{folder}/judged.parquet"]
    inputs = {"render": pairs, "reference": drawn}
    judging = Judging(settings.annotate, tuple(judges), (), settings.work_url)
    ANNOTATE.run(Files(inputs, judged[0]), judging)
    if config.annotate.pilot.swapped:
        judged.append(f"{folder}/swapped.parquet")
        turned = tuple(judge.model_copy(update={"swapped": not judge.swapped}) for judge in judges)
        ANNOTATE.run(Files(inputs, judged[1]), replace(judging, judges=turned))
    reports = _reports(judged)
    audits = {}
    for judge in judges:
        audit = audit_annotator(judge.name, judged[:1], judged[1:], reports.get(judge.name, {}))
        audits[judge.name] = audit
        text = json.dumps(audit.to_json(), indent=1, ensure_ascii=False) + "\n"
        write_text(f"{folder}/{judge.name}.json", text)
        with atomic_file(f"{folder}/{judge.name}.png") as local:
            draw(audit.to_json(), local)
    return audits


def pilot_settings(config: BuildConfig, names: Sequence[str]) -> BuildConfig:
    """The settings of the pilot of a build: one error per pair, negatives, no bounds, no relabeling."""
    mix = config.corruption
    return config.changed(
        corruption=CorruptionMix(
            attempts_per_sample=config.annotate.pilot.attempts,
            errors=(1.0,),
            identical_share=1.0,
            equivalent_share=1.0,
            degenerate_share=0.0,
            include=mix.include,
            exclude=mix.exclude,
            category_weights={},
        ).model_dump(),
        annotate={
            "annotators": [STRUCTURAL, *names],
            "files": config.annotate.files,
            "relabel": {"rounds": 0},
        },
        quality={**config.quality.model_dump(), "max_reject_share": {}},
    )


def draw_samples(shards: Sequence[str], shard_out: str, config: BuildConfig) -> None:
    """Write the pilot's samples: the configured number per modality, chosen by seed."""
    order = sorted(shards, key=lambda url: _turn(config, PurePosixPath(url).stem))

    def process() -> Iterator[Sample]:
        wanted = dict.fromkeys(map(str, config.modalities), config.annotate.pilot.samples)
        for shard in order:
            if not any(wanted.values()):
                return
            samples = read_records(Sample, shard)
            for sample in sorted(samples, key=lambda sample: _turn(config, sample.id)):
                if wanted.get(sample.modality):
                    wanted[sample.modality] -= 1
                    yield sample

    settings = fingerprint(config.seed, config.annotate.pilot.samples, *config.modalities)
    run_shard("pilot", order, shard_out, schema_of(Sample), settings, process)


def _pairs(
    shards: Sequence[str], config: BuildConfig, settings: BuildConfig, folder: str
) -> tuple[str, str]:
    """Write references and pairs of the pilot, unless they exist."""
    samples, drawn = f"{folder}/samples.parquet", f"{folder}/reference.parquet"
    wrong, pairs = f"{folder}/corrupt.parquet", f"{folder}/render.parquet"
    draw_samples(shards, samples, config)
    DRAW_REFERENCES.run(Files({"pull": samples}, drawn), settings.render)
    CORRUPT.run(Files({"reference": drawn}, wrong), Corrupting.of(settings))
    DRAW_CANDIDATES.run(Files({"corrupt": wrong, "reference": drawn}, pairs), settings.render)
    return drawn, pairs


def _turn(config: BuildConfig, name: str) -> str:
    return content_id(str(config.seed), "pilot", name)


def _reports(judged: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Reports of use by annotator, summed over both orders."""
    found = []
    for shard in judged:
        with fsspec.open(panel_url(shard), "rt", encoding="utf-8") as file:
            found += [UseReport.of_json(report) for report in json.load(file)["annotators"]]
    return {report["endpoint"]: report for report in summed_reports(found)}
