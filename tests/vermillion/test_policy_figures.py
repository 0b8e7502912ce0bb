"""Policies are measured: what is lost, how like the reference, which errors."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from rich.console import Console
from typer.testing import CliRunner

from endpoints.replay import ReplayServer, answers_in_order
from policies.policy import Policy
from policies.run import load_policies
from records.errors import ConfigError
from records.taxonomy import Modality
from renderers.registry import close_held
from sources.bundled import samples
from vermillion.cli.main import app
from vermillion.cli.policy_figures import Figures, measure, print_figures

pytest.importorskip("vtracer", reason="vtracer, of the extra offline-policies, is not installed")


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_held()


def test_errors_and_likeness_are_those_of_the_attempts() -> None:
    icons = samples(Modality.SVG)[:3]
    weak, mid = measure(load_policies(["vtracer-32px", "vtracer-mid"]), {Modality.SVG: icons})
    for figure in (weak, mid):
        assert figure.looks == 3 and not figure.rejects
        assert sum(figure.errors) == figure.categories.total()
        assert all(0.2 < one <= 1 for one in figure.likeness)
    assert sum(weak.likeness) < sum(mid.likeness)
    told = weak.to_json()
    assert told["drawn"] == 3 and told["teds"] is None
    assert sum(n for levels in told["categories"].values() for n in levels.values()) == sum(
        weak.errors
    )


def test_attempts_without_program_or_picture_are_counted_by_type() -> None:
    broken = '```svg\n<svg xmlns="http://www.w3.org/2000/svg"><rect</svg>\n```'
    with ReplayServer(answers_in_order(["no idea", broken])) as server:
        endpoint = {"base_url": server.url, "model": "m", "in_flight": 1}
        eye = Policy.model_validate(
            {"name": "eye", "modality": "svg", "kind": "endpoint", "endpoint": endpoint}
        )
        [figure] = measure([eye], {Modality.SVG: samples(Modality.SVG)[:2]})
    assert figure.looks == 2 and not figure.errors
    assert figure.rejects["no_program"] == 1 and figure.rejects.total() == 2
    assert figure.to_json()["ssim"] is None


def test_no_sample_is_a_clear_mistake() -> None:
    with pytest.raises(ConfigError, match="no svg sample"):
        measure(load_policies(["vtracer-mid"]), {})


def test_tables_name_every_category() -> None:
    figure = Figures("p", Modality.TABLE, looks=2, likeness=[0.5], teds=[0.9], errors=[2])
    figure.categories["text_error", 3] = 2
    figure.rejects["timeout"] = 1
    out = Console(width=240, record=True)
    print_figures([figure], False, out)
    text = out.export_text()
    for word in ("layout_error", "numeric_error", "0/0/2", "timeout 1", "0.90"):
        assert word in text


def test_the_command_prints_json() -> None:
    done = CliRunner().invoke(app, ["policies", "vtracer-32px", "--limit", "1", "--json"])
    assert done.exit_code == 0, done.output
    [told] = json.loads(done.stdout)
    assert (told["policy"], told["looks"]) == ("vtracer-32px", 1)
