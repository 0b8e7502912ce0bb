"""The command `bench soak`: runs thousands of renders, some hostile, and reports what grows or changes.

Programs of all modalities are drawn in random order; every so often one from the escape corpus
stands in between. Each program must give the pixels of its first render, above all right after a
hostile one. At intervals, with every server up, a census counts processes, descriptors, temporary
files and memory; whatever is larger at the end than after the warm-up is growth.
"""

from __future__ import annotations

import json
import os
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import psutil
from rich.console import Console
from rich.table import Table

from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers.contract import Renderer
from renderers.registry import open_renderer
from renderers.table.browser.memory import tree_memory_mb
from sandbox.status import Limits, RenderStatus
from sources import bundled

ESCAPE = Path(__file__).resolve().parents[1] / "tests" / "renderers" / "escape"
"""The corpus of a checkout: folders python, table and svg."""
STRANGER = "http://listener.invalid"
"""What hostile pages call; our own listener takes its place."""
WARM_UP = 0.25
"""Share of the censuses that count as warm-up."""
MEMORY_SLACK = 1.15
MEMORY_SLACK_MB = 24.0


@dataclass(frozen=True, slots=True)
class SoakProgram:
    """A name, and what to draw."""

    name: str
    code: str
    language: Language


@dataclass(frozen=True, slots=True)
class Census:
    """What is there after so many renders, every server up and idle."""

    renders: int
    seconds: float
    processes: int
    descriptors: int
    temporary_files: int
    memory_mb: Mapping[str, float]
    """Of this process, and of each modality's server with all below it."""


@dataclass(slots=True)
class Findings:
    """What a soak has seen."""

    censuses: list[Census] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    """``chart ok``, ``hostile table denied``, ... with their counts."""
    violations: list[str] = field(default_factory=list)
    """Programs that gave another picture or verdict than at first; strangers that were reached."""

    def growth(self) -> list[str]:
        """What is larger at the end than after the warm-up, in words.

        Memory has grown where the last quarter of the censuses never comes back near the most of
        the quarter after the warm-up.
        """
        warm = int(len(self.censuses) * WARM_UP)
        if len(self.censuses) - warm < 2:
            raise ConfigError("too few censuses to see growth: take more renders, or --every less")
        settled, last = self.censuses[warm], self.censuses[-1]
        found = [
            f"{name}: {getattr(settled, name)} after {settled.renders} renders,"
            f" {getattr(last, name)} after {last.renders}"
            for name in ("processes", "descriptors", "temporary_files")
            if getattr(last, name) > getattr(settled, name)
        ]
        quarter = max(1, len(self.censuses) // 4)
        for name in last.memory_mb:
            before = max(one.memory_mb[name] for one in self.censuses[warm : warm + quarter])
            after = min(one.memory_mb[name] for one in self.censuses[-quarter:])
            if after > before * MEMORY_SLACK + MEMORY_SLACK_MB:
                found.append(f"memory of {name}: {before:.0f} MB, later {after:.0f} MB")
        return found


def bench_soak(
    renders: int,
    hostile_share: float,
    every: int,
    seed: int,
    timeout_s: float,
    *,
    escape: Path,
    programs: Path | None,
    as_json: bool,
    out: Console,
) -> bool:
    """Soak, print each census as it is taken and the findings; True if nothing grew or changed.

    Raises:
        ConfigError: no corpus, no programs, or too few renders to see growth.
    """
    if renders < 4 * every:
        raise ConfigError(
            f"{renders} renders with a census every {every}: take four censuses at least"
        )
    programs_of = _programs(programs)
    hostile = hostile_programs(escape)
    found = Findings()
    printed = 0
    if not as_json:
        out.print("renders  processes  descriptors  files  memory in MB")
    for census in soak(programs_of, hostile, renders, hostile_share, every, seed, timeout_s, found):
        if not as_json:
            memory = "  ".join(f"{name} {mb:.0f}" for name, mb in census.memory_mb.items())
            out.print(
                f"{census.renders:7d}  {census.processes:9d}  {census.descriptors:11d}"
                f"  {census.temporary_files:5d}  {memory}",
                highlight=False,
            )
            # Printed at once, so that it is not lost if the soak is interrupted.
            for line in found.violations[printed:]:
                out.print(line, style="red", markup=False)
            printed = len(found.violations)
    growth = found.growth()
    if as_json:
        out.print_json(
            json.dumps(
                {
                    "censuses": [asdict(census) for census in found.censuses],
                    "verdicts": dict(sorted(found.verdicts.items())),
                    "violations": found.violations,
                    "growth": growth,
                }
            )
        )
    else:
        table = Table("verdict", "renders", box=None)
        for verdict, count in sorted(found.verdicts.items()):
            table.add_row(verdict, str(count))
        out.print(table)
        for line in (*found.violations[printed:], *growth):
            out.print(line, style="red", markup=False)
        if not (growth or found.violations):
            out.print(f"nothing grew, and no picture changed, in {renders} renders")
    return not (growth or found.violations)


def hostile_programs(folder: Path) -> dict[Modality, list[SoakProgram]]:
    """The escape corpus below ``folder``, by modality.

    Raises:
        ConfigError: there is none.
    """
    found: dict[Modality, list[SoakProgram]] = {}
    for path in sorted(folder.glob("*/*")):
        if language := Language.of_suffix(path.suffix):
            found.setdefault(language.modality, []).append(_read(path, language))
    if not found:
        raise ConfigError(
            f"{folder} holds no hostile programs; --escape names a folder such as"
            " tests/renderers/escape of a checkout"
        )
    return found


def soak(
    programs_of: Mapping[Modality, Sequence[SoakProgram]],
    hostile: Mapping[Modality, Sequence[SoakProgram]],
    renders: int,
    hostile_share: float,
    every: int,
    seed: int,
    timeout_s: float,
    found: Findings,
) -> Iterator[Census]:
    """Draw, and yield a census at each interval; ``found`` is filled on the way.

    Args:
        programs_of: Programs that must give the same each time, by modality.
        hostile: Programs that must not matter, by modality.
        renders: How many in all, hostile ones included.
        hostile_share: Share of the renders that draw a hostile program.
        every: Renders from one census to the next.
        seed: Of the order.
        timeout_s: Deadline of each render.
        found: What is seen.
    """
    chance = Random(seed)
    first: dict[tuple[Modality, str], str] = {}
    started = time.monotonic()
    with ExitStack() as held, _own_temporary_folder() as folder:
        stranger = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        stranger.setblocking(False)
        url = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        renderers = {
            modality: held.enter_context(open_renderer(modality, Limits(timeout_s=timeout_s)))
            for modality in programs_of
        }

        def draw(modality: Modality, program: SoakProgram, after: str = "") -> None:
            render = renderers[modality].render(program.code, program.language)
            found.verdicts[f"{modality} {render.status}"] += 1
            if render.status is RenderStatus.TIMEOUT:
                # A busy machine's word, not the program's.
                return
            result = render.picture.pixel_hash if render.picture else str(render.status)
            known = first.setdefault((modality, program.name), result)
            if result != known:
                found.violations.append(
                    f"{modality} {program.name}{after}: {result} {render.detail}; at first {known}"
                )

        done = 0
        while done < renders:
            modality = chance.choice(list(programs_of))
            if chance.random() < hostile_share and hostile.get(modality):
                attack = chance.choice(hostile[modality])
                code = attack.code.replace(STRANGER, url)
                status = renderers[modality].render(code, attack.language).status
                found.verdicts[f"hostile {modality} {status}"] += 1
                done += 1
                draw(modality, chance.choice(programs_of[modality]), f" after {attack.name}")
            else:
                draw(modality, chance.choice(programs_of[modality]))
            done += 1
            if done // every > len(found.censuses):
                # A server that was just stopped comes up again with the next render.
                for modality in programs_of:
                    draw(modality, programs_of[modality][0])
                    done += 1
                if visits := _visits(stranger):
                    found.violations.append(f"a page reached our listener, {visits} times")
                census = _census(done, started, folder, renderers)
                found.censuses.append(census)
                yield census


def _census(
    renders: int, started: float, folder: Path, renderers: Mapping[Modality, Renderer]
) -> Census:
    me = psutil.Process()
    memory_mb = {"caller": (me.memory_info().rss - me.memory_info().shared) / 2**20}
    for modality, renderer in renderers.items():
        if renderer.server_pid is not None:
            memory_mb[modality] = tree_memory_mb(renderer.server_pid)
    return Census(
        renders=renders,
        seconds=round(time.monotonic() - started, 1),
        processes=len(me.children(recursive=True)),
        descriptors=me.num_fds(),
        temporary_files=sum(1 for _ in folder.iterdir()),
        memory_mb={name: round(mb, 1) for name, mb in memory_mb.items()},
    )


def _visits(listener: socket.socket) -> int:
    count = 0
    while True:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return count
        connection.close()
        count += 1


@contextmanager
def _own_temporary_folder() -> Iterator[Path]:
    """A folder that stands for the machine's temporary one, so that only ours is counted."""
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="vermillion-soak-") as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before[1]
            if before[0] is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before[0]


def _programs(folder: Path | None) -> dict[Modality, list[SoakProgram]]:
    """All bundled samples, and the programs in ``folder``."""
    programs_of = {
        modality: [
            SoakProgram(sample.id, sample.code, sample.language)
            for sample in bundled.samples(modality)
        ]
        for modality in Modality
    }
    if folder is None:
        return programs_of
    found = 0
    for path in sorted(folder.rglob("*")):
        if language := Language.of_suffix(path.suffix):
            programs_of[language.modality].append(_read(path, language))
            found += 1
    if not found:
        raise ConfigError(f"{folder} holds no .py, .html, .md or .svg program")
    return programs_of


def _read(path: Path, language: Language) -> SoakProgram:
    return SoakProgram(
        f"{path.parent.name}/{path.stem}",
        path.read_text(encoding="utf-8", errors="replace"),
        language,
    )
