"""A vLLM server against vLLM offline and on a local Ray: the same requests of an annotator, no cache.

``python -m bench.engines configs/smoke/tiny-judge.toml --annotator tiny --pairs N`` prints one JSON object;
``--way server|offline|ray`` measures one of them, and may be given several times.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import time
from contextlib import nullcontext
from typing import Any

from PIL import Image, ImageDraw

from annotators.lvlm.annotator import LvlmAnnotator, load_annotators
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Request
from endpoints.client.offline.engine import close_engines
from endpoints.server import serving
from endpoints.settings import RaySettings
from records.errors import ConfigError
from records.taxonomy import Modality
from renderers.contract import Picture

WAYS = ("server", "offline", "ray")
BATCH = 4
"""Requests of a batch on Ray."""
CANDIDATES = 4
"""Of each reference, one after another, as in a shard."""


def measure(judge: LvlmAnnotator, pairs: int, engine: str) -> dict[str, Any]:
    """Label pairs by one engine.

    Returns:
        ``ready_s`` until the first answer, then ``requests_per_s``, ``completion_tokens_per_s``, and
        how many requests ended how.

    Raises:
        ConfigError: the annotator's endpoint has no server.
        EndpointUnavailable: it did not start.
    """
    ray = RaySettings(address="local", batch=BATCH) if engine == "ray" else None
    endpoint = judge.endpoint.model_copy(update={"engine": engine, "ray": ray})
    if endpoint.server is None:
        raise ConfigError(f"the endpoint of {judge.name} needs a table server")
    requests = [_request(judge, at) for at in range(pairs)]
    began_s = time.monotonic()
    held = serving(endpoint.to_start) if endpoint.to_start else nullcontext()
    with held:
        figures = asyncio.run(_ask(judge, endpoint, requests))
        ready_s = figures.pop("began_s") - began_s
        close_engines()
    return {"ready_s": round(ready_s, 1), **figures}


async def _ask(judge: LvlmAnnotator, endpoint: Any, requests: list[Request]) -> dict[str, Any]:
    async with ChatClient(endpoint, judge.sampling) as client:
        # Whatever is made ready by the first request is not asking.
        await client.ask(requests[0].again(1))
        began_s = time.monotonic()
        outcomes = await asyncio.gather(*(client.ask(request) for request in requests))
        took_s = time.monotonic() - began_s
        tokens = client.report.completion_tokens
    kinds = sorted({getattr(outcome, "reason", "usable") for outcome in outcomes})
    return {
        "began_s": began_s,
        "requests_per_s": round(len(requests) / took_s, 2),
        "completion_tokens_per_s": round(tokens / took_s, 1),
        "ends": {
            kind: sum(getattr(o, "reason", "usable") == kind for o in outcomes) for kind in kinds
        },
    }


def _request(judge: LvlmAnnotator, at: int) -> Request:
    pictures = [_picture(at // CANDIDATES, 0), _picture(at // CANDIDATES, 1 + at % CANDIDATES)]
    return judge.request(Modality.CHART, *pictures)


def _picture(reference: int, candidate: int) -> Picture:
    image = Image.new("RGB", (256, 192), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle(
        (20 + reference % 50, 20, 90 + 9 * candidate, 170), fill=(reference * 37 % 256, 90, 160)
    )
    target = io.BytesIO()
    image.save(target, "PNG")
    return Picture(target.getvalue(), *image.size, "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.engines", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--annotator", required=True)
    parser.add_argument("--pairs", type=int, default=32)
    parser.add_argument("--way", choices=WAYS, action="append")
    given = parser.parse_args()
    [judge] = load_annotators([given.annotator], [given.config])
    ways = {way: measure(judge, given.pairs, way) for way in given.way or WAYS}
    print(json.dumps(ways, indent=1))


if __name__ == "__main__":
    main()
