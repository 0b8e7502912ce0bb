"""Report on a client's use of a model: requests, failures, tokens, cost, time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from endpoints.client.exchange import Failure, Outcome, Reply
from endpoints.used import count_use


@dataclass
class UseReport:
    """Cost and throughput of one endpoint. Cached replies cost nothing and are counted apart."""

    endpoint: str
    model: str
    expected: int | None = None
    """Expected number of requests, if known."""
    asked: int = 0
    """Requests that a server answered, asked again included."""
    cached: int = 0
    """Replies that were there from before."""
    retries: int = 0
    """Tries beyond the first."""
    reasks: int = 0
    """Replies that could not be used and were asked for again."""
    usable: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Requests that gave nothing to use, by reason."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    cached_cost: float = 0.0
    """What the cached replies would have cost."""
    answer_s: float = 0.0
    """Seconds that answered requests were under way, tries and waits included, summed."""
    longest_s: float = 0.0
    started_s: float = field(default_factory=time.monotonic)
    earlier_s: float = 0.0
    """Seconds of reports that were added to this one."""

    @property
    def done(self) -> int:
        """Requests that came to an end, well or not."""
        return self.usable + self.failures.total()

    @property
    def seconds(self) -> float:
        """Since the start, and of the reports that were added."""
        return max(time.monotonic() - self.started_s + self.earlier_s, 1e-9)

    @classmethod
    def of_json(cls, figures: Mapping[str, Any]) -> UseReport:
        """Read a report from the values of `to_json`, to be summed with others; its time no longer
        grows."""
        report = cls(
            figures["endpoint"],
            figures["model"],
            longest_s=figures["longest_s"],
            failures=Counter(figures["failures"]),
            earlier_s=figures["seconds"],
            **{name: figures[name] for name in _ADDED if name != "answer_s"},
        )
        report.answer_s = (figures["answer_s"] or 0.0) * report.asked
        return report

    def count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failure):
            self.failures[outcome.reason] += 1
        else:
            self.usable += 1

    def answered(self, reply: Reply, cost: float, took_s: float) -> None:
        """A server gave this reply, ``took_s`` seconds after it was first asked."""
        count_use(self.endpoint, reply.prompt_tokens + reply.completion_tokens, cost)
        self.asked += 1
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.cost += cost
        self.answer_s += took_s
        self.longest_s = max(self.longest_s, took_s)

    def remembered(self, cost: float) -> None:
        """The cache gave a reply that cost so much when it was asked for."""
        self.cached += 1
        self.cached_cost += cost

    def to_json(self) -> dict[str, Any]:
        """Everything, with what follows from it: requests a second, cost per thousand.

        `cost_per_1000` is what was spent; `cost_per_1000_uncached` is what the same replies cost
        whoever has none of them yet.
        """
        seconds = self.seconds
        figures = {
            "endpoint": self.endpoint,
            "model": self.model,
            "requests": self.done,
            "usable": self.usable,
            "failures": dict(sorted(self.failures.items())),
            "asked": self.asked,
            "cached": self.cached,
            "retries": self.retries,
            "reasks": self.reasks,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost": round(self.cost, 6),
            "cached_cost": round(self.cached_cost, 6),
            "cost_per_1000": None,
            "cost_per_1000_uncached": None,
            "tokens_per_reply": None,
            "seconds": round(seconds, 3),
            "requests_per_s": round(self.done / seconds, 2),
            "answer_s": round(self.answer_s / self.asked, 3) if self.asked else None,
            "longest_s": round(self.longest_s, 3),
        }
        if self.done:
            figures["cost_per_1000"] = round(1000 * self.cost / self.done, 6)
            figures["cost_per_1000_uncached"] = round(
                1000 * (self.cost + self.cached_cost) / self.done, 6
            )
        if self.asked:
            tokens = self.prompt_tokens + self.completion_tokens
            figures["tokens_per_reply"] = round(tokens / self.asked, 1)
        return figures

    def line(self) -> str:
        """One line for a log, or beside a progress bar."""
        figures = self.to_json()
        lost = "".join(f", {name} {count}" for name, count in figures["failures"].items())
        of = f" of {self.expected}" if self.expected is not None else ""
        left = ""
        if self.expected is not None and 0 < self.done < self.expected:
            left_s = (self.expected - self.done) * self.seconds / self.done
            left = f", {left_s:.0f} s left"
        return (
            f"{self.endpoint}: {self.done}{of} requests ({self.cached} cached{lost}), "
            f"{figures['requests_per_s']}/s, {self.retries} retries, "
            f"{self.prompt_tokens + self.completion_tokens} tokens, cost {figures['cost']}{left}"
        )


def summed_reports(reports: Iterable[UseReport]) -> list[dict[str, Any]]:
    """The reports as JSON, those of one endpoint added up, in the order of their first.

    >>> [report["asked"] for report in summed_reports([UseReport("a", "m", asked=2), UseReport("a", "m", asked=1)])]
    [3]
    """
    sums: dict[str, UseReport] = {}
    for report in reports:
        known = sums.setdefault(report.endpoint, UseReport(report.endpoint, report.model))
        for name in _ADDED:
            setattr(known, name, getattr(known, name) + getattr(report, name))
        known.failures += report.failures
        known.longest_s = max(known.longest_s, report.longest_s)
        known.earlier_s += report.seconds
        known.started_s = time.monotonic()
    return [report.to_json() for report in sums.values()]


_ADDED = (
    *("asked", "cached", "retries", "reasks", "usable"),
    *("prompt_tokens", "completion_tokens", "cost", "cached_cost", "answer_s"),
)
