"""Small pairs of all three modalities, drawn here: what a checked shard holds, without a renderer."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from quality.dataset.part_files import PUBLISHED
from quality.format.schema import SCHEMA, row_of
from quality.gallery import build_gallery
from records.edits import Edit
from records.pairs import Judged, Reference, Row
from records.rows import (
    Attempt,
    Corrupted,
    Discrepancy,
    Equivalent,
    Identical,
    InjectedError,
    Judgment,
    Origin,
    Sample,
    Sampled,
)
from records.shards import ShardWriter
from records.taxonomy import Language
from renderers.contract import Picture, pixel_hash
from renderers.stage import painted_fields

CONTRACT = "0123456789abcdef"
MakeRow = Callable[..., Row]
WriteShard = Callable[..., str]

_COLORS = ("#4878a8", "#e08030", "#50a060", "#b04848", "#806090")
HOSTILE = "</script><img src=x onerror=alert(1)>\u2028 <b>bold</b>"
"""A description and a program that try to end a script."""


def picture(image: Image.Image) -> Picture:
    rgb = image.convert("RGB")
    buffer = io.BytesIO()
    rgb.save(buffer, "PNG")
    return Picture(buffer.getvalue(), *rgb.size, pixel_hash(rgb.tobytes(), *rgb.size))


def _chart(values: list[int], title: str = "Yield by site") -> tuple[Image.Image, list[Any]]:
    image = Image.new("RGB", (360, 270), "white")
    draw = ImageDraw.Draw(image)
    draw.text((140, 10), title, fill="black")
    draw.line((40, 30, 40, 240, 340, 240), fill="black")
    boxes = []
    for at, value in enumerate(values):
        left = 60 + at * 55
        boxes.append((left, 240 - value * 2, left + 36, 240))
        draw.rectangle(boxes[-1], fill=_COLORS[at % 5])
        draw.text((left + 8, 244), f"s{at}", fill="black")
    return image, boxes


def _table(values: list[int], title: str = "Yield by site") -> tuple[Image.Image, list[Any]]:
    image = Image.new("RGB", (300, 30 + 26 * len(values)), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((4, 4, 295, 26), outline="#333", fill="#eee")
    draw.text((10, 9), title, fill="black")
    boxes = []
    for at, value in enumerate(values):
        boxes.append((150, 26 + at * 26, 295, 52 + at * 26))
        draw.rectangle((4, 26 + at * 26, 150, 52 + at * 26), outline="#333")
        draw.rectangle(boxes[-1], outline="#333")
        draw.text((10, 32 + at * 26), f"site {at}", fill="black")
        draw.text((160, 32 + at * 26), str(value), fill="black")
    return image, boxes


def _icon(values: list[int], title: str = "Yield by site") -> tuple[Image.Image, list[Any]]:
    image = Image.new("RGB", (224, 224), "white")
    draw = ImageDraw.Draw(image)
    boxes = []
    for at, value in enumerate(values):
        x, y = 50 + (at % 3) * 60, 60 + (at // 3) * 90
        radius = 10 + value // 4
        boxes.append((x - radius, y - radius, x + radius, y + radius))
        draw.ellipse(boxes[-1], fill=_COLORS[at % 5], outline="#222", width=3)
    return image, boxes


_DRAW = {
    Language.PYTHON: (_chart, "data_error", "bar"),
    Language.HTML: (_table, "numeric_error", "row"),
    Language.SVG: (_icon, "shape_error", "circle"),
}


def _code(language: Language, values: list[int], note: str = "") -> str:
    if language is Language.PYTHON:
        return (
            f"import matplotlib.pyplot as plt\n# {note}\nplt.bar(range({len(values)}), {values})\n"
            'plt.title("Yield by site")\nplt.savefig("a.pdf", bbox_inches="tight")\n'
        )
    if language is Language.HTML:
        cells = "".join(f"<tr><td>site {at}</td><td>{v}</td></tr>" for at, v in enumerate(values))
        return f"<table><!-- {note} --><tr><th colspan=2>Yield by site</th></tr>{cells}</table>"
    circles = "".join(
        f'<circle cx="{50 + 60 * at}" r="{10 + v // 4}"/>' for at, v in enumerate(values)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 224 224"><!-- {note} -->{circles}</svg>'


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    """``make_row(number, language, origin, wrong)``: one good row; other numbers, other samples."""

    def make(
        number: int = 0,
        language: Language = Language.PYTHON,
        origin: str = "corrupted",
        wrong: int = 1,
        turn: int = 0,
        reserved: str = "",
        style: str = "plain",
        **changes: Any,
    ) -> Row:
        draw, category, noun = _DRAW[language]
        rng = random.Random(f"{language}{number}")
        values = [rng.randint(20, 90) for _ in range(4)]
        sample = Sample.of(
            _code(language, values),
            language,
            source="bundled",
            revision="sha256:0123456789abcdef",
            licence="Apache-2.0",
            upstream_id=f"{language.modality}/{number}{language.suffix}",
            kind="bar" if language is Language.PYTHON else "",
            reserved=reserved,
        )
        reference, _ = draw(values)
        found: list[Discrepancy] = []
        candidate, code = reference, sample.code
        kind: Origin = Identical()
        if origin in ("corrupted", "sampled"):
            drawn = list(values)
            for at in range(wrong):
                place = (at + turn) % len(values)
                drawn[place] = 5 + (values[place] + 30 + 7 * turn + 3 * at) % 90
            candidate, boxes = draw(drawn)
            code = _code(language, drawn)
            for at in range(wrong):
                place = (at + turn) % len(values)
                found.append(
                    Discrepancy(
                        category=category,
                        severity=(1, 2, 3)[(at + turn) % 3],
                        location=f"{noun} {place}",
                        description=f"{values[place]} is drawn as {drawn[place]}",
                        box=boxes[place],
                        label_source="structural-1",
                    )
                )
            kind = Corrupted(
                errors=tuple(
                    InjectedError(
                        name="shift_value",
                        category=category,
                        location=label.location,
                        description=label.description,
                    )
                    for label in found
                ),
                seed=turn,
                edits=(Edit(0, 0, ""),),
            )
            if origin == "sampled":
                kind = Sampled(policy="reader-weak", prompt_hash="ab" * 10, seed=turn)
        elif origin == "equivalent":
            code = _code(language, values, note=f"rewrite {turn}")
            kind = Equivalent(rewrite="comment", seed=turn)
        attempt = Attempt.of(sample, code, kind)
        verdict = Judgment(annotator="structural-1", discrepancies=tuple(found))
        second = verdict.model_copy(
            update={"annotator": "second-1", "discrepancies": tuple(found[:1]), "raw_reply": "{}"}
        )
        first, other = picture(reference), picture(candidate)
        changed = 0.0 if first.pixel_hash == other.pixel_hash else 0.02 * wrong
        judged = Judged(
            **dict(attempt),
            **painted_fields(other, CONTRACT),
            annotations=(verdict, second),
            changed_fraction=changed,
        )
        drawn = Reference(**dict(sample), **painted_fields(first, CONTRACT), scene=b"")
        row = row_of(drawn, judged, style, "train")  # type: ignore[arg-type]
        return row.model_copy(update=changes)

    return make


@pytest.fixture(scope="session")
def mixed_rows(make_row: MakeRow) -> Callable[[int], list[Row]]:
    """``mixed_rows(samples)``: that many samples a modality, five rows each, of every origin."""

    @cache
    def mix(samples: int) -> tuple[Row, ...]:
        return tuple(
            row
            for language in _DRAW
            for number in range(samples)
            for row in (
                make_row(number, language, "corrupted", 1, 0),
                make_row(number, language, "corrupted", 2, 1),
                make_row(number, language, "sampled", 3, 2),
                make_row(number, language, "identical"),
                make_row(number, language, "equivalent"),
            )
        )

    return lambda samples: [*mix(samples)]


@pytest.fixture(scope="module")
def parts(mixed_rows: Any, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("checked")
    rows = mixed_rows(7)
    for name, some in (("0", rows[:50]), ("1", rows[50:])):
        with ShardWriter(folder / f"{name}.parquet", SCHEMA) as writer:
            for row in some:
                writer.write(row)
    return [str(folder / "0.parquet"), str(folder / "1.parquet")]


@pytest.fixture
def write_shard(tmp_path: Path) -> WriteShard:
    """``write_shard(name, rows)``: the URL of a checked shard that holds them."""

    def write(name: str, rows: list[Row]) -> str:
        path = tmp_path / "checked" / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        with ShardWriter(path, SCHEMA) as writer:
            for row in rows:
                writer.write(row)
        return str(path)

    return write


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Expectations and plots have their own tests; here they would take most of the time."""
    if "whole" not in request.fixturenames:
        monkeypatch.setattr("quality.dataset.publish.check_rules", lambda *_: [])
        for name in ("draw_categories", "draw_severities", "draw_rejects", "draw_examples"):
            monkeypatch.setattr(
                f"quality.dataset.card.{name}", lambda *drawn: drawn[-1].write_bytes(b"")
            )


@pytest.fixture
def whole() -> None:
    """Asks for expectations and plots after all."""


@pytest.fixture(scope="session")
def dataset() -> Callable[[Path, list[Row]], Path]:
    """``dataset(folder, rows)``: a published folder with these rows, each in its split."""

    def write(folder: Path, rows: list[Row]) -> Path:
        for split in ("train", "validation", "test"):
            (folder / split).mkdir(parents=True)
            with ShardWriter(folder / split / "part-00000.parquet", PUBLISHED) as writer:
                for row in rows:
                    if row.split == split:
                        writer.write(row)
        return folder

    return write


@pytest.fixture(scope="module")
def rows(mixed_rows: Any, make_row: MakeRow) -> list[Row]:
    found = mixed_rows(10)
    tested = [row.model_copy(update={"split": "test"}) for row in found[:5]]
    plain = make_row(77, Language.SVG, wrong=2)
    first, *others = plain.discrepancies
    labels = (first.model_copy(update={"description": HOSTILE}), *others)
    verdict = plain.annotations[0].model_copy(update={"discrepancies": labels})
    hostile = plain.model_copy(
        update={
            "discrepancies": labels,
            "annotations": (verdict, *plain.annotations[1:]),
            "candidate_code": HOSTILE + "\n" + plain.candidate_code,
        }
    )
    return [*tested, *found[5:], hostile]


@pytest.fixture(scope="module")
def gallery(rows: list[Row], dataset: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    return build_gallery(str(dataset(folder / "demo", rows)), str(folder / "gallery"))
