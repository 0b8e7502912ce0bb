"""Servers for a cluster: their addresses stand in a file while they live."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from records.errors import ConfigError
from tests.train.test_grpo import REPLAY, free_ports
from train.reward.addresses import addresses_of
from train.serve import serve
from train.settings import Judges, Reward, TrainConfig


def test_addresses_stand_in_a_file_while_the_servers_live(tmp_path: Path) -> None:
    judges = Judges(servers=2, gpus_each=0, first_port=free_ports(2), command=REPLAY)
    out = tmp_path / "services.json"
    end = threading.Event()
    work = threading.Thread(
        target=serve, args=(TrainConfig(judges=judges), "model", "127.0.0.1", out, end)
    )
    work.start()
    try:
        for _ in range(600):
            if out.exists() or not work.is_alive():
                break
            threading.Event().wait(0.1)
        expected = tuple(f"http://127.0.0.1:{judges.first_port + n}/v1" for n in (0, 1))
        assert addresses_of(Reward(services_file=str(out))) == expected
        assert json.loads(out.read_text())["model"] == "visual-erm"
    finally:
        end.set()
        work.join()
    assert not out.exists()


def test_no_server_to_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="say how many"):
        serve(TrainConfig(), "m", "h", tmp_path / "s.json", threading.Event())
