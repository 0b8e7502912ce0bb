"""A dataset that is being written; readers see it only once it is complete.

On a local disk the draft is a hidden sibling folder that is renamed to the dataset. An object store
has no renames: finished files are uploaded, and `manifest.json`, without which nothing counts as
published, is written last. A mark there names the process that writes, so that nobody removes its files
or writes others between them. A version is written once: earlier files come from an interrupted run, or
are the same dataset with a damaged file.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import fsspec

from quality.format.drafts import MARK, mark_draft, remove_mark
from quality.format.manifest import MANIFEST, PublishedFile, sizes_of
from quality.format.versions import require_unwritten
from records.errors import EndpointUnavailable
from records.files import is_local
from records.folders import draft_folder, put_in_place
from sandbox.root_folder import scratch_folder


class Draft:
    """A folder to write to; a context manager that removes everything if it fails.

    Args:
        url: The version that it becomes.
        inputs: Hash of all that decides the dataset.
    """

    def __init__(self, url: str, inputs: str) -> None:
        self.url = url.rstrip("/")
        self._inputs = inputs
        self._filesystem, self._path = fsspec.core.url_to_fs(self.url)
        self._local = is_local(self._filesystem)
        self._listed: list[PublishedFile] = []
        self._uploaded: set[str] = set()
        self._scratch = ExitStack()

    def __enter__(self) -> Draft:
        """Begin the draft.

        Raises:
            ConfigError: the version stands, or another process writes it, with other inputs.
        """
        with ExitStack() as opened:
            if not self._local:
                mark = mark_draft(self.url, self._inputs)
                opened.callback(remove_mark, self.url, mark)
            require_unwritten(self.url, self._inputs)
            folder = (
                draft_folder(Path(self._path))
                if self._local
                else scratch_folder("vermillion-draft-")
            )
            self.folder = opened.enter_context(folder)
            self._scratch = opened.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._scratch.close()

    @property
    def readable(self) -> str:
        """Where finished files can be read: a local path, or the URL to which they were uploaded."""
        return str(self.folder) if self._local else self.url

    @property
    def files(self) -> list[PublishedFile]:
        """The files finished so far, in order of their paths."""
        return sorted(self._listed, key=lambda file: file.path)

    def path(self, name: str) -> Path:
        """A local path to write the file ``name`` to; its folder exists."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def finish(self, name: str, rows: int | None = None, listed: bool = True) -> None:
        """Declare that a file is written; ``listed`` puts it into the manifest."""
        path = self.folder / name
        if listed:
            self._listed.append(PublishedFile.of(name, path, rows))
        if not self._local:
            self._upload(name)

    def finish_folder(self, name: str) -> None:
        """Declare that a folder of unlisted files, such as web pages, is written."""
        for path in sorted((self.folder / name).rglob("*")):
            if path.is_file():
                self.finish(path.relative_to(self.folder).as_posix(), listed=False)

    def adopt(self, url: str, file: PublishedFile) -> None:
        """Move in a file from elsewhere under the same root, without reading it."""
        self._listed.append(file)
        self.copy(url, file.path)

    def copy(self, url: str, name: str) -> None:
        """Copy a file that the manifest does not list."""
        _, found = fsspec.core.url_to_fs(url)
        if self._local:
            target = self.path(name)
            try:
                os.link(found, target)
            except OSError:  # the file system has no hard links
                shutil.copyfile(found, target)
            return
        target_path = f"{self._path}/{name}"
        self._filesystem.makedirs(target_path.rpartition("/")[0], exist_ok=True)
        self._filesystem.cp_file(found, target_path)
        self._uploaded.add(name)

    def make_visible(self, manifest: str) -> None:
        """Write the manifest and put the draft in the place of the dataset.

        Raises:
            EndpointUnavailable: a file that was uploaded is not there any more.
        """
        self.path(MANIFEST).write_text(manifest, encoding="utf-8")
        if not self._local:
            self._remove_stale()
            self._require_whole()
            self._upload(MANIFEST)
            return
        put_in_place(self.folder, Path(self._path))

    def _upload(self, name: str) -> None:
        path = self.folder / name
        target = f"{self._path}/{name}"
        self._filesystem.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._filesystem.put_file(str(path), target)
        self._uploaded.add(name)
        path.unlink()

    def _remove_stale(self) -> None:
        for name in sizes_of(self.url).keys() - self._uploaded:
            if name not in (MARK, MANIFEST):  # A manifest that stands is of the same inputs.
                self._filesystem.rm_file(f"{self._path}/{name}")

    def _require_whole(self) -> None:
        sizes = sizes_of(self.url)
        listed = {file.path: file.bytes for file in self._listed}
        for name in sorted(self._uploaded):
            if name not in sizes or sizes[name] != listed.get(name, sizes[name]):
                raise EndpointUnavailable(
                    f"{self.url}/{name} was uploaded, and is gone or was replaced: something else removes or "
                    "writes files there; publish again"
                )
