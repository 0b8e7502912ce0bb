"""Tracers: a picture in, a weaker drawing of it out, the same for the same seed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from policies.offline import BUILTIN, tracer
from policies.run import attempt
from records.errors import ConfigError
from records.rows import Attempt, Reject, Sample, Sampled
from records.taxonomy import Language, Modality
from renderers.contract import Picture, pixel_hash
from renderers.svg.renderer import SvgRenderer
from sandbox.fork_server import ForkServer
from sources.bundled import samples

pytest.importorskip("vtracer", reason="vtracer, of the extra offline-policies, is not installed")


@pytest.fixture(scope="module")
def svgs() -> Iterator[SvgRenderer]:
    with SvgRenderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
def sample() -> Sample:
    return samples(Modality.SVG)[0]


def picture_of(image: Image.Image) -> Picture:
    target = io.BytesIO()
    image.save(target, "PNG")
    digest = pixel_hash(image.tobytes(), image.width, image.height)
    return Picture(target.getvalue(), image.width, image.height, digest)


@pytest.fixture(scope="module")
def picture() -> Picture:
    image = Image.new("RGB", (336, 336), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((40, 40, 200, 200), fill="#d02020")
    pen.rectangle((180, 180, 300, 300), fill="#2040c0")
    pen.ellipse((260, 50, 280, 70), fill="#20a040")
    return picture_of(image)


def pixels(picture: Picture) -> np.ndarray:
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("name", sorted(n for n, p in BUILTIN.items() if p.kind == "tracer"))
def test_an_attempt_draws_and_resembles(
    svgs: SvgRenderer, sample: Sample, picture: Picture, name: str
) -> None:
    made = attempt(BUILTIN[name], sample, picture, seed=5)
    assert isinstance(made, Attempt)
    assert made.sample_id == sample.id
    assert made.language is Language.SVG
    assert made.origin == Sampled(policy=name, prompt_hash=BUILTIN[name].settings_hash, seed=5)
    drawn, _ = svgs.render(made.code, Language.SVG).drawn()
    # A tracing of a small copy without a view box would fill a corner only.
    assert np.abs(pixels(drawn) - pixels(picture)).mean() < 25
    assert drawn.pixel_hash != picture.pixel_hash


def test_weaker_policies_are_worse(svgs: SvgRenderer, picture: Picture) -> None:
    errors = {}
    for name in ("vtracer-mid", "vtracer-64px", "vtracer-32px"):
        code = tracer.trace(picture.png, BUILTIN[name].settings, seed=1)
        drawn, _ = svgs.render(code, Language.SVG).drawn()
        errors[name] = np.abs(pixels(drawn) - pixels(picture)).mean()
    assert errors["vtracer-mid"] < errors["vtracer-64px"] < errors["vtracer-32px"]


def test_a_seed_gives_the_same_program_and_another_seed_another(picture: Picture) -> None:
    settings = BUILTIN["vtracer-32px"].settings
    codes = [tracer.trace(picture.png, settings, seed) for seed in (1, 1, 2, 3)]
    assert codes[0] == codes[1]
    assert len(set(codes)) == 3


def test_without_jitter_the_seed_changes_nothing(picture: Picture) -> None:
    still = BUILTIN["vtracer-32px"].settings.model_copy(update={"jitter": 0.0})
    assert tracer.trace(picture.png, still, 1) == tracer.trace(picture.png, still, 2)


def test_a_picture_that_cannot_be_read_is_a_reject(sample: Sample) -> None:
    broken = Picture(b"\x89PNG\r\n\x1a\nnothing", 336, 336, "0" * 32)
    made = attempt(BUILTIN["vtracer-mid"], sample, broken, seed=0)
    assert isinstance(made, Reject)
    assert (made.stage, made.item_id) == ("attempt", sample.id)
    assert made.reason.startswith("tracer_")
    assert made.policy == "vtracer-mid"


def test_a_crash_of_the_tracer_costs_one_attempt(
    sample: Sample, picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crashing_target.py").write_text(
        "import ctypes\n\n\ndef warm():\n    pass\n\n\n"
        "def run(job, scratch):\n    ctypes.string_at(0)\n"
    )
    with ForkServer("crashing_target", tracer.LIMITS, import_paths=[tmp_path]) as crashing:
        monkeypatch.setattr(tracer, "_server", lambda: crashing)
        made = attempt(BUILTIN["vtracer-mid"], sample, picture, seed=0)
    assert isinstance(made, Reject)
    assert made.reason == "tracer_code_crashed"
    assert "signal 11" in made.detail


def test_without_the_package_the_extra_is_named(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracer, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="offline-policies"):
        tracer.trace(picture.png, BUILTIN["vtracer-mid"].settings, 0)
