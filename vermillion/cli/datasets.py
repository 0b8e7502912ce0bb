"""Commands on a published dataset: inspect, gallery, verify."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from annotators.structural import compare
from annotators.structural.why import asked, why_lines
from quality.read.inspect import Summary, read_dataset, summary
from quality.read.mix import measured_mix
from records.errors import RendererUnavailable
from records.files import exists, write_text
from records.pairs import Row
from records.taxonomy import Language
from renderers.registry import close_held, held_renderer

VERIFIED = (
    "id",
    "language",
    "candidate_language",
    "reference_code",
    "candidate_code",
    "reference_hash",
    "candidate_hash",
    "render_contract",
)


def inspect_dataset(dataset: str, as_json: bool, out: Console) -> None:
    """Counts, severities, origins and rejects by reason; where card and plots are.

    Raises:
        ConfigError: there is no dataset.
    """
    found, mix = summary(dataset), measured_mix(dataset)
    if as_json:
        out.print_json(json.dumps({**found.to_json(), "mix": mix}))
        return
    counts = found.counts
    splits = ", ".join(f"{name} {split['rows']}" for name, split in counts["splits"].items())
    out.print(f"[bold]{counts['rows']} rows[/bold] ({splits}), {found.bytes / 2**20:.1f} MiB")
    out.print(_categories(counts))
    for title, key in (("origin", "origins"), ("policy", "policies")):
        for modality, numbers in counts.get(key, {}).items():
            counted = ", ".join(f"{name} {number}" for name, number in numbers.items())
            out.print(f"{title}, {modality}: {counted}", highlight=False, soft_wrap=True)
    _print_mix(mix, out)
    out.print(_rejects(found) if found.rejects else "no row was lost")
    for policy, reasons in found.lost_by_policy.items():
        counted = ", ".join(f"{reason} {number}" for reason, number in reasons.items())
        out.print(f"lost of {policy}: {counted}", highlight=False, soft_wrap=True)
    for name in (
        "README.md",
        "gallery/index.html",
        "data_docs/index.html",
        "manifest.json",
        "train",
    ):
        if exists(f"{dataset}/{name}"):
            out.print(f"  {dataset}/{name}", highlight=False, soft_wrap=True)


def _print_mix(mix: Mapping[str, Any], out: Console) -> None:
    """Shares of categories as they were wanted, injected and named; negatives by kind."""
    table = Table("corrupted pairs", "wanted", "injected", "labeled", box=None)
    for task, shares_of in mix.items():
        for name, shares in shares_of["categories"].items():
            table.add_row(f"{task} {name}", *(f"{100 * share:.1f} %" for share in shares.values()))
    if mix:
        out.print(table)
    for task, shares_of in mix.items():
        errors = ", ".join(f"{n}: {pairs}" for n, pairs in shares_of["errors_per_pair"].items())
        negatives = ", ".join(f"{kind} {pairs}" for kind, pairs in shares_of["negatives"].items())
        out.print(
            f"{task}: pairs by injected errors {errors}; minimal pairs {shares_of['minimal_pairs']}; "
            f"negatives {negatives or 'none'}",
            highlight=False,
            soft_wrap=True,
        )


def write_gallery(dataset: str, out_dir: str, limit: int | None, out: Console) -> None:
    """Build the dataset's web page, and a screenshot of it if a browser is installed.

    Raises:
        ConfigError: there is no dataset.
        GalleryBroken: a browser is here and the page does not work in it.
    """
    from quality.gallery import build_gallery, draw_preview

    page = build_gallery(dataset, out_dir, limit)
    out.print(f"{page}", highlight=False, soft_wrap=True)
    try:
        picture = draw_preview(page, page.with_name("preview.png"))
    except RendererUnavailable as error:
        out.print(f"no picture of it: {error}", highlight=False, soft_wrap=True)
    else:
        out.print(f"{picture}", highlight=False, soft_wrap=True)


def explain_row(id_: str, dataset: str, html: str, why: bool, out: Console) -> None:
    """Print everything about one pair, and write a page if a file is given.

    Args:
        id_: Id of the pair, or how it begins.
        dataset: Where it is.
        html: File for a page; none if empty.
        why: Draw the pair again and explain the structural annotator's labels.
        out: Where to print.

    Raises:
        ConfigError: there is no dataset, or not one row of this id.
    """
    from quality.read.explain import explain, find_row, page_of

    found = explain(find_row(dataset, id_))
    row = found.row

    def say(text: str) -> None:
        out.print(text, highlight=False, soft_wrap=True, markup=False)

    how = ", ".join(row.corruptions) or row.policy
    say(f"{row.id}: {row.task}, {row.origin}{f' ({how})' if how else ''}, {row.split}")
    say(f"  {row.source} {row.upstream_id} at {row.revision}, {row.licence}")
    say(f"  {row.changed_fraction:.2%} of the pixels changed, severity sum {row.severity_sum}")
    for number, reason in enumerate(found.reasons, 1):
        label = reason.label
        say(
            f"{number}. {label.category}, severity {label.severity}: {label.location} {label.description}"
        )
        say(f"   {reason}")
    if not found.reasons:
        say("no label: the two pictures are taken to show the same")
    for line in _why(row) if why else ():
        say(line)
    say("the edit:" if found.edit else "both programs are the same")
    for line in found.edit:
        say(f"  {line}")
    if html:
        write_text(html, page_of(found))
        say(html)


def _why(row: Row) -> list[str]:
    """The output of `compare --why` for a pair, drawn again."""
    try:
        drawn = [
            held_renderer(language.modality).render(code, language).drawn()
            for code, language in (
                (row.reference_code, Language(row.language)),
                (row.candidate_code, Language(row.candidate_language)),
            )
        ]
        with asked() as notes:
            labels = compare(*drawn).discrepancies
    finally:
        close_held()
    return ["drawn and compared again:", *why_lines(labels, notes.forest(labels))]


def verify_dataset(dataset: str, sample: int | None, as_json: bool, out: Console) -> bool:
    """Re-render rows; True if every picture has its stored pixel hash.

    Rows are taken evenly from the dataset. A different render contract is reported, too, since it
    explains why pixels may differ.

    Raises:
        ConfigError: there is no dataset.
        SandboxUnavailable, RendererUnavailable: nothing can be drawn here.
    """
    total = sum(1 for _ in read_dataset(dataset, columns=["id"]))
    step = max(1, total // sample) if sample else 1
    drift: list[dict[str, str]] = []
    counts: Counter[str] = Counter()
    seen: dict[tuple[str, str], str] = {}
    try:
        for index, row in enumerate(read_dataset(dataset, columns=VERIFIED)):
            if index % step or (sample and counts["rows"] >= sample):
                continue
            counts["rows"] += 1
            for side in ("reference", "candidate"):
                found, contract = _hash_again(row, side, seen)
                counts["pictures"] += 1
                counts["other_contract"] += contract != row["render_contract"]
                if found != row[f"{side}_hash"]:
                    drift.append(
                        {"id": row["id"], "side": side, "stored": row[f"{side}_hash"], "now": found}
                    )
    finally:
        close_held()
    if as_json:
        out.print_json(json.dumps({**counts, "drift": drift}))
        return not drift
    out.print(
        f"{counts['rows']} rows, {counts['pictures']} pictures re-rendered: {len(drift)} differ"
    )
    if counts["other_contract"]:
        out.print(
            f"{counts['other_contract']} pictures were drawn under another render contract (library or font versions)"
        )
    for one in drift[:20]:
        out.print(
            f"  {one['id']} {one['side']}: stored {one['stored']}, now {one['now']}",
            highlight=False,
        )
    return not drift


def _hash_again(
    row: Mapping[str, Any], side: str, seen: dict[tuple[str, str], str]
) -> tuple[str, str]:
    """Pixel hash (or status if it no longer renders) and render contract; references only once."""
    language = Language(row["language" if side == "reference" else "candidate_language"])
    renderer = held_renderer(language.modality)
    key = (language.value, row[f"{side}_code"])
    if side == "candidate" or key not in seen:
        made = renderer.render(key[1], language)
        seen[key] = made.picture.pixel_hash if made.picture else made.status.value
    return seen[key], renderer.contract.hash


def _categories(counts: Mapping[str, Any]) -> Table:
    table = Table("modality", "category", "errors", "severity 1", "2", "3", box=None)
    for modality, categories in counts["categories"].items():
        for category, severities in categories.items():
            by = {str(level): n for level, n in severities.items()}
            table.add_row(
                modality,
                category,
                str(sum(by.values())),
                *(str(by.get(level, 0)) for level in ("1", "2", "3")),
            )
    return table


def _rejects(found: Summary) -> Table:
    table = Table("rejected at", "reason", "rows", box=None)
    for stage, reasons in found.rejects.items():
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
            table.add_row(stage, reason, str(count))
    return table
