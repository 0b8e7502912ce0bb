"""The projection of `vermillion bench pipeline`: work, task instances and Airflow's share."""

from __future__ import annotations

import pytest

from vermillion.pipeline.bench import TASK_CPU_S, Lane, project

LANES = {
    "chart": Lane(10, {"reference": 50.0, "render": 150.0}),
    "table": Lane(10, {"render": 40.0}),
    "svg": Lane(10, {"render": 25.0}),
}


def test_pairs_are_taken_in_the_mix_of_the_paper() -> None:
    told = project(LANES, 340_000, 140)
    assert told["core_hours"] == pytest.approx((104 * 200 + 125 * 40 + 111 * 25) / 3600, rel=0.01)
    only = project({"svg": LANES["svg"]}, 1_000, 140)
    assert only["core_hours"] == pytest.approx(25 / 3600)


def test_tasks_do_not_grow_with_pairs_so_their_share_falls() -> None:
    small, large = (project(LANES, pairs, 140) for pairs in (340_000, 10_000_000))
    assert small["tasks"] == large["tasks"] < 600
    assert small["airflow_share"] > 20 * large["airflow_share"]
    assert small["airflow_share"] == pytest.approx(
        small["tasks"] * TASK_CPU_S / (3600 * small["core_hours"])
    )
