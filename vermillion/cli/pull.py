"""The command pull."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from records.errors import ConfigError
from records.sections import SourceConfig
from records.shards import read_report
from sources.pull import list_samples
from vermillion.pipeline.refresh import pull_into


def pull_source(
    source: str,
    *,
    out_dir: str,
    snapshot: Path | None,
    revision: str,
    limit: int | None,
    shard_size: int,
    as_json: bool,
    out: Console,
) -> None:
    """Pull one source and say what came out.

    Raises:
        ConfigError: the source is unknown, or the snapshot is none of its layouts.
        EndpointUnavailable: the hub does not answer.
    """
    if snapshot is not None and not snapshot.exists():
        raise ConfigError(f"--snapshot {snapshot}: no such folder")
    settings = SourceConfig(snapshot=str(snapshot or ""), revision=revision, limit=limit)
    pulled = pull_into(source, settings, out_dir, shard_size)
    reasons: Counter[str] = Counter()
    for url in list_samples(out_dir):
        report = read_report(url)
        if report and Path(url).name.startswith(f"{source}-"):
            reasons.update(report.rejects)
    if as_json:
        out.print_json(json.dumps({**pulled, "source": source, "reasons": dict(reasons)}))
        return
    table = Table("source", "samples", "shards", "rejects", box=None)
    table.add_row(source, str(pulled["samples"]), str(pulled["shards"]), str(pulled["rejects"]))
    out.print(table)
    for reason, count in reasons.most_common():
        out.print(f"  reject {reason}: {count}", highlight=False)
    change = f"{pulled['added']} samples added, {pulled['removed']} removed"
    out.print(
        f"shards in {out_dir} ({change if pulled['changed'] else 'unchanged'})", highlight=False
    )
