"""The stages reference and render: they read shards of programs and write shards of pictures with
scenes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib.metadata import version
from typing import Any

from records.columns import read_records
from records.config import fingerprint
from records.pairs import Drawn, Painted, Pair, Reference
from records.rows import Attempt, Reject, Sample
from records.sections import RenderConfig
from records.stages import stage_named
from records.taxonomy import Modality
from records.work import Files, Work
from renderers.contract import Picture, Render
from renderers.registry import held_renderer
from renderers.scene import Scene
from renderers.second_opinion import VISIBLY_OTHER
from renderers.svg.cross_check import SvgCrossCheck
from renderers.table.cross_check import TableCrossCheck
from sandbox.status import Limits

ATTEMPTS = ("corrupt", "attempt")
"""Stages whose attempts are drawn, in this order."""

DRAWN_AGAIN = 32
"""Pictures of this many latest attempts are cached for equal programs; some megabytes."""

DRAWS_WITH = ("matplotlib", "numpy", "cairosvg", "markdown-it-py", "latex2mathml")


def limits_of(render: RenderConfig) -> Limits:
    """The configured limits of one render."""
    return Limits(
        timeout_s=render.timeout_s,
        memory_mb=render.memory_mb,
        pixels=int(render.megapixels * 1_000_000),
    )


def drawn_references(files: Files, config: RenderConfig) -> Iterator[Reference | Reject]:
    """Draw every sample once. A sample without a picture becomes a reject with the render status.

    Raises:
        SandboxUnavailable, RendererUnavailable: this machine cannot draw.
    """
    with ExitStack() as held:
        doubt = _cross_check(held, config)
        for sample in read_records(Sample, files.inputs["pull"]):
            render = _draw(sample, config)
            drawn = _drawn(render)
            if not drawn:
                yield _reject(sample, render.status.value, render.detail)
            elif why := doubt(sample, render):
                yield _reject(sample, "renderer_dependent", why)
            else:
                yield Reference(**dict(sample), **drawn)


def drawn_candidates(files: Files, config: RenderConfig) -> Iterator[Pair | Reject]:
    """Draw every attempt; attempts with equal programs share a picture.

    Pictures are shared with the references of the shard and the last `DRAWN_AGAIN` attempts:
    policies often give equal answers, and attempts at one sample are neighbors. Memory does not
    grow with the shard.

    Raises: as `drawn_references`.
    """
    drawn = {
        (reference.language, reference.code): {n: getattr(reference, n) for n in Drawn.model_fields}
        for reference in read_records(Reference, files.inputs["reference"])
    }
    latest: OrderedDict[tuple[str, str], Render] = OrderedDict()
    for attempt in (
        attempt
        for name in ATTEMPTS
        if name in files.inputs
        for attempt in read_records(Attempt, files.inputs[name])
    ):
        program = (attempt.language, attempt.code)
        if same := drawn.get(program):
            yield Pair(**dict(attempt), **same)
            continue
        if program not in latest:
            latest[program] = _draw(attempt, config)
            if len(latest) > DRAWN_AGAIN:
                latest.popitem(last=False)
        render = latest[program]
        if made := _drawn(render):
            yield Pair(**dict(attempt), **made)
        else:
            yield Reject.of(attempt, "render", render.status.value, render.detail)


def picture_of(painted: Painted) -> Picture:
    """The picture of a record."""
    return Picture(painted.picture, painted.width_px, painted.height_px, painted.pixel_hash)


def drawn_of(drawn: Drawn) -> tuple[Picture, Scene]:
    """Picture and scene of a record.

    Raises:
        SceneError: the stored scene is not valid.
    """
    return picture_of(drawn), Scene.from_json(drawn.scene)


def painted_fields(picture: Picture, contract: str) -> dict[str, Any]:
    """The fields of `records.pairs.Painted`."""
    return {
        "picture": picture.png,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "pixel_hash": picture.pixel_hash,
        "render_contract": contract,
    }


def _draw(program: Sample | Attempt, config: RenderConfig) -> Render:
    renderer = held_renderer(program.modality, limits_of(config))
    return renderer.render(program.code, program.language)


def _drawn(render: Render) -> dict[str, Any]:
    """The fields of `records.pairs.Drawn`; empty if nothing was drawn."""
    if render.picture is None or render.scene is None:
        return {}
    scene = render.scene.to_json()
    return {**painted_fields(render.picture, render.contract), "scene": scene}


def _reject(sample: Sample, reason: str, detail: str) -> Reject:
    return Reject(stage="reference", reason=reason, item_id=sample.id, detail=detail)


def _cross_check(held: ExitStack, config: RenderConfig) -> Callable[[Sample, Render], str]:
    """Return a function that says why a second renderer disagrees with a picture; empty if it agrees."""

    @cache
    def resvg() -> SvgCrossCheck:
        return held.enter_context(SvgCrossCheck(limits_of(config)))

    @cache
    def firefox() -> TableCrossCheck:
        return held.enter_context(TableCrossCheck(limits_of(config)))

    def doubt(sample: Sample, render: Render) -> str:
        if not render.picture:
            return ""
        share, other = None, ""
        if config.cross_check and sample.modality == Modality.SVG:
            share, other = resvg().disagreement(sample.code, render.picture), "resvg"
        elif config.cross_check_tables and sample.modality == Modality.TABLE:
            share = firefox().disagreement(sample.code, sample.language, render.picture)
            other = "Firefox"
        if share is None or share < VISIBLY_OTHER:
            return ""
        return f"{other} draws {share:.1%} of the picture visibly differently"

    return doubt


@cache
def _versions() -> tuple[str, ...]:
    """Versions of the libraries that decide pixels, read from a file for every shard."""
    return tuple(map(version, DRAWS_WITH))


def _decides(config: RenderConfig) -> str:
    return fingerprint(config, *_versions())


DRAW_REFERENCES = Work(
    stage_named("reference"),
    Reference,
    lambda config: config.render,
    drawn_references,
    rooms=("renderers", "sandbox"),
    decides=_decides,
)
DRAW_CANDIDATES = Work(
    stage_named("render"),
    Pair,
    lambda config: config.render,
    drawn_candidates,
    rooms=("renderers", "sandbox"),
    decides=_decides,
)
WORK = (DRAW_REFERENCES, DRAW_CANDIDATES)
