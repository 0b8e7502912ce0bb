"""Writes the dataset card: contents, sources, rejects, and how to train on the dataset.

Written in the form the Hugging Face hub reads, from the facts of the manifest, and the last report of
`vermillion teach` on an earlier version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import fsspec
from huggingface_hub import DatasetCardData

from quality.dataset.draft import Draft
from quality.dataset.plots import draw_categories, draw_examples, draw_rejects, draw_severities
from quality.format.schema import DESCRIPTIONS, SPLITS
from records.pairs import Row

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))


PREVIEW = "card/gallery.png"
"""Screenshot of the gallery, if a browser is installed."""


TEACH = "teach"
"""`<root>/teach/<name>` holds the last report of `vermillion teach` on the dataset of that name."""


def write_card(facts: Mapping[str, Any], examples: Sequence[Row], draft: Draft) -> None:
    """README.md and its pictures under `card/`.

    A report of `vermillion teach` that stands in `<root>/teach/<name>` becomes a section.
    """
    counts = facts["counts"]
    draw_categories(counts, draft.path("card/categories.png"))
    draw_severities(counts, draft.path("card/severities.png"))
    draw_rejects(facts["rejects"], draft.path("card/rejects.png"))
    names = ["categories", "severities", "rejects"]
    if examples:
        draw_examples(examples, draft.path("card/examples.png"))
        names.append("examples")
    taught = _taught(draft)
    if taught:
        names.append(TEACH)
    for name in names:
        draft.finish(f"card/{name}.png")
    draft.path("README.md").write_text(card_text(facts, bool(examples), taught), encoding="utf-8")
    draft.finish("README.md")


def _taught(draft: Draft) -> str:
    """The last report of `vermillion teach`, its plot copied to `card/`; empty if there is none."""
    root, _, name, _ = draft.url.rsplit("/", 3)
    filesystem, folder = fsspec.core.url_to_fs(f"{root}/{TEACH}/{name}")
    if not all(filesystem.exists(f"{folder}/teach.{kind}") for kind in ("md", "png")):
        return ""
    draft.path(f"card/{TEACH}.png").write_bytes(filesystem.cat_file(f"{folder}/teach.png"))
    return bytes(filesystem.cat_file(f"{folder}/teach.md")).decode("utf-8")


def card_text(facts: Mapping[str, Any], has_examples: bool, taught: str = "") -> str:
    """The text of the card, front matter included.

    Args:
        facts: What the manifest holds.
        has_examples: Whether example pairs were drawn.
        taught: What `vermillion teach` found, as Markdown.
    """
    counts = facts["counts"]
    parts = [
        _front_matter(facts),
        f"# {facts['name']} {facts['version']}\n",
        f"{counts['rows']:,} pairs of pictures from {counts['samples']:,} reference programs: a "
        "reference, a candidate that tries to reproduce it, and every visible difference between "
        "the two by category, severity, place and words. Made by Vermillion to train visual reward "
        "models after Visual-ERM (arXiv:2603.13224).\n",
        "![Example pairs](card/examples.png)\n" if has_examples else "",
        _pages(facts),
        "## Load it\n",
        _loading(),
        *_counted(counts),
        "## Tokens\n" if facts.get("tokens") else "",
        _tokens(facts["tokens"]) if facts.get("tokens") else "",
        f"## Does it teach?\n\n{taught}\n![Mean AP of each arm](card/{TEACH}.png)\n"
        if taught
        else "",
        *_lost(facts["rejects"]),
        "## Held back\n",
        _held_back(facts["held_back"]),
        "## Sources and licenses\n",
        _table(
            ("source", "revision", "licence", "pairs"),
            ((s["source"], s["revision"], s["licence"], s["rows"]) for s in counts["sources"]),
        ),
        "The license of each row is in its column `licence`; it is that of the reference program.\n",
        "## Columns\n",
        _table(("column", "what it holds"), DESCRIPTIONS.items()),
        "## How it was made\n",
        f"Completions are of the `{facts['style']}` style. Each row names its render contract, the "
        "hash of everything that decides how a program looks; `vermillion verify` draws rows again "
        "and compares pixel hashes.\n",
        _table(
            ("task", "render contract", "pairs"),
            (
                (task, contract, rows)
                for task, contracts in counts["render_contracts"].items()
                for contract, rows in contracts.items()
            ),
        ),
        _config(facts),
    ]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _counted(counts: Mapping[str, Any]) -> tuple[str, ...]:
    """Tables of the number of pairs by split, origin, category, corruption and policy."""
    return (
        "## What is in it\n",
        _table(
            ("split", "pairs", "samples"),
            ((s, counts["splits"][s]["rows"], counts["splits"][s]["samples"]) for s in SPLITS),
        ),
        "Splits follow the sample: no reference program, and no reference picture, is in two.\n",
        _matrix("pairs by origin", counts["origins"]),
        "*corrupted*: typed errors were put into the reference program. *sampled*: a weak policy "
        "looked at the picture and wrote its own program. *identical* and *equivalent*: the same "
        "picture, by the same or by other code, so that false alarms can be measured.\n",
        "## Discrepancies\n",
        "![Discrepancies by category](card/categories.png)\n",
        "![Severity, and discrepancies a pair](card/severities.png)\n",
        _table(
            ("task", "category", "minor", "medium", "severe", "all"),
            (
                (task, name, by["1"], by["2"], by["3"], sum(by.values()))
                for task, categories in counts["categories"].items()
                for name, by in categories.items()
            ),
        ),
        _named("Corruptions", "corruption", "uses", counts["corruptions"]),
        _named("Policies", "policy", "pairs", counts["policies"]),
    )


def _lost(rejects: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """How many rows each stage rejected, and why."""
    return (
        "## Lost on the way\n",
        "A row that cannot be trusted is not published; all of them are in `rejects/`, each with "
        "its stage, reason and detail.\n",
        "![Rows lost by reason](card/rejects.png)\n",
        _table(
            ("stage", "reason", "rows"),
            (
                (stage, reason, rows)
                for stage, reasons in rejects.items()
                for reason, rows in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
            ),
        ),
    )


def _front_matter(facts: Mapping[str, Any]) -> str:
    rows = facts["counts"]["rows"]
    size = next((word for most, word in _SIZES if rows < most), "n>1M")
    tags = ["reward-model", "vision-to-code", "synthetic", *facts["counts"]["modalities"]]
    data = DatasetCardData(
        pretty_name=f"{facts['name']} {facts['version']}",
        license="other",
        license_name="per-row",
        license_link="README.md#sources-and-licenses",
        language=["en"],
        task_categories=["image-text-to-text"],
        size_categories=[size],
        tags=tags,
        configs=[
            {
                "config_name": "default",
                "data_files": [
                    {"split": split, "path": f"{split}/part-*.parquet"} for split in SPLITS
                ],
            }
        ],
    )
    return f"---\n{data.to_yaml()}\n---\n"


def _tokens(figures: Mapping[str, Mapping[str, int]]) -> str:
    lines = (
        (task, one["mean"], one["median"], one["p99"], one["max"]) for task, one in figures.items()
    )
    return (
        f"{figures['all']['sum']:,} tokens in all, both pictures, prompt and reply included: a token of "
        "Qwen3-VL is 32 x 32 pixels of a picture or about 3.6 characters of text.\n\n"
        + _table(("tokens a pair", "mean", "median", "99 of 100 below", "most"), lines)
    )


def _pages(facts: Mapping[str, Any]) -> str:
    pages = {
        "gallery/index.html": "to look at pairs",
        "data_docs/index.html": "for what was checked",
    }
    named = [f"`{page}` {why}" for page, why in pages.items() if page in facts["pages"]]
    if not named:
        return ""
    preview = f"\n![The gallery]({PREVIEW})\n" if facts.get("preview") else ""
    return f"Open {', '.join(named)}.\n{preview}"


def _loading() -> str:
    return """```python
from datasets import load_dataset

pairs = load_dataset("path/to/this/folder")
reference, candidate = pairs["train"][0]["images"]  # PIL pictures
```

Trainers select columns; nothing is converted.

| trainer | columns |
|---|---|
| TRL (SFT) | `images`, `prompt`, `completion` |
| LLaMA-Factory, ms-swift, veRL | `images`, `messages` (one `<image>` tag a picture) |
| torch `DataLoader`, Ray Data | all, pictures as PNG bytes in `images` |
| LLaMA-Factory `dataset_info.json` | `"formatting": "sharegpt", "columns": {"messages": "messages", "images": "images"}, "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}` |
"""


def _held_back(held_back: Mapping[str, Any]) -> str:
    reserved = held_back["reserved_rows_in_test"]
    contaminated = held_back["contaminated_rows"]
    lines = []
    if reserved:
        lines.append(
            "Pairs of these benchmark parts are in `test` only:\n\n"
            + _table(("benchmark part", "pairs"), reserved.items())
        )
    if contaminated:
        lines.append(
            "Pairs left out because their reference is in a benchmark:\n\n"
            + _table(("found by", "pairs"), contaminated.items())
        )
    if not lines:
        lines.append("No pair belonged to a benchmark.\n")
    lines.append(
        f"Compared with {held_back['held_out_folders']} benchmark folders by picture, code and words, "
        "and with the reserved samples of the sources themselves.\n"
    )
    return "\n".join(lines)


def _config(facts: Mapping[str, Any]) -> str:
    if not facts["config"]:
        return ""
    text = json.dumps(facts["config"], indent=1, sort_keys=True, ensure_ascii=False)
    return (
        f"<details><summary>Configuration {facts['config_hash']}</summary>\n\n```json\n{text}\n```\n"
        "\n</details>\n"
    )


def _matrix(corner: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    columns = sorted({name for by in counts.values() for name in by})
    return _table(
        (corner, *columns, "all"),
        (
            (task, *(by.get(name, 0) for name in columns), sum(by.values()))
            for task, by in counts.items()
        ),
    )


def _named(title: str, thing: str, unit: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    """A folded list, the most frequent first; empty if there is nothing to list."""
    if not counts:
        return ""
    lines = _table(
        ("task", thing, unit),
        (
            (task, name, rows)
            for task, by in counts.items()
            for name, rows in sorted(by.items(), key=lambda item: (-item[1], item[0]))
        ),
    )
    return f"<details><summary>{title}</summary>\n\n{lines}\n</details>\n"


def _table(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """A Markdown table with right-aligned numbers."""
    rows = [list(line) for line in lines]
    if not rows:
        return "*none*\n"
    right = [all(isinstance(row[at], int) for row in rows) for at in range(len(head))]
    rule = "|".join("---:" if number else "---" for number in right)
    text = [f"| {' | '.join(head)} |", f"|{rule}|"]
    text += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(text) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")
