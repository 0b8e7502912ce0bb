"""### Train Visual-ERM

`preflight >> approve >> sft >> evaluate >> grpo (mapped over tasks) >> report`

The dataset's publication, or a person, starts it. After the preflight a person approves the run on
the *Required actions* page. `dry_run` (the default) prints and validates every command and starts
nothing. Real runs use the training environment named by VERMILLION_TRAIN_PYTHON.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

from vermillion.assets import DATASET

FORM = {
    "dataset": Param(
        None,
        type=["null", "string"],
        title="Dataset",
        description_md="Folder of a published dataset; empty takes the one whose publication started "
        "this run, or the demo's.",
    ),
    "config": Param(
        "visual_erm_8b",
        type="string",
        title="Configuration",
        description_md="A file of `configs/train/`.",
    ),
    "out": Param(None, type=["null", "string"], title="Output folder"),
    "dry_run": Param(True, type="boolean", title="Dry run: print and validate every command"),
}


@dag(
    dag_id="train_visual_erm",
    schedule=DATASET,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=FORM,
    tags=["vermillion", "training"],
    default_args={
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(
                    exception="records.errors.ConfigError",
                    action=RetryAction.FAIL,
                    reason="the same run would fail the same way",
                )
            ]
        ),
    },
    doc_md=__doc__,
)
def train_visual_erm() -> None:
    @task
    def preflight(
        params: dict[str, Any] | None = None, triggering_asset_events: Any = None
    ) -> dict[str, Any]:
        from vermillion.training import planned, published_by

        order = planned(params or {}, published_by(triggering_asset_events, DATASET))
        print(order["summary"])
        return order

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def needs_approval(order: dict[str, Any]) -> bool:
        return not order["dry_run"]

    approve = ApprovalOperator(
        task_id="approve",
        subject="Start the training run?",
        body="{{ ti.xcom_pull(task_ids='preflight')['summary'] }}",
        fail_on_reject=True,
        response_timeout=timedelta(days=7),
    )

    @task(pool="training", queue="gpu", trigger_rule="none_failed")
    def sft(order: dict[str, Any]) -> dict[str, Any]:
        from vermillion.training import launch

        return launch("sft", order)

    @task(pool="training", queue="gpu")
    def evaluate(order: dict[str, Any], trained: dict[str, Any]) -> dict[str, Any]:
        from vermillion.training import launch

        return launch("evaluate", {**order, "trained": trained})

    @task
    def tasks_of(order: dict[str, Any]) -> list[str]:
        return list(order["tasks"])

    @task(pool="training", queue="gpu", map_index_template="{{ modality }}")
    def grpo(modality: str, order: dict[str, Any]) -> dict[str, Any]:
        from vermillion.training import launch

        get_current_context()["modality"] = modality  # type: ignore[typeddict-unknown-key]
        launch(f"policy-data-{modality}", order)
        return launch(f"grpo-{modality}", order)

    @task
    def report(launched: list[dict[str, Any]], order: dict[str, Any]) -> dict[str, Any]:
        runs = list(launched)
        for run in runs:
            print(f"{run['step']}: {run['state']}")
        return {"runs": len(runs), "dry_run": order["dry_run"]}

    order = preflight()
    trained = sft(order)
    needs_approval(order) >> approve >> trained
    judged = evaluate(order, trained)
    policies = grpo.partial(order=order).expand(modality=tasks_of(order))
    judged >> policies
    report(policies, order)


train_visual_erm()
