"""The page of the audit: every lane's figures, its bounds, and when and on what they were measured.

``python -m vermillion.pages.audit docs/reference ../shared/data [LANE...]`` measures the lanes and
writes ``audit.json`` and, from it, ``audit.md``. A lane whose data are not there keeps its figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotators.audit.suites.suite import SuiteResult
from records.taxonomy import Modality
from vermillion.cli.audit import AuditRequest, chosen_samples
from vermillion.cli.audit_suites import LANES, OF_FILES, figure_text, flat, measured_lane, suite_of

HOUSE = Path(__file__).parents[2]
SAMPLES = 6
"""Bundled samples of each modality, for the lanes that corrupt some; spread evenly over all."""
FOLDERS = {"natural": "natural", "cases": "cases", "cheap": "natural"}
"""Of the samples beside the checkout, by lane."""
ANSWERS = HOUSE / "tests" / "annotators" / "audit" / "cases.json"
COUNTS = ("count", "pairs", "traced", "another_sample: references")
"""Figures that say how many pairs a lane looked at, or errors, or references."""
INTRODUCTION = """# Audit figures

How true the labels of the structural annotator are, measured by `vermillion audit --lane NAME`. The first
four lanes make their errors themselves, so the right answer is known. `natural` and `cases` read pairs that
somebody else wrote, with answers of people. `cheap` measures the reward, not the labels. A dash is a figure
for which there was nothing to measure.

The samples are few. A share of 20 pairs has a standard error of up to 0.11, so read it as an estimate;
larger measurements are under [measurements](../measurements.md). `make audit-figures` measures everything
again and writes this page.
"""


def page(measured: Mapping[str, Any]) -> str:
    """The whole page as Markdown, from what `audit.json` holds."""
    lines = [
        INTRODUCTION,
        "| lane | chart | table | svg | bounds kept | measured |",
        "|---|---|---|---|---|---|",
    ]
    known = [lane for lane in LANES if lane in measured]
    for lane in known:
        found = measured[lane]
        counts = [looked_at(found["figures"].get(m, {})) for m in Modality]
        kept = [bound["ok"] for bound in found["bounds"].values()]
        lines.append(
            f"| [{lane}](#{lane}) | {' | '.join(counts)} | {sum(kept)} of {len(kept)} "
            f"| {found['date']}, `{found['commit']}` |"
        )
    lines.append("\nThe columns chart, table and svg say how many pairs were looked at.\n")
    for lane in known:
        lines += section(lane, measured[lane])
    return "\n".join(lines)


def looked_at(figures: Mapping[str, Any]) -> str:
    """How many pairs stand behind the figures of one modality."""
    lines = flat(dict(figures))
    return next((figure_text(lines[name]) for name in COUNTS if name in lines), "-")


def section(lane: str, found: Mapping[str, Any]) -> Iterator[str]:
    """What a lane measures, its figures by modality, and its bounds."""
    meaning = suite_of(lane).__doc__ or ""
    yield f"## {lane}\n\n{' '.join(meaning.partition(chr(10) * 2)[0].split())}\n"
    yield f"Measured on {found['on']}.\n"
    columns = {m: flat(found["figures"][m]) for m in Modality if m in found["figures"]}
    yield f"| figure | {' | '.join(columns)} |"
    yield "|---|" + "---:|" * len(columns)
    for name in dict.fromkeys(name for figures in columns.values() for name in figures):
        cells = (figure_text(figures.get(name)) for figures in columns.values())
        yield f"| {name.replace('_', ' ')} | {' | '.join(cells)} |"
    yield "\n| bound | reached | wanted | |\n|---|---:|---|---|"
    for name, bound in found["bounds"].items():
        side = "at least" if "at_least" in bound else "at most"
        wanted = bound.get("at_least", bound.get("at_most"))
        kept = "kept" if bound["ok"] else "**missed**"
        yield f"| {name} | {figure_text(bound['value'])} | {side} {wanted:g} | {kept} |"
    yield ""


def measure(lane: str, data: Path) -> dict[str, Any]:
    """One lane's entry of `audit.json`."""
    if lane == "cheap":
        folder = data / FOLDERS[lane]
        found = measured_lane(lane, lambda: chosen_samples(AuditRequest()), folder)
        on = f"all bundled samples with attempts of `drift-*`, and the folder `{FOLDERS[lane]}` beside the checkout"
    elif lane in OF_FILES:
        folder = data / FOLDERS[lane]
        found = measured_lane(
            lane, lambda: (), folder, expected=ANSWERS if lane == "cases" else None
        )
        on = f"the samples beside the checkout, folder `{FOLDERS[lane]}`"
    else:
        found = measured_lane(lane, lambda: chosen_samples(AuditRequest(limit=SAMPLES)))
        on = f"{SAMPLES} bundled samples of each modality, seed 0"
    return entry(found, on)


def entry(found: SuiteResult, on: str) -> dict[str, Any]:
    """A lane's figures and bounds with the day and the commit."""
    values = found.to_json()
    commit = subprocess.run(
        ["git", "rev-parse", "--short=7", "HEAD"], cwd=HOUSE, capture_output=True, text=True
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.stdout.strip() or "unknown",
        "on": on,
        "figures": values["figures"],
        "bounds": values["bounds"],
    }


def main() -> None:
    """Measure into the folder of the first argument, with the data of the second."""
    folder, data = Path(sys.argv[1]), Path(sys.argv[2])
    file = folder / "audit.json"
    measured = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for lane in sys.argv[3:] or LANES:
        if lane in FOLDERS and not (data / FOLDERS[lane]).is_dir():
            print(
                f"audit: {lane} keeps its figures: no folder {data / FOLDERS[lane]}",
                file=sys.stderr,
            )
            continue
        print(f"audit: {lane}", file=sys.stderr)
        measured[lane] = measure(lane, data)
        file.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    (folder / "audit.md").write_text(page(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
