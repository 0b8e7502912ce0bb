"""`vermillion refine` from end to end, against scripted servers."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from endpoints.replay import ReplayServer, answers_in_order
from records.taxonomy import Language, Modality
from renderers.registry import held_renderer
from train.rehearsal.toy import icon, judge
from vermillion.cli.main import app


def test_the_command_shows_what_each_round_brought(tmp_path: Path) -> None:
    picture, _ = held_renderer(Modality.SVG).render(icon(1.0), Language.SVG).drawn()
    (tmp_path / "bar.png").write_bytes(picture.png)
    with (
        ReplayServer(judge) as critic,
        ReplayServer(answers_in_order([icon(0.5), icon(1.0)])) as policy,
    ):
        servers = ["--policy-url", policy.url, "--policy", "p", "--critic-url", critic.url]
        (tmp_path / "own.toml").write_text(
            '[svg]\ntext = "Which parts of the second icon are wrong?"\n'
        )
        own = ["--prompts", str(tmp_path / "own.toml")]
        arguments = [str(tmp_path / "bar.png"), "--modality", "svg", *servers, *own]
        said = CliRunner().invoke(app, ["refine", *arguments, "--out", str(tmp_path / "out")])
    assert said.exit_code == 0, said.output
    assert "1.52  2.00" in said.stdout and "round 2" in said.stdout
    assert (tmp_path / "out/summary.md").is_file()
    assert all("Which parts of the second icon" in asked.text for asked in critic.asked)
