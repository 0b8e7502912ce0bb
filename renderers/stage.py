"""The verb render: shards of programs become shards of pictures with scenes."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from records.columns import ATTEMPT, SAMPLE
from records.config import BuildConfig, fingerprint
from records.rows import Reject
from records.shards import Line, ShardReport, bound_rejects, code_version, read_rows, run_shard
from records.taxonomy import Language, Modality
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

DRAWN_AGAIN = 32
"""Attempts whose pictures are kept for another of the same program; some megabytes."""

DRAWS_WITH = ("matplotlib", "numpy", "cairosvg", "markdown-it-py", "latex2mathml")


def limits_of(config: BuildConfig) -> Limits:
    """The configured limits of one render."""
    render = config.render
    return Limits(
        timeout_s=render.timeout_s,
        memory_mb=render.memory_mb,
        pixels=int(render.megapixels * 1_000_000),
    )


def render_references(shard_in: str, shard_out: str, config: BuildConfig) -> ShardReport:
    """Draw every sample once. One that gives no picture is a reject with the render status.

    Raises:
        BoundPassed: more samples than the bound give no picture.
        SandboxUnavailable, RendererUnavailable: nothing can be drawn here.
    """

    def process() -> Iterator[Line | Reject]:
        with ExitStack() as held:
            doubt = _cross_check(held, config)
            for line in read_rows(shard_in):
                render = _draw(line, config)
                drawn = _line(line, render)
                if drawn is None:
                    yield _reject("reference", line["id"], render)
                elif why := doubt(line, render):
                    yield Reject(
                        stage="reference",
                        reason="renderer_dependent",
                        item_id=line["id"],
                        detail=why,
                    )
                else:
                    yield drawn

    report = run_shard("reference", [shard_in], shard_out, REFERENCE, _settings(config), process)
    return bound_rejects(report, config.quality)


def render_candidates(
    attempts: Sequence[str], references: str, shard_out: str, config: BuildConfig
) -> ShardReport:
    """Draw every attempt; an attempt whose program equals another's shares its picture.

    The other may be any reference of the shard, or one of the last `DRAWN_AGAIN` attempts: policies
    answer alike, and attempts at one sample stand together. So memory does not grow with the shard.

    Args:
        attempts: Shards of attempts at the samples of one shard.
        references: The shard of those samples, drawn.
        shard_out: Shard of pairs.
        config: The build's settings.

    Raises: as `render_references`.
    """

    def process() -> Iterator[Line | Reject]:
        drawn: dict[tuple[str, str], Line] = {
            (row["language"], row["code"]): {name: row[name] for name in RENDERED.names}
            for row in read_rows(references)
        }
        latest: OrderedDict[tuple[str, str], Render] = OrderedDict()
        for shard in attempts:
            for line in read_rows(shard):
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

    inputs = [*attempts, references]
    report = run_shard("render", inputs, shard_out, PAIR, _settings(config), process)
    return bound_rejects(report, config.quality)


def drawn_of(line: Line) -> tuple[Picture, Scene]:
    """Picture and scene in a row that has the columns of `RENDERED`.

    Raises:
        SceneError: the stored scene is none.
    """
    picture = Picture(line["picture"], line["width_px"], line["height_px"], line["pixel_hash"])
    return picture, Scene.from_json(line["scene"])


def _draw(line: Line, config: BuildConfig) -> Render:
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


def _cross_check(held: ExitStack, config: BuildConfig) -> Callable[[Line, Render], str]:
    """Says why a second renderer's word stands against a picture; the empty string where it does not."""
    opened: list[SvgCrossCheck] = []

    def doubt(line: Line, render: Render) -> str:
        if not config.render.cross_check or line["modality"] != Modality.SVG or not render.picture:
            return ""
        if not opened:
            opened.append(held.enter_context(SvgCrossCheck(limits_of(config))))
        share = opened[0].disagreement(line["code"], render.picture)
        if share is None or share < VISIBLY_OTHER:
            return ""
        return f"resvg draws {share:.1%} of the picture visibly otherwise"

    return doubt


def _settings(config: BuildConfig) -> str:
    return fingerprint(config.render, code_version("renderers"), *map(version, DRAWS_WITH))
