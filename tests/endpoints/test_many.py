"""Ten thousand requests, two hundred under way: none lost, none doubled, and memory stays as it was."""

from __future__ import annotations

import pytest

from bench.endpoints import measure


@pytest.mark.slow
def test_ten_thousand_requests_at_two_hundred_in_flight() -> None:
    told = measure(10_000, 200, None, 0.005)
    assert (told["lost"], told["doubled"]) == (0, 0)
    early, late = told["rss_mb"]
    assert late <= 1.15 * early
