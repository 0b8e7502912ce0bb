"""Audit suite `cases`: small pairs modeled on public bug reports, with expected labels.

Right answers stand in a JSON file, by name of the pair (``STEM`` or ``STEM-candN``):

labels     [least, most] number of labels
must       patterns, each of which some label must match
never      patterns that no label may match
worst      largest severity that any label may have
rejected   true if the candidate is not to be drawn
reference  file name of the reference, if names do not show it
same_as    name of another pair with the same pictures: the labels must be the same, but for places
           and names of parts

A pattern is a regular expression that is searched in ``category severity location: description``,
regardless of case. A pair without an answer is counted as unjudged and its labels are listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from annotators.audit.figures import share
from annotators.audit.suites.files import FilePair, folder_of, pairs_in, read_json
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult
from records.errors import ConfigError
from records.rows import Discrepancy
from records.settings import Section, validated
from records.taxonomy import Modality

FILE = "expected.json"
RIGHT = 0.9
"""Share of the judged pairs whose labels must be right, in each modality."""


class ExpectedLabels(Section):
    """The expected labels of one pair."""

    labels: tuple[int, int] | None = None
    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    worst: int | None = None
    rejected: bool = False
    reference: str = ""
    same_as: str = ""


def measure(ground: SuiteInput) -> SuiteResult:
    """Compare the judge's labels of each pair with the expected ones.

    Raises:
        ConfigError: no folder, no pairs, or answers that cannot be read.
    """
    folder = folder_of(ground.data, "cases")
    answers = read_answers(ground.expected or folder / FILE)
    named = _references(folder, answers)
    counts: dict[Modality, Counter[str]] = {}
    labels_by_pair: dict[str, list[str]] = {}
    details = []
    for pair in pairs_in(folder, named, ground.modalities):
        count = counts.setdefault(pair.modality, Counter())
        answer = answers.get(pair.stem)
        labels, status = _labels(ground, pair)
        labels_by_pair[pair.stem] = _grades(labels or ())
        faults = [] if answer is None else _faults(answer, labels, status, labels_by_pair)
        verdict = "unjudged" if answer is None else "wrong" if faults else "right"
        count["pairs"] += 1
        count[verdict] += 1
        details.append(
            {
                "modality": str(pair.modality),
                "pair": pair.stem,
                "verdict": verdict,
                "faults": faults,
                "labels": None if labels is None else [as_line(one) for one in labels],
                "status": status,
            }
        )
    figures = {
        str(modality): {
            **{name: count[name] for name in ("pairs", "right", "wrong", "unjudged")},
            "right_share": share(count["right"], count["right"] + count["wrong"]),
        }
        for modality, count in counts.items()
    }
    bounds = {
        f"right {modality}": Bound(found["right_share"], at_least=RIGHT)
        for modality, found in figures.items()
    }
    return SuiteResult("cases", figures, bounds, details)


def read_answers(file: Path) -> dict[str, ExpectedLabels]:
    """The expected labels in a file, by name of the pair; empty if the folder has no such file.

    Raises:
        ConfigError: the file cannot be read, or an answer is wrong; names it.
    """
    if file.name == FILE and not file.exists():
        return {}
    answers = {}
    for name, values in read_json(file).items():
        answers[name] = validated(ExpectedLabels, values, f"{file}: {name}")
        for pattern in (*answers[name].must, *answers[name].never):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(f"{file}: {name}: {pattern!r} is no pattern: {error}") from error
    return answers


def as_line(found: Discrepancy) -> str:
    """A label as the text that patterns are matched with."""
    return f"{found.category} {found.severity} {found.location}: {found.description}"


def _grades(labels: Sequence[Discrepancy]) -> list[str]:
    return sorted(f"{one.category}{one.severity}" for one in labels)


def _references(folder: Path, answers: Mapping[str, ExpectedLabels]) -> dict[str, str]:
    """References by file name of the candidate, where an answer names one."""
    named = {}
    for name, answer in answers.items():
        if answer.reference:
            mark = "" if "-cand" in name else "-cand"
            for file in folder.glob(f"*/{name}{mark}.*"):
                named[file.name] = answer.reference
    return named


def _labels(ground: SuiteInput, pair: FilePair) -> tuple[tuple[Discrepancy, ...] | None, str]:
    """Labels of a pair, or None and the status of the render that failed."""
    reference = ground.draw(pair.reference.code, pair.reference)
    candidate = ground.draw(pair.candidate.code, pair.candidate)
    for render in (reference, candidate):
        if render.picture is None:
            return None, render.status.value
    return ground.judge(reference.drawn(), candidate.drawn()).discrepancies, "ok"


def _faults(
    answer: ExpectedLabels,
    labels: Sequence[Discrepancy] | None,
    status: str,
    labels_by_pair: Mapping[str, list[str]],
) -> list[str]:
    """Faults of the labels, one sentence each."""
    if labels is None:
        return [] if answer.rejected else [f"not drawn: {status}"]
    if answer.rejected:
        return ["was drawn, but is to be rejected"]
    lines = [as_line(one) for one in labels]
    faults = []
    if answer.labels is not None and not answer.labels[0] <= len(lines) <= answer.labels[1]:
        least, most = answer.labels
        wanted = str(least) if least == most else f"{least} to {most}"
        faults.append(f"{len(lines)} labels instead of {wanted}")
    for pattern in answer.must:
        if not any(re.search(pattern, line, re.IGNORECASE) for line in lines):
            faults.append(f"no label says {pattern!r}")
    for pattern in answer.never:
        for line in lines:
            if re.search(pattern, line, re.IGNORECASE):
                faults.append(f"{line!r} matches {pattern!r}, which no label may")
    if answer.worst is not None and any(one.severity > answer.worst for one in labels):
        faults.append(f"a label is graded over {answer.worst}")
    ours = _grades(labels)
    if answer.same_as and labels_by_pair.get(answer.same_as, ours) != ours:
        faults.append(f"labels differ from those of {answer.same_as}, whose pictures are equal")
    return faults
