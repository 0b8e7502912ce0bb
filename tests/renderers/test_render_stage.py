"""The verb render: equal programs of a shard are drawn once, within a bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.columns import schema_of
from records.rows import Attempt, Sample, Sampled
from records.sections import RenderConfig
from records.shards import read_rows, run_shard
from records.taxonomy import Modality
from records.work import Files
from renderers import stage as render
from sources import bundled


def _attempts(folder: Path, codes: list[str]) -> tuple[str, str]:
    sample = bundled.samples(Modality.SVG)[0]
    references, attempts = str(folder / "samples.parquet"), str(folder / "attempts.parquet")
    run_shard("pull", [], references, schema_of(Sample), "test", lambda: [sample])
    made = [
        Attempt.of(sample, code, Sampled(policy=f"policy-{number}", prompt_hash="0", seed=0))
        for number, code in enumerate(codes)
    ]
    run_shard("attempt", [references], attempts, schema_of(Attempt), "test", lambda: made)
    return references, attempts


@pytest.mark.parametrize(("bound", "renders"), [(8, 2), (1, 3)])
def test_equal_attempts_are_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: int, renders: int
) -> None:
    one, other = (
        f'<svg viewBox="0 0 9 9"><rect width="{side}" height="5"/></svg>' for side in (3, 6)
    )
    samples, attempts = _attempts(tmp_path, [one, other, one])
    config = RenderConfig()
    drawn = str(tmp_path / "references.parquet")
    render.DRAW_REFERENCES.run(Files({"pull": samples}, drawn), config)
    asked: list[str] = []
    really = render._draw

    def draw(program: Sample | Attempt, config: RenderConfig) -> render.Render:
        asked.append(program.code)
        return really(program, config)

    monkeypatch.setattr(render, "_draw", draw)
    monkeypatch.setattr(render, "DRAWN_AGAIN", bound)
    pairs = str(tmp_path / "pairs.parquet")
    inputs = {"attempt": attempts, "reference": drawn}
    render.DRAW_CANDIDATES.run(Files(inputs, pairs), config)
    hashes = [row["pixel_hash"] for row in read_rows(pairs)]
    assert len(hashes) == 3
    assert hashes[0] == hashes[2] != hashes[1]
    assert len(asked) == renders
