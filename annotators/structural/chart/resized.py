"""Merges letters, samples and markers that are larger or smaller for one reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from annotators.structural.chart.findings import AT_ONE_RATIO, STYLE, Finding, Place
from annotators.structural.chart.words import listed
from annotators.structural.visibility import CANVAS_RATIO, size_noticed
from annotators.structural.why import unsaid

Join = Callable[..., Finding]


ONE_WAY = 0.25
"""Letters of one chart that are all smaller, or all larger, and differ by at most this share in how
much, are one difference."""


def resized(found: Sequence[Finding], joined: Join, scale: float, canvas: float) -> list[Finding]:
    """Merge equal changes of font size, and drop those that follow from another canvas size."""
    rest = list(found)
    if scale != 1.0:
        along = [f for f in rest if f.ratio and abs(f.ratio / scale - 1) <= AT_ONE_RATIO]
        if along and size_noticed(1, canvas, CANVAS_RATIO):
            # Letters that only partly make up for the other canvas are smaller, or larger, too.
            along += [f for f in rest if f not in along and _is_letter_size(f)
                      and min(1, scale) < f.ratio < max(1, scale)]  # fmt: skip
        if along:
            rest = [finding for finding in rest if finding not in along]
            if size_noticed(1, canvas, CANVAS_RATIO):
                whole = any(map(_is_letter_size, along))  # else letters kept their size
                join = partial(joined, "size_of_the_canvas")
                rest += [_of_canvas(along, join, scale)] if whole else along
            else:
                for finding in along:
                    unsaid(
                        finding,
                        f"only the canvas differs, which is noticed from {CANVAS_RATIO} times",
                    )
    sizes = [finding for finding in rest if _is_letter_size(finding)]
    while sizes:
        first = sizes[0]
        alike = [
            f for f in sizes
            if abs(f.ratio / first.ratio - 1) <= ONE_WAY and (f.ratio > 1) == (first.ratio > 1)
        ]  # fmt: skip
        sizes = [finding for finding in sizes if finding not in alike]
        if len({finding.same for finding in alike}) > 1:
            ends = sorted(round(100 * abs(finding.ratio - 1)) for finding in alike)
            close = ends[-1] - ends[0] <= 100 * AT_ONE_RATIO
            share = f"about {ends[0]} %" if close else f"{ends[0]} to {ends[-1]} %"
            words = f"font size {share} {'larger' if first.ratio > 1 else 'smaller'}"
            rest = [finding for finding in rest if finding not in alike]
            rest.append(joined("letters_resized_alike", alike, words, same=words))
    return rest


def _is_letter_size(finding: Finding) -> bool:
    sized = finding.kind.endswith("_size") and finding.kind not in ("marker_size", "cap_size")
    return bool(finding.ratio) and sized


def _of_canvas(along: Sequence[Finding], joined: Join, scale: float) -> Finding:
    sorts = {
        "text": any(map(_is_letter_size, along)),
        "markers": any(f.kind == "marker_size" for f in along),
        "lines": any(f.kind.endswith(("width", "length")) or f.kind in ("cap_size", "arrow") for f in along),
    }  # fmt: skip
    names = tuple(name for name, there in sorts.items() if there) or ("everything",)
    words = f"about {100 * abs(scale - 1):.0f} % {'larger' if scale > 1 else 'smaller'} for the size of the picture"
    texts = [str(name) for f in along if _is_letter_size(f) for name in f.place.names]
    kinds = [kind for kind in TEXTS if any(kind[:-1] in text for text in texts)]
    if kinds:
        words = f"{words} ({listed(kinds, len(kinds))})"
    place = Place(names, "", -1)
    return joined(along, words, kind="canvas", category=STYLE, same=words, place=place, severity=1)


TEXTS = (
    "titles",
    "axis labels",
    "tick labels",
    "legends",
    "annotations",
    "value labels",
    "percentage labels",
)
"""Kinds of text that a viewer names, as their places do."""


def legends_resized(found: Sequence[Finding], joined: Join) -> list[Finding]:
    """Merge letters and samples of a legend that are all smaller, or all larger: so is the legend."""

    result = list(found)
    for letters in [one for one in found if one.kind == "legend_size" and one.ratio]:
        samples = [
            one for one in result
            if one.kind == "legend_sample" and one.axes == letters.axes
            and one.ratio and (one.ratio > 1) == (letters.ratio > 1)
        ]  # fmt: skip
        if samples:
            group = [letters, *samples]
            words = "; ".join(dict.fromkeys(finding.description for finding in group))
            result[result.index(letters)] = joined(group, words, place=letters.place)
            result = [one for one in result if one not in samples]
    return result
