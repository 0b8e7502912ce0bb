"""Measures the common share of two pictures: 0 if nothing of the reference is shown, 1 if they are equal.

Severities alone cannot be a reward: an empty chart has one error, "everything plotted is missing", and
an honest attempt has many small ones. The share in common looks from the other side: how much of what is
seen in either picture is seen in the other too.
"""

from __future__ import annotations

from dataclasses import dataclass

from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.scene import Scene
from train.reward.common import chart, icon, table

Drawn = tuple[Picture, Scene]
"""Picture and scene of one render, as `Render.drawn` gives them."""


@dataclass(frozen=True)
class Parts:
    """The parts of one picture, read once for many comparisons."""

    modality: Modality
    pixel_hash: str
    seen: chart.Chart | table.Table | icon.Icon

    @classmethod
    def of(cls, drawn: Drawn) -> Parts:
        """Read a render.

        Raises:
            SceneError: the scene of an icon is damaged.
        """
        picture, scene = drawn
        seen: chart.Chart | table.Table | icon.Icon
        match scene.modality:
            case Modality.CHART:
                seen = chart.Chart.of(scene)
            case Modality.TABLE:
                seen = table.Table.of(scene)
            case Modality.SVG:
                seen = icon.Icon.of(picture, scene)
        return cls(scene.modality, picture.pixel_hash, seen)


def share_in_common(reference: Parts, candidate: Parts, enough: float = 1.0) -> float:
    """The share of both pictures' parts that the other picture shows, too, 0 to 1.

    Parts are matched one to one; each counts by the area that is seen of it and by its importance, and
    a matched part by how alike the two are. Two icons are looked at until ``enough`` is found.

    Raises:
        ValueError: the two are of different modalities.
    """
    if reference.pixel_hash == candidate.pixel_hash:
        return 1.0
    match reference.seen, candidate.seen:
        case chart.Chart() as one, chart.Chart() as two:
            return chart.share(one, two)
        case table.Table() as one, table.Table() as two:
            return table.share(one, two)
        case icon.Icon() as one, icon.Icon() as two:
            return icon.share(one, two, enough)
    raise ValueError(f"a {reference.modality} cannot be compared with a {candidate.modality}")
