"""Shows the results of an audit as tables in a terminal and as a report with plots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SHADES = ("#e34234", "#4a6fa5", "#6b9080")
WIDTH = 130
"""Width, in characters, of a table in a file."""
WORST = 12
"""Number of corruptions in the plot of the weakest."""

NEGATIVES = ("identical", "equivalent", "unseen")
SCORE_COLUMNS = (
    ("count", "count", "{:d}"),
    ("recall", "recall", "{:.3f}"),
    ("precision", "precision", "{:.3f}"),
    ("labels/error", "labels_per_error", "{:.2f}"),
    ("unexplained", "unexplained", "{:.3f}"),
    ("box covers", "box_covers", "{:.3f}"),
    ("box IoU", "box_iou", "{:.2f}"),
)

Report = Mapping[str, Any]
Lines = list[tuple[str, ...]]


def tables(found: Report) -> list[tuple[str, Lines]]:
    """Each table as title and rows, the first row its head."""
    result = [(title, _scores(found[title])) for title in ("modalities", "categories")]
    result.append(("corruptions", _scores(found["corruptions"])))
    result.append(("negatives", _negatives(found)))
    result.append(("coverage: corruptions per sample", _coverage(found)))
    result.append(("severity as the error grows", _grades(found)))
    result.append(("CPU ms a pair, beyond rendering", _throughput(found)))
    return result


def print_tables(found: Report, out: Console) -> None:
    """Every figure of the audit, the corruptions that never apply, and the first misses."""
    if not out.is_terminal and out.width < WIDTH:
        out = Console(file=out.file, width=WIDTH, no_color=out.no_color)
    for title, (head, *rows) in tables(found):
        table = Table(title=title, box=None, title_justify="left", title_style="bold")
        table.add_column(head[0], no_wrap=True)
        for name in head[1:]:
            table.add_column(name, justify="right")
        for row in rows:
            table.add_row(*row)
        out.print(table)
        out.print()
    for line in (*remarks(found), *missed(found)):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def remarks(found: Report) -> list[str]:
    """Remarks: corruptions that never apply, failed renders, misses, severities that fall."""
    lines = [f"injected errors: {found['attempts']}"]
    for modality, cover in found["coverage"].items():
        for key in ("never_apply", "never_change"):
            if cover[key]:
                lines.append(f"{modality}, {key.replace('_', ' ')}: {', '.join(cover[key])}")
        failed = {
            name: use["failed"] for name, use in cover["corruptions"].items() if use["failed"]
        }
        if failed:
            lines.append(f"{modality}, not drawn: {failed}")
    for modality, kinds in found["monotonicity"].items():
        for kind, grades in kinds.items():
            for fall in grades["worst"]:
                (small, less), (large, more) = fall["smaller"], fall["larger"]
                lines.append(
                    f"{modality}, {kind} on {fall['sample']}: graded {small} ({less}), "
                    f"then {large} ({more})"
                )
    for miss in found["misses"][:40]:
        lines.append(
            f"missed {miss['corruption']} ({miss['category']}) on {miss['sample']}: "
            f"named {miss['named'] or 'nothing'}"
        )
    return lines


def missed(found: Report) -> list[str]:
    """The missed bounds."""
    return [f"bound missed: {line}" for line in found["missed_bounds"]] or ["every bound is kept"]


def write_report(found: Report, folder: Path) -> None:
    """Write ``report.json``, ``report.md`` and the plots it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1, sort_keys=True)
    (folder / "report.json").write_text(text, encoding="utf-8")
    plots = draw_plots(found, folder)
    parts = [f"# Audit of `{found['annotator']}` on `{found['source']}`\n"]
    parts += [f"![{name}]({name})\n" for name in plots]
    parts += [f"- {line}\n" for line in missed(found)]
    for title, (head, *rows) in tables(found):
        parts.append(f"\n## {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}\n")
        parts += [f"| {' | '.join(row)} |\n" for row in rows]
    parts.append("\n## Remarks\n\n")
    parts += [f"- {line}\n" for line in remarks(found)]
    (folder / "report.md").write_text("".join(parts), encoding="utf-8")


def draw_plots(found: Report, folder: Path) -> list[str]:
    """Recall and precision, the weakest corruptions, cascades and coverage; names of the files."""
    import matplotlib
    from matplotlib.figure import Figure

    from quality.dataset.plots import STYLE

    categories = {name: one for name, one in found["categories"].items() if one["count"]}
    weak = sorted(
        ((one["recall"], name, one) for name, one in found["corruptions"].items() if one["count"]),
        key=lambda item: item[:2],
    )[:WORST]
    names = ["categories.png", "weakest.png", "cascades-coverage.png"]
    with matplotlib.rc_context(STYLE):
        heights_in = (0.8 + 0.42 * len(categories), 0.8 + 0.3 * len(weak), 2.9)
        for name, height_in in zip(names, heights_in, strict=True):
            figure = Figure(figsize=(9, height_in), dpi=120, layout="constrained")
            match name:
                case "categories.png":
                    _plot_categories(categories, figure.add_subplot())
                case "weakest.png":
                    _plot_weakest(weak, figure.add_subplot())
                case _:
                    shades = dict(zip(found["coverage"], SHADES, strict=False))
                    _plot_cascades(found["modalities"], shades, figure.add_subplot(1, 2, 1))
                    _plot_coverage(found["coverage"], shades, figure.add_subplot(1, 2, 2))
            for axes in figure.axes:
                axes.title.set(fontsize=11)
            figure.savefig(folder / name)
    return names


def _plot_categories(categories: Report, axes: Any) -> None:
    for at, one in enumerate(categories.values()):
        for off, key, color in ((-0.19, "recall", SHADES[0]), (0.19, "precision", SHADES[1])):
            value = one[key] or 0.0
            axes.barh(at + off, value, height=0.36, color=color, label="" if at else key)
            axes.text(value, at + off, f" {value:.3f}", va="center", fontsize=7)
    ticks = [f"{name} ({one['count']})" for name, one in categories.items()]
    axes.set_yticks(range(len(categories)), ticks)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
    axes.set_title("Injected errors by category", loc="left")


def _plot_weakest(weak: Sequence[tuple[float, str, Report]], axes: Any) -> None:
    axes.barh(range(len(weak)), [recall for recall, _, _ in weak], color=SHADES[0], height=0.6)
    for at, (recall, _, one) in enumerate(weak):
        axes.text(recall, at, f" {recall:.2f} of {one['count']}", va="center", fontsize=8)
    axes.set_yticks(range(len(weak)), [name for _, name, _ in weak])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.2)
    axes.set_title("Corruptions named least often: recall", loc="left")


def _plot_cascades(by_modality: Report, shades: Mapping[str, str], axes: Any) -> None:
    most = 6
    for at, (modality, score) in enumerate(by_modality.items()):
        sizes = [0] * (most + 1)
        for size, count in score["cascades"].items():
            sizes[min(most, int(size))] += count
        total = sum(sizes) or 1
        places = [x + (at - (len(by_modality) - 1) / 2) * 0.26 for x in range(most + 1)]
        axes.bar(
            places, [100 * n / total for n in sizes], 0.25, color=shades[modality], label=modality
        )
    axes.set_xticks(range(most + 1), [*map(str, range(most)), f"{most}+"])
    axes.set_xlabel("labels of one injected error")
    axes.set_ylabel("% of the errors")
    axes.legend(frameon=False, fontsize=8)
    axes.set_title("Cascades", loc="left")


def _plot_coverage(by_modality: Report, shades: Mapping[str, str], axes: Any) -> None:
    for at, (modality, cover) in enumerate(by_modality.items()):
        for off, key, alpha in ((-0.18, "applies", 0.45), (0.18, "changes", 1.0)):
            spread = cover[key]
            if spread is None:
                continue
            names = {"med": "median", "q1": "p25", "q3": "p75", "whislo": "min", "whishi": "max"}
            axes.bxp(
                [{ours: spread[theirs] for ours, theirs in names.items()}],
                positions=[at + off],
                widths=0.3,
                showfliers=False,
                patch_artist=True,
                boxprops={"facecolor": shades[modality], "alpha": alpha},
                medianprops={"color": "black"},
            )
    ticks = [f"{modality}\n{cover['samples']} samples" for modality, cover in by_modality.items()]
    axes.set_xticks(range(len(by_modality)), ticks)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("corruptions a sample")
    axes.set_title("That apply (pale), that change pixels", loc="left")


def _scores(scores: Mapping[str, Mapping[str, Any]]) -> Lines:
    rows: Lines = [("", *(title for title, _, _ in SCORE_COLUMNS), "severity 1/2/3")]
    for name, score in scores.items():
        cells = [
            "-" if score[key] is None else form.format(score[key]) for _, key, form in SCORE_COLUMNS
        ]
        rows.append((name, *cells, "/".join(str(n) for n in score["severities"].values())))
    return rows


def _negatives(found: Report) -> Lines:
    rows: Lines = [("", *(word for kind in NEGATIVES for word in (kind, "alarms", "changed")))]
    for name, counts in found["negatives"]["modalities"].items():
        keys = [f"{kind}{what}" for kind in NEGATIVES for what in ("", "_alarms", "_changed")]
        rows.append((name, *(str(counts[key]) for key in keys)))
    return rows


def _coverage(found: Report) -> Lines:
    rows: Lines = [("", "samples", "catalog", "", "min", "p25", "median", "p75", "max", "mean")]
    for name, figures in found["coverage"].items():
        for key in ("applies", "changes"):
            if figures[key]:
                cells = _some(figures[key], ("min", "p25", "median", "p75", "max", "mean"))
                rows.append((name, str(figures["samples"]), str(figures["catalog"]), key, *cells))
    return rows


def _grades(found: Report) -> Lines:
    rows: Lines = [("", "ladders", "steps", "falls")]
    for name, kinds in found["monotonicity"].items():
        for kind, one in kinds.items():
            rows.append((f"{name}: {kind}", *(str(one[k]) for k in ("ladders", "steps", "falls"))))
    return rows


def _throughput(found: Report) -> Lines:
    rows: Lines = [("", "pairs", "", "median", "p95", "max", "mean")]
    for name, figures in found["throughput"].items():
        for key in ("corrupt_cpu_ms", "judge_cpu_ms", "pair_cpu_ms"):
            if figures[key]:
                cells = _some(figures[key], ("median", "p95", "max", "mean"))
                rows.append((name, str(figures["pairs"]), key.removesuffix("_cpu_ms"), *cells))
    return rows


def _some(spread: Mapping[str, float], keys: Sequence[str]) -> list[str]:
    return [f"{spread[key]:.1f}" for key in keys]
