"""OpenLineage events of tasks: what they read and wrote, with rows, rejects and costs.

Airflow's OpenLineage provider sends events once a transport is set
(`AIRFLOW__OPENLINEAGE__TRANSPORT`), and asks the extractor that
`AIRFLOW__OPENLINEAGE__EXTRACTORS` names. Airflow imports this module only then.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import attr
from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage
from openlineage.client.event_v2 import Dataset, OutputDataset
from openlineage.client.facet_v2 import (
    RunFacet,
    dataset_version_dataset,
    output_statistics_output_dataset,
)

from vermillion.airflow.observed import Data, Observed, observed_of

HUB = "https://huggingface.co"


@attr.define(kw_only=True)
class WorkRunFacet(RunFacet):
    """What the stages of a task did, beside the rows of its outputs."""

    rows: dict[str, int] = attr.field(factory=dict)
    """By stage."""
    rejects: dict[str, dict[str, int]] = attr.field(factory=dict)
    """By stage and reason."""
    quarantinedShards: int = attr.field(default=0)
    models: dict[str, dict[str, float]] = attr.field(factory=dict)
    """Requests, tokens and cost of each endpoint."""


class TaskLineage(BaseExtractor):
    """Reads what a task of `build_pairs` or `refresh_sources` noted while it ran."""

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        return ["_PythonDecoratedOperator"]

    def _execute_extraction(self) -> OperatorLineage[Dataset, RunFacet]:
        return OperatorLineage()

    def extract_on_complete(self, task_instance: Any) -> OperatorLineage[Dataset, RunFacet]:
        observed = observed_of(task_instance)
        return lineage_of(observed) if observed else OperatorLineage()


def lineage_of(observed: Observed) -> OperatorLineage[Dataset, RunFacet]:
    """The event's datasets and facets."""
    models = {
        name: {"requests": used.requests, "tokens": used.tokens, "cost": used.cost}
        for name, used in observed.used.items()
    }
    facet = WorkRunFacet(
        rows=dict(observed.rows),
        rejects={stage: dict(reasons) for stage, reasons in observed.rejects.items()},
        quarantinedShards=observed.quarantined,
        models=models,
    )
    return OperatorLineage(
        inputs=[Dataset(*named(data.url), facets=_version(data)) for data in observed.inputs],
        outputs=[
            OutputDataset(
                *named(data.url),
                facets=_version(data),
                outputFacets={}
                if data.rows is None
                else {
                    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                        rowCount=data.rows
                    )
                },
            )
            for data in observed.outputs
        ],
        run_facets={"vermillion": facet},
    )


def named(url: str) -> tuple[str, str]:
    """Namespace and name of a dataset, as OpenLineage names them.

    >>> named("s3://bucket/datasets/demo"), named("/data/work"), named("hf://owner/charts")
    (('s3://bucket', 'datasets/demo'), ('file', '/data/work'), ('https://huggingface.co', 'owner/charts'))
    """
    parts = urlsplit(url)
    if parts.scheme == "hf":
        return HUB, f"{parts.netloc}{parts.path}"
    if parts.scheme in ("", "file"):
        return "file", parts.path
    return f"{parts.scheme}://{parts.netloc}", parts.path.strip("/")


def _version(data: Data) -> dict[str, Any]:
    if not data.version:
        return {}
    return {"version": dataset_version_dataset.DatasetVersionDatasetFacet(data.version)}
