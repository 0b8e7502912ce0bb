"""The soak in small, and what it must not overlook."""

from __future__ import annotations

import dataclasses
import socket
from io import StringIO
from pathlib import Path
from typing import Self

import pytest
from rich.console import Console

from bench.soak import (
    ESCAPE,
    Census,
    Findings,
    SoakProgram,
    _programs,
    _visits,
    bench_soak,
    hostile_programs,
    soak,
)
from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers.contract import Picture, Render
from sandbox.status import Limits, RenderStatus

QUIET = Census(100, 1.0, 9, 20, 2, {"caller": 50.0, "chart": 200.0})
QUICK = {
    Modality.CHART: {"exit_early", "read_passwd", "write_outside", "start_program"},
    Modality.TABLE: {"iframe_of_a_file", "script", "background", "span_bomb"},
    Modality.SVG: {"use_bomb", "xxe", "local_image", "not_xml"},
}


@pytest.mark.chromium
def test_sixty_renders_with_hostile_ones_leave_nothing() -> None:
    lanes = {modality: programs[:3] for modality, programs in _programs(None).items()}
    hostile = {
        modality: [one for one in programs if one.name.partition("/")[2] in QUICK[modality]]
        for modality, programs in hostile_programs(ESCAPE).items()
    }
    assert all(len(programs) == 4 for programs in hostile.values())
    found = Findings()
    censuses = list(soak(lanes, hostile, 60, 0.2, 10, 3, 30, found))
    assert censuses == found.censuses and len(censuses) >= 5
    assert found.violations == []
    assert found.growth() == []
    assert sum(count for name, count in found.verdicts.items() if "hostile" in name) >= 3
    assert set(censuses[-1].memory_mb) == {"caller", *Modality}
    assert censuses[-1].processes >= 6


class Flickering:
    """Draws another picture each time, and sometimes none in time."""

    server_pid = None

    def __init__(self, modality: Modality, limits: Limits) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def render(self, code: str, language: Language) -> Render:
        self.count += 1
        if self.count % 3 == 0:
            return Render(RenderStatus.TIMEOUT, "contract")
        return Render(RenderStatus.OK, "contract", Picture(b"", 1, 1, f"hash {self.count}"))


def test_a_picture_that_changes_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.soak.open_renderer", Flickering)
    found = Findings()
    lanes = {Modality.SVG: [SoakProgram("dice", "<svg/>", Language.SVG)]}
    list(soak(lanes, {}, 8, 0, 4, 0, 60, found))
    assert found.violations[0] == "svg dice: hash 2 ; at first hash 1"
    # A busy machine's deadline is no change of the picture.
    assert not any("timeout" in line for line in found.violations)
    assert found.verdicts["svg timeout"] >= 2


def test_growth_is_seen() -> None:
    def growth(**last: object) -> list[str]:
        steady = [dataclasses.replace(QUIET, renders=n) for n in range(100, 900, 100)]
        return Findings(
            [*steady, dataclasses.replace(QUIET, renders=900, **last)]  # type: ignore[arg-type]
        ).growth()

    assert growth() == []
    assert growth(processes=8) == []
    assert growth(processes=10) == ["processes: 9 after 300 renders, 10 after 900"]
    assert "temporary_files" in growth(temporary_files=3)[0]
    assert "descriptors" in growth(descriptors=21)[0]


def test_memory_that_never_comes_back_has_grown() -> None:
    def soaked(memory: list[float]) -> list[str]:
        return Findings(
            [
                dataclasses.replace(QUIET, renders=n, memory_mb={"chart": mb})
                for n, mb in enumerate(memory)
            ]
        ).growth()

    assert soaked([100, 200, 210, 205, 220, 210, 205, 215]) == []
    assert soaked([100, 200, 210, 205, 220, 250, 280, 310]) == [
        "memory of chart: 210 MB, later 280 MB"
    ]
    # A server that was replaced for its size has not grown.
    assert soaked([100, 200, 210, 205, 400, 600, 900, 200]) == []
    with pytest.raises(ConfigError, match="too few"):
        soaked([1])


def test_a_stranger_who_calls_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        assert _visits(listener) == 0
        for _ in range(3):
            socket.create_connection(listener.getsockname()).close()
        assert _visits(listener) == 3


def test_what_cannot_be_soaked_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--escape names a folder"):
        hostile_programs(tmp_path)
    with pytest.raises(ConfigError, match="holds no"):
        _programs(tmp_path)
    with pytest.raises(ConfigError, match="four censuses"):
        bench_soak(
            10,
            0.1,
            5,
            0,
            5,
            escape=ESCAPE,
            programs=None,
            as_json=True,
            out=Console(file=StringIO()),
        )


def test_more_programs_join_the_bundled_ones(tmp_path: Path) -> None:
    (tmp_path / "icon.svg").write_text("<svg/>")
    more, bundled = _programs(tmp_path), _programs(None)
    assert len(more[Modality.SVG]) == len(bundled[Modality.SVG]) + 1
    assert more[Modality.SVG][-1].name.endswith("/icon")
    assert more[Modality.TABLE] == bundled[Modality.TABLE]
