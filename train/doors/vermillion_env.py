"""An environment of the library `verifiers` (0.3): a picture goes in, a program comes out, our reward pays it.

Imports nothing of this project, since `verifiers` brings a package that is called `renderers` like one of ours: the
reward is asked over HTTP, of `python -m train.serve` (`POST /reward`). Put this folder on PYTHONPATH, then
``verifiers.load_environment("vermillion_env", prompts=..., reward_url=...)``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

IMAGE_TAG = "<image>"
TIMEOUT_S = 900.0


def rows_of(prompts: str) -> Iterator[dict[str, Any]]:
    """The rows of a file of `train.grpo.policy_data` as verifiers wants them: `prompt` and `info`."""
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(prompts).iter_batches(batch_size=64):
        for row in batch.to_pylist():
            info = asked_of(row)
            url = f"data:image/png;base64,{info['reference']}"
            picture = {"type": "image_url", "image_url": {"url": url}}
            turn = row["prompt"][-1]
            words = {"type": "text", "text": turn["content"].replace(IMAGE_TAG, "").strip()}
            yield {
                "prompt": [{"role": turn["role"], "content": [picture, words]}],
                # verifiers keeps `info["task"]` for itself.
                "info": json.dumps({"asked": info}),
            }


def asked_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The fields of `POST /reward`, all but `completion`, of a row of `train.grpo.policy_data`."""
    extra = row["extra_info"]
    return {
        "task": extra["task"],
        "reference": base64.b64encode(extra["reference"]["bytes"]).decode(),
        "reference_code": row["reward_model"]["ground_truth"],
        "render_contract": extra["render_contract"],
    }


def asked(url: str, info: Mapping[str, Any], completion: str) -> float:
    """What the reward pays a reply.

    Raises:
        RuntimeError: the service has no reward for it; with what it says.
    """
    body = json.dumps({**info, "completion": completion}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return float(json.load(answer)["reward"])
    except urllib.error.HTTPError as error:
        detail = error.read().decode("utf-8", "replace")
        raise RuntimeError(f"{url}: {error.code}: {detail}") from error


def text_of(completion: Any) -> str:
    """The words of a reply: a text, or the last turn of a conversation."""
    if isinstance(completion, str):
        return completion
    last = completion[-1]
    content = last["content"] if isinstance(last, Mapping) else last.content
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content)


def without_nulls(turns: Any) -> list[Any]:
    """Turns whose parts have their own keys alone: a table gives each part those of the others too, as null,
    and strict servers refuse them."""
    found = []
    for turn in turns:
        values = dict(turn) if isinstance(turn, Mapping) else turn.model_dump(exclude_none=True)
        if isinstance(values["content"], list):
            values["content"] = [
                {name: value for name, value in dict(part).items() if value is not None}
                for part in values["content"]
            ]
        found.append(values)
    return found


def load_environment(
    prompts: str, reward_url: str = "http://127.0.0.1:8080/reward", limit: int = -1
) -> Any:
    """The environment.

    Args:
        prompts: `<task>/train.parquet` of `train.grpo.policy_data`.
        reward_url: `POST /reward` of `python -m train.serve`.
        limit: Most rows; -1 takes all.
    """
    import verifiers as vf  # type: ignore[import-not-found]
    from datasets import Dataset

    async def visual_erm(completion: Any, info: Any, **_: Any) -> float:
        facts = json.loads(info) if isinstance(info, str) else info
        return await asyncio.to_thread(asked, reward_url, facts["asked"], text_of(completion))

    class ImageToCode(vf.SingleTurnEnv):  # type: ignore[misc]
        """One reply a picture."""

        async def get_prompt_messages(self, state: Any) -> Any:
            return without_nulls(await super().get_prompt_messages(state))

    rows = list(rows_of(prompts))
    dataset = Dataset.from_list(rows if limit < 0 else rows[:limit])
    return ImageToCode(dataset=dataset, rubric=vf.Rubric(funcs=[visual_erm], weights=[1.0]))
