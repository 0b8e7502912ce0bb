"""The structural annotator: two scenes in, discrepancies out, without any model.

Each modality has one module with one function
``differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]``:
every visible difference explained once, at its cause.
"""

from __future__ import annotations

from dataclasses import dataclass

from annotators.structural.pixels import PixelDifference, pixel_difference
from annotators.structural.visibility import SPECK_PX, below_visibility, unexplained, unseen
from annotators.structural.why import place_in_words, spoken, unsaid
from records.rows import Box, Discrepancy
from records.taxonomy import ChartCategory, Modality
from renderers.contract import Picture
from renderers.scene import Scene

VERSION = "structural-1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two renders."""

    discrepancies: tuple[Discrepancy, ...]
    pixels: PixelDifference
    unexplained: Box | None = None
    """Where the pictures visibly differ beside all labels, though nothing moved the layout."""

    @property
    def changed_fraction(self) -> float:
        return self.pixels.fraction


def compare(reference: tuple[Picture, Scene], candidate: tuple[Picture, Scene]) -> Comparison:
    """Every visible difference of two renders of one modality, each named once.

    Where nothing is named, or only values and looks of a chart, and edges lie a fraction of a pixel
    apart at the most, nothing differs and no pixel counts as changed: see
    `annotators.structural.visibility`.

    Args:
        reference: Picture and scene of the reference (`Render.drawn`).
        candidate: The same of the candidate.

    Raises:
        ValueError: the two scenes are of different modalities.
    """
    (picture, scene), (other_picture, other_scene) = reference, candidate
    if scene.modality is not other_scene.modality:
        raise ValueError(f"a {scene.modality} cannot be compared with a {other_scene.modality}")
    if picture.pixel_hash == other_picture.pixel_hash:
        return Comparison((), pixel_difference(picture.png, other_picture.png))
    scale = 1.0
    if scene.modality is Modality.CHART:
        from annotators.structural.chart.as_seen import width_scale

        scale = width_scale(scene, other_scene)
    pixels = pixel_difference(picture.png, other_picture.png, scale)
    match scene.modality:
        case Modality.CHART:
            from annotators.structural.chart import compare as comparer
        case Modality.TABLE:
            from annotators.structural.table import compare as comparer  # type: ignore[no-redef]
        case Modality.SVG:
            from annotators.structural.svg import compare as comparer  # type: ignore[no-redef]
    found = tuple(comparer.differences(scene, other_scene, pixels))
    measured = _MEASURED if scene.modality is Modality.CHART else ()
    if all(one.category in measured for one in found) and below_visibility(pixels):
        for one in found:
            unsaid(spoken(one.location, one.description), f"fewer than {SPECK_PX} pixels show it")
        found, pixels = (), unseen(pixels)
    return Comparison(found, pixels, _beside(scene, other_scene, found, pixels))


def _beside(
    scene: Scene, other: Scene, found: tuple[Discrepancy, ...], pixels: PixelDifference
) -> Box | None:
    """Visible change of a chart that no label explains.

    Nothing is claimed where the axes stand elsewhere, since then everything moved with them.
    """
    if scene.modality is not Modality.CHART or not found:
        return None
    from annotators.structural.chart.consequences import reflowed

    if any(one.box is None for one in found) or reflowed(scene, other):
        return None
    left = unexplained(pixels, [one.box for one in found if one.box is not None])
    if left is not None:
        unsaid(f"visible change at {place_in_words(left)}", "no rule tells what it is")
    return left


_MEASURED = (ChartCategory.DATA.value, ChartCategory.STYLE.value)
"""Categories of a chart that are seen by how far and how strongly pixels change. A comma for a point,
or a part that is gone, is an error in however few; shapes and cells are asked where they are named."""
