"""Audit suite `natural`: programs that another model wrote from the picture, with errors that
careful viewers found.

A folder holds ``<modality>/labels.json``: by stem, a list of errors with category, severity, location
and description, and ``"optional": true`` where a person may or may not name it. Labels are matched with
these one to one, by words and category. What matches a firm or optional entry is right; a firm entry
that no label matches is missed. A label that matches none is either nothing that anybody could see (no
visible pixel changed in its box) or unproven: a person has to look.

Words match charts and tables well; people name parts of icons ("left arm") that no program knows, so
for icons the figures by words are lower bounds. Those by category alone, words and places aside, are
upper bounds in every modality. "By chance" is the share of labels that match the gold errors of another
pair: what a matching that is too wide would raise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from annotators.audit.figures import share
from annotators.audit.matching import Marked, described_in, f1, match_by_words
from annotators.audit.suites.files import FilePair, folder_of, pairs_in, read_json
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult
from annotators.structural import Comparison
from records.errors import ConfigError
from records.rows import Discrepancy
from records.taxonomy import Modality, category_names

PRECISION, FIRM_RECALL, F1_HARD = 0.85, 0.75, 80.0
"""What labels of programs by others should reach, soft by words; F1 in percent. The best published model
reads 42 there (arXiv 2603.13224, table of VC-RewardBench)."""


def measure(ground: SuiteInput) -> SuiteResult:
    """Match the judge's labels with gold ones.

    Raises:
        ConfigError: no folder, no pairs, or gold labels that cannot be read.
    """
    folder = folder_of(ground.data, "natural")
    pairs = list(pairs_in(folder, modalities=ground.modalities))
    gold = {
        modality: read_json(folder / modality / "labels.json")
        for modality in {pair.modality for pair in pairs}
    }
    counts: dict[Modality, Counter[str]] = {}
    chance: dict[Modality, float] = dict.fromkeys(Modality, 0.0)
    details = []
    answers = {(pair.modality, pair.stem): _gold(gold[pair.modality], pair) for pair in pairs}
    for pair in pairs:
        count = counts.setdefault(pair.modality, Counter())
        errors = answers[pair.modality, pair.stem]
        details.append(_measure_pair(ground, pair, errors, count))
        chance[pair.modality] += _by_chance(details[-1], pair, answers)
    figures = {
        str(modality): _figures(count, chance[modality]) for modality, count in counts.items()
    }
    return SuiteResult("natural", figures, _bounds(counts, figures), details)


def _gold(labels: Mapping[str, Any], pair: FilePair) -> list[tuple[Marked, bool]]:
    """Gold errors of a pair, each with whether it is firm."""
    try:
        errors = labels[pair.stem]["errors"]
        found = [(_marked(one), not one.get("optional", False)) for one in errors]
    except (KeyError, TypeError) as error:
        raise ConfigError(
            f"{pair.modality}/labels.json: {pair.stem}: no readable errors ({error!r})"
        ) from error
    for one, _ in found:
        if one.category not in category_names(pair.modality):
            raise ConfigError(f"labels.json: {pair.stem}: no {pair.modality} has {one.category!r}")
    return found


def _measure_pair(
    ground: SuiteInput, pair: FilePair, gold: Sequence[tuple[Marked, bool]], count: Counter[str]
) -> dict[str, Any]:
    reference = ground.draw(pair.reference.code, pair.reference)
    candidate = ground.draw(pair.candidate.code, pair.candidate)
    count["pairs"] += 1
    detail: dict[str, Any] = {"modality": str(pair.modality), "pair": pair.stem}
    if reference.picture is None or candidate.picture is None:
        count["undrawn"] += 1
        statuses = {"reference": reference.status.value, "candidate": candidate.status.value}
        return {**detail, "undrawn": statuses}
    seen = ground.judge(reference.drawn(), candidate.drawn())
    predicted = [
        Marked(str(one.category), one.severity, one.description, one.location)
        for one in seen.discrepancies
    ]
    matches = match_by_words(predicted, [one for one, _ in gold], described_in)
    by_label = {match.predicted: match for match in matches}
    by_gold = {match.human: match for match in matches}
    reported = Counter(one.category for one in predicted)
    every = Counter(one.category for one, _ in gold)
    firm_ones = Counter(one.category for one, firm in gold if firm)
    count["labels of a gold category"] += (reported & every).total()
    count["firm of a reported category"] += (reported & firm_ones).total()
    faithful = not any(firm for _, firm in gold)
    count["faithful_pairs"] += faithful
    labels = []
    for at, one in enumerate(seen.discrepancies):
        match = by_label.get(at)
        verdict = _verdict(one, seen) if match is None else match.degree
        count["labels"] += 1
        count[verdict] += 1
        count[f"severity {one.severity}"] += 1
        if match is None:
            count[f"severity {one.severity} unmatched"] += 1
            count["faithful_alarms"] += faithful
        gold_at = match and match.human
        words = asdict(predicted[at])
        labels.append({**words, "box": one.box, "verdict": verdict, "gold": gold_at})
    for at, (_, firm) in enumerate(gold):
        match = by_gold.get(at)
        kind = "firm" if firm else "optional"
        count[kind] += 1
        count[f"{kind} {match.degree if match else 'missed'}"] += 1
    errors = [
        {**asdict(one), "firm": firm, "met": at in by_gold} for at, (one, firm) in enumerate(gold)
    ]
    return {**detail, "labels": labels, "gold": errors}


def _by_chance(
    detail: Mapping[str, Any], pair: FilePair, answers: Mapping[Any, list[tuple[Marked, bool]]]
) -> float:
    """How many labels of a pair match gold errors of another one; the mean over all others that
    have some."""
    labels = list(map(_marked, detail.get("labels", ())))
    others = [
        [one for one, _ in errors]
        for (modality, stem), errors in answers.items()
        if errors and modality is pair.modality and stem != pair.stem
    ]
    if not labels or not others:
        return 0.0
    return sum(len(match_by_words(labels, other, described_in)) for other in others) / len(others)


def _verdict(found: Discrepancy, seen: Comparison) -> str:
    """Classifies a label that no gold entry matches, without a person."""
    if found.box is None:
        return "unproven"
    left, top, right, bottom = (edge * seen.pixels.scale for edge in found.box)
    return "unproven" if seen.pixels.inside((left, top, right, bottom)) else "invisible"


def _marked(error: Mapping[str, Any]) -> Marked:
    return Marked(error["category"], error["severity"], error["description"], error["location"])


def _figures(count: Counter[str], chance: float) -> dict[str, Any]:
    """Figures of one modality. Hard and soft F1 as VC-RewardBench counts; an optional entry that no
    label matches is not missed."""
    yes, partial = count["yes"], count["partial"]
    alarms = count["labels"] - yes - partial
    missed = count["firm missed"]
    hard, soft = f1(yes, alarms, missed), f1(yes + partial / 2, alarms, missed)
    return {
        **{name: count[name] for name in ("pairs", "undrawn", "labels", "firm", "optional")},
        "f1_hard": None if hard is None else round(hard, 2),
        "f1_soft": None if soft is None else round(soft, 2),
        "precision": share(yes + partial, count["labels"]),
        "precision_hard": share(yes, count["labels"]),
        "by_chance": share(chance, count["labels"]),
        "firm_recall": share(count["firm yes"] + count["firm partial"], count["firm"]),
        "firm_recall_hard": share(count["firm yes"], count["firm"]),
        "precision_by_category": share(count["labels of a gold category"], count["labels"]),
        "firm_recall_by_category": share(count["firm of a reported category"], count["firm"]),
        "verdicts": {word: count[word] for word in ("yes", "partial", "unproven", "invisible")},
        "severity_3": {"labels": count["severity 3"], "unmatched": count["severity 3 unmatched"]},
        "faithful_pairs": count["faithful_pairs"],
        "faithful_alarms": count["faithful_alarms"],
    }


def _bounds(
    counts: Mapping[Modality, Counter[str]], figures: Mapping[str, Mapping[str, Any]]
) -> dict[str, Bound]:
    bounds = {}
    for modality in counts:
        found = figures[modality]
        invented = found["severity_3"]["unmatched"]
        bounds[f"unmatched labels of severity 3 {modality}"] = Bound(invented, at_most=0)
        alarms = Bound(found["faithful_alarms"], at_most=0)
        bounds[f"alarms on faithful copies {modality}"] = alarms
        if found["firm"]:
            bounds[f"precision {modality}"] = Bound(found["precision"], at_least=PRECISION)
            bounds[f"firm recall {modality}"] = Bound(found["firm_recall"], at_least=FIRM_RECALL)
            bounds[f"f1 hard {modality}"] = Bound(found["f1_hard"], at_least=F1_HARD)
    return bounds
