"""OmniDocBench: tables of scanned and born-digital pages, as HTML, with a crop of the page.

Source: opendatalab/OmniDocBench on the hub, ``OmniDocBench.json`` (a list, one object a page;
versions 1.0, 1.5 and 1.6) and ``images/``.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image, ImageOps, UnidentifiedImageError

from records.errors import SourceError
from records.rows import Reject, Sample
from records.taxonomy import Language, Modality
from sources.json_records import first_records, json_records
from sources.provenance import Provenance, Pulled, Source, is_there, reject, unlike

JSON = "OmniDocBench.json"
RESERVED = "omnidocbench_fifth"
EXPECTED = f"{JSON} (a list of pages with page_info and layout_dets), beside it images/"
PAGE_FORMATS = ("PNG", "JPEG", "WEBP")
PAGE_PIXELS = 200_000_000
"""A larger page image is not opened; its tables are kept without a crop."""


@dataclass(frozen=True, slots=True)
class _Table:
    upstream_id: str
    image_path: str
    polygon: object
    sample: Sample


def is_reserved(image_path: str) -> bool:
    """True for the fifth of all pages that is kept for evaluation, by a hash of the page's name.

    >>> sum(is_reserved(f"page_{n}.jpg") for n in range(1000))
    191
    """
    name = PurePosixPath(image_path).name
    return (
        int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        % 5
        == 0
    )


def files(snapshot: Path) -> tuple[Path, ...]:
    """The page list, then the page images that are there.

    Raises:
        ConfigError: there is no page list.
    """
    pages = _page_list(snapshot)
    images = pages.parent / "images"
    return (pages, *sorted(path for path in images.rglob("*") if path.is_file()))


def read(snapshot: Path, provenance: Provenance) -> Pulled:
    """Every table that has HTML, those that may be trained on first.

    `Sample.image` is the crop of the page (PNG) where the page's image is there. A table without
    HTML, or marked to be ignored, is a reject.

    Raises:
        ConfigError: there is no page list, or it is damaged.
    """
    pages = _page_list(snapshot)
    tables: list[_Table] = []
    for found in _tables(pages, provenance):
        if isinstance(found, Reject):
            yield found
        else:
            tables.append(found)
    held_back = {table.sample.id: table.upstream_id for table in tables if table.sample.reserved}
    page = _Page(pages.parent)
    for table in sorted(tables, key=lambda table: table.sample.reserved):
        if not table.sample.reserved and table.sample.id in held_back:
            detail = f"same code as the reserved {held_back[table.sample.id]}"
            yield reject(SourceError("duplicate", detail), table.upstream_id)
        else:
            crop = page.crop(table.image_path, table.polygon)
            yield table.sample.model_copy(update={"image": crop})


def _page_list(snapshot: Path) -> Path:
    for path in [snapshot] if snapshot.is_file() else _named(snapshot):
        if any(map(_has_form, first_records(path, 20))):
            return path
    raise unlike(snapshot, "OmniDocBench", EXPECTED)


def _named(snapshot: Path) -> Iterator[Path]:
    """Files called like a page list, in the snapshot before the folders in it.

    The plain name goes before names with a version, and those before older ones.
    """
    for pattern in ("", "*/"):
        yield from snapshot.glob(pattern + JSON)
        yield from sorted(snapshot.glob(pattern + "OmniDocBench?*.json"), reverse=True)


def _has_form(page: object) -> bool:
    return isinstance(page, Mapping) and "layout_dets" in page and "page_info" in page


def _tables(pages: Path, provenance: Provenance) -> Iterator[_Table | Reject]:
    for number, page in json_records(pages):
        try:
            image_path, elements = _page_parts(page)
        except SourceError as error:
            yield reject(error, f"{pages.name}#{number}")
            continue
        for position, element in enumerate(elements):
            if isinstance(element, Mapping) and element.get("category_type") == "table":
                yield _table(element, image_path, position, provenance)


def _page_parts(page: object) -> tuple[str, list[object]]:
    if not isinstance(page, Mapping):
        raise SourceError("not_an_object", f"a page is a {type(page).__name__}")
    info, elements = page.get("page_info"), page.get("layout_dets")
    if not isinstance(info, Mapping) or not isinstance(info.get("image_path"), str):
        raise SourceError("missing_key", "page_info.image_path")
    if not isinstance(elements, list):
        raise SourceError("missing_key", "layout_dets")
    return info["image_path"], elements


def _table(
    element: Mapping[str, object], image_path: str, position: int, provenance: Provenance
) -> _Table | Reject:
    number = element.get("anno_id", element.get("order", position))
    upstream_id = f"{image_path}#{number}"
    if element.get("ignore") is True:
        return reject(SourceError("ignored", "upstream marks the table to be ignored"), upstream_id)
    html = element.get("html")
    if not isinstance(html, str) or not html.strip():
        held = "LaTeX only" if element.get("latex") else "neither HTML nor LaTeX"
        return reject(SourceError("no_html", held), upstream_id)
    attribute = element.get("attribute")
    kind = attribute.get("line", "") if isinstance(attribute, Mapping) else ""
    sample = provenance.admit(
        html,
        Language.HTML,
        upstream_id,
        kind=kind if isinstance(kind, str) else "",
        reserved=RESERVED if is_reserved(image_path) else "",
    )
    if isinstance(sample, Reject):
        return sample
    return _Table(upstream_id, image_path, element.get("poly"), sample)


class _Page:
    """Crops of page images; keeps the last page open, since its tables follow one another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._image: Image.Image | None = None

    def crop(self, image_path: str, polygon: object) -> bytes | None:
        """PNG of the polygon's bounding box on the image's own pixels; None without either."""
        if image_path != self._name:
            self._name, self._image = image_path, self._open(image_path)
        points = _points(polygon)
        if self._image is None or not points:
            return None
        across, down = points[0::2], points[1::2]
        # Upstream's width and height are swapped on many pages: only the image itself is asked.
        width_px, height_px = self._image.size
        box = (
            max(0, int(min(across))),
            max(0, int(min(down))),
            min(width_px, int(max(across)) + 1),
            min(height_px, int(max(down)) + 1),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            return None
        png = io.BytesIO()
        self._image.crop(box).save(png, "PNG")
        return png.getvalue()

    def _open(self, image_path: str) -> Image.Image | None:
        relative = PurePosixPath(image_path)
        if relative.is_absolute() or ".." in relative.parts:
            return None
        for path in (self._folder / "images" / relative, self._folder / relative):
            if not is_there(path):
                continue
            try:
                with Image.open(path, formats=PAGE_FORMATS) as image:
                    if image.width * image.height > PAGE_PIXELS:
                        return None
                    return ImageOps.exif_transpose(image).convert("RGB")
            except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
                return None
        return None


def _points(polygon: object) -> list[float]:
    """The polygon's numbers, x and y in turn; empty if they are no polygon."""
    if not isinstance(polygon, list) or len(polygon) < 4 or len(polygon) % 2:
        return []
    numbers = [float(value) for value in polygon if type(value) in (int, float)]
    finite = all(abs(value) < 1e9 for value in numbers)
    return numbers if finite and len(numbers) == len(polygon) else []


SOURCE = Source(
    name="omnidocbench",
    licence="research use only, not commercial",
    modality=Modality.TABLE,
    files=files,
    read=read,
    repo_id="opendatalab/OmniDocBench",
    revision="main",
    allow_patterns=(JSON, "images/*"),
)
