"""The projection of `vermillion bench pipeline`: work, task instances and Airflow's share."""

from __future__ import annotations

import pytest

from vermillion.pipeline.bench import ModalityCost, Overhead, project

LANES = {
    "chart": ModalityCost(10, {"reference": 50.0, "render": 150.0}),
    "table": ModalityCost(10, {"render": 40.0}),
    "svg": ModalityCost(10, {"render": 25.0}),
}


def test_pairs_are_taken_in_the_paper_s_mix() -> None:
    told = project(LANES, None, 340_000, 140)
    assert told["core_hours"] == pytest.approx((104 * 200 + 125 * 40 + 111 * 25) / 3600, rel=0.01)
    assert "airflow_share" not in told
    only = project({"svg": LANES["svg"]}, None, 1_000, 140)
    assert only["core_hours"] == pytest.approx(25 / 3600)


def test_tasks_do_not_grow_with_pairs_and_their_share_falls() -> None:
    overhead = Overhead(plain_cpu_s=100.0, airflow_cpu_s=166.0, idle_share=0.1, tasks=33, ranges=20)
    assert overhead.task_cpu_s == pytest.approx(2.0)
    assert overhead.share == pytest.approx(0.66)
    assert overhead.share_of_whole_ranges(4.0) == pytest.approx(66 / (20 * 240))
    small, large = (project(LANES, overhead, pairs, 140) for pairs in (340_000, 10_000_000))
    assert small["tasks"] < large["tasks"] < 300  # what grows a little are the writers of files
    assert small["airflow_share"] > 20 * large["airflow_share"]
    assert small["airflow_share"] == pytest.approx(
        small["tasks"] * 2 / (3600 * small["core_hours"])
    )
