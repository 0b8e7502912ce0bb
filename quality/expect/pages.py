"""Data Docs: one page with each rule, the value found, and its consequence.

Rendered by Jinja2 from the results of the checkpoint, so that it needs no network, and equal
datasets give equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from quality.expect.measures import Measure
from quality.expect.suite import RuleResult
from quality.rules.rule_list import ROW_RULES


def page_text(
    title: str,
    results: Sequence[RuleResult],
    measured: Sequence[Measure],
    rejects: Mapping[str, Mapping[str, int]],
) -> str:
    """The page, as HTML.

    Args:
        title: Name and version of the dataset.
        results: The result of each rule of the dataset.
        measured: The shares that were compared with bounds.
        rejects: Lost rows by stage and reason.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(
        (files("quality.expect") / "page" / "index.html.j2").read_text(encoding="utf-8")
    )
    by_rule: dict[str, list[Measure]] = {}
    for measure in measured:
        by_rule.setdefault(measure.rule, []).append(measure)
    return template.render(
        title=title,
        results=results,
        measured=by_rule,
        row_rules=ROW_RULES,
        lost={rule.name: rejects.get("check", {}).get(rule.name, 0) for rule in ROW_RULES},
        count={
            status: sum(result.status == status for result in results)
            for status in ("met", "warning", "not met", "not judged")
        },
    )
