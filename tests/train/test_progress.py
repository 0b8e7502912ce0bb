"""Curves of steps, read from what trainers write while they work."""

from __future__ import annotations

import json
from pathlib import Path

from train.jobs.progress import curves_of, svg

VERL = """
(TaskRunner pid=12) step:1 - actor/kl_loss:0.001 - critic/rewards/mean:0.25 - timing_s/step:61.5
not a step: critic/rewards/mean:9.9
(TaskRunner pid=12) step:2 - actor/kl_loss:np.float64(0.002) - critic/rewards/mean:-0.5e-1 - x:1
(TaskRunner pid=12) step:2 - val-core/table/reward/mean@1:1.25
"""


def test_metrics_of_a_trainer_become_curves_in_a_telling_order(tmp_path: Path) -> None:
    folder = tmp_path / "visual-erm"
    folder.mkdir()
    (folder / "metrics.json").write_text(
        json.dumps(
            {
                "grad_norm": [{"step": 1, "grad_norm": 2.0}],
                "loss": [{"step": 1, "loss": 5.0}, {"step": 2, "loss": 4.0}],
                "eval_loss": [],
                "steps": 2,
            }
        )
    )
    assert curves_of(tmp_path, "sft") == {
        "loss, nats a token": [(1, 5.0), (2, 4.0)],
        "norm of the gradient": [(1, 2.0)],
    }
    assert curves_of(tmp_path, "evaluate") == {}
    (folder / "metrics.json").write_text('{"loss": [{"st')  # half a file: nothing yet
    assert curves_of(tmp_path, "sft") == {}


def test_what_is_no_number_does_not_take_the_curve_away(tmp_path: Path) -> None:
    """A step whose replies all went without a reward has the mean NaN."""
    (tmp_path / "grpo-svg").mkdir()
    points = [(1, 1.5), (2, float("nan")), (3, 1.75)]
    metrics = {
        "reward": [{"step": step, "reward": value} for step, value in points],
        "grad_norm": [{"step": 1, "grad_norm": float("inf")}],
    }
    (tmp_path / "grpo-svg/metrics.json").write_text(json.dumps(metrics))
    assert curves_of(tmp_path, "grpo-svg") == {"reward": [(1, 1.5), (3, 1.75)]}


def test_steps_that_a_resumed_run_writes_again_count_once(tmp_path: Path) -> None:
    log = tmp_path / "jobs" / "grpo-svg" / "log.txt"
    log.parent.mkdir(parents=True)
    lines = [(1, 0.1), (2, 0.2), (3, 0.3), (2, 0.25), (3, 0.35)]
    log.write_text("".join(f"step:{at} - critic/rewards/mean:{value}\n" for at, value in lines))
    assert curves_of(tmp_path, "grpo-svg") == {"reward": [(1, 0.1), (2, 0.25), (3, 0.35)]}


def test_verl_tells_its_curves_on_the_console(tmp_path: Path) -> None:
    log = tmp_path / "jobs" / "grpo-table" / "log.txt"
    log.parent.mkdir(parents=True)
    log.write_text(VERL)
    assert curves_of(tmp_path, "grpo-table") == {
        "divergence from the reference policy": [(1, 0.001), (2, 0.002)],
        "reward": [(1, 0.25), (2, -0.05)],
        "reward on validation": [(2, 1.25)],
    }


def test_a_curve_is_drawn_within_its_frame() -> None:
    picture = svg("a < b", [(step, value) for step, value in enumerate([3.0, -1.0, 2.0])])
    assert "a &lt; b" in picture and picture.count("<circle") == 3
    points = picture.split('points="')[1].split('"')[0].split()
    places = [tuple(map(float, point.split(","))) for point in points]
    assert all(52 <= x <= 348 and 30 <= y <= 166 for x, y in places)
    assert svg("flat", [(1, 7.0)]).count("<circle") == 1
