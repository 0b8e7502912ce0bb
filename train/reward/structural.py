"""The exact reward: compares two renders without a judge, a server or a GPU.

It needs the reference's program, so that there are two scenes to compare. Likeness by severity says how
many differences there are; the share in common says how much is the same. The reward is the worse of
both: a picture that shows nothing has few differences ("everything is missing" is one), and a picture that
shows everything twice has much in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from annotators.structural import Comparison, compare
from records.rows import Discrepancy
from records.taxonomy import Modality
from renderers.chart.seen.confirm import confirm
from renderers.chart.seen.verdict import Confirmed, SceneVerdict
from renderers.contract import Render
from renderers.scene import Scene
from train.metrics.similarity import outline_agreement
from train.reward.common import Drawn, Parts, share_in_common
from train.reward.common.icon import Icon

ENOUGH = 0.5
"""A common share of at least this does not limit the reward; then severities are more informative."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Measures of how near a candidate is to its reference; no single trick fools all of them."""

    discrepancies: tuple[Discrepancy, ...]
    severity: float
    """Sum of severities; of an icon each weighs by the area that it concerns."""
    divisor: float
    """Severity at which half of the likeness is gone: grows with what the reference shows."""
    common: float
    """Share of what is seen in either picture that is seen in both, 0 to 1; of an icon at least so much,
    where it is enough not to bound the reward."""
    agreement: float = 1.0
    """1 if the claims of the candidate are drawn, 0 if not. If the claims of the reference itself
    are not confirmed: the share of outlines that both pictures have."""
    disbelief: str = ""
    """Why the candidate's claims are rejected, for a person; empty if they are accepted."""

    @property
    def severity_sum(self) -> int:
        """S as it is published: the sum of severities."""
        return sum(found.severity for found in self.discrepancies)

    @property
    def likeness(self) -> float:
        """1 without a difference, 0.5 at `divisor`, always above 0."""
        return likeness(self.severity, self.divisor)

    @property
    def nearness(self) -> float:
        """0 to 1: the least of similarity, common share and confirmed claims."""
        return min(self.likeness, self.common / ENOUGH, self.agreement)

    @property
    def reward(self) -> float:
        """1 for a picture, and up to 1 more for its nearness."""
        return round(1 + self.nearness, 4)


def likeness(severity: float, divisor: float) -> float:
    """1 without a difference, 0.5 at ``divisor``, always above 0.

    Since it never reaches 0, the better one of two bad attempts still earns more.
    """
    return divisor / (divisor + severity)


@dataclass(frozen=True)
class ScoredReference:
    """A reference, read once for all candidates that are compared with it."""

    drawn: Drawn
    """Its picture, and its scene as far as the drawn parts confirm it."""
    believed: bool
    """False for a chart whose claims are not confirmed themselves; nobody cheats with a reference, so it is
    compared all the same, and the candidate's outlines are looked at instead."""
    parts: Parts
    divisor: float
    """Severity at which half of the likeness is gone: grows with what the reference shows."""

    @classmethod
    def of(cls, render: Render) -> ScoredReference:
        """Read a render.

        Raises:
            RenderError: the render failed.
        """
        drawn, found = _confirmed(render)
        sure = found is not None and found.verdict is SceneVerdict.CONFIRMED
        believed = sure or drawn[1].modality is not Modality.CHART
        return cls(drawn, believed, Parts.of(drawn), divisor_of(drawn[1]))

    def against(self, candidate: Render) -> Measured:
        """Compare a candidate with it.

        The scene of a chart is written by the process that runs its program: of both sides only what
        their display lists confirm is compared. Tables and icons are read by our own process from what
        was drawn.

        Raises:
            RenderError: the candidate was not drawn.
            ValueError: the two are of different modalities.
        """
        drawn, found = _confirmed(candidate)
        agreement, disbelief = 1.0, ""
        if self.drawn[1].modality is drawn[1].modality is Modality.CHART:
            if not self.believed:
                agreement = outline_agreement(self.drawn[0].png, drawn[0].png)
            elif found is None or found.verdict is not SceneVerdict.CONFIRMED:
                agreement = 0.0
                disbelief = found.reason if found is not None else "there is no display list"
        differs = compare(self.drawn, drawn)
        severity = float(sum(one.severity for one in differs.discrepancies))
        if isinstance(self.parts.seen, Icon):
            severity = severity_by_area(differs, self.parts.seen)
        enough = ENOUGH * likeness(severity, self.divisor)
        common = share_in_common(self.parts, Parts.of(drawn), enough)
        return Measured(differs.discrepancies, severity, self.divisor, common, agreement, disbelief)


def measured(reference: Render, candidate: Render) -> Measured:
    """Compare two renders of one modality; `Reference` does it for many candidates.

    Raises:
        RenderError: one of the two was not drawn.
        ValueError: the two are of different modalities.
    """
    return ScoredReference.of(reference).against(candidate)


def _confirmed(render: Render) -> tuple[Drawn, Confirmed | None]:
    """What was drawn; of a chart without the claims that its ink does not confirm.

    The second is None if nothing is claimed, or nothing can be confirmed for want of a display list.
    """
    picture, scene = render.drawn()
    if scene.modality is not Modality.CHART or render.display is None:
        return (picture, scene), None
    found = confirm(render.display, scene)
    return (picture, found.scene), found


def divisor_of(scene: Scene) -> float:
    """Severity at which the similarity to this reference is 0.5.

    A table counts errors cell by cell, so its divisor grows with its cells. Marks of one look in a chart
    are named together, and those of an icon weigh by area: few parts more or less do not matter there.

    >>> from renderers.scene import Element
    >>> cells = tuple(Element("cell") for _ in range(30))
    >>> divisor_of(Scene(Modality.TABLE, 9, 9, Element("table", children=cells)))
    40.0
    """
    elements = list(scene.root.walk())
    if scene.modality is Modality.TABLE:
        return 10.0 + sum(element.role == "cell" for element in elements)
    if scene.modality is Modality.SVG:
        return ICON_DIVISOR + len(scene.root.children)
    looks = {(element.role, str(sorted(element.style.items()))) for element in elements}
    texts = sum(bool(element.text) for element in elements)
    return 10.0 + sqrt(len(looks) + texts)


ICON_DIVISOR = 5.0
LEAST_WEIGHT = 0.2
"""Least weight of an icon's difference that affects few pixels."""


def severity_by_area(found: Comparison, reference: Icon) -> float:
    """Severities of an icon, each by the changed pixels it stands for, as a share of all ink.

    Many small distortions together do not outweigh a missing main part.
    """
    ink = sum(shape.area for shape in reference.drawing.shapes) or 1
    return sum(one.severity * _weight(one, found, ink) for one in found.discrepancies)


def _weight(one: Discrepancy, found: Comparison, ink: int) -> float:
    if one.box is None:
        return 1.0
    share = found.pixels.inside(one.box) / ink
    return LEAST_WEIGHT + (1 - LEAST_WEIGHT) * min(1.0, sqrt(share))
