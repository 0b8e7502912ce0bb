"""Pages of a training run: one of a running step, one of the finished run."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from records.errors import RunError
from train.jobs.job import JobStatus, State
from train.jobs.launcher import launcher
from train.jobs.progress import curves_of, svg

REFRESH_S = 10
LOG_LINES = 200
LOG_LINES_OF_FAILED = 40


@dataclass(frozen=True, slots=True)
class Step:
    """What a page says of a step."""

    name: str
    word: str
    """done, running, failed, stopped, lost, or not started."""
    took: str = ""
    starts: int = 0
    where: str = ""
    why: str = ""
    line: str = ""
    log: str = ""
    log_link: str = ""
    curves: list[str] = field(default_factory=list)


def step_page(folder: Path, log_link: str = "") -> str:
    """One step's page, from its job's folder; it loads itself again while the job runs."""
    step = _step(folder.parent.parent, folder.name, LOG_LINES, log_link=log_link)
    return _page(
        title=step.name,
        subtitle=str(folder),
        steps=[step],
        refresh_s=REFRESH_S if step.word == "running" else 0,
    )


def report(
    order: Mapping[str, Any] | None, states: Mapping[str, Any], say: Callable[[str], None]
) -> dict[str, Any]:
    """Write `report.html` of a run, and say how it went.

    Args:
        order: What `planned` returned; None if the preflight failed.
        states: Of the run's tasks.
        say: Gets every line.

    Raises:
        RunError: a task of the run failed; the report is there all the same.
    """
    failed = sorted(
        name for name, state in states.items() if state in ("failed", "upstream_failed")
    )
    if order is None:
        raise RunError(f"nothing was run: {', '.join(failed)} failed")
    if order["dry_run"]:
        for name, command in order["commands"].items():
            say(f"{name}: {command['line']}")
        if failed:
            raise RunError(f"{', '.join(failed)} failed in a dry run; their logs tell why")
        return {"dry_run": True, "steps": len(order["commands"])}
    out = Path(order["out"])
    steps = [
        _step(out, name, LOG_LINES_OF_FAILED, why=command["why"], line=command["line"])
        for name, command in order["commands"].items()
    ]
    scores = _json(out / "evaluation" / "scores.json")
    rows, note = _table(out / "evaluation" / "leaderboard.md")
    page = _page(
        title="Training run",
        subtitle=str(out),
        steps=steps,
        table=True,
        verdict=_verdict(order, scores),
        scores=rows,
        scores_note=note,
        picture=_inline(out / "evaluation" / "scores.png"),
    )
    file = out / "report.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
    for step in steps:
        say(f"{step.name}: {step.word} {step.took}")
    say(f"report: {file}")
    if failed:
        raise RunError(f"{', '.join(failed)} failed; {file} tells what was done")
    return {"dry_run": False, "report": str(file), "steps": {s.name: s.word for s in steps}}


def _step(
    out: Path, name: str, lines: int, why: str = "", line: str = "", log_link: str = ""
) -> Step:
    jobs, folder = launcher(), out / "jobs" / name
    seen = jobs.look(folder)
    word = _word(seen)
    ends = seen.ended_at or time.time()
    return Step(
        name=name,
        word=word,
        took=duration(ends - seen.started_at) if seen.started_at else "",
        starts=seen.starts,
        where=_where(seen) if word == "running" else "",
        why=why,
        line=line or " ".join(seen.argv),
        log=jobs.log_tail(folder, lines) if word != "not started" else "",
        log_link=log_link,
        curves=[svg(title, curve) for title, curve in curves_of(out, name).items() if curve],
    )


def _where(seen: JobStatus) -> str:
    return f"process group {seen.pid} on {seen.host}" if seen.pid else seen.host


def _word(seen: JobStatus) -> str:
    if seen.state is State.ENDED:
        return "stopped" if seen.stopped else "done" if seen.succeeded else "failed"
    return {State.NEVER: "not started", State.RUNNING: "running"}.get(seen.state, "lost")


def duration(seconds: float) -> str:
    """
    >>> duration(3725)
    '1 h 2 min'
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _verdict(order: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    if not scores:
        return ""
    measure, bound = order["gate"]["measure"], order["gate"]["at_least"]
    value = scores["scores"]["overall"][measure]["value"]
    sentence = f"{measure} {value}, matched by {scores['matcher']}"
    if bound is None:
        return f"{sentence}; no bound was set"
    passed = value is not None and value >= bound
    return f"{sentence}; the bound is {bound}: {'passed' if passed else 'not passed'}"


def _table(leaderboard: Path) -> tuple[list[list[str]], str]:
    """The first table of the leaderboard, and the line that says how it was made."""
    try:
        first, _, rest = leaderboard.read_text(encoding="utf-8").partition("\n\n")
    except FileNotFoundError:
        return [], ""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in first.splitlines()]
    return [row for row in rows if set("".join(row)) - set("-")], rest.partition("\n\n")[0]


def _inline(picture: Path) -> str:
    if not picture.is_file():
        return ""
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _page(**values: Any) -> str:
    template = (files("vermillion.airflow") / "pages" / "training.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    empty = {"refresh_s": 0, "table": False, "verdict": "", "scores": [], "scores_note": ""}
    return environment.from_string(template).render({**empty, "picture": "", **values})
