"""The stages reference and render: shards of programs become shards of pictures with scenes."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from records.columns import ATTEMPT, SAMPLE
from records.config import RenderConfig, fingerprint
from records.rows import Reject
from records.shards import Line, read_rows
from records.stages import stage_named
from records.taxonomy import Language, Modality
from records.work import Files, Work
from renderers.contract import Picture, Render
from renderers.registry import held_renderer
from renderers.scene import Scene
from renderers.svg.cross_check import VISIBLY_OTHER, SvgCrossCheck
from sandbox.status import Limits

RENDERED = pa.schema(
    [
        ("picture", pa.binary()),
        ("width_px", pa.int32()),
        ("height_px", pa.int32()),
        ("pixel_hash", pa.string()),
        ("render_contract", pa.string()),
        ("scene", pa.binary()),
    ]
)
REFERENCE = pa.schema([*SAMPLE, *RENDERED])
"""A sample and its one render."""
PAIR = pa.schema([*ATTEMPT, *RENDERED])
"""An attempt and its render; the reference is found by `sample_id`."""

ATTEMPTS = ("corrupt", "attempt")
"""Stages whose attempts are drawn, in this order."""

DRAWN_AGAIN = 32
"""Attempts whose pictures are kept for another of the same program; some megabytes."""

DRAWS_WITH = ("matplotlib", "numpy", "cairosvg", "markdown-it-py", "latex2mathml")


def limits_of(render: RenderConfig) -> Limits:
    """The configured limits of one render."""
    return Limits(
        timeout_s=render.timeout_s,
        memory_mb=render.memory_mb,
        pixels=int(render.megapixels * 1_000_000),
    )


def drawn_references(files: Files, config: RenderConfig) -> Iterator[Line | Reject]:
    """Every sample, drawn once. One that gives no picture is a reject with the render status.

    Raises:
        SandboxUnavailable, RendererUnavailable: nothing can be drawn here.
    """
    with ExitStack() as held:
        doubt = _cross_check(held, config)
        for line in read_rows(files.inputs["pull"]):
            render = _draw(line, config)
            drawn = _line(line, render)
            if drawn is None:
                yield _reject("reference", line["id"], render)
            elif why := doubt(line, render):
                yield Reject(
                    stage="reference", reason="renderer_dependent", item_id=line["id"], detail=why
                )
            else:
                yield drawn


def drawn_candidates(files: Files, config: RenderConfig) -> Iterator[Line | Reject]:
    """Every attempt, drawn; an attempt whose program equals another's shares its picture.

    The other may be any reference of the shard, or one of the last `DRAWN_AGAIN` attempts: policies
    answer alike, and attempts at one sample stand together. So memory does not grow with the shard.

    Raises: as `drawn_references`.
    """
    drawn: dict[tuple[str, str], Line] = {
        (row["language"], row["code"]): {name: row[name] for name in RENDERED.names}
        for row in read_rows(files.inputs["reference"])
    }
    latest: OrderedDict[tuple[str, str], Render] = OrderedDict()
    for line in (
        row for name in ATTEMPTS if name in files.inputs for row in read_rows(files.inputs[name])
    ):
        program = (line["language"], line["code"])
        if same := drawn.get(program):
            yield {**line, **same}
            continue
        if program not in latest:
            latest[program] = _draw(line, config)
            if len(latest) > DRAWN_AGAIN:
                latest.popitem(last=False)
        render = latest[program]
        yield _line(line, render) or _reject("render", line["id"], render, _author(line))


def drawn_of(line: Line) -> tuple[Picture, Scene]:
    """Picture and scene in a row that has the columns of `RENDERED`.

    Raises:
        SceneError: the stored scene is none.
    """
    picture = Picture(line["picture"], line["width_px"], line["height_px"], line["pixel_hash"])
    return picture, Scene.from_json(line["scene"])


def _draw(line: Line, config: RenderConfig) -> Render:
    renderer = held_renderer(Modality(line["modality"]), limits_of(config))
    return renderer.render(line["code"], Language(line["language"]))


def _line(line: Line, render: Render) -> dict[str, Any] | None:
    if render.picture is None or render.scene is None:
        return None
    return {
        **line,
        "picture": render.picture.png,
        "width_px": render.picture.width_px,
        "height_px": render.picture.height_px,
        "pixel_hash": render.picture.pixel_hash,
        "render_contract": render.contract,
        "scene": render.scene.to_json(),
    }


def _reject(stage: str, item_id: str, render: Render, author: str = "") -> Reject:
    detail = author + render.detail
    return Reject(stage=stage, reason=render.status.value, item_id=item_id, detail=detail)


def _author(line: Line) -> str:
    """Who wrote an attempt, where a policy did: rejects are counted by policy."""
    origin = json.loads(line["origin"])
    return f"policy {origin['policy']}: " if origin["kind"] == "sampled" else ""


def _cross_check(held: ExitStack, config: RenderConfig) -> Callable[[Line, Render], str]:
    """Says why a second renderer's word stands against a picture; the empty string where it does not."""
    opened: list[SvgCrossCheck] = []

    def doubt(line: Line, render: Render) -> str:
        if not config.cross_check or line["modality"] != Modality.SVG or not render.picture:
            return ""
        if not opened:
            opened.append(held.enter_context(SvgCrossCheck(limits_of(config))))
        share = opened[0].disagreement(line["code"], render.picture)
        if share is None or share < VISIBLY_OTHER:
            return ""
        return f"resvg draws {share:.1%} of the picture visibly otherwise"

    return doubt


def _decides(config: RenderConfig) -> str:
    return fingerprint(config, *map(version, DRAWS_WITH))


DRAW_REFERENCES = Work(
    stage_named("reference"),
    REFERENCE,
    lambda config: config.render,
    drawn_references,
    rooms=("renderers", "sandbox"),
    decides=_decides,
)
DRAW_CANDIDATES = Work(
    stage_named("render"),
    PAIR,
    lambda config: config.render,
    drawn_candidates,
    rooms=("renderers", "sandbox"),
    decides=_decides,
)
WORK = (DRAW_REFERENCES, DRAW_CANDIDATES)
