"""An annotator that shows both pictures to a vision-language model and asks what differs.

An annotator is frozen data, one TOML block each: model, prompt, settings. Its claims must pass both
filters of `annotators.lvlm.filters` to be accepted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field

from annotators.lvlm.filters import Dropped, filter_claims
from annotators.lvlm.reply import parse_reply, reply_schema
from annotators.structural.pixels import PixelDifference
from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, Request
from endpoints.client.images import encode
from endpoints.client.pump import in_order
from endpoints.client.report import UseReport
from endpoints.settings import Block, Endpoint, Named, Sampling, read_blocks
from records.errors import ConfigError
from records.rows import Annotation, Discrepancy, content_id
from records.taxonomy import Modality
from renderers.contract import Picture
from renderers.scene import Scene

VERSION = "lvlm-1"
REFERENCE_TAG = "REFERENCE picture:"
CANDIDATE_TAG = "CANDIDATE picture:"
BOXES = (
    "Give each entry a `box` too, before `location`: [left, top, right, bottom] in thousandths of "
    "the candidate's width and height; null where the thing is missing in the candidate."
)
AHEAD = 4
"""Pairs held in memory per running request, so that a slow reply does not delay the others."""

Drawn = tuple[Picture, Scene]


class LvlmAnnotator(Named):
    """Who judges, and how it is asked."""

    endpoint: Endpoint
    sampling: Sampling = Sampling()
    prompts: dict[Modality, str] = {}
    """Files with other prompts than `annotators/prompts`, by modality."""
    longest_px: int = Field(default=1024, ge=64, le=8192)
    """Both pictures are scaled down together until neither is longer."""
    boxes: bool = False
    """Ask for a box of each error, in Qwen3-VL's coordinates."""
    schema_output: bool = True
    """Hold the model to the reply's JSON schema, where the server can."""
    filters: bool = True
    """Drop claims that the scenes or pixels disprove."""
    swapped: bool = False
    """Show the candidate first: for the audit that asks whether order decides the verdict."""
    seed: int = Field(default=0, ge=0, lt=2**31)

    def prompt(self, modality: Modality) -> str:
        """The prompt for this modality.

        Raises:
            ConfigError: a prompt file cannot be read.
        """
        asked = _prompt(self.prompts.get(modality, ""), modality)
        return f"{asked}\n{BOXES}" if self.boxes else asked

    def prompt_hash(self, modality: Modality) -> str:
        """Twenty hex digits over everything that affects requests, except the pictures."""
        return content_id(
            self.prompt(modality),
            self.endpoint.model,
            self.sampling.model_dump_json(),
            repr(
                (VERSION, self.longest_px, self.boxes, self.schema_output, self.swapped, self.seed)
            ),
        )

    @property
    def identity(self) -> str:
        """A key over everything that affects its judgments; address and speed do not."""
        hashes = (self.prompt_hash(modality) for modality in Modality)
        return content_id(self.name, str(self.filters), *hashes)

    def request(self, modality: Modality, reference: Picture, candidate: Picture) -> Request:
        """The request for one pair: each picture after the name of its role, then the prompt."""
        first, second = encode((reference.png, candidate.png), self.longest_px)
        shown = [(REFERENCE_TAG, first), (CANDIDATE_TAG, second)]
        if self.swapped:
            shown.reverse()
        return Request(
            parts=(*(part for pair in shown for part in pair), self.prompt(modality)),
            schema=reply_schema(modality, self.boxes) if self.schema_output else None,
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """One pair that models are asked about."""

    id: str
    """The attempt's."""
    modality: Modality
    reference: Drawn
    candidate: Drawn
    pixels: PixelDifference
    by: frozenset[str] | None = None
    """Names of the models that are asked; None asks all."""


@dataclass(frozen=True, slots=True)
class LvlmAnswer:
    """The answer of one annotator about one pair: an annotation, or a failure."""

    annotator: str
    annotation: Annotation | None
    failure: Failure | None = None
    dropped: tuple[Dropped, ...] = ()
    """Claims that the filters dropped."""


class Bench:
    """The clients of all models of the stage."""

    def __init__(self, judges: Sequence[LvlmAnnotator], clients: Sequence[ChatClient]) -> None:
        self.reports = [client.report for client in clients]
        self._judges = list(zip(judges, clients, strict=True))

    async def work(self, case: Question, /) -> tuple[LvlmAnswer, ...]:
        """The answers of all models that are asked about one pair, in their order."""
        asked = [one for one in self._judges if case.by is None or one[0].name in case.by]
        return tuple(await asyncio.gather(*(_judge(*one, case) for one in asked)))

    def last_was_given(self) -> None:
        for _, client in self._judges:
            client.last_was_asked()


def judge_in_order(
    judges: Sequence[LvlmAnnotator],
    cases: Iterable[Question],
    cache: ReplyCache,
    reports: list[UseReport] | None = None,
    on_progress: Callable[[UseReport], None] | None = None,
    expected: int | None = None,
) -> Iterator[tuple[Question, tuple[LvlmAnswer, ...]]]:
    """Yield every pair with the answers of all models, in order, with few pairs in memory.

    Args:
        cases: Drawn in another thread while requests are under way.
        reports: Gets the judges' reports of use, in their order.
        on_progress: Called with a judge's report after each request that came to an end.
        expected: Approximate number of pairs, for progress lines.

    Raises:
        EndpointUnavailable: a judge's server is down.
        ConfigError: key, model, address or prompt file of a judge are wrong.
    """

    @asynccontextmanager
    async def bench() -> AsyncIterator[Bench]:
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(
                    ChatClient(judge.endpoint, judge.sampling, cache, judge.name, on_progress)
                )
                for judge in judges
            ]
            for client in clients:
                client.report.expected = expected
            opened = Bench(judges, clients)
            if reports is not None:
                reports.extend(opened.reports)
            yield opened
            for client in clients:
                client.check_alive()

    most = max((judge.endpoint.in_flight for judge in judges), default=1)
    return in_order(cases, bench, window=most * AHEAD)


async def _judge(judge: LvlmAnnotator, client: ChatClient, case: Question) -> LvlmAnswer:
    (reference, reference_scene), (candidate, candidate_scene) = case.reference, case.candidate
    sizes = [(p.width_px, p.height_px) for p in (candidate, reference)]

    def read(text: str) -> tuple[Discrepancy, ...]:
        return parse_reply(text, case.modality, sizes, judge.name)

    # Encoding is CPU work: other requests must not wait for it.
    request = await asyncio.to_thread(judge.request, case.modality, reference, candidate)
    outcome = await client.ask(request, read)
    if isinstance(outcome, Failure):
        return LvlmAnswer(judge.name, None, outcome)
    claims = read(outcome.text)
    dropped: tuple[Dropped, ...] = ()
    if judge.filters:
        believed = filter_claims(claims, reference_scene, candidate_scene, case.pixels)
        claims, dropped = believed.kept, believed.dropped
    return LvlmAnswer(
        judge.name,
        Annotation(
            attempt_id=case.id,
            modality=case.modality,
            annotator=f"{judge.name} {VERSION}",
            discrepancies=claims,
            prompt_hash=judge.prompt_hash(case.modality),
            raw_reply=outcome.text,
        ),
        dropped=dropped,
    )


def load_annotators(names: Iterable[str], sources: Iterable[str]) -> tuple[LvlmAnnotator, ...]:
    """Load annotators by name from `[[annotators]]` blocks of TOML files.

    Raises:
        ConfigError: a file cannot be read, a block is wrong, or a name is not defined.
    """
    known = {one.name: one for source in sources for one in read_annotators(source)}
    chosen = []
    for name in dict.fromkeys(names):
        if name not in known:
            names_known = sorted({"structural", *known})
            near = get_close_matches(name, names_known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigError(
                f"annotate.annotators: {name!r} is not known; {hint}known: "
                f"{', '.join(names_known)}; others are defined in the TOML files of annotate.files"
            )
        chosen.append(known[name])
    return tuple(chosen)


def read_annotators(source: str | Path) -> tuple[LvlmAnnotator, ...]:
    """The `[[annotators]]` blocks of one TOML file; an `endpoint` may be a `[endpoints.NAME]` table.

    Prompt files are relative to the TOML file.

    Raises:
        ConfigError: the file is not there or not TOML, or a block is wrong; names file and block.
    """
    return read_blocks(
        source, "annotators", LvlmAnnotator, "annotate.files", _placed, taken=("structural",)
    )


def _placed(block: Block, folder: Path) -> Block:
    prompts = block.get("prompts")
    if not isinstance(prompts, Mapping):
        return block
    placed = {
        name: str(folder / file) if isinstance(file, str) else file
        for name, file in prompts.items()
    }
    return {**block, "prompts": placed}


@lru_cache(maxsize=64)
def _prompt(path: str, modality: Modality) -> str:
    if not path:
        ours = files("annotators") / "prompts" / f"{modality}.md"
        return ours.read_text(encoding="utf-8").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the {modality} prompt {path} cannot be read: {error}") from error
