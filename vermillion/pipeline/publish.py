"""The last step of the data path: the checked shards become a version of the dataset.

`publish_build` does it in one process. A cluster plans first (`stage_build`), then many tasks write
files of the plan (`write_files`), and one makes the dataset visible (`finish_build`); each may be
killed and run again, and the files have the same bytes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from records.config import BuildConfig
from records.errors import BoundPassed, ConfigError
from vermillion.pipeline.progress import require_few_quarantined

MOST_TASKS = 64
"""Tasks that write the files of one dataset, at most."""
FILES_OF_A_TASK = 4
"""Part files that one of them writes at least: some 16,000 pairs, about a minute."""


def publish_build(shards: list[str], config: BuildConfig) -> dict[str, Any]:
    """Write the dataset from its checked shards; returns its path and counts.

    Raises:
        BoundPassed: too many shards were left out, or the finished dataset fails its expectations.
        ConfigError: no row is left to publish, or the version stands and was made of other inputs.
    """
    from quality.stage import publish_checked

    left_out = require_few_quarantined(shards, config)
    published = publish_checked([shard for shard in shards if shard not in left_out], config)
    return {**published, "quarantined": sorted(left_out)}


def stage_build(shards: list[str], config: BuildConfig) -> dict[str, Any]:
    """Plan the dataset; returns what the tasks that write and finish it need to know.

    A dataset that may not be published does not keep back the others of the same run: the reason
    is returned, and `finish_build` raises it.
    """
    from quality.stage import stage_checked

    try:
        left_out = require_few_quarantined(shards, config)
        staged = stage_checked([shard for shard in shards if shard not in left_out], config)
    except (BoundPassed, ConfigError) as error:
        return {"name": config.name, "refused": str(error)}
    plan = {
        "name": config.name,
        "work": config.work_url,
        "quarantined": sorted(left_out),
    }
    if isinstance(staged, dict):
        return {**plan, "stands": staged}
    return {**plan, "staged": asdict(staged)}


def files_to_write(planned: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks that write the files of one planned dataset: none where it stands.

    >>> [task["files"] for task in files_to_write({"name": "a", "staged": {"url": "u", "files": 6}})]
    [[0, 4], [4, 6]]
    """
    if "staged" not in planned:
        return []
    url, files = planned["staged"]["url"], planned["staged"]["files"]
    each = files_of_a_task(files)
    return [
        {
            "label": f"{planned['name']}: files from {first}",
            "url": url,
            "files": [first, min(files, first + each)],
        }
        for first in range(0, files, each)
    ]


def files_of_a_task(files: int) -> int:
    """How many part files of a dataset of so many one task writes."""
    return max(FILES_OF_A_TASK, -(-files // MOST_TASKS))


def write_files(task: dict[str, Any]) -> int:
    """Write the files of one task of `files_to_write`; returns their rows.

    Raises:
        SchemaMismatch: a shard is not the one that was planned with.
    """
    from quality.dataset.publish import write_staged_parts

    return sum(part.rows or 0 for part in write_staged_parts(task["url"], range(*task["files"])))


def finish_build(planned: dict[str, Any]) -> dict[str, Any]:
    """Make a planned dataset visible; returns what `publish_build` returns.

    Raises:
        BoundPassed: `stage_build` found that it may not be published.
        SchemaMismatch: a file is not written.
    """
    from quality.dataset.publish import Staged
    from quality.stage import finish_checked

    if "refused" in planned:
        raise BoundPassed(planned["refused"])
    stands = planned.get("stands")
    published = stands or finish_checked(Staged(**planned["staged"]))
    return {**published, "quarantined": planned["quarantined"]}
