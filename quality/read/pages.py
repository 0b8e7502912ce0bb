"""Pages that stand alone: pictures with numbered boxes and labels, in one HTML file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from records.rows import Discrepancy

Size = tuple[int, int]


def fill_template(template: str, **values: Any) -> str:
    """A page from a template of `quality/read/page`; whatever a value says is text, never markup."""
    environment = Environment(
        loader=PackageLoader("quality.read", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(template).render(**values)


def picture_values(
    name: str, data: bytes, size: Size, boxes: Sequence[tuple[int, Sequence[float]]] = ()
) -> dict[str, Any]:
    """A picture as the templates show it.

    Args:
        name: Its caption.
        data: A PNG or WebP file.
        size: Width and height in pixels.
        boxes: Number and left, top, right, bottom in pixels of each box that lies on it.
    """
    return {
        "name": name,
        "data": b64encode(data).decode(),
        "kind": "webp" if data[8:12] == b"WEBP" else "png",
        "boxes": [(number, _percent(box, size)) for number, box in boxes],
    }


def shown_pair(
    names: Sequence[str],
    data: Sequence[bytes],
    sizes: Sequence[Size],
    labels: Sequence[Discrepancy],
) -> list[dict[str, Any]]:
    """Reference and candidate, each with the boxes of the labels that lie on it."""
    return [
        picture_values(
            names[at],
            data[at],
            sizes[at],
            [
                (number, label.box)
                for number, label in enumerate(labels, 1)
                if label.box and _home(label.box, sizes) == at
            ],
        )
        for at in range(2)
    ]


def _home(box: Sequence[float], sizes: Sequence[Size]) -> int:
    """The picture a box refers to: one that does not fit the candidate shows what it lacks."""
    return int(box[2] <= sizes[1][0] + 1 and box[3] <= sizes[1][1] + 1)


def _percent(box: Sequence[float], size: Size) -> tuple[float, ...]:
    """Left, top, width and height of a box in percent of a picture."""
    left, top, right, bottom = box
    width, height = size
    sides = (left / width, top / height, (right - left) / width, (bottom - top) / height)
    return tuple(round(100 * side, 2) for side in sides)
