"""Process worlds as environments of Gymnasium: somebody decides, again and again, how many agents are on duty.

>>> import gymnasium
>>> import pluriverse.gymnasium
>>> env = gymnasium.make("pluriverse/Process-v0", scenario="scenarios/contact-centre.toml", interval="1h")
>>> env.action_space, env.observation_space.shape
(MultiDiscrete([9]), (8,))
>>> observation, info = env.reset(seed=7)
>>> observation, reward, terminated, truncated, info = env.step([4])
>>> info["interval"].agent_hours
{'agents': 4.0}

Needs ``pip install 'pluriverse[gymnasium]'``.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._episode import Costs, Interval, Observation, Reward, Staffed, Task, began, happened
from ._frames import need

need("gymnasium", "gymnasium")

import gymnasium  # noqa: E402
from gymnasium import spaces  # noqa: E402

__all__ = ["Costs", "Interval", "ProcessEnv", "Reward"]


class ProcessEnv(Staffed, gymnasium.Env[Observation, NDArray[np.int64]]):
    """Decides how many agents of each pool are on duty, every ``interval`` until the end of the run.

    ``scenario`` is whatever `pluriverse.load` reads. Of ``pools``, by default all that count their agents, there can be
    as many on duty as the scenario ever has. A schedule that it has goes on between decisions.

    An action is a whole number for each pool (``MultiDiscrete``). An observation is a vector (``Box``, float32) of
    `features`, all of them or those that ``observe`` names:

    - for each station ``NAME.waiting`` and ``NAME.in_service``: cases, now;
    - for each pool ``NAME.on_duty``, unless it has no limit, and ``NAME.busy``: agents, now;
    - ``arrivals`` and ``lost``: cases since the last decision;
    - ``time_of_day.sin`` and ``time_of_day.cos``: the time since the scenario's origin, on a circle of 24 hours.

    ``reward`` is told each `Interval`; by default it is minus its `Costs`. The episode is terminated at the end of the
    run and never truncated. Episodes are the replications of the seed that `reset` was given, in their order; ``info``
    says which one it is, what happened since the last decision, and at the end the hash of the run's ledger. `reset`
    knows no options.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 4}

    def _open_spaces(self, task: Task) -> None:
        self.action_space = spaces.MultiDiscrete([task.most[pool] + 1 for pool in task.pools])
        self.observation_space = observation_space(task)

    @property
    def pools(self) -> list[str]:
        """What each place of an action decides."""
        return list(self._task.pools)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        episode = self._begin(seed)
        return episode.observation, began(episode)

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        episode = self._running()
        interval = episode.advance(self._task.decision(action))
        reward = float(self._reward(interval))
        return episode.observation, reward, episode.is_over, False, happened(episode, interval)

    def clone(self) -> ProcessEnv:
        """A second environment that goes on from here by itself."""
        clone = copy.copy(self)
        clone._episodes = self._episodes.clone()
        clone._episode = self._running().clone()
        clone._np_random = copy.deepcopy(self._np_random)
        clone.action_space = copy.deepcopy(self.action_space)
        return clone


def observation_space(task: Task) -> Any:
    """The box that all observations are in; a box is of any numbers to type checkers, and these are float32."""
    low, high = (np.array([task.bounds[name][end] for name in task.features], dtype=np.float32) for end in (0, 1))
    return spaces.Box(low, high, dtype=np.float32)


gymnasium.register(id="pluriverse/Process-v0", entry_point="pluriverse.gymnasium:ProcessEnv")
