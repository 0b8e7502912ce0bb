"""The picture of a run of `build_pairs` that a changed source started, by Airflow's own scheduler on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser

from records.errors import RunError
from vermillion.cluster.stack import Stack

CONFIG = """
name = "icons"
shard_size = 4
modalities = ["svg"]
[refresh]
sources = ["unisvg"]
[sources.unisvg]
[corruption]
attempts_per_sample = 2
[publish]
gallery = false
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="2" y="3" width="{}" height="9" fill="#246"/><circle cx="15" cy="17" r="{}"/></svg>'
)
ICONS = 16
RUN_S = 900.0


def refreshed_run(chromium: Browser, work: Path, picture: Path, say: Callable[[str], None]) -> None:
    """Refresh a source of one's own files, and take the page of the build that this starts.

    Raises:
        RunError: no build was started, or it failed.
    """
    configs, snapshot = work / "configs", work / "unisvg"
    for folder in (configs, snapshot):
        folder.mkdir(parents=True, exist_ok=True)
    (configs / "icons.toml").write_text(CONFIG)
    (snapshot / "train.json").write_text(json.dumps(_icons(time.time_ns())))
    say("refreshing a source whose change starts a build, some minutes")
    with Stack(work / "airflow", {"VERMILLION_CONFIGS": str(configs)}) as stack:
        stack.call("PATCH", "/api/v2/dags/build_pairs", {"is_paused": False})
        known = {str(one["dag_run_id"]) for one in stack.runs("build_pairs")}
        form = {"sources": ["unisvg"], "snapshots": {"unisvg": str(snapshot)}, "shard_size": 4}
        run = stack.trigger("refresh_sources", form)
        stack.end_scheduled("refresh_sources")
        if stack.wait("refresh_sources", run, RUN_S) != "success":
            raise RunError(f"refresh_sources failed; logs: {stack.home}")
        build = _started(stack, known)
        if stack.wait("build_pairs", build, RUN_S) != "success":
            raise RunError(f"build_pairs failed; logs: {stack.home}")
        page = chromium.new_page(viewport={"width": 1400, "height": 800})
        page.goto(f"{stack.address}/auth/token/login")
        page.goto(f"{stack.address}/dags/build_pairs/runs/{quote(build, safe='')}/asset_events")
        page.locator("text=unisvg").first.wait_for()
        page.screenshot(path=picture, animations="disabled")
        page.close()


def _started(stack: Stack, known: Collection[str]) -> str:
    """The id of the run that the refresh started, which is none of those that were known before."""
    ends_s = time.monotonic() + RUN_S
    while time.monotonic() < ends_s:
        for one in stack.runs("build_pairs"):
            if one["run_type"] == "asset_triggered" and one["dag_run_id"] not in known:
                return str(one["dag_run_id"])
        time.sleep(2)
    raise RunError(f"the refresh started no build; logs: {stack.home}")


def _icons(seed: int) -> list[dict[str, object]]:
    """Records in UniSVG's layout; other ones for another seed, so that the source has changed."""
    return [
        {
            "type": "ISVGEN",
            "q_text": "Draw it.",
            "a_text": ICON.format(3 + n % 9, 2 + (n + seed % 17) / 20),
            "image_path": f"icon_{n}.png",
            "keywords": [],
        }
        for n in range(ICONS)
    ]
