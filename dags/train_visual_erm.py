"""### Train Visual-ERM

`preflight >> claim >> approve >> sft >> serve >> evaluate >> gate >> grpo (mapped over tasks) >> report`, and
`release` at the end of any run.

The dataset's publication, or a person, starts it. After the preflight a person approves the run on
the *Required actions* page. `dry_run` (the default) prints and validates every command and starts
nothing.

SFT, evaluation and GRPO are jobs of their own, in their own environments (VERMILLION_TRAIN_PYTHON,
VERMILLION_VLLM_PYTHON, VERMILLION_VERL_PYTHON). They go on when a worker or the scheduler is
restarted, and the task's next attempt attaches to them; clear, mark or cancel a task and its job
ends, with every process of it. A step's *Curves and log* link shows them while it runs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, setup, task

from vermillion.airflow.alerts import alerts_of, task_alerts
from vermillion.airflow.assets import DATASET
from vermillion.airflow.operators import ServeRewardModel, TrainingSteps
from vermillion.pipeline.form_fields import require_known

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
        description_md="A file of `configs/train/` without its suffix, or a path.",
    ),
    "benchmark": Param(
        None,
        type=["null", "string"],
        title="Folder of VC-RewardBench",
        description_md="Empty takes the configuration's, or the one VERMILLION_REWARDBENCH names.",
    ),
    "out": Param(
        None,
        type=["null", "string"],
        title="Output folder",
        description_md="Of one run: checkpoints, jobs, curves, report. The same folder goes on where "
        "it stopped.",
    ),
    "dry_run": Param(True, type="boolean", title="Dry run: print and validate every command"),
}

RESTARTS_OF_WORKERS = 20
"""Number of times a task may attach again after it lost its worker. A failed job is not retried here."""


@dag(
    dag_id="train_visual_erm",
    description="Trains Visual-ERM on a published version by SFT, evaluates it, and trains policies with it by GRPO.",
    schedule=DATASET,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=FORM,
    tags=["vermillion", "training"],
    default_args={
        "retries": 1,
        # Jobs, servers and the run's folder are of one machine: who looks at them or ends them runs there.
        "queue": "gpu",
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=2),
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(
                    exception=["records.errors.ConfigError", "train.jobs.job.JobFailed"],
                    action=RetryAction.FAIL,
                    reason="the same run would fail the same way",
                )
            ]
        ),
        **task_alerts(),
    },
    doc_md=__doc__,
    **alerts_of("train_visual_erm"),
)
def train_visual_erm() -> None:
    @task
    def preflight(
        params: dict[str, Any] | None = None, triggering_asset_events: Any = None
    ) -> dict[str, Any]:
        from vermillion.airflow.training_plan import planned, published_by

        require_known(params or {}, FORM)
        order = planned(params or {}, published_by(triggering_asset_events, DATASET))
        print(order["summary"])
        return order

    @setup
    def claim(order: dict[str, Any], dag_run: Any = None) -> None:
        from vermillion.airflow.training import claim

        claim(order, dag_run.run_id)

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def needs_approval(order: dict[str, Any]) -> bool:
        return not order["dry_run"]

    @task
    def gate(order: dict[str, Any]) -> dict[str, Any]:
        from vermillion.airflow.training import gate

        return gate(order, print)

    @task
    def policies_of(order: dict[str, Any]) -> list[list[str]]:
        from vermillion.airflow.training_plan import steps_of

        return list(steps_of(order))

    @task(trigger_rule="all_done")
    def report(order: dict[str, Any] | None = None, dag_run: Any = None, ti: Any = None) -> Any:
        from vermillion.airflow.report import report

        states = ti.get_task_states(dag_id=dag_run.dag_id, run_ids=[dag_run.run_id])
        return report(order, states.get(dag_run.run_id, {}), print)

    @task(trigger_rule="all_done")
    def release(order: dict[str, Any] | None = None) -> list[str]:
        from vermillion.airflow.training import release

        return release(order, print) if order and not order["dry_run"] else []

    on_gpus: dict[str, Any] = {
        "retries": RESTARTS_OF_WORKERS,
        # Hours, so that an API server that is away for long does not use them up.
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        # A step takes as long as it takes: VERMILLION_DEADLINES tells when a run is late.
        "execution_timeout": None,
    }
    order = preflight()
    claimed = claim(order)
    approve = ApprovalOperator(
        task_id="approve",
        subject="Start the training run?",
        # Markdown: each line of the summary is a point of a list.
        body="{% for line in ti.xcom_pull(task_ids='preflight')['summary'].splitlines() %}"
        "- {{ line }}\n{% endfor %}",
        fail_on_reject=True,
        response_timeout=timedelta(days=7),
        execution_timeout=None,
    )
    sft = TrainingSteps(
        task_id="sft",
        order=order,
        steps=["sft"],
        pool="training",
        trigger_rule="none_failed",
        **on_gpus,
    )
    serve = ServeRewardModel(task_id="serve", order=order, **on_gpus)
    evaluate = TrainingSteps(
        task_id="evaluate", order=order, steps=["evaluate"], pool="training", **on_gpus
    )
    passed = gate(order)
    grpo = TrainingSteps.partial(
        task_id="grpo",
        order=order,
        pool="training",
        map_index_template="{{ step }}",
        **on_gpus,
    ).expand(steps=policies_of(order))
    claimed >> needs_approval(order) >> approve >> sft >> serve >> evaluate >> passed >> grpo
    grpo >> report(order)
    # Whatever becomes of the run, nothing of it is left running.
    grpo >> release(order).as_teardown(setups=[claimed, serve.as_setup()])


train_visual_erm()
