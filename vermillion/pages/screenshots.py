"""The pictures of our own pages in the documentation: ``python -m vermillion.pages.screenshots docs``.

Airflow runs `build_pairs` on a few bundled samples and serves its pages on a free loopback port; a
headless Chromium opens them. Database, dataset and logs stay in ``out/screenshots``, so that a second
call only takes the pictures.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, Page

from quality.dataset.plots import draw_examples
from quality.gallery.preview import WINDOW_PX, browser, draw_preview
from quality.read.explain import find_row
from quality.read.inspect import read_dataset
from records.errors import ConfigError, RunError
from records.taxonomy import Modality
from train.jobs.commands import sft_command
from train.settings import load
from vermillion.airflow.report import step_page
from vermillion.airflow.training import job_folder, run_step
from vermillion.airflow.training_plan import PYTHON
from vermillion.cluster.stack import free_port
from vermillion.pages.refreshed import refreshed_run

HOUSE = Path(__file__).parents[2]
FORM = {"limit": 8, "shard_size": 8}
"""Of the run: a few samples of each modality."""
PICTURES = (
    "pairs.png",
    "gallery-page.png",
    "compare-page.png",
    "training-page.png",
    "airflow-form.png",
    "progress-page.png",
    "refreshed-page.png",
)
READY_S = 180.0
SETTLED_MS = 1500
"""After this a part of Airflow's form that was opened moves no more."""
COLORS = 256


def take_all(docs: Path, work: Path, say: Callable[[str], None]) -> None:
    """Take every picture again.

    Raises:
        RunError: the build failed, Airflow did not answer, or a page did not show what it must.
    """
    environment = airflow_environment(work)
    dataset = built(work, environment, say)
    say("pairs.png, gallery-page.png")
    draw_examples([find_row(str(dataset), id_) for id_ in shown_pairs(dataset)], docs / "pairs.png")
    draw_preview(dataset / "gallery" / "index.html", docs / "gallery-page.png")
    with browser() as chromium:
        say("compare-page.png")
        window(chromium, compare_page(work), docs / "compare-page.png")
        if (page := training_page(dataset, work, say)) is not None:
            say("training-page.png")
            window(chromium, page, docs / "training-page.png")
        with served(work, environment) as address:
            say("airflow-form.png, progress-page.png")
            airflow_pages(chromium, address, docs)
        say("refreshed-page.png")
        refreshed_run(chromium, work / "refreshed", docs / "refreshed-page.png", say)
    for name in PICTURES:
        shrink(docs / name)


def airflow_environment(work: Path) -> dict[str, str]:
    """Of an Airflow whose database and datasets are in the work folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {
        **kept,
        "AIRFLOW_HOME": str(work / "airflow"),
        "VERMILLION_ROOT": str(work / "data"),
        "AIRFLOW__API__PORT": str(free_port()),
    }


def built(work: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """The dataset of a run of `build_pairs`, made if it is not there.

    Raises:
        RunError: the run failed.
    """
    dataset = work / "data" / "datasets" / "demo" / "1"
    if (dataset / "manifest.json").is_file():
        return dataset
    log = work / "build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"building a small dataset through Airflow, some minutes (log: {log})")
    order = ["scripts/airflow", "dags", "test", "build_pairs", "-c", json.dumps(FORM)]
    with log.open("w") as told:
        done = subprocess.run(order, cwd=HOUSE, env=environment, stdout=told, stderr=told)
    if done.returncode or not (dataset / "manifest.json").is_file():
        raise RunError(f"build_pairs failed; its log is {log}")
    return dataset


def shown_pairs(dataset: Path) -> list[str]:
    """The id of one corrupted pair of each modality: the one with the fewest labels above one."""
    best: dict[str, tuple[int, str]] = {}
    columns = ["id", "task", "origin", "discrepancies"]
    for row in read_dataset(str(dataset), columns=columns):
        if row["origin"] == "corrupted" and len(row["discrepancies"]) > 1:
            found = (len(row["discrepancies"]), row["id"])
            best[row["task"]] = min(found, best.get(row["task"], found))
    return [best[modality][1] for modality in Modality if modality in best]


def compare_page(work: Path) -> Path:
    """What `vermillion compare --html` writes of a bundled chart and a wrong copy."""
    right, wrong, page = (work / name for name in ("right.py", "wrong.py", "compare.html"))
    right.write_text(CHART)
    wrong.write_text(CHART.replace("27", "72").replace("steelblue", "seagreen"))
    order = [sys.executable, "-m", "vermillion", "compare", right.name, wrong.name]
    done = subprocess.run(
        [*order, "--html", page.name],
        cwd=work,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RunError(f"compare failed: {done.stderr}")
    return page


CHART = """import matplotlib.pyplot as plt

cities = ["Berlin", "Vienna", "Zurich", "Prague"]
plt.figure(figsize=(6, 4))
plt.bar(cities, [33, 27, 22, 31], color="steelblue")
plt.title("Trips to work by car")
plt.ylabel("share (%)")
plt.savefig("trips.png")
"""


def training_page(dataset: Path, work: Path, say: Callable[[str], None]) -> Path | None:
    """The page of a fine-tune of a tiny random model, or None without a training environment."""
    python = os.environ.setdefault(PYTHON, str(HOUSE / ".venv-train" / "bin" / "python"))
    if not Path(python).is_file():
        say("training-page.png stays as it is: `make train-smoke` makes the environment it needs")
        return None
    tiny, file = (
        HOUSE / "out" / "rehearsal" / "tiny",
        HOUSE / "configs" / "train" / "rehearsal.toml",
    )
    if not (tiny / "config.json").is_file():
        subprocess.run([python, "-m", "train.rehearsal.tiny", str(tiny)], cwd=HOUSE, check=True)
    out = work / "training"
    command = sft_command(load(file), str(file), str(dataset), str(out))
    asked = {"argv": list(command.argv), "line": str(command), "why": command.why}
    order = {"dry_run": False, "out": str(out), "commands": {command.step: asked}}
    say("fine-tuning half a million random parameters, some minutes")
    run_step(command.step, order, lambda line: None)
    page = work / "training.html"
    folder = job_folder(order, command.step)
    page.write_text(step_page(folder).replace(f"{HOUSE}/", ""), encoding="utf-8")
    return page


@contextmanager
def served(work: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Airflow's pages, at this address for the length of the block.

    Raises:
        RunError: they do not answer in time.
    """
    log, address = work / "server.log", f"http://127.0.0.1:{environment['AIRFLOW__API__PORT']}"
    with log.open("w") as told:
        server = subprocess.Popen(
            ["scripts/airflow", "api-server"],
            cwd=HOUSE,
            env=environment,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    try:
        ends_s = time.monotonic() + READY_S
        while not answers(f"{address}/api/v2/version"):
            if server.poll() is not None or time.monotonic() > ends_s:
                raise RunError(f"Airflow's pages do not answer at {address}; the log is {log}")
            time.sleep(1)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def answers(address: str) -> bool:
    """True if a server on loopback answers; no proxy is asked."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=5):
            return True
    except OSError:
        return False


def airflow_pages(chromium: Browser, address: str, docs: Path) -> None:
    """The form that triggers `build_pairs`, and the tab Progress of its last run."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1500})
    page.goto(f"{address}/auth/token/login")
    page.goto(f"{address}/dags/build_pairs")
    page.locator("button:has-text('Trigger')").first.click()
    form = page.locator("[role=dialog][data-scope=dialog]")
    form.locator("text=What").click()
    form.locator("input[role=spinbutton]").first.fill("24")
    page.wait_for_timeout(SETTLED_MS)
    form.screenshot(path=docs / "airflow-form.png", animations="disabled")
    page.close()
    page = chromium.new_page(viewport={"width": 1400, "height": 800})
    page.goto(f"{address}/auth/token/login")
    run = quote(last_run(page, address), safe="")
    page.goto(f"{address}/dags/build_pairs/runs/{run}/plugin/vermillion-progress")
    page.frame_locator("iframe").locator("text=rows through all stages").first.wait_for()
    page.screenshot(path=docs / "progress-page.png", animations="disabled")
    page.close()


def last_run(page: Page, address: str) -> str:
    """The id of the newest run of `build_pairs`."""
    runs = page.request.get(f"{address}/api/v2/dags/build_pairs/dagRuns?order_by=-run_after").json()
    return str(runs["dag_runs"][0]["dag_run_id"])


def window(chromium: Browser, file: Path, picture: Path) -> None:
    """Open a page from the disk and take what a laptop's window shows of it."""
    width_px, height_px = WINDOW_PX
    page = chromium.new_page(viewport={"width": width_px, "height": height_px})
    page.goto(file.resolve().as_uri())
    page.screenshot(path=picture, animations="disabled", full_page=False)
    page.close()


def shrink(picture: Path) -> None:
    """Keep as many colors as a screenshot needs: a third of the bytes."""
    with Image.open(io.BytesIO(picture.read_bytes())) as image:
        image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(picture, optimize=True)


def main() -> int:
    """Take the pictures into the folder that the first argument names."""
    try:
        take_all(
            Path(sys.argv[1]),
            HOUSE / "out" / "screenshots",
            lambda line: print(f"screenshots: {line}", file=sys.stderr, flush=True),
        )
    except (RunError, ConfigError) as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
