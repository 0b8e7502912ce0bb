"""``vermillion teach``: nets of one budget learn from a dataset, each from labels of another worth.

Arms are labels (exact, as noisy as an annotator's, shuffled) x pairs (corrupted, natural, both) x the share of
the samples. All take the same number of steps. They are asked about samples that none of them saw, of other
sources and drawn by other policies where the dataset has some. Every net that is done is kept: a run that
was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np

from records.errors import ConfigError
from records.files import read_json, write_json
from records.folders import alone_in
from sandbox.workers import worker_processes
from train.exit_codes import ended
from train.teach.crops import TeachPair, TeachSet, prepared
from train.teach.figures import BARS, CHANCE, LEAST, Exam, Floats
from train.teach.labels import Labels, Rates, labeled, rates_of
from train.teach.net import Answers, targets_of, trained
from train.teach.report import write_report

MIXES = ("corrupted", "natural", "both")
SIZES = (1.0, 0.5, 0.25)
PIXELS = "pixels"
"""Name of the linear model on statistics of the difference; it learns from exact labels of both."""
TEST_SHARE = 3
"""One sample in so many is held out, where no source is."""
LEAST_TRAINED = 8
"""Pairs below which an arm is not trained."""


@dataclass(frozen=True)
class Arm:
    """What a net learns from."""

    labels: Labels
    mix: str
    size: float
    eyes: bool = True

    @property
    def name(self) -> str:
        return f"{self.labels} {self.mix} {self.size:g}" if self.eyes else PIXELS


@dataclass(frozen=True)
class TeachPlan:
    """Everything that decides what a run finds."""

    dataset: str
    sources: tuple[str, ...] = ()
    """Held out; empty holds out a third of all samples."""
    policies: tuple[str, ...] = ()
    """Held out: natural pairs of theirs are asked about, and only those; empty asks about all."""
    audit: str = ""
    limit: int = 0
    steps: int = 400
    seeds: int = 3
    only_bars: bool = False
    """Leave out the arms that no bar is about."""

    def arms(self) -> list[Arm]:
        """In the order in which they run: those of the bars first."""
        every = [Arm(*of) for of in product(get_args(Labels), MIXES, SIZES)]
        wanted = {name for one, two, _ in BARS.values() for name in (one, two)}
        first = [arm for arm in every if arm.name in wanted]
        rest = [] if self.only_bars else [arm for arm in every if arm.name not in wanted]
        return [*first, Arm("exact", "both", 1.0, eyes=False), *rest]

    def fingerprint(self) -> dict[str, Any]:
        """What must be equal for kept nets to be of use; more seeds and arms may come later."""
        audit = Path(self.audit).read_text(encoding="utf-8") if self.audit else ""
        chosen = {"sources": self.sources, "policies": self.policies, "limit": self.limit}
        return json.loads(json.dumps({"dataset": self.dataset, **chosen, "steps": self.steps, "audit": audit}))  # type: ignore[no-any-return]  # fmt: skip


@dataclass(frozen=True)
class Split:
    """The samples for training and for testing."""

    train: list[TeachPair]
    corrupted: list[TeachPair]
    natural: list[TeachPair]

    @classmethod
    def of(cls, pairs: Sequence[TeachPair], plan: TeachPlan) -> Split:
        """Split by sample and source, and natural pairs by policy too.

        Raises:
            ConfigError: a source or policy has no pair, or nothing is left on one side.
        """
        for name, known in (
            *((one, {pair.source for pair in pairs}) for one in plan.sources),
            *((one, {pair.policy for pair in pairs if pair.natural}) for one in plan.policies),
        ):
            if name not in known:
                raise ConfigError(
                    f"{name}: no pair of it; the dataset has {', '.join(sorted(known))}"
                )
        away = [pair for pair in pairs if _held_out(pair, plan)]
        train = [
            pair for pair in pairs if not _held_out(pair, plan) and pair.policy not in plan.policies
        ]
        natural = [
            pair
            for pair in away
            if pair.natural and (not plan.policies or pair.policy in plan.policies)
        ]
        split = cls(train, [pair for pair in away if not pair.natural], natural)
        if len(train) < LEAST_TRAINED or not split.corrupted:
            raise ConfigError(
                f"{len(train)} pairs to learn from and {len(split.corrupted)} corrupted ones to be asked "
                "about are too few: give a larger dataset, or hold out less"
            )
        return split

    @property
    def asked(self) -> list[TeachPair]:
        return [*self.corrupted, *self.natural]

    def taught(self, arm: Arm) -> list[TeachPair]:
        """Pairs that an arm learns from; a smaller size takes fewer samples, the same for all arms."""
        mine = [
            pair
            for pair in self.train
            if arm.mix == "both" or pair.natural == (arm.mix == "natural")
        ]
        return [pair for pair in mine if _place(pair.sample, "size") < arm.size]


def _held_out(pair: TeachPair, plan: TeachPlan) -> bool:
    if plan.sources:
        return pair.source in plan.sources
    return _place(pair.sample, "test") < 1 / TEST_SHARE


def _place(sample: str, what: str) -> float:
    """0 to 1: the place of a sample in an order that is the same on every machine."""
    digest = hashlib.sha256(f"{what} {sample}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def teach(plan: TeachPlan, out: Path, workers: int, minutes: float) -> dict[str, Any]:
    """Train the nets that are not there yet, ask them, and write the report.

    Args:
        plan: What is compared.
        out: Folder of the run; a run of the same plan there goes on.
        workers: Nets that learn at once, each in a process with one thread.
        minutes: After so many no further net is begun, and the report tells of those that are done.

    Raises:
        ConfigError: the dataset is too small, or the folder holds another run.
    """
    ends = time.monotonic() + 60 * minutes
    rates = rates_of(plan.audit)
    with alone_in(str(out)):
        _claim(out, plan)
        data = prepared(plan.dataset, out / "crops", plan.limit)
        split = Split.of(data.pairs, plan)
        jobs = [
            (arm, seed)
            for seed in range(plan.seeds)
            for arm in plan.arms()
            if len(split.taught(arm)) >= LEAST_TRAINED and not _file(out, arm, seed).is_file()
        ]
        with worker_processes(workers) as pool:
            done = [pool.submit(_learn, plan, rates, out, arm, seed, ends) for arm, seed in jobs]
            for (arm, seed), one in zip(jobs, done, strict=True):
                seconds = one.result()
                if seconds:
                    print(f"teach: {arm.name}, seed {seed}: {seconds:.0f} s of CPU", flush=True)
        return _reported(plan, out, data, split)


def _learn(
    plan: TeachPlan, rates: Mapping[str, Rates], out: Path, arm: Arm, seed: int, ends: float
) -> float:
    """Train one net and store its answers; returns CPU seconds, 0 if time ran out."""
    if time.monotonic() > ends:
        return 0.0
    started = time.process_time()
    data = prepared(plan.dataset, out / "crops")
    split = Split.of(data.pairs, plan)
    pairs = split.taught(arm)
    targets = targets_of(pairs, labeled(pairs, arm.labels, rates, seed))
    net = trained(data, pairs, targets, seed, plan.steps, arm.eyes)
    answers = net.answers(split.asked)
    spent = time.process_time() - started
    file = _file(out, arm, seed)
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".tmp.npz")
    np.savez(part, pairs=answers.pairs, amounts=answers.amounts, crops=answers.crops, spent=spent, taught=len(pairs))  # fmt: skip
    part.rename(file)
    return spent


def _reported(plan: TeachPlan, out: Path, data: TeachSet, split: Split) -> dict[str, Any]:
    parts = {"corrupted": split.corrupted, "natural": split.natural}
    exams = {
        name: exam for name, pairs in parts.items() if pairs and (exam := Exam.of(pairs)).measurable
    }
    if "corrupted" not in exams:
        raise ConfigError(
            f"{len(split.corrupted)} held-out corrupted pairs: no category has {LEAST} with and {LEAST} "
            "without it; give a larger dataset"
        )
    marks: dict[str, dict[str, list[dict[str, Floats]]]] = {
        name: {CHANCE: exam.chance()} for name, exam in exams.items()
    }
    amounts: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in exams}
    facts: dict[str, Any] = {"cpu_s": 0.0, "taught": {}}
    for arm, answers, spent, taught in _kept(plan, out):
        facts["cpu_s"] += spent
        facts["taught"][arm.name] = taught
        for name, exam in exams.items():
            start = 0 if name == "corrupted" else len(split.corrupted)
            mine = Answers(*(getattr(answers, key)[start:][: len(exam.pairs)] for key in Answers.__annotations__))  # fmt: skip
            marks[name].setdefault(arm.name, []).append(exam.marked(mine))
            amounts[name].setdefault(arm.name, []).append(exam.amounts(mine))
    facts |= {
        "dataset": plan.dataset,
        "steps": plan.steps,
        "labels_are": plan.audit or "assumed rates",
        "held_out_sources": list(plan.sources),
        "held_out_policies": list(plan.policies),
        "pairs": {"train": len(split.train), **{name: len(pairs) for name, pairs in parts.items()}},
        "crops": len(data.looks),
        "samples": {
            name: len({pair.sample for pair in pairs})
            for name, pairs in {"train": split.train, **parts}.items()
        },
    }
    facts["cpu_s"] = round(facts["cpu_s"], 1)
    return write_report(out, facts, marks, amounts)


def _kept(plan: TeachPlan, out: Path) -> Iterator[tuple[Arm, Answers, float, int]]:
    for seed, arm in product(range(plan.seeds), plan.arms()):
        if _file(out, arm, seed).is_file():
            with np.load(_file(out, arm, seed)) as kept:
                answers = Answers(kept["pairs"], kept["amounts"], kept["crops"])
                yield arm, answers, float(kept["spent"]), int(kept["taught"])


def _file(out: Path, arm: Arm, seed: int) -> Path:
    return out / "nets" / f"{arm.name.replace(' ', '-')}-{seed}.npz"


def _claim(out: Path, plan: TeachPlan) -> None:
    file, mine = out / "plan.json", plan.fingerprint()
    if not file.is_file():
        write_json(file, mine)
    elif read_json(file) != mine:
        raise ConfigError(
            f"{out} holds a run of another dataset or other settings; give another --out"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.teach", description=__doc__)
    parser.add_argument("dataset", help="a published dataset")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; goes on there")
    parser.add_argument("--hold-source", action="append", default=[])
    parser.add_argument("--hold-policy", action="append", default=[])
    parser.add_argument("--audit", default="", help="figures of an annotator, for noisy labels")
    parser.add_argument("--limit", type=int, default=0, help="only so many pairs; 0 takes all")
    parser.add_argument(
        "--steps", type=int, default=TeachPlan.steps, help="of each net, 32 pairs each"
    )
    parser.add_argument("--seeds", type=int, default=TeachPlan.seeds)
    parser.add_argument(
        "--only-bars", action="store_true", help="only the arms that bars are about"
    )
    parser.add_argument("--workers", type=int, default=2, help="nets that learn at once")
    parser.add_argument("--minutes", type=float, default=240.0, help="begin no net after so many")
    given = parser.parse_args(arguments)
    plan = TeachPlan(
        dataset=given.dataset,
        sources=tuple(given.hold_source),
        policies=tuple(given.hold_policy),
        audit=given.audit,
        limit=given.limit,
        steps=given.steps,
        seeds=given.seeds,
        only_bars=given.only_bars,
    )

    def work() -> None:
        import torch

        print(f"teach: torch {torch.__version__}, {given.workers} processes", flush=True)
        teach(plan, given.out, given.workers, given.minutes)
        print((given.out / "teach.md").read_text(encoding="utf-8"), end="")

    return ended("teach", work)
