"""The exact reward: two renders are compared by what they show, without a judge, a server or a GPU.

It needs the reference's program, so that there are two scenes to compare. Likeness by severity says how
many differences there are; the share in common says how much is the same. The reward is the worse of
both: a picture that shows nothing has few differences ("everything is missing" is one), and a picture that
shows everything twice has much in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from annotators.structural import Comparison, compare
from annotators.structural.svg.shapes import IconScene
from records.rows import Discrepancy
from records.taxonomy import Modality
from renderers.chart.seen.confirm import confirm
from renderers.chart.seen.verdict import Confirmed, SceneVerdict
from renderers.contract import Render
from renderers.scene import Scene
from train.metrics.similarity import outline_agreement
from train.reward.common import share_in_common

ENOUGH = 0.5
"""Share in common from which it does not bound the reward: where half is shared, severities say more."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How near a candidate is to its reference, by measures that no one trick fools together."""

    discrepancies: tuple[Discrepancy, ...]
    severity: float
    """Sum of severities; of an icon each weighs by the area that it concerns."""
    divisor: float
    """Severity at which half of the likeness is gone: grows with what the reference shows."""
    common: float
    """Share of what is seen in either picture that is seen in both, 0 to 1."""
    agreement: float = 1.0
    """1 where what the candidate claims is drawn, 0 where it is not. Where the claims of the reference are
    not confirmed themselves, the share of outlines that both pictures have."""
    disbelief: str = ""
    """Why the claims of the candidate are not believed, for a person; empty where they are."""

    @property
    def severity_sum(self) -> int:
        """S as it is published: the sum of severities."""
        return sum(found.severity for found in self.discrepancies)

    @property
    def likeness(self) -> float:
        """1 without a difference, a half at `divisor`, never quite 0.

        Without a floor of 0 two bad attempts still compare: what is less bad earns more.
        """
        return self.divisor / (self.divisor + self.severity)

    @property
    def nearness(self) -> float:
        """0 to 1: the worst of likeness, share in common and what the pictures confirm."""
        return min(self.likeness, self.common / ENOUGH, self.agreement)

    @property
    def reward(self) -> float:
        """1 for a picture, and up to 1 more for its nearness."""
        return round(1 + self.nearness, 4)


def measured(reference: Render, candidate: Render) -> Measured:
    """Compare two renders of one modality.

    The scene of a chart is written by the process that runs its program: of both sides only what their
    display lists confirm is compared. Tables and icons are read by our own process from what was drawn.

    Raises:
        RenderError: one of the two was not drawn.
        ValueError: the two are of different modalities.
    """
    one, two = reference.drawn(), candidate.drawn()
    agreement, disbelief = 1.0, ""
    if one[1].modality is two[1].modality is Modality.CHART:
        mine, theirs = _confirmed(reference), _confirmed(candidate)
        one = (one[0], mine.scene) if mine is not None else one
        two = (two[0], theirs.scene) if theirs is not None else two
        if mine is None or mine.verdict is not SceneVerdict.CONFIRMED:
            agreement = outline_agreement(one[0].png, two[0].png)
        elif theirs is None or theirs.verdict is not SceneVerdict.CONFIRMED:
            agreement = 0.0
            disbelief = theirs.reason if theirs is not None else "there is no display list"
    found = compare(one, two)
    scene = one[1]
    severity = float(sum(one.severity for one in found.discrepancies))
    if scene.modality is Modality.SVG:
        severity = severity_by_area(found, scene)
    common = share_in_common(one, two)
    divisor = divisor_of(scene)
    return Measured(found.discrepancies, severity, divisor, common, agreement, disbelief)


def _confirmed(render: Render) -> Confirmed | None:
    if render.display is None or render.scene is None:
        return None
    return confirm(render.display, render.scene)


def divisor_of(scene: Scene) -> float:
    """Severity at which half of the likeness to this reference is gone.

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
"""Of an icon's difference that concerns hardly a pixel."""


def severity_by_area(found: Comparison, reference: Scene) -> float:
    """Severities of an icon, each by the changed pixels it stands for, as a share of all ink.

    Many small bends together do not outweigh a main part that is gone.
    """
    nothing = np.zeros((reference.height_px, reference.width_px), bool)
    ink = sum(shape.area for shape in IconScene.of(reference, nothing).shapes) or 1
    return sum(one.severity * _weight(one, found, ink) for one in found.discrepancies)


def _weight(one: Discrepancy, found: Comparison, ink: int) -> float:
    if one.box is None:
        return 1.0
    share = found.pixels.inside(one.box) / ink
    return LEAST_WEIGHT + (1 - LEAST_WEIGHT) * min(1.0, sqrt(share))
