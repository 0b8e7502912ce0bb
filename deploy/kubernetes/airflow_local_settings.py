"""On KubernetesExecutor each task runs in the pod of its queue. Put this file on the path of all components."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

PODS = Path(os.environ.get("VERMILLION_PODS", "/opt/vermillion/pods"))


def task_policy(task: Any) -> None:
    """Give a task the pod template ``<PODS>/<queue>.yaml``, where there is one (a cluster policy of Airflow)."""
    template = PODS / f"{task.queue}.yaml"
    if template.is_file():
        task.executor_config = {**(task.executor_config or {}), "pod_template_file": str(template)}
