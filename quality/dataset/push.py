"""Publishes a dataset on the Hugging Face hub, after a check of licenses; the manifest goes last.

Card, pictures and Parquet files are one commit, which also removes what the version before had and this
one has not, and its manifest; `manifest.json` is a second: a dataset without a manifest was not pushed
completely. The hub identifies files by digest, so a repeated push sends
only missing files.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, errors

from quality.format.manifest import MANIFEST, read_manifest, require_as_published
from quality.format.schema import SPLITS
from quality.format.versions import resolved
from records.errors import ConfigError, EndpointUnavailable

OPEN = frozenset(
    ("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0")
)
"""Licenses that allow redistribution if the license is named."""
_OURS = [f"{name}/*" for name in (*SPLITS, "rejects", "gallery", "data_docs", "card")] + [MANIFEST]
"""What a version consists of, beside files at the top that its successor replaces."""


def push_dataset(
    dataset: str,
    repo: str,
    private: bool = True,
    allowed: Collection[str] = (),
    endpoint: str | None = None,
) -> bool:
    """Push a version to a dataset repository of the hub; False if it already exists there.

    Args:
        dataset: A local folder of one version, or of all versions: then the latest.
        repo: Name of the repository: user/name. It is made if it is not there.
        private: Whether a repository that is made is private.
        allowed: Further licenses that the caller may pass on.
        endpoint: Address of the hub; None takes the usual one.

    Raises:
        ConfigError: no published dataset is there, a license is not known to allow it, or the hub
            does not let this user write.
        EndpointUnavailable: the hub does not answer.
        SchemaMismatch: a part file is not the one that was published.
    """
    folder = Path(resolved(dataset))
    manifest = read_manifest(str(folder))
    if manifest is None or not folder.is_dir():
        raise ConfigError(f"{dataset}: no published dataset on this disk; give the folder of one")
    _check_licences(manifest, {*OPEN, *allowed})
    require_as_published(str(folder), manifest, SPLITS)
    api = HfApi(endpoint=endpoint)
    try:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        if _there(api, repo) == manifest:
            return False
        version = f"{manifest['name']} {manifest['version']}"
        api.upload_folder(
            repo_id=repo,
            repo_type="dataset",
            folder_path=folder,
            ignore_patterns=[MANIFEST],
            # Files of the version before, which trainers would read along with these.
            delete_patterns=_OURS,
            commit_message=f"Files of {version}",
        )
        api.upload_file(
            repo_id=repo,
            repo_type="dataset",
            path_or_fileobj=folder / MANIFEST,
            path_in_repo=MANIFEST,
            commit_message=f"Manifest of {version}",
        )
    except (errors.RepositoryNotFoundError, errors.GatedRepoError) as error:
        raise ConfigError(f"{repo}: this user may not write there; set HF_TOKEN") from error
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        if status in (401, 403):
            raise ConfigError(f"{repo}: this user may not write there; set HF_TOKEN") from error
        raise EndpointUnavailable(
            f"{repo}: the hub answers {status}; push again, what is there is not sent twice"
        ) from error
    except (OSError, errors.HTTPError) as error:
        raise EndpointUnavailable(
            f"{repo}: the hub cannot be reached ({error}); push again, what is there is not sent twice"
        ) from error
    return True


def _check_licences(manifest: Mapping[str, Any], allowed: Collection[str]) -> None:
    closed = [line for line in manifest["counts"]["sources"] if line["licence"] not in allowed]
    if closed:
        unclear = "; ".join(
            f"{line['rows']} rows of {line['source']} are under {line['licence']!r}"
            for line in closed
        )
        raise ConfigError(
            f"{unclear}: not known to allow passing them on. Leave the source out, or, if you may, say so: "
            + " ".join(f"--allow-licence {line['licence']!r}" for line in closed)
        )


def _there(api: HfApi, repo: str) -> dict[str, Any] | None:
    """The manifest of the repository, or None if there is none."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = api.hf_hub_download(repo, MANIFEST, repo_type="dataset", local_dir=folder)
        except (errors.EntryNotFoundError, errors.RevisionNotFoundError):
            return None
        manifest: dict[str, Any] = json.loads(Path(found).read_text(encoding="utf-8"))
        return manifest
