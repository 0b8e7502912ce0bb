"""Who goes where, without a file: shares, stability, small sets."""

from __future__ import annotations

from collections import Counter

import pytest

from quality.dataset.plan import Shares, assign


def samples(count: int, modality: str = "chart") -> tuple[dict[str, str], dict[str, str]]:
    pictures = {f"{modality}-{n}": f"picture-{modality}-{n}" for n in range(count)}
    return pictures, dict.fromkeys(pictures, modality)


def test_shares_are_met_in_the_long_run() -> None:
    counts = Counter(assign(*samples(5000), set(), Shares(0.1, 0.05)).values())
    assert 420 < counts["validation"] < 580 and 190 < counts["test"] < 310


def test_more_samples_move_no_other() -> None:
    few, many = (assign(*samples(count), set(), Shares()) for count in (200, 300))
    assert few == {name: many[name] for name in few}


def test_seed_decides() -> None:
    first, again, other = (assign(*samples(200), set(), Shares(seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("count", [3, 4, 5, 9])
def test_three_samples_or_more_reach_every_split(count: int) -> None:
    for seed in range(20):
        splits = assign(*samples(count), set(), Shares(seed=seed))
        assert set(splits.values()) == {"train", "validation", "test"}


def test_a_share_of_nothing_stays_empty() -> None:
    assert set(assign(*samples(50), set(), Shares(0.0, 0.0)).values()) == {"train"}
    assert "test" not in assign(*samples(4), set(), Shares(0.3, 0.0)).values()


def test_every_modality_reaches_every_split() -> None:
    pictures, modality_of = samples(4)
    more, others = samples(4, "svg")
    splits = assign({**pictures, **more}, {**modality_of, **others}, set(), Shares())
    reached = {(name.split("-")[0], split) for name, split in splits.items()}
    assert len(reached) == 6


def test_equal_pictures_stay_together_and_reserved_ones_are_tested_on() -> None:
    pictures, modality_of = samples(60)
    for number in range(0, 60, 3):
        pictures[f"chart-{number}"] = "the same"
    pictures["chart-7"] = pictures["chart-8"]
    splits = assign(pictures, modality_of, {"chart-8"}, Shares())
    assert len({splits[f"chart-{number}"] for number in range(0, 60, 3)}) == 1
    assert splits["chart-7"] == splits["chart-8"] == "test"
