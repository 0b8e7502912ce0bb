"""The structural annotator: compares two scenes and lists their discrepancies, without any model.

Each modality has one module with one function
``differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]``:
every visible difference is reported once, at its cause.
"""

from __future__ import annotations

from dataclasses import dataclass

from annotators.structural.pixels import PixelDifference, pixel_difference
from annotators.structural.visibility import below_visibility, unexplained, unseen
from annotators.structural.why import place_in_words, unsaid
from records.rows import Box, Discrepancy
from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.scene import Scene

VERSION = "structural-1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing two renders."""

    discrepancies: tuple[Discrepancy, ...]
    pixels: PixelDifference
    unexplained: Box | None = None
    """A region that visibly changed and that no label explains; None if there is none, or if the
    layout moved."""

    @property
    def changed_fraction(self) -> float:
        return self.pixels.fraction


def compare(reference: tuple[Picture, Scene], candidate: tuple[Picture, Scene]) -> Comparison:
    """Compare two renders of one modality; every visible difference is reported once.

    If there is no discrepancy, and edges moved by at most a fraction of a pixel, the renders count as
    equal: see `annotators.structural.visibility`.

    Args:
        reference: Picture and scene of the reference (`Render.drawn`).

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
    if not found and below_visibility(pixels):
        pixels = unseen(pixels)
    return Comparison(found, pixels, _beside(scene, other_scene, found, pixels))


def _beside(
    scene: Scene, other: Scene, found: tuple[Discrepancy, ...], pixels: PixelDifference
) -> Box | None:
    """The region of a chart that visibly changed and that no label explains.

    None if the axes moved, since then everything moved with them.
    """
    if scene.modality is not Modality.CHART or not found:
        return None
    from annotators.structural.chart.consequences import recolored, reflowed

    boxes = [one.box for one in found if one.box is not None]
    if len(boxes) < len(found) or reflowed(scene, other):
        return None
    left = unexplained(pixels, [*boxes, *recolored(scene, other)])
    if left is not None:
        unsaid(f"visible change at {place_in_words(left)}", "no rule tells what it is")
    return left
