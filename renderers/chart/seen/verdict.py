"""What a claimed scene is worth, and the limits of belief."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from renderers.scene import Scene

MOST_DROPPED = 0.1
"""Share of claims that may be undrawn before none of a scene is believed."""
MOST_UNCLAIMED = 0.25
"""Share of painted parts that no claim accounts for, before none of a scene is believed."""
MOST_WORK = 50_000_000
"""Claims times parts: some seconds of looking."""


class SceneVerdict(StrEnum):
    """What a scene is worth."""

    CONFIRMED = "confirmed"
    NOT_DRAWN = "claims_not_drawn"
    """More is claimed than drawn."""
    NOT_CLAIMED = "ink_not_claimed"
    """More is drawn than claimed."""
    TOO_MANY = "too_many_parts"
    """More than is looked through."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What of a scene is on the paper."""

    scene: Scene
    """Without what is not drawn."""
    claims: int
    dropped: tuple[str, ...]
    """Role and place of each claim that is not drawn."""
    parts: int
    """Painted parts and lines of text."""
    unclaimed: int
    """Of these, those that no claim accounts for."""
    covers: int = 0
    """Of these, opaque ones that take much of the picture."""
    searched: bool = True
    """False where claims times parts are over `MOST_WORK`."""

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
        """For a person; empty where all is confirmed."""
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
