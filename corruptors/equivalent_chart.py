"""Charts in other words: rewrites of a script that change no pixel."""

from __future__ import annotations

from corruptors import equivalent_chart_calls, equivalent_chart_script
from corruptors.equivalent import Rewrite
from corruptors.program import ChartProgram

ALL: tuple[Rewrite[ChartProgram], ...] = tuple(
    value
    for module in (equivalent_chart_calls, equivalent_chart_script)
    for value in vars(module).values()
    if isinstance(value, Rewrite)
)
