"""What two pictures have in common: 0 for a picture that shows nothing of the reference, 1 for the same.

Severities alone cannot be a reward: an empty chart has one error, "everything plotted is missing", and
an honest attempt has many small ones. The share in common looks from the other side: how much of what is
seen in either picture is seen in the other too.
"""

from __future__ import annotations

from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]
"""Picture and scene of one render, as `Render.drawn` gives them."""


def share_in_common(reference: Drawn, candidate: Drawn) -> float:
    """How much of what either picture shows the other shows too, 0 to 1.

    Parts are matched one to one; each counts by the area that is seen of it and by its importance, and
    a matched part by how alike the two are.

    Raises:
        ValueError: the two are of different modalities.
    """
    (picture, scene), (other_picture, other_scene) = reference, candidate
    if scene.modality is not other_scene.modality:
        raise ValueError(f"a {scene.modality} cannot be compared with a {other_scene.modality}")
    if picture.pixel_hash == other_picture.pixel_hash:
        return 1.0
    match scene.modality:
        case Modality.CHART:
            from train.reward.common.chart import share

            return share(scene, other_scene)
        case Modality.TABLE:
            from train.reward.common.table import share

            return share(scene, other_scene)
        case Modality.SVG:
            from train.reward.common.icon import share as icon_share

            return icon_share(reference, candidate)
