"""A policy's programs and pictures against the references, by the measures of the benchmarks it is meant for.

Charts: the low-level score of ChartMimic, taken from scenes in place of intercepted matplotlib calls.
Icons: UniSVG's. Tables: TEDS, TEDS of the structure alone, and edit distance of the text. Nothing of
this is a reward: scenes are written by the programs that are judged.

``python -m train.evaluate.policy_scores --dataset FOLDER`` scores every policy whose attempts a dataset holds;
with ``--lpips`` and ``--clip`` it runs in the training environment.
Sources: ChartMimic (arXiv:2406.09961), low-level metrics; UniSVG (lili24/UniSVG), its score; TEDS as
`train.metrics.teds`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
from scipy.optimize import linear_sum_assignment

from annotators.structural.severity import color_distance
from quality.read.inspect import read_dataset
from records.errors import ConfigError, ScoreError
from records.files import write_json
from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.registry import open_renderer
from renderers.scene import Element, Scene
from sandbox.status import RenderStatus
from train.arguments import count
from train.exit_codes import ended
from train.metrics.embeddings import Embedder
from train.metrics.perceptual import Lpips
from train.metrics.similarity import ssim
from train.metrics.teds import as_html, teds, text_distance

Likeness = Callable[[bytes, bytes], float]
"""Of two PNGs: 0 to 1."""

NO_MARKS = frozenset(
    {
        *("figure", "axes", "title", "suptitle", "supxlabel", "supylabel", "text", "legend"),
        *("legend_entry", "axis", "axis_label", "offset_text", "grid", "spine", "table", "cell"),
    }
)
"""Roles of a chart's scene that do not identify its type."""
ONE_LINE = 0.06
"""Edges of two subplots are aligned if they differ by at most this share of the picture."""


def chart_scores(reference: Scene, candidate: Scene) -> dict[str, float]:
    """ChartMimic's four F1 and their mean, in percent.

    Text: the strings that are shown. Layout: place and span of each subplot in the grid. Type: the
    kinds of marks of each subplot. Color: the colors of each kind of mark, matched one to one
    where their likeness, 1 - CIEDE2000 / 100, is largest.
    """
    scores = {
        "text": _f1(_texts(reference), _texts(candidate)),
        "layout": _f1(_layout(reference), _layout(candidate)),
        "type": _f1(_kinds(reference), _kinds(candidate)),
        "color": _color_f1(_colors(reference), _colors(candidate)),
    }
    return {**scores, "low_level": round(sum(scores.values()) / 4, 2)}


def svg_scores(
    reference_png: bytes,
    candidate_png: bytes,
    lpips: Likeness | None = None,
    clip: Likeness | None = None,
) -> dict[str, float | None]:
    """UniSVG's score in percent: 0.2 SSIM + 0.2 (1 - LPIPS) + 0.6 CLIP.

    Args:
        reference_png, candidate_png: The pictures.
        lpips: Distance by AlexNet, where weights are at hand: `train.metrics.perceptual`.
        clip: Cosine of ViT-L/14-336's embeddings, likewise: `train.metrics.embeddings`. Without both there is no score.
    """
    found = {
        "ssim": ssim(reference_png, candidate_png),
        "lpips": lpips(reference_png, candidate_png) if lpips else None,
        "clip": clip(reference_png, candidate_png) if clip else None,
    }
    total = None
    if found["lpips"] is not None and found["clip"] is not None:
        total = 0.2 * found["ssim"] + 0.2 * (1 - found["lpips"]) + 0.6 * found["clip"]  # type: ignore[operator]
    return {name: _per_cent(value) for name, value in {**found, "unisvg": total}.items()}


def table_scores(reference: str, candidate: str) -> dict[str, float | None]:
    """TEDS, TEDS of the structure, and likeness of the text (1 - edit distance), in percent.

    Args:
        reference, candidate: HTML or Markdown. Where the reference holds no table that can be
            compared, both TEDS are None.
    """
    words = [_table_text(as_html(code)) for code in (reference, candidate)]
    found: dict[str, float | None] = {}
    for name, structure_only in (("teds", False), ("teds_structure", True)):
        try:
            found[name] = round(100 * teds(reference, candidate, structure_only), 2)
        except ScoreError:
            found[name] = None
    return {**found, "text": round(100 * (1 - text_distance(*words)), 2)}


@dataclass(frozen=True, slots=True)
class Mean:
    """Of one measure over a policy's attempts."""

    value: float
    low: float
    high: float
    """Middle 95 % of bootstrap draws."""
    count: int


def means(scores: Sequence[Mapping[str, float | None]], resamples: int = 1000) -> dict[str, Mean]:
    """Mean of each metric over the rows that have it."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in scores:
        for name, value in one.items():
            if value is not None:
                found[name].append(value)
    chance = np.random.default_rng(0)
    result = {}
    for name, values in found.items():
        known = np.array(values)
        # One draw at a time: all at once would hold a thousand times the values.
        draws = [known[chance.integers(0, len(known), len(known))].mean() for _ in range(resamples)]
        low, high = np.percentile(draws, [2.5, 97.5])
        mean = float(np.mean(values))
        result[name] = Mean(
            round(mean, 2), round(float(low), 2), round(float(high), 2), len(values)
        )
    return result


def score_dataset(
    dataset: str,
    policy: str = "",
    limit: int | None = None,
    lpips: Likeness | None = None,
    clip: Likeness | None = None,
) -> dict[str, dict[str, dict[str, Mean]]]:
    """Every policy's means by task, over the sampled pairs of a published dataset.

    Programs that gave no picture are no pairs and are not counted here; the dataset's rejects are. A
    chart that is drawn no more on this machine is reported on standard error and not counted.

    Args:
        dataset: Folder or URL of a published dataset.
        policy: Only this one; empty takes all.
        limit: Most pairs.
        lpips, clip: As `svg_scores`.

    Raises:
        ConfigError: no such dataset, or no attempt of a policy in it.
        SandboxUnavailable, RendererUnavailable: charts cannot be drawn here.
    """
    found: dict[tuple[str, Modality], list[Mapping[str, float | None]]] = defaultdict(list)
    charts: list[tuple[str, str, str, str]] = []
    for row in islice(_sampled(dataset, policy), limit):
        task = Modality(row["task"])
        codes = row["reference_code"], row["candidate_code"]
        if task is Modality.CHART:
            charts.append((row["id"], row["policy"], *codes))
        elif task is Modality.SVG:
            reference, candidate = (image["bytes"] for image in row["images"])
            found[row["policy"], task].append(svg_scores(reference, candidate, lpips, clip))
        else:
            found[row["policy"], task].append(table_scores(*codes))
    for name, scores in _of_charts(charts):
        found[name, Modality.CHART].append(scores)
    if not found:
        whose = f"the policy {policy!r}" if policy else "a policy"
        raise ConfigError(f"{dataset}: no attempt of {whose}; build it with policies")
    result: dict[str, dict[str, dict[str, Mean]]] = defaultdict(dict)
    for (name, task), scores_ in sorted(found.items()):
        result[name][str(task)] = means(scores_)
    return dict(result)


def _sampled(dataset: str, policy: str) -> Iterator[Any]:
    columns = ["id", "task", "origin", "policy", "images", "reference_code", "candidate_code"]
    for row in read_dataset(dataset, columns):
        if row["origin"] == "sampled" and policy in ("", row["policy"]):
            yield row


def _of_charts(
    charts: Iterable[tuple[str, str, str, str]],
) -> Iterator[tuple[str, dict[str, float]]]:
    """Policy and scores of each pair; one that cannot be drawn again is reported and left out."""
    charts = list(charts)
    if not charts:
        return
    with open_renderer(Modality.CHART) as renderer:
        for row_id, name, reference, candidate in charts:
            renders: list[Render] = [
                renderer.render(code, Language.PYTHON) for code in (reference, candidate)
            ]
            lost = [render for render in renders if render.status is not RenderStatus.OK]
            if lost:
                reason = f"not drawn again ({lost[0].status}: {lost[0].detail}), not scored"
                print(f"row {row_id} of {name}: {reason}", file=sys.stderr)
                continue
            yield name, chart_scores(*(render.drawn()[1] for render in renders))


def _per_cent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 2)


def _f1(reference: Counter[Any], candidate: Counter[Any]) -> float:
    """F1 of two multisets, in percent; 100 if both are empty."""
    if not reference and not candidate:
        return 100.0
    shared = (reference & candidate).total()
    return round(200 * shared / (reference.total() + candidate.total()), 2)


def _texts(scene: Scene) -> Counter[str]:
    found: Counter[str] = Counter()
    for element in scene.root.walk():
        ticks = element.data.get("labels") if element.role == "axis" else None
        for text in (element.text, *(ticks if isinstance(ticks, list) else ())):
            words = " ".join(str(text or "").split())
            found.update([words] if words else [])
    return found


def _subplots(scene: Scene) -> list[Element]:
    return [
        element
        for element in scene.root.walk()
        if element.role == "axes" and element.data.get("kind", "main") == "main" and element.box
    ]


def _layout(scene: Scene) -> Counter[tuple[int, ...]]:
    """First and last row and column of each subplot."""
    boxes = [element.box for element in _subplots(scene) if element.box]
    rows = _lines([at for box in boxes for at in (box[1], box[3])], scene.height_px)
    columns = _lines([at for box in boxes for at in (box[0], box[2])], scene.width_px)
    return Counter((rows(b[1]), rows(b[3]), columns(b[0]), columns(b[2])) for b in boxes)


def _lines(edges: list[float], size: int) -> Callable[[float], int]:
    starts: list[float] = []
    for edge in sorted(edges):
        if not starts or edge - starts[-1] > ONE_LINE * size:
            starts.append(edge)
    return partial(_number_of, starts)


def _number_of(starts: list[float], edge: float) -> int:
    return sum(start <= edge for start in starts)


def _kinds(scene: Scene) -> Counter[str]:
    return Counter(
        role
        for axes in _subplots(scene)
        for role in {child.role for child in axes.children} - NO_MARKS
    )


_COLOR = re.compile(r"#[0-9a-f]{6,8}")


def _colors(scene: Scene) -> dict[str, set[str]]:
    """Colors by kind of mark."""
    found: dict[str, set[str]] = defaultdict(set)
    for element in scene.root.walk():
        if element.role in NO_MARKS:
            continue
        for value in element.style.values():
            values = value if isinstance(value, list) else [value]
            found[element.role].update(
                v for v in values if isinstance(v, str) and _COLOR.fullmatch(v)
            )
    return {role: colors for role, colors in found.items() if colors}


def _color_f1(reference: Mapping[str, set[str]], candidate: Mapping[str, set[str]]) -> float:
    alike = 0.0
    for role in reference.keys() & candidate.keys():
        table = np.array(
            [
                [max(0.0, 1 - color_distance(a, b) / 100) for b in sorted(candidate[role])]
                for a in sorted(reference[role])
            ]
        )
        alike += float(table[linear_sum_assignment(table, maximize=True)].sum())
    all_ = sum(map(len, reference.values())) + sum(map(len, candidate.values()))
    return round(200 * alike / all_, 2) if all_ else 100.0


_CELLS = "descendant::*[self::td or self::th][not(ancestor::td or ancestor::th)]"


def _table_text(html: str) -> str:
    """The concatenated texts of the cells, or of the whole page if it has no cells."""
    try:
        document = lxml.html.document_fromstring(html)
    except (lxml.etree.ParserError, ValueError):
        return ""
    parts = document.xpath(_CELLS) or [document]
    return "".join(" ".join(part.text_content().split()) for part in parts)


def table_of(scores: Mapping[str, Mapping[str, Mapping[str, Mean]]]) -> str:
    """Markdown: a line for each policy, task and measure."""
    lines = ["| policy | task | measure | mean | pairs |", "|---|---|---|---|---|"]
    for policy, tasks in scores.items():
        for task, measures in tasks.items():
            for name, mean in measures.items():
                lines.append(
                    f"| {policy} | {task} | {name.replace('_', ' ')} "
                    f"| {mean.value:.1f} [{mean.low:.1f}, {mean.high:.1f}] | {mean.count} |"
                )
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.evaluate.policy_scores", description=__doc__
    )
    parser.add_argument("--dataset", required=True, help="folder of a published dataset")
    parser.add_argument("--policy", default="", help="only this one")
    parser.add_argument("--limit", type=count, help="most pairs")
    parser.add_argument(
        "--lpips", type=Path, metavar="FILE", help="AlexNet's weights, as torchvision has them"
    )
    parser.add_argument(
        "--clip",
        metavar="MODEL",
        help="folder of CLIP; UniSVG takes openai/clip-vit-large-patch14-336",
    )
    parser.add_argument("--out", type=Path, help="also write scores as JSON")
    asked = parser.parse_args()

    def work() -> None:
        likeness: dict[str, Likeness] = {}
        if asked.lpips:
            likeness["lpips"] = Lpips(asked.lpips)
        if asked.clip:
            likeness["clip"] = Embedder(asked.clip)
        scores = score_dataset(asked.dataset, asked.policy, asked.limit, **likeness)
        print(table_of(scores))
        if asked.out:
            text = json.dumps(
                scores, default=lambda mean: {n: getattr(mean, n) for n in mean.__slots__}
            )
            write_json(asked.out, json.loads(text))

    return ended("policy_scores", work)


if __name__ == "__main__":
    sys.exit(main())
