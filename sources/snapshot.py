"""Where a snapshot is, and which revision it is of."""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from records.errors import ConfigError, EndpointUnavailable

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
_COMMIT = re.compile(r"[0-9a-f]{40}")

Download = Callable[..., str]
"""As `huggingface_hub.snapshot_download`."""


def download(
    repo_id: str,
    revision: str,
    allow_patterns: Sequence[str],
    *,
    source: str,
    fetch: Download | None = None,
) -> Path:
    """The folder of a hub snapshot, downloaded with progress, or resumed, or already there.

    Raises:
        EndpointUnavailable: the hub does not answer; retry, or pull from a folder.
        ConfigError: the hub answers that there is no such dataset or revision, or that it is
            closed to this user.
    """
    import huggingface_hub
    from huggingface_hub import errors

    fetch = fetch or huggingface_hub.snapshot_download
    way_out = f"or give a folder that holds it: --snapshot DIR (docs/sources.md, {source})"
    try:
        folder = fetch(
            repo_id=repo_id,
            revision=revision,
            repo_type="dataset",
            allow_patterns=list(allow_patterns),
        )
    except errors.RevisionNotFoundError as error:
        raise ConfigError(
            f"{source}: dataset {repo_id} has no revision {revision!r}; correct --revision, {way_out}"
        ) from error
    except errors.GatedRepoError as error:
        raise ConfigError(
            f"{source}: dataset {repo_id} is gated; accept its terms and set HF_TOKEN, {way_out}"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ConfigError(
            f"{source}: there is no dataset {repo_id} for this user; set HF_TOKEN, {way_out}"
        ) from error
    except (errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError) as error:
        raise EndpointUnavailable(
            f"{source}: the hub cannot be reached and {repo_id} at {revision} is not in its cache; "
            f"try again with a connection, {way_out}"
        ) from error
    except (errors.HTTPError, OSError) as error:
        # `errors.HTTPError` is the base of what the hub's HTTP client of the day raises.
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise ConfigError(
                f"{source}: the download cannot be stored ({error.strerror}: {error.filename}); "
                f"make room or set HF_HOME to another folder, {way_out}"
            ) from error
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise EndpointUnavailable(
            f"{source}: downloading {repo_id} at {revision} failed ({first_line}); "
            f"try again: finished files are kept, {way_out}"
        ) from error
    return Path(folder)


def revision_of(snapshot: Path, files: Sequence[Path], asked: str | None = None) -> str:
    """The revision of what is read from a snapshot.

    A hub cache folder or a clone contains its commit. For a plain folder it is what was ``asked``
    for, or else `content_revision`.

    Raises:
        ConfigError: another commit was asked for than the snapshot is of.
    """
    commit = _commit(snapshot)
    if commit is None:
        return asked or content_revision(snapshot, files)
    if asked and _COMMIT.fullmatch(asked) and asked != commit:
        raise ConfigError(
            f"{snapshot} is of revision {commit}, not {asked}; leave --revision out, "
            "or give the folder of that revision"
        )
    return commit


def _commit(snapshot: Path) -> str | None:
    parts = snapshot.resolve().parts
    for above, name in pairwise(parts):
        if above == "snapshots" and _COMMIT.fullmatch(name):
            return name
    return _hub_metadata(snapshot) or _git_head(snapshot)


def _hub_metadata(snapshot: Path) -> str | None:
    """The one commit that the hub's client noted beside the files it put into a plain folder."""
    folder = snapshot / ".cache" / "huggingface" / "download"
    commits = {
        path.read_text("utf-8", errors="replace").partition("\n")[0].strip()
        for path in sorted(folder.rglob("*.metadata"))
    }
    commit = commits.pop() if len(commits) == 1 else ""
    return commit if _COMMIT.fullmatch(commit) else None


def _git_head(snapshot: Path) -> str | None:
    git = snapshot / ".git"
    head = git / "HEAD"
    if not head.is_file():
        return None
    text = head.read_text().strip()
    if text.startswith("ref: "):
        reference = text.removeprefix("ref: ")
        path = git / reference
        packed = git / "packed-refs"
        if path.is_file():
            text = path.read_text().strip()
        elif packed.is_file():
            named = (line.split(" ") for line in packed.read_text().splitlines())
            text = next((pair[0] for pair in named if pair[1:] == [reference]), "")
    return text if _COMMIT.fullmatch(text) else None


def content_revision(snapshot: Path, files: Sequence[Path]) -> str:
    """``sha256:`` and sixteen hex digits over names and contents; pictures and zips by size."""
    root = snapshot if snapshot.is_dir() else snapshot.parent
    digest = hashlib.sha256()
    for path in sorted(files):
        name = path.relative_to(root).as_posix()
        size = path.stat().st_size
        digest.update(f"{len(name)}:{name}:{size}:".encode("utf-8", "surrogateescape"))
        # Half a million pictures would take longer to hash than to use.
        if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".zip"):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"sha256:{digest.hexdigest()[:16]}"
