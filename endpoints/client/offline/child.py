"""The process that holds vLLM's `LLM`: reads requests as lines of JSON, answers whole batches.

``python child.py IMAGES VLLM_ARGUMENT...`` runs in vLLM's own environment, so it imports nothing of ours.
The body of a request is what a server would be sent; each answer is a line
``{"id", "text", "finish_reason", "prompt_tokens", "completion_tokens"}`` or ``{"id", "refused"}``.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

GATHER_S = 0.05
"""Seconds without a further request after which a batch begins."""
NOT_SAMPLING = ("model", "messages", "response_format", "max_tokens", "max_completion_tokens")
AS_SERVED = ("chat_template_kwargs", "mm_processor_kwargs")
"""Fields that `LLM.chat` takes itself; equal in all requests of an endpoint."""

Line = dict[str, Any]


def main() -> None:
    """Answer until standard input ends."""
    say = answering()
    llm = load(int(sys.argv[1]), sys.argv[2:])
    asked = requests()
    say({"ready": True})
    for batch in batches(asked):
        answer(llm, batch, say)


def answering() -> Callable[[Line], None]:
    """What writes an answer. All else that is printed here, vLLM's words too, goes to the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    alone = threading.Lock()

    def say(line: Line) -> None:
        with alone:
            answers.write(json.dumps(line) + "\n")
            answers.flush()

    return say


def requests() -> queue.SimpleQueue[Line]:
    """The lines of standard input, as they come."""
    asked: queue.SimpleQueue[Line] = queue.SimpleQueue()
    threading.Thread(target=read, args=(asked,), daemon=True).start()
    return asked


def read(asked: queue.SimpleQueue[Line]) -> None:
    for line in sys.stdin:
        asked.put(json.loads(line))
    # The parent has ended: end this process and the engine's, even in the middle of a batch.
    os.killpg(0, signal.SIGKILL)


def batches(asked: queue.SimpleQueue[Line], most: int = sys.maxsize) -> Iterator[list[Line]]:
    """All that has been asked since the last batch, up to a number."""
    while True:
        batch = [asked.get()]
        try:
            while len(batch) < most:
                batch.append(asked.get(timeout=GATHER_S))
        except queue.Empty:
            pass
        yield batch


def load(images: int, arguments: list[str]) -> Any:
    """The engine, with the arguments that a server takes."""
    from vllm import LLM

    return LLM.from_engine_args(engine_arguments(images, arguments))


def engine_arguments(images: int, arguments: list[str]) -> Any:
    """vLLM's reading of the arguments of a server, as `EngineArgs`."""
    from vllm.engine.arg_utils import EngineArgs
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = EngineArgs.add_cli_args(FlexibleArgumentParser())
    chosen = EngineArgs.from_cli_args(parser.parse_args(arguments))
    chosen.limit_mm_per_prompt = {"image": images, "video": 0}
    # A request begins with its reference picture: the next candidates of it find that part computed.
    chosen.enable_prefix_caching = True
    chosen.structured_outputs_config = {"backend": "guidance", "disable_any_whitespace": True}
    return chosen


def answer(llm: Any, batch: list[Line], say: Callable[[Line], None]) -> None:
    """Answer all of a batch; one request that cannot be served costs the others nothing."""
    try:
        outputs = asked_of(llm, [line["body"] for line in batch])
    except (ValueError, TypeError) as error:
        if len(batch) == 1:
            say({"id": batch[0]["id"], "refused": f"{type(error).__name__}: {error}"})
            return
        for line in batch:
            answer(llm, [line], say)
        return
    for line, output in zip(batch, outputs, strict=True):
        [completion] = output.outputs
        answered = {
            "id": line["id"],
            "text": completion.text,
            "finish_reason": completion.finish_reason or "stop",
            "prompt_tokens": len(output.prompt_token_ids),
            "completion_tokens": len(completion.token_ids),
            "prefix_tokens": output.num_cached_tokens or 0,
        }
        say(answered)


def asked_of(llm: Any, bodies: list[Line]) -> list[Any]:
    more = {key: bodies[0][key] for key in AS_SERVED if key in bodies[0]}
    defaults = llm.model_config.get_diff_sampling_param()
    found: list[Any] = llm.chat(
        [body["messages"] for body in bodies],
        [sampling(defaults, body) for body in bodies],
        use_tqdm=False,
        **more,
    )
    return found


def sampling(defaults: Line, body: Line) -> Any:
    """A server's reading of a body: the model's own defaults below what it says.

    Raises:
        ValueError: vLLM does not know a field, or refuses its value.
    """
    from vllm import SamplingParams
    from vllm.sampling_params import StructuredOutputsParams

    chosen = {key: value for key, value in body.items() if key not in (*NOT_SAMPLING, *AS_SERVED)}
    unknown = sorted(set(chosen) - set(SamplingParams.__struct_fields__))
    if unknown:
        raise ValueError(f"vLLM has no sampling parameter {', '.join(unknown)}; see sampling.extra")
    chosen["max_tokens"] = body.get("max_tokens") or body.get("max_completion_tokens")
    if "response_format" in body:
        schema = body["response_format"]["json_schema"]["schema"]
        chosen["structured_outputs"] = StructuredOutputsParams(json=schema)
    return SamplingParams.from_optional(**{**defaults, **chosen})


if __name__ == "__main__":
    main()
