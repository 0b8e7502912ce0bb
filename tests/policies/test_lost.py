"""Attempts that give no program, picture or pair are counted by policy and reason."""

from __future__ import annotations

from pathlib import Path

from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer
from records.config import parse
from records.layout import Layout
from records.shards import read_rejects, read_rows
from vermillion.pipeline.stages import pull, run_stage

BROKEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="4"</svg>'


def test_what_does_not_render_names_its_policy(tmp_path: Path) -> None:
    def reply(asked: ReceivedRequest) -> ReplayAnswer:
        return ReplayAnswer("no idea" if asked.number == 0 else f"```svg\n{BROKEN}\n```")

    with ReplayServer(reply) as server:
        file = tmp_path / "p.toml"
        file.write_text(
            f'[endpoints.e]\nbase_url = "{server.url}"\nmodel = "m"\nin_flight = 1\n'
            '[[policies]]\nname = "eye"\nmodality = "svg"\nkind = "endpoint"\nendpoint = "e"\n'
        )
        config = parse(
            {
                "name": "lost",
                "root": str(tmp_path),
                "modalities": ["svg"],
                "sources": {"bundled": {"limit": 4}},
                "corruption": {"attempts_per_sample": 1, "identical_share": 0},
                "policies": {"names": ["eye"], "files": [str(file)]},
                "quality": {"max_reject_share": {}},
            },
            "test",
        )
        shards = pull("bundled", config)
        for shard in shards:
            for stage in ("reference", "corrupt", "attempt", "render"):
                run_stage(stage, shard, config)
    at = Layout.of(config).shard
    lost = [
        reject
        for shard in shards
        for stage in ("attempt", "render")
        for reject in read_rejects(at(stage, shard))
    ]
    of_policy = [(reject.stage, reject.reason) for reject in lost if reject.policy == "eye"]
    assert sorted(of_policy)[0] == ("attempt", "no_program")
    assert {stage for stage, _ in of_policy} == {"attempt", "render"}
    assert len(of_policy) == 4
    assert sum(1 for shard in shards for _ in read_rows(at("render", shard))) >= 1
