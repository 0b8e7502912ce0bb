"""Lets veRL compose and check the settings of a run, without a GPU or a model.

``python -m train.grpo.verl_check ARGUMENT... [-- ARGUMENT...]`` in veRL's environment: the arguments of
``python -m verl.trainer.main_ppo``, of one run or of several. A line of JSON for each with what was
composed; exit status 2 and one line where veRL refuses. Source: verl 0.9.1,
`verl.trainer.main_ppo.main`, up to the start of Ray.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SHOWN = (
    "data.train_batch_size",
    "actor_rollout_ref.model.path",
    "actor_rollout_ref.actor.strategy",
    "actor_rollout_ref.actor.ppo_mini_batch_size",
    "actor_rollout_ref.actor.kl_loss_coef",
    "actor_rollout_ref.actor.kl_loss_type",
    "actor_rollout_ref.rollout.n",
    "trainer.nnodes",
    "trainer.n_gpus_per_node",
    "trainer.save_freq",
)
"""Settings that are printed as veRL understood them."""


def check(arguments: Sequence[str]) -> dict[str, Any]:
    """What veRL makes of the arguments.

    Raises:
        Exception: whatever veRL or Hydra refuse with; each has classes of its own.
    """
    import verl
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf
    from verl.trainer.ppo.reward import get_custom_reward_fn, resolve_reward_manager_cls
    from verl.trainer.ppo.utils import need_critic, need_reference_policy
    from verl.utils.config import validate_config

    folder = Path(str(verl.__file__)).parent / "trainer" / "config"
    with initialize_config_dir(str(folder), version_base=None):
        config = compose(config_name="ppo_trainer", overrides=list(arguments))
    validate_config(
        config=config,
        use_reference_policy=need_reference_policy(config),
        use_critic=need_critic(config),
    )
    manager = resolve_reward_manager_cls(config)
    reward = get_custom_reward_fn(config)
    if reward is None:
        raise ValueError("no custom reward function: every reply would be paid by veRL's own rules")
    function, given = reward.args  # what veRL wraps, and what it adds to each call
    return {
        "verl": verl.__version__,
        "reward_manager": manager.__name__,
        "reward": f"{function.__module__}.{function.__qualname__}",
        # veRL waits for an asynchronous reward and would take the other kind's coroutine for a score.
        "reward_is_asynchronous": inspect.iscoroutinefunction(reward),
        "reward_settings": OmegaConf.to_container(OmegaConf.create(given), resolve=True),
        "settings": {name: OmegaConf.select(config, name) for name in SHOWN},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the arguments of this process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    while given:
        end = given.index("--") if "--" in given else len(given)
        one, given = given[:end], given[end + 1 :]
        try:
            with contextlib.redirect_stdout(sys.stderr):  # veRL talks
                found = check(one)
        except Exception as error:  # noqa: BLE001 - what is refused, by whomever, is the answer
            cause = error.__cause__ or error
            print(f"verl_check: {type(cause).__name__}: {' '.join(str(cause).split())}")
            return 2
        print(json.dumps(found, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
