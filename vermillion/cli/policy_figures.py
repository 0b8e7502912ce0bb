"""Measures policies on samples: rejects by type, similarity to the reference, errors by category.

Natural errors are useful only if they are of many kinds and their strength is known. Each
policy looks at the same references; its programs are drawn and compared as in a build.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from annotators import structural
from policies.offline import BUILTIN
from policies.policy import Policy
from policies.run import attempt, load_policies
from quality.rules.monotony import prevailing
from records.errors import ConfigError, ScoreError
from records.rows import Attempt, Reject, Sample, content_id
from records.taxonomy import Modality, category_names
from renderers.contract import Picture
from renderers.registry import close_held, held_renderer
from renderers.scene import Scene, SceneError
from train.metrics.similarity import ssim
from train.metrics.teds import teds
from vermillion.cli.audit import AuditRequest, chosen_samples

Told = Callable[[str], None]


@dataclass
class Figures:
    """One policy's attempts at the samples of its modality."""

    policy: str
    modality: Modality
    looks: int = 0
    """Pictures it was shown."""
    rejects: Counter[str] = field(default_factory=Counter)
    """Attempts without a program or a picture, by reason."""
    likeness: list[float] = field(default_factory=list)
    """SSIM of the pictures, of each attempt that renders."""
    teds: list[float] = field(default_factory=list)
    """Tables only."""
    errors: list[int] = field(default_factory=list)
    """Discrepancies of each attempt."""
    categories: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Discrepancies by category and severity."""
    monotone: int = 0
    """Attempts with three or more errors of which nine in ten are of one category."""

    def to_json(self) -> dict[str, Any]:
        """The figures, with means over the attempts that render."""
        drawn = len(self.errors)
        return {
            "policy": self.policy,
            "modality": self.modality.value,
            "looks": self.looks,
            "drawn": drawn,
            "rejects": dict(sorted(self.rejects.items())),
            "ssim": _mean(self.likeness),
            "teds": _mean(self.teds),
            "errors_per_attempt": _mean(self.errors),
            "without_error": sum(not count for count in self.errors),
            "monotone": self.monotone,
            "categories": {
                name: {str(level): self.categories[name, level] for level in (1, 2, 3)}
                for name in category_names(self.modality)
            },
        }


def measure(
    policies: Sequence[Policy],
    samples: Mapping[Modality, Sequence[Sample]],
    seed: int = 0,
    tell: Told = lambda _: None,
) -> list[Figures]:
    """Run every policy once on every sample of its modality.

    Raises:
        ConfigError: a policy's package is missing, or no sample of a modality can be drawn.
        EndpointUnavailable: a policy's model server does not answer.
    """
    figures = [Figures(policy.name, policy.modality) for policy in policies]
    for modality in Modality:
        mine = [
            (policy, figure)
            for policy, figure in zip(policies, figures, strict=True)
            if policy.modality is modality
        ]
        if not mine:
            continue
        seen = 0
        for sample in samples.get(modality, ()):
            render = held_renderer(modality).render(sample.code, sample.language)
            if render.picture is None or render.scene is None:
                continue
            seen += 1
            for policy, figure in mine:
                drawn = int(content_id(str(seed), sample.id, policy.name)[:8], 16)
                made = attempt(policy, sample, render.picture, drawn)
                _count(figure, sample, (render.picture, render.scene), made)
                tell(f"{policy.name}: {figure.looks} looked at")
        if not seen:
            raise ConfigError(f"no {modality} sample could be drawn; give others")
    return figures


def _count(
    figure: Figures, sample: Sample, reference: tuple[Picture, Scene], made: Attempt | Reject
) -> None:
    figure.looks += 1
    if isinstance(made, Reject):
        figure.rejects[made.reason] += 1
        return
    render = held_renderer(sample.modality).render(made.code, made.language)
    if render.picture is None or render.scene is None:
        figure.rejects[render.status.value] += 1
        return
    try:
        compared = structural.compare(reference, (render.picture, render.scene))
    except SceneError:
        figure.rejects["unreadable_scene"] += 1
        return
    found = Counter(one.category for one in compared.discrepancies)
    figure.categories.update((one.category, one.severity) for one in compared.discrepancies)
    figure.errors.append(found.total())
    figure.monotone += bool(prevailing(found))
    figure.likeness.append(ssim(reference[0].png, render.picture.png))
    if sample.modality is Modality.TABLE:
        with suppress(ScoreError):  # a reference of too many cells has no TEDS
            figure.teds.append(teds(sample.code, made.code))


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(sum(known) / len(known), 3) if known else None


def print_figures(figures: Sequence[Figures], as_json: bool, out: Console) -> None:
    """A table for each modality, or JSON."""
    if as_json:
        out.print_json(json.dumps([figure.to_json() for figure in figures]))
        return
    for modality in Modality:
        rows = [figure.to_json() for figure in figures if figure.modality is modality]
        if not rows:
            continue
        names = category_names(modality)
        table = Table(
            *(modality.value, "looks", "drawn", "SSIM", "TEDS", "errors", *names),
            *("severity 1/2/3", "alike", "none", "rejects"),
            box=None,
        )
        for row in rows:
            drawn = row["drawn"] or 1
            by_level = [sum(row["categories"][name][level] for name in names) for level in "123"]
            table.add_row(
                row["policy"],
                str(row["looks"]),
                str(row["drawn"]),
                _figure(row["ssim"]),
                _figure(row["teds"]),
                _figure(row["errors_per_attempt"]),
                *(f"{sum(row['categories'][name].values()) / drawn:.1f}" for name in names),
                "/".join(map(str, by_level)),
                str(row["monotone"]),
                str(row["without_error"]),
                ", ".join(f"{reason} {count}" for reason, count in row["rejects"].items()),
            )
        out.print(table)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def report_policies(
    names: Sequence[str],
    files: Sequence[str],
    source: str,
    limit: int | None,
    seed: int,
    as_json: bool,
    out: Console,
    err: Console,
) -> None:
    """Measure policies on the samples of a source and print the figures.

    Args:
        names: Policies; none takes all built-in ones.
        files: TOML files that define further ones.
        source: ``bundled``, or a folder in upstream's layout.
        limit: Most samples of a modality, spread evenly.
        seed: Of the attempts.
        as_json: JSON in place of tables.
        out: Where the figures go.
        err: Where progress goes.

    Raises: as `measure`.
    """
    policies = load_policies(names or BUILTIN, files)
    order = AuditRequest(
        source=source, limit=limit, modalities=tuple({policy.modality for policy in policies})
    )
    samples: dict[Modality, list[Sample]] = {}
    for sample in chosen_samples(order):
        samples.setdefault(sample.modality, []).append(sample)
    try:
        with err.status("") as status:
            figures = measure(policies, samples, seed, status.update)
    finally:
        close_held()
    print_figures(figures, as_json, out)
