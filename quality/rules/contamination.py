"""Finds samples of benchmarks in training data, by picture, by code and by words.

Samples that a source marks as reserved are known by name. `HeldOut` finds the others: the same
picture at another size, the same program with other spacing, the same words in other markup.
"""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from records.errors import ConfigError
from records.rows import content_id
from records.taxonomy import Language
from renderers.contract import pixel_hash

GRID = 24
"""Cells a side of the grid that a picture's look is measured on."""
SAME_CORRELATION = 0.97
SAME_DIFFERENCE = 24.0
"""Looks that correlate so well and differ nowhere by more (lightness, 0-255) are one picture.

Copies scaled by 0.5 to 1.5 or saved as JPEG of quality 60 correlate at 0.979 and differ by 22 at
most; of 55 real icons and 20 real tables no two correlate above 0.941."""
SAME_ASPECT = 1.06
MIN_CONTRAST = 4.0
"""A picture whose lightness spreads less has too little on it to be recognized by its look."""
MIN_WORDS = 12
"""Programs that show fewer words are not recognized by them: many tables say 'Total'."""
MIN_CODE_CHARS = 80
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_LISTS = (".json", ".jsonl")


@dataclass
class HeldOut:
    """Digests of everything that must not be trained on."""

    pixel_hashes: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    _looks: list[CoarsePicture] = field(default_factory=list)
    _stack: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None = None

    @classmethod
    def of(cls, folders: Iterable[str]) -> HeldOut:
        """Everything that folders of benchmarks hold: pictures, programs, and JSON lists of them.

        Args:
            folders: Paths or fsspec URLs.

        Raises:
            ConfigError: a folder is missing, or holds nothing to compare with.
        """
        held_out = cls()
        for folder in folders:
            before = len(held_out)
            held_out._add_folder(folder)
            if len(held_out) == before:
                raise ConfigError(
                    f"held-out folder {folder}: no picture, program or JSON list in it, so nothing "
                    "would be held back; give the folder that holds the benchmark's files"
                )
        return held_out

    def __len__(self) -> int:
        return len(self.pixel_hashes) + len(self.codes) + len(self.words)

    @property
    def has_pictures(self) -> bool:
        return bool(self._looks)

    @property
    def digest(self) -> str:
        """Equal where the same things are held out."""
        return content_id(*sorted(self.pixel_hashes), *sorted(self.codes), *sorted(self.words))

    def add_picture(self, data: bytes) -> None:
        """Hold a picture back, in this and in other sizes."""
        with Image.open(io.BytesIO(data)) as image:
            rgb = image.convert("RGB")
        self.pixel_hashes.add(pixel_hash(rgb.tobytes(), *rgb.size))
        if light := _light(rgb):
            self._looks.append(CoarsePicture.of(light, rgb.size))
            self._stack = None

    def add_program(self, program: ProgramDigests) -> None:
        """Hold a program back, and any other that shows the same words."""
        self.codes |= {program.code} - {""}
        self.words |= {program.words} - {""}

    def match_program(self, program: ProgramDigests) -> str:
        """`code`, `text`, or the empty string: by what a program is known to be held out."""
        if program.code and program.code in self.codes:
            return "code"
        return "text" if program.words and program.words in self.words else ""

    def match_picture(self, digest: str, light: bytes, size_px: tuple[int, int]) -> str:
        """`picture`, or the empty string.

        Args:
            digest: The picture's pixel hash.
            light: What `light_of` says of it.
            size_px: Its width and height.
        """
        if digest in self.pixel_hashes:
            return "picture"
        if not self._looks or not light:
            return ""
        seen = CoarsePicture.of(light, size_px)
        if self._stack is None:
            self._stack = (
                np.stack([held.shape for held in self._looks]),
                np.stack([held.light for held in self._looks]),
                np.array([held.aspect for held in self._looks], dtype=np.float32),
            )
        shapes, lights, aspects = self._stack
        near = shapes @ seen.shape >= SAME_CORRELATION
        near &= np.maximum(aspects / seen.aspect, seen.aspect / aspects) <= SAME_ASPECT
        gaps = np.abs(lights[near] - seen.light).max(axis=1, initial=0.0)
        return "picture" if near.any() and float(gaps.min()) <= SAME_DIFFERENCE else ""

    def _add_folder(self, folder: str) -> None:
        filesystem, path = fsspec.core.url_to_fs(folder)
        if not filesystem.exists(path):
            raise ConfigError(f"held-out folder {folder}: no such folder")
        for name in sorted(filesystem.find(path)):
            suffix = Path(name).suffix.lower()
            language = Language.of_suffix(suffix)
            if suffix not in (*_PICTURES, *_LISTS) and language is None:
                continue
            data: bytes = filesystem.cat_file(name)
            if suffix in _PICTURES:
                try:
                    self.add_picture(data)
                except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                    raise ConfigError(
                        f"held-out picture {name} does not decode: {error}"
                    ) from error
            elif language is not None:
                self.add_program(ProgramDigests.of(data.decode("utf-8", "replace"), language))
            else:
                for text in _strings(data.decode("utf-8", "replace"), name):
                    if found := _language_of(text):
                        self.add_program(ProgramDigests.of(text, found))


@dataclass(frozen=True, slots=True)
class CoarsePicture:
    """What a picture looks like from afar."""

    light: NDArray[np.float32]
    """GRID x GRID mean lightness, 0-255, row by row."""
    shape: NDArray[np.float32]
    """The same about its mean, of length one: a product of two is their correlation."""
    aspect: float
    """Width over height."""

    @classmethod
    def of(cls, light: bytes, size_px: tuple[int, int]) -> CoarsePicture:
        """From `light_of` a picture and its width and height."""
        values = np.frombuffer(light, dtype=np.uint8).astype(np.float32)
        spread = values - values.mean()
        shape = spread / np.linalg.norm(spread)
        return cls(values, shape.astype(np.float32), size_px[0] / size_px[1])


def light_of(picture: bytes) -> bytes:
    """Lightness of GRID x GRID cells of a PNG or JPEG; empty if there is next to nothing on it."""
    with Image.open(io.BytesIO(picture)) as image:
        return _light(image.convert("RGB"))


def _light(rgb: Image.Image) -> bytes:
    # BILINEAR weighs what a cell covers; BOX takes or leaves whole pixels and so depends on size.
    small = rgb.convert("L").resize((GRID, GRID), Image.Resampling.BILINEAR)
    light = np.asarray(small)
    return light.tobytes() if float(light.astype(np.float32).std()) >= MIN_CONTRAST else b""


@dataclass(frozen=True, slots=True)
class ProgramDigests:
    """What a program is recognized by."""

    code: str
    """`code_digest`; empty if the program is too short to identify a sample."""
    words: str
    """`words_digest`."""

    @classmethod
    def of(cls, code: str, language: Language) -> ProgramDigests:
        long_enough = len(code) >= MIN_CODE_CHARS
        return cls(code_digest(code, language) if long_enough else "", words_digest(code, language))


def code_digest(code: str, language: Language) -> str:
    """Equal for programs that differ in comments, spacing, quotes or the name of the saved file.

    >>> code_digest("a = 'x'  # why", Language.PYTHON) == code_digest('a="x"', Language.PYTHON)
    True
    """
    return content_id(language, _normal(code, language))


def words_digest(code: str, language: Language) -> str:
    """Digest of the words and numbers a program shows, or empty if there are too few."""
    if language is Language.PYTHON:
        tree = _parsed(code)
        found = [
            str(node.value)
            for node in ast.walk(tree or ast.Module([], []))
            if isinstance(node, ast.Constant) and type(node.value) in (str, int, float)
        ]
        text = " ".join(found)
    else:
        text = unescape(
            re.sub(r"<!--.*?-->|<style.*?</style>|<[^>]*>", " ", code, flags=re.S | re.I)
        )
    words = re.findall(r"[^\W_]+", text.lower())
    return content_id("words", *sorted(words)) if len(words) >= MIN_WORDS else ""


def _normal(code: str, language: Language) -> str:
    if language is Language.PYTHON:
        tree = _parsed(code)
        if tree is not None:
            tree.body = [line for line in tree.body if not _saves_or_shows(line)]
            return ast.dump(tree)
        return " ".join(code.split())
    text = re.sub(r"<!--.*?-->|<\?xml.*?\?>", "", code, flags=re.S)
    text = re.sub(r"\s+", " ", text).replace("'", '"')
    return re.sub(r"\s*([<>=;|])\s*", r"\1", text).strip().lower()


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _saves_or_shows(line: ast.stmt) -> bool:
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr in ("savefig", "show", "tight_layout", "close")


def _strings(text: str, name: str) -> Iterator[str]:
    # At line feeds only: words in a line may hold other characters that end one.
    lines = text.split("\n") if name.lower().endswith(".jsonl") else [text]
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            stack: list[Any] = [json.loads(line)]
        except json.JSONDecodeError as error:
            raise ConfigError(f"held-out list {name}, line {number}: not JSON ({error})") from error
        while stack:
            value = stack.pop()
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                stack.extend(value.values())
            elif isinstance(value, list):
                stack.extend(value)


def _language_of(text: str) -> Language | None:
    start = text.lstrip()[:2000].lower()
    if "<svg" in start:
        return Language.SVG
    if "<table" in start:
        return Language.HTML
    if "import matplotlib" in text or "plt." in text:
        return Language.PYTHON
    return None
