"""Asks a model to inject errors into code: the paper's targeted edits.

Its attempts are of origin ``corrupted``, named ``policy:kind``. They pass through the stages like
all others; `annotators.lvlm.claims` drops those whose pictures do not show the claimed errors.
"""

from __future__ import annotations

from corruptors.targeted import draw_kinds, read_reply, reply_schema, request_text
from endpoints.client.exchange import Request, Schema
from endpoints.client.images import EncodedImage, encode
from policies.policy import Task
from records.rows import Attempt


def request_of(task: Task, prompt: str) -> Request:
    """The request: prompt, kinds of errors, code, and the picture if the policy asks for it."""
    kinds = draw_kinds(task.sample, task.policy.most_errors, task.seed)
    text = request_text(task.sample, kinds, prompt)
    shown: tuple[EncodedImage, ...] = ()
    if task.policy.shows_picture:
        shown = encode((task.reference.png,), task.policy.longest_px)
    schema = Schema("targeted_errors", reply_schema(kinds))
    # Servers take seeds of 31 bits.
    return Request((*shown, text), schema=schema, seed=task.seed % 2**31)


def read(task: Task, text: str) -> Attempt:
    """Read the attempt from a reply.

    Raises:
        PolicyReplyError: as `corruptors.targeted.read_reply`.
    """
    kinds = draw_kinds(task.sample, task.policy.most_errors, task.seed)
    return read_reply(text, task.sample, kinds, task.policy.name, task.seed)
