"""Process worlds as environments of PettingZoo: every pool is an agent that decides how many of its people are on duty.

>>> from pluriverse.pettingzoo import ProcessParallelEnv
>>> env = ProcessParallelEnv("scenarios/contact-centre.toml", interval="1h")
>>> env.possible_agents
['agents']
>>> observations, infos = env.reset(seed=7)
>>> observations, rewards, terminations, truncations, infos = env.step({"agents": 4})
>>> terminations
{'agents': False}

Needs ``pip install 'pluriverse[pettingzoo]'``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._episode import Costs, Interval, Observation, Reward, Staffed, Task, began, happened
from ._frames import need

need("pettingzoo", "pettingzoo")

from gymnasium import spaces  # noqa: E402
from pettingzoo import ParallelEnv  # noqa: E402

from .gymnasium import observation_space  # noqa: E402

__all__ = ["Costs", "Interval", "ProcessParallelEnv", "Reward"]


class ProcessParallelEnv(Staffed, ParallelEnv[str, Observation, Any]):
    """`pluriverse.gymnasium.ProcessEnv` with an agent for each pool, called like it.

    All agents see the same `features` and share one reward. They decide together, every ``interval``, and their episode
    ends together with the run.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 4, "name": "pluriverse_process_v0"}

    def _open_spaces(self, task: Task) -> None:
        self.possible_agents = list(task.pools)
        self.agents: list[str] = []
        self.observation_spaces = {pool: observation_space(task) for pool in task.pools}
        self.action_spaces = {pool: spaces.Discrete(task.most[pool] + 1) for pool in task.pools}

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        episode = self._begin(seed)
        self.agents = list(self.possible_agents)
        return self._observations(), {agent: began(episode) for agent in self.agents}

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[
        dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        episode = self._running()
        if not episode.is_over and set(actions) != set(self.agents):
            raise ValueError(f"there are actions of {sorted(actions)}, expected one of each of {sorted(self.agents)}")
        decision = [self._task.number(agent, actions[agent]) for agent in self.agents]
        interval = episode.advance(decision)
        reward = float(self._reward(interval))
        agents = self.agents
        answer = (
            self._observations(),
            dict.fromkeys(agents, reward),
            dict.fromkeys(agents, episode.is_over),
            dict.fromkeys(agents, False),
            {agent: happened(episode, interval) for agent in agents},
        )
        if episode.is_over:
            self.agents = []
        return answer

    def state(self) -> Observation:
        """What all agents see."""
        return self._running().observation.copy()

    def clone(self) -> ProcessParallelEnv:
        """A second environment that goes on from here by itself."""
        clone = object.__new__(type(self))
        clone.__dict__.update(self.__dict__)
        clone.agents = list(self.agents)
        clone._episodes = self._episodes.clone()
        clone._episode = self._running().clone()
        return clone

    def _observations(self) -> dict[str, Observation]:
        observation = self._running().observation
        return {agent: observation.copy() for agent in self.agents}
