"""Both formulas, by hand."""

from __future__ import annotations

import pytest

from train.reward.formulas import RunningLargest, paper, released


def test_the_papers_formula_takes_the_largest_of_the_batch() -> None:
    # S~ = S / (max + eps); r = 1 + clip(1 - S~): 1 + 1 - 3/12, 1 + 1 - 6/12, 1 + 1 - 12/12
    assert paper([3, 6, 12], [False] * 3) == [1.75, 1.5, 1.0]
    assert paper([0, 0], [False] * 2) == [2.0, 2.0]


def test_the_released_formula_takes_a_fixed_fifty() -> None:
    assert released([0, 10, 50, 75], [False] * 4) == [2.0, 1.8, 1.0, 1.0]


@pytest.mark.parametrize("formula", [paper, released])
def test_failing_pays_nothing_and_being_down_is_no_number(formula: object) -> None:
    rewards = formula([None, None, 40], [True, False, False])  # type: ignore[operator]
    assert rewards[:2] == [0.0, None]
    # The worst picture that was judged pays more than any failure.
    assert rewards[2] >= 1.0


@pytest.mark.parametrize("formula", [paper, released])
def test_fewer_errors_never_pay_less(formula: object) -> None:
    rewards = formula(list(range(0, 80, 3)), [False] * 27)  # type: ignore[operator]
    assert rewards == sorted(rewards, reverse=True)


def test_one_by_one_the_last_pictures_stand_in_for_the_batch() -> None:
    scale = RunningLargest(window=3)
    assert [scale.reward(severity) for severity in (4, 2, 8, 2, 2, 2)] == [
        1.0,
        1.5,
        1.0,
        1.75,
        1.75,
        1.0,  # the 8 has left the window
    ]
