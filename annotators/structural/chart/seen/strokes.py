"""Lines as they lie on paper: steps, and outlines without a filling, are lines from corner to corner."""

from __future__ import annotations

from matplotlib.cbook import STEP_LOOKUP_MAP

from renderers.scene import Element


def as_strokes(axes: Element, other: Element) -> Element:
    """An axes whose steps and hollow outlines are plain lines, if another axes has such lines in
    their colors."""
    lines = {_tint(part) for part in other.parts("line")}
    stepped = {_tint(part) for part in other.children if "steps" in part.style}
    plain = lines - stepped | {_tint(part) for part in other.children if _hollow(part)}
    children = []
    for part in axes.children:
        if _hollow(part) and _tint(part) in lines:
            pen = {key.removeprefix("edge_"): v for key, v in part.style.items() if key != "edge"}
            style = {"dash": "-"} | pen | {"color": part.style["edge"]}
            part = part.having(role="line", style=style)
        elif "steps" in part.style and _tint(part) in plain and not _slanted(part, other):
            part = _unrolled(part)
        children.append(part)
    return axes.having(children=tuple(children))


def _slanted(steps: Element, other: Element) -> bool:
    """True if another axes draws the points of steps as a slanted line."""
    return any(
        part.role == "line" and "steps" not in part.style and _tint(part) == _tint(steps)
        and part.data.get("count") == steps.data.get("count")
        for part in other.children
    )  # fmt: skip


def _hollow(part: Element) -> bool:
    return part.role == "area" and "face" not in part.style and "edge" in part.style


def _tint(part: Element) -> str:
    """The color of a line or an outline, without its opacity."""
    return str(part.style.get("color", part.style.get("edge")))[:7]


def _unrolled(line: Element) -> Element:
    """A line of steps with all its corners."""
    drawn = STEP_LOOKUP_MAP.get(str(line.style["steps"]))
    if drawn is None:
        return line
    points = drawn(line.numbers("x"), line.numbers("y"))
    style = {key: value for key, value in line.style.items() if key != "steps"}
    corners = {"x": points[0].tolist(), "y": points[1].tolist(), "count": len(points[0])}
    return line.having(style=style, data=line.data | corners)
