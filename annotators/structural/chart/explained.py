"""Records what is known to differ in an axes, so that its consequences are recognized."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from annotators.structural.chart.attached_texts import retold
from annotators.structural.chart.mark_style import Looks
from annotators.structural.chart.marks import Mark, MarkChange, MarkMatch, marks_of
from annotators.structural.chart.words import main_color
from renderers.scene import Element

PILED = ("bar", "area", "areas")
"""Roles of marks that may stand on one another."""


@dataclass(slots=True)
class Explained:
    """What is known to differ in an axes."""

    chart_type: bool = False
    """A series or the whole chart is drawn as another kind of mark."""
    other_axes: bool = False
    """The marks are gone, or of a kind that has axes of its own, such as slices of a pie."""
    turned: bool = False
    """True if bars or boxes lie instead of stand, or the reverse."""
    data: bool = False
    """Values, series or bars differ, so limits and ticks that follow from data may differ too."""
    piled: bool = False
    """Bars or areas changed their place, and with it perhaps the order in which they are piled."""
    because: str = "other data"
    """The first data difference in words."""
    series: frozenset[str] = frozenset()
    """Names of missing and extra series."""
    renamed: frozenset[tuple[str, str]] = frozenset()
    """Legend names (before, after) that quote a statistic of their data, if that data changed."""
    lost: frozenset[str] = frozenset()
    """Names and colors of missing series."""
    added: frozenset[str] = frozenset()
    """Names and colors of extra series."""
    looks: Looks | None = None
    layout: bool = False
    """Subplots moved, so that tick labels may be fewer or hidden."""
    shared: frozenset[str] = frozenset()
    """Directions (x, y) in which axes are shared in one chart only."""
    categories: str = ""
    """The axis whose categories are missing, extra or in another order: x, y, or none."""
    alike: dict[int, Element] = field(default_factory=dict)
    """For the identity of a mark, its counterpart that looks the same."""
    moved: dict[int, MarkChange] = field(default_factory=dict)
    """For the identity of a mark, what changed on it."""

    def with_marks(self, match: MarkMatch, names: Iterable[str]) -> Explained:
        """The same, with the marks that are in one axes only and their ``names``."""
        absent = match.alone
        texts = [
            (c.before.element.text, c.after.element.text) for c in match.changed
            if c.geometry and retold(c.before, c.after)
        ]  # fmt: skip
        return replace(
            self,
            series=frozenset(mark.element.text for mark in absent if mark.element.text) | {*names},
            piled=any(c.geometry and c.before.role in PILED for c in match.changed),
            renamed=frozenset(texts),
            lost=self.lost | _names_and_colors(match.missing),
            added=self.added | _names_and_colors(match.extra),
            alike={
                id(one.element): two.element
                for pair in match.equal
                for one, two in (pair, pair[::-1])
            },
            moved={id(mark.element): change for change in match.changed for mark in change.sides},
        )


def _names_and_colors(marks: Iterable[Mark]) -> frozenset[str]:
    found = {word for mark in marks for word in (mark.element.text, main_color(mark.element)[:7])}
    return frozenset(found - {""})


def of_unpaired(missing: Iterable[Element], extra: Iterable[Element]) -> Explained:
    """What is known of axes in one chart only: all of their series."""
    sides = [[mark for axes in side for mark in marks_of(axes)] for side in (missing, extra)]
    texts = {mark.element.text for side in sides for mark in side}
    lost, added = map(_names_and_colors, sides)
    return Explained(series=frozenset(texts - {""}), lost=lost, added=added)


def joined(everything: Sequence[Explained]) -> Explained:
    """The union over all axes, for a legend of the whole figure."""
    looks = Looks()
    for known in everything:
        if known.looks is not None:
            looks.keys |= known.looks.keys
            looks.by_key |= known.looks.by_key
    return Explained(
        chart_type=any(known.chart_type for known in everything),
        other_axes=any(known.other_axes for known in everything),
        data=any(known.data for known in everything),
        series=frozenset().union(*(known.series for known in everything)),
        piled=any(known.piled for known in everything),
        renamed=frozenset().union(*(known.renamed for known in everything)),
        lost=frozenset().union(*(known.lost for known in everything)),
        added=frozenset().union(*(known.added for known in everything)),
        looks=looks,
    )
