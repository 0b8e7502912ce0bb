"""Airflow's API server shows how far a build is, and the curves and logs of training steps.

A build's page is a tab of its run, visible to users who may see the run; a training step's page is
visible to users who may see the task's log.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from vermillion.airflow.build_page import Run

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

    from records.errors import ConfigError
    from train.jobs.job import State
    from train.jobs.launcher import launcher
    from vermillion.airflow.build_page import build_page
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

    may_see_run = Depends(requires_access_dag("GET", DagAccessEntity.RUN))

    @pages.get("/builds/{dag_id}/{run_id}", dependencies=[may_see_run], response_class=HTMLResponse)
    def build(dag_id: str, run_id: str) -> str:
        run, wanted = _run_of(dag_id, run_id), _returned(dag_id, run_id, "plan")
        if run is None or not wanted:
            raise HTTPException(404, "This run builds no dataset, or has not planned it yet.")
        published = [_returned(dag_id, run_id, "publish", at) for at in range(len(wanted))]
        try:
            return build_page(wanted, published, run)
        except ConfigError as error:
            raise HTTPException(404, str(error)) from error

    return pages


def _run_of(dag_id: str, run_id: str) -> Run | None:
    """When a run began and ended."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from vermillion.airflow.build_page import Run

    with create_session() as session:
        wanted = select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        found = session.scalar(wanted)
        if found is None or found.start_date is None:
            return None
        ended = found.end_date
        return Run(found.start_date.timestamp(), ended and ended.timestamp(), str(found.state))


def _returned(
    dag_id: str, run_id: str, task_id: str, map_index: int = -1, key: str = "return_value"
) -> Any:
    """The XCom value of a task under a key; None if there is none."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.scalar(
            XComModel.get_many(
                dag_ids=dag_id,
                run_id=run_id,
                task_ids=task_id,
                map_indexes=map_index,
                key=key,
                limit=1,
            )
        )
        return None if found is None else XComModel.deserialize_value(found)


def _job_of(dag_id: str, run_id: str, task_id: str, map_index: int) -> Path | None:
    """The folder that a task named as its job's."""
    found = _returned(dag_id, run_id, task_id, map_index, key="job")
    return None if found is None else Path(str(found))


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
    external_views: list[Any] = [
        {
            "name": "Progress",
            "href": f"{PREFIX}/builds/{{DAG_ID}}/{{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "vermillion-progress",
        }
    ]
