"""Airflow's API server shows the curves and logs of training steps, to whoever may see the task's log."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/vermillion"
LOG_LINES = 4000
"""Of a log that is sent: its last."""


@cache
def application() -> Any:
    """The pages, below `PREFIX`. Built at the first request: workers load this module too."""
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
    from airflow.api_fastapi.core_api.security import requires_access_dag
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import HTMLResponse, PlainTextResponse

    from train.jobs.job import State
    from train.jobs.launcher import launcher
    from vermillion.airflow.report import step_page

    pages = FastAPI(title="Vermillion", docs_url=None, redoc_url=None, openapi_url=None)
    may_see = Depends(requires_access_dag("GET", DagAccessEntity.TASK_LOGS))
    path = "/training/{dag_id}/{run_id}/{task_id}/{map_index}"

    def folder_of(dag_id: str, run_id: str, task_id: str, map_index: int) -> Path:
        found = _job_of(dag_id, run_id, task_id, map_index)
        if found is None:
            raise HTTPException(404, "This task has started no job.")
        if launcher().look(found).state is State.NEVER:
            raise HTTPException(
                404, f"{found} is not on this machine: mount the training folder here to see it."
            )
        return found

    @pages.get(path, dependencies=[may_see], response_class=HTMLResponse)
    def show(dag_id: str, run_id: str, task_id: str, map_index: int) -> str:
        return step_page(folder_of(dag_id, run_id, task_id, map_index), f"{map_index}/log")

    @pages.get(f"{path}/log", dependencies=[may_see], response_class=PlainTextResponse)
    def log(dag_id: str, run_id: str, task_id: str, map_index: int) -> str:
        return launcher().log_tail(folder_of(dag_id, run_id, task_id, map_index), LOG_LINES)

    return pages


def _job_of(dag_id: str, run_id: str, task_id: str, map_index: int) -> Path | None:
    """The folder that a task named as its job's."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.scalar(
            XComModel.get_many(
                dag_ids=dag_id,
                run_id=run_id,
                task_ids=task_id,
                map_indexes=map_index,
                key="job",
                limit=1,
            )
        )
        return None if found is None else Path(str(XComModel.deserialize_value(found)))


class _Later:
    """The application, made when it is first asked."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await application()(scope, receive, send)


class TrainingPages(AirflowPlugin):
    """Found by Airflow through this package's entry point."""

    name = "vermillion"
    fastapi_apps: list[Any] = [  # as the base class has it
        {"app": _Later(), "url_prefix": PREFIX, "name": "Vermillion"}
    ]
