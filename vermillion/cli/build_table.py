"""Shows the result of a build as tables in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from quality.format.schema import SPLITS
from records.config import BuildConfig
from records.rows import COMPARISON_BUG
from records.stages import STAGES
from vermillion.pipeline.local import Built


def print_build(built: Built, config: BuildConfig, out: Console) -> None:
    """Rows and rejects of each stage, then where the dataset is."""
    table = Table("stage", "rows", "rejects", "reasons", box=None)
    for stage in ("pull", *(one.name for one in STAGES)):
        reasons = {reason: n for (of, reason), n in built.rejects.items() if of == stage}
        counted = ", ".join(
            f"{reason} {n}" for reason, n in sorted(reasons.items(), key=lambda kv: -kv[1])
        )
        table.add_row(stage, str(built.rows[stage]), str(sum(reasons.values())), counted)
    out.print(table)
    for name, audit in built.pilot.items():
        whole = audit["overall"]
        counted = ", ".join(
            f"{what} {whole[what]:.3f}"
            for what in ("recall", "precision", "f1")
            if whole[what] is not None
        )
        out.print(f"pilot of {name}: {whole['pairs']} pairs, {counted}", highlight=False)
    counts = built.published["splits"]
    splits = ", ".join(f"{name} {counts[name]}" for name in SPLITS if name in counts)
    again = " (nothing had changed)" if built.published["skipped"] else ""
    out.print(f"published {built.published['rows']} rows ({splits}){again}", highlight=False)
    out.print(f"  dataset  {built.published['path']}", highlight=False, soft_wrap=True)
    out.print(f"  card     {built.published['path']}/README.md", highlight=False, soft_wrap=True)
    out.print(
        f"  gallery  {built.published['path']}/gallery/index.html", highlight=False, soft_wrap=True
    )
    out.print(f"  work     {config.work_url}", highlight=False, soft_wrap=True)
    if bugs := sum(n for (_, reason), n in built.rejects.items() if reason == COMPARISON_BUG):
        out.print(
            f"{bugs} pairs were lost to a bug of Vermillion, not to their programs: please report it "
            f"with a detail of the rejects with reason {COMPARISON_BUG}",
            highlight=False,
            soft_wrap=True,
        )
