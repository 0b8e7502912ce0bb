"""The process that asks vLLM on a Ray cluster: reads requests as lines of JSON, like `child`.

``python ray_child.py SETTINGS IMAGES VLLM_ARGUMENT...`` runs in the environment of the cluster's nodes, which
holds vLLM and ``ray[data]``; SETTINGS is a JSON object with the fields of `RaySettings` and ``environment``.
All requests of its life are one Ray Dataset (`ray.data.llm`), so engines are loaded once. Functions that run
on other nodes travel with it, so they import only what is installed there.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from endpoints.client.offline import child
else:
    import child  # Its file lies beside this script.

Line = dict[str, Any]

ENGINE_SEES = 1024
"""Least number of requests that an engine is given at once, in as many batches as that takes."""
LITTLE_CPU = 0.1
"""Of a core, which a step that only prepares or reads requests sets aside."""
FIRST, FILLER = 0, -1
"""Ids of the request that proves that the engines work, and of rows that fill up a batch."""
ERROR = "__inference_error__"
"""Column by which Ray marks a row that failed; such a row passes all further steps."""


@dataclass(frozen=True)
class Prepared:
    """What is known of the model before a request is sent, and where it shall run."""

    model: str
    engine: Line
    """Arguments of each engine, as `vllm.EngineArgs` names them."""
    defaults: Line
    """The model's own sampling parameters."""
    ends: tuple[int, ...]
    """Tokens that end a reply."""
    longest: int
    """Most tokens of a prompt and its reply together."""
    gpus: int
    """Of one engine; 0 if this vLLM is made for CPUs."""
    address: str
    replicas: int
    batch: int
    environment: dict[str, str]


def main() -> None:
    """Answer until standard input ends."""
    say = child.answering()
    prepared = load(json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    rows: queue.SimpleQueue[Line] = queue.SimpleQueue()
    rows.put(row_of({"id": FIRST, "body": READY}, prepared.defaults))
    asked = child.requests()
    feed = threading.Thread(target=prepare, args=(asked, rows, prepared.defaults, say), daemon=True)
    feed.start()
    for row in run(child.batches(rows, prepared.batch), prepared):
        if row["id"] != FIRST:
            say(answer(row, prepared))
        elif row.get(ERROR):
            sys.exit(f"the first request failed: {row[ERROR]}")
        else:
            say({"ready": True})


READY = {
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Ready?"}]}],
    "max_tokens": 1,
}


def load(settings: Line, images: int, arguments: list[str]) -> Prepared:
    """Read the model's configuration, which this process needs too."""
    from vllm.platforms import current_platform

    chosen = child.engine_arguments(images, arguments)
    default = type(chosen)(model=chosen.model)
    given = {name: value for name, value in vars(chosen).items() if value != getattr(default, name)}
    model = chosen.create_model_config()
    ends = model.try_get_generation_config().get("eos_token_id")
    gpus = 0 if current_platform.is_cpu() else chosen.tensor_parallel_size
    return Prepared(
        # Nodes work in folders of their own.
        model=str(folder.resolve()) if (folder := Path(chosen.model)).is_dir() else chosen.model,
        engine=given,
        defaults=model.get_diff_sampling_param(),
        ends=tuple(ends) if isinstance(ends, list) else () if ends is None else (ends,),
        longest=model.max_model_len,
        gpus=gpus * chosen.pipeline_parallel_size,
        **settings,
    )


def prepare(
    asked: queue.SimpleQueue[Line],
    rows: queue.SimpleQueue[Line],
    defaults: Line,
    say: Callable[[Line], None],
) -> None:
    """Turn requests into rows; what vLLM would not accept is refused here."""
    while True:
        line = asked.get()
        try:
            rows.put(row_of(line, defaults))
        except (ValueError, TypeError) as error:
            say({"id": line["id"], "refused": f"{type(error).__name__}: {error}"})


def row_of(line: Line, defaults: Line) -> Line:
    """One request, with all sampling parameters spelled out: the rows of a batch share their columns.

    Raises:
        ValueError: vLLM refuses a parameter, or a row cannot carry it.
    """
    body = line["body"]
    if "chat_template_kwargs" in body:
        raise ValueError('with engine = "ray" a request has no chat_template_kwargs')
    params = child.sampling(defaults, body)
    plain: Line = {}
    for name in params.__struct_fields__:
        value = getattr(params, name)
        if name.startswith("_") or name in ("output_kind", "structured_outputs"):
            continue
        if isinstance(value, dict):
            raise ValueError(f'with engine = "ray" a request has no {name}')
        plain[name] = value
    # As text, since a table's columns would give each object of the schema the fields of all others.
    schema = json.dumps(params.structured_outputs.json) if params.structured_outputs else ""
    row = {"messages": body["messages"], "sampling_params": plain, "schema": schema}
    if "mm_processor_kwargs" in body:
        row["mm_processor_kwargs"] = body["mm_processor_kwargs"]
    return {"id": line["id"], "row": json.dumps(row)}


def answer(row: Line, prepared: Prepared) -> Line:
    """The line that answers one request."""
    if row.get(ERROR):
        return {"id": row["id"], "refused": row[ERROR]}
    tokens = [int(token) for token in row["tokens"]]
    full = (
        len(tokens) >= row["max_tokens"] or row["prompt_tokens"] + len(tokens) >= prepared.longest
    )
    # Ray leaves out why a reply ended.
    cut = full and not (tokens and tokens[-1] in prepared.ends)
    return {
        "id": row["id"],
        "text": row["text"],
        "finish_reason": "length" if cut else "stop",
        "prompt_tokens": row["prompt_tokens"],
        "completion_tokens": len(tokens),
    }


def run(batches: Iterator[list[Line]], prepared: Prepared) -> Iterator[Line]:
    """Rows of batches with what the model said, in any order.

    The only part that knows Ray. A batch that is not full is filled up: Ray waits for whole ones.
    """
    connect(prepared)
    from ray.data import DataContext, read_datasource
    from ray.util.queue import Queue

    context = DataContext.get_current()
    context.enable_progress_bars = False
    # A byte: each row is passed on as soon as it is there, and none waits for a block to fill up.
    context.target_max_block_size = 1
    sent = Queue(actor_options={"num_cpus": 0})

    def send() -> None:
        filler = {"id": FILLER, "row": ""}
        for batch in batches:
            sent.put(batch + [filler] * (prepared.batch - len(batch)))

    threading.Thread(target=send, daemon=True).start()
    requests = read_datasource(stream_of(sent), override_num_blocks=1, num_cpus=0)
    answered = processor(prepared)(requests)
    for block in answered.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
        yield from (row for row in block.to_pylist() if row["id"] != FILLER)


def connect(prepared: Prepared) -> None:
    """Join the cluster, or start one on this machine; ends the process if neither can be done."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        sys.exit(f"{sys.executable} has no Ray ({error}): install ray[data] beside vLLM")
    address = prepared.address
    here: Line = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address, runtime_env={"env_vars": prepared.environment}, **here)
    except (ConnectionError, ValueError, RuntimeError) as error:
        sys.exit(
            f"no Ray cluster at {address!r} ({error}): run `ray start --address=HEAD:6379` on this "
            "machine, or correct address in the endpoint's table ray"
        )
    wanted, there = prepared.gpus * prepared.replicas, int(ray.cluster_resources().get("GPU", 0))
    if there < wanted:
        print(
            f"{prepared.replicas} engines want {wanted} GPUs, the cluster has {there}: the others wait",
            file=sys.stderr,
        )


def stream_of(sent: Any) -> Any:
    """A data source of one endless task, which reads batches from a queue."""
    from ray.data import Datasource, ReadTask
    from ray.data.block import BlockMetadata

    def read() -> Iterable[Any]:
        import pyarrow

        while True:
            yield pyarrow.Table.from_pylist(sent.get())

    class Requests(Datasource):  # type: ignore[misc]
        def estimate_inmemory_data_size(self) -> None:
            return None

        def get_read_tasks(self, parallelism: int, *_: Any, **more: Any) -> list[Any]:
            unknown = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(read, unknown)]

    return Requests()


def taken_out(messages: list[Line]) -> list[Any]:
    """The pictures of a conversation, which keeps a placeholder for each; transparent is white."""
    import base64
    import io

    from PIL import Image

    found = []
    parts = [
        part for one in messages if isinstance(one["content"], list) for part in one["content"]
    ]
    for part in parts:
        if part["type"] == "image_url":
            data = part.pop("image_url")["url"].partition(",")[2]
            image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")
            white = Image.new("RGBA", image.size, "white")
            found.append(Image.alpha_composite(white, image).convert("RGB"))
            part["type"] = "image"
    return found


def processor(prepared: Prepared) -> Any:
    """Ray's chain of steps: pictures, chat template, engine; its actors stay until the stream ends.

    Ray's own step for pictures imports a module that vLLM 0.32 has no more.
    """
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    little = {"num_cpus": LITTLE_CPU}
    on_cpu: Line = {"placement_group_config": {"bundle_per_worker": {"CPU": 1}}}
    config = vLLMEngineProcessorConfig(
        model_source=prepared.model,
        engine_kwargs=prepared.engine,
        batch_size=prepared.batch,
        max_concurrent_batches=max(1, -(-ENGINE_SEES // prepared.batch)),
        concurrency=(prepared.replicas, prepared.replicas),
        chat_template_stage={"enabled": True, **little},
        tokenize_stage=False,
        detokenize_stage=False,
        should_continue_on_error=True,
        log_engine_metrics=False,
        **({} if prepared.gpus else on_cpu),
    )

    def before(row: Line) -> Line:
        if not row["row"]:
            return {ERROR: "filler"}
        read = json.loads(row["row"])
        params, schema = read["sampling_params"], read.pop("schema")
        if schema:
            params["structured_outputs"] = {"json": schema}
        pictures = taken_out(read["messages"])
        read["multimodal_data"] = {"image": pictures} if pictures else None
        return {**read, "max_tokens": params["max_tokens"], "row": ""}

    def after(row: Line) -> Line:
        return {
            "id": row["id"],
            "text": row["generated_text"],
            "tokens": row["generated_tokens"],
            "prompt_tokens": row["num_input_tokens"],
            "max_tokens": row["max_tokens"],
        }

    return build_processor(
        config,
        preprocess=before,
        postprocess=after,
        preprocess_map_kwargs={"num_cpus": 0},
        postprocess_map_kwargs=little,
    )


if __name__ == "__main__":
    main()
