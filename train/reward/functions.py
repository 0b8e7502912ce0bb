"""Reward functions with the interfaces of trainers: TRL passes a batch, veRL one reply.

TRL: ``reward(completions=[...], images=[[reference, ...], ...], task=[...], **columns) -> list[float |
None]``; None is "not scorable" to it, and such a completion is left out. veRL:
``compute_score(data_source=, solution_str=, ground_truth=, extra_info=) -> {"score": ...}``; it knows
no "not scorable", so what cannot be scored raises and the step is run again.

A number is only ever paid for a picture that was drawn and compared; see `train.reward.scoring`. Who
compares is `[reward] kind`: `structural` needs the reference's program and no server, `judge` needs servers of
the reward model, `both` pays the worse of the two.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from endpoints.settings import Endpoint
from quality.format.prompts import read_prompts
from records.errors import EndpointUnavailable, RendererUnavailable
from records.rows import COMPARISON_BUG
from records.taxonomy import Modality
from renderers.contract import Picture, pixel_hash
from train.reward import formulas
from train.reward.addresses import addresses_of
from train.reward.bound import FailureBound
from train.reward.judge import EndpointJudge, Judge
from train.reward.outcome import Case, Outcome, Verdict
from train.reward.scoring import Scorer
from train.settings import Reward

Rewards = list[float | None]


class VisualErmReward:
    """Visual-ERM's reward of a batch. A class, so that it pickles and keeps its renderers warm."""

    __name__ = "visual_erm"  # TRL logs rewards under this

    def __init__(self, settings: Reward | None = None, judge: Judge | None = None) -> None:
        """
        Args:
            settings: Kind, formula and servers.
            judge: Replaces the servers, for tests.
        """
        self.settings = settings or Reward()
        self._judge = judge
        self._scorer: Scorer | None = None
        self._failures = FailureBound(self.settings.max_failed_share)

    def __call__(
        self,
        completions: Sequence[Any],
        images: Sequence[Any],
        task: Sequence[str],
        reference_code: Sequence[str] | None = None,
        render_contract: Sequence[str] | None = None,
        **_: Any,
    ) -> Rewards:
        """One reward per completion; None if renderer or judge did not work.

        Args:
            completions: Texts, or conversations whose last turn is the reply.
            images: The reference picture of each, first in its list: PNG bytes, `{"bytes": ...}` or
                PIL.
            task: chart, table or svg.
            reference_code: Programs of the references; the kinds `structural` and `both` need them.
            render_contract: Under which the references were drawn, where the dataset says it.

        Raises:
            SandboxUnavailable: this machine cannot contain the programs.
            ConfigError: the judge's address, key or model is wrong, or the references were drawn
                under another contract.
            BoundPassed: more of the last replies than `max_failed_share` got no reward.
        """
        outcomes = self.outcomes(
            cases_of(completions, images, task, reference_code, render_contract)
        )
        self._failures.count(outcomes)
        return rewards_of(outcomes, task, self.settings)

    def outcomes(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcome of each case, before rewards are computed."""
        if self._scorer is None:
            self._scorer = self._made().__enter__()
            atexit.register(self.close)
        return self._scorer.score(cases)

    def _made(self) -> Scorer:
        return scorer_of(self.settings, self._judge)

    def close(self) -> None:
        """Close renderers and connections."""
        if self._scorer is not None:
            scorer, self._scorer = self._scorer, None
            scorer.__exit__(None, None, None)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_scorer": None, "_failures": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _failures=FailureBound(state["settings"].max_failed_share))


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any],
    **settings: Any,
) -> dict[str, Any]:
    """veRL's reward of one reply.

    Args:
        data_source: `vermillion/<task>`.
        solution_str: The reply.
        ground_truth: Program of the reference.
        extra_info: With the reference picture, as `train.grpo.policy_data` writes it.
        settings: Fields of `[reward]`, through veRL's `reward_kwargs`, and `reward_router_address` where veRL serves
            the reward model itself (`[judges] by = "verl"`).

    A reply whose comparison failed by a bug of ours is paid 0 and counted as failed, since veRL cannot leave a
    reply out.

    Raises:
        EndpointUnavailable, RendererUnavailable: there is no score; nothing is paid in its place.
        BoundPassed: more of this process's last replies than `max_failed_share` got none; scored ones raise
            it too, so that nothing is left to train on and the step fails.
    """
    reward = _Served.of(settings)
    picture = picture_of(extra_info["reference"])
    modality = Modality(data_source.rpartition("/")[2])
    contract = extra_info.get("render_contract") or ""
    case = Case(modality, solution_str, picture, ground_truth, contract)
    outcome = await reward.scorer.score_one(case)
    reward.failures.count([outcome])
    bug = outcome.reason == COMPARISON_BUG
    if outcome.verdict is Verdict.NO_SCORE and not bug:
        error = RendererUnavailable if outcome.reason == "renderer_down" else EndpointUnavailable
        raise error(f"{data_source}: no score ({outcome.reason}): {outcome.detail}")
    return {
        "score": formulas.FAILED if bug else reward.pay(modality, outcome),
        "rendered": float(outcome.candidate is not None),
        "outcome": f"{outcome.verdict}/{outcome.reason}",
    }


def rewards_of(outcomes: Sequence[Outcome], task: Sequence[str], settings: Reward) -> Rewards:
    """Convert outcomes to rewards; None if there is no score.

    The paper's formula takes the largest severity of each task in the batch. The exact reward has a
    divisor of the reference and takes none.
    """
    if settings.kind == "structural":
        return [outcome.exact_reward for outcome in outcomes]
    rewards: Rewards = [None] * len(outcomes)
    pay = {"paper": formulas.paper, "released": formulas.released}[settings.formula]
    for name in dict.fromkeys(task):
        places = [at for at, other in enumerate(task) if other == name]
        numbers = pay(
            [outcomes[at].severity_sum for at in places], [outcomes[at].failed for at in places]
        )
        for at, number in zip(places, numbers, strict=True):
            rewards[at] = number
    if settings.kind == "both":
        return [_worse(one, two.exact_reward) for one, two in zip(rewards, outcomes, strict=True)]
    return rewards


def _worse(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else min(one, two)


def cases_of(
    completions: Sequence[Any],
    images: Sequence[Any],
    task: Sequence[str],
    reference_code: Sequence[str] | None = None,
    render_contract: Sequence[str] | None = None,
) -> list[Case]:
    """A trainer's columns as cases."""
    codes = reference_code or [""] * len(completions)
    contracts = render_contract or [""] * len(completions)
    columns = zip(completions, images, task, codes, contracts, strict=True)
    return [
        Case(Modality(name), reply_of(completion), picture_of(shown), code, contract)
        for completion, shown, name, code, contract in columns
    ]


def reply_of(completion: Any) -> str:
    """The reply in a completion: a text, or a conversation's last turn.

    >>> reply_of([{"role": "assistant", "content": [{"type": "text", "text": "a"}]}])
    'a'
    """
    if isinstance(completion, str):
        return completion
    content = completion[-1]["content"]
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content)


def picture_of(shown: Any) -> Picture:
    """The reference picture of a row.

    Raises:
        ValueError: there is no picture in it.
    """
    if isinstance(shown, list | tuple) or type(shown).__name__ == "ndarray":
        shown = shown[0]
    if isinstance(shown, Mapping):
        shown = shown.get("bytes")
    if isinstance(shown, bytes):
        with Image.open(io.BytesIO(shown)) as image:
            rgb, png = image.convert("RGB"), shown
    elif isinstance(shown, Image.Image):
        rgb, target = shown.convert("RGB"), io.BytesIO()
        rgb.save(target, "PNG")
        png = target.getvalue()
    else:
        raise ValueError(f"no reference picture in a {type(shown).__name__}")
    return Picture(png, *rgb.size, pixel_hash(rgb.tobytes(), *rgb.size))


def scorer_of(settings: Reward, judge: Judge | None = None) -> Scorer:
    """The scorer for these settings; ``judge`` replaces the servers."""
    asked = None if settings.kind == "structural" else judge or judge_of(settings)
    return Scorer(asked, settings.render_workers, exact=settings.kind != "judge")


def judge_of(settings: Reward) -> EndpointJudge:
    """The served reward model."""
    return EndpointJudge(
        [
            Endpoint(
                base_url=url,
                model=settings.served_name,
                api_key_env=settings.api_key_env,
                in_flight=settings.in_flight,
                # One try may wait in the queue for the whole deadline: a repeated request would
                # start at the queue's end.
                timeout_s=settings.deadline_s,
                deadline_s=settings.deadline_s,
                tries=100,
                reasks=2,
            )
            for url in addresses_of(settings)
        ],
        prompts=read_prompts(settings.prompts),
    )


def end_scorers() -> None:
    """Close the renderers and connections that `compute_score` holds; the next call makes new ones."""
    _Served.end()


class _Served:
    """The cached scorer of a veRL worker, one per settings."""

    _held: dict[tuple[int, str], _Served] = {}
    _lock = threading.Lock()

    def __init__(self, settings: Reward) -> None:
        self.settings = settings
        self.scorer = scorer_of(settings).__enter__()
        self._largest: dict[Modality, formulas.RunningLargest] = {}
        self.failures = FailureBound(settings.max_failed_share)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> _Served:
        known = {name: values[name] for name in Reward.model_fields if name in values}
        if router := values.get("reward_router_address"):
            known |= {"services": (f"http://{router}/v1",), "services_file": ""}
        if "services" in known:
            known["services"] = tuple(known["services"])
        settings = Reward(**known)
        text = settings.model_dump_json()
        key = (os.getpid(), hashlib.sha256(text.encode()).hexdigest())
        with cls._lock:
            if key not in cls._held:
                cls._held[key] = cls(settings)
                atexit.register(end_scorers)
            return cls._held[key]

    @classmethod
    def end(cls) -> None:
        with cls._lock:
            mine = [key for key in cls._held if key[0] == os.getpid()]
            for key in mine:
                cls._held.pop(key).scorer.__exit__(None, None, None)

    def pay(self, modality: Modality, outcome: Outcome) -> float:
        exact = outcome.exact_reward
        if self.settings.kind == "structural":
            assert exact is not None, "a reply without a score never gets here"
            return exact
        severity = outcome.severity_sum
        if severity is None:
            return formulas.FAILED
        judged = self._judged(modality, severity)
        return judged if self.settings.kind == "judge" or exact is None else min(judged, exact)

    def _judged(self, modality: Modality, severity: int) -> float:
        if self.settings.formula == "released":
            return formulas.likeness_reward(severity, formulas.RELEASED_LIMIT)
        scale = self._largest.setdefault(modality, formulas.RunningLargest(self.settings.window))
        return scale.reward(severity)
