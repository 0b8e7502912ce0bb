"""How the paint of a matched shape differs: fill, stroke, gradient, dash, clip, mask."""

from __future__ import annotations

from collections.abc import Iterator

from annotators.structural.severity import of_area_share, of_colour_change, of_size_change
from annotators.structural.svg_labels import Found
from annotators.structural.svg_shapes import Shape
from annotators.structural.svg_words import two_colours
from records.taxonomy import SvgCategory

CHANNEL = 3
"""Difference of a colour channel (0-255) up to which two colours are one."""


def style_changes(shape: Shape, other: Shape, *, scale: float, moved: bool) -> Iterator[Found]:
    """Differences of paint, each once.

    Args:
        shape: The reference's shape.
        other: The candidate's.
        scale: How much larger the candidate's outline is: stroke and dash grow with it.
        moved: True where the outline changed; gradients and clips then move along.
    """

    def found(severity: int, words: str) -> Found:
        return Found(
            SvgCategory.STYLE, severity, shape.where, f"{shape.name} {words}", (shape, other)
        )

    share = shape.area / (shape.picture[0] * shape.picture[1])
    for name, noun in (("fill", "filled"), ("stroke", "outlined")):
        before, after = shape.look(name), other.look(name)
        flat = before.startswith("#") and after.startswith("#")
        if before == after == "none":
            continue
        if flat:
            if not _same_colour(before, after):
                words = f"is {noun} {' instead of '.join(reversed(two_colours(before, after)))}"
                if before[:7] == after[:7]:
                    words = (
                        f"is {noun} at {_opacity(after)} % opacity instead of {_opacity(before)} %"
                    )
                area = share if name == "fill" else None
                yield found(of_colour_change(before, after, area), words)
        elif before != after:
            yield found(
                max(1, of_area_share(share) - (before != "none" and after != "none")),
                _other_paint(name, before, after),
            )
        else:
            words = _gradient(shape, other, name, moved=moved)
            if words:
                yield found(max(1, of_area_share(share) - 1), words)
    if shape.look("stroke") == "none" or other.look("stroke") == "none":
        yield from _cut(shape, other, moved=moved)
        return
    width, new_width = shape.number("stroke_width") * scale, other.number("stroke_width")
    if abs(new_width - width) > max(0.15, 0.04 * width) and abs(
        new_width - shape.number("stroke_width")
    ) > max(0.15, 0.04 * width):
        old = shape.number("stroke_width")
        yield found(
            of_size_change(old, new_width),
            f"is outlined {new_width:.1f} px wide instead of {old:.1f} px",
        )
    dash, new_dash = shape.numbers("dash"), other.numbers("dash")
    if bool(dash) != bool(new_dash):
        yield found(
            2 if share > 0.01 else 1,
            "is dashed instead of solid" if new_dash else "is solid instead of dashed",
        )
    elif len(dash) != len(new_dash) or any(
        abs(new / scale - old) > max(0.3, 0.05 * old)
        for old, new in zip(dash, new_dash, strict=True)
    ):
        yield found(1, "has other dashes")
    ends = [
        words
        for key, words in (("cap", "line ends"), ("join", "corners"))
        if shape.look(key) != other.look(key)
    ]
    if ends:
        key = "cap" if ends[0] == "line ends" else "join"
        yield found(
            1,
            f"has {other.look(key)} instead of {shape.look(key)} {' and other '.join(ends)}",
        )
    yield from _cut(shape, other, moved=moved)


def _cut(shape: Shape, other: Shape, *, moved: bool) -> Iterator[Found]:
    """Clip, mask and fill rule: parts that show or do not."""
    before, after = bool(shape.clip_runs), bool(other.clip_runs)
    words = ""
    if before != after:
        words = "is cut off at a clip" if after else "is no longer cut off at its clip"
    elif bool(shape.element.style.get("masked")) != bool(other.element.style.get("masked")):
        words = "has lost its mask" if shape.element.style.get("masked") else "is masked"
    elif before and not moved and shape.element.data.get("clip") != other.element.data.get("clip"):
        words = "is cut off elsewhere"
    if words:
        yield Found(SvgCategory.SHAPE, 2, shape.where, f"{shape.name} {words}", (shape, other))
    elif shape.element.data.get("even_odd") != other.element.data.get("even_odd"):
        yield Found(
            SvgCategory.STYLE,
            2,
            shape.where,
            f"{shape.name} {'shows holes that should be filled' if other.element.data.get('even_odd') else 'has its holes filled in'}",
            (shape, other),
        )


def _same_colour(before: str, after: str) -> bool:
    return all(
        abs(int(before[at : at + 2], 16) - int(after[at : at + 2], 16)) <= CHANNEL
        for at in (1, 3, 5, 7)
    )


def _opacity(colour: str) -> int:
    return round(int(colour[7:9], 16) / 2.55)


def _other_paint(name: str, before: str, after: str) -> str:
    noun = "fill" if name == "fill" else "outline"
    if after == "none":
        return f"has lost its {noun}"
    if before == "none":
        return f"has a {noun} it should not have"
    kinds = {"linear": "a linear gradient", "radial": "a radial gradient", "pattern": "a pattern"}
    return f"has {kinds.get(after, 'one colour')} as {noun} instead of {kinds.get(before, 'one colour')}"


def _gradient(shape: Shape, other: Shape, name: str, *, moved: bool) -> str:
    """What differs between two gradients of one kind."""
    before, after = (side.element.style.get(f"{name}_stops") for side in (shape, other))
    if not isinstance(before, list) or not isinstance(after, list):
        return ""
    if len(before) != len(after):
        return f"has a gradient of {len(after) // 2} colours instead of {len(before) // 2}"
    for old, new in zip(before, after, strict=True):
        if isinstance(old, str) and isinstance(new, str):
            if not _same_colour(old, new):
                return f"has a gradient with {' instead of '.join(reversed(two_colours(old, new)))}"
        elif abs(float(old or 0) - float(new or 0)) > 0.01:
            return "has a gradient whose colours change elsewhere"
    places = zip(shape.numbers(f"{name}_points"), other.numbers(f"{name}_points"), strict=False)
    if not moved and any(abs(old - new) > 1.0 for old, new in places):
        return "has a gradient that runs another way"
    return ""
