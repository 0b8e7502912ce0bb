"""The verdict on a claimed scene, and its thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from renderers.scene import Scene

MOST_DROPPED = 0.1
"""Largest share of claims that are not drawn; above it, the scene is rejected."""
MOST_UNCLAIMED = 0.25
"""Largest share of painted parts without a claim; above it, the scene is rejected."""
MOST_WORK = 50_000_000
"""Most comparisons (claims x parts), which take some seconds."""


class SceneVerdict(StrEnum):
    """The verdict on a claimed scene."""

    CONFIRMED = "confirmed"
    NOT_DRAWN = "claims_not_drawn"
    """More is claimed than drawn."""
    NOT_CLAIMED = "ink_not_claimed"
    """More is drawn than claimed."""
    TOO_MANY = "too_many_parts"
    """More parts than are compared."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The confirmed part of a scene."""

    scene: Scene
    """The scene without elements that are not drawn."""
    claims: int
    dropped: tuple[str, ...]
    """Role and place of each claim that is not drawn."""
    parts: int
    """Painted parts and lines of text."""
    unclaimed: int
    """Parts among them that no claim accounts for."""
    covers: int = 0
    """Opaque parts among them that cover much of the picture."""
    searched: bool = True
    """False if claims x parts exceeds `MOST_WORK`."""

    @property
    def verdict(self) -> SceneVerdict:
        if not self.searched:
            return SceneVerdict.TOO_MANY
        if len(self.dropped) > MOST_DROPPED * self.claims:
            return SceneVerdict.NOT_DRAWN
        if self.covers or self.unclaimed > MOST_UNCLAIMED * self.parts:
            return SceneVerdict.NOT_CLAIMED
        return SceneVerdict.CONFIRMED

    @property
    def reason(self) -> str:
        """Explanation for a person; empty if everything is confirmed."""
        if self.verdict is SceneVerdict.TOO_MANY:
            return (
                f"{self.claims} claims on {self.parts} painted parts are too many to look through"
            )
        if self.verdict is SceneVerdict.NOT_DRAWN:
            first = ", ".join(self.dropped[:3])
            return f"{len(self.dropped)} of {self.claims} claims are not drawn: {first}"
        if self.verdict is SceneVerdict.NOT_CLAIMED:
            large = f", {self.covers} of them large and opaque" if self.covers else ""
            return f"{self.unclaimed} of {self.parts} painted parts are in no claim{large}"
        return ""
