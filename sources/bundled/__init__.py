"""Samples of our own making, so that everything runs without a download.

They lie in the layouts of the real sources and are read by the same readers; what OmniDocBench's
layout cannot hold, Markdown tables, lies in a plain folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from records.errors import ConfigError
from records.rows import Reject, Sample
from records.taxonomy import Modality
from sources import chartmimic, omnidocbench, unisvg
from sources.folder import Folder
from sources.provenance import Provenance, Pulled, Reader, Source
from sources.snapshot import content_revision

DATA = Path(__file__).parent / "data"
LICENCE = "Apache-2.0"

_MARKDOWN = Folder("markdown", Modality.TABLE)

_LAYOUTS: Mapping[str, tuple[Reader, Callable[[Path], tuple[Path, ...]]]] = MappingProxyType(
    {
        "chartmimic": (chartmimic.read, chartmimic.files),
        "omnidocbench": (omnidocbench.read, omnidocbench.files),
        "markdown": (_MARKDOWN.read, _MARKDOWN.files),
        "unisvg": (unisvg.read, unisvg.files),
    }
)


def snapshot(source: str) -> Path:
    """The bundled snapshot in the layout of ``source``: chartmimic, omnidocbench, unisvg, markdown.

    Raises:
        ConfigError: there is none in that layout.
    """
    if source not in _LAYOUTS:
        raise ConfigError(f"nothing is bundled for {source!r}; bundled: {', '.join(_LAYOUTS)}")
    return DATA / source


def samples(modality: Modality | None = None) -> list[Sample]:
    """All bundled samples, or those of one modality; always in the same order."""
    return [sample for sample in _samples() if modality in (None, sample.modality)]


@lru_cache(maxsize=1)
def _samples() -> tuple[Sample, ...]:
    provenance = Provenance("bundled", content_revision(DATA, files(DATA)), LICENCE)
    pulled = list(read(DATA, provenance))
    lost = [item for item in pulled if isinstance(item, Reject)]
    if lost:
        raise ConfigError(f"this installation is damaged: {lost[0]}; install it again")
    return tuple(item for item in pulled if isinstance(item, Sample))


def files(data: Path) -> tuple[Path, ...]:
    """Everything that is bundled."""
    return tuple(path for name, (_, find) in _LAYOUTS.items() for path in find(data / name))


def read(data: Path, provenance: Provenance) -> Pulled:
    """Charts, tables and icons in turn; none is reserved, since none is in a benchmark."""
    readers = [_unreserved(name, data, provenance) for name in _LAYOUTS]
    while readers:
        for reader in tuple(readers):
            item = next(reader, None)
            if item is None:
                readers.remove(reader)
            else:
                yield item


def _unreserved(name: str, data: Path, provenance: Provenance) -> Pulled:
    read_layout, _ = _LAYOUTS[name]
    for item in read_layout(data / name, provenance):
        if isinstance(item, Sample):
            where = f"{name}/{item.upstream_id}"
            yield item.model_copy(update={"reserved": "", "upstream_id": where})
        else:
            yield item


SOURCE = Source(name="bundled", licence=LICENCE, modality=None, files=files, read=read, here=DATA)
