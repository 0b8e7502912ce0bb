"""Operators of `train_visual_erm`: a step is a job that continues if its task is killed.

Only a person ends a job, by clearing, marking or canceling the task. If a worker or scheduler
fails, the job continues, and the next attempt attaches to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseOperator, BaseOperatorLink

from train.jobs.job import JobFailed, JobLeft
from train.jobs.launcher import launcher
from vermillion.airflow import training
from vermillion.airflow.training_plan import server_name

PAGES = "/vermillion/training"
"""Where the API server shows a job's curves and log."""

ENDED_BY_A_PERSON = frozenset({"failed", "success", "skipped", "restarting", "removed"})
"""Task states that a running task sees only if a person set them."""


class RunPage(BaseOperatorLink):
    """The page of a step: its curves, its log as it grows, its command."""

    name = "Curves and log"
    xcom_key = "run_page"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        return page_of(ti_key.dag_id, ti_key.run_id, ti_key.task_id, ti_key.map_index)


def page_of(dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> str:
    """Address of a step's page, below the API server's."""
    parts = "/".join(quote(part, safe="") for part in (dag_id, run_id, task_id))
    return f"{PAGES}/{parts}/{map_index}"


class _Watched(BaseOperator):
    """Follows jobs, and knows why it is asked to end."""

    template_fields: Sequence[str] = ("order",)
    operator_extra_links = (RunPage(),)
    ui_color = "#fdeeeb"

    def __init__(self, *, order: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.order = order
        self._end_requested = False

    def on_kill(self) -> None:
        # Only a mark: the loop that follows the job sees it within half a second.
        self._end_requested = True

    def _ended_by_a_person(self, context: Any) -> bool:
        """True if this task was cleared, marked or canceled; False if the server does not answer."""
        ti = context["ti"]
        mapped = ti.map_index >= 0
        try:
            states = ti.get_task_states(
                dag_id=ti.dag_id,
                task_ids=[ti.task_id],
                run_ids=[ti.run_id],
                map_index=ti.map_index if mapped else None,
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody said that the job must end
            print(f"the state of this task is not known: {error!r}")
            return False
        name = f"{ti.task_id}_{ti.map_index}" if mapped else ti.task_id
        state = states.get(ti.run_id, {}).get(name)
        print(f"asked to end; the state of this task is {state}")
        return state in ENDED_BY_A_PERSON

    def _left(self, steps: Sequence[str], context: Any) -> Exception:
        """End the jobs if a person wants that; what to raise."""
        if not self._ended_by_a_person(context):
            return JobLeft(
                f"{', '.join(steps)}: this worker is going down, its job goes on; the next attempt attaches to it"
            )
        # The keeper does it, whatever becomes of this process: it is killed in a few seconds.
        for step in steps:
            launcher().ask_to_stop(training.job_folder(self.order, step))
        return JobFailed(
            f"{', '.join(steps)}: stopped, since this task was cleared, marked or cancelled"
        )

    def _show(self, step: str, context: Any) -> None:
        ti = context["ti"]
        ti.xcom_push("job", str(training.job_folder(self.order, step)))
        # Airflow writes an operator's links when it has ended; this one is of use before.
        page = page_of(ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
        ti.xcom_push(RunPage.xcom_key, page)
        print(f"curves and log: {ti.log_url.partition('/dags/')[0]}{page}")


class TrainingSteps(_Watched):
    """Runs steps one after the other, each as a job; returns their results."""

    template_fields = ("order", "steps")

    def __init__(self, *, order: Any, steps: Any, **arguments: Any) -> None:
        super().__init__(order=order, **arguments)
        self.steps = steps

    def execute(self, context: Any) -> list[dict[str, Any]]:
        done = []
        for step in self.steps:
            context["step"] = step
            if not self.order["dry_run"]:
                self._show(step, context)
            found = training.run_step(step, self.order, print, lambda: self._end_requested)
            if found is None:
                raise self._left([step], context)
            done.append(found)
        return done


class ServeRewardModel(_Watched):
    """The reward model's servers run, and answer; returns their addresses."""

    def execute(self, context: Any) -> list[str]:
        if not self.order["dry_run"] and self.order["servers"]:
            self._show(server_name(0), context)
        urls = training.serve(self.order, print, lambda: self._end_requested)
        if urls is None:
            raise self._left([server_name(n) for n, _ in enumerate(self.order["servers"])], context)
        return urls
