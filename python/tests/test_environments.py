"""Environments for reinforcement learning: what their libraries check, and small worlds worked out by hand."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from datetime import timedelta
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test, parallel_seed_test
from worlds import SCENARIOS

import pluriverse as pv
from pluriverse.gymnasium import Costs, Interval, ProcessEnv
from pluriverse.pettingzoo import ProcessParallelEnv

CENTRE = str(SCENARIOS / "contact-centre.toml")

BY_HAND: dict[str, Any] = {
    "kind": "process",
    "run": {"until": "2h"},
    "sources": {"mail": {"arrivals": {"scheduled": {"at": ["5m", "10m", "20m", "70m"]}}}},
    "stations": {"desk": {"agents": 2, "service": "30m"}},
}

TWO_POOLS: dict[str, Any] = {
    "kind": "process",
    "run": {"until": "24h"},
    "sources": {"patients": {"arrivals": {"poisson": {"rate": "12/h"}}, "to": "triage"}},
    "pools": {"nurses": {"agents": 4}, "porters": {"agents": "unlimited"}},
    "stations": {
        "triage": {"agents": "nurses", "service": {"exponential": {"mean": "5m"}}, "to": "move"},
        "move": {"agents": "porters", "service": "3m", "to": "doctor"},
        "doctor": {"agents": 3, "service": {"exponential": {"mean": "10m"}}, "patience": {"exponential": {"mean": "1h"}}},
    },
}


def around(hours: float) -> tuple[float, float]:
    return math.sin(2 * math.pi * hours / 24), math.cos(2 * math.pi * hours / 24)


def episode(env: Any, decide: Any, seed: int | None = None) -> tuple[float, dict[str, Any]]:
    """The sum of all rewards, and what is known at the end."""
    observation, info = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        observation, reward, over, _, info = env.step(decide(observation))
        total += reward
    return total, info


def test_an_episode_by_hand() -> None:
    env = ProcessEnv(BY_HAND, interval="1h")
    assert env.features == [
        "desk.waiting", "desk.in_service", "desk.on_duty", "desk.busy",
        "arrivals", "lost", "time_of_day.sin", "time_of_day.cos",
    ]  # fmt: skip
    observation, info = env.reset(seed=7)
    assert info == {"seed": 7, "replication": 0}
    np.testing.assert_array_equal(observation, np.float32([0, 0, 2, 0, 0, 0, 0, 1]))
    # One agent has the case of 5 min until 35 min and that of 10 min until 65 min; that of 20 min waits.
    observation, reward, terminated, truncated, info = env.step([1])
    np.testing.assert_array_equal(observation, np.float32([1, 1, 1, 1, 3, 0, *around(1)]))
    waiting = (25 + 40) / 60
    assert info["interval"] == Interval(
        start=0.0,
        end=3600.0,
        arrivals={"mail": 3},
        turned_away={"desk": 0},
        gave_up={"desk": 0},
        waiting_hours={"desk": waiting},
        agent_hours={"desk": 1.0},
    )
    assert (reward, terminated, truncated) == (pytest.approx(-1 - waiting, abs=1e-12), False, False)
    # With nobody on duty the agent still ends its case, until 65 min, and nobody else is served.
    other = env.clone()
    observation, reward, terminated, truncated, info = other.step([0])
    np.testing.assert_array_equal(observation, np.float32([2, 0, 0, 0, 1, 0, *around(2)]))
    assert reward == pytest.approx(-(5 / 60) - (60 + 50) / 60, abs=1e-12)
    assert (terminated, truncated) == (True, False)
    # With two, the one that waits begins at once, and that of 70 min too.
    observation, reward, terminated, truncated, info = env.step([2])
    np.testing.assert_array_equal(observation, np.float32([0, 0, 2, 0, 1, 0, *around(2)]))
    assert (reward, terminated, truncated) == (-2.0, True, False)
    assert info["ledger_hash"] == env.world.ledger_hash != other.world.ledger_hash


def test_who_is_lost_costs() -> None:
    env = ProcessEnv(
        BY_HAND | {"stations": {"desk": {"agents": 2, "service": "30m", "patience": "10m", "buffer": 1}}},
        interval="1h",
        reward=Costs(agent_hour=10, waiting_hour=100, lost=1000),
    )
    env.reset()
    # At 10 min the queue is full; those of 5 and 20 min wait for 10 min each.
    observation, reward, *_, info = env.step([0])
    assert (info["interval"].gave_up, info["interval"].turned_away) == ({"desk": 2}, {"desk": 1})
    assert observation[env.features.index("lost")] == info["interval"].lost == 3
    assert reward == pytest.approx(-(100 * 20 / 60 + 3000), abs=1e-9)


def test_rewards_and_observations_are_what_is_wanted() -> None:
    env = ProcessEnv(
        TWO_POOLS,
        interval=timedelta(hours=2),
        pools=["doctor"],
        observe=["doctor.waiting", "porters.busy"],
        reward=lambda interval: interval.arrivals["patients"],
    )
    assert (env.pools, env.action_space.nvec.tolist()) == (["doctor"], [4])
    assert env.observation_space.shape == (2,)
    observation, _ = env.reset(seed=1)
    total, arrivals, over = 0.0, 0, False
    while not over:
        observation, reward, over, _, info = env.step([2])
        arrivals += info["interval"].arrivals["patients"]
        total += reward
    assert total == arrivals == sum(event.kind == "arrive" for event in env.world.ledger()) > 200
    assert "porters.on_duty" not in ProcessEnv(TWO_POOLS).features


def test_seeds_and_decisions_make_the_run() -> None:
    def run(env: Any, seed: int | None, agents: int) -> str:
        hash: str = episode(env, lambda _: [agents], seed)[1]["ledger_hash"]
        return hash

    env, other = ProcessEnv(CENTRE, interval="1h"), ProcessEnv(CENTRE, interval="1h")
    first, second = run(env, 7, 5), run(env, None, 5)
    assert (first, second) == (run(other, 7, 5), run(other, None, 5))
    assert env.world.seed == 7
    assert env.world.replication == 1
    assert len({first, second, run(env, 8, 5), run(env, 7, 6)}) == 4
    # The world is an ordinary one: told the same by hand, it has the same ledger.
    world = pv.World(CENTRE, seed=7, set={"run.staffing": "outside"})
    for hour in range(13):
        world.run_until(hour * 3600)
        world.input("staff", "agents", value=5)
    world.run()
    assert world.ledger_hash == first


def test_unseeded_episodes_differ() -> None:
    seeds = {ProcessEnv(BY_HAND).reset()[1]["seed"] for _ in range(3)}
    assert len(seeds) == 3


def test_copies_go_on_by_themselves() -> None:
    env = ProcessEnv(CENTRE, interval="1h")
    env.reset(seed=3)
    for _ in range(4):
        env.step([6])
    copies = [env.clone(), copy.deepcopy(env), pickle.loads(pickle.dumps(env))]
    ends = set()
    for one in [*copies, env]:
        over = False
        while not over:
            *_, over, _, info = one.step([7])
        ends.add(info["ledger_hash"])
    assert len(ends) == 1
    # The end is cloned, too.
    with pytest.raises(pv.RunError, match="over"):
        env.clone().step([7])


def test_a_rule_earns_more_than_any_fixed_number() -> None:
    env = ProcessEnv(CENTRE, interval="15m", reward=Costs(agent_hour=5, waiting_hour=10, lost=2))
    waiting, in_service = (env.features.index(f"agents.{name}") for name in ("waiting", "in_service"))

    def by_load(observation: Any) -> list[int]:
        return [min(8, int(observation[waiting] + observation[in_service]) + 4)]

    def earned(decide: Any) -> float:
        return sum(episode(env, decide, seed)[0] for seed in range(5))

    fixed = [earned(lambda _, agents=agents: [agents]) for agents in range(2, 9)]
    assert earned(by_load) > max(fixed)


def test_gymnasium_finds_nothing_to_object_to() -> None:
    for options in ({"scenario": CENTRE}, {"scenario": TWO_POOLS, "interval": 1800.0, "pools": ["nurses"]}):
        env = gymnasium.make("pluriverse/Process-v0", **options)
        with warnings.catch_warnings():
            # It knows that it checks a wrapped one.
            warnings.filterwarnings("ignore", message=".*different from the unwrapped version.*")
            check_env(env)
        check_env(env.unwrapped, skip_render_check=True)
    made = gymnasium.make("pluriverse.gymnasium:pluriverse/Process-v0", scenario=BY_HAND, render_mode="ansi")
    made.reset(seed=1)
    made.step(made.action_space.sample())
    text = made.render()
    assert isinstance(text, str)
    assert text.startswith("0.25 h\n  desk: ")


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    many = gymnasium.make_vec("pluriverse/Process-v0", num_envs=3, vectorization_mode="sync", scenario=CENTRE, interval="1h")
    one = ProcessEnv(CENTRE, interval="1h")
    observations, _ = many.reset(seed=5)
    np.testing.assert_array_equal(observations[2], one.reset(seed=7)[0])
    for agents in (3, 5, 8):
        observations, rewards, *_ = many.step(np.full((3, 1), agents))
        observation, reward, *_ = one.step([agents])
        np.testing.assert_array_equal(observations[2], observation)
        assert rewards[2] == reward
    many.close()


def test_pettingzoo_finds_nothing_to_object_to() -> None:
    parallel_api_test(ProcessParallelEnv(TWO_POOLS), num_cycles=200)
    parallel_seed_test(lambda: ProcessParallelEnv(TWO_POOLS), num_cycles=20)


def test_agents_of_pools_decide_what_one_agent_would() -> None:
    apart, together = ProcessParallelEnv(TWO_POOLS, interval="1h"), ProcessEnv(TWO_POOLS, interval="1h")
    assert apart.possible_agents == together.pools == ["nurses", "doctor"]
    seen, infos = apart.reset(seed=4)
    observation, info = together.reset(seed=4)
    assert infos == {"nurses": info, "doctor": info}
    for step in range(24):
        assert apart.agents == apart.possible_agents
        seen, rewards, ends, cuts, infos = apart.step({"doctor": step % 4, "nurses": step % 5})
        observation, reward, over, _, info = together.step([step % 5, step % 4])
        for agent in ("nurses", "doctor"):
            np.testing.assert_array_equal(seen[agent], observation)
            assert (rewards[agent], ends[agent], cuts[agent], infos[agent]) == (reward, over, False, info)
        np.testing.assert_array_equal(apart.state(), observation)
    assert over
    assert apart.agents == []
    with pytest.raises(pv.RunError, match="over"):
        apart.step({})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"pools": ["nurse"]}, ValueError, "no pool `nurse`; did you mean `nurses`"),
        ({"pools": ["porters"]}, ValueError, "pool `porters` has no limit"),
        ({"pools": ["nurses", "nurses"]}, ValueError, "something twice"),
        ({"pools": []}, ValueError, "names nothing"),
        ({"pools": "nurses"}, TypeError, "`pools` is a str"),
        ({"observe": ["triage.wait"]}, ValueError, "no feature `triage.wait`; did you mean `triage.waiting`"),
        ({"interval": 0}, ValueError, "expected more than nothing"),
        ({"interval": "often"}, ValueError, "often"),
        ({"render_mode": "human"}, ValueError, "'human'"),
        ({"scenario": {"kind": "process"}}, pv.ScenarioError, "missing"),
    ],
)
@pytest.mark.parametrize("made", [ProcessEnv, ProcessParallelEnv])
def test_what_no_environment_can_be_made_of(
    made: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        made(**({"scenario": TWO_POOLS} | options))


@pytest.mark.parametrize("action", [[5, 0], [-1, 0], [0.5, 0], [float("nan"), 0], [1], [1, 1, 1], 1, ["1", "1"], [None, 1]])
def test_what_is_no_decision(action: Any) -> None:
    env = ProcessEnv(TWO_POOLS)
    with pytest.raises(pv.RunError, match="`reset` begins one"):
        env.step([1, 1])
    env.reset(seed=1)
    before = env.world.snapshot()
    with pytest.raises(ValueError, match="expected"):
        env.step(action)
    assert env.world.snapshot() == before
    parallel = ProcessParallelEnv(TWO_POOLS)
    with pytest.raises(pv.RunError, match="`reset` begins one"):
        parallel.step({})
    parallel.reset(seed=1)
    for given in ({"nurses": 1}, {"nurses": 1, "doctor": 4}, {"nurses": 1, "doctor": 1, "porters": 1}):
        with pytest.raises(ValueError, match="expected"):
            parallel.step(given)


def test_the_end_and_bad_seeds() -> None:
    env = ProcessEnv(BY_HAND, interval="3h")
    env.reset()
    assert env.step([1])[2]
    with pytest.raises(pv.RunError, match="the episode is over: `reset` begins another one"):
        env.step([1])
    with pytest.raises(ValueError, match="`seed` is"):
        ProcessParallelEnv(BY_HAND).reset(seed=1 << 64)


def test_a_run_without_an_end_of_its_own_ends_when_nothing_is_left() -> None:
    # The last one comes at 70 min, and is served although the doors have closed.
    env = ProcessEnv(BY_HAND | {"run": {}}, interval="10m")
    _, info = episode(env, lambda _: [2], 1)
    assert env.world.now == 6000.0
    assert info["interval"].end < 4800.0
    limited = BY_HAND | {"run": {}, "sources": {"mail": {"arrivals": {"poisson": {"rate": "6/h"}}, "limit": 20}}}
    env = ProcessEnv(limited, interval="10m")
    _, info = episode(env, lambda _: [2], 1)
    assert env.world.now == info["interval"].end
    kinds = [event.kind for event in env.world.ledger()]
    assert (kinds.count("arrive"), kinds.count("leave"), kinds[-1]) == (20, 20, "leave")
